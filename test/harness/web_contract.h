/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every route must hold to, whatever its module: asserted over the whole route table, so that
 * nothing can be routed that isn't tested. Path parameters are filled with words that name nothing.
 */
#ifndef DINH_TEST_HARNESS_WEB_CONTRACT_H
#define DINH_TEST_HARNESS_WEB_CONTRACT_H

#include "test/harness/web_test.h"

/* No session: pages of the signed-in lead to the sign-in or give 401, acts give 401, machines' rows
   don't exist, nothing answers 5xx. Gives the number of requests made. */
size_t web_contract_nobody(struct web_client *b);
/* b is signed in to an account that holds no permission: every row that wants one gives 403 (acts
   with a good token too). */
size_t web_contract_stranger(struct web_client *b);
/* b is signed in to an account that may do much: no act without token, with another site's origin
   or Sec-Fetch-Site (403); a body that is no JSON, of a strange type or too large is refused (4xx);
   nothing answers 5xx. */
size_t web_contract_acts(struct web_client *b);

#endif
