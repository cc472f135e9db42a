/* SPDX-License-Identifier: Apache-2.0
 *
 * ocsp.log: a row for each certificate that an OCSP message asks or tells about, and for each
 * revocation list and certificate that was fetched. Zeek's columns, then where it was seen.
 */
#ifndef CERTTAP_FEED_LOGS_OCSP_H
#define CERTTAP_FEED_LOGS_OCSP_H

#include "dissect/fetched.h"
#include "dissect/ocsp.h"
#include "feed/log.h"

struct ocsp_row {
    struct cell_time ts;
    struct bytes id;
    struct bytes hash_algorithm;
    struct bytes issuer_name_hash, issuer_key_hash, serial;
    struct bytes status;
    struct cell_time revoked_at;
    struct bytes reason;
    struct cell_time this_update, next_update;
    const char *uid;
    struct address orig_h, resp_h;
    struct cell_count orig_p, resp_p;
    const char *source;
};

extern const struct log ocsp_log;

/* The row of one of those in `session->ocsp_der`; its hexadecimal digits are put into `words`. */
void ocsp_row_fill(struct ocsp_row *row, const struct session *session,
    const struct ocsp_single *single, struct text *words);

/* The row of a revocation list, or of a certificate with that issuer and serial number, that was
 * fetched. */
void ocsp_row_fill_crl(
    struct ocsp_row *row, const struct session *session, const struct crl *crl, struct text *words);
void ocsp_row_fill_certificate(struct ocsp_row *row, const struct session *session,
    const struct certificate *certificate, struct text *words);

#endif
