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
