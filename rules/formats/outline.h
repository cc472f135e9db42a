/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands in a file of certificates, keys or revocation lists: DER by its outline (X.690), PEM
 * by its labels (RFC 7468).
 */
#ifndef CERTTAP_RULES_FORMATS_OUTLINE_H
#define CERTTAP_RULES_FORMATS_OUTLINE_H

#include "base/bytes.h"
#include "rules/watchlist.h"

enum outline { OUTLINE_NONE, OUTLINE_CERTIFICATE, OUTLINE_KEY, OUTLINE_CRL };

/* What `der` is, which must be one whole element; told by the tags of its first parts. */
enum outline outline_of(struct bytes der);

/* The first element of `der`, header included; empty when there is no whole one. */
struct bytes outline_first(struct bytes der);

struct pem_block {
    struct bytes label; /* "CERTIFICATE" */
    struct bytes body;  /* base64; headers left out */
    unsigned long line; /* of its BEGIN */
    bool ended;         /* its END was found */
};

/* The next block; text around blocks is passed over. False at the end. */
bool pem_next(struct lines *lines, struct pem_block *block);

#endif
