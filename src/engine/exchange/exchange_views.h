/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages of this folder show: the trail's heads for anybody, nothing personal. */
#ifndef DINH_ENGINE_EXCHANGE_VIEWS_H
#define DINH_ENGINE_EXCHANGE_VIEWS_H

#include "core/module.h"
#include "web/page.h"

struct exchange_holder { /* a peer as our witness */
    const char *node, *size_shown, *heard;
    int64_t size, heard_us; /* of the head of ours that it holds, 0: none; last answered */
    const char *problem;    /* name of the last error, "" when none */
};
struct exchange_alert { /* two heads that don't belong to one trail */
    const char *node, *witness, *kind, *words;
    int64_t held_size, size, at_us;
    int64_t settled_us; /* accepted then, 0: it is open */
};
struct exchange_trail_view {
    const char *node, *root, *key, *signature, *at, *size_shown;
    int64_t size, at_us;
    const char *typed;   /* a head as it stands on a paper */
    const char *verdict; /* of it: "same", "other", "unknown"; "" when nothing was typed */
    const char *words;
    struct list holders, alerts;
};
struct exchange_proof_view { /* in the tree of the newest head */
    const char *node, *root, *key, *signature, *at, *proof, *what, *how;
    const char *hash;    /* of the record, or the root of the smaller tree */
    int64_t place;       /* number of the record, or size of the smaller tree */
    int64_t size, at_us; /* size 0: no head covers the record yet */
    struct list path;    /* the proof's hashes, struct exchange_step */
};
struct exchange_step {
    const char *hash;
};
extern const struct shape exchange_trail_shape, exchange_proof_shape;

enum err exchange_trail_page(struct ctx *c, struct req *r);       /* /kiem-chung */
enum err exchange_inclusion_page(struct ctx *c, struct req *r);   /* /kiem-chung/{seq} */
enum err exchange_consistency_page(struct ctx *c, struct req *r); /* /kiem-chung/tu/{size} */

#endif
