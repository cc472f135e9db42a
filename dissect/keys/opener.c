/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/keys/opener.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdlib.h>

enum {
    TEXT_MOST = 1 << 16, /* a datagram; a record is shorter */
    EXPAND_INFO = 64,    /* room for a label and what goes around it */
    BLOCK = 16,
    CHACHA_BLOCK = 64,
    STREAM_IV = 16,
    CIPHERS_MOST = 48, /* by name; more than there are in all tables */
};

/* What the library was asked for, and said. */
struct asked {
    const char *name;
    EVP_CIPHER *cipher;
};

struct opener {
    EVP_MAC *hmac;
    EVP_MAC_CTX *mac;
    EVP_KDF *prf;
    EVP_CIPHER_CTX *cipher;
    struct asked asked[CIPHERS_MOST];
    size_t asked_len;
    uint8_t *text; /* TEXT_MOST */
};

struct opener *
opener_new(void)
{
    struct opener *o = calloc(1, sizeof *o);
    if (!o)
        abort();
    o->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    o->mac = o->hmac ? EVP_MAC_CTX_new(o->hmac) : NULL;
    o->cipher = EVP_CIPHER_CTX_new();
    o->text = malloc(TEXT_MOST);
    if (!o->cipher || !o->text)
        abort();
    return o;
}

void
opener_free(struct opener *o)
{
    if (!o)
        return;
    for (size_t i = 0; i < o->asked_len; i++)
        EVP_CIPHER_free(o->asked[i].cipher);
    EVP_KDF_free(o->prf);
    EVP_CIPHER_CTX_free(o->cipher);
    EVP_MAC_CTX_free(o->mac);
    EVP_MAC_free(o->hmac);
    OPENSSL_cleanse(o->text, TEXT_MOST);
    free(o->text);
    free(o);
}

/* NULL: the library does not offer it. */
static const EVP_CIPHER *
cipher_named(struct opener *o, const char *name)
{
    for (size_t i = 0; i < o->asked_len; i++)
        if (!strcmp(o->asked[i].name, name))
            return o->asked[i].cipher;
    if (o->asked_len == CIPHERS_MOST)
        return NULL;
    struct asked *asked = &o->asked[o->asked_len++];
    *asked = (struct asked){name, EVP_CIPHER_fetch(NULL, name, NULL)};
    return asked->cipher;
}

/* ---- Keys. */

static const struct names {
    const char *prefix, *key, *iv, *number;
} names_of[] = {
    [KEYS_TLS] = {"tls13 ", "key", "iv", NULL},
    [KEYS_TLS_DRAFT] = {"TLS 1.3, ", "key", "iv", NULL},
    [KEYS_DTLS] = {"dtls13", "key", "iv", "sn"},
    [KEYS_QUIC] = {"tls13 ", "quic key", "quic iv", "quic hp"},
    [KEYS_QUIC2] = {"tls13 ", "quicv2 key", "quicv2 iv", "quicv2 hp"},
};

bool
opener_hmac(struct opener *o, const char *digest, struct bytes key, struct bytes first,
    struct bytes second, uint8_t *out)
{
    char name[16] = {0};
    size_t len = 0;
    memcpy(name, digest, strlen(digest));
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
        OSSL_PARAM_construct_end(),
    };
    return o->mac && EVP_MAC_init(o->mac, key.at, key.len, params) &&
           (!first.len || EVP_MAC_update(o->mac, first.at, first.len)) &&
           (!second.len || EVP_MAC_update(o->mac, second.at, second.len)) &&
           EVP_MAC_final(o->mac, out, &len, SUITE_HASH_MOST);
}

bool
opener_prf(struct opener *o, const char *digest, struct bytes secret, struct bytes seed,
    uint8_t *out, size_t len)
{
    char name[16] = {0};
    memcpy(name, digest, strlen(digest));
    if (!o->prf)
        o->prf = EVP_KDF_fetch(NULL, "TLS1-PRF", NULL);
    EVP_KDF_CTX *kdf = o->prf ? EVP_KDF_CTX_new(o->prf) : NULL;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, name, 0),
        OSSL_PARAM_construct_octet_string(
            OSSL_KDF_PARAM_SECRET, (void *)(uintptr_t)secret.at, secret.len),
        OSSL_PARAM_construct_octet_string(
            OSSL_KDF_PARAM_SEED, (void *)(uintptr_t)seed.at, seed.len),
        OSSL_PARAM_construct_end(),
    };
    bool good = kdf && EVP_KDF_derive(kdf, out, len, params) > 0;
    EVP_KDF_CTX_free(kdf);
    return good;
}

/* HKDF-Expand-Label (RFC 8446 section 7.1) without a context; at most one block of it. */
static bool
expand(struct opener *o, const struct suite *suite, struct bytes secret, const char *prefix,
    const char *label, uint8_t *out, size_t len)
{
    uint8_t info[EXPAND_INFO], block[SUITE_HASH_MOST];
    size_t prefix_len = strlen(prefix), label_len = strlen(label);
    uint8_t *at = info;
    if (prefix_len + label_len + 5 > sizeof info || len > suite->hash)
        return false;
    *at++ = 0;
    *at++ = (uint8_t)len;
    *at++ = (uint8_t)(prefix_len + label_len);
    memcpy(at, prefix, prefix_len);
    memcpy(at + prefix_len, label, label_len);
    at += prefix_len + label_len;
    *at++ = 0; /* no context */
    *at++ = 1; /* the first block of HKDF-Expand (RFC 5869 section 2.3) */
    struct bytes all = bytes_of(info, (size_t)(at - info));
    bool good = opener_hmac(o, suite->digest, secret, all, (struct bytes){0}, block);
    if (good)
        memcpy(out, block, len);
    OPENSSL_cleanse(block, sizeof block);
    return good;
}

bool
sealing_derive(struct opener *o, const struct suite *suite, enum key_names names,
    struct bytes secret, struct sealing *sealing)
{
    const struct names *n = &names_of[names];
    *sealing = (struct sealing){.suite = suite};
    return secret.len == suite->hash && cipher_named(o, suite->aead) &&
           expand(o, suite, secret, n->prefix, n->key, sealing->key, suite->key) &&
           expand(o, suite, secret, n->prefix, n->iv, sealing->iv, SUITE_NONCE) &&
           (!n->number ||
               expand(o, suite, secret, n->prefix, n->number, sealing->number, suite->key));
}

bool
secret_advance(struct opener *o, const struct suite *suite, enum key_names names, uint8_t *secret)
{
    const char *prefix = names_of[names].prefix;
    return expand(
        o, suite, bytes_of(secret, suite->hash), prefix, "traffic upd", secret, suite->hash);
}

/* ---- Opening. */

static void
make_nonce(const struct sealing *sealing, uint64_t seq, uint8_t nonce[SUITE_NONCE])
{
    memcpy(nonce, sealing->iv, SUITE_NONCE);
    for (size_t i = 0; i < 8; i++)
        nonce[SUITE_NONCE - 1 - i] ^= (uint8_t)(seq >> 8 * i);
}

/* CCM has to be told the length of all before it begins, and says by its last step whether the tag
 * was right. */
static bool
open_ccm(EVP_CIPHER_CTX *c, const EVP_CIPHER *cipher, const struct aead *how, struct bytes beside,
    struct bytes body, uint8_t *tag, uint8_t *out)
{
    int len;
    return EVP_DecryptInit_ex2(c, cipher, NULL, NULL, NULL) &&
           EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_IVLEN, SUITE_NONCE, NULL) &&
           EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, how->tag, tag) &&
           EVP_DecryptInit_ex2(c, NULL, how->key, how->nonce, NULL) &&
           EVP_DecryptUpdate(c, NULL, &len, NULL, (int)body.len) &&
           (!beside.len || EVP_DecryptUpdate(c, NULL, &len, beside.at, (int)beside.len)) &&
           EVP_DecryptUpdate(c, out, &len, body.at, (int)body.len) > 0;
}

static bool
open_other(EVP_CIPHER_CTX *c, const EVP_CIPHER *cipher, const struct aead *how, struct bytes beside,
    struct bytes body, uint8_t *tag, uint8_t *out)
{
    int len = 0, last = 0;
    return EVP_DecryptInit_ex2(c, cipher, how->key, how->nonce, NULL) &&
           (!beside.len || EVP_DecryptUpdate(c, NULL, &len, beside.at, (int)beside.len)) &&
           EVP_DecryptUpdate(c, out, &len, body.at, (int)body.len) &&
           EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, how->tag, tag) &&
           EVP_DecryptFinal_ex(c, out + len, &last) > 0;
}

bool
opener_aead(struct opener *o, const struct aead *how, struct bytes beside, struct bytes sealed,
    struct bytes *text)
{
    const EVP_CIPHER *cipher = cipher_named(o, how->cipher);
    uint8_t tag[SUITE_TAG_MOST];
    if (!cipher || sealed.len <= how->tag || sealed.len > TEXT_MOST)
        return false;
    struct bytes body = bytes_first(sealed, sealed.len - how->tag);
    memcpy(tag, bytes_skip(sealed, body.len).at, how->tag);
    bool good = how->mode == SUITE_CCM
                    ? open_ccm(o->cipher, cipher, how, beside, body, tag, o->text)
                    : open_other(o->cipher, cipher, how, beside, body, tag, o->text);
    if (good)
        *text = bytes_of(o->text, body.len);
    return good;
}

bool
opener_open(struct opener *o, const struct sealing *sealing, uint64_t seq, struct bytes beside,
    struct bytes sealed, struct bytes *text)
{
    uint8_t nonce[SUITE_NONCE];
    make_nonce(sealing, seq, nonce);
    struct aead how = {
        .cipher = sealing->suite->aead,
        .mode = sealing->suite->mode,
        .key = sealing->key,
        .nonce = nonce,
        .tag = sealing->suite->tag,
    };
    return opener_aead(o, &how, beside, sealed, text);
}

bool
opener_cbc(struct opener *o, const char *name, const uint8_t *key, const uint8_t *iv,
    struct bytes sealed, struct bytes *text)
{
    const EVP_CIPHER *cipher = cipher_named(o, name);
    int len = 0;
    bool good = cipher && sealed.len && sealed.len <= TEXT_MOST - BLOCK &&
                EVP_DecryptInit_ex2(o->cipher, cipher, key, iv, NULL) &&
                EVP_CIPHER_CTX_set_padding(o->cipher, 0) &&
                EVP_DecryptUpdate(o->cipher, o->text, &len, sealed.at, (int)sealed.len) &&
                (size_t)len == sealed.len;
    if (good)
        *text = bytes_of(o->text, sealed.len);
    return good;
}

/* Where in the key stream a block of the text stands, as the stream alone is told it: NIST SP
 * 800-38D section 7.1, SP 800-38C appendix A.3, RFC 8439 section 2.8. */
static void
stream_place(const struct suite *suite, const uint8_t *nonce, uint32_t block, uint8_t iv[STREAM_IV])
{
    enum { CCM_FLAGS = 2, GCM_FIRST = 2 };
    if (suite->mode == SUITE_CHACHA) {
        for (size_t i = 0; i < 4; i++)
            iv[i] = (uint8_t)((block + 1) >> 8 * i);
        memcpy(iv + 4, nonce, SUITE_NONCE);
        return;
    }
    bool ccm = suite->mode == SUITE_CCM;
    uint32_t counter = block + (ccm ? 1 : GCM_FIRST);
    iv[0] = CCM_FLAGS;
    memcpy(iv + ccm, nonce, SUITE_NONCE);
    for (size_t i = 0; i < (ccm ? 3 : 4); i++)
        iv[STREAM_IV - 1 - i] = (uint8_t)(counter >> 8 * i);
}

static bool
key_stream(struct opener *o, const struct sealing *s, const uint8_t *nonce, uint32_t block,
    uint8_t out[CHACHA_BLOCK])
{
    static const uint8_t zeros[CHACHA_BLOCK];
    const EVP_CIPHER *cipher = cipher_named(o, s->suite->stream);
    int size = s->suite->mode == SUITE_CHACHA ? CHACHA_BLOCK : BLOCK;
    uint8_t iv[STREAM_IV];
    int len;
    stream_place(s->suite, nonce, block, iv);
    return cipher && EVP_EncryptInit_ex2(o->cipher, cipher, s->key, iv, NULL) &&
           EVP_EncryptUpdate(o->cipher, out, &len, zeros, size) && len == size;
}

bool
opener_peek(struct opener *o, const struct sealing *sealing, uint64_t seq, struct bytes sealed,
    uint8_t *type)
{
    const struct suite *suite = sealing->suite;
    size_t size = suite->mode == SUITE_CHACHA ? CHACHA_BLOCK : BLOCK;
    uint8_t nonce[SUITE_NONCE], stream[CHACHA_BLOCK];
    if (sealed.len <= suite->tag)
        return false;
    make_nonce(sealing, seq, nonce);
    size_t have = SIZE_MAX; /* the block whose stream is at hand */
    for (size_t i = sealed.len - suite->tag; i > 0; i--) {
        size_t block = (i - 1) / size;
        if (block != have && !key_stream(o, sealing, nonce, (uint32_t)block, stream))
            return false;
        have = block;
        *type = bytes_at(sealed, i - 1) ^ stream[(i - 1) % size];
        if (*type)
            return true;
    }
    return false;
}

bool
opener_number_mask(
    struct opener *o, const struct sealing *sealing, struct bytes sample, uint8_t mask[NUMBER_MASK])
{
    static const uint8_t zeros[NUMBER_MASK];
    bool chacha = sealing->suite->mode == SUITE_CHACHA;
    const char *name = chacha ? sealing->suite->stream : sealing->suite->block;
    const EVP_CIPHER *cipher = cipher_named(o, name);
    uint8_t block[BLOCK];
    int len;
    if (!cipher || sample.len < NUMBER_SAMPLE)
        return false;
    if (chacha)
        return EVP_EncryptInit_ex2(o->cipher, cipher, sealing->number, sample.at, NULL) &&
               EVP_EncryptUpdate(o->cipher, mask, &len, zeros, NUMBER_MASK);
    bool good = EVP_EncryptInit_ex2(o->cipher, cipher, sealing->number, NULL, NULL) &&
                EVP_CIPHER_CTX_set_padding(o->cipher, 0) &&
                EVP_EncryptUpdate(o->cipher, block, &len, sample.at, BLOCK);
    if (good)
        memcpy(mask, block, NUMBER_MASK);
    return good;
}
