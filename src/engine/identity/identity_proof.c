/* SPDX-License-Identifier: Apache-2.0 */
/* Who is signed in proves it again before a grave act (web/proof.h): by a code where the account
   has a second factor, else by the password. Tries count as at the sign-in. */
#include "base/text.h"
#include "core/audit.h"
#include "core/country.h"
#include "engine/identity/identity_factor.h"

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
    return OK;
}

static enum err check(struct ctx *c, struct req *r, enum proof_kind by, const char *typed)
{
    struct identity_row w;
    if (by == PROOF_CODE)
        return identity_factor_prove(c, c->actor->account, r->http->peer, typed);
    return identity_password_prove(c, r, typed, &w);
}

static enum err proved(struct ctx *c)
{
    struct audit_act act = {
        .action = "identity.proved", .kind = "account", .object = c->actor->account};
    return audit_write(c, &act);
}

/* Who has no password here came from another node, and proves it there. */
const struct web_proof identity_proof = {holds_us, kind, check, proved,
                                         "/dang-nhap/quoc-gia?moi=1&next=/tai-khoan"};
