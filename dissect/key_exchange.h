/* SPDX-License-Identifier: Apache-2.0
 *
 * The server's share of a key exchange up to TLS 1.2, and its signature over it (RFC 5246 section
 * 7.4.3, RFC 8422 section 5.4, RFC 2246 section 7.4.3 for export ciphers).
 */
#ifndef CERTTAP_DISSECT_KEY_EXCHANGE_H
#define CERTTAP_DISSECT_KEY_EXCHANGE_H

#include "base/bytes.h"

/* Slices are of the message. */
struct key_exchange {
    struct bytes params; /* what is signed, behind both randoms */
    uint16_t scheme;     /* when it says its scheme, as TLS 1.2 does */
    struct bytes signature;
};

/* `body` is a ServerKeyExchange for this cipher suite. NULL when it was read; else why there is no
 * signature to check: static. */
const char *key_exchange_read(
    struct bytes body, uint16_t cipher, bool says_scheme, struct key_exchange *exchange);

#endif
