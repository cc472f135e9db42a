/* SPDX-License-Identifier: Apache-2.0
 *
 * CRLite's revocations before they become a filter: a file for each issuer, which is called after
 * the SHA-256 of the issuer's key, with a reason and a serial number a line. Who signed a
 * certificate is known when the issuer's certificate is sent too.
 */
#include "rules/formats/formats.h"
#include "rules/formats/reasons.h"
#include "rules/spelling.h"

enum { LOOK_AT = 16, LONGEST_LINE = 2 * (1 + 64) };

struct crlite {
    uint8_t issuer[SHA256_LEN];
    struct reasons reasons;
    bool without_reason; /* as older files are */
};

static const char *
last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Base64, its ending ".revoked" forgiven, or hexadecimal where the operator writes it. */
static bool
read_issuer(struct bytes name, uint8_t issuer[SHA256_LEN])
{
    struct bytes ending = bytes_from_string(".revoked");
    struct text octets = {0};
    size_t len = 0;
    if (name.len == 2 * (size_t)SHA256_LEN)
        return bytes_from_hex(name, issuer, SHA256_LEN, &len) && len == SHA256_LEN;
    if (name.len > ending.len && bytes_equal(bytes_skip(name, name.len - ending.len), ending))
        name = bytes_first(name, name.len - ending.len);
    bool good = name.len < 48 && base64_decode(name, &octets) && octets.len == SHA256_LEN;
    if (good)
        memcpy(issuer, octets.at, SHA256_LEN);
    text_free(&octets);
    return good;
}

static bool
is_digits(struct bytes line)
{
    uint8_t octets[LONGEST_LINE / 2];
    size_t len = 0;
    return line.len <= LONGEST_LINE && bytes_find_byte(line, ':') == line.len &&
           bytes_from_hex(line, octets, sizeof octets, &len) && len > 0;
}

static bool
looks_crlite(const char *name, struct bytes content)
{
    uint8_t issuer[SHA256_LEN];
    struct lines lines = lines_of(content);
    struct bytes line;
    size_t seen = 0;
    if (!read_issuer(bytes_from_string(name), issuer))
        return false;
    while (seen < LOOK_AT && lines_next(&lines, &line)) {
        if (!is_digits(line))
            return false;
        seen++;
    }
    return seen > 0;
}

static bool
begin(struct list_reader *reader, struct crlite *crlite, struct fault *why)
{
    struct bytes value = bytes_from_string(last_part(reader->path));
    bool named = list_option(reader, "issuer", &value);
    if (!read_issuer(value, crlite->issuer))
        return list_fault(reader, 0, why, "%s",
            named ? "issuer is no SHA-256 of a key, in hexadecimal or base64"
                  : "the name of the file is no SHA-256 of the issuer's key in base64: say it, "
                    "crlite,issuer=…:FILE");
    if (list_option(reader, "reason-byte", &value)) {
        crlite->without_reason = bytes_equal_string(value, "no");
        if (!crlite->without_reason && !bytes_equal_string(value, "yes"))
            return list_fault(reader, 0, why, "reason-byte is yes or no");
    }
    return reasons_read(reader, &crlite->reasons, why);
}

static bool
add_serial(struct list_reader *reader, const struct crlite *crlite, int reason, struct bytes serial,
    unsigned long number, struct fault *why)
{
    struct saying say = list_saying(reader);
    struct value value = {.what = WHAT_ISSUER_KEY_SERIAL,
        .value = bytes_of(crlite->issuer, SHA256_LEN),
        .second = serial_canonical(serial)};
    if (!reason_counts(&crlite->reasons, reason)) {
        list_skip(reader);
        return true;
    }
    say.has_note = true;
    say.note = NOTE_REVOKED_CERTIFICATE;
    say.description = reason_name(reason);
    return list_add_value(reader, &value, &say, number, why);
}

static bool
read_line(struct list_reader *reader, const struct crlite *crlite, struct bytes line,
    unsigned long number, struct fault *why)
{
    uint8_t octets[LONGEST_LINE / 2];
    size_t len = 0;
    if (line.len > LONGEST_LINE || bytes_find_byte(line, ':') < line.len ||
        !bytes_from_hex(line, octets, sizeof octets, &len) || len == 0)
        return list_fault(reader, number, why, "is no serial number in hexadecimal");
    struct bytes all = bytes_of(octets, len);
    if (crlite->without_reason)
        return add_serial(reader, crlite, REASON_NONE_GIVEN, all, number, why);
    int reason = bytes_at(all, 0);
    if (!reason_known(reason))
        return list_fault(reader, number, why,
            "begins with no reason of RFC 5280; if the file has serial numbers only, say so: "
            "crlite,reason-byte=no:FILE");
    if (len == 1)
        return list_fault(reader, number, why, "has no serial number behind its reason");
    return add_serial(reader, crlite, reason, bytes_skip(all, 1), number, why);
}

static bool
read_crlite(struct list_reader *reader, struct fault *why)
{
    struct lines lines = lines_of(reader->content);
    struct crlite crlite = {0};
    struct bytes line;
    bool good = begin(reader, &crlite, why);
    while (good && lines_next(&lines, &line))
        if (!line_is_comment(line))
            good = read_line(reader, &crlite, bytes_trim(line), lines.number, why);
    return good;
}

const struct list_format crlite_format = {
    .name = "crlite",
    .looks_named = looks_crlite,
    .read = read_crlite,
    .options = {"reasons", "issuer", "reason-byte"},
};
