/* SPDX-License-Identifier: Apache-2.0
 *
 * The extensions of a certificate (RFC 5280 section 4.2): who it is for, and whether it may issue
 * others. The rest is nobody's business yet, and is looked at only to find one that stands twice.
 */
#include "dissect/certificate_parts.h"

enum {
    TAG_EXTENSIONS = DER_CONTEXT | DER_CONSTRUCTED | 3,
    REMEMBERED = 64, /* extensions that are compared when a certificate holds one twice */
};

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

bool
reading_extensions(struct reading *reading, struct reader *r)
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
