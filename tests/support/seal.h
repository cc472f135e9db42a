/* SPDX-License-Identifier: Apache-2.0
 *
 * The other side of dissect/keys: what endpoints do to a record before it goes out.
 */
#ifndef CERTTAP_TESTS_SUPPORT_SEAL_H
#define CERTTAP_TESTS_SUPPORT_SEAL_H

#include "base/text.h"
#include "dissect/keys/opener.h"

/* Appends `text`, sealed as number `seq`, and its tag. */
void seal(struct text *out, const struct sealing *sealing, uint64_t seq, struct bytes beside,
    struct bytes text);

/* Appends a TLS 1.3 record of `type` with so many zeros behind it. */
void seal_record(struct text *out, const struct sealing *sealing, uint64_t seq, uint8_t type,
    struct bytes content, size_t padding);

#endif
