/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guard against arbitrary heads. The bytes are taken apart as leniently as the engine does it;
 * whatever the guard then accepts has to satisfy a second, naive reading of the same bytes: each
 * line ends in CRLF and nothing else does, one host, at most one length, or an encoding instead.
 */
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "net/guard.h"
#include "test/fuzz.h"

enum { MAX_BYTES = 4096 };

struct taken { /* apart */
    char block[MAX_BYTES + 1];
    size_t len; /* of the head */
    struct head_field fields[HTTP_MAX_HEADERS];
    struct head head;
};

/* The end of the line at `at`, whatever the engine takes for one; NUL there. */
static char *end_line(char *at, char *end, char **ret_next)
{
    char *eol = at;
    while (eol < end && *eol != '\r' && *eol != '\n')
        eol++;
    if (end - eol < 2)
        return NULL;
    bool two = eol[0] == '\r' && eol[1] == '\n';
    eol[0] = '\0';
    if (two)
        eol[1] = '\0';
    *ret_next = eol + (two ? 2 : 1);
    return eol;
}

static bool take_request_line(struct taken *t, char *end, char **ret_next)
{
    char *line = t->block;
    if (!end_line(line, end, ret_next))
        return false;
    char *target = strchr(line, ' ');
    if (!target)
        return false;
    *target++ = '\0';
    while (*target == ' ')
        target++;
    char *version = strrchr(target, ' ');
    if (!version)
        return false;
    t->head.method = line;
    t->head.target = target;
    t->head.version = version + 1;
    *version = '\0';
    t->head.target_len = strlen(target);
    return true;
}

static bool take_field(struct taken *t, char *line)
{
    char *colon = strchr(line, ':');
    if (!colon || t->head.n_fields == HTTP_MAX_HEADERS)
        return false;
    *colon++ = '\0';
    while (*colon == ' ' || *colon == '\t')
        colon++;
    t->fields[t->head.n_fields++] = (struct head_field){line, colon, strlen(line), strlen(colon)};
    return true;
}

static bool take_apart(struct taken *t, const uint8_t *data, size_t size)
{
    memcpy(t->block, data, size);
    t->block[size] = '\0';
    t->head.fields = t->fields;
    char *end = t->block + size, *at, *next;
    if (!take_request_line(t, end, &at))
        return false;
    for (;; at = next) {
        char *eol = end_line(at, end, &next);
        if (!eol && end - at == 1 && *at == '\n') { /* a last bare LF */
            t->len = size;
            return true;
        }
        if (!eol)
            return false;
        if (eol == at)
            break;
        if (!take_field(t, at))
            return false;
    }
    t->len = (size_t)(next - t->block);
    return true;
}

/* ---- the second reading ---- */

static size_t lines_named(const char *text, const char *name)
{
    size_t n = 0;
    for (const char *p = text; (p = strstr(p, "\r\n")); p += 2)
        n += strncasecmp(p + 2, name, strlen(name)) == 0;
    return n;
}

/* ADR 0002: a NUL before a bare line end is the one thing the engine hides. */
static bool hides(const uint8_t *data, size_t len)
{
    const uint8_t *nul = memchr(data, '\0', len);
    if (!nul)
        return false;
    while (nul < data + len && *nul == '\0')
        nul++;
    ASSERT(nul < data + len && (*nul == '\n' || *nul == '\r'));
    return true;
}

static void agree(const uint8_t *data, size_t len, const struct head_meaning *m)
{
    char text[MAX_BYTES + 1];
    memcpy(text, data, len);
    text[len] = '\0';
    ASSERT(strstr(text, "\r\n\r\n") == text + len - 4);
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\r')
            ASSERT(text[i + 1] == '\n');
        if (text[i] == '\n')
            ASSERT(i && text[i - 1] == '\r' && text[i + 1] != ' ' && text[i + 1] != '\t');
    }
    ASSERT(lines_named(text, "Content-Length:") == (m->has_length ? 1 : 0));
    ASSERT(lines_named(text, "Transfer-Encoding:") == (m->chunked ? 1 : 0));
    ASSERT(!(m->has_length && m->chunked));
    ASSERT(lines_named(text, "Host:") == 1 || strstr(text, " HTTP/1.0\r\n"));
    ASSERT(m->path[0] == '/');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct taken t;
    if (size > MAX_BYTES)
        return 0;
    t.head = (struct head){0};
    if (!take_apart(&t, data, size))
        return 0;
    struct head_meaning m;
    bool exact = block_exact(t.block, t.len, &t.head);
    enum err e = head_check(&t.head, &m);
    if (exact && !e && !hides(data, t.len))
        agree(data, t.len, &m);
    return 0;
}
