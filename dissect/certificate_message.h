/* SPDX-License-Identifier: Apache-2.0
 *
 * The Certificate message (RFC 5246 section 7.4.2, RFC 8446 section 4.4.2): a list of certificates,
 * leaf first.
 */
#ifndef CERTTAP_DISSECT_CERTIFICATE_MESSAGE_H
#define CERTTAP_DISSECT_CERTIFICATE_MESSAGE_H

#include "dissect/certificate_store.h"
#include "dissect/session.h"

enum { CHAIN_MOST = 256 }; /* certificates of one chain that are kept; more are only counted */

enum certificates_read {
    CERTIFICATES_READ,
    CERTIFICATES_MALFORMED, /* the list contradicts itself; what came before that is in the chain */
    CERTIFICATES_NO_ROOM,   /* likewise */
};

/* Fills `chain`; its list is taken from `arena`, and it owns a reference to each certificate. */
enum certificates_read certificate_message_read(
    struct bytes body, struct arena *arena, struct certificate_store *store, struct chain *chain);

/* The same of TLS 1.3 (RFC 8446 section 4.4.2): a context, and extensions behind each
 * certificate. */
enum certificates_read certificate_message_read_13(
    struct bytes body, struct arena *arena, struct certificate_store *store, struct chain *chain);

/* The OCSP response in the leaf's status_request extension of a message of TLS 1.3 (RFC 8446
 * section 4.4.2.1). The empty slice when there is none. */
struct bytes certificate_message_stapled(struct bytes body);

/* Up to TLS 1.2 a key that stands in place of a certificate is not in a list (RFC 7250 section 3).
 */
enum certificates_read certificate_message_read_key(
    struct bytes body, struct arena *arena, struct certificate_store *store, struct chain *chain);

/* A chain of one certificate that came on its own. False: no room. */
bool certificate_message_add(
    struct bytes der, struct arena *arena, struct certificate_store *store, struct chain *chain);

#endif
