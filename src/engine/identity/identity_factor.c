/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/identity/identity_factor.h"
#include "engine/identity/identity_notice.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/sys.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/country.h"

#define CODE_LETTERS 24 /* of 32: 120 bits, so that their hash needs no salt (ASVS 6.5.2) */
#define CODE_GROUP   6

bool identity_factor_owed(const struct ctx *c, const struct identity_row *w, const char *role)
{
    return c->node->second_factor && !w->factor && country_role_factor(c->node->country, role);
}

/* As it was typed, on paper or from the app: blanks and hyphens are nobody's business. */
static const char *plain_code(struct ctx *c, const char *typed)
{
    char *out = arena_text(c->arena, typed);
    size_t n = 0;
    for (const char *p = typed; *p; p++)
        if (*p != ' ' && *p != '-')
            out[n++] = (char)tolower((unsigned char)*p);
    out[n] = '\0';
    return out;
}

static enum err told(struct ctx *c, const char *action, const char *account)
{
    struct audit_act act = {.action = action, .kind = "account", .object = account};
    return audit_write(c, &act);
}

/* ---- wrong codes ---- */

enum err identity_factor_locked(struct ctx *c, const char *account, const char *peer)
{
    struct identity_try t;
    enum err e = identity_store_try(c, "code", account, &t);
    int64_t left_us = t.window_us + IDENTITY_WINDOW_US - c->now_us;
    if (!e && t.failures >= IDENTITY_CODE_TRIES && left_us > 0 && left_us <= IDENTITY_WINDOW_US)
        e = fail(c, ERR_CODES_LOCKED, "one_time_code",
                 arena_printf(c->arena, "%d", (int)((left_us + MINUTE_US - 1) / MINUTE_US)));
    return e ? e : identity_locked_source(c, peer);
}

struct proof {
    const char *account, *peer, *typed;
    const char **codes; /* where the first ones go, of a key that waits; else NULL */
    bool right;
};

/* The first of a window is told: whoever typed it knew the password. */
static enum err count(struct ctx *c, const struct proof *p)
{
    struct identity_try t;
    enum err e = identity_store_try(c, "code", p->account, &t);
    bool first = !t.failures || c->now_us - t.window_us >= IDENTITY_WINDOW_US;
    if (!e)
        e = identity_store_try_add(c, "code", p->account, false);
    if (!e)
        e = identity_guess_source(c, p->peer);
    if (!e && first && !p->codes) /* not of one who is setting it up */
        e = identity_notice(c, p->account, IDENTITY_NOTICE_CODE, "");
    return e ? e : told(c, "identity.refused", p->account);
}

/* ---- a code, spent where it is found right ---- */

static enum err take_step(struct ctx *c, struct proof *p, const struct identity_factor *f)
{
    int64_t step;
    if (!totp_check(f->seed, c->now_us, f->step, p->typed, &step))
        return OK;
    return identity_store_factor_step(c, p->account, step, &p->right);
}

static enum err take(struct ctx *c, struct proof *p)
{
    struct identity_factor f;
    bool found = false;
    enum err e = identity_store_factor(c, p->account, &found, &f);
    if (e)
        return e;
    if (strlen(p->typed) != CODE_LETTERS)
        return found && f.confirmed_us ? take_step(c, p, &f) : OK;
    e = identity_store_recovery_take(c, p->account, p->typed, &p->right);
    if (!e && p->right)
        e = identity_notice(c, p->account, "recovery", "");
    return e || !p->right ? e : told(c, "identity.recovery", p->account);
}

/* The clock of a node that was set back would take codes of yesterday: nothing is proved then. */
static enum err weigh(struct ctx *c, void *arg)
{
    struct proof *p = arg;
    p->right = false;
    enum err e = node_clock_sound(c);
    if (!e)
        e = identity_factor_locked(c, p->account, p->peer);
    if (!e)
        e = take(c, p);
    if (e)
        return e;
    return p->right ? identity_store_try_forget(c, "code", p->account) : count(c, p);
}

enum err identity_factor_prove(struct ctx *c, const char *account, const char *peer,
                               const char *typed)
{
    struct proof p = {.account = account, .peer = peer, .typed = plain_code(c, typed)};
    enum err e = db_write(c, c->node->db, weigh, &p);
    return e || p.right ? e : fail(c, ERR_CODE_WRONG, "one_time_code");
}

/* ---- a new one ---- */

enum err identity_factor_codes(struct ctx *c, const char *account, const char **ret_codes)
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    const char *plain[IDENTITY_RECOVERY];
    for (size_t i = 0; i < IDENTITY_RECOVERY; i++) {
        uint8_t random[CODE_LETTERS];
        struct buf b = buf_new(c->arena, 2 * CODE_LETTERS);
        sys_random(random, sizeof random);
        for (size_t j = 0; j < CODE_LETTERS; j++) {
            if (j && j % CODE_GROUP == 0)
                buf_char(&b, '-');
            buf_char(&b, letters[random[j] % 32]);
        }
        ret_codes[i] = b.ptr;
        plain[i] = plain_code(c, b.ptr);
    }
    return identity_store_recovery(c, account, plain, IDENTITY_RECOVERY);
}

enum err identity_factor_recode(struct ctx *c, const char *account, const char **ret_codes)
{
    enum err e = identity_factor_codes(c, account, ret_codes);
    if (!e)
        e = identity_notice(c, account, "codes", "");
    return e ? e : told(c, "identity.codes", account);
}

static enum err confirm(struct ctx *c, void *arg)
{
    struct proof *p = arg;
    struct identity_factor f;
    bool found = false;
    p->right = false;
    enum err e = node_clock_sound(c);
    if (!e)
        e = identity_factor_locked(c, p->account, p->peer);
    if (!e)
        e = identity_store_factor(c, p->account, &found, &f);
    if (!e && (!found || f.confirmed_us || c->now_us - f.made_us > IDENTITY_SETUP_US))
        e = fail(c, ERR_FACTOR_NONE, "one_time_code");
    if (!e)
        e = take_step(c, p, &f);
    if (!e && !p->right)
        return count(c, p);
    if (!e)
        e = identity_store_factor_confirm(c, p->account);
    if (!e)
        e = identity_factor_codes(c, p->account, p->codes);
    if (!e)
        e = identity_notice(c, p->account, "factor", "");
    return e ? e : told(c, "identity.factor", p->account);
}

enum err identity_factor_confirm(struct ctx *c, const char *account, const char *peer,
                                 const char *typed, const char **ret_codes)
{
    struct proof p = {
        .account = account, .peer = peer, .typed = plain_code(c, typed), .codes = ret_codes};
    enum err e = db_write(c, c->node->db, confirm, &p);
    return e || p.right ? e : fail(c, ERR_CODE_WRONG, "one_time_code");
}

enum err identity_factor_remove(struct ctx *c, const char *account)
{
    enum err e = identity_store_factor_drop(c, account);
    return e ? e : told(c, "identity.factor_removed", account);
}

const char *identity_factor_uri(struct ctx *c, const char *username,
                                const uint8_t seed[TOTP_SEED_BYTES])
{
    const char *issuer = c->node->title[LANG_VI];
    struct buf b = buf_new(c->arena, 480);
    buf_text(&b, "otpauth://totp/");
    buf_url(&b, username);
    buf_printf(&b, "?secret=%s&issuer=", totp_key(c->arena, seed));
    buf_url(&b, issuer ? issuer : "");
    return b.ptr;
}
