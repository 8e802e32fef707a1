/* SPDX-License-Identifier: Apache-2.0 */
/* Which peers may still speak: the federation file and the authority's list of revoked certificates
   are read anew while the node runs. What can't be known isn't believed. */
#include <pthread.h>
#include <string.h>

#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "engine/exchange/exchange_private.h"
#include "web/json.h"

#define MAX_BYTES (1 << 20)
#define MAX_PEERS 512
#define KEPT      8 /* nodes in one process: one, and some in tests */
#define DIR_BYTES 4096
#define STALE_US  HOUR_US /* an older status is none */

struct status {
    char dir[DIR_BYTES]; /* of the node; "": free */
    bool members;        /* there was a federation file */
    int64_t members_mono_us;
    uint8_t gone[MAX_PEERS]; /* of the node's peers, by their place: certificates that ended */
    struct crl *crl;
    bool listed; /* there was a list: from then on there must be one */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct status kept[KEPT];

static void forget(struct status *s)
{
    crl_end(s->crl);
    *s = (struct status){0};
}

/* Folders tell nodes apart: of a node that is gone, the next one's place is made. */
static struct status *status_of(const struct node *n, bool make)
{
    static size_t next;
    for (size_t i = 0; i < KEPT; i++)
        if (*kept[i].dir && text_eq(kept[i].dir, n->data_dir))
            return &kept[i];
    if (!make || strlen(n->data_dir) >= sizeof kept[0].dir)
        return NULL;
    struct status *s = &kept[next++ % KEPT];
    forget(s);
    memcpy(s->dir, n->data_dir, strlen(n->data_dir) + 1);
    return s;
}

void exchange_status_end(const struct node *n)
{
    pthread_mutex_lock(&lock);
    struct status *s = status_of(n, false);
    if (s)
        forget(s);
    pthread_mutex_unlock(&lock);
}

/* ---- read anew ---- */

/* As the row's certificate of today, or as the one that comes next. */
static bool row_names(const json_t *row, const char *cert_sha256)
{
    const json_t *next = json_object_get(row, "next");
    return cert_sha256 && (text_eq(json_text_of(row, "tls_cert_sha256", ""), cert_sha256) ||
                           text_eq(json_text_of(next, "tls_cert_sha256", ""), cert_sha256));
}

/* Which of its certificates the file doesn't name any more. */
static uint8_t ended(const json_t *rows, const struct node_peer *p)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (text_eq(json_text_of(row, "name", ""), p->name))
            return (uint8_t)((row_names(row, p->cert_sha256) ? 0 : EXCHANGE_NOW) |
                             (row_names(row, p->next_cert_sha256) ? 0 : EXCHANGE_NEXT));
    }
    return EXCHANGE_NOW | EXCHANGE_NEXT;
}

static enum err read_members(struct ctx *c, struct status *ret)
{
    const struct node *n = c->node;
    const char *path = arena_printf(c->arena, "%s/federation.json", n->data_dir);
    struct bytes raw;
    json_t *o;
    enum err e = sys_read_file(c, path, MAX_BYTES, &raw);
    e = e ? e : json_in(c, "federation.json", raw, &o);
    if (e)
        return e;
    const json_t *rows = json_list_of(o, "nodes");
    for (size_t i = 0; rows && i < n->n_peers && i < MAX_PEERS; i++)
        ret->gone[i] = ended(rows, &n->peers[i]);
    ret->members = rows != NULL;
    json_end(o);
    ret->members_mono_us = sys_mono_us();
    return ret->members ? OK : fail(c, ERR_EXCHANGE_HEAD, path);
}

static enum err read_list(struct ctx *c, struct crl **ret)
{
    struct bytes raw;
    const char *path = arena_printf(c->arena, "%s/" EXCHANGE_CRL, c->node->data_dir);
    if (!sys_exists(path))
        return OK;
    enum err e = sys_read_file(c, path, MAX_BYTES, &raw);
    return e ? e : crl_parse(c, raw, c->node->ca_cert, ret);
}

static void swap(const struct node *n, const struct status *members, struct crl *list)
{
    struct crl *old = NULL;
    pthread_mutex_lock(&lock);
    struct status *s = status_of(n, true);
    if (s && members->members) {
        s->members = true;
        s->members_mono_us = members->members_mono_us;
        memcpy(s->gone, members->gone, sizeof s->gone);
    }
    if (s && list) {
        old = s->crl;
        s->crl = list;
        s->listed = true;
    }
    pthread_mutex_unlock(&lock);
    crl_end(old);
}

/* What can't be read leaves the last status, which grows old. */
enum err exchange_status(struct ctx *c)
{
    struct status *now = ARENA_NEW(c->arena, struct status);
    struct crl *list = NULL;
    bool alone = !sys_exists(arena_printf(c->arena, "%s/federation.json", c->node->data_dir));
    enum err e = alone ? OK : read_members(c, now);
    if (e)
        log_warn("exchange", "federation.json can't be read anew: %s", err_row(e)->name);
    e = read_list(c, &list);
    if (e)
        log_warn("exchange", EXCHANGE_CRL " isn't taken: %s", err_row(e)->name);
    ctx_clear_faults(c);
    if (now->members || list)
        swap(c->node, now, list);
    return OK;
}

/* ---- asked at each message ---- */

static bool is_stale(const struct status *s, int64_t now_us)
{
    if (s->members && sys_mono_us() - s->members_mono_us > STALE_US)
        return true;
    if (!s->listed)
        return false;
    int64_t until_us = crl_until_us(s->crl);
    return now_us - crl_from_us(s->crl) > STALE_US || (until_us && now_us > until_us);
}

enum err exchange_status_cert(struct ctx *c, const struct cert *x)
{
    pthread_mutex_lock(&lock);
    const struct status *s = status_of(c->node, false);
    bool stale = s && is_stale(s, c->now_us);
    bool revoked = s && s->crl && crl_names(s->crl, x);
    pthread_mutex_unlock(&lock);
    if (revoked)
        return fail(c, ERR_EXCHANGE_DENIED, "certificate");
    return stale ? fail(c, ERR_EXCHANGE_DOWN, "status") : OK;
}

enum err exchange_status_peer(struct ctx *c, const struct node_peer *p, unsigned certs)
{
    size_t i = (size_t)(p - c->node->peers);
    ASSERT(i < c->node->n_peers);
    pthread_mutex_lock(&lock);
    const struct status *s = status_of(c->node, false);
    bool stale = s && is_stale(s, c->now_us);
    unsigned gone = s && i < MAX_PEERS ? s->gone[i] : 0;
    pthread_mutex_unlock(&lock);
    gone |= p->next_cert_sha256 ? 0 : EXCHANGE_NEXT;
    if ((gone & certs) == certs)
        return fail(c, ERR_EXCHANGE_DENIED, "certificate");
    return stale ? fail(c, ERR_EXCHANGE_DOWN, "status") : OK;
}

const char *exchange_status_crl(struct ctx *c)
{
    pthread_mutex_lock(&lock);
    const struct status *s = status_of(c->node, false);
    const char *pem = s && s->crl ? crl_pem(c->arena, s->crl) : NULL;
    pthread_mutex_unlock(&lock);
    return pem;
}
