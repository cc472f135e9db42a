/* SPDX-License-Identifier: Apache-2.0
 *
 * For what a test's own tools rely on: ends the test with words when it does not hold.
 */
#ifndef CERTTAP_TESTS_SUPPORT_REQUIRE_H
#define CERTTAP_TESTS_SUPPORT_REQUIRE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static inline void
require(bool holds, const char *what, const char *text)
{
    if (holds)
        return;
    fprintf(stderr, "%s: %s\n", what, text);
    abort();
}

#endif
