/* SPDX-License-Identifier: Apache-2.0 */
#include "base/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { V6_BYTES = 16, OWNED_BY_SUBSCRIBER = 8 };

void address_source(const char *address, char ret_source[ADDRESS_SOURCE_MAX])
{
    static const unsigned char v4_in_v6[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    unsigned char ip[V6_BYTES];
    if (inet_pton(AF_INET6, address, ip) != 1) {
        snprintf(ret_source, ADDRESS_SOURCE_MAX, "%s", address);
        return;
    }
    bool v4 = memcmp(ip, v4_in_v6, sizeof v4_in_v6) == 0;
    if (!v4)
        memset(ip + OWNED_BY_SUBSCRIBER, 0, V6_BYTES - OWNED_BY_SUBSCRIBER);
    if (!inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? ip + sizeof v4_in_v6 : ip, ret_source,
                   ADDRESS_SOURCE_MAX))
        snprintf(ret_source, ADDRESS_SOURCE_MAX, "%s", address);
}
