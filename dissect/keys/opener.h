/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys from secrets (RFC 8446 section 7), and what was sealed with them opened (section 5.2). The
 * cryptography is OpenSSL's.
 */
#ifndef CERTTAP_DISSECT_KEYS_OPENER_H
#define CERTTAP_DISSECT_KEYS_OPENER_H

#include "base/bytes.h"
#include "dissect/keys/suite.h"

/* What one thread needs to derive keys and to open what they seal: asking the library for an
 * algorithm costs more than a record does, so each is asked once, when it is first needed. */
struct opener;

struct opener *opener_new(void);
void opener_free(struct opener *opener); /* NULL is fine */

/* Keys have other names in each protocol that derives them. */
enum key_names {
    KEYS_TLS,       /* from draft 20 on */
    KEYS_TLS_DRAFT, /* before */
    KEYS_DTLS,      /* RFC 9147 section 5.9 */
    KEYS_QUIC,      /* RFC 9001 section 5.1 */
    KEYS_QUIC2,     /* RFC 9369 section 3.3.2 */
};

/* The keys of one direction. */
struct sealing {
    const struct suite *suite;
    uint8_t key[SUITE_KEY_MOST];
    uint8_t iv[SUITE_NONCE];
    uint8_t number[SUITE_KEY_MOST]; /* hides packet and record numbers; not in TLS */
};

/* False when the library refuses, or the secret is not of the suite's length. */
bool sealing_derive(struct opener *opener, const struct suite *suite, enum key_names names,
    struct bytes secret, struct sealing *sealing);

/* The secret that follows this one at a KeyUpdate, in its place (RFC 8446 section 7.2). */
bool secret_advance(
    struct opener *opener, const struct suite *suite, enum key_names names, uint8_t *secret);

/* Opens what was sealed as number `seq`; `beside` is what the tag covers besides. The text is valid
 * until the next call. False: other keys or another number, damaged, or too long. */
bool opener_open(struct opener *opener, const struct sealing *sealing, uint64_t seq,
    struct bytes beside, struct bytes sealed, struct bytes *text);

/* The type of a TLS 1.3 record: the last byte of its text that is not zero (RFC 8446 section 5.2).
 * Nothing before that byte is decrypted, and nothing is authenticated. False: there is none. */
bool opener_peek(struct opener *opener, const struct sealing *sealing, uint64_t seq,
    struct bytes sealed, uint8_t *type);

/* What suites up to TLS 1.2 are made of: one way to seal, by the library's name. */
struct aead {
    const char *cipher;
    enum suite_mode mode;
    const uint8_t *key, *nonce; /* SUITE_NONCE bytes */
    uint8_t tag;                /* length */
};

/* As opener_open. */
bool opener_aead(struct opener *opener, const struct aead *how, struct bytes beside,
    struct bytes sealed, struct bytes *text);

/* Whole blocks, with the padding left in. The text is valid until the next call. */
bool opener_cbc(struct opener *opener, const char *cipher, const uint8_t *key, const uint8_t *iv,
    struct bytes sealed, struct bytes *text);

/* HMAC over two pieces; `out` has SUITE_HASH_MOST bytes. */
bool opener_hmac(struct opener *opener, const char *digest, struct bytes key, struct bytes first,
    struct bytes second, uint8_t *out);

/* The PRF of TLS 1.2, or of those before with the digest "MD5-SHA1" (RFC 5246 section 5). */
bool opener_prf(struct opener *opener, const char *digest, struct bytes secret, struct bytes seed,
    uint8_t *out, size_t len);

enum { NUMBER_MASK = 5, NUMBER_SAMPLE = 16 };

/* The bytes that hide a number (RFC 9001 section 5.4, RFC 9147 section 4.2.3). */
bool opener_number_mask(struct opener *opener, const struct sealing *sealing, struct bytes sample,
    uint8_t mask[NUMBER_MASK]);

#endif
