/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/identity/identity_notice.h"

#include "base/id.h"
#include "base/text.h"
#include "engine/identity/identity_passkey.h"
#include "gen/html.h"

#define PAGE "/tai-khoan/thong-bao"

#define LINE struct identity_notice_line
SHAPE(identity_notice_line_shape, LINE, SHAPE_TEXT(LINE, text, TX(identity_notice_what)),
      SHAPE_TEXT(LINE, about, TX(identity_notice_about)),
      SHAPE_TEXT(LINE, at, TX(identity_notice_at)),
      SHAPE_NUMBER(LINE, fresh, KIND_BOOL, TX(identity_notice_new)));
#define ALL struct identity_notices_view
SHAPE(identity_notices_shape, ALL,
      SHAPE_LIST(ALL, lines, &identity_notice_line_shape, TX(identity_notice_title)),
      SHAPE_NUMBER(ALL, fresh, KIND_INT, TX(identity_notice_new)),
      SHAPE_LIST(ALL, acts, &next_act_shape, TX(web_acts)));

/* ---- put ---- */

enum err identity_notice(struct ctx *c, const char *account, const char *kind, const char *about)
{
    return db_exec(c, NULL,
                   "INSERT INTO identity_notice (id, account, kind, about, at_us, seen_us)"
                   " VALUES ($1, $2, $3, $4, $5, 0)",
                   P_TEXT(id_new(c->arena, c->now_us)), P_TEXT(account), P_TEXT(kind),
                   P_TEXT(about), P_INT(c->now_us));
}

enum err identity_notice_device(struct ctx *c, const struct req *r, const struct identity_row *w)
{
    const char *agent = req_header(r, "User-Agent");
    if (identity_device(c, r, w))
        return OK;
    return identity_notice(c, w->a.id, IDENTITY_NOTICE_DEVICE,
                           identity_browser(c, agent ? agent : ""));
}

enum err identity_notice_tries(struct ctx *c, const struct identity_guess *g)
{
    struct identity_try by_name = {0}, by_device = {0};
    enum err e = identity_store_try(c, "name", g->username, &by_name);
    if (!e && g->device)
        e = identity_store_try(c, "device", g->device, &by_device);
    /* this one was counted before it was looked at, and was right */
    int64_t wrong = by_name.streak + by_device.streak - 1;
    if (e || text_empty(g->account) || wrong < IDENTITY_NOTICE_TRIES)
        return e;
    return identity_notice(c, g->account, IDENTITY_NOTICE_TRIED,
                           arena_printf(c->arena, "%lld", (long long)wrong));
}

/* ---- seen ---- */

int64_t identity_news(struct ctx *c)
{
    int64_t n = 0;
    if (db_int(c, &n, "SELECT count(*) FROM identity_notice WHERE account = $1 AND seen_us = 0",
               P_TEXT(c->actor->account)))
        ctx_clear_faults(c);
    return n;
}

static const char *said(const struct ctx *c, const char *kind)
{
    static const struct {
        const char *kind;
        enum text text;
    } words[] = {{IDENTITY_NOTICE_DEVICE, TX(identity_notice_device)},
                 {IDENTITY_NOTICE_TRIED, TX(identity_notice_tries)},
                 {IDENTITY_NOTICE_CODE, TX(identity_notice_code)},
                 {"password", TX(identity_notice_password)},
                 {"factor", TX(identity_notice_factor)},
                 {"unfactor", TX(identity_notice_unfactor)},
                 {"codes", TX(identity_notice_codes)},
                 {"recovery", TX(identity_notice_recovery)},
                 {"passkey", TX(identity_notice_passkey)},
                 {"unpasskey", TX(identity_notice_unpasskey)},
                 {IDENTITY_NOTICE_COPY, TX(identity_notice_passkey_copy)},
                 {"disable", TX(identity_notice_disable)},
                 {"enable", TX(identity_notice_enable)},
                 {"sessions", TX(identity_notice_sessions)},
                 {"admin_factor", TX(identity_notice_admin_factor)},
                 {"once", TX(identity_notice_once)},
                 {"give", TX(identity_notice_give)},
                 {"end", TX(identity_notice_end)}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (text_eq(words[i].kind, kind))
            return text_get(words[i].text, c->lang);
    return kind;
}

struct notices {
    struct identity_notice_line *out;
    size_t n;
    int64_t fresh;
};

static enum err read_notice(struct ctx *c, const struct db_row *r, void *arg)
{
    struct notices *s = arg;
    const char *kind = row_text(r, 0), *about = row_text(r, 1);
    bool admin = text_eq(kind, "admin"), fresh = row_int(r, 3) == 0;
    if (s->n >= IDENTITY_NOTICES)
        return OK;
    s->fresh += fresh;
    s->out[s->n++] = (struct identity_notice_line){.text = said(c, admin ? about : kind),
                                                   .about = admin ? "" : about,
                                                   .at = time_show(c->arena, row_int(r, 2)),
                                                   .fresh = fresh};
    return OK;
}

enum err identity_notices_page(struct ctx *c, struct req *r)
{
    struct notices s = {.out =
                            ARENA_ARRAY(c->arena, IDENTITY_NOTICES, struct identity_notice_line)};
    struct identity_row w = {0};
    bool found = false;
    enum err e = db_each(c, read_notice, &s,
                         "SELECT kind, about, at_us, seen_us FROM identity_notice"
                         " WHERE account = $1 ORDER BY id DESC LIMIT $2",
                         P_TEXT(c->actor->account), P_INT(IDENTITY_NOTICES));
    if (!e)
        e = identity_store_account(c, c->actor->account, &found, &w);
    struct next_act seen = {"seen", "POST", PAGE, text_get(TX(identity_notice_seen), c->lang)};
    struct identity_notices_view v = {.lines = {s.out, s.n},
                                      .acts = {&seen, s.fresh ? 1 : 0},
                                      .fresh = s.fresh,
                                      .password = found && !text_empty(w.phc)};
    return e ? e : answer(c, r, 200, &identity_notices_shape, &v, identity_notices_html);
}

enum err identity_notices_seen(struct ctx *c, struct req *r)
{
    enum err e = db_exec(
        c, NULL, "UPDATE identity_notice SET seen_us = $2 WHERE account = $1 AND seen_us = 0",
        P_TEXT(c->actor->account), P_INT(c->now_us));
    return e ? e : answer_redirect(c, r, PAGE);
}
