/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose an address of the Internet is. What is counted for a source (rates, lines, room) is counted
 * for who has the address: an IPv4 address for itself, also written within IPv6 (::ffff:a.b.c.d,
 * RFC 4291 section 2.5.5.2); of an IPv6 address the first 64 bits, since the others are their
 * owner's to choose (RFC 4291 section 2.5.4, RFC 8981).
 */
#ifndef DINH_BASE_ADDRESS_H
#define DINH_BASE_ADDRESS_H

#include "base/base.h"

#define ADDRESS_SOURCE_MAX 48 /* bytes, with the NUL */

/* "203.0.113.9" of itself and of "::ffff:203.0.113.9", "2001:db8::" of "2001:db8::1"; what is no
   address, "unix" for one, as it is, cut off at the room. */
void address_source(const char *address, char ret_source[ADDRESS_SOURCE_MAX]);

#endif
