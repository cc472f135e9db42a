/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/signature.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

enum {
    KEYS_MOST = 64,
    SECOND_MOST = 10000, /* units of about 10 µs: a tenth of each second */
    DECODING = 20,       /* units of making a key out of its bytes */
    SPKI_MOST = 4096,
    RSA_MOST = 8192, /* bits; larger ones cost milliseconds */
    DSA_MOST = 4096,
};

struct kept_key {
    uint8_t id[SHA256_LEN]; /* of its SubjectPublicKeyInfo */
    uint64_t used;          /* when it was last; 0: the place is free */
    EVP_PKEY *key;          /* NULL: the library cannot decode it */
};

struct verifier {
    EVP_MD_CTX *context;
    struct kept_key keys[KEYS_MOST];
    uint64_t uses;
    int64_t second;
    unsigned spent; /* units, in that second */
};

struct verifier *
verifier_new(void)
{
    struct verifier *verifier = calloc(1, sizeof *verifier);
    if (!verifier || !(verifier->context = EVP_MD_CTX_new()))
        abort();
    return verifier;
}

void
verifier_free(struct verifier *verifier)
{
    if (!verifier)
        return;
    for (size_t i = 0; i < KEYS_MOST; i++)
        EVP_PKEY_free(verifier->keys[i].key);
    EVP_MD_CTX_free(verifier->context);
    free(verifier);
}

void
verifier_tick(struct verifier *verifier, int64_t now_ns)
{
    int64_t second = now_ns / 1000000000;
    if (second != verifier->second)
        verifier->spent = 0;
    verifier->second = second;
}

/* ---- Schemes. */

static const char *const hashes[] = {NULL, "MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512"};

static const struct {
    uint16_t code;
    struct signature_scheme scheme;
} schemes[] = {
    {0x0708, {KEY_SM2, "SM3", false}},
    {0x0804, {KEY_RSA, "SHA256", true}},
    {0x0805, {KEY_RSA, "SHA384", true}},
    {0x0806, {KEY_RSA, "SHA512", true}},
    {0x0807, {KEY_ED25519, NULL, false}},
    {0x0808, {KEY_ED448, NULL, false}},
    {0x0809, {KEY_RSA, "SHA256", true}},
    {0x080a, {KEY_RSA, "SHA384", true}},
    {0x080b, {KEY_RSA, "SHA512", true}},
    {0x081a, {KEY_ECDSA, "SHA256", false}}, /* RFC 8734: Brainpool's curves */
    {0x081b, {KEY_ECDSA, "SHA384", false}},
    {0x081c, {KEY_ECDSA, "SHA512", false}},
};

bool
signature_scheme_find(uint16_t code, struct signature_scheme *scheme)
{
    static const enum key_kind kinds[] = {KEY_RSA, KEY_DSA, KEY_ECDSA};
    unsigned hash = code >> 8, algorithm = code & 0xff;
    if (hash >= 1 && hash < sizeof hashes / sizeof *hashes && algorithm >= 1 && algorithm <= 3) {
        *scheme = (struct signature_scheme){kinds[algorithm - 1], hashes[hash], false};
        return true;
    }
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (schemes[i].code == code) {
            *scheme = schemes[i].scheme;
            return true;
        }
    return false;
}

/* By the words of certificate.key_type. */
static const struct key_type {
    const char *type;
    enum key_kind kind;
    const char *implied; /* digest, before TLS 1.2 */
} key_types[] = {
    {"rsa", KEY_RSA, "MD5-SHA1"},
    {"RSA-PSS", KEY_RSA, NULL},
    {"dsa", KEY_DSA, "SHA1"},
    {"ecdsa", KEY_ECDSA, "SHA1"},
    {"ED25519", KEY_ED25519, NULL},
    {"ED448", KEY_ED448, NULL},
    {"SM2", KEY_SM2, NULL},
};

static const struct key_type *
key_type_of(const struct certificate *key)
{
    for (size_t i = 0; i < sizeof key_types / sizeof *key_types; i++)
        if (bytes_equal_string(key->key_type, key_types[i].type))
            return &key_types[i];
    return NULL;
}

bool
signature_scheme_implied(const struct certificate *key, struct signature_scheme *scheme)
{
    const struct key_type *type = key_type_of(key);
    if (!type || !type->implied)
        return false;
    *scheme = (struct signature_scheme){type->kind, type->implied, false};
    return true;
}

/* ---- Keys. */

/* Strangers choose keys: one that would cost much more than keys of that kind do is refused. */
static bool
affordable(const struct certificate *key, enum key_kind kind)
{
    if (key->spki.len > SPKI_MOST)
        return false;
    if (kind == KEY_RSA)
        return key->key_length <= RSA_MOST && bytes_at(key->exponent, 1) != 'x';
    if (kind == KEY_DSA)
        return key->key_length <= DSA_MOST;
    return kind != KEY_ECDSA || key->curve.len; /* a curve spelt out may be anything */
}

/* Units of one signature. */
static unsigned
cost_of(const struct certificate *key, enum key_kind kind)
{
    static const struct {
        unsigned bits, units; /* of keys of so many bits at most */
    } costs[KEY_KINDS][3] = {
        [KEY_RSA] = {{3072, 5}, {4096, 10}, {RSA_MOST, 40}},
        [KEY_DSA] = {{1024, 20}, {2048, 60}, {DSA_MOST, 250}},
        [KEY_ECDSA] = {{256, 20}, {384, 100}, {UINT16_MAX, 200}},
        [KEY_ED25519] = {{UINT16_MAX, 15}},
        [KEY_ED448] = {{UINT16_MAX, 50}},
        [KEY_SM2] = {{UINT16_MAX, 80}},
    };
    for (size_t i = 0; i < 3; i++)
        if (key->key_length <= costs[kind][i].bits)
            return costs[kind][i].units;
    return SECOND_MOST;
}

static EVP_PKEY *
decode(struct bytes spki)
{
    const unsigned char *at = spki.at;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)spki.len);
    if (!key)
        ERR_clear_error();
    return key;
}

/* The place of this key, or the one that it is to have: of the key unused longest. */
static struct kept_key *
place_of(struct verifier *verifier, const uint8_t id[SHA256_LEN])
{
    struct kept_key *oldest = &verifier->keys[0];
    for (size_t i = 0; i < KEYS_MOST; i++) {
        struct kept_key *kept = &verifier->keys[i];
        if (kept->used && memcmp(kept->id, id, SHA256_LEN) == 0)
            return kept;
        if (kept->used < oldest->used)
            oldest = kept;
    }
    return oldest;
}

/* ---- Signatures. */

static bool
begin(EVP_MD_CTX *context, const struct signature_scheme *scheme, EVP_PKEY *key)
{
    static const char sm2_identity[] = "TLSv1.3+GM+Cipher+Suite"; /* RFC 8998 section 3.2.1 */
    EVP_PKEY_CTX *options;
    EVP_MD_CTX_reset(context);
    if (EVP_DigestVerifyInit_ex(context, &options, scheme->digest, NULL, NULL, key, NULL) != 1)
        return false;
    if (scheme->pss)
        return EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) > 0 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) > 0;
    if (scheme->kind == KEY_SM2)
        return EVP_PKEY_CTX_set1_id(options, sm2_identity, sizeof sm2_identity - 1) > 0;
    return true;
}

/* Units of digesting so much. */
static unsigned
cost_of_digest(struct bytes what)
{
    return (unsigned)(what.len / 4096);
}

size_t
signature_hash(
    struct verifier *verifier, const char *digest, struct bytes what, uint8_t out[HASH_MOST])
{
    size_t len = 0;
    unsigned left = SECOND_MOST - verifier->spent, cost = cost_of_digest(what);
    verifier->spent += cost < left ? cost : left;
    if (EVP_Q_digest(NULL, digest, NULL, what.at, what.len, out, &len) != 1) {
        ERR_clear_error();
        return 0;
    }
    return len;
}

enum signature_result
signature_check(struct verifier *verifier, const struct certificate *key,
    const struct signature_scheme *scheme, struct bytes what, struct bytes signature)
{
    const struct key_type *type = key_type_of(key);
    if (!type || !key->spki.len || !affordable(key, type->kind))
        return SIGNATURE_UNABLE;
    if (type->kind != scheme->kind)
        return SIGNATURE_WRONG; /* another kind of key signed */

    struct kept_key *kept = place_of(verifier, key->spki_sha256);
    bool known = kept->used && memcmp(kept->id, key->spki_sha256, SHA256_LEN) == 0;
    unsigned cost = cost_of(key, type->kind) + cost_of_digest(what) + (known ? 0 : DECODING);
    if (cost > SECOND_MOST - verifier->spent)
        return SIGNATURE_SKIPPED;
    verifier->spent += cost;
    if (!known) {
        EVP_PKEY_free(kept->key);
        memcpy(kept->id, key->spki_sha256, SHA256_LEN);
        kept->key = decode(key->spki);
    }
    kept->used = ++verifier->uses;
    if (!kept->key || !begin(verifier->context, scheme, kept->key)) {
        ERR_clear_error();
        return SIGNATURE_UNABLE;
    }
    int good = EVP_DigestVerify(verifier->context, signature.at, signature.len, what.at, what.len);
    ERR_clear_error();
    return good == 1 ? SIGNATURE_GOOD : SIGNATURE_WRONG;
}
