/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/quic_keys.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

enum {
    DATAGRAM_MOST = 1 << 16,
    HASH = 32,        /* of SHA-256, which all versions use for Initial packets */
    SAMPLE = 16,      /* bytes of the payload that protect the header */
    NUMBER_MOST = 4,  /* bytes of a packet number */
    EXPAND_INFO = 64, /* room for a label and what goes around it */
};

struct quic_opener {
    EVP_MAC *hmac;
    EVP_MAC_CTX *mac;
    EVP_CIPHER *gcm, *ecb;
    EVP_CIPHER_CTX *body, *header;
    uint8_t *frames; /* DATAGRAM_MOST */
};

struct quic_opener *
quic_opener_new(void)
{
    struct quic_opener *opener = calloc(1, sizeof *opener);
    if (!opener)
        abort();
    opener->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    opener->mac = opener->hmac ? EVP_MAC_CTX_new(opener->hmac) : NULL;
    opener->gcm = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
    opener->ecb = EVP_CIPHER_fetch(NULL, "AES-128-ECB", NULL);
    opener->body = EVP_CIPHER_CTX_new();
    opener->header = EVP_CIPHER_CTX_new();
    opener->frames = malloc(DATAGRAM_MOST);
    if (!opener->frames || !opener->body || !opener->header)
        abort();
    return opener;
}

void
quic_opener_free(struct quic_opener *opener)
{
    if (!opener)
        return;
    EVP_CIPHER_CTX_free(opener->header);
    EVP_CIPHER_CTX_free(opener->body);
    EVP_CIPHER_free(opener->ecb);
    EVP_CIPHER_free(opener->gcm);
    EVP_MAC_CTX_free(opener->mac);
    EVP_MAC_free(opener->hmac);
    free(opener->frames);
    free(opener);
}

static bool
hmac(struct quic_opener *o, struct bytes key, struct bytes data, uint8_t out[HASH])
{
    char sha256[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha256, 0),
        OSSL_PARAM_construct_end(),
    };
    size_t len = 0;
    return o->mac && EVP_MAC_init(o->mac, key.at, key.len, params) &&
           (data.len == 0 || EVP_MAC_update(o->mac, data.at, data.len)) &&
           EVP_MAC_final(o->mac, out, &len, HASH) && len == HASH;
}

/* HKDF-Expand-Label (RFC 8446 section 7.1) without a context; at most one block of it. */
static bool
expand(struct quic_opener *o, const uint8_t secret[HASH], const char *label, uint8_t *out, size_t n)
{
    static const char prefix[] = "tls13 ";
    uint8_t info[EXPAND_INFO], block[HASH];
    size_t prefix_len = sizeof prefix - 1, label_len = strlen(label);
    uint8_t *at = info;
    if (prefix_len + label_len + 5 > sizeof info || n > sizeof block)
        return false;
    *at++ = 0;
    *at++ = (uint8_t)n;
    *at++ = (uint8_t)(prefix_len + label_len);
    memcpy(at, prefix, prefix_len);
    memcpy(at + prefix_len, label, label_len);
    at += prefix_len + label_len;
    *at++ = 0; /* no context */
    *at++ = 1; /* the first block of HKDF-Expand (RFC 5869 section 2.3) */
    if (!hmac(o, bytes_of(secret, HASH), bytes_of(info, (size_t)(at - info)), block))
        return false;
    memcpy(out, block, n);
    return true;
}

bool
quic_keys_derive(struct quic_opener *o, const struct quic_version *version, struct bytes id,
    struct quic_keys keys[2])
{
    static const char *const ends[] = {"client in", "server in"};
    static const char *const labels[2][3] = {
        {"quic key", "quic iv", "quic hp"}, {"quicv2 key", "quicv2 iv", "quicv2 hp"}};
    const char *const *label = labels[version->second];
    uint8_t initial[HASH], secret[HASH];

    bool ok = hmac(o, bytes_of(version->salt, sizeof version->salt), id, initial);
    for (int end = 0; ok && end < 2; end++)
        ok = expand(o, initial, ends[end], secret, HASH) &&
             expand(o, secret, label[0], keys[end].key, QUIC_KEY) &&
             expand(o, secret, label[1], keys[end].iv, QUIC_IV) &&
             expand(o, secret, label[2], keys[end].header, QUIC_KEY);
    return ok;
}

/* The bytes that hide the packet number (RFC 9001 section 5.4.3). */
static bool
header_mask(
    struct quic_opener *o, const struct quic_keys *keys, struct bytes sample, uint8_t mask[SAMPLE])
{
    int len = 0;
    return o->ecb && EVP_EncryptInit_ex2(o->header, o->ecb, keys->header, NULL, NULL) &&
           EVP_CIPHER_CTX_set_padding(o->header, 0) &&
           EVP_EncryptUpdate(o->header, mask, &len, sample.at, (int)sample.len) && len == SAMPLE;
}

uint64_t
quic_whole_number(uint64_t largest, uint64_t low, size_t bytes)
{
    uint64_t expected = largest + 1; /* 0 when there was none */
    uint64_t window = UINT64_C(1) << 8 * bytes;
    uint64_t number = (expected & ~(window - 1)) | low;
    if (number + window / 2 <= expected)
        return number + window;
    if (number > expected + window / 2 && number >= window)
        return number - window;
    return number;
}

/* The header as it was before it was protected. */
struct bare {
    uint8_t first;
    uint8_t number[NUMBER_MOST];
    size_t number_len;
    uint64_t value;
};

static bool
bare_header(struct quic_opener *o, const struct quic_keys *keys, const struct quic_packet *packet,
    uint64_t largest, struct bare *bare)
{
    uint8_t mask[SAMPLE];
    struct bytes sample = bytes_first(bytes_skip(packet->body, NUMBER_MOST), SAMPLE);
    if (sample.len < SAMPLE || !header_mask(o, keys, sample, mask))
        return false;
    bare->first = (uint8_t)(packet->first ^ (mask[0] & 0x0f));
    bare->number_len = (bare->first & 3U) + 1;
    uint64_t low = 0;
    for (size_t i = 0; i < bare->number_len; i++) {
        bare->number[i] = (uint8_t)(bytes_at(packet->body, i) ^ mask[i + 1]);
        low = low << 8 | bare->number[i];
    }
    bare->value = quic_whole_number(largest, low, bare->number_len);
    return true;
}

static bool
begin_body(struct quic_opener *o, const struct quic_keys *keys, const struct quic_packet *packet,
    const struct bare *bare)
{
    uint8_t nonce[QUIC_IV];
    memcpy(nonce, keys->iv, sizeof nonce);
    for (size_t i = 0; i < 8; i++)
        nonce[QUIC_IV - 1 - i] ^= (uint8_t)(bare->value >> 8 * i);
    struct bytes middle = bytes_skip(packet->header, 1);
    int len;
    return o->gcm && EVP_DecryptInit_ex2(o->body, o->gcm, keys->key, nonce, NULL) &&
           EVP_DecryptUpdate(o->body, NULL, &len, &bare->first, 1) &&
           EVP_DecryptUpdate(o->body, NULL, &len, middle.at, (int)middle.len) &&
           EVP_DecryptUpdate(o->body, NULL, &len, bare->number, (int)bare->number_len);
}

bool
quic_packet_open(struct quic_opener *o, const struct quic_keys *keys,
    const struct quic_packet *packet, uint64_t *largest, struct bytes *frames)
{
    struct bare bare;
    uint8_t tag[QUIC_TAG];
    if (packet->cut || packet->body.len > DATAGRAM_MOST ||
        !bare_header(o, keys, packet, *largest, &bare))
        return false;
    struct bytes sealed = bytes_skip(packet->body, bare.number_len);
    if (sealed.len <= QUIC_TAG)
        return false;
    struct bytes text = bytes_first(sealed, sealed.len - QUIC_TAG);
    memcpy(tag, bytes_skip(sealed, text.len).at, sizeof tag);

    int len = 0, last = 0;
    if (!begin_body(o, keys, packet, &bare) ||
        !EVP_DecryptUpdate(o->body, o->frames, &len, text.at, (int)text.len) ||
        !EVP_CIPHER_CTX_ctrl(o->body, EVP_CTRL_AEAD_SET_TAG, QUIC_TAG, tag) ||
        EVP_DecryptFinal_ex(o->body, o->frames + len, &last) <= 0)
        return false;
    if (*largest == UINT64_MAX || bare.value > *largest)
        *largest = bare.value;
    *frames = bytes_of(o->frames, (size_t)len);
    return true;
}
