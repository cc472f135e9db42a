/* SPDX-License-Identifier: Apache-2.0
 *
 * Who and what an OCSP message is about. It names a certificate by hashes of its issuer and a
 * serial number (RFC 6960 section 4.1.1), lists name issuers by their names: here are the names, by
 * their hashes, and the certificates that lists are made of.
 */
#ifndef CERTTAP_RULES_NAMED_H
#define CERTTAP_RULES_NAMED_H

#include "dissect/certificate_store.h"
#include "dissect/ocsp.h"

enum { NAMED_MOST = 4096 }; /* issuers, and certificates, that are kept of those that were seen */

struct named;

/* An issuer's name. */
struct named_issuer {
    struct bytes der, text;
};

/* NULL is an empty one, which is made when something is first learnt. */
void named_free(struct named *named);

/* Takes a DER Name; of more than `most` names the one learnt first is let go of (0: all are kept).
 */
void named_learn(struct named **named, size_t most, struct bytes name);

/* Keeps a copy of a certificate; of more than `most` the one kept first is let go of (0: all are
 * kept). */
void named_keep(struct named **named, size_t most, const struct certificate *certificate);

/* The same, for good, of one that was not read yet. */
void named_keep_der(struct named **named, struct bytes der);

/* The issuer with that hash, which was made by SHA-1 or SHA-256. NULL: not known. */
const struct named_issuer *named_issuer_of(
    const struct named *named, const struct ocsp_single *single);

/* The certificate with that issuer and serial number. NULL: not known. */
const struct certificate *named_certificate_of(
    const struct named *named, const struct named_issuer *issuer, struct bytes serial);

#endif
