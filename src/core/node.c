/* SPDX-License-Identifier: Apache-2.0 */
#include "core/node.h"

#include <string.h>

#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"

#define CLOCK_BACK_MAX_US MINUTE_US

static bool at_or_below(const char *code, const char *top)
{
    size_t len = strlen(top);
    return strncmp(code, top, len) == 0 && (code[len] == '\0' || code[len] == '.');
}

static bool carries(const char *const *members, const char *member)
{
    for (size_t i = 0; members && members[i]; i++) {
        if (at_or_below(member, members[i]))
            return true;
    }
    return false;
}

static bool holds_with(struct arena *a, const char *point_b64, node_holds holds, const void *what)
{
    struct bytes point;
    return base64url_decode(a, point_b64, &point) && holds(a, point, what);
}

bool node_peer_signed(struct arena *a, const struct node_peer *p, int64_t at_us, node_holds holds,
                      const void *what)
{
    bool good = holds_with(a, p->sign_point_b64, holds, what);
    for (size_t i = 0; i < p->n_keys && !good; i++)
        good = p->keys[i].until_us >= at_us && holds_with(a, p->keys[i].point_b64, holds, what);
    return good;
}

const struct node_peer *node_peer_of(const struct node *n, const char *member)
{
    for (size_t i = 0; i < n->n_peers; i++) {
        if (carries(n->peers[i].members, member))
            return &n->peers[i];
    }
    return NULL;
}

bool node_carries(const struct node *n, const char *member)
{
    return carries(n->members, member);
}

bool node_runs(const struct node *n, const char *system)
{
    for (size_t i = 0; n->systems && n->systems[i]; i++) {
        if (text_eq(n->systems[i], system))
            return true;
    }
    return false;
}

enum err node_clock_sound(struct ctx *c)
{
    bool back = sys_clock_back_us() > CLOCK_BACK_MAX_US;
    return back && !c->node->demo ? fail(c, ERR_CLOCK, "clock") : OK;
}
