/* SPDX-License-Identifier: Apache-2.0 */
#include "core/opener.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/sandbox.h"
#include "base/sys.h"
#include "base/text.h"
#include "core/files.h"
#include "core/picture.h"

#define MIB             ((size_t)1048576)
#define MAX_BYTES       (11 * MIB)  /* of an upload, and of what becomes of it */
#define WALK_BYTES      (320 * MIB) /* address space beside what is mapped at the start */
#define CONVERT_BYTES   (900 * MIB)
#define WALK_SECONDS    2 /* of computing */
#define CONVERT_SECONDS 8
#define BEGIN_US        INT64_C(5000000)
#define DEADLINE_US     INT64_C(10000000)

#define HEIC "image/heic"
#define ZIP  "application/zip"
#define XML  "text/xml"
#define JPEG "image/jpeg"

/* ---- in the child ---- */

static const char *type_of_all; /* what this process is for */

#ifndef DINH_SANITIZE /* whose shadow is larger than any limit */
/* Bytes of address space in use: the first figure of /proc/self/statm, in pages. */
static size_t mapped(struct ctx *c)
{
    struct bytes in;
    int64_t pages = 0;
    size_t n;
    if (sys_read_file(c, "/proc/self/statm", 1000, &in) == OK) {
        const char *text = arena_text_n(c->arena, (const char *)in.ptr, in.len);
        if (!text_to_int(text_split(c->arena, text, ' ', &n)[0], &pages))
            pages = 0;
    }
    ctx_clear_faults(c);
    return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

static bool limit_space(struct ctx *c, size_t bytes)
{
    const rlim_t most = mapped(c) + bytes;
    return setrlimit(RLIMIT_AS, &(struct rlimit){most, most}) == 0;
}
#else
static bool limit_space(struct ctx *c, size_t bytes)
{
    (void)c, (void)bytes;
    return true;
}
#endif

static bool limit(struct ctx *c, size_t bytes, rlim_t seconds)
{
    const struct rlimit cpu = {seconds, seconds};
    return limit_space(c, bytes) && setrlimit(RLIMIT_CPU, &cpu) == 0;
}

static enum err begin(struct ctx *c, struct bytes hello, struct buf *out)
{
    static const char *const types[] = {JPEG, "image/png", "application/pdf", HEIC, ZIP, XML};
    (void)out;
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (hello.len == strlen(types[i]) && memcmp(hello.ptr, types[i], hello.len) == 0)
            type_of_all = types[i];
    bool heic = text_eq(type_of_all, HEIC);
    bool xml = text_eq(type_of_all, ZIP) || text_eq(type_of_all, XML);
    if (!type_of_all || (heic && !opener_heic_load()) || (xml && !opener_xml_load()))
        return fail(c, ERR_FILE_TYPE, "");
    bool limited =
        limit(c, heic ? CONVERT_BYTES : WALK_BYTES, heic ? CONVERT_SECONDS : WALK_SECONDS);
    return limited ? OK : fail(c, ERR_CHILD, "opener");
}

static bool confine(void)
{
    static const char *const threads[] = {"clone", NULL}; /* the HEVC decoder's */
    return sandbox_child(text_eq(type_of_all, HEIC) ? threads : NULL);
}

/* Test builds take files that misbehave on purpose. */
static void misbehave(struct bytes in)
{
#ifdef DINH_FAULTS
    static volatile char last;
    if (memmem(in.ptr, in.len, "dinh-test-crash", 15))
        abort();
    if (memmem(in.ptr, in.len, "dinh-test-call", 14))
        last = (char)access("/etc/passwd", R_OK);
    while (memmem(in.ptr, in.len, "dinh-test-hang", 14))
        last = 1;
    (void)last;
#else
    (void)in;
#endif
}

/* Answered by its type alone: the file stays as it came. */
static enum err open_office(struct ctx *c, struct bytes in, struct buf *out)
{
    const char *type;
    enum err e = opener_zip(c, in, &type);
    if (!e)
        buf_text(out, type);
    return e;
}

static enum err open_as(struct ctx *c, const char *type, struct bytes in, struct buf *out)
{
    struct bytes clean = in;
    enum err e = OK;
    if (text_eq(type, HEIC))
        return opener_heic(c, in, out);
    if (text_eq(type, ZIP))
        return open_office(c, in, out);
    if (text_eq(type, XML))
        e = opener_xml(c, in);
    else if (text_eq(type, "application/pdf"))
        e = opener_pdf(c, in);
    else if (!(text_eq(type, JPEG) ? jpeg_strip(c->arena, in, &clean)
                                   : png_strip(c->arena, in, &clean)))
        e = fail(c, ERR_FILE_TYPE, "");
    if (!e)
        buf_add(out, clean.ptr, clean.len);
    return e;
}

static enum err answer(struct ctx *c, struct bytes in, struct buf *out)
{
    misbehave(in);
    return open_as(c, type_of_all, in, out);
}

const struct child_wish opener_wish = {.name = "opener",
                                       .max_request_bytes = MAX_BYTES,
                                       .max_answer_bytes = MAX_BYTES,
                                       .begin_us = BEGIN_US,
                                       .deadline_us = DEADLINE_US,
                                       .batch = 1,
                                       .begin = begin,
                                       .confine = confine,
                                       .answer = answer};

/* ---- in the node ---- */

static enum err ask_once(struct ctx *c, const char *type, struct bytes in, struct bytes *ret,
                         bool *ret_there)
{
    struct child *ch;
    struct bytes nothing;
    enum err e = child_start(c, &opener_wish, bytes_of(type), &ch, &nothing);
    *ret_there = !e;
    if (e)
        return e;
    e = child_ask(c, ch, in, ret);
    child_end(ch);
    return e;
}

/* A process may end for many reasons; two that end over the same file end because of it. Who was
   late isn't asked again. */
static enum err ask(struct ctx *c, const char *type, struct bytes in, struct bytes *ret)
{
    bool there;
    int64_t until_us = sys_mono_us() + DEADLINE_US / 2;
    enum err e = ask_once(c, type, in, ret, &there);
    if (e == ERR_CHILD && sys_mono_us() < until_us) {
        ctx_clear_faults(c);
        e = ask_once(c, type, in, ret, &there);
    }
    if (e != ERR_CHILD || !there)
        return e;
    ctx_clear_faults(c);
    return fail(c, ERR_FILE_UNREADABLE, "");
}

static enum err open_here(struct ctx *c, const char *type, struct bytes in, struct bytes *ret)
{
    struct buf out = buf_new(c->arena, MAX_BYTES);
    if (text_eq(type, HEIC) || text_eq(type, ZIP) || text_eq(type, XML))
        return fail(c, ERR_FILE_TYPE, "");
    enum err e = open_as(c, type, in, &out);
    *ret = buf_bytes(&out);
    return e;
}

enum err opener_open(struct ctx *c, const char *field, const char *type, struct bytes in,
                     const char **ret_type, struct bytes *ret_out)
{
    size_t before = c->n_faults;
    enum err e = children_can() ? ask(c, type, in, ret_out) : open_here(c, type, in, ret_out);
    if (e) {
        c->n_faults = c->n_faults < before ? c->n_faults : before;
        return fail(c, e, field);
    }
    *ret_type = text_eq(type, HEIC) ? JPEG : type;
    if (!text_eq(type, ZIP))
        return OK;
    *ret_type = file_office(*ret_out);
    *ret_out = in;
    return *ret_type ? OK : fail(c, ERR_FILE_UNREADABLE, field);
}
