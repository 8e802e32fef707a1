/* SPDX-License-Identifier: Apache-2.0 */
/* multipart/form-data, RFC 7578, as browsers send it: strict in framing, nothing nested. */
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "web/web_call.h"

#define MAX_PARTS     500
#define MAX_PART_HEAD 4096
#define MAX_BOUNDARY  70 /* RFC 2046 section 5.1.1 */

struct scan {
    struct ctx *c;
    struct bytes in;
    size_t at;
    const char *mark; /* "\r\n--boundary" */
    size_t mark_len;
    struct http_header *pairs;
    size_t n_pairs;
    struct upload *uploads;
    size_t n_uploads;
};

static enum err bad(struct scan *s)
{
    return fail(s->c, ERR_BAD_FORM, "");
}

static const char *boundary_of(struct arena *a, const char *type)
{
    const char *at = strcasestr(type, "boundary=");
    if (!at || at == type || !strchr("; \t", at[-1]))
        return NULL;
    at += 9;
    bool quoted = *at == '"';
    at += quoted;
    size_t n = strcspn(at, quoted ? "\"" : "; \t");
    if (n == 0 || n > MAX_BOUNDARY || (quoted && at[n] != '"'))
        return NULL;
    return arena_text_n(a, at, n);
}

/* The parameter of a Content-Disposition: name="..."; browsers write " as %22, CR LF as %0D%0A. */
static const char *parameter(struct arena *a, const char *head, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = strchr(head, ';'); at; at = strchr(at, ';')) {
        at += 1 + strspn(at + 1, " \t");
        if (strncasecmp(at, name, n) == 0 && at[n] == '=' && at[n + 1] == '"') {
            const char *from = at + n + 2, *to = strchr(from, '"');
            return to ? arena_text_n(a, from, (size_t)(to - from)) : NULL;
        }
        if (at[strcspn(at, "\";")] == '"') { /* a quoted value may hold a semicolon */
            const char *open = strchr(at, '"'), *shut = strchr(open + 1, '"');
            if (!shut)
                return NULL;
            at = shut;
        }
    }
    return NULL;
}

static const char *without_escapes(struct arena *a, const char *text)
{
    struct buf b = buf_new(a, MAX_PART_HEAD);
    for (const char *at = text; *at; at++) {
        if (strncmp(at, "%22", 3) == 0) {
            buf_char(&b, '"');
            at += 2;
        } else if (strncasecmp(at, "%0d%0a", 6) == 0) {
            at += 5;
        } else {
            buf_char(&b, *at);
        }
    }
    return b.ptr;
}

const char *upload_name(struct ctx *c, const char *sent)
{
    const char *name = sent, *clean = "";
    for (const char *at = sent; *at; at++) {
        if (*at == '/' || *at == '\\')
            name = at + 1;
    }
    struct buf b = buf_new(c->arena, 1000);
    for (const char *at = name; *at; at++) {
        if ((unsigned char)*at >= 0x20 && *at != 0x7f)
            buf_char(&b, *at);
    }
    size_t before = c->n_faults;
    if (text_clean(c, "", buf_bytes(&b), 200, &clean)) {
        c->n_faults = before; /* an odd name is no reason to refuse the file */
        clean = "";
    }
    return text_empty(clean) || text_starts(clean, "..") ? "file" : clean;
}

struct part {
    const char *name, *file, *type;
};

static enum err head_line(struct scan *s, const char *line, struct part *p)
{
    if (strncasecmp(line, "Content-Disposition:", 20) == 0) {
        const char *value = line + 20 + strspn(line + 20, " \t");
        if (p->name || strncasecmp(value, "form-data;", 10) != 0)
            return bad(s);
        p->name = parameter(s->c->arena, value, "name");
        p->file = parameter(s->c->arena, value, "filename");
        if (!p->name || strlen(p->name) > 100)
            return bad(s);
        p->name = without_escapes(s->c->arena, p->name);
    } else if (strncasecmp(line, "Content-Type:", 13) == 0) {
        p->type = line + 13 + strspn(line + 13, " \t");
    }
    return OK;
}

static enum err part_head(struct scan *s, struct part *p)
{
    for (;;) {
        size_t left = s->in.len - s->at;
        const uint8_t *from = s->in.ptr + s->at;
        const uint8_t *end = memmem(from, left < MAX_PART_HEAD ? left : MAX_PART_HEAD, "\r\n", 2);
        if (!end)
            return bad(s);
        size_t n = (size_t)(end - from);
        s->at += n + 2;
        if (n == 0)
            return p->name ? OK : bad(s);
        if (memchr(from, 0, n) || !text_is_utf8((struct bytes){from, n}))
            return bad(s);
        enum err e = head_line(s, arena_text_n(s->c->arena, (const char *)from, n), p);
        if (e)
            return e;
    }
}

static enum err keep_upload(struct scan *s, const struct part *p, struct bytes content)
{
    if (text_empty(p->file) && content.len == 0)
        return OK; /* a file input left alone */
    if (s->n_uploads == MAX_UPLOADS)
        return fail(s->c, ERR_TOO_MANY_FIELDS, arena_printf(s->c->arena, "%d", MAX_UPLOADS));
    s->uploads[s->n_uploads++] =
        (struct upload){p->name, upload_name(s->c, without_escapes(s->c->arena, p->file)), content,
                        p->type ? p->type : ""};
    return OK;
}

static enum err keep_pair(struct scan *s, const struct part *p, struct bytes content)
{
    if (s->n_pairs == MAX_PARTS)
        return fail(s->c, ERR_TOO_MANY_FIELDS, arena_printf(s->c->arena, "%d", MAX_PARTS));
    if (!text_is_utf8(content) || memchr(content.ptr, 0, content.len))
        return fail(s->c, ERR_BAD_ENCODING, p->name);
    struct buf b = buf_new(s->c->arena, content.len + 1);
    for (size_t i = 0; i < content.len; i++) {
        if (content.ptr[i] != '\r')
            buf_char(&b, (char)content.ptr[i]);
        else if (i + 1 == content.len || content.ptr[i + 1] != '\n')
            buf_char(&b, '\n');
    }
    s->pairs[s->n_pairs++] = (struct http_header){p->name, b.ptr};
    return OK;
}

/* From behind a boundary to behind the next one. */
static enum err one_part(struct scan *s)
{
    struct part p = {0};
    enum err e = part_head(s, &p);
    if (e)
        return e;
    const uint8_t *from = s->in.ptr + s->at;
    const uint8_t *end = memmem(from, s->in.len - s->at, s->mark, s->mark_len);
    if (!end && s->in.len - s->at >= s->mark_len - 2 &&
        memcmp(from, s->mark + 2, s->mark_len - 2) == 0)
        end = from - 2; /* an empty part may end with the blank line's own CR LF */
    if (!end)
        return bad(s);
    struct bytes content = {from, end > from ? (size_t)(end - from) : 0};
    s->at = (size_t)(end - s->in.ptr) + s->mark_len;
    return p.file ? keep_upload(s, &p, content) : keep_pair(s, &p, content);
}

static bool at_text(const struct scan *s, const char *text)
{
    size_t n = strlen(text);
    return s->in.len - s->at >= n && memcmp(s->in.ptr + s->at, text, n) == 0;
}

enum err form_multipart(struct ctx *c, const char *content_type, struct bytes in,
                        struct http_header **ret_pairs, size_t *ret_n, struct upload *ret_uploads,
                        size_t *ret_n_uploads)
{
    const char *boundary = boundary_of(c->arena, content_type);
    struct scan s = {.c = c, .in = in, .uploads = ret_uploads};
    if (!boundary)
        return bad(&s);
    s.mark = arena_printf(c->arena, "\r\n--%s", boundary);
    s.mark_len = strlen(s.mark);
    s.pairs = ARENA_ARRAY(c->arena, MAX_PARTS, struct http_header);
    if (!at_text(&s, s.mark + 2))
        return bad(&s);
    s.at = s.mark_len - 2;
    while (!at_text(&s, "--")) {
        if (!at_text(&s, "\r\n"))
            return bad(&s);
        s.at += 2;
        enum err e = one_part(&s);
        if (e)
            return e;
    }
    *ret_pairs = s.pairs;
    *ret_n = s.n_pairs;
    *ret_n_uploads = s.n_uploads;
    return OK;
}
