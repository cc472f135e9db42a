/* SPDX-License-Identifier: Apache-2.0
 *
 * x509.log: a row for each certificate that was seen, intermediates included. Zeek's columns, then
 * ours. Of a certificate that cannot be read to its end there is what was read before.
 */
#ifndef CERTTAP_FEED_LOGS_X509_H
#define CERTTAP_FEED_LOGS_X509_H

#include "feed/log.h"

struct x509_row {
    struct cell_time ts;
    const char *fingerprint;
    struct cell_count version;
    struct bytes serial, subject, issuer;
    struct cell_time not_before, not_after;
    struct bytes key_algorithm, signature_algorithm, key_type;
    struct cell_count key_length;
    struct bytes exponent, curve;
    struct cells dns, uri, email; /* of strings */
    struct cells ip;              /* of addresses */
    enum tristate ca;
    struct cell_count path_len;
    enum tristate host_cert, client_cert;

    const char *sha1, *md5, *spki_sha256;
    const char *first_uid;
};

extern const struct log x509_log;

/* Fills a row, which borrows from the session, about a certificate of the chain of `role`. */
void x509_row_fill(
    struct x509_row *row, const struct session *session, enum role role, size_t chain_index);

#endif
