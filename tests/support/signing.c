/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/signing.h"

#include "tests/support/asn1.h"

#include <check.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

struct signer {
    const char *kind;
    EVP_PKEY *key;
};

enum { KINDS = 9 };
static const char *const names[KINDS] = {
    "RSA", "RSA-PSS", "P-256", "P-384", "P-521", "ED25519", "ED448", "DSA", "SM2"};
static struct signer signers[KINDS][SIGNERS_EACH];

static EVP_PKEY *
make_dsa(void)
{
    EVP_PKEY *params = NULL;
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "DSA", NULL);
    ck_assert_int_eq(EVP_PKEY_paramgen_init(context), 1);
    ck_assert_int_eq(EVP_PKEY_CTX_set_dsa_paramgen_bits(context, 1024), 1);
    ck_assert_int_eq(EVP_PKEY_paramgen(context, &params), 1);
    EVP_PKEY_CTX_free(context);
    context = EVP_PKEY_CTX_new_from_pkey(NULL, params, NULL);
    ck_assert_int_eq(EVP_PKEY_keygen_init(context), 1);
    ck_assert_int_eq(EVP_PKEY_keygen(context, &key), 1);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(params);
    return key;
}

static EVP_PKEY *
make_rsa(const char *kind)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    ck_assert_int_eq(EVP_PKEY_keygen_init(context), 1);
    ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_keygen_bits(context, 1024), 1);
    ck_assert_int_eq(EVP_PKEY_keygen(context, &key), 1);
    EVP_PKEY_CTX_free(context);
    return key;
}

static EVP_PKEY *
make_key(const char *kind)
{
    if (!strncmp(kind, "RSA", 3))
        return make_rsa(kind);
    if (!strncmp(kind, "P-", 2))
        return EVP_PKEY_Q_keygen(NULL, NULL, "EC", kind);
    return strcmp(kind, "DSA") ? EVP_PKEY_Q_keygen(NULL, NULL, kind) : make_dsa();
}

struct signer *
signer_find(const char *kind, unsigned nth)
{
    for (int i = 0; i < KINDS; i++) {
        if (strcmp(names[i], kind) != 0)
            continue;
        struct signer *signer = &signers[i][nth];
        signer->kind = names[i];
        if (!signer->key)
            signer->key = make_key(kind);
        ck_assert_ptr_nonnull(signer->key);
        return signer;
    }
    ck_abort_msg("no keys of kind %s", kind);
}

void
signers_free(void)
{
    for (int i = 0; i < KINDS; i++)
        for (int nth = 0; nth < SIGNERS_EACH; nth++) {
            EVP_PKEY_free(signers[i][nth].key);
            signers[i][nth].key = NULL;
        }
}

static struct bytes
keep(struct arena *arena, const void *at, size_t len)
{
    bool ok;
    struct bytes kept = arena_copy(arena, bytes_of(at, len), &ok);
    ck_assert(ok);
    return kept;
}

struct bytes
signer_spki(const struct signer *signer, struct arena *arena)
{
    unsigned char *der = NULL;
    int len = i2d_PUBKEY(signer->key, &der);
    ck_assert_int_gt(len, 0);
    struct bytes kept = keep(arena, der, (size_t)len);
    OPENSSL_free(der);
    return kept;
}

struct bytes
signer_certificate(const struct signer *signer, struct arena *arena)
{
    struct asn1_certificate parts = asn1_good(arena);
    parts.key = signer_spki(signer, arena);
    return asn1_certificate(arena, &parts);
}

struct bytes
signer_sign(const struct signer *signer, struct arena *arena, const char *digest, bool pss,
    struct bytes what)
{
    unsigned char signature[1024];
    size_t len = sizeof signature;
    EVP_PKEY_CTX *options;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    ck_assert_int_eq(
        EVP_DigestSignInit_ex(context, &options, digest, NULL, NULL, signer->key, NULL), 1);
    if (pss) {
        ck_assert_int_gt(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING), 0);
        ck_assert_int_gt(EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST), 0);
    }
    if (!strcmp(signer->kind, "SM2"))
        ck_assert_int_gt(EVP_PKEY_CTX_set1_id(options, "TLSv1.3+GM+Cipher+Suite", 23), 0);
    ck_assert_int_eq(EVP_DigestSign(context, signature, &len, what.at, what.len), 1);
    EVP_MD_CTX_free(context);
    return keep(arena, signature, len);
}

struct bytes
signing_hash(struct arena *arena, const char *digest, struct bytes what)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    size_t len = 0;
    ck_assert_int_eq(EVP_Q_digest(NULL, digest, NULL, what.at, what.len, hash, &len), 1);
    return keep(arena, hash, len);
}
