/* SPDX-License-Identifier: Apache-2.0
 *
 * Why a certificate was revoked (RFC 5280 section 5.3.1), and which reasons a list counts for. Many
 * revocations are mere housekeeping.
 */
#ifndef CERTTAP_RULES_FORMATS_REASONS_H
#define CERTTAP_RULES_FORMATS_REASONS_H

#include "rules/watchlist.h"

enum { REASON_NONE_GIVEN = -1 };

/* Those that count, as bits by their place in a table. */
struct reasons {
    unsigned set;
};

/* What the option "reasons" asks for ("keyCompromise+superseded", "all"); without it those that
 * tell of lost trust, and those that do not tell. False with `why`. */
bool reasons_read(const struct list_reader *reader, struct reasons *reasons, struct fault *why);

/* By its code; one that is not known counts, for nobody can say that it is harmless. */
bool reason_counts(const struct reasons *reasons, int code);

const char *reason_name(int code); /* "keyCompromise"; static */
bool reason_known(int code);

#endif
