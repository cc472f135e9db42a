/* SPDX-License-Identifier: Apache-2.0
 *
 * Delegated credentials (RFC 9345): a short-lived key that a certificate's key has signed, and that
 * speaks for it in a handshake of TLS 1.3.
 */
#ifndef CERTTAP_DISSECT_CREDENTIAL_H
#define CERTTAP_DISSECT_CREDENTIAL_H

#include "base/bytes.h"

/* Slices are of the message that it was read from. */
struct credential {
    uint32_t valid_time;    /* seconds behind the certificate's notBefore */
    uint16_t verify_scheme; /* that its key signs the handshake with */
    struct bytes spki;
    struct bytes delegated; /* what the certificate's key signs of it, */
    uint16_t scheme;        /* with this */
    struct bytes signature;
};

enum credential_step { CREDENTIAL_NONE, CREDENTIAL_READ, CREDENTIAL_MALFORMED };

/* The credential beside the leaf in `body`, a Certificate message of TLS 1.3. */
enum credential_step credential_find(struct bytes body, struct credential *credential);

#endif
