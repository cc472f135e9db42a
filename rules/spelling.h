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

/* Serial numbers are integers with a sign. Their one form is that of DER (X.690 section 8.3): two's
 * complement in as few octets as hold it, and one for zero. */

/* Hexadecimal digits with "-" or "(Negative)" in front where it is less than zero; colons, "0x" and
 * missing or superfluous zeros forgiven. Appends the one form. */
bool serial_from_text(struct bytes text, struct text *out);

/* As serial_from_text() reads it. Appends. */
void serial_write(struct bytes octets, struct text *out);

/* The content of an INTEGER in its one form, whatever stands in front of it. Borrows. */
struct bytes serial_canonical(struct bytes octets);

/* The same number with the other sign, in its one form. Appends. */
void serial_negate(struct bytes octets, struct text *out);

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
