/* SPDX-License-Identifier: Apache-2.0
 *
 * ocsp.log: a row for each certificate that an OCSP message asks or tells about. Zeek's columns,
 * then where it was seen.
 */
#ifndef CERTTAP_FEED_LOGS_OCSP_H
#define CERTTAP_FEED_LOGS_OCSP_H

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

#endif
