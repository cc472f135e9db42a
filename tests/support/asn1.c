/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/asn1.h"

#include "tests/support/hex.h"

#include <stdlib.h>

static uint8_t *
room_for(struct arena *arena, size_t size)
{
    uint8_t *room = arena_take(arena, size);
    if (!room)
        abort();
    return room;
}

static size_t
put_header(uint8_t *out, uint8_t tag, size_t len)
{
    size_t octets = 0;
    *out++ = tag;
    if (len < 0x80) {
        *out = (uint8_t)len;
        return 2;
    }
    for (size_t left = len; left; left >>= 8)
        octets++;
    *out++ = (uint8_t)(0x80 | octets);
    for (size_t i = octets; i-- > 0;)
        *out++ = (uint8_t)(len >> 8 * i);
    return 2 + octets;
}

struct bytes
asn1_join(struct arena *arena, uint8_t tag, const struct bytes *parts, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += parts[i].len;
    uint8_t *out = room_for(arena, len + 10);
    size_t at = put_header(out, tag, len);
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len)
            memcpy(out + at, parts[i].at, parts[i].len);
        at += parts[i].len;
    }
    return bytes_of(out, at);
}

struct bytes
asn1_text(struct arena *arena, uint8_t tag, const char *text)
{
    return ASN1(arena, tag, bytes_from_string(text));
}

struct bytes
asn1_fill(struct arena *arena, uint8_t tag, uint8_t byte, size_t count)
{
    uint8_t *filled = room_for(arena, count);
    memset(filled, byte, count);
    return ASN1(arena, tag, bytes_of(filled, count));
}

struct bytes
asn1_none(struct arena *arena, uint8_t tag)
{
    return asn1_join(arena, tag, NULL, 0);
}

struct bytes
asn1_raw(struct arena *arena, const char *annotated)
{
    bool ok;
    struct bytes b = hex(annotated);
    struct bytes copy = arena_copy(arena, b, &ok);
    free((void *)b.at);
    if (!ok)
        abort();
    return copy;
}

struct bytes
asn1_hex(struct arena *arena, uint8_t tag, const char *annotated)
{
    return ASN1(arena, tag, asn1_raw(arena, annotated));
}

struct bytes
asn1_name(struct arena *arena, const char *type, struct bytes value)
{
    struct bytes attribute = ASN1(arena, 0x30, asn1_hex(arena, 0x06, type), value);
    return ASN1(arena, 0x30, ASN1(arena, 0x31, attribute));
}

struct bytes
asn1_extension(struct arena *arena, const char *oid, struct bytes value)
{
    return ASN1(arena, 0x30, asn1_hex(arena, 0x06, oid), ASN1(arena, 0x04, value));
}

struct bytes
asn1_extensions(struct arena *arena, const struct bytes *extensions, size_t count)
{
    return ASN1(arena, 0xa3, asn1_join(arena, 0x30, extensions, count));
}

struct asn1_certificate
asn1_good(struct arena *arena)
{
    struct bytes ed25519 = ASN1(arena, 0x30, asn1_hex(arena, 0x06, "2b6570"));
    struct bytes bits =
        ASN1(arena, 0x03, asn1_raw(arena, "00"), bytes_skip(asn1_fill(arena, 0x04, 0x42, 32), 2));
    return (struct asn1_certificate){
        .version = asn1_raw(arena, "a0 03 02 01 02"),
        .serial = asn1_raw(arena, "02 02 1234"),
        .algorithm = ed25519,
        .issuer = asn1_name(arena, "550403", asn1_text(arena, 0x0c, "issuer")),
        .validity = ASN1(arena, 0x30, asn1_text(arena, 0x17, "240102030405Z"),
            asn1_text(arena, 0x18, "20500102030405Z")),
        .subject = asn1_name(arena, "550403", asn1_text(arena, 0x0c, "subject")),
        .key = ASN1(arena, 0x30, ed25519, bits),
    };
}

struct bytes
asn1_certificate(struct arena *arena, const struct asn1_certificate *p)
{
    struct bytes part = ASN1(arena, 0x30, p->version, p->serial, p->algorithm, p->issuer,
        p->validity, p->subject, p->key, p->extensions);
    struct bytes signature = asn1_hex(arena, 0x03, "00 0102030405060708");
    return ASN1(arena, 0x30, part, p->algorithm, signature);
}
