/* SPDX-License-Identifier: Apache-2.0 */
#include "web/session.h"

#include <string.h>

#include "base/id.h"
#include "base/text.h"
#include "base/time.h"
#include "crypto/hash.h"
#include "web/web_call.h"

#define IDLE_CITIZEN_US     (30 * MINUTE_US)
#define IDLE_OFFICIAL_US    (15 * MINUTE_US)
#define LONGEST_CITIZEN_US  (24 * HOUR_US)
#define LONGEST_OFFICIAL_US (12 * HOUR_US)
#define ANSWER_KEPT_US      (7 * DAY_US)
#define DEVICE_US           (365 * DAY_US)
#define CSRF_BYTES          32
#define AGENT_CHARS         200
#define COLUMNS                                                                                    \
    "id, account, role, unit, assurance, csrf, note, created_us, seen_us, expires_us, agent, "     \
    "proved_us, sid, ended_us"
#define LIVE "expires_us > $2 AND seen_us + idle_us > $2 AND seen_us <= $2 + 60000000"

/* ---- the cookie ---- */

const char *cookie_value(struct arena *a, const struct http_request *r, const char *name)
{
    size_t n = strlen(name);
    const char *at = http_header(r, "Cookie");
    while (at && *at) {
        at += strspn(at, " ;");
        if (strncmp(at, name, n) == 0 && at[n] == '=')
            return arena_text_n(a, at + n + 1, strcspn(at + n + 1, "; "));
        at = strchr(at, ';');
    }
    return NULL;
}

const char *lang_cookie(const struct web *w)
{
    return w->o.secure_cookies ? "__Host-lang" : "lang";
}

/* What a browser opens itself, not what a script or a stream asks for. */
static bool is_opened(const struct call *k)
{
    const char *mode = req_header(&k->q, "Sec-Fetch-Mode");
    return !k->q.wants_json && (!mode || strcmp(mode, "navigate") == 0);
}

static void set_cookie(struct call *k, const char *secret)
{
    k->set_cookie = arena_printf(
        k->c.arena, "%s=%s; Path=/; HttpOnly; SameSite=Lax%s%s", k->w->cookie, secret ? secret : "",
        k->w->o.secure_cookies ? "; Secure" : "", secret ? "" : "; Max-Age=0");
}

static const char *device_cookie(struct ctx *c, const struct web *w)
{
    return arena_printf(c->arena, "%s-device", w->cookie);
}

const char *session_device(struct ctx *c, const struct req *r)
{
    const char *value = cookie_value(c->arena, r->http, device_cookie(c, call_of(r)->w));
    return value ? value : "";
}

void session_device_keep(struct ctx *c, struct req *r, const char *value)
{
    const struct web *w = call_of(r)->w;
    answer_header(r, "Set-Cookie",
                  arena_printf(c->arena, "%s=%s; Path=/; HttpOnly; SameSite=Lax%s; Max-Age=%lld",
                               device_cookie(c, w), value, w->o.secure_cookies ? "; Secure" : "",
                               (long long)(DEVICE_US / SECOND_US)));
}

static const char *hash_of(struct arena *a, const char *secret)
{
    return sha256_hex(a, sha256(bytes_of(secret)));
}

/* ---- rows ---- */

static enum err session_row(struct ctx *c, const struct db_row *r, void *arg)
{
    struct session *s = arg;
    (void)c;
    *s = (struct session){.id = row_text(r, 0),
                          .account = row_text(r, 1),
                          .role = row_text(r, 2),
                          .unit = row_text(r, 3),
                          .assurance = row_int(r, 4),
                          .csrf = row_text(r, 5),
                          .note = row_text(r, 6),
                          .created_us = row_int(r, 7),
                          .seen_us = row_int(r, 8),
                          .expires_us = row_int(r, 9),
                          .agent = row_text(r, 10),
                          .proved_us = row_int(r, 11),
                          .sid = row_text(r, 12),
                          .ended_us = row_int(r, 13)};
    return OK;
}

static enum err session_find(struct ctx *c, const char *id, bool *ret_found, struct session *ret)
{
    return db_one(c, ret_found, session_row, ret,
                  "SELECT " COLUMNS " FROM web_session WHERE id = $1 AND " LIVE, P_TEXT(id),
                  P_INT(c->now_us));
}

struct sessions {
    struct session *out;
    size_t n, max;
};

static enum err sessions_row(struct ctx *c, const struct db_row *r, void *arg)
{
    struct sessions *s = arg;
    return s->n < s->max ? session_row(c, r, &s->out[s->n++]) : OK;
}

enum err session_list(struct ctx *c, const char *account, struct session *ret, size_t max,
                      size_t *ret_n)
{
    struct sessions s = {ret, 0, max};
    enum err e = db_each(c, sessions_row, &s,
                         "SELECT " COLUMNS " FROM web_session WHERE account = $1 AND " LIVE
                         " ORDER BY seen_us DESC, id LIMIT $3",
                         P_TEXT(account), P_INT(c->now_us), P_INT((int64_t)max));
    if (!e)
        *ret_n = s.n;
    return e;
}

static enum err session_add(struct ctx *c, const struct session *s, int64_t idle_us)
{
    return db_exec(c, NULL,
                   "INSERT INTO web_session (id, account, role, unit, assurance, csrf, note, "
                   "created_us, seen_us, idle_us, expires_us, agent, proved_us) "
                   "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
                   P_TEXT(s->id), P_TEXT(s->account), P_TEXT(s->role), P_TEXT(s->unit),
                   P_INT(s->assurance), P_TEXT(s->csrf), P_TEXT(s->note), P_INT(s->created_us),
                   P_INT(s->seen_us), P_INT(idle_us), P_INT(s->expires_us), P_TEXT(s->agent),
                   P_INT(s->proved_us));
}

static enum err session_remove(struct ctx *c, const char *id)
{
    return db_exec(c, NULL, "DELETE FROM web_session WHERE id = $1", P_TEXT(id));
}

enum err session_touch(struct ctx *c, const char *id)
{
    return db_exec(c, NULL, "UPDATE web_session SET seen_us = $2 WHERE id = $1 AND seen_us < $2",
                   P_TEXT(id), P_INT(c->now_us));
}

int64_t session_count(struct ctx *c)
{
    int64_t n = 0;
    if (db_int(c, &n, "SELECT count(*) FROM web_session WHERE expires_us > $1 AND ended_us = 0",
               P_INT(c->now_us)))
        return -1;
    return n;
}

enum err web_clean(struct ctx *c, int64_t *ret_removed)
{
    int64_t sessions = 0, answers = 0;
    enum err e = db_exec(
        c, &sessions, "DELETE FROM web_session WHERE expires_us <= $1 OR seen_us + idle_us <= $1",
        P_INT(c->now_us));
    if (!e)
        e = db_exec(c, &answers, "DELETE FROM web_answer WHERE at_us <= $1",
                    P_INT(c->now_us - ANSWER_KEPT_US));
    *ret_removed = sessions + answers;
    return e;
}

/* ---- of a call ---- */

enum err session_load(struct call *k)
{
    bool found = false;
    k->q.session = NULL;
    k->signed_out = false;
    k->actor = actor_nobody;
    k->c.actor = &k->actor;
    if (!k->secret_hash)
        return OK;
    enum err e = session_find(&k->c, k->secret_hash, &found, &k->session);
    if (e || !found)
        return e;
    if (k->session.ended_us) { /* as if there were none; web_dispatch.c says why */
        k->signed_out = true;
        return OK;
    }
    k->q.session = &k->session;
    k->touch = k->c.now_us - k->session.seen_us > MINUTE_US;
    if (text_empty(k->session.account) || !k->w->o.actor_of)
        return OK;
    return k->w->o.actor_of(&k->c, &k->session, &k->actor);
}

/* Steps of a sign-in go on: they begin a session anew. */
enum err session_told(struct call *k)
{
    if (!k->signed_out || k->q.route->flags & (ROUTE_PROTOCOL | ROUTE_NO_CSRF))
        return OK;
    if (is_opened(k)) { /* this once */
        set_cookie(k, NULL);
        k->kept_cookie = k->set_cookie;
    }
    return fail(&k->c, ERR_SIGNED_OUT, "");
}

static const char *agent_of(struct ctx *c, const struct req *r)
{
    const char *said = req_header(r, "User-Agent"), *clean = "";
    size_t before = c->n_faults;
    if (!said)
        return "";
    if (strlen(said) > AGENT_CHARS)
        said = arena_text_n(c->arena, said, AGENT_CHARS);
    if (text_clean(c, "User-Agent", bytes_of(said), AGENT_CHARS, &clean)) {
        c->n_faults = before; /* no text: as if it had said nothing */
        return "";
    }
    return clean;
}

enum err session_start(struct ctx *c, struct req *r, const char *account, const char *role,
                       const char *unit, int assurance)
{
    struct call *k = call_of(r);
    bool official = !text_empty(unit);
    const char *secret = secret_new(c->arena);
    if (r->session) {
        enum err e = session_remove(c, r->session->id);
        if (e)
            return e;
    }
    k->session = (struct session){
        .id = hash_of(c->arena, secret),
        .account = account ? account : "",
        .role = role ? role : "",
        .unit = unit ? unit : "",
        .csrf = secret_new(c->arena),
        .created_us = c->now_us,
        .seen_us = c->now_us,
        .expires_us = c->now_us + (official ? LONGEST_OFFICIAL_US : LONGEST_CITIZEN_US),
        .proved_us = text_empty(account) ? 0 : c->now_us,
        .assurance = assurance,
        .note = "",
        .sid = "",
        .agent = agent_of(c, r)};
    enum err e = session_add(c, &k->session, official ? IDLE_OFFICIAL_US : IDLE_CITIZEN_US);
    if (e)
        return e;
    r->session = &k->session;
    set_cookie(k, secret);
    return OK;
}

enum err session_proved(struct ctx *c, struct req *r, int64_t at_us)
{
    r->session->proved_us = at_us;
    return db_exec(c, NULL, "UPDATE web_session SET proved_us = $2 WHERE id = $1",
                   P_TEXT(r->session->id), P_INT(at_us));
}

/* ---- proved anew ---- */

struct renewal {
    struct call *k;
    const char *secret, *id;
};

static enum err renew_work(struct ctx *c, void *arg)
{
    const struct renewal *x = arg;
    int64_t n = 0;
    enum err e = db_exec(c, &n,
                         "UPDATE web_session SET id = $3, proved_us = $2, seen_us = $2 "
                         "WHERE id = $1 AND " LIVE,
                         P_TEXT(x->k->session.id), P_INT(c->now_us), P_TEXT(x->id));
    if (!e && !n)
        e = fail(c, ERR_SIGN_IN, "");
    return e ? e : x->k->w->o.proof->proved(c);
}

/* The token stays: forms in other tabs are good to the end. */
enum err session_renew(struct call *k)
{
    struct renewal x = {.k = k, .secret = secret_new(k->c.arena)};
    x.id = hash_of(k->c.arena, x.secret);
    enum err e = db_write(&k->c, k->w->o.db, renew_work, &x);
    if (e)
        return e;
    k->secret_hash = k->session.id = x.id;
    k->session.proved_us = k->c.now_us;
    k->q.proved = true;
    set_cookie(k, x.secret);
    k->kept_cookie = k->set_cookie;
    return OK;
}

enum err session_end(struct ctx *c, struct req *r)
{
    enum err e = r->session ? session_remove(c, r->session->id) : OK;
    if (e)
        return e;
    r->session = NULL;
    set_cookie(call_of(r), NULL);
    answer_header(r, "Clear-Site-Data", "\"storage\"");
    return OK;
}

enum err session_end_all(struct ctx *c, const char *account)
{
    return db_exec(c, NULL, "DELETE FROM web_session WHERE account = $1", P_TEXT(account));
}

enum err session_end_one(struct ctx *c, const char *account, const char *id)
{
    int64_t n = 0;
    enum err e = db_exec(c, &n, "DELETE FROM web_session WHERE id = $1 AND account = $2",
                         P_TEXT(id), P_TEXT(account));
    if (e)
        return e;
    return n && !text_empty(account) ? OK : fail(c, ERR_NOT_FOUND, "session");
}

enum err session_named(struct ctx *c, struct req *r, const char *sid)
{
    r->session->sid = arena_text(c->arena, sid);
    return db_exec(c, NULL, "UPDATE web_session SET sid = $2 WHERE id = $1", P_TEXT(r->session->id),
                   P_TEXT(sid));
}

static enum err name_row(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(const char **)arg = row_text(r, 0);
    return OK;
}

enum err session_name_of(struct ctx *c, const char *account, const char *id, const char **ret_sid)
{
    bool found = false;
    *ret_sid = "";
    return db_one(c, &found, name_row, ret_sid,
                  "SELECT sid FROM web_session WHERE id = $1 AND account = $2", P_TEXT(id),
                  P_TEXT(account));
}

/* Nobody's from now on, for a node of an older version too; kept until it would have ended, so that
   its browser can be told. */
enum err session_end_named(struct ctx *c, const char *account, const char *sid, int64_t *ret_n)
{
    ASSERT(!text_empty(account) || !text_empty(sid));
    return db_exec(c, ret_n,
                   "UPDATE web_session SET account = '', role = '', unit = '', note = '',"
                   " ended_us = $3 WHERE account <> '' AND ($1 = '' OR account = $1)"
                   " AND ($2 = '' OR sid = $2)",
                   P_TEXT(account), P_TEXT(sid), P_INT(c->now_us));
}

enum err session_note(struct ctx *c, struct req *r, const char *note)
{
    enum err e = r->session ? OK : session_start(c, r, "", "", "", 0);
    if (e)
        return e;
    r->session->note = arena_text(c->arena, note);
    return db_exec(c, NULL, "UPDATE web_session SET note = $2 WHERE id = $1",
                   P_TEXT(r->session->id), P_TEXT(note));
}

/* ---- the token: pad, then token xor pad ---- */

const char *session_csrf(struct ctx *c, const struct req *r)
{
    struct bytes token;
    if (!r->session || !base64url_decode(c->arena, r->session->csrf, &token) ||
        token.len != CSRF_BYTES)
        return "";
    uint8_t out[2 * CSRF_BYTES];
    struct bytes pad;
    if (!base64url_decode(c->arena, secret_new(c->arena), &pad) || pad.len != CSRF_BYTES)
        BUG("a secret of another length");
    for (size_t i = 0; i < CSRF_BYTES; i++) {
        out[i] = pad.ptr[i];
        out[CSRF_BYTES + i] = token.ptr[i] ^ pad.ptr[i];
    }
    struct buf b = buf_new(c->arena, 200);
    buf_base64url(&b, (struct bytes){out, sizeof out});
    return b.ptr;
}
