/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Those who wait, fairly (stochastic fair queueing, P. McKenney 1990): a line a source, the lines
 * served in turn, so that who sends much waits behind himself. Constant work a call.
 */
#include <string.h>

#include "base/sys.h"
#include "web/web_line.h"

static struct line *line_of(struct lines *l, const char *source)
{
    uint64_t h = l->seed;
    for (const char *at = source; *at; at++)
        h = (h ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
    h = (h ^ (h >> 32)) * UINT64_C(0x9e3779b97f4a7c15);
    return &l->line[h >> 56];
}

struct lines *lines_new(int max_waiting)
{
    struct lines *l = sys_malloc(sizeof *l);
    ASSERT(l && max_waiting > 0);
    memset(l, 0, sizeof *l);
    l->max_waiting = max_waiting;
    l->max_line = max_waiting > LINE_SHARE ? max_waiting / LINE_SHARE : 1;
    sys_random(&l->seed, sizeof l->seed);
    return l;
}

void lines_end(struct lines *l)
{
    sys_free(l);
}

bool lines_put(struct lines *l, struct call *k)
{
    struct line *mine = line_of(l, k->source);
    if (l->waiting >= l->max_waiting || mine->n >= l->max_line)
        return false;
    k->next = NULL;
    *(mine->n ? mine->last : &mine->first) = k;
    mine->last = &k->next;
    l->waiting++;
    if (mine->n++)
        return true;
    mine->next = l->served ? l->served->next : mine; /* the last to be served */
    if (l->served)
        l->served->next = mine;
    l->served = mine;
    return true;
}

struct call *lines_take(struct lines *l)
{
    if (!l->served)
        return NULL;
    struct line *turn = l->served->next;
    struct call *k = turn->first;
    turn->first = k->next;
    l->waiting--;
    if (--turn->n)
        l->served = turn;
    else if (turn == l->served)
        l->served = NULL;
    else
        l->served->next = turn->next;
    return k;
}
