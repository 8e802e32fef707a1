/* SPDX-License-Identifier: Apache-2.0 */
/* Who is signed in proves it again before a grave act (web/proof.h): by a code or a
   passkey where the account has a second factor, else by the password. Tries count as at the
   sign-in. */
#include "base/text.h"
#include "core/audit.h"
#include "core/country.h"
#include "engine/identity/identity_passkey_views.h"

static int64_t holds_us(const struct ctx *c)
{
    int64_t minutes = country_role_proof(c->node->country, c->actor->role);
    return minutes > 0 ? minutes * MINUTE_US : IDENTITY_PROOF_US;
}

static enum err kind(struct ctx *c, enum proof_kind *ret_kind)
{
    struct identity_row w = {0};
    bool found = false;
    enum err e = identity_store_account(c, c->actor->account, &found, &w);
    if (e)
        return e;
    bool password = found && !text_empty(w.phc) && !w.once_us;
    *ret_kind = found && w.factor ? PROOF_CODE : password ? PROOF_PASSWORD : PROOF_NONE;
    if (*ret_kind != PROOF_CODE || !passkey_site(c).offered)
        return OK;
    struct identity_passkey held[IDENTITY_PASSKEYS];
    size_t n = 0;
    e = identity_store_passkeys(c, c->actor->account, held, &n);
    if (!e && n)
        *ret_kind = PROOF_PASSKEY;
    return e;
}

/* JSON, as our script writes it: no code and no password that somebody types. */
static bool is_passkey(const char *typed)
{
    return *typed == '{';
}

static enum err check(struct ctx *c, struct req *r, enum proof_kind by, const char *typed)
{
    struct identity_row w;
    const char *account = c->actor->account;
    if (by != PROOF_PASSWORD && is_passkey(typed))
        return identity_passkey_prove(c, r, IDENTITY_PASSKEY_PROVE, account, typed, &account);
    if (by != PROOF_PASSWORD)
        return identity_factor_prove(c, account, r->http->peer, typed);
    return identity_password_prove(c, r, typed, &w);
}

static enum err proved(struct ctx *c)
{
    struct audit_act act = {
        .action = "identity.proved", .kind = "account", .object = c->actor->account};
    return audit_write(c, &act);
}

/* Who has no password here came from another node, and proves it there. */
const struct web_proof identity_proof = {holds_us,
                                         kind,
                                         check,
                                         proved,
                                         "/dang-nhap/quoc-gia?moi=1&next=/tai-khoan",
                                         IDENTITY_PASSKEY_ASK};
