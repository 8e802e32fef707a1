/* SPDX-License-Identifier: Apache-2.0 */
/* One line an event on stderr: time level module request-id message, key=value. Personal data is
   masked by the caller's shape or by log_mask; nothing else may be passed. Control characters
   become blanks; past 4 KiB the line is cut. */
#ifndef DINH_BASE_LOG_H
#define DINH_BASE_LOG_H

#include "base/ctx.h"

enum log_level { LOG_DEBUG_, LOG_INFO_, LOG_WARN_, LOG_ERROR_ };

void log_level_set(enum log_level least);
void log_line(enum log_level level, const char *module, const char *request_id, const char *fmt,
              ...) PRINTF_LIKE(4, 5);
/* The same with a text made before, for what is said at every request: no format to read. */
void log_text(enum log_level level, const char *module, const char *request_id, struct bytes text);
#define log_info(module, ...)  log_line(LOG_INFO_, (module), "-", __VA_ARGS__)
#define log_warn(module, ...)  log_line(LOG_WARN_, (module), "-", __VA_ARGS__)
#define log_error(module, ...) log_line(LOG_ERROR_, (module), "-", __VA_ARGS__)
/* From now on lines below LOG_WARN_ wait for others to be written with: until 4 KiB are full, a
   warning comes or log_flush is called. Who turns this on flushes several times a second and at
   the end; a killed process loses what waited. */
void log_gather(void);
void log_flush(void);
/* "046194000123" becomes "046*******23"; 5 to 9 characters keep the first, fewer none. */
char *log_mask(struct arena *a, const char *text);

#endif
