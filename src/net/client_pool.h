/* SPDX-License-Identifier: Apache-2.0 */
/* One curl handle a thread and TLS identity, so that its kept connections never serve another
   identity, authority or pin. Inside of src/net. */
#ifndef DINH_NET_CLIENT_POOL_H
#define DINH_NET_CLIENT_POOL_H

#include <curl/curl.h>

#include "net/client.h"

/* A handle of this thread set up for t (NULL: the system's roots, no certificate of ours). NULL
   when the pin is no fingerprint or memory is refused. */
CURL *client_pool_take(const struct client_tls *t);
/* After the call: forgets pointers into the call, keeps the connections. */
void client_pool_settle(CURL *curl);

#endif
