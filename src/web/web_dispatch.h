/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of web/: a call from its body to its reply. */
#ifndef DINH_WEB_WEB_DISPATCH_H
#define DINH_WEB_WEB_DISPATCH_H

#include "web/web_call.h"

void call_run(struct call *k); /* on an event thread or a worker: everything before the writer */

#endif
