/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects found by words, with or without marks, in the transaction that wrote them: "dang" finds
 * Đặng. Words that say nothing of a person are kept folded and found by their beginning; words of
 * personal fields are kept as keyed tokens and found whole, so that a stolen file shows no names.
 */
#ifndef DINH_CORE_SEARCH_H
#define DINH_CORE_SEARCH_H

#include "core/node.h"

#define SEARCH_MAX_WORDS 4 /* of a question; further ones are left out */

struct search_entry {
    const char *module, *object; /* whose, and its id or code */
    const char *unit;            /* agency code */
    const char *person;          /* personal number it belongs to, "" when none */
    const char *words;           /* plain text: code, procedure ... */
    const char *personal;        /* plain text that may only be kept keyed; NULL = none */
};
/* Replaces what was known of the object. Write transaction. */
MUST_CHECK enum err search_put(struct ctx *c, const struct search_entry *entry);
MUST_CHECK enum err search_drop(struct ctx *c, const char *module, const char *object);
/* Objects that have all the words, within the scope of the actor and permission (core/scope.h);
   greatest object first, keyset: before "" for the first page; at most 50. No word: nothing. */
UNTRUSTED MUST_CHECK enum err search_find(struct ctx *c, const char *module, const char *question,
                                          const char *permission, const char *before,
                                          const char **ret_objects, size_t max, size_t *ret_n);

#endif
