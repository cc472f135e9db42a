/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: what one certificate says (RFC 5280), read once and never changed after.
 *
 * The bytes on the wire come first: they are hashed and can be matched whatever they are. Reading
 * them is lenient and may stop half-way: then `broken` says why and all that was read before
 * stands. Numbers that were not read are zero, texts and slices empty.
 */
#ifndef CERTTAP_DISSECT_CERTIFICATE_H
#define CERTTAP_DISSECT_CERTIFICATE_H

#include "base/address.h"
#include "base/bytes.h"

enum { SHA256_LEN = 32, SHA1_LEN = 20, MD5_LEN = 16 };

/* What is unusual about a certificate; bits of certificate.odd. */
enum certificate_oddity {
    ODD_NOT_DER = 1 << 0,  /* BER where DER is asked for: a length of another form, … */
    ODD_TRAILING = 1 << 1, /* bytes behind the certificate in its TLS entry */
    ODD_DUPLICATE_EXTENSION = 1 << 2,
    ODD_SERIAL = 1 << 3,        /* negative, zero, empty or padded */
    ODD_TIME = 1 << 4,          /* a time that is none */
    ODD_NAME_NUL = 1 << 5,      /* a NUL in a name */
    ODD_NAME_ENCODING = 1 << 6, /* a string that is not what its tag says */
    ODD_VERSION = 1 << 7,       /* not 1, 2 or 3; or extensions in a version without */
    ODD_TRUNCATED = 1 << 8,     /* more names than are kept, or a text longer than is printed */
};

/* Several texts, such as the DNS names of a subject alternative name. */
struct texts {
    const struct bytes *at;
    size_t len;
};

struct certificate {
    struct bytes der;           /* as it stood in the message */
    uint8_t sha256[SHA256_LEN]; /* of `der`, as the next two */
    uint8_t sha1[SHA1_LEN];
    uint8_t md5[MD5_LEN];
    uint8_t spki_sha256[SHA256_LEN]; /* of the DER SubjectPublicKeyInfo; zero when spki is empty */
    char sha256_hex[2 * SHA256_LEN + 1];
    char sha1_hex[2 * SHA1_LEN + 1];
    char md5_hex[2 * MD5_LEN + 1];
    char spki_sha256_hex[2 * SHA256_LEN + 1]; /* empty when spki is */

    const char *broken; /* static: why reading stopped; NULL when it did not */
    unsigned odd;       /* enum certificate_oddity */
    bool raw_key; /* a key in place of a certificate (RFC 7250): no more is known than the key */

    unsigned version;             /* 1, 2 or 3 unless it is odd; 0 when it could not be read */
    struct bytes serial;          /* content octets of the INTEGER, sign octet kept */
    struct bytes issuer, subject; /* DER Names */
    struct bytes spki;            /* DER SubjectPublicKeyInfo */
    struct bytes extensions;      /* what stands in the SEQUENCE of them */
    bool has_not_before, has_not_after;
    int64_t not_before, not_after; /* seconds since 1970, which may be negative */

    /* Printed as Zeek's x509.log does. Names are RFC 4514 in reverse order of the DER, each byte
     * that is no printable character escaped, so that two different names never print alike. */
    struct bytes serial_text; /* upper-case hexadecimal, an even number of digits */
    struct bytes subject_text, issuer_text;
    struct bytes key_algorithm; /* "rsaEncryption", "id-ecPublicKey"; a dotted OID if unknown */
    struct bytes signature_algorithm;
    struct bytes key_type; /* "rsa", "dsa", "ecdsa", … as Zeek; empty if unknown */
    unsigned key_length;   /* bits; 0 if unknown */
    struct bytes exponent; /* RSA only, decimal */
    struct bytes curve;    /* "prime256v1", …; elliptic curves only */

    struct texts common_names;    /* every CN of the subject, as bytes of the string */
    struct texts dns, uri, email; /* of the subject alternative name, as bytes of the string */
    const struct address *ip;     /* likewise */
    size_t ip_len;
    bool has_basic_constraints, ca;
    int path_len;     /* -1: none given */
    bool self_issued; /* issuer and subject are the same bytes */
};

/* Does the certificate name `host`? RFC 6125 wildcards; the last common name counts only where
 * there is no subject alternative name with DNS names, as in Zeek. */
bool certificate_names_host(const struct certificate *certificate, struct bytes host);

#endif
