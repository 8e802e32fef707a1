/* SPDX-License-Identifier: Apache-2.0 */
/* `dinh verify`: proves a node's database untouched; tools/ has an independent twin. */
#include <inttypes.h>
#include <stdio.h>

#include "app/app.h"
#include "base/text.h"
#include "core/audit.h"
#include "engine/exchange/exchange.h"

struct reports {
    struct audit_report audit;
    struct exchange_report exchange;
};

static enum err verify_all(struct ctx *c, void *arg)
{
    struct reports *r = arg;
    enum err e = audit_verify(c, &r->audit);
    return e ? e : exchange_verify(c, &r->exchange);
}

static bool say(struct ctx *c, const struct reports *r)
{
    const struct audit_report *a = &r->audit;
    bool sound = text_empty(a->problem) && text_empty(r->exchange.problem);
    printf("%s: audit records %" PRId64 ", seals %" PRId64 ", witnessed %" PRId64
           ", exchange messages %" PRId64 "\n",
           c->node->name, a->records, a->seals, a->witnessed, r->exchange.messages);
    if (!text_empty(a->problem))
        printf("audit: record %" PRId64 ": %s\n", a->bad_seq, a->problem);
    if (!text_empty(r->exchange.problem))
        printf("exchange: %s\n", r->exchange.problem);
    printf("%s\n", text_get(sound ? TX(app_verify_sound) : TX(app_verify_broken), c->lang));
    return sound;
}

int cmd_verify(struct ctx *c, int argc, char **argv)
{
    const char *dir = option(argc, argv, "data", NULL);
    if (!dir)
        return app_say_usage(c, TX(app_verify_usage));
    struct node *n;
    struct reports r = {0};
    if (node_open(c, dir, &n))
        return app_say_faults(c);
    enum err e = db_check(c, n->db);
    if (!e)
        e = db_read(c, n->db, verify_all, &r);
    bool sound = !e && say(c, &r);
    node_close(n);
    if (e)
        return app_say_faults(c);
    return sound ? 0 : 1;
}
