/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The matter for which an official reads people's data. A case must be there, be open and be one
 * that the official's unit works on; modules that know cases (dossiers, copies of other agencies',
 * cards issued for them) each add a way to find them. Where the law asks for a decision or a plan
 * instead, its number must have the form of one. Law: NĐ 13/2023/NĐ-CP art. 3 (purpose), 17.5.
 */
#ifndef DINH_CORE_MATTER_H
#define DINH_CORE_MATTER_H

#include "core/node.h"

enum matter_kind { /* what a purpose asks for: country/vn/registers, purposes[].matter */
                   MATTER_CASE,  /* "case": a dossier, open, of the official's unit */
                   MATTER_PAPER, /* "paper": number and symbol of a document, as "12/QĐ-TTr" (NĐ
                                    30/2020) */
                   MATTER_NONE   /* "none": the purpose's law asks for neither */
};
/* "case", "paper", "none"; false for anything else. */
bool matter_kind_named(const char *name, enum matter_kind *ret_kind);

struct matter_case {
    const char *unit; /* agency code that works on it */
    bool open;
};
/* In a read snapshot: the case of that code; ret_found false when the module doesn't know it. */
typedef enum err (*matter_finder)(struct ctx *c, const char *code, bool *ret_found,
                                  struct matter_case *ret);
/* From a module's start; the same one twice counts once. */
void matter_found_by(matter_finder fn);

/* The same search for others: what this node knows of that case. In a transaction. */
MUST_CHECK enum err matter_find(struct ctx *c, const char *code, bool *ret_found,
                                struct matter_case *ret);

/* A case of an agency whose cases lie with another node: that node is asked and signs its word,
   which holds for one request. */
enum matter_word {
    MATTER_UNASKED, /* the case lies here, or that agency is no member of the federation */
    MATTER_OPEN,    /* there, open and of a unit that the post reaches */
    MATTER_ENDED,
    MATTER_UNKNOWN, /* not there, or another unit's */
    MATTER_AWAY,    /* no answer: what they told before counts (status copies), if they did */
    MATTER_UNSAID   /* they don't tell us: no right, or an answer that can't be read */
};
typedef enum err (*matter_asker)(struct ctx *c, const char *agency, const char *code,
                                 enum matter_word *ret_word, struct matter_case *ret);
void matter_asked_by(matter_asker fn); /* engine/exchange, at its start */
/* In a prepare step, never in a transaction: asks the agency of the actor's unit. */
MUST_CHECK enum err matter_ask(struct ctx *c, const char *code, enum matter_word *ret_word);

/* May the actor, an official, read for it? ERR_MATTER: no such case among those of the units that
   the post reaches (another unit's is told by the same words); ERR_MATTER_CLOSED: it has ended;
   ERR_MATTER_PAPER: not the form of a document's number; ERR_MATTER_AWAY: its agency could not
   confirm it and had told nothing before. said: of matter_ask, for this request. The fault names
   field. In a transaction. */
MUST_CHECK enum err matter_check(struct ctx *c, const char *field, enum matter_kind kind,
                                 const char *matter, enum matter_word said);
/* "12/QĐ-TTr", "123/2026/KH-UBND": number, perhaps a year, symbol with a hyphen. */
UNTRUSTED bool matter_is_paper(const char *text);

#endif
