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
    TAG_EXTENSIONS = DER_CONTEXT | DER_CONSTRUCTED | 3,
    REMEMBERED = 64, /* extensions that are compared when a certificate holds one twice */
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
extension_is(const struct extension *extension, uint8_t arc)
{
    const uint8_t oid[] = {0x55, 0x1d, arc}; /* 2.5.29.arc */
    return bytes_equal(extension->oid, bytes_of(oid, sizeof oid));
}

bool
extension_is_alternative_name(const struct extension *extension)
{
    return extension_is(extension, 17);
}

bool
extension_read(struct reader *r, struct extension *extension)
{
    struct der sequence;
    struct der oid;
    struct der critical;
    if (!reader_more(r) || !der_read(r, &sequence) || sequence.tag != DER_SEQUENCE)
        return false;
    struct reader inner = reader_over(sequence.content);
    if (!der_take(&inner, DER_OID, &oid))
        return false;
    if (der_next_is(&inner, DER_BOOLEAN))
        der_take(&inner, DER_BOOLEAN, &critical);
    extension->oid = oid.content;
    return der_read(&inner, &extension->value) && !extension->value.cut &&
           (extension->value.tag & ~DER_CONSTRUCTED) == DER_OCTET_STRING;
}

static bool
read_path_len(struct reading *reading, struct reader *r, int *path_len)
{
    struct der number;
    if (!reading_take(reading, r, DER_INTEGER, &number))
        return false;
    struct reader octets = reader_over(number.content);
    bool negative = read_u8(&octets) & 0x80;
    octets = reader_over(number.content);
    if (der_bits(number.content) > 31)
        *path_len = INT32_MAX;
    else if (!negative)
        *path_len = (int)read_big_endian(&octets, number.content.len);
    return !negative;
}

/* RFC 5280 section 4.2.1.9. What is in here must all make sense, or it is taken for not there. */
static void
read_basic_constraints(struct reading *reading, struct bytes octets)
{
    struct certificate *c = reading->into;
    struct reader r = reader_over(octets);
    struct der sequence;
    struct der boolean;
    bool ca = false;
    int path_len = -1;

    if (!reading_take(reading, &r, DER_SEQUENCE, &sequence))
        return;
    struct reader inner = reader_over(sequence.content);
    if (der_next_is(&inner, DER_BOOLEAN)) {
        if (!reading_take(reading, &inner, DER_BOOLEAN, &boolean) || boolean.content.len != 1)
            return;
        struct reader octet = reader_over(boolean.content);
        ca = read_u8(&octet) != 0;
    }
    if (reader_more(&inner) && !read_path_len(reading, &inner, &path_len))
        return;
    if (!reader_finished(&inner) || !reader_finished(&r))
        return;
    c->has_basic_constraints = true;
    c->ca = ca;
    c->path_len = path_len;
}

static void
note_duplicate(
    struct reading *reading, struct bytes *known, size_t count, const struct extension *extension)
{
    for (size_t i = 0; i < count && i < REMEMBERED; i++)
        if (bytes_equal(known[i], extension->oid))
            reading->into->odd |= ODD_DUPLICATE_EXTENSION;
    if (count < REMEMBERED)
        known[count] = extension->oid;
}

/* Once over all extensions. `names` is counted or kept, see reading_alternative_names. */
static void
read_alternative_names(struct reading *reading, struct alternative_names *names)
{
    struct reader r = reader_over(reading->into->extensions);
    for (struct extension extension; extension_read(&r, &extension);) {
        struct bytes octets;
        if (extension_is_alternative_name(&extension) &&
            reading_string(reading, &extension.value, &octets))
            reading_alternative_names(reading, octets, names);
    }
}

static bool
read_each_extension(struct reading *reading)
{
    struct bytes known[REMEMBERED];
    struct reader r = reader_over(reading->into->extensions);
    for (size_t count = 0; reader_more(&r); count++) {
        struct extension extension;
        struct bytes octets;
        if (!extension_read(&r, &extension))
            return false;
        note_duplicate(reading, known, count, &extension);
        if (extension_is(&extension, 19) && !reading->into->has_basic_constraints &&
            reading_string(reading, &extension.value, &octets))
            read_basic_constraints(reading, octets);
    }
    return true;
}

static bool
read_extensions(struct reading *reading, struct reader *r)
{
    struct certificate *c = reading->into;
    struct der explicit;
    struct der sequence;
    if (!reader_more(r))
        return true;

    /* Either may be cut: what is there is still worth reading. */
    if (!der_read(r, &explicit) || explicit.tag != TAG_EXTENSIONS)
        return false;
    struct reader inner = reader_over(explicit.content);
    if (!der_read(&inner, &sequence) || sequence.tag != DER_SEQUENCE)
        return false;
    if (explicit.lenient || sequence.lenient)
        c->odd |= ODD_NOT_DER;
    if (c->version == 1 || c->version == 2)
        c->odd |= ODD_VERSION;
    c->extensions = sequence.content;

    struct alternative_names names = {0};
    read_alternative_names(reading, &names);
    if (reading_alternative_room(reading, &names))
        read_alternative_names(reading, &names);
    return read_each_extension(reading) && reader_finished(&inner);
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
    {read_extensions, "the extensions cannot be read"},
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
    read_fields(reading, signed_part.content);
    if (!read_algorithm(reading, &r))
        broken(reading, "the signature algorithm cannot be read");
    else if (!reading_take(reading, &r, DER_BIT_STRING, &signature) || !reader_finished(&r))
        broken(reading, "the signature cannot be read");
    return !reading->no_room;
}
