/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: what clients fetch to check a certificate, by the addresses that stand in it: revocation
 * lists (RFC 5280 sections 4.2.1.13 and 5.1) and certificates of issuers (section 4.2.2.1), of
 * which there may be several in a PKCS #7 message that signs nothing (RFC 2315 section 9.1).
 */
#ifndef CERTTAP_DISSECT_FETCHED_H
#define CERTTAP_DISSECT_FETCHED_H

#include "base/bytes.h"

/* The head of a revocation list. */
struct crl {
    struct bytes issuer; /* DER Name */
    int64_t this_update; /* seconds since 1970 */
    bool has_next_update;
    int64_t next_update;
};

enum { CRL_HEAD_MOST = 4096 }; /* bytes in which the head of one is looked for */

/* Reads the head; the rest of the list may be missing. False when it is none. */
bool crl_read(struct bytes der, struct crl *crl);

/* False when it is neither a certificate nor certificates in PKCS #7. */
bool fetched_certificates(struct bytes der, struct bytes *certificates);

/* Takes the next one off the front of `certificates`. */
bool fetched_next(struct bytes *certificates, struct bytes *certificate);

#endif
