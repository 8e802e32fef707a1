/* SPDX-License-Identifier: Apache-2.0 */
/* A port of 127.0.0.1 for one who listens later: nobody else is given it meanwhile. */
#ifndef DINH_HARNESS_PORT_TEST_H
#define DINH_HARNESS_PORT_TEST_H

#include "test/harness/unit.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

/* Bound, and heard by nobody: who calls is refused, who listens with SO_REUSEADDR may. The socket
   to close in the end is in *ret_held. */
static inline int port_held(int *ret_held)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof in;
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    assert_int_equal(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
    assert_int_equal(bind(s, (struct sockaddr *)&in, len), 0);
    assert_int_equal(getsockname(s, (struct sockaddr *)&in, &len), 0);
    *ret_held = s;
    return ntohs(in.sin_port);
}

#endif
