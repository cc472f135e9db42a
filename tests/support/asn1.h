/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates for tests, put together value by value, so that any of them can be wrong.
 */
#ifndef CERTTAP_TESTS_SUPPORT_ASN1_H
#define CERTTAP_TESTS_SUPPORT_ASN1_H

#include "base/bytes.h"
#include "base/pool.h"

/* A value with the shortest length there is; its content is the parts in a row. */
struct bytes asn1_join(struct arena *arena, uint8_t tag, const struct bytes *parts, size_t count);

/* A value around a string, one around so many equal bytes, and one around nothing. */
struct bytes asn1_text(struct arena *arena, uint8_t tag, const char *text);
struct bytes asn1_fill(struct arena *arena, uint8_t tag, uint8_t byte, size_t count);
struct bytes asn1_none(struct arena *arena, uint8_t tag);

/* A value around bytes in annotated hexadecimal, and such bytes with nothing around them. */
struct bytes asn1_hex(struct arena *arena, uint8_t tag, const char *annotated);
struct bytes asn1_raw(struct arena *arena, const char *annotated);

#define ASN1(arena, tag, ...)                                                                      \
    asn1_join((arena), (tag), (const struct bytes[]){__VA_ARGS__},                                 \
        sizeof((const struct bytes[]){__VA_ARGS__}) / sizeof(struct bytes))

/* The parts of a certificate, each a whole value. */
struct asn1_certificate {
    struct bytes version, serial, algorithm, issuer, validity, subject, key, extensions;
};

/* A good certificate: version 3, "CN=issuer", "CN=subject", an Ed25519 key, no extensions. */
struct asn1_certificate asn1_good(struct arena *arena);

/* Puts one together; an empty part is left out. */
struct bytes asn1_certificate(struct arena *arena, const struct asn1_certificate *parts);

/* A name of one attribute: the type in hexadecimal, the value as it is. */
struct bytes asn1_name(struct arena *arena, const char *type, struct bytes value);

/* The extensions of a certificate, each in parts: the object identifier in hexadecimal. */
struct bytes asn1_extension(struct arena *arena, const char *oid, struct bytes value);
struct bytes asn1_extensions(struct arena *arena, const struct bytes *extensions, size_t count);

#endif
