/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"

_Static_assert(PIPE_BUF >= 4096, "a line is one piece");
enum { LINE_MAX_BYTES = 4096, WORD_MAX_BYTES = 256 /* of a module's name, of a request's id */ };

static _Atomic int log_least = LOG_INFO_;

void log_level_set(enum log_level least)
{
    atomic_store(&log_least, (int)least);
}

static char *put_text(char *at, const char *text)
{
    size_t len = strnlen(text, WORD_MAX_BYTES);
    memcpy(at, text, len);
    return at + len;
}

/* width digits of value, then one character. */
static char *put_digits(char *at, int value, int width, char then)
{
    for (int i = width; i-- > 0; value /= 10)
        at[i] = (char)('0' + value % 10);
    at[width] = then;
    return at + width + 1;
}

/* Each line pays for this head, so it is written without a format. */
static size_t log_head(char *line, enum log_level level, const char *module, const char *request_id)
{
    static const char *const NAMES[] = {"DEBUG ", "INFO ", "WARN ", "ERROR "};
    int64_t now = sys_now_us();
    struct civil t = civil_from_us(now, 0);
    int micros = (int)(((now % SECOND_US) + SECOND_US) % SECOND_US);
    char *at = put_digits(line, t.year, 4, '-');
    at = put_digits(at, t.month, 2, '-');
    at = put_digits(at, t.day, 2, 'T');
    at = put_digits(at, t.hour, 2, ':');
    at = put_digits(at, t.minute, 2, ':');
    at = put_digits(at, t.second, 2, '.');
    at = put_digits(at, micros, 6, 'Z');
    *at++ = ' ';
    at = put_text(at, NAMES[level]);
    at = put_text(at, module);
    *at++ = ' ';
    at = put_text(at, request_id ? request_id : "-");
    *at++ = ' ';
    return (size_t)(at - line);
}

/* ---- gathered lines ---- */

static pthread_mutex_t gather_lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic bool gathering;
static char gathered[PIPE_BUF]; /* a pipe shared with other processes keeps such a piece whole */
static size_t n_gathered;

static void write_out(const char *text, size_t len)
{
    ssize_t written = len ? write(STDERR_FILENO, text, len) : 0;
    (void)written; /* a closed stderr mustn't stop the node */
}

/* Lock held. What was gathered goes to out; the caller writes it when the lock is free again. */
static size_t take_gathered(char *out)
{
    size_t n = n_gathered;
    memcpy(out, gathered, n);
    n_gathered = 0;
    return n;
}

static void gather(const char *line, size_t len, bool now)
{
    NO_INIT char out[sizeof gathered];
    size_t n_out = 0;
    pthread_mutex_lock(&gather_lock);
    if (now || len > sizeof gathered - n_gathered)
        n_out = take_gathered(out);
    if (!now) {
        memcpy(gathered + n_gathered, line, len);
        n_gathered += len;
    }
    pthread_mutex_unlock(&gather_lock);
    write_out(out, n_out);
    if (now)
        write_out(line, len);
}

void log_gather(void)
{
    atomic_store(&gathering, true);
}

void log_flush(void)
{
    NO_INIT char out[sizeof gathered];
    pthread_mutex_lock(&gather_lock);
    size_t n = take_gathered(out);
    pthread_mutex_unlock(&gather_lock);
    write_out(out, n);
}

/* ---- a line ---- */

/* One event is one line: what came from outside can't forge a second. */
static void put_line(enum log_level level, char *line, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char ch = (unsigned char)line[i];
        line[i] = ch < 0x20 || ch == 0x7f ? ' ' : line[i];
    }
    line[len++] = '\n'; /* one byte stayed for it */
    if (atomic_load_explicit(&gathering, memory_order_relaxed))
        gather(line, len, level >= LOG_WARN_);
    else
        write_out(line, len);
}

void log_line(enum log_level level, const char *module, const char *request_id, const char *fmt,
              ...)
{
    if ((int)level < atomic_load_explicit(&log_least, memory_order_relaxed))
        return;
    NO_INIT char line[LINE_MAX_BYTES];
    size_t room = sizeof line - 1, len = log_head(line, level, module, request_id);
    va_list ap;
    va_start(ap, fmt);
    int more = vsnprintf(line + len, room - len, fmt, ap);
    va_end(ap);
    if (more > 0)
        len += (size_t)more < room - len ? (size_t)more : room - len - 1;
    put_line(level, line, len);
}

void log_text(enum log_level level, const char *module, const char *request_id, struct bytes text)
{
    if ((int)level < atomic_load_explicit(&log_least, memory_order_relaxed))
        return;
    NO_INIT char line[LINE_MAX_BYTES];
    size_t len = log_head(line, level, module, request_id), room = sizeof line - 1 - len;
    size_t more = text.len < room ? text.len : room;
    memcpy(line + len, text.ptr, more);
    put_line(level, line, len + more);
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
