/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/logs/ocsp.h"

#include <openssl/sha.h>

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

static void
fill_endpoints(struct ocsp_row *row, const struct session *session)
{
    static const char *const sources[] = {[OCSP_UNSEEN] = NULL,
        [OCSP_IN_HANDSHAKE] = "stapled",
        [OCSP_ASKED] = "request",
        [OCSP_ANSWERED] = "response",
        [FETCHED_CRL] = "crl",
        [FETCHED_CERTIFICATES] = "certificate"};
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
}

void
ocsp_row_fill(struct ocsp_row *row, const struct session *session, const struct ocsp_single *single,
    struct text *words)
{
    fill_endpoints(row, session);
    fill_id(row, single, words);
    if (session->ocsp != OCSP_ASKED)
        fill_answer(row, single);
}

/* An issuer that is known by its name is told as OCSP would name it. */
static void
fill_issuer(struct ocsp_row *row, struct bytes issuer, struct bytes serial, struct text *words)
{
    uint8_t digest[SHA_DIGEST_LENGTH];
    SHA1(issuer.at, issuer.len, digest);
    text_clear(words);
    text_add_upper_hex(words, bytes_of(digest, sizeof digest));
    text_add_upper_hex(words, serial);
    row->hash_algorithm = bytes_from_string("sha1");
    row->issuer_name_hash = bytes_first(text_bytes(words), 2 * sizeof digest);
    row->serial = cell_string_unless_empty(bytes_skip(text_bytes(words), 2 * sizeof digest));
}

void
ocsp_row_fill_crl(
    struct ocsp_row *row, const struct session *session, const struct crl *crl, struct text *words)
{
    fill_endpoints(row, session);
    fill_issuer(row, crl->issuer, (struct bytes){0}, words);
    row->this_update = cell_time_of_seconds(crl->this_update);
    if (crl->has_next_update)
        row->next_update = cell_time_of_seconds(crl->next_update);
}

void
ocsp_row_fill_certificate(struct ocsp_row *row, const struct session *session,
    const struct certificate *certificate, struct text *words)
{
    fill_endpoints(row, session);
    if (certificate->issuer.len)
        fill_issuer(row, certificate->issuer, certificate->serial, words);
}
