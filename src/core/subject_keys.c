/* SPDX-License-Identifier: Apache-2.0 */
/* The tree that subjects' keys follow from: its file, and what is taken out of it. */
#include <inttypes.h>
#include <pthread.h>
#include <string.h>

#include "base/buf.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/audit.h"
#include "core/reseal_inside.h"
#include "core/subject_inside.h"

#define AT_ONCE        10000
#define FILE_MAX_BYTES (256 * 1024 * 1024)
#define ARENA_MAX      ((size_t)1024 * 1024 * 1024)
#define FILE_AAD       "keys/" SUBJECTS_FILE
#define PARTS          "dinh-subjects-parts-1\n" /* then each: its length in ten digits, itself */
#define PART_HEAD      10

struct subject_keys {
    pthread_rwlock_t lock; /* of the two below */
    struct arena *arena;
    struct keytree tree;
    bool started;
    int64_t since_us; /* what was noted before is out of the tree */
};

static void wipe(struct arena *a, struct keytree *t)
{
    if (t->n)
        explicit_bzero(t->nodes, t->n * sizeof *t->nodes);
    arena_end(a);
}

bool subject_key(struct ctx *c, int64_t number, struct sha256 *ret_key)
{
    struct subject_keys *k = c->node->subjects;
    struct sha256 leaf;
    ASSERT(k != NULL);
    pthread_rwlock_rdlock(&k->lock);
    bool lives = keytree_key(&k->tree, number, &leaf);
    pthread_rwlock_unlock(&k->lock);
    if (!lives)
        return false;
    char *hex = sha256_hex(c->arena, leaf);
    const char *mixed = secret_token(c, SECRET_SUBJECT, hex);
    *ret_key = sha256_two((struct bytes){leaf.b, SHA256_LEN}, bytes_of(mixed));
    explicit_bzero(hex, 2 * SHA256_LEN);
    explicit_bzero(&leaf, sizeof leaf);
    return true;
}

bool subject_gap(const struct node *n, int64_t number, int64_t *ret_last)
{
    struct subject_keys *k = n->subjects;
    int64_t from;
    ASSERT(k != NULL);
    pthread_rwlock_rdlock(&k->lock);
    bool out = !keytree_holds(&k->tree, number);
    if (out && !keytree_gap(&k->tree, number, &from, ret_last))
        *ret_last = number;
    pthread_rwlock_unlock(&k->lock);
    return out;
}

/* ---- the file ---- */

static const char *path_of(struct ctx *c, const struct node *n)
{
    return arena_printf(c->arena, "%s/keys/" SUBJECTS_FILE, n->data_dir);
}

/* Under each root key that opens: backups of before a successor have only the one of then. */
static struct bytes seal_tree(struct ctx *c, struct bytes plain)
{
    struct keeper_root roots[KEEPER_ROOTS];
    size_t n = keeper_roots(c->node->keeper, roots);
    struct buf b = buf_new(c->arena, FILE_MAX_BYTES);
    for (size_t i = 0; i < n; i++) {
        struct bytes part;
        if (roots[i].gone ||
            !secret_seal_at(c, roots[i].number, SECRET_SUBJECT, FILE_AAD, plain, &part))
            continue;
        if (n == 1)
            return part;
        buf_printf(&b, "%s%010zu", b.len ? "" : PARTS, part.len);
        buf_add(&b, part.ptr, part.len);
    }
    return buf_bytes(&b);
}

static enum err save(struct ctx *c, const struct node *n, const struct keytree *t)
{
    struct bytes plain = keytree_bytes(c->arena, t);
    struct bytes sealed = seal_tree(c, plain);
    explicit_bzero((uint8_t *)(uintptr_t)plain.ptr, plain.len);
    enum err e = sys_mkdir(c, arena_printf(c->arena, "%s/keys", n->data_dir), 0700);
    return e ? e : sys_write_file(c, path_of(c, n), sealed, 0600);
}

static enum err bad(struct ctx *c, const struct node *n)
{
    ctx_clear_faults(c);
    return fail(c, ERR_SUBJECT_KEYS, "key", path_of(c, n));
}

/* The next part of the file; false: there is none, or it is cut off. */
static bool next_part(struct ctx *c, struct bytes *rest, struct bytes *ret)
{
    int64_t len;
    if (rest->len < PART_HEAD ||
        !text_to_int(arena_text_n(c->arena, (const char *)rest->ptr, PART_HEAD), &len) || len < 1 ||
        (uint64_t)len > rest->len - PART_HEAD)
        return false;
    *ret = (struct bytes){rest->ptr + PART_HEAD, (size_t)len};
    *rest = (struct bytes){ret->ptr + ret->len, rest->len - PART_HEAD - ret->len};
    return true;
}

/* ret_stale: it isn't under all root keys there are, or under others. */
static bool open_parts(struct ctx *c, struct bytes in, struct bytes *ret_plain, bool *ret_stale)
{
    struct keeper_root roots[KEEPER_ROOTS];
    size_t n = keeper_roots(c->node->keeper, roots), living = 0, parts = 0;
    const size_t head = sizeof PARTS - 1;
    struct bytes part;
    bool opened = false;
    for (size_t i = 0; i < n; i++)
        living += !roots[i].gone;
    if (in.len < head || memcmp(in.ptr, PARTS, head) != 0) {
        *ret_stale = n > 1;
        return secret_opens(c, SECRET_SUBJECT, FILE_AAD, in, ret_plain);
    }
    struct bytes rest = {in.ptr + head, in.len - head};
    *ret_stale = false;
    while (next_part(c, &rest, &part)) {
        struct bytes plain;
        bool good = secret_opens(c, SECRET_SUBJECT, FILE_AAD, part, &plain);
        if (good)
            *ret_plain = plain;
        opened = opened || good;
        *ret_stale = *ret_stale || !good;
        parts++;
    }
    *ret_stale = *ret_stale || parts != living;
    return opened;
}

static enum err load(struct ctx *c, const struct node *n, struct subject_keys *k)
{
    struct bytes sealed, plain;
    bool stale;
    enum err e = sys_read_file(c, path_of(c, n), FILE_MAX_BYTES, &sealed);
    if (e)
        return bad(c, n);
    if (!open_parts(c, sealed, &plain, &stale) || !keytree_read(k->arena, plain, &k->tree))
        return bad(c, n);
    explicit_bzero((uint8_t *)(uintptr_t)plain.ptr, plain.len);
    return stale ? save(c, n, &k->tree) : OK;
}

static enum err make(struct ctx *c, const struct node *n, struct subject_keys *k)
{
    int64_t subjects;
    enum err e =
        db_int(c, &subjects, "SELECT count(*) FROM (SELECT 1 FROM core_subject LIMIT 1) s");
    if (e)
        return e;
    if (subjects)
        return bad(c, n);
    k->tree = keytree_new(k->arena);
    return save(c, n, &k->tree);
}

/* A save that was killed left its temporary file: a tree that may hold more than the next one. */
static enum err sweep(struct ctx *c, const struct node *n)
{
    const char *dir = arena_printf(c->arena, "%s/keys", n->data_dir), **names;
    size_t n_names = 0;
    enum err e = sys_exists(dir) ? sys_list(c, dir, &names, &n_names) : OK;
    for (size_t i = 0; i < n_names && !e; i++)
        if (text_starts(names[i], SUBJECTS_FILE "."))
            e = sys_unlink(c, arena_printf(c->arena, "%s/%s", dir, names[i]));
    return e;
}

/* ---- taking out ---- */

struct numbers {
    int64_t *list, *seen; /* what the tree still has; all of them */
    size_t n, n_seen, unnoted;
    int64_t behind, since_us;
    const struct subject_keys *k;
};

static enum err take(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct numbers *x = arg;
    int64_t number = row_int(r, 0);
    x->seen[x->n_seen++] = number;
    x->unnoted += row_int(r, 1) == 0;
    if (keytree_holds(&x->k->tree, number))
        x->list[x->n++] = number;
    return OK;
}

/* The next that are destroyed and perhaps not gone, in order. Nodes that share a database each have
   a tree: what another one noted lately is looked at too. */
static enum err destroyed(struct ctx *c, void *arg)
{
    struct numbers *x = arg;
    x->n = x->n_seen = x->unnoted = 0;
    return db_each(c, take, x,
                   "SELECT number, shredded_us FROM core_subject WHERE destroyed_us > 0"
                   " AND (shredded_us = 0 OR shredded_us >= $1) AND number > $2"
                   " ORDER BY number LIMIT $3",
                   P_INT(x->since_us), P_INT(x->behind), P_INT(AT_ONCE));
}

static enum err noted(struct ctx *c, void *arg)
{
    const struct numbers *x = arg;
    enum err e = OK;
    for (size_t i = 0; i < x->n_seen && !e; i++)
        e = db_exec(c, NULL,
                    "UPDATE core_subject SET shredded_us = $2 WHERE number = $1"
                    " AND shredded_us = 0",
                    P_INT(x->seen[i]), P_INT(c->now_us));
    return e;
}

/* The file first: once it is synced nothing brings them back. */
static enum err take_out(struct ctx *c, struct subject_keys *k, const struct numbers *x)
{
    struct arena *fresh = arena_new(ARENA_MAX);
    struct keytree less = keytree_without(fresh, &k->tree, x->list, x->n);
    enum err e = save(c, c->node, &less);
    if (!e && FAULT_POINT("subjects.shred.after")) /* gone, and the database doesn't know */
        e = fail(c, ERR_IO, "subjects.shred.after");
    if (e) {
        wipe(fresh, &less);
        return e;
    }
    struct arena *old_arena = k->arena;
    struct keytree old = k->tree;
    pthread_rwlock_wrlock(&k->lock);
    k->arena = fresh;
    k->tree = less;
    pthread_rwlock_unlock(&k->lock);
    wipe(old_arena, &old);
    return OK;
}

static enum err in_own_transaction(struct ctx *c, db_work work, void *arg, bool write)
{
    if (c->tx)
        return work(c, arg);
    return write ? db_write(c, c->node->db, work, arg) : db_read(c, c->node->db, work, arg);
}

enum err subjects_shred(struct ctx *c)
{
    struct subject_keys *k = c->node->subjects;
    if (!k)
        return OK;
    struct numbers x = {.list = ARENA_ARRAY(c->arena, AT_ONCE, int64_t),
                        .seen = ARENA_ARRAY(c->arena, AT_ONCE, int64_t),
                        .since_us = k->since_us,
                        .k = k};
    enum err e;
    do {
        e = in_own_transaction(c, destroyed, &x, false);
        if (!e && x.n)
            e = take_out(c, k, &x);
        if (!e && x.unnoted)
            e = in_own_transaction(c, noted, &x, true);
        if (!e && x.n_seen)
            x.behind = x.seen[x.n_seen - 1];
    } while (!e && x.n_seen == AT_ONCE);
    if (!e)
        k->since_us = c->now_us - HOUR_US;
    return e;
}

/* ---- at start ---- */

/* What is out by the file can't be read, whatever an older database says. */
static enum err mark_gone(struct ctx *c, const struct keytree *t)
{
    int64_t from = 0, last, rows = 0, all = 0;
    enum err e = OK;
    while (!e && keytree_gap(t, from, &from, &last)) {
        e = db_exec(c, &rows,
                    "UPDATE core_subject SET destroyed_us = $3, shredded_us = $3"
                    " WHERE number >= $1 AND number <= $2 AND destroyed_us = 0",
                    P_INT(from), P_INT(last), P_INT(c->now_us));
        all += rows;
        from = last + 1;
    }
    if (e || !all)
        return e;
    const struct audit_act act = {.action = "subject.gone",
                                  .kind = "subject",
                                  .object = "restored",
                                  .detail = arena_printf(c->arena, "{\"n\":%" PRId64 "}", all)};
    return audit_write(c, &act);
}

enum err subjects_start(struct ctx *c, struct node *n)
{
    struct subject_keys *k = n->subjects;
    reseal_own();
    if (!k) { /* a write may run twice */
        n->subjects = k = sys_malloc(sizeof *k);
        ASSERT(k != NULL);
        *k = (struct subject_keys){.arena = arena_new(ARENA_MAX)};
        pthread_rwlock_init(&k->lock, NULL);
    }
    enum err e = k->started ? OK : sweep(c, n);
    if (!e && !k->started)
        e = sys_exists(path_of(c, n)) ? load(c, n, k) : make(c, n, k);
    if (e)
        return e;
    k->started = true;
    e = subjects_shred(c);
    return e ? e : mark_gone(c, &k->tree);
}

void subjects_stop(struct node *n)
{
    if (!n->subjects)
        return;
    wipe(n->subjects->arena, &n->subjects->tree);
    pthread_rwlock_destroy(&n->subjects->lock);
    sys_free(n->subjects);
    n->subjects = NULL;
}
