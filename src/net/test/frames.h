/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The framing corpus: what must be refused (RFC 9112, and what request smuggling lives on), each
 * with a second request right behind it, and what looks odd and is right. Played straight at the
 * server (test_net_framing) and through the fronts we know (slow_net_front).
 */
#ifndef DINH_NET_TEST_FRAMES_H
#define DINH_NET_TEST_FRAMES_H

#include <stdbool.h>
#include <stddef.h>

#define H        "Host: x\r\n"
#define SMUGGLED "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
#define BAD(name, bytes)                                                                           \
    {                                                                                              \
        name, "" bytes SMUGGLED, sizeof(bytes SMUGGLED) - 1, false                                 \
    }
#define SILENT(name, bytes)                                                                        \
    {                                                                                              \
        name, "" bytes SMUGGLED, sizeof(bytes SMUGGLED) - 1, true                                  \
    }
#define GET_WITH(name, fields)        BAD(name, "GET / HTTP/1.1\r\n" fields "\r\n")
#define POST_WITH(name, fields, body) BAD(name, "POST / HTTP/1.1\r\n" H fields "\r\n" body)

struct frame {
    const char *name, *bytes;
    size_t len;
    bool silent; /* the engine hangs up without a word */
};

static const struct frame BAD_FRAMES[] = {
    /* two opinions about where the body ends */
    POST_WITH("same length twice", "Content-Length: 5\r\nContent-Length: 5\r\n", "hello"),
    POST_WITH("two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n", "hello"),
    POST_WITH("two lengths, other case", "Content-Length: 5\r\ncontent-length: 0\r\n", "hello"),
    POST_WITH("two lengths in a list", "Content-Length: 5, 5\r\n", "hello"),
    POST_WITH("length then encoding", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
              "0\r\n\r\n"),
    POST_WITH("encoding then length", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
              "0\r\n\r\n"),
    POST_WITH("length with plus", "Content-Length: +5\r\n", "hello"),
    POST_WITH("length with minus", "Content-Length: -5\r\n", "hello"),
    POST_WITH("length minus nothing", "Content-Length: -0\r\n", ""),
    POST_WITH("length empty", "Content-Length: \r\n", ""),
    POST_WITH("length hexadecimal", "Content-Length: 0x5\r\n", "hello"),
    POST_WITH("length with fraction", "Content-Length: 5.0\r\n", "hello"),
    POST_WITH("length with letters", "Content-Length: 5a\r\n", "hello"),
    POST_WITH("length with blank inside", "Content-Length: 5 5\r\n", "hello"),
    POST_WITH("length with underscore", "Content-Length: 1_0\r\n", "hello"),
    POST_WITH("length over 64 bits", "Content-Length: 18446744073709551621\r\n", "hello"),
    POST_WITH("length of 30 digits", "Content-Length: 000000000000000000000000000005\r\n", "hello"),
    POST_WITH("length with vertical tab", "Content-Length: \0135\r\n", "hello"),
    POST_WITH("encoding gzip, chunked", "Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
    POST_WITH("encoding chunked, gzip", "Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"),
    POST_WITH("encoding chunked twice", "Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"),
    POST_WITH("encoding on two lines",
              "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    POST_WITH("encoding identity", "Transfer-Encoding: identity\r\n", ""),
    POST_WITH("encoding identity with length",
              "Transfer-Encoding: identity\r\nContent-Length: 5\r\n", "hello"),
    POST_WITH("encoding misspelt", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
    POST_WITH("encoding with comma", "Transfer-Encoding: chunked,\r\n", "0\r\n\r\n"),
    POST_WITH("encoding quoted", "Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"),
    POST_WITH("encoding with parameter", "Transfer-Encoding: chunked;a=b\r\n", "0\r\n\r\n"),
    POST_WITH("encoding empty", "Transfer-Encoding:\r\n", "0\r\n\r\n"),
    POST_WITH("encoding with vertical tab", "Transfer-Encoding:\013chunked\r\n", "0\r\n\r\n"),
    BAD("encoding in HTTP/1.0",
        "POST / HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    /* line ends */
    BAD("bare LF after the request line", "GET / HTTP/1.1\n" H "\r\n"),
    GET_WITH("bare LF after a field", "Host: x\nA: b\r\n"),
    BAD("bare LF everywhere", "GET / HTTP/1.1\nHost: x\n\n"),
    BAD("bare LF as the last line", "GET / HTTP/1.1\r\n" H "\n"),
    GET_WITH("bare CR after a field", "Host: x\rA: b\r\n"),
    GET_WITH("bare CR in a value", H "A: b\rContent-Length: 5\r\n"),
    BAD("bare CR after the request line", "GET / HTTP/1.1\r" H "\r\n"),
    GET_WITH("CR CR LF", "Host: x\r\r\n"),
    GET_WITH("folded by a blank", H "A: b\r\n c\r\n"),
    GET_WITH("folded by a tab", H "A: b\r\n\tc\r\n"),
    POST_WITH("folded encoding", "Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"),
    POST_WITH("folded length", "Content-Length:\r\n 5\r\n", "hello"),
    BAD("folded first field", "GET / HTTP/1.1\r\n " H "\r\n"),
    /* names and values */
    GET_WITH("NUL in a value", H "A: b\0c\r\n"),
    GET_WITH("NUL in a name", H "A\0B: c\r\n"),
    GET_WITH("NUL and a bare CR", H "A: b\0\rC: d\r\n"),
    GET_WITH("NULs, LF and CR for the end", H "A: b\0\0\n\r"),
    GET_WITH("NUL after the host", "Host: x\0y\r\n"),
    GET_WITH("control in a value", H "A: b\001c\r\n"),
    GET_WITH("DEL in a value", H "A: b\177c\r\n"),
    GET_WITH("escape in a value", H "A: \033[31m\r\n"),
    GET_WITH("blank before the colon", H "A : b\r\n"),
    GET_WITH("tab before the colon", H "A\t: b\r\n"),
    POST_WITH("blank before the length's colon", "Content-Length : 5\r\n", "hello"),
    POST_WITH("blank before the encoding's colon", "Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
    GET_WITH("no colon", H "A b\r\n"),
    GET_WITH("no name", H ": b\r\n"),
    GET_WITH("name with a slash", H "A/b: c\r\n"),
    GET_WITH("name with brackets", H "A[b]: c\r\n"),
    GET_WITH("name with high bytes", H "A\303\251: c\r\n"),
    GET_WITH("name with a quote", H "\"A\": c\r\n"),
    /* host */
    GET_WITH("no host", "A: b\r\n"),
    BAD("no field at all", "GET / HTTP/1.1\r\n\r\n"),
    GET_WITH("two hosts", "Host: x\r\nHost: x\r\n"),
    GET_WITH("two hosts that differ", "Host: x\r\nHost: y\r\n"),
    GET_WITH("empty host", "Host:\r\n"),
    GET_WITH("host with a path", "Host: x/y\r\n"),
    GET_WITH("host with a user", "Host: a@x\r\n"),
    GET_WITH("host list", "Host: x, y\r\n"),
    GET_WITH("host with a blank", "Host: x y\r\n"),
    /* target */
    BAD("target names another host", "GET http://y/ HTTP/1.1\r\n" H "\r\n"),
    BAD("target with a user", "GET http://x@y/ HTTP/1.1\r\n" H "\r\n"),
    BAD("target of another scheme", "GET ftp://x/ HTTP/1.1\r\n" H "\r\n"),
    BAD("target without a slash", "GET path HTTP/1.1\r\n" H "\r\n"),
    BAD("target asterisk", "OPTIONS * HTTP/1.1\r\n" H "\r\n"),
    BAD("target authority", "CONNECT x:443 HTTP/1.1\r\n" H "\r\n"),
    BAD("target with a fragment", "GET /a#b HTTP/1.1\r\n" H "\r\n"),
    BAD("target with high bytes", "GET /\303\251 HTTP/1.1\r\n" H "\r\n"),
    BAD("target with a control", "GET /a\001b HTTP/1.1\r\n" H "\r\n"),
    BAD("target with a tab", "GET /a\tb HTTP/1.1\r\n" H "\r\n"),
    BAD("target with a blank", "GET /a b HTTP/1.1\r\n" H "\r\n"),
    BAD("target with NUL", "GET /a\0b HTTP/1.1\r\n" H "\r\n"),
    BAD("escape cut short", "GET /a%2 HTTP/1.1\r\n" H "\r\n"),
    BAD("escape without digits", "GET /%zz HTTP/1.1\r\n" H "\r\n"),
    BAD("escaped NUL", "GET /a%00b HTTP/1.1\r\n" H "\r\n"),
    /* the request line */
    BAD("unknown method", "BREW / HTTP/1.1\r\n" H "\r\n"),
    BAD("method in small letters", "get / HTTP/1.1\r\n" H "\r\n"),
    BAD("method TRACE", "TRACE / HTTP/1.1\r\n" H "\r\n"),
    BAD("two blanks after the method", "GET  / HTTP/1.1\r\n" H "\r\n"),
    BAD("two blanks before the version", "GET /  HTTP/1.1\r\n" H "\r\n"),
    SILENT("blank before the method", " GET / HTTP/1.1\r\n" H "\r\n"),
    BAD("blank after the version", "GET / HTTP/1.1 \r\n" H "\r\n"),
    BAD("tab for a blank", "GET\t/ HTTP/1.1\r\n" H "\r\n"),
    BAD("version 0.9", "GET /\r\n" H "\r\n"),
    BAD("version 2.0", "GET / HTTP/2.0\r\n" H "\r\n"),
    BAD("version 1.2", "GET / HTTP/1.2\r\n" H "\r\n"),
    BAD("version in small letters", "GET / http/1.1\r\n" H "\r\n"),
    BAD("version with more digits", "GET / HTTP/1.10\r\n" H "\r\n"),
    BAD("version misspelt", "GET / HTPP/1.1\r\n" H "\r\n"),
    GET_WITH("unknown expectation", H "Expect: tea\r\n"),
    /* chunks */
    POST_WITH("chunk size with letters", "Transfer-Encoding: chunked\r\n", "zz\r\nhello\r\n"),
    POST_WITH("chunk size with minus", "Transfer-Encoding: chunked\r\n", "-5\r\nhello\r\n"),
    POST_WITH("chunk size with 0x", "Transfer-Encoding: chunked\r\n", "0x5\r\nhello\r\n"),
    POST_WITH("chunk size of 20 digits", "Transfer-Encoding: chunked\r\n",
              "fffffffffffffffff5\r\nhello\r\n"),
    POST_WITH("chunk longer than its size", "Transfer-Encoding: chunked\r\n",
              "3\r\nhello\r\n0\r\n\r\n"),
    POST_WITH("bare LF in a chunk's extension", "Transfer-Encoding: chunked\r\n",
              "5;a\nb\r\nhello\r\n0\r\n\r\n"),
    POST_WITH("bare CR after a chunk's size", "Transfer-Encoding: chunked\r\n",
              "5\rhello\r\n0\r\n\r\n"),
    POST_WITH("chunk size empty", "Transfer-Encoding: chunked\r\n", "\r\nhello\r\n0\r\n\r\n"),
};

/* ---- what looks odd and is right ---- */

#define GOOD(name, bytes, body)                                                                    \
    {                                                                                              \
        name, bytes, body                                                                          \
    }

static const struct {
    const char *name, *bytes, *body;
} GOOD_FRAMES[] = {
    GOOD("HTTP/1.0 without a host", "GET / HTTP/1.0\r\n\r\n", ""),
    GOOD("empty value", "GET / HTTP/1.1\r\n" H "A:\r\n\r\n", ""),
    GOOD("no blank after the colon", "GET / HTTP/1.1\r\nHost:x\r\n\r\n", ""),
    GOOD("blanks and tabs around a value", "GET / HTTP/1.1\r\nHost: \t x \t \r\n\r\n", ""),
    GOOD("high bytes in a value", "GET / HTTP/1.1\r\n" H "A: \303\251\r\n\r\n", ""),
    GOOD("an empty line before", "\r\nGET / HTTP/1.1\r\n" H "\r\n", ""),
    GOOD("absolute form", "GET http://x/a?b HTTP/1.1\r\n" H "\r\n", ""),
    GOOD("absolute form, other case", "GET HTTP://X/a HTTP/1.1\r\nHost: x\r\n\r\n", ""),
    GOOD("host with a port", "GET / HTTP/1.1\r\nHost: [::1]:8801\r\n\r\n", ""),
    GOOD("escapes", "GET /%41%c3%a9?%20 HTTP/1.1\r\n" H "\r\n", ""),
    GOOD("length 0", "POST / HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n", ""),
    GOOD("length with zeros", "POST / HTTP/1.1\r\n" H "Content-Length: 005\r\n\r\nhello", "hello"),
    GOOD("body of a GET", "GET / HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello", "hello"),
    GOOD("chunks",
         "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
         "3\r\nhel\r\n002\r\nlo\r\n0\r\n\r\n",
         "hello"),
    GOOD("chunks in capitals with an extension",
         "POST / HTTP/1.1\r\n" H "transfer-encoding: CHUNKED\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n",
         "hello"),
    GOOD("chunks with a trailer",
         "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
         "5\r\nhello\r\n0\r\nA: b\r\n\r\n",
         "hello"),
    GOOD("chunk size A",
         "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
         "a\r\nhellohello\r\n0\r\n\r\n",
         "hellohello"),
};

#endif
