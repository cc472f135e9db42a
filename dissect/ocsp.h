/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: what an OCSP request or response (RFC 6960) says, wherever it was seen: stapled to a
 * handshake, or sent over HTTP. Its signature is not looked at.
 */
#ifndef CERTTAP_DISSECT_OCSP_H
#define CERTTAP_DISSECT_OCSP_H

#include "base/bytes.h"

enum ocsp_status { OCSP_GOOD, OCSP_REVOKED, OCSP_UNKNOWN };

/* What is said of one certificate. Slices are of the response. */
struct ocsp_single {
    struct bytes hash_algorithm;   /* content of the OBJECT IDENTIFIER */
    struct bytes issuer_name_hash; /* of the issuer's DER Name */
    struct bytes issuer_key_hash;  /* of the issuer's key, the content of the BIT STRING */
    struct bytes serial;           /* content octets of the INTEGER */
    enum ocsp_status status;
    int64_t revoked_at; /* seconds since 1970, as all times here; of OCSP_REVOKED */
    bool has_reason;
    uint8_t reason; /* CRLReason (RFC 5280 section 5.3.1): 1 is keyCompromise */
    int64_t this_update;
    bool has_next_update;
    int64_t next_update;
};

struct ocsp_response {
    uint8_t status; /* of the answer itself: 0 is successful; else there is nothing more */
    int64_t produced_at;
    struct bytes singles; /* ask ocsp_next() */
};

/* False when it is no response, or one of a type that is not known. */
bool ocsp_read(struct bytes der, struct ocsp_response *response);

/* Takes the next single response off the front of `singles`. False at the end, and where it makes
 * no sense; then nothing is left. */
bool ocsp_next(struct bytes *singles, struct ocsp_single *single);

/* A request: its single ones have no status. The same as for a response otherwise. */
bool ocsp_request_read(struct bytes der, struct bytes *singles);
bool ocsp_request_next(struct bytes *singles, struct ocsp_single *single);

/* The response in a CertificateStatus message (RFC 6066 section 8; of several, RFC 6961, the
 * leaf's). The empty slice when there is none. */
struct bytes ocsp_of_certificate_status(struct bytes body);

/* What a certificate's key is hashed by: the content of its BIT STRING, without the octet of unused
 * bits, in a SubjectPublicKeyInfo. The empty slice when it is none. */
struct bytes ocsp_key_of(struct bytes spki);

const char *ocsp_hash_name(struct bytes algorithm);    /* "sha256"; static; NULL: unknown */
const char *ocsp_status_name(enum ocsp_status status); /* "good"; static, as the next */
const char *ocsp_reason_name(uint8_t reason);          /* "keyCompromise"; NULL: unknown */

#endif
