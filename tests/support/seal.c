/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/seal.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>

void
seal(struct text *out, const struct sealing *sealing, uint64_t seq, struct bytes beside,
    struct bytes text)
{
    const struct suite *suite = sealing->suite;
    uint8_t nonce[SUITE_NONCE], tag[SUITE_TAG_MOST], *sealed = malloc(text.len + 1);
    bool ccm = suite->mode == SUITE_CCM;
    int len;
    memcpy(nonce, sealing->iv, sizeof nonce);
    for (size_t i = 0; i < 8; i++)
        nonce[SUITE_NONCE - 1 - i] ^= (uint8_t)(seq >> 8 * i);

    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, suite->aead, NULL);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    bool good = EVP_EncryptInit_ex2(c, cipher, NULL, NULL, NULL) &&
                EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_IVLEN, SUITE_NONCE, NULL) &&
                (!ccm || EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, suite->tag, NULL)) &&
                EVP_EncryptInit_ex2(c, NULL, sealing->key, nonce, NULL) &&
                (!ccm || EVP_EncryptUpdate(c, NULL, &len, NULL, (int)text.len)) &&
                EVP_EncryptUpdate(c, NULL, &len, beside.at, (int)beside.len) &&
                EVP_EncryptUpdate(c, sealed, &len, text.at, (int)text.len) &&
                EVP_EncryptFinal_ex(c, sealed + len, &len) &&
                EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, suite->tag, tag);
    assert(good);
    EVP_CIPHER_CTX_free(c);
    EVP_CIPHER_free(cipher);
    text_add(out, bytes_of(sealed, text.len));
    text_add(out, bytes_of(tag, suite->tag));
    free(sealed);
}

void
seal_record(struct text *out, const struct sealing *sealing, uint64_t seq, uint8_t type,
    struct bytes content, size_t padding)
{
    struct text inner = {0};
    text_add(&inner, content);
    text_add_char(&inner, (char)type);
    for (size_t i = 0; i < padding; i++)
        text_add_char(&inner, 0);
    size_t length = inner.len + sealing->suite->tag;
    const uint8_t header[] = {23, 3, 3, (uint8_t)(length >> 8), (uint8_t)length};
    text_add(out, bytes_of(header, sizeof header));
    seal(out, sealing, seq, bytes_of(header, sizeof header), text_bytes(&inner));
    text_free(&inner);
}
