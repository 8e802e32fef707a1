/* SPDX-License-Identifier: Apache-2.0 */
/* A scanner of the test's own: clamd's INSTREAM as clamd(8) tells it, on a thread, one caller after
   the other. It finds what has EICAR's mark in it; it may also be slow, cut its answer or be odd.
 */
#ifndef DINH_TEST_HARNESS_SCANNER_TEST_H
#define DINH_TEST_HARNESS_SCANNER_TEST_H

#include <stddef.h>

enum scanner_mood { SCANNER_SOUND, SCANNER_SILENT, SCANNER_CUTS, SCANNER_ERRS };
#define MALWARE "EICAR-STANDARD-ANTIVIRUS-TEST-FILE"

struct scanner_test;
struct scanner_test *scanner_test_begin(const char *address);
const char *scanner_test_address(const struct scanner_test *s); /* with the port it took */
void scanner_test_mood(struct scanner_test *s, enum scanner_mood mood);
size_t scanner_test_heard(const struct scanner_test *s); /* bytes of the last content */
void scanner_test_end(struct scanner_test *s);

#endif
