/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes for tests, from text a person can read: hexadecimal digits, spaces, and comments from '#'
 * to the end of the line. "'text'" stands for the characters between the quotes.
 */
#ifndef CERTTAP_TESTS_SUPPORT_HEX_H
#define CERTTAP_TESTS_SUPPORT_HEX_H

#include "base/bytes.h"

/* The bytes are the caller's to free(). Aborts when the text is wrong: a test must not guess. */
struct bytes hex(const char *annotated);

#endif
