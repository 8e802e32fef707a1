/* SPDX-License-Identifier: Apache-2.0 */
/* The front door of a node without a portal: officials to their first desk, others to sign in. */
#include "app/app.h"
#include "base/text.h"

static bool open_to(const struct ctx *c, const struct menu_item *m)
{
    return !text_eq(m->permission, PUBLIC) && !text_eq(m->permission, SIGNED_IN) &&
           actor_can(c->actor, m->permission);
}

static enum err home(struct ctx *c, struct req *r)
{
    const struct menu_item *desk = NULL;
    for (size_t i = 0; i < c->node->n_modules; i++) {
        const struct module *m = c->node->modules[i];
        for (size_t k = 0; k < m->n_menu; k++)
            if (open_to(c, &m->menu[k]) && (!desk || m->menu[k].place < desk->place))
                desk = &m->menu[k];
    }
    if (desk)
        return answer_redirect(c, r, desk->path);
    bool nobody = c->actor->kind == ACTOR_NOBODY;
    return answer_redirect(c, r, nobody ? "/dang-nhap" : "/tai-khoan");
}

const struct route app_home_routes[1] = {{.method = "GET",
                                          .path = "/",
                                          .permission = PUBLIC,
                                          .handler = home,
                                          .out = &location_shape,
                                          .title = TX(app_home)}};
