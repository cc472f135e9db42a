/* SPDX-License-Identifier: Apache-2.0
 *
 * Suricata's datasets as lists. Of what type one is stands in the rule that loads it and not in the
 * file, and so does the buffer that its strings are looked for in: both are told by the first entry
 * or by what a string looks like, unless the operator says them.
 */
#include "base/address.h"
#include "rules/canonical_name.h"
#include "rules/formats/formats.h"
#include "rules/sensible.h"
#include "rules/shown.h"
#include "rules/spelling.h"
#include "rules/suricata/dataset_entry.h"
#include "rules/suricata/dataset_json.h"
#include "rules/suricata/words.h"
#include "rules/value.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>

enum { LOOK_AT = 16, EMPTY_AFTER = 4096, LONGEST_LOOKED_AT = 4096 };

/* Buffers of rules, and what their strings are here. */
static const struct {
    const char *name;
    enum what what;
} buffers[] = {
    {"tls.sni", WHAT_SERVER_NAME},
    {"tls.cert_subject", WHAT_SUBJECT},
    {"tls.cert_issuer", WHAT_ISSUER},
    {"tls.cert_serial", WHAT_SERIAL},
    {"tls.cert_fingerprint", WHAT_SHA1},
    {"tls.subjectaltname", WHAT_SAN},
    {"ja3.hash", WHAT_JA3},
    {"ja3s.hash", WHAT_JA3S},
    {"ja4.hash", WHAT_JA4},
};
enum { BUFFERS = sizeof buffers / sizeof *buffers };

struct data {
    enum dataset_type type;
    bool has_type, has_buffer;
    enum what what;      /* of its strings, where the buffer is known */
    unsigned long least; /* score */
    struct dataset_json json;
};

static bool
is_address(struct bytes text)
{
    struct address address;
    return address_from_text(text, &address);
}

/* Strings that are digests in hexadecimal as well are too rare to think of. */
static enum dataset_type
type_of(struct bytes line)
{
    uint8_t digest[SHA256_LEN];
    size_t len = 0;
    struct bytes text = bytes_trim(line_field(&line, ','));
    if (is_address(text))
        return DATASET_IP;
    if (!bytes_from_hex(text, digest, sizeof digest, &len))
        return DATASET_STRING;
    return len == SHA256_LEN ? DATASET_SHA256 : len == MD5_LEN ? DATASET_MD5 : DATASET_STRING;
}

/* Hexadecimal pairs with a colon between each two, and no letter from `first` on. */
static bool
is_pairs(struct bytes text, uint8_t first)
{
    struct reader r = reader_over(text);
    for (size_t i = 0; reader_more(&r); i++) {
        uint8_t c = read_u8(&r);
        if (i % 3 == 2 ? c != ':' : !isxdigit(c) || (c >= first && c < first + 6))
            return false;
    }
    return text.len % 3 == 2 && text.len > 2;
}

static bool
is_digits(struct bytes text)
{
    struct reader r = reader_over(text);
    while (reader_more(&r))
        if (!isxdigit(read_u8(&r)))
            return false;
    return text.len > 0;
}

static bool
is_host(struct bytes text)
{
    struct reader r = reader_over(text);
    bool dot = false;
    while (reader_more(&r)) {
        uint8_t c = read_u8(&r);
        if (!isalnum(c) && !strchr(".-_*", c))
            return false;
        dot = dot || c == '.';
    }
    return dot && bytes_at(text, 0) != '.' && text.len > 3;
}

static bool
is_ja4(struct bytes text)
{
    return text.len == JA4_TEXT - 1 && bytes_at(text, 10) == '_' && bytes_at(text, 23) == '_';
}

static bool
is_dn(struct bytes text)
{
    struct text made = {0};
    bool dn = bytes_find_byte(text, '=') < text.len && name_canonical(text, &made);
    text_free(&made);
    return dn;
}

/* What a string is, told by its looks as Suricata shows it: fingerprints in lower case, serial
 * numbers in upper case. WHATS: nothing that is watched for. */
static enum what
guess(struct bytes text)
{
    if (bytes_find_byte(text, '\0') < text.len)
        return WHATS;
    if (text.len == 3 * SHA1_LEN - 1 && is_pairs(text, 'A'))
        return WHAT_SHA1;
    if (is_pairs(text, 'a'))
        return WHAT_SERIAL;
    if (is_digits(text) && text.len == 2 * SHA256_LEN)
        return WHAT_SHA256;
    if (is_digits(text) && text.len == 2 * SHA1_LEN)
        return WHAT_SHA1;
    if (is_digits(text) && text.len == 2 * MD5_LEN)
        return WHAT_JA3;
    if (is_ja4(text))
        return WHAT_JA4;
    if (is_host(text))
        return WHAT_DOMAIN;
    return is_dn(text) ? WHAT_SUBJECT : WHATS; /* or an issuer */
}

static bool
looks_string(struct bytes line)
{
    struct text decoded = {0};
    struct bytes text = bytes_trim(line_field(&line, ','));
    bool good = line.len < LONGEST_LOOKED_AT && base64_decode(text, &decoded) &&
                guess(text_bytes(&decoded)) != WHATS;
    text_free(&decoded);
    return good;
}

/* Pairs between colons are a fingerprint or serial number with a slip in it rather than an IPv6
 * address. */
static bool
looks_address(struct bytes text)
{
    struct reader r = reader_over(text);
    size_t run = 0;
    while (reader_more(&r) && run < 3) {
        uint8_t c = read_u8(&r);
        run = c == '.' ? 3 : c == ':' ? 0 : run + 1;
    }
    return run == 3 && is_address(text);
}

/* Only what no other format would take: addresses, and strings that make sense. Digests alone are a
 * plain list, which says the same of them. */
static bool
looks_dataset(struct bytes content)
{
    struct lines lines = lines_of(content);
    struct bytes line;
    size_t seen = 0;
    enum dataset_type type = DATASET_STRING;
    while (seen < LOOK_AT && lines_next(&lines, &line)) {
        if (line_is_comment(line))
            continue;
        if (line.len > LONGEST_LOOKED_AT)
            return false;
        enum dataset_type this = type_of(line);
        if (seen++ && this != type)
            return false;
        type = this;
        bool good = type == DATASET_IP ? looks_address(bytes_trim(line_field(&line, ',')))
                                       : type == DATASET_STRING && looks_string(line);
        if (!good)
            return false;
    }
    return seen > 0;
}

static bool
read_options(struct list_reader *reader, struct data *data, struct fault *why)
{
    struct bytes value;
    if (list_option(reader, "type", &value)) {
        data->has_type = true;
        if (!dataset_type_named(value, &data->type))
            return list_fault(reader, 0, why, "type is none of string, md5, sha256, ipv4, ip");
    }
    if (list_option(reader, "buffer", &value)) {
        size_t i = 0;
        while (i < BUFFERS && !bytes_equal_string(value, buffers[i].name))
            i++;
        if (i == BUFFERS)
            return list_fault(reader, 0, why,
                "buffer is none of tls.sni, tls.cert_subject, tls.cert_issuer, tls.cert_serial, "
                "tls.cert_fingerprint, tls.subjectaltname, ja3.hash, ja3s.hash, ja4.hash");
        data->has_buffer = data->has_type = true;
        data->what = buffers[i].what;
        data->type = DATASET_STRING;
    }
    if (list_option(reader, "format", &value) && !dataset_json_named(value, &data->json))
        return list_fault(reader, 0, why, "format is none of csv, json, ndjson");
    list_option(reader, "value_key", &data->json.value_key);
    list_option(reader, "array_key", &data->json.array_key);
    if (list_option(reader, "score", &value) && !word_number(value, UINT16_MAX, &data->least))
        return list_fault(reader, 0, why, "score is a number up to 65535");
    return true;
}

static struct bytes
kept(struct list_reader *reader, struct text *made)
{
    bool ok;
    struct bytes copy = arena_copy(&reader->room, text_bytes(made), &ok);
    text_free(made);
    assert(ok);
    return copy;
}

/* A string of a set has no wildcards: a star in it is a star. */
static bool
string_value(struct list_reader *reader, const struct data *data, struct bytes text,
    struct value *value, struct fault *complaint)
{
    enum what what = data->has_buffer ? data->what : guess(text);
    struct text made = {0};
    bool good = what < WHATS && text.len && bytes_find_byte(text, '\0') == text.len;
    if (good && (what == WHAT_SUBJECT || what == WHAT_ISSUER)) {
        if (!data->has_buffer)
            return fault_set(complaint, "a distinguished name, but of the subject or the issuer? "
                                        "Write suricata-dataset,buffer=tls.cert_subject:FILE");
        good = name_canonical(text, &made);
    } else if (good && (what == WHAT_DOMAIN || what == WHAT_SERVER_NAME || what == WHAT_SAN)) {
        name_lower(text, &made);
    } else if (good && what == WHAT_SERIAL && is_pairs(text, 'g')) {
        /* Suricata shows the octets as they are, with their sign. */
        uint8_t octets[64];
        size_t len = 0;
        good = bytes_from_hex(text, octets, sizeof octets, &len);
        text_add(&made, serial_canonical(bytes_of(octets, good ? len : 0)));
    } else if (good) {
        return value_from_text(what, text, &reader->room, value, complaint);
    }
    *value = (struct value){.what = what, .match = MATCH_EXACT, .value = kept(reader, &made)};
    if (good)
        return true;
    struct text shown = {0};
    text_add_written(&shown, text, 60);
    fault_set(complaint, "\"%s\" is nothing that is watched for: no %s", text_string(&shown),
        data->has_buffer ? what_kind(what)->type : "name, fingerprint, serial number, JA3 or JA4");
    text_free(&shown);
    return false;
}

static bool
octets_value(struct list_reader *reader, const struct data *data, struct bytes octets,
    struct value *value, struct fault *complaint)
{
    struct text made = {0};
    switch (data->type) {
    case DATASET_MD5:
    case DATASET_SHA256:
        text_add(&made, octets);
        *value = (struct value){.what = data->type == DATASET_MD5 ? WHAT_MD5 : WHAT_SHA256,
            .value = kept(reader, &made)};
        return true;
    case DATASET_IPV4:
    case DATASET_IP:
        text_add(&made, octets);
        text_add_char(&made, (char)128);
        *value = (struct value){
            .what = WHAT_ADDRESS, .match = MATCH_NETWORK, .value = kept(reader, &made)};
        return true;
    case DATASET_STRING:
    case DATASET_TYPES:
        break;
    }
    return string_value(reader, data, octets, value, complaint);
}

static bool
read_line(struct list_reader *reader, const struct data *data, struct bytes line,
    unsigned long number, struct text *octets, struct fault *why)
{
    struct saying say = list_saying(reader);
    struct fault complaint = {0};
    struct dataset_entry entry;
    struct value value;
    char reputation[32];
    if (!dataset_entry_read(data->type, line, octets, &entry, &complaint) ||
        !octets_value(reader, data, text_bytes(octets), &value, &complaint))
        return list_fault(reader, number, why, "%s", complaint.text);
    if (entry.score < data->least) {
        list_skip(reader);
        return true;
    }
    snprintf(reputation, sizeof reputation, "reputation %u", entry.score);
    if (entry.scored)
        say.description = reputation;
    return list_add_value(reader, &value, &say, number, why);
}

struct json_reading {
    struct list_reader *reader;
    struct data *data;
};

/* A value out of JSON, whose strings are not in base64. */
static bool
take_value(void *owner, struct bytes text, unsigned long number, struct fault *complaint)
{
    struct json_reading *reading = owner;
    struct list_reader *reader = reading->reader;
    struct saying say = list_saying(reader);
    struct text octets = {0};
    struct value value;
    if (!reading->data->has_type)
        reading->data->type = type_of(text);
    reading->data->has_type = true;
    bool good = dataset_value_read(reading->data->type, text, &octets, complaint) &&
                octets_value(reader, reading->data, text_bytes(&octets), &value, complaint);
    text_free(&octets);
    struct clause clause = {.any = &value, .len = 1};
    struct watch watch = {.all = &clause, .len = 1, .say = say, .line = number};
    good = good && watch_is_sensible(&watch, complaint) && list_add(reader, &watch, complaint);
    arena_empty(&reader->room);
    return good;
}

static bool
read_json(struct list_reader *reader, struct data *data, struct fault *why)
{
    struct json_reading reading = {reader, data};
    return dataset_json_read(&data->json, reader->content, reader->path, &reading, take_value, why);
}

static bool
read_dataset_list(struct list_reader *reader, struct fault *why)
{
    struct lines lines = lines_of(reader->content);
    struct data data = {0};
    struct text octets = {0};
    struct bytes line;
    bool good = read_options(reader, &data, why);
    if (good && data.json.given)
        return read_json(reader, &data, why);
    while (good && lines_next(&lines, &line)) {
        if (line_is_comment(line))
            continue;
        if (!data.has_type)
            data.type = type_of(line);
        data.has_type = true;
        good = read_line(reader, &data, line, lines.number, &octets, why);
        if (lines.number % EMPTY_AFTER == 0)
            arena_empty(&reader->room);
    }
    text_free(&octets);
    return good;
}

const struct list_format suricata_dataset_format = {
    .name = "suricata-dataset",
    .looks_like = looks_dataset,
    .read = read_dataset_list,
    .options = {"type", "buffer", "score", "format", "value_key", "array_key"},
};
