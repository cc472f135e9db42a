/* SPDX-License-Identifier: Apache-2.0
 *
 * The same thing is written in many ways: fingerprints with and without colons, serial numbers with
 * and without their sign octet. Here each gets its one form, which is then compared byte by byte.
 */
#ifndef CERTTAP_RULES_SPELLING_H
#define CERTTAP_RULES_SPELLING_H

#include "base/bytes.h"
#include "base/text.h"

/* Base64 of either alphabet (RFC 4648), white space and missing padding forgiven. Appends. */
bool base64_decode(struct bytes text, struct text *out);

/* Base64 with padding. Appends. */
void base64_write(struct bytes bytes, struct text *out);

/* Hexadecimal digits of a serial number, colons, "0x", a missing leading zero and "(Negative)"
 * forgiven. Appends the octets of its magnitude without leading zeros; zero is one octet. */
bool serial_from_text(struct bytes text, struct text *out);

/* The octets of a DER INTEGER without leading zeros, taken as unsigned. Borrows. */
struct bytes serial_unsigned(struct bytes octets);

/* The magnitude of a DER INTEGER that is negative, for tools that print it so. Appends; false when
 * it is not negative. */
bool serial_magnitude(struct bytes octets, struct text *out);

/* ASCII letters in lower case, a trailing dot left out. Appends. */
void name_lower(struct bytes text, struct text *out);

/* "2021-01-12", "2021-01-12T10:00:00Z", "2021-01-12 10:00:00+01:00": seconds since 1970; UTC where
 * nothing else is said. */
bool time_from_text(struct bytes text, int64_t *seconds);

/* Does `text` look like `pattern`, in which "*" stands for anything and "?" for one character? */
bool glob_matches(struct bytes pattern, struct bytes text);

/* How many single-character changes make `b` of `a`: to name the nearest known word. */
size_t edit_distance(struct bytes a, struct bytes b);

#endif
