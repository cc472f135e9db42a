/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/logs/ocsp.h"

#define AT(field) offsetof(struct ocsp_row, field)

static const struct column columns[] = {
    {"ts", COLUMN_TIME, AT(ts)},
    {"id", COLUMN_STRING, AT(id)},
    {"hashAlgorithm", COLUMN_STRING, AT(hash_algorithm)},
    {"issuerNameHash", COLUMN_STRING, AT(issuer_name_hash)},
    {"issuerKeyHash", COLUMN_STRING, AT(issuer_key_hash)},
    {"serialNumber", COLUMN_STRING, AT(serial)},
    {"certStatus", COLUMN_STRING, AT(status)},
    {"revoketime", COLUMN_TIME, AT(revoked_at)},
    {"revokereason", COLUMN_STRING, AT(reason)},
    {"thisUpdate", COLUMN_TIME, AT(this_update)},
    {"nextUpdate", COLUMN_TIME, AT(next_update)},
    {"uid", COLUMN_WORD, AT(uid)},
    {"id.orig_h", COLUMN_ADDRESS, AT(orig_h)},
    {"id.orig_p", COLUMN_PORT, AT(orig_p)},
    {"id.resp_h", COLUMN_ADDRESS, AT(resp_h)},
    {"id.resp_p", COLUMN_PORT, AT(resp_p)},
    {"source", COLUMN_ENUM, AT(source)},
};

const struct log ocsp_log = {
    "ocsp", columns, sizeof columns / sizeof *columns, sizeof(struct ocsp_row)};

/* The words may move while they grow, so slices of them are made once all stand. */
static void
fill_id(struct ocsp_row *row, const struct ocsp_single *single, struct text *words)
{
    const struct bytes parts[] = {
        single->issuer_name_hash, single->issuer_key_hash, single->serial};
    struct bytes *const cells[] = {&row->issuer_name_hash, &row->issuer_key_hash, &row->serial};
    text_clear(words);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        text_add_upper_hex(words, parts[i]);
    struct reader r = reader_over(text_bytes(words));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        *cells[i] = cell_string_of(read_bytes(&r, 2 * parts[i].len));
    row->hash_algorithm =
        cell_string_unless_empty(bytes_from_string(ocsp_hash_name(single->hash_algorithm)));
}

static void
fill_answer(struct ocsp_row *row, const struct ocsp_single *single)
{
    row->status = bytes_from_string(ocsp_status_name(single->status));
    row->this_update = cell_time_of_seconds(single->this_update);
    if (single->has_next_update)
        row->next_update = cell_time_of_seconds(single->next_update);
    if (single->status != OCSP_REVOKED)
        return;
    row->revoked_at = cell_time_of_seconds(single->revoked_at);
    if (single->has_reason)
        row->reason = cell_string_unless_empty(bytes_from_string(ocsp_reason_name(single->reason)));
}

void
ocsp_row_fill(struct ocsp_row *row, const struct session *session, const struct ocsp_single *single,
    struct text *words)
{
    static const char *const sources[] = {[OCSP_UNSEEN] = NULL,
        [OCSP_IN_HANDSHAKE] = "stapled",
        [OCSP_ASKED] = "request",
        [OCSP_ANSWERED] = "response"};
    *row = (struct ocsp_row){
        .ts = cell_time_of_ns(session->ts_ns),
        .uid = session->uid,
        .orig_h = session->address[ORIGINATOR],
        .resp_h = session->address[RESPONDER],
        .source = sources[session->ocsp],
    };
    if (address_is_set(&row->orig_h)) {
        row->orig_p = cell_count_of(session->port[ORIGINATOR]);
        row->resp_p = cell_count_of(session->port[RESPONDER]);
    }
    fill_id(row, single, words);
    if (session->ocsp != OCSP_ASKED)
        fill_answer(row, single);
}
