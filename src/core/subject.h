/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key for what is thrown away together (docs/adr/0008): a dossier with all its rows and papers, a
 * draft, an account, a register's record, a person's log of a year. Sealing under it binds table,
 * column, row and subject; destroying the key destroys the data wherever a copy lies, in backups
 * too. Keys follow from the subject's number by the node's key tree (crypto/keytree.h), mixed with
 * a key of secrets.h: neither the database nor an ordinary backup holds them, and neither the
 * tree's file nor the root key alone gives one.
 *
 * Sealed: byte 2, the number (8 bytes), then as crypto's seal(). Byte 1 is what was sealed under a
 * column's key before: it still opens. Opening asks no database.
 */
#ifndef DINH_CORE_SUBJECT_H
#define DINH_CORE_SUBJECT_H

#include "core/secrets.h"

enum subject_class { /* numbers stay: they are the upper bits of subjects' numbers */
                     SUBJECT_CASE = 1,
                     SUBJECT_DRAFT,
                     SUBJECT_ACCOUNT,
                     SUBJECT_RECORD,
                     SUBJECT_LOOKS,
                     SUBJECT_MESSAGE,
                     SUBJECT_CLASSES
};
extern const char *const subject_class_name[SUBJECT_CLASSES]; /* "case" ... */

/* ---- at start; write transaction ---- */
/* Reads keys/subjects.key, or makes it when nobody has a key yet. What the database says is
   destroyed is taken out, what the file says is out is marked so (a restored older backup).
   ERR_SUBJECT_KEYS names the file: gone, or of another root key. */
MUST_CHECK enum err subjects_start(struct ctx *c, struct node *n);
void subjects_stop(struct node *n); /* wipes the keys; started or not */

/* ---- which subject ---- */
struct subject_wish {
    enum subject_class class;
    const char *object; /* dossier code ...; unique within the class */
    const char *kind;   /* what its retention goes by: "1.001193" */
    const char *person; /* token; NULL or "": unknown */
    int64_t clock_us;   /* a new one's retention counts from; 0: not yet */
};
/* Of bodies that agencies send each other: by their matter, else the message's own. */
struct subject_wish subject_of_message(struct ctx *c, const char *matter, const char *id);
/* Write transaction. ERR_DISPOSED: it was destroyed; an object is never given a second key. */
MUST_CHECK enum err subject_make(struct ctx *c, const struct subject_wish *w, int64_t *ret_number);
/* The one there is, else a new one. */
MUST_CHECK enum err subject_of(struct ctx *c, const struct subject_wish *w, int64_t *ret_number);
enum subject_class subject_class_of(int64_t number);
/* The subject something was sealed under; 0: a column's key, or nothing there. */
int64_t subject_sealed_under(struct bytes sealed);

/* ---- sealing; number: from above ---- */
MUST_CHECK enum err subject_seal(struct ctx *c, int64_t number, const char *aad, struct bytes plain,
                                 struct bytes *ret_sealed);
/* use: for what was sealed before subjects were. ERR_DISPOSED: the key is destroyed; ERR_SEALED. */
MUST_CHECK enum err subject_open(struct ctx *c, enum secret_use use, const char *aad,
                                 struct bytes sealed, struct bytes *ret_plain);
/* Something of before subjects had keys, under its own now, made when there is none. One that was
   destroyed meanwhile: bytes that nobody opens, as its key would have left them. Write transaction.
 */
MUST_CHECK enum err subject_seal_late(struct ctx *c, const struct subject_wish *w, const char *aad,
                                      struct bytes plain, struct bytes *ret_sealed);
/* Texts, as secret_seal_text(): an empty one gives no bytes. */
MUST_CHECK enum err subject_seal_text(struct ctx *c, int64_t number, const char *aad,
                                      const char *text, struct bytes *ret_sealed);
MUST_CHECK enum err subject_open_text(struct ctx *c, enum secret_use use, const char *aad,
                                      struct bytes sealed, const char **ret_text);
/* Does its key still follow? Asks no database. */
bool subject_lives(const struct ctx *c, int64_t number);

/* ---- the end ---- */
/* Retention counts from c->now_us on; kind: NULL leaves what was said. Write transaction. */
MUST_CHECK enum err subject_clock(struct ctx *c, enum subject_class class, const char *object,
                                  const char *kind);
/* In use again: the clock stands. Write transaction. */
MUST_CHECK enum err subject_unclock(struct ctx *c, enum subject_class class, const char *object);
/* Decided and in the audit trail; the key goes within seconds, by the job core.subjects.
   law: why. Write transaction. ERR_NOT_FOUND; ERR_HELD: a legal hold is on it
   (core/retention.h). Destroyed already: nothing more. */
MUST_CHECK enum err subject_destroy(struct ctx *c, int64_t number, const char *law);
/* By its object; none: nothing to destroy. */
MUST_CHECK enum err subject_destroy_of(struct ctx *c, enum subject_class class, const char *object,
                                       const char *law);
/* What a module takes away with it, of its own tables: words it was found by. At start; one a
   class, in the transaction that decides. */
typedef enum err (*subject_end_fn)(struct ctx *c, const char *object);
void subject_on_end(enum subject_class class, subject_end_fn fn);
/* The job: takes the keys of the destroyed out of the tree, then notes it. Killed anywhere, the
   next round does what is left. Outside any transaction. */
MUST_CHECK enum err subjects_shred(struct ctx *c);

/* For backups: keys/subjects.key, the one file of keys/ that belongs into none of them. */
#define SUBJECTS_FILE "subjects.key"

#endif
