/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks signatures: the one file that asks the library to. Decoding a public key costs the library
 * more than most signatures do, so a few keys are kept; and since anybody can send signatures, the
 * work of each second of packet time is bounded. What is given up depends on the traffic alone.
 */
#ifndef CERTTAP_DISSECT_SIGNATURE_H
#define CERTTAP_DISSECT_SIGNATURE_H

#include "dissect/certificate.h"

enum key_kind { KEY_RSA, KEY_DSA, KEY_ECDSA, KEY_ED25519, KEY_ED448, KEY_SM2, KEY_KINDS };

/* How something is signed. */
struct signature_scheme {
    enum key_kind kind;
    const char *digest; /* the library's name; NULL where the kind says it */
    bool pss;           /* RSA: the padding of RFC 8017 section 8.1 */
};

/* A SignatureScheme, which up to TLS 1.2 was a pair of hash and algorithm (RFC 8446 section 4.2.3,
 * RFC 5246 section 7.4.1.4.1). False: nobody knows it, or the library has no such signatures. */
bool signature_scheme_find(uint16_t code, struct signature_scheme *scheme);

/* What goes without saying before TLS 1.2 (RFC 4346 section 7.4.8, RFC 8422 section 5.8). */
bool signature_scheme_implied(const struct certificate *key, struct signature_scheme *scheme);

enum signature_result {
    SIGNATURE_GOOD,
    SIGNATURE_WRONG,   /* it was not made with this key, or not over this */
    SIGNATURE_UNABLE,  /* the key is none that can be checked with */
    SIGNATURE_SKIPPED, /* too much of this second was spent */
};

/* What one thread needs to check signatures. */
struct verifier;

struct verifier *verifier_new(void);
void verifier_free(struct verifier *verifier); /* NULL is fine */

/* Time goes on: with each second of it there is time for more. */
void verifier_tick(struct verifier *verifier, int64_t now_ns);

/* The digest with this name; returns its length, at most HASH_MOST, or 0 when there is no such. */
enum { HASH_MOST = 64 };
size_t signature_hash(
    struct verifier *verifier, const char *digest, struct bytes what, uint8_t out[HASH_MOST]);

/* Was `what` signed with the key in `key`? */
enum signature_result signature_check(struct verifier *verifier, const struct certificate *key,
    const struct signature_scheme *scheme, struct bytes what, struct bytes signature);

#endif
