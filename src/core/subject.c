/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/sys.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/jobs.h"
#include "core/retention.h"
#include "core/subject_inside.h"

#define SEALED_UNDER 2
#define HEAD_LEN     9
#define DETAIL_MAX   2048
#define SPENT_LEN    64

const char *const subject_class_name[SUBJECT_CLASSES] = {"",       "case",  "draft",  "account",
                                                         "record", "looks", "message"};

/* ---- which subject ---- */

struct found {
    int64_t number, destroyed_us;
};

static enum err read_found(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(struct found *)arg = (struct found){row_int(r, 0), row_int(r, 1)};
    return OK;
}

static enum err next_number(struct ctx *c, enum subject_class class, int64_t *ret_number)
{
    const char *scope = subject_class_name[class];
    int64_t serial, last;
    enum err e = counter_next(c, "subject", scope, &serial);
    int64_t number = ((int64_t) class << SUBJECT_SERIAL_BITS) + serial;
    if (e || !subject_gap(c->node, number, &last)) {
        *ret_number = number;
        return e;
    }
    /* A restored older backup counts on where it stood: those numbers were given, and ended. */
    e = db_exec(c, NULL, "UPDATE core_counter SET value = $2 WHERE name = 'subject' AND scope = $1",
                P_TEXT(scope), P_INT(last - ((int64_t) class << SUBJECT_SERIAL_BITS)));
    return e ? e : next_number(c, class, ret_number);
}

enum err subject_make(struct ctx *c, const struct subject_wish *w, int64_t *ret_number)
{
    int64_t number;
    enum err e = next_number(c, w->class, &number);
    if (!e)
        e = db_exec(c, NULL,
                    "INSERT INTO core_subject (number, class, object, kind, person, made_us,"
                    " clock_us, destroyed_us, shredded_us) VALUES ($1, $2, $3, $4, $5, $6, $7, 0,"
                    " 0)",
                    P_INT(number), P_TEXT(subject_class_name[w->class]), P_TEXT(w->object),
                    P_TEXT(w->kind), P_TEXT(w->person ? w->person : ""), P_INT(c->now_us),
                    P_INT(w->clock_us));
    if (!e)
        *ret_number = number;
    return e;
}

enum err subject_of(struct ctx *c, const struct subject_wish *w, int64_t *ret_number)
{
    struct found f;
    bool found;
    enum err e = db_one(c, &found, read_found, &f,
                        "SELECT number, destroyed_us FROM core_subject WHERE class = $1"
                        " AND object = $2",
                        P_TEXT(subject_class_name[w->class]), P_TEXT(w->object));
    if (e)
        return e;
    if (!found)
        return subject_make(c, w, ret_number);
    if (f.destroyed_us)
        return fail(c, ERR_DISPOSED, subject_class_name[w->class], w->object);
    *ret_number = f.number;
    return OK;
}

struct subject_wish subject_of_message(struct ctx *c, const char *matter, const char *id)
{
    return (struct subject_wish){.class = SUBJECT_MESSAGE,
                                 .object = text_empty(matter) ? id : matter,
                                 .kind = "message",
                                 .clock_us = c->now_us};
}

/* ---- sealing ---- */

enum subject_class subject_class_of(int64_t number)
{
    return (enum subject_class)(number >> SUBJECT_SERIAL_BITS);
}

int64_t subject_sealed_under(struct bytes sealed)
{
    uint64_t number = 0;
    if (sealed.len <= HEAD_LEN || sealed.ptr[0] != SEALED_UNDER)
        return 0;
    for (int i = 1; i < HEAD_LEN; i++)
        number = number << 8 | sealed.ptr[i];
    return number <= KEYTREE_MAX ? (int64_t)number : 0;
}

static const char *place_of(struct ctx *c, const char *aad, int64_t number)
{
    return arena_printf(c->arena, "%s|%" PRId64, aad, number);
}

static enum err gone(struct ctx *c, int64_t number)
{
    return fail(c, ERR_DISPOSED, "subject", arena_printf(c->arena, "%" PRId64, number));
}

static struct bytes with_head(struct ctx *c, int64_t number, struct bytes inner)
{
    uint8_t *out = arena_alloc(c->arena, HEAD_LEN + inner.len);
    out[0] = SEALED_UNDER;
    for (int i = 1; i < HEAD_LEN; i++)
        out[i] = (uint8_t)((uint64_t)number >> (64 - 8 * i));
    memcpy(out + HEAD_LEN, inner.ptr, inner.len);
    return (struct bytes){out, HEAD_LEN + inner.len};
}

enum err subject_seal(struct ctx *c, int64_t number, const char *aad, struct bytes plain,
                      struct bytes *ret_sealed)
{
    struct sha256 key;
    if (!subject_key(c, number, &key))
        return gone(c, number);
    struct bytes inner =
        seal(c->arena, (struct bytes){key.b, SHA256_LEN}, place_of(c, aad, number), plain);
    explicit_bzero(&key, sizeof key);
    *ret_sealed = with_head(c, number, inner);
    return OK;
}

/* Of a key that nobody has. */
static enum err seal_away(struct ctx *c, const struct subject_wish *w, struct bytes *ret_sealed)
{
    uint8_t noise[SPENT_LEN];
    int64_t number;
    ctx_clear_faults(c);
    enum err e =
        db_int(c, &number, "SELECT number FROM core_subject WHERE class = $1 AND object = $2",
               P_TEXT(subject_class_name[w->class]), P_TEXT(w->object));
    sys_random(noise, sizeof noise);
    if (!e)
        *ret_sealed = with_head(c, number, (struct bytes){noise, sizeof noise});
    return e;
}

enum err subject_seal_late(struct ctx *c, const struct subject_wish *w, const char *aad,
                           struct bytes plain, struct bytes *ret_sealed)
{
    int64_t number;
    enum err e = subject_of(c, w, &number);
    if (!e)
        e = subject_seal(c, number, aad, plain, ret_sealed);
    return e == ERR_DISPOSED ? seal_away(c, w, ret_sealed) : e;
}

enum err subject_open(struct ctx *c, enum secret_use use, const char *aad, struct bytes sealed,
                      struct bytes *ret_plain)
{
    int64_t number = subject_sealed_under(sealed);
    struct sha256 key;
    if (!number)
        return secret_open(c, use, aad, sealed, ret_plain);
    if (!subject_key(c, number, &key))
        return gone(c, number);
    bool good = seal_open(c->arena, (struct bytes){key.b, SHA256_LEN}, place_of(c, aad, number),
                          (struct bytes){sealed.ptr + HEAD_LEN, sealed.len - HEAD_LEN}, ret_plain);
    explicit_bzero(&key, sizeof key);
    return good ? OK : fail(c, ERR_SEALED, aad);
}

enum err subject_seal_text(struct ctx *c, int64_t number, const char *aad, const char *text,
                           struct bytes *ret_sealed)
{
    *ret_sealed = (struct bytes){NULL, 0};
    return text_empty(text) ? OK : subject_seal(c, number, aad, bytes_of(text), ret_sealed);
}

enum err subject_open_text(struct ctx *c, enum secret_use use, const char *aad, struct bytes sealed,
                           const char **ret_text)
{
    struct bytes plain = {NULL, 0};
    enum err e = sealed.len ? subject_open(c, use, aad, sealed, &plain) : OK;
    *ret_text = e || !plain.len ? "" : arena_text_n(c->arena, (const char *)plain.ptr, plain.len);
    return e;
}

bool subject_lives(const struct ctx *c, int64_t number)
{
    int64_t last;
    return !number || !subject_gap(c->node, number, &last);
}

/* ---- the end ---- */

enum err subject_clock(struct ctx *c, enum subject_class class, const char *object,
                       const char *kind)
{
    return db_exec(c, NULL,
                   "UPDATE core_subject SET clock_us = $3, kind = coalesce($4, kind)"
                   " WHERE class = $1 AND object = $2 AND destroyed_us = 0",
                   P_TEXT(subject_class_name[class]), P_TEXT(object), P_INT(c->now_us),
                   P_TEXT(kind));
}

enum err subject_unclock(struct ctx *c, enum subject_class class, const char *object)
{
    return db_exec(c, NULL,
                   "UPDATE core_subject SET clock_us = 0 WHERE class = $1 AND object = $2"
                   " AND destroyed_us = 0",
                   P_TEXT(subject_class_name[class]), P_TEXT(object));
}

static subject_end_fn on_end[SUBJECT_CLASSES];

void subject_on_end(enum subject_class class, subject_end_fn fn)
{
    on_end[class] = fn;
}

struct ended {
    const char *class, *object;
    int64_t destroyed_us;
};

static enum err read_ended(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(struct ended *)arg = (struct ended){row_text(r, 0), row_text(r, 1), row_int(r, 2)};
    return OK;
}

enum err subject_destroy(struct ctx *c, int64_t number, const char *law)
{
    struct ended s;
    bool found;
    const char *id = arena_printf(c->arena, "%" PRId64, number);
    enum err e = db_one(c, &found, read_ended, &s,
                        "SELECT class, object, destroyed_us FROM core_subject WHERE number = $1",
                        P_INT(number));
    if (e || (found && s.destroyed_us))
        return e;
    if (!found)
        return fail(c, ERR_NOT_FOUND, "subject", id);
    const char *hold;
    e = hold_on(c, number, &hold);
    if (e || *hold)
        return e ? e : fail(c, ERR_HELD, s.object, s.object, hold);
    e = db_exec(c, NULL, "UPDATE core_subject SET destroyed_us = $2 WHERE number = $1",
                P_INT(number), P_INT(c->now_us));
    subject_end_fn fn = on_end[subject_class_of(number)];
    if (!e && fn)
        e = fn(c, s.object);
    struct buf b = buf_new(c->arena, DETAIL_MAX);
    buf_text(&b, "{\"class\":");
    buf_json(&b, s.class);
    buf_text(&b, ",\"law\":");
    buf_json(&b, law);
    buf_text(&b, ",\"of\":");
    buf_json(&b, s.object);
    buf_text(&b, "}");
    if (!e)
        e = audit_write(c, &(struct audit_act){"subject.destroy", "subject", id, b.ptr});
    return e;
}

enum err subject_destroy_of(struct ctx *c, enum subject_class class, const char *object,
                            const char *law)
{
    int64_t number;
    enum err e =
        db_int(c, &number, "SELECT number FROM core_subject WHERE class = $1 AND object = $2",
               P_TEXT(subject_class_name[class]), P_TEXT(object));
    return e || !number ? e : subject_destroy(c, number, law);
}
