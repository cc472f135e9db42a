/* SPDX-License-Identifier: Apache-2.0
 *
 * Walks a certificate (RFC 5280 section 4.1), field after field, and notes where each stands and
 * what it says. A field that is missing or makes no sense ends the walk; a certificate that is cut
 * is read as far as it goes.
 */
#include "dissect/asn1_time.h"
#include "dissect/certificate_parts.h"

enum {
    SERIAL_PRINTED = 512, /* bytes of a serial number that are printed; a proper one has 20 */
    TAG_VERSION = DER_CONTEXT | DER_CONSTRUCTED | 0,
};

static bool
read_version(struct reading *reading, struct reader *r)
{
    struct certificate *c = reading->into;
    struct der explicit;
    struct der number;

    c->version = 1;
    if (!der_next_is(r, TAG_VERSION))
        return true;
    if (!reading_take(reading, r, TAG_VERSION, &explicit))
        return false;
    struct reader inner = reader_over(explicit.content);
    c->version = 0;
    if (reading_take(reading, &inner, DER_INTEGER, &number) && number.content.len == 1) {
        inner = reader_over(number.content);
        uint8_t value = read_u8(&inner);
        c->version = value & 0x80 ? 0 : value + 1u;
    }
    if (c->version < 1 || c->version > 3)
        c->odd |= ODD_VERSION;
    return true;
}

/* Where the magnitude of a negative number has its last octet that is not zero: behind it the
 * carry of the two's complement has no effect. */
static size_t
last_set_octet(struct bytes number)
{
    size_t last = 0;
    struct reader r = reader_over(number);
    for (size_t i = 0; reader_more(&r); i++)
        if (read_u8(&r))
            last = i;
    return last;
}

static void
print_magnitude(struct printed *text, struct bytes number, bool negative)
{
    size_t last = last_set_octet(number);
    struct reader r = reader_over(bytes_first(number, SERIAL_PRINTED));
    for (size_t i = 0; reader_more(&r); i++) {
        uint8_t octet = read_u8(&r);
        if (negative && i <= last)
            octet = (uint8_t)(i < last ? ~octet : -octet);
        print_hex(text, bytes_of(&octet, 1));
    }
    if (number.len > SERIAL_PRINTED)
        text->cut = true;
}

/* An octet of zero in front is a sign where the next one has its high bit set, and is not printed.
 * Any other is padding: odd, and printed, since somebody meant something by it. */
static bool
read_serial(struct reading *reading, struct reader *r)
{
    struct certificate *c = reading->into;
    struct printed text = {0};
    struct der number;
    if (!reading_take(reading, r, DER_INTEGER, &number))
        return false;
    c->serial = number.content;

    struct reader octets = reader_over(c->serial);
    uint8_t first = read_u8(&octets);
    bool one = !reader_more(&octets);
    bool high = read_u8(&octets) & 0x80;
    bool negative = first & 0x80;
    bool sign_only = !one && first == 0 && high;
    bool padded = !one && ((first == 0 && !high) || (first == 0xff && high));
    if (c->serial.len == 0 || negative || padded || (one && first == 0))
        c->odd |= ODD_SERIAL;

    if (negative)
        print_string(&text, "-");
    print_magnitude(&text, sign_only ? bytes_skip(c->serial, 1) : c->serial, negative);
    c->serial_text = reading_keep(reading, &text);
    return true;
}

/* The algorithm inside the signed part; the one outside, next to the signature, goes before it. */
static bool
read_algorithm(struct reading *reading, struct reader *r)
{
    struct der algorithm;
    struct der oid;
    if (!reading_take(reading, r, DER_SEQUENCE, &algorithm))
        return false;
    struct reader inner = reader_over(algorithm.content);
    if (!reading_take(reading, &inner, DER_OID, &oid))
        return false;
    reading->into->signature_algorithm = reading_algorithm(reading, oid.content);
    return true;
}

static bool
read_issuer(struct reading *reading, struct reader *r)
{
    struct der name;
    if (!reading_take(reading, r, DER_SEQUENCE, &name))
        return false;
    reading->into->issuer = name.whole;
    reading->into->issuer_text = reading_name(reading, name.whole);
    return true;
}

static bool
read_subject(struct reading *reading, struct reader *r)
{
    struct certificate *c = reading->into;
    struct der name;
    if (!reading_take(reading, r, DER_SEQUENCE, &name))
        return false;
    c->subject = name.whole;
    c->self_issued = bytes_equal(c->issuer, c->subject);
    c->subject_text = c->self_issued ? c->issuer_text : reading_name(reading, name.whole);
    reading_common_names(reading, name.whole);
    return true;
}

static bool
read_time(struct reading *reading, struct reader *r, int64_t *seconds)
{
    struct der value;
    struct bytes text;
    struct asn1_time time = {0};
    bool good = der_read(r, &value) && !value.cut && reading_string(reading, &value, &text) &&
                asn1_time_read(value.tag & (uint8_t)~DER_CONSTRUCTED, text, &time);
    if (!good)
        reading->into->odd |= ODD_TIME;
    else if (!time.strict || value.lenient)
        reading->into->odd |= ODD_NOT_DER;
    *seconds = time.seconds;
    return good;
}

static bool
read_validity(struct reading *reading, struct reader *r)
{
    struct certificate *c = reading->into;
    struct der validity;
    if (!reading_take(reading, r, DER_SEQUENCE, &validity))
        return false;
    struct reader inner = reader_over(validity.content);
    c->has_not_before = read_time(reading, &inner, &c->not_before);
    c->has_not_after = read_time(reading, &inner, &c->not_after);
    return true;
}

static bool
read_key_info(struct reading *reading, struct reader *r)
{
    struct der key_info;
    if (!reading_take(reading, r, DER_SEQUENCE, &key_info))
        return false;
    reading->into->spki = key_info.whole;
    reading_key(reading, key_info.content);
    return true;
}

/* The unique identifiers of version 2: nobody uses them, but they may stand here. */
static bool
skip_unique_identifiers(struct reading *reading, struct reader *r)
{
    (void)reading;
    struct der value;
    for (uint8_t number = 1; number <= 2; number++) {
        uint8_t tag = (uint8_t)(DER_CONTEXT | number);
        if (der_next_is(r, tag) || der_next_is(r, tag | DER_CONSTRUCTED))
            if (!der_read(r, &value) || value.cut)
                return false;
    }
    return true;
}

static bool
read_end(struct reading *reading, struct reader *r)
{
    (void)reading;
    return reader_finished(r);
}

static const struct field {
    bool (*read)(struct reading *reading, struct reader *r);
    const char *broken;
} fields[] = {
    {read_version, "the version cannot be read"},
    {read_serial, "the serial number cannot be read"},
    {read_algorithm, "the signature algorithm cannot be read"},
    {read_issuer, "the issuer cannot be read"},
    {read_validity, "the validity cannot be read"},
    {read_subject, "the subject cannot be read"},
    {read_key_info, "the public key cannot be read"},
    {skip_unique_identifiers, "the unique identifiers cannot be read"},
    {reading_extensions, "the extensions cannot be read"},
    {read_end, "there is more in it than a certificate has"},
};

static void
broken(struct reading *reading, const char *why)
{
    if (!reading->into->broken)
        reading->into->broken = why;
}

/* A SEQUENCE that holds others: it may be cut. */
static bool
open_sequence(struct reading *reading, struct reader *r, struct der *sequence)
{
    if (!der_read(r, sequence) || sequence->tag != DER_SEQUENCE)
        return false;
    if (sequence->lenient)
        reading->into->odd |= ODD_NOT_DER;
    if (sequence->cut)
        broken(reading, "it ends before its length says");
    return true;
}

static void
read_fields(struct reading *reading, struct bytes signed_part)
{
    struct reader r = reader_over(signed_part);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (!fields[i].read(reading, &r)) {
            broken(reading, fields[i].broken);
            return;
        }
}

/* A SubjectPublicKeyInfo that stands in place of a certificate (RFC 7250 section 3): an algorithm,
 * and behind it the bits of the key where a certificate has another algorithm. */
static bool
is_raw_key(struct bytes first_part, const struct reader *rest)
{
    struct reader r = reader_over(first_part);
    return der_next_is(&r, DER_OID) && der_next_is(rest, DER_BIT_STRING);
}

bool
reading_walk(struct reading *reading)
{
    struct certificate *c = reading->into;
    struct reader r = reader_over(c->der);
    struct der certificate;
    struct der signed_part;
    struct der signature;

    c->path_len = -1;
    if (!open_sequence(reading, &r, &certificate)) {
        broken(reading, "it is no SEQUENCE");
        return true;
    }
    if (reader_more(&r))
        c->odd |= ODD_TRAILING;

    r = reader_over(certificate.content);
    if (!open_sequence(reading, &r, &signed_part)) {
        broken(reading, "its first part is no SEQUENCE");
        return true;
    }
    if (is_raw_key(signed_part.content, &r)) {
        c->raw_key = true;
        c->spki = certificate.whole;
        reading_key(reading, certificate.content);
        return !reading->no_room;
    }
    read_fields(reading, signed_part.content);
    if (!read_algorithm(reading, &r))
        broken(reading, "the signature algorithm cannot be read");
    else if (!reading_take(reading, &r, DER_BIT_STRING, &signature) || !reader_finished(&r))
        broken(reading, "the signature cannot be read");
    return !reading->no_room;
}
