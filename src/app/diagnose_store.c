/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <sys/stat.h>
#include <sys/timex.h>

#include "app/diagnose.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/reseal.h"
#include "core/tree.h"

#define MIB          INT64_C(1048576)
#define CHECK_BYTES  (1024 * MIB) /* above, reading it all takes minutes: `dinh verify` does it */
#define WAL_LOOK     (256 * MIB)
#define AHEAD_US     MINUTE_US
#define WAITING_LOOK HOUR_US
#define WITNESS_LOOK DAY_US
#define ALERTS_SHOWN 16
#define STILL_US     HOUR_US /* the sealing anew has stood since, while the node runs */

struct figures {
    bool postgres;
    const char *version;
    int64_t bytes, newest_us, waiting, dead, oldest_us, heard_us, troubled;
    struct tree_alert alerts[ALERTS_SHOWN];
    size_t n_alerts;
    struct reseal_progress sealing;
    const char *standing;
};

/* ---- statements ---- */

static enum err row_version(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct figures *f = arg;
    f->version = row_text(r, 0);
    f->bytes = row_int(r, 1);
    return OK;
}

static enum err read_kind(struct ctx *c, struct figures *f)
{
    bool found;
    if (!f->postgres)
        return db_one(c, &found, row_version, f, "SELECT 'SQLite ' || sqlite_version(), 0");
    return db_one(c, &found, row_version, f,
                  "SELECT 'PostgreSQL ' || current_setting('server_version'),"
                  " pg_database_size(current_database())");
}

static enum err row_outbox(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct figures *f = arg;
    f->waiting = row_int(r, 0);
    f->dead = row_int(r, 1);
    f->oldest_us = row_int(r, 2);
    return OK;
}

static enum err row_witness(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct figures *f = arg;
    f->heard_us = row_int(r, 0);
    f->troubled = row_int(r, 1);
    return OK;
}

static enum err read_figures(struct ctx *c, void *arg)
{
    struct figures *f = arg;
    bool found;
    enum err e = read_kind(c, f);
    if (!e)
        e = db_int(c, &f->newest_us, "SELECT COALESCE(MAX(at_us), 0) FROM core_audit");
    if (!e)
        e = db_one(c, &found, row_outbox, f,
                   "SELECT CAST(COALESCE(SUM(CASE WHEN state = 0 THEN 1 ELSE 0 END), 0) AS BIGINT),"
                   " CAST(COALESCE(SUM(CASE WHEN state = 3 THEN 1 ELSE 0 END), 0) AS BIGINT),"
                   " MIN(CASE WHEN state = 0 THEN created_us END)"
                   " FROM core_outbox WHERE state IN (0, 3)");
    if (!e)
        e = db_one(c, &found, row_witness, f,
                   "SELECT COALESCE(MIN(heard_us), 0),"
                   " CAST(COALESCE(SUM(CASE WHEN problem <> '' THEN 1 ELSE 0 END), 0) AS BIGINT)"
                   " FROM exchange_peer");
    if (!e)
        e = tree_alerts(c, f->alerts, ARRAY_LEN(f->alerts), &f->n_alerts);
    if (!e)
        e = reseal_progress(c, &f->sealing);
    return e ? e : reseal_standing(c, &f->standing);
}

/* ---- database ---- */

static int64_t size_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (int64_t)st.st_size : -1;
}

/* False when it isn't where it was: it would be made anew, empty. */
static bool database_there(struct diagnosis *d, const char *file)
{
    struct ctx *c = d->c;
    if (!text_empty(d->n->db_url) || size_of(file) >= 0)
        return true;
    bool begun = sys_exists(arena_printf(c->arena, "%s/begun", d->dir));
    diagnose_found(d, TOPIC_DATABASE, begun ? FINDING_BROKEN : FINDING_LOOK,
                   arena_printf(c->arena, "%s: %s", file, begun ? "gone" : "not made yet"));
    return false;
}

static bool database(struct diagnosis *d, struct figures *f)
{
    struct ctx *c = d->c;
    const char *file = arena_printf(c->arena, "%s/dinh.db", d->dir);
    f->postgres = !text_empty(d->n->db_url);
    if (!database_there(d, file))
        return false;
    enum err e = db_open(c, f->postgres ? d->n->db_url : arena_printf(c->arena, "sqlite:%s", file),
                         &d->n->db);
    int64_t bytes = f->postgres ? 0 : size_of(file);
    int64_t log = size_of(arena_printf(c->arena, "%s-wal", file));
    if (!e && !f->postgres && bytes <= CHECK_BYTES)
        e = db_check(c, d->n->db);
    if (!e)
        e = db_read(c, d->n->db, read_figures, f);
    if (e) {
        diagnose_fault(d, TOPIC_DATABASE, FINDING_BROKEN);
        return false;
    }
    diagnose_found(d, TOPIC_DATABASE, log > WAL_LOOK ? FINDING_LOOK : FINDING_OK,
                   arena_printf(c->arena, "%s, %s, %" PRId64 " KiB, log %" PRId64 " KiB",
                                f->version, bytes <= CHECK_BYTES ? "sound" : "not read through",
                                (f->postgres ? f->bytes : bytes) / 1024, log < 0 ? 0 : log / 1024));
    return true;
}

/* What whoever takes the node over might do to its logs (db/kept.h). */
static void role(struct diagnosis *d)
{
    size_t n;
    const struct db_kept *kept = app_kept(d->c, &n);
    const char *excess, *name = db_role(d->c->arena, d->n->db_url);
    if (db_excess(d->c, d->n->db, kept, n, &excess))
        diagnose_fault(d, TOPIC_ROLE, FINDING_BROKEN);
    else
        diagnose_found(d, TOPIC_ROLE, *excess ? FINDING_LOOK : FINDING_OK,
                       arena_printf(d->c->arena, "%s: %s", name ? name : "-",
                                    *excess ? excess : "no more than it needs"));
}

/* ---- what it tells ---- */

/* Acts that are yet to come: the clock is wrong now, or was then. */
static void clock_sound(struct diagnosis *d, const struct figures *f)
{
    struct timex t = {.modes = 0};
    bool unsteady = adjtimex(&t) == TIME_ERROR || (t.status & STA_UNSYNC) != 0;
    bool ahead = f->newest_us > d->c->now_us + AHEAD_US;
    diagnose_found(d, TOPIC_CLOCK,
                   ahead      ? FINDING_BROKEN
                   : unsteady ? FINDING_LOOK
                              : FINDING_OK,
                   arena_printf(d->c->arena, "%s, %s, newest act %s",
                                time_iso(d->c->arena, d->c->now_us),
                                unsteady ? "not synchronised" : "synchronised",
                                f->newest_us ? time_iso(d->c->arena, f->newest_us) : "-"));
}

static void outbox(struct diagnosis *d, const struct figures *f)
{
    int64_t age_us = f->waiting ? d->c->now_us - f->oldest_us : 0;
    diagnose_found(d, TOPIC_OUTBOX, f->dead || age_us > WAITING_LOOK ? FINDING_LOOK : FINDING_OK,
                   arena_printf(d->c->arena,
                                "waiting %" PRId64 ", oldest %" PRId64 " s, given up %" PRId64,
                                f->waiting, age_us / SECOND_US, f->dead));
}

static void witness(struct diagnosis *d, const struct figures *f)
{
    bool late = d->n->n_peers && (f->troubled || d->c->now_us - f->heard_us > WITNESS_LOOK);
    const char *when = f->heard_us ? time_iso(d->c->arena, f->heard_us) : "-";
    diagnose_found(
        d, TOPIC_WITNESS, late ? FINDING_LOOK : FINDING_OK,
        arena_printf(d->c->arena, "last heard %s, in trouble %" PRId64, when, f->troubled));
}

/* What contradicts a trail and nobody has answered yet. */
static void alerts(struct diagnosis *d, const struct figures *f)
{
    struct buf b = buf_new(d->c->arena, 16 * 1024);
    size_t open = 0, answered = 0;
    bool ours = false;
    for (size_t i = 0; i < f->n_alerts; i++) {
        const struct tree_alert *a = &f->alerts[i];
        answered += a->settled_us != 0;
        if (a->settled_us)
            continue;
        ours |= text_eq(a->node, d->n->name);
        buf_printf(&b, "%s%s %s: %s holds %" PRId64 " %.16s, shown %" PRId64 " %.16s, %" PRId64 "x",
                   open++ ? "; " : "", a->node, a->kind, a->witness, a->held.size, a->held.root,
                   a->shown.size, a->shown.root, a->times);
    }
    if (!open)
        buf_text(&b, "0");
    if (answered)
        buf_printf(&b, "; answered %zu", answered);
    diagnose_found(d, TOPIC_ALERTS,
                   ours   ? FINDING_BROKEN
                   : open ? FINDING_LOOK
                          : FINDING_OK,
                   b.ptr);
}

/* ---- the root key ---- */

static int64_t changed_us(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (int64_t)st.st_mtim.tv_sec * SECOND_US : 0;
}

static bool runs(struct diagnosis *d)
{
    int lock;
    enum err e = sys_lock_dir(d->c, d->dir, &lock);
    ctx_clear_faults(d->c);
    if (!e)
        sys_unlock(lock);
    return e == ERR_CONFLICT;
}

/* What an older root key sealed is on its way, done but for what stays, or doesn't move. */
static void root_key(struct diagnosis *d, const struct figures *f)
{
    struct ctx *c = d->c;
    const struct reseal_progress *p = &f->sealing;
    const char *file = arena_printf(c->arena, "%s/keys/root.key", d->dir), *way = "under way";
    int64_t began_us = changed_us(file), last_us = p->at_us > began_us ? p->at_us : began_us;
    bool up = runs(d), still = up && !p->whole && c->now_us - last_us > STILL_US;
    if (still)
        way = "stands still";
    else if (p->whole)
        way = *f->standing ? "looked through" : "nothing is left: dinh keys retire";
    else if (!up)
        way = "waits for the node to run";
    const char *fact = arena_printf(c->arena, "%u", p->root);
    if (p->older)
        fact = arena_printf(c->arena,
                            "%u, older ones %" PRId64 ": %s; %" PRId64 " sealed anew, last step %s;"
                            " stays: %s",
                            p->root, p->older, way, p->anew,
                            p->at_us ? time_iso(c->arena, p->at_us) : "-",
                            *f->standing ? f->standing : "-");
    diagnose_found(d, TOPIC_ROOT,
                   still      ? FINDING_BROKEN
                   : p->older ? FINDING_LOOK
                              : FINDING_OK,
                   fact);
}

void diagnose_store(struct diagnosis *d)
{
    struct figures f = {.version = ""};
    if (!database(d, &f))
        return;
    if (f.postgres)
        role(d);
    clock_sound(d, &f);
    outbox(d, &f);
    witness(d, &f);
    alerts(d, &f);
    root_key(d, &f);
}
