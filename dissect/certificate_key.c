/* SPDX-License-Identifier: Apache-2.0
 *
 * What a SubjectPublicKeyInfo says about the key (RFC 3279, RFC 5480, RFC 8410, RFC 9881). The
 * words are OpenSSL's, but for the three that Zeek has its own for: "rsa", "dsa" and "ecdsa".
 */
#include "dissect/certificate_parts.h"

struct key {
    struct der parameters; /* tag 0: none */
    struct bytes bits;     /* what stands in the BIT STRING */
};

static void
print_decimal(struct printed *text, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    print(text, bytes_of(digits + at, sizeof digits - at));
}

/* Decimal as far as 64 bits go; longer ones, which only mischief has, in hexadecimal. */
static struct bytes
print_exponent(struct reading *reading, struct bytes number)
{
    struct printed text = {0};
    size_t len = (der_bits(number) + 7) / 8;
    struct bytes significant = bytes_skip(number, number.len - len);
    if (len <= sizeof(uint64_t)) {
        struct reader r = reader_over(significant);
        print_decimal(&text, read_big_endian(&r, len));
    } else {
        print_string(&text, "0x");
        print_hex(&text, significant);
    }
    return reading_keep(reading, &text);
}

static bool
read_rsa(struct reading *reading, const struct key *key)
{
    struct reader r = reader_over(key->bits);
    struct der sequence;
    struct der modulus;
    struct der exponent;
    if (!reading_take(reading, &r, DER_SEQUENCE, &sequence))
        return false;
    r = reader_over(sequence.content);
    if (!reading_take(reading, &r, DER_INTEGER, &modulus) ||
        !reading_take(reading, &r, DER_INTEGER, &exponent))
        return false;
    reading->into->key_length = (unsigned)der_bits(modulus.content);
    reading->into->exponent = print_exponent(reading, exponent.content);
    return true;
}

/* The number at the head of the parameters: the prime of DSA and Diffie-Hellman. It may be missing,
 * and then it is the issuer's. */
static bool
read_prime(struct reading *reading, const struct key *key)
{
    struct reader r = reader_over(key->parameters.content);
    struct der prime;
    if (key->parameters.tag == DER_SEQUENCE && reading_take(reading, &r, DER_INTEGER, &prime))
        reading->into->key_length = (unsigned)der_bits(prime.content);
    return true;
}

static bool
read_named_curve(struct reading *reading, struct bytes name)
{
    char dotted[OID_TEXT];
    reading_oid(name, dotted);
    const struct oid *oid = oid_find(dotted);
    if (oid && oid->curve_bits) {
        reading->into->curve = bytes_from_string(oid->brief);
        reading->into->key_length = oid->curve_bits;
    } else {
        reading->into->curve = reading_copy(reading, bytes_from_string(dotted));
    }
    return true;
}

/* A curve spelt out (RFC 3279 section 2.3.5): version, field, curve, base, order, … */
static bool
read_explicit_curve(struct reading *reading, struct bytes parameters)
{
    struct reader r = reader_over(parameters);
    struct der value;
    struct der order;
    for (size_t i = 0; i < 4; i++)
        if (!der_read(&r, &value))
            return false;
    if (!reading_take(reading, &r, DER_INTEGER, &order))
        return false;
    reading->into->key_length = (unsigned)der_bits(order.content);
    return true;
}

static bool
read_curve(struct reading *reading, const struct key *key)
{
    if (key->parameters.tag == DER_OID)
        return read_named_curve(reading, key->parameters.content);
    return key->parameters.tag == DER_SEQUENCE &&
           read_explicit_curve(reading, key->parameters.content);
}

static bool
read_length(struct reading *reading, const struct key *key)
{
    reading->into->key_length = (unsigned)(8 * key->bits.len);
    return key->bits.len > 0;
}

/* The lengths of the Edwards and Montgomery curves are fixed, and not what their bytes add up to.
 */
static const struct key_kind {
    const char *algorithm;
    const char *type;
    unsigned length; /* where the algorithm says it */
    bool (*read)(struct reading *reading, const struct key *key);
} key_kinds[] = {
    {"1.2.840.113549.1.1.1", "rsa", 0, read_rsa},
    {"1.2.840.10045.2.1", "ecdsa", 0, read_curve},
    {"1.3.101.112", "ED25519", 256, NULL},
    {"1.2.840.113549.1.1.10", "RSA-PSS", 0, read_rsa},
    {"1.2.840.113549.1.1.4", "rsa", 0, read_rsa}, /* Windows terminal servers say so */
    {"2.5.8.1.1", "rsa", 0, read_rsa},
    {"1.2.840.10040.4.1", "dsa", 0, read_prime},
    {"1.3.14.3.2.12", "dsa", 0, read_prime},
    {"1.2.840.113549.1.3.1", "DH", 0, read_prime},
    {"1.2.840.10046.2.1", "DHX", 0, read_prime},
    {"1.3.101.110", "X25519", 253, NULL},
    {"1.3.101.111", "X448", 448, NULL},
    {"1.3.101.113", "ED448", 456, NULL},
    {"1.2.156.10197.1.301", "SM2", 256, NULL},
    {"2.16.840.1.101.3.4.3.17", "ML-DSA-44", 0, read_length},
    {"2.16.840.1.101.3.4.3.18", "ML-DSA-65", 0, read_length},
    {"2.16.840.1.101.3.4.3.19", "ML-DSA-87", 0, read_length},
};

static void
read_kind(struct reading *reading, const char *algorithm, const struct key *key)
{
    for (size_t i = 0; i < sizeof key_kinds / sizeof *key_kinds; i++) {
        const struct key_kind *kind = &key_kinds[i];
        if (strcmp(kind->algorithm, algorithm) != 0)
            continue;
        reading->into->key_length = kind->length;
        if (!kind->read || kind->read(reading, key))
            reading->into->key_type = bytes_from_string(kind->type);
    }
    if (bytes_equal_string(reading->into->curve, "SM2"))
        reading->into->key_type = bytes_from_string("SM2");
}

struct bytes
reading_algorithm(struct reading *reading, struct bytes oid)
{
    char dotted[OID_TEXT];
    reading_oid(oid, dotted);
    const struct oid *known = oid_find(dotted);
    return known ? bytes_from_string(known->name)
                 : reading_copy(reading, bytes_from_string(dotted));
}

void
reading_key(struct reading *reading, struct bytes key_info)
{
    struct reader r = reader_over(key_info);
    struct der algorithm;
    struct der oid;
    struct der bits;
    struct key key = {0};

    if (!reading_take(reading, &r, DER_SEQUENCE, &algorithm))
        return;
    struct reader inner = reader_over(algorithm.content);
    if (!reading_take(reading, &inner, DER_OID, &oid))
        return;
    reading->into->key_algorithm = reading_algorithm(reading, oid.content);
    if (reader_more(&inner) && (!der_read(&inner, &key.parameters) || key.parameters.cut))
        return;
    if (!reading_take(reading, &r, DER_BIT_STRING, &bits) || bits.content.len == 0)
        return;

    key.bits = bytes_skip(bits.content, 1); /* the first octet counts unused bits */
    char dotted[OID_TEXT];
    reading_oid(oid.content, dotted);
    read_kind(reading, dotted, &key);
}
