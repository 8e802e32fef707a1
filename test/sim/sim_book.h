/* SPDX-License-Identifier: Apache-2.0 */
/* What the clients asked for and what they were told: at the end the nodes must agree. */
#ifndef DINH_TEST_SIM_BOOK_H
#define DINH_TEST_SIM_BOOK_H

#include "test/sim/sim.h"

enum sim_what { DEED_BEGIN, DEED_FILE, DEED_ACT, DEED_WITHDRAW };
struct sim_deed { /* one act of one person, with one key, however often it was sent */
    struct sim_deed *next;
    enum sim_what what;
    size_t who;
    const char *key, *object; /* draft or dossier */
    const char *action;
    int64_t version; /* seen before: the act makes the next one */
    bool tried, acked, refused;
    const char *led_to; /* address it was answered with */
};
struct sim_sent { /* a call, until it is answered and after */
    struct sim_sent *next;
    int32_t number;
    size_t who;
    struct sim_deed *deed; /* NULL: a look, or the door */
};
struct sim_code { /* a dossier that somebody was told of */
    struct sim_code *next;
    const char *code;
    size_t owner;
    int stage; /* as officials know it: 0 filed, 1 accepted, 2 reviewed, 3 to be signed, 9 over */
};
struct sim_draft {
    const char *id;
    size_t owner;
    bool asked; /* for filing */
};
#define SIM_DRAFTS 12
struct sim_book {
    struct sim_deed *deeds;
    struct sim_sent *sent;
    struct sim_code *codes;
    struct sim_draft drafts[SIM_DRAFTS]; /* of the template */
    size_t n_drafts;
    int n_keys;
};

enum sim_door { DOOR_PASSED, DOOR_POST, DOOR_GET };
struct sim_client {
    const struct sim_person *person;
    const char *cookies, *token;
    enum sim_door door; /* what they ask for now, before all else */
    bool waits;
    int32_t
        since; /* the first call of what they ask for now: an answer to an earlier one is late */
    /* the errand, asked for until an answer came */
    bool open;
    const char *method, *path, *body;
    struct sim_deed *deed;
    struct sim_code *code; /* looked at */
    int tries;
};
const char *sim_photo(void); /* the smallest sound JPEG, base64 */

#endif
