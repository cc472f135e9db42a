/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/logs/x509.h"

#include <assert.h>

#define AT(field) offsetof(struct x509_row, field)

static const struct column columns[] = {
    {"ts", COLUMN_TIME, AT(ts)},
    {"fingerprint", COLUMN_WORD, AT(fingerprint)},
    {"certificate.version", COLUMN_COUNT, AT(version)},
    {"certificate.serial", COLUMN_STRING, AT(serial)},
    {"certificate.subject", COLUMN_STRING, AT(subject)},
    {"certificate.issuer", COLUMN_STRING, AT(issuer)},
    {"certificate.not_valid_before", COLUMN_TIME, AT(not_before)},
    {"certificate.not_valid_after", COLUMN_TIME, AT(not_after)},
    {"certificate.key_alg", COLUMN_STRING, AT(key_algorithm)},
    {"certificate.sig_alg", COLUMN_STRING, AT(signature_algorithm)},
    {"certificate.key_type", COLUMN_STRING, AT(key_type)},
    {"certificate.key_length", COLUMN_COUNT, AT(key_length)},
    {"certificate.exponent", COLUMN_STRING, AT(exponent)},
    {"certificate.curve", COLUMN_STRING, AT(curve)},
    {"san.dns", COLUMN_STRINGS, AT(dns)},
    {"san.uri", COLUMN_STRINGS, AT(uri)},
    {"san.email", COLUMN_STRINGS, AT(email)},
    {"san.ip", COLUMN_ADDRESSES, AT(ip)},
    {"basic_constraints.ca", COLUMN_BOOL, AT(ca)},
    {"basic_constraints.path_len", COLUMN_COUNT, AT(path_len)},
    {"host_cert", COLUMN_BOOL, AT(host_cert)},
    {"client_cert", COLUMN_BOOL, AT(client_cert)},
    {"fingerprint_sha1", COLUMN_WORD, AT(sha1)},
    {"fingerprint_md5", COLUMN_WORD, AT(md5)},
    {"spki_sha256", COLUMN_WORD, AT(spki_sha256)},
    {"first_uid", COLUMN_WORD, AT(first_uid)},
};

const struct log x509_log = {
    "x509", columns, sizeof columns / sizeof *columns, sizeof(struct x509_row)};

/* What prints as nothing is still set when it was there: a subject without any part is one. */
static struct bytes
printed(struct bytes der, struct bytes text)
{
    return der.len || text.len ? cell_string_of(text) : (struct bytes){0};
}

static struct cell_count
unless_zero(uint64_t value)
{
    return (struct cell_count){.is_set = value != 0, .value = value};
}

static void
fill_facts(struct x509_row *row, const struct certificate *certificate)
{
    row->version = unless_zero(certificate->version);
    row->serial = printed(certificate->serial, certificate->serial_text);
    row->subject = printed(certificate->subject, certificate->subject_text);
    row->issuer = printed(certificate->issuer, certificate->issuer_text);
    if (certificate->has_not_before)
        row->not_before = cell_time_of_seconds(certificate->not_before);
    if (certificate->has_not_after)
        row->not_after = cell_time_of_seconds(certificate->not_after);
    row->key_algorithm = cell_string_unless_empty(certificate->key_algorithm);
    row->signature_algorithm = cell_string_unless_empty(certificate->signature_algorithm);
    row->key_type = cell_string_unless_empty(certificate->key_type);
    row->key_length = unless_zero(certificate->key_length);
    row->exponent = cell_string_unless_empty(certificate->exponent);
    row->curve = cell_string_unless_empty(certificate->curve);
}

static void
fill_extensions(struct x509_row *row, const struct certificate *certificate)
{
    row->dns = cells_unless_empty(certificate->dns.at, certificate->dns.len);
    row->uri = cells_unless_empty(certificate->uri.at, certificate->uri.len);
    row->email = cells_unless_empty(certificate->email.at, certificate->email.len);
    row->ip = cells_unless_empty(certificate->ip, certificate->ip_len);
    if (!certificate->has_basic_constraints)
        return;
    row->ca = cell_bool_of(certificate->ca);
    if (certificate->path_len >= 0)
        row->path_len = cell_count_of((uint64_t)certificate->path_len);
}

void
x509_row_fill(
    struct x509_row *row, const struct session *session, enum role role, size_t chain_index)
{
    assert(chain_index < session->chain[role].len);
    const struct certificate *certificate = session->chain[role].at[chain_index];
    *row = (struct x509_row){
        .ts = cell_time_of_ns(session->ts_ns),
        .fingerprint = certificate->sha256_hex,
        .host_cert = cell_bool_of(chain_index == 0), /* the leaf, whoever sent it: as Zeek */
        .client_cert = cell_bool_of(role == CLIENT),
        .sha1 = certificate->sha1_hex,
        .md5 = certificate->md5_hex,
        .spki_sha256 = cell_word_unless_empty(certificate->spki_sha256_hex),
        .first_uid = session->uid,
    };
    fill_facts(row, certificate);
    fill_extensions(row, certificate);
}
