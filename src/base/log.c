/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"

enum { LINE_MAX_BYTES = 4096 };

static _Atomic int log_least = LOG_INFO_;

void log_level_set(enum log_level least)
{
    atomic_store(&log_least, (int)least);
}

static size_t log_head(char *line, size_t size, enum log_level level, const char *module,
                       const char *request_id)
{
    static const char *const NAMES[] = {"DEBUG", "INFO", "WARN", "ERROR"};
    int64_t now = sys_now_us();
    struct civil t = civil_from_us(now, 0);
    int micros = (int)(((now % SECOND_US) + SECOND_US) % SECOND_US);
    int len = snprintf(line, size, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ %s %s %s ", t.year, t.month,
                       t.day, t.hour, t.minute, t.second, micros, NAMES[level], module,
                       request_id ? request_id : "-");
    return len < 0 ? 0 : (size_t)len < size ? (size_t)len : size - 1;
}

void log_line(enum log_level level, const char *module, const char *request_id, const char *fmt,
              ...)
{
    if ((int)level < atomic_load(&log_least))
        return;
    char line[LINE_MAX_BYTES];
    size_t room = sizeof line - 1; /* one byte stays for the line feed */
    size_t len = log_head(line, room, level, module, request_id);
    va_list ap;
    va_start(ap, fmt);
    int more = vsnprintf(line + len, room - len, fmt, ap);
    va_end(ap);
    if (more > 0)
        len += (size_t)more < room - len ? (size_t)more : room - len - 1;
    /* One event is one line: what came from outside can't forge a second. */
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = ' ';
    }
    line[len++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, len);
    (void)written; /* a closed stderr mustn't stop the node */
}

char *log_mask(struct arena *a, const char *text)
{
    if (!text)
        return arena_text(a, "-");
    size_t n = text_chars(text);
    size_t head = n >= 10 ? 3 : n >= 5 ? 1 : 0, tail = n >= 10 ? 2 : 0;
    char *masked = arena_alloc(a, strlen(text) + 1), *out = masked;
    size_t at = 0;
    for (const char *p = text; *p; at++) {
        size_t size = 1;
        while (((unsigned char)p[size] & 0xc0) == 0x80)
            size++;
        if (at < head || at >= n - tail) {
            memcpy(out, p, size);
            out += size;
        } else {
            *out++ = '*';
        }
        p += size;
    }
    return masked;
}
