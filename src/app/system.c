/* SPDX-License-Identifier: Apache-2.0 */
/* `dinh system`: which systems of a member of this node may ask over /r1/, by their certificate. */
#include <stdio.h>

#include "app/app.h"
#include "base/sys.h"
#include "base/text.h"
#include "engine/exchange/exchange.h"
#include "engine/identity/identity.h"

#define CERT_MAX_BYTES (32 * 1024)

struct wish {
    const char *client, *name;
    struct bytes cert;
    bool remove;
};

static enum err change(struct ctx *c, void *arg)
{
    const struct wish *w = arg;
    return w->remove ? exchange_system_end(c, w->client, w->cert)
                     : exchange_system_add(c, w->client, w->name, w->cert);
}

int cmd_system(struct ctx *c, int argc, char **argv)
{
    const char *dir = option(argc, argv, "data", NULL);
    const char *file = option(argc, argv, "cert", NULL);
    struct wish w = {.client = option(argc, argv, "client", NULL),
                     .name = option(argc, argv, "name", ""),
                     .remove = option_given(argc, argv, "remove")};
    struct node *n;
    if (!dir || !file || !w.client)
        return app_say_usage(c, TX(app_system_usage));
    if (sys_read_file(c, file, CERT_MAX_BYTES, &w.cert) || node_open(c, dir, &n))
        return app_say_faults(c);
    c->actor = identity_system(c->arena, "app", n->agency);
    enum err e = db_write(c, n->db, change, &w);
    node_close(n);
    if (e)
        return app_say_faults(c);
    printf("%s\n", text_get(w.remove ? TX(app_system_removed) : TX(app_system_added), c->lang));
    return 0;
}
