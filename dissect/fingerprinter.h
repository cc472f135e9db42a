/* SPDX-License-Identifier: Apache-2.0
 *
 * What the fingerprints share.
 */
#ifndef CERTTAP_DISSECT_FINGERPRINTER_H
#define CERTTAP_DISSECT_FINGERPRINTER_H

#include "base/text.h"
#include "dissect/digest.h"
#include "dissect/fingerprint.h"

/* The first `digits` hexadecimal digits of the text's digest, and a NUL; empty when the library does
 * not have the algorithm. */
void fingerprint_digest(
    struct fingerprinter *f, enum digest kind, struct bytes text, char *out, size_t digits);

/* An empty text to write into; one at a time. */
struct text *fingerprint_text(struct fingerprinter *fingerprinter);

/* Numbers that mean nothing and are sent to keep others tolerant (RFC 8701). */
bool is_grease(uint16_t number);

#endif
