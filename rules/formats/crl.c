/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificate revocation lists (RFC 5280 section 5), DER or PEM. What is watched for is a serial
 * number of an issuer. Many revocations are mere housekeeping: only those that tell of lost trust
 * count, and those that give no reason.
 */
#include "rules/formats/crl_issuers.h"
#include "rules/formats/formats.h"
#include "rules/formats/outline.h"
#include "rules/formats/reasons.h"
#include "rules/spelling.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <time.h>

enum { LOOK_AT = 65536 };

static bool
looks_crl(struct bytes content)
{
    struct lines lines = lines_of(bytes_first(content, LOOK_AT));
    struct pem_block block;
    if (outline_of(content) == OUTLINE_CRL)
        return true;
    while (pem_next(&lines, &block)) /* certificates of its issuers may stand before it */
        if (bytes_equal_string(block.label, "X509 CRL"))
            return true;
    return false;
}

static int
reason_of(const X509_REVOKED *revoked)
{
    int code = REASON_NONE_GIVEN;
    ASN1_ENUMERATED *given = X509_REVOKED_get_ext_d2i(revoked, NID_crl_reason, NULL, NULL);
    if (given)
        code = (int)ASN1_ENUMERATED_get(given);
    ASN1_ENUMERATED_free(given);
    return code;
}

static void
add_date(const ASN1_TIME *time, struct text *out)
{
    struct tm tm;
    if (time && ASN1_TIME_to_tm(time, &tm))
        text_add_format(out, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
    else
        text_add_string(out, "an unknown date");
}

static struct moment
moment_of(const ASN1_TIME *time)
{
    struct moment moment = {0};
    struct tm tm;
    moment.given = time && ASN1_TIME_to_tm(time, &tm);
    if (moment.given)
        moment.seconds = timegm(&tm);
    return moment;
}

/* The issuer of one entry: of an indirect list, that of the latest entry that named one (RFC 5280
 * section 5.3.3). False when it cannot be told. */
static bool
entry_issuer(const X509_REVOKED *revoked, struct arena *room, struct bytes *issuer)
{
    GENERAL_NAMES *names = X509_REVOKED_get_ext_d2i(revoked, NID_certificate_issuer, NULL, NULL);
    bool good = names == NULL;
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        const unsigned char *der;
        size_t len;
        if (name->type == GEN_DIRNAME && X509_NAME_get0_der(name->d.directoryName, &der, &len)) {
            *issuer = arena_copy(room, bytes_of(der, len), &good);
            break;
        }
    }
    GENERAL_NAMES_free(names);
    return good;
}

static struct bytes
serial_octets(const X509_REVOKED *revoked, struct text *room)
{
    const ASN1_INTEGER *serial = X509_REVOKED_get0_serialNumber(revoked);
    unsigned char *der = NULL;
    text_clear(room);
    int len = i2d_ASN1_INTEGER(serial, &der);
    if (len > 0) {
        /* A serial number has at most a few octets, so that its length is one. */
        struct reader r = reader_over(bytes_of(der, (size_t)len));
        read_u8(&r);
        if (read_u8(&r) < 0x80)
            text_add(room, reader_rest(&r));
    }
    OPENSSL_free(der);
    return serial_canonical(text_bytes(room));
}

/* What is read, and what counts. */
struct reading {
    struct list_reader *reader;
    struct reasons reasons;
    struct crl_issuers issuers;
};

static bool
add_revoked(const struct reading *reading, const X509_REVOKED *revoked, struct bytes issuer,
    unsigned long line, struct fault *why)
{
    struct list_reader *reader = reading->reader;
    struct saying say = list_saying(reader);
    int reason = reason_of(revoked);
    struct text serial = {0};
    struct text description = {0};
    struct value value = {.what = WHAT_ISSUER_SERIAL, .value = issuer};
    value.second = serial_octets(revoked, &serial);
    bool good = true;
    if (value.second.len == 0 || !reason_counts(&reading->reasons, reason)) {
        list_skip(reader);
    } else {
        text_add_string(&description, "revoked ");
        add_date(X509_REVOKED_get0_revocationDate(revoked), &description);
        text_add_format(&description, ": %s", reason_name(reason));
        say.description = text_string(&description);
        say.revoked = moment_of(X509_REVOKED_get0_revocationDate(revoked));
        say.has_note = true;
        say.note = NOTE_REVOKED_CERTIFICATE;
        good = list_add_value(reader, &value, &say, line, why);
    }
    text_free(&serial);
    text_free(&description);
    return good;
}

static bool
add_all(const struct reading *reading, X509_CRL *crl, unsigned long line, struct fault *why)
{
    STACK_OF(X509_REVOKED) *all = X509_CRL_get_REVOKED(crl);
    const unsigned char *der;
    size_t len;
    bool known = X509_NAME_get0_der(X509_CRL_get_issuer(crl), &der, &len);
    struct bytes issuer = bytes_of(der, known ? len : 0);
    for (int i = 0; i < sk_X509_REVOKED_num(all); i++) {
        const X509_REVOKED *revoked = sk_X509_REVOKED_value(all, i);
        known = entry_issuer(revoked, &reading->reader->room, &issuer) && issuer.len;
        if (!known)
            list_skip(reading->reader);
        else if (!add_revoked(reading, revoked, issuer, line, why))
            return false;
    }
    return true;
}

static bool
add_crl(const struct reading *reading, struct bytes der, unsigned long line, struct fault *why)
{
    struct list_reader *reader = reading->reader;
    struct fault complaint = {0};
    const unsigned char *at = der.at;
    bool doubt = false;
    X509_CRL *crl = d2i_X509_CRL(NULL, &at, (long)der.len);
    ERR_clear_error();
    if (!crl || at != der.at + der.len) {
        X509_CRL_free(crl);
        return list_fault(reader, line, why, "no revocation list (RFC 5280)");
    }
    bool good = crl_signed(&reading->issuers, crl, &doubt, &complaint)
                    ? add_all(reading, crl, line, why)
                    : list_fault(reader, line, why, "%s", complaint.text);
    if (doubt)
        list_warn(reader, "the certificates of its issuer that were loaded did not sign it: they "
                          "may be of another key");
    X509_CRL_free(crl);
    arena_empty(&reader->room);
    return good;
}

static bool
read_block(const struct reading *reading, const struct pem_block *block, struct fault *why)
{
    struct list_reader *reader = reading->reader;
    struct text der = {0};
    bool good;
    if (bytes_equal_string(block->label, "CERTIFICATE"))
        return true;
    if (!bytes_equal_string(block->label, "X509 CRL"))
        good = list_fault(reader, block->line, why, "something else than a revocation list");
    else if (!block->ended)
        good = list_fault(reader, block->line, why, "BEGIN X509 CRL without its END");
    else if (!base64_decode(block->body, &der))
        good = list_fault(reader, block->line, why, "not base64 in X509 CRL");
    else
        good = add_crl(reading, text_bytes(&der), block->line, why);
    text_free(&der);
    return good;
}

static bool
read_blocks(const struct reading *reading, struct fault *why)
{
    struct lines lines = lines_of(reading->reader->content);
    struct pem_block block;
    bool any = false;
    while (pem_next(&lines, &block)) {
        any = any || bytes_equal_string(block.label, "X509 CRL");
        if (!read_block(reading, &block, why))
            return false;
    }
    return any || list_fault(reading->reader, 0, why, "no revocation list (RFC 5280)");
}

static bool
read_crl(struct list_reader *reader, struct fault *why)
{
    struct reading reading = {.reader = reader};
    bool good = crl_issuers_open(&reading.issuers, reader, why) &&
                reasons_read(reader, &reading.reasons, why);
    if (good && outline_of(reader->content) == OUTLINE_CRL)
        good = add_crl(&reading, reader->content, 0, why);
    else
        good = good && read_blocks(&reading, why);
    crl_issuers_close(&reading.issuers);
    return good;
}

const struct list_format crl_format = {
    .name = "crl", .looks_like = looks_crl, .read = read_crl, .options = {"reasons", "issuers"}};
