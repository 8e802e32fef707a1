/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known: registers of typed records defined by JSON (country/vn/registers). Records are
 * bitemporal (the time a fact held, the time we knew it): nothing is overwritten, a correction is a
 * new version. Personal fields are sealed with keys outside the database; equality and name search
 * go over blind tokens. Every read of a person writes that person's access line: there is no other
 * read path. Law: NĐ 47/2020/NĐ-CP (data sharing), Luật Hộ tịch 2014, NĐ 13/2023 (personal data).
 */
#ifndef DINH_ENGINE_REGISTRY_H
#define DINH_ENGINE_REGISTRY_H

#include "core/module.h"

extern const struct module registry_module;

struct registry; /* one register's definition */
struct registry_record {
    const char *id;                        /* 26 characters */
    int64_t version;                       /* 1, 2, ... */
    int64_t valid_from_us, valid_until_us; /* when the fact held; until 0 = open */
    int64_t known_us;                      /* when this version was entered */
    const char *reason; /* of the version: key of a text, or what an official wrote */
    bool cancelled;     /* the entry was revoked; kept for ever */
    void *data;         /* laid out by registry_shape() */
};
/* NULL when this node doesn't hold it. */
const struct registry *registry_find(const struct ctx *c, const char *name);
const struct shape *registry_shape(const struct registry *r);
void *registry_blank(struct arena *a, const struct registry *r);

/* A new record; unique fields that clash: ERR_REGISTERED names the field. Write transaction. */
MUST_CHECK enum err registry_add(struct ctx *c, const struct registry *r, void *data,
                                 int64_t valid_from_us, const char *reason, const char **ret_id);
/* A new version of the record when its version is still expected (else ERR_CONFLICT). */
MUST_CHECK enum err registry_change(struct ctx *c, const struct registry *r, const char *id,
                                    int64_t expected_version, void *data, int64_t valid_from_us,
                                    const char *reason);
MUST_CHECK enum err registry_cancel(struct ctx *c, const struct registry *r, const char *id,
                                    const char *reason);
/* Reads: each notes access for the subject (definition's "subject" field) with c->purpose, which
   must be one the definition allows (ERR_PURPOSE). */
MUST_CHECK enum err registry_get(struct ctx *c, const struct registry *r, const char *id,
                                 struct registry_record *ret);
/* As known at known_us of the fact valid at valid_us; 0 = now. */
MUST_CHECK enum err registry_get_at(struct ctx *c, const struct registry *r, const char *id,
                                    int64_t valid_us, int64_t known_us,
                                    struct registry_record *ret);
/* All versions, newest first, at most max; the reading of each person it is about is noted. */
MUST_CHECK enum err registry_versions(struct ctx *c, const struct registry *r, const char *id,
                                      struct registry_record *ret, size_t max, size_t *ret_n);
/* By a field with "search": "equal"; ERR_NOT_FOUND. */
MUST_CHECK enum err registry_by(struct ctx *c, const struct registry *r, const char *field,
                                const char *value, struct registry_record *ret);
/* By words of the "name" fields, marks or no marks; keyset after id; at most 50. */
MUST_CHECK enum err registry_search(struct ctx *c, const struct registry *r, const char *words,
                                    const char *after_id, struct registry_record *ret, size_t max,
                                    size_t *ret_n);
/* Exists a current record with these equal fields? No data leaves, no line is written. */
MUST_CHECK enum err registry_exists(struct ctx *c, const struct registry *r,
                                    const char *const *field_value_pairs, bool *ret_exists);
MUST_CHECK enum err registry_count(struct ctx *c, const struct registry *r, int64_t *ret_n);

struct registry_report {
    int64_t versions;    /* of all registers, looked at */
    const char *problem; /* of the first version that isn't as it was entered; "" when all are */
};
/* Holds every version of every register against the trail: changed, missing, entered past it, or
   not marked as the newest. Versions of before the trail told digests are only counted. Read. */
MUST_CHECK enum err registry_verify(struct ctx *c, struct registry_report *ret_report);

/* ---- the desk: an official looks something up, after saying why and for which case ---- */
struct registry_desk {
    const char *path;           /* of its search page, "/dan-cu" */
    const char *const *numbers; /* fields a search of one word goes by first; NULL-terminated */
    const char *const *columns; /* shown beside the title in the list; NULL-terminated */
};
struct req;
/* Prepare step of both pages: a case of an agency on another node is asked for there. */
enum err registry_desk_prepare(struct ctx *c, struct req *r, const struct registry *g);
/* GET path?purpose=&matter=&hoi=&after=: the list, each row a reading of its person. Purposes
   are the definition's for the actor's unit; without purpose or matter, or with a matter that
   isn't what the purpose asks for (core/matter.h), the page says so (422). */
enum err registry_desk_search(struct ctx *c, struct req *r, const struct registry *g,
                              const struct registry_desk *d);
/* The form of the same page, refused (POST path, web_ask): shown again. */
enum err registry_desk_again(struct ctx *c, struct req *r, const struct registry *g,
                             const struct registry_desk *d);
/* GET path/{id}?purpose=&matter=: one record with its versions. */
enum err registry_desk_record(struct ctx *c, struct req *r, const struct registry *g,
                              const struct registry_desk *d);
/* The same for a page that has purpose and matter already. */
enum err registry_record_page(struct ctx *c, struct req *r, const struct registry *g,
                              const char *id, const char *caption, const char *back);
extern const struct shape registry_asking_shape, registry_desk_shape, registry_record_shape;

#endif
