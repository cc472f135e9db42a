/* SPDX-License-Identifier: Apache-2.0
 *
 * UTCTime and GeneralizedTime (ITU-T X.680 sections 46 and 47, RFC 5280 section 4.1.2.5) to seconds
 * since 1970. A certificate must say "YYMMDDhhmmssZ" or "YYYYMMDDhhmmssZ"; what else the standards
 * know is read as well: no seconds, no minutes, a fraction, an offset, no zone (taken for UTC).
 */
#ifndef CERTTAP_DISSECT_ASN1_TIME_H
#define CERTTAP_DISSECT_ASN1_TIME_H

#include "base/bytes.h"

struct asn1_time {
    int64_t seconds; /* negative before 1970; fractions are cut off */
    bool strict;     /* it has the one form that a certificate may have */
};

/* `tag` is DER_UTC_TIME or DER_GENERALIZED_TIME. False when the text is no time, such as 30
 * February or 25 o'clock. */
bool asn1_time_read(uint8_t tag, struct bytes text, struct asn1_time *time);

/* Reads a value that must be a whole one of the two. */
bool asn1_time_take(struct reader *r, int64_t *seconds);

#endif
