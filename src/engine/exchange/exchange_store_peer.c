/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/exchange/exchange_private.h"

static enum err read_peer(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct exchange_peer *p = arg;
    p->seal_seq = row_int(r, 0);
    p->head_size = row_int(r, 1);
    p->tried_us = row_int(r, 2);
    p->heard_us = row_int(r, 3);
    p->problem = row_text(r, 4);
    return OK;
}

enum err exchange_store_peer(struct ctx *c, const char *name, struct exchange_peer *ret_peer)
{
    bool found;
    *ret_peer = (struct exchange_peer){.name = name, .problem = ""};
    return db_one(c, &found, read_peer, ret_peer,
                  "SELECT seal_seq, head_size, tried_us, heard_us, problem FROM exchange_peer"
                  " WHERE name = $1",
                  P_TEXT(name));
}

enum err exchange_store_peer_set(struct ctx *c, const struct exchange_peer *p)
{
    return db_exec(c, NULL,
                   "INSERT INTO exchange_peer (name, seal_seq, head_size, tried_us, heard_us,"
                   " problem) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO UPDATE SET"
                   " seal_seq = $2, head_size = $3, tried_us = $4, heard_us = $5, problem = $6",
                   P_TEXT(p->name), P_INT(p->seal_seq), P_INT(p->head_size), P_INT(p->tried_us),
                   P_INT(p->heard_us), P_TEXT(p->problem));
}
