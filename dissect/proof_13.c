/* SPDX-License-Identifier: Apache-2.0
 *
 * Proofs of TLS 1.3: either side signs a hash of all that was said (RFC 8446 section 4.4.3),
 * perhaps with a key that was delegated (RFC 9345).
 */
#include "dissect/certificate_store.h"
#include "dissect/credential.h"
#include "dissect/message.h"
#include "dissect/proof_parts.h"

enum { SPACES = 64 }; /* before what is signed */

/* RFC 8446 section 4.4.3: what is signed begins with a word of what it is for, so that nobody can
 * be made to sign one thing for another. */
static void
begin_claim(struct text *claim, const char *context)
{
    text_clear(claim);
    for (int i = 0; i < SPACES; i++)
        text_add_char(claim, ' ');
    text_add_string(claim, context);
    text_add_char(claim, 0);
}

/* The hash of a handshake is that of its cipher suite (RFC 8446 appendix B.4, RFC 8998). */
static const char *
hash_of(uint16_t cipher)
{
    static const struct {
        uint16_t cipher;
        const char *digest;
    } hashes[] = {
        {0x00c6, "SM3"},
        {0x00c7, "SM3"},
        {0x1301, "SHA256"},
        {0x1302, "SHA384"},
        {0x1303, "SHA256"},
        {0x1304, "SHA256"},
        {0x1305, "SHA256"},
    };
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++)
        if (hashes[i].cipher == cipher)
            return hashes[i].digest;
    return NULL;
}

/* A hello that was asked for again counts as a message of its hash (RFC 8446 section 4.4.1). */
static void
add_retried(struct question *q, const struct said *hello, const char *digest)
{
    struct text *claim = &q->prover->claim;
    struct said hashed = {.type = MESSAGE_HASH};
    uint8_t hash[HASH_MOST];
    text_clear(claim);
    proof_add_said(claim, hello, false);
    hashed.body =
        bytes_of(hash, signature_hash(q->prover->verifier, digest, text_bytes(claim), hash));
    proof_add_said(&q->prover->said, &hashed, false);
}

/* The hash of all that goes before the signature. */
static struct bytes
hash_said(struct question *q, const struct transcript_order *order, uint8_t out[HASH_MOST])
{
    struct text *said = &q->prover->said;
    const char *digest = hash_of(q->handshake->session.answer.cipher);
    if (!digest)
        return (struct bytes){0};
    text_clear(said);
    if (order->retried)
        add_retried(q, order->retried, digest);
    for (size_t i = 0; i < order->len; i++)
        proof_add_said(said, order->at[i], false);
    return bytes_of(out, signature_hash(q->prover->verifier, digest, text_bytes(said), out));
}

/* Was the credential given out by the leaf's key (RFC 9345 section 4)? */
static const char *
check_credential(struct question *q, const struct credential *credential)
{
    struct text *claim = &q->prover->claim;
    begin_claim(claim, q->role == CLIENT ? "TLS, client delegated credentials"
                                         : "TLS, server delegated credentials");
    text_add(claim, q->leaf->der);
    text_add(claim, credential->delegated);
    return proof_check(
        q, q->leaf, true, credential->scheme, text_bytes(claim), credential->signature);
}

static const char *
check_verify(struct question *q, const struct certificate *key,
    const struct transcript_order *order, const uint16_t *wanted_scheme)
{
    struct text *claim = &q->prover->claim;
    uint8_t hash[HASH_MOST];
    struct reader r = reader_over(order->signature->body);
    uint16_t scheme = read_u16(&r);
    struct bytes signature = read_vec16(&r);
    if (!reader_finished(&r))
        return "the signature cannot be read";
    if (wanted_scheme && *wanted_scheme != scheme) {
        q->result = SIGNATURE_WRONG;
        return NULL;
    }
    struct bytes hashed = hash_said(q, order, hash);
    if (!hashed.len)
        return "the hash of this cipher suite is not known";
    begin_claim(claim, q->role == CLIENT ? "TLS 1.3, client CertificateVerify"
                                         : "TLS 1.3, server CertificateVerify");
    text_add(claim, hashed);
    return proof_check(q, key, true, scheme, text_bytes(claim), signature);
}

static const char *
prove_by_credential(
    struct question *q, const struct transcript_order *order, const struct credential *credential)
{
    const char *why = check_credential(q, credential);
    if (why || q->result != SIGNATURE_GOOD)
        return why;
    struct arena arena = {.pool = &q->prover->pool};
    const struct certificate *key = certificate_read(&arena, credential->spki);
    why = key ? check_verify(q, key, order, &credential->verify_scheme)
              : "there was no room for its key";
    arena_empty(&arena);
    return why;
}

const char *
proof_13(struct question *q)
{
    struct transcript_order order;
    struct credential credential;
    const char *why = proof_order(q, &order);
    if (why)
        return why;
    const struct said *certificate = order.at[order.len - 1];
    enum credential_step step = CREDENTIAL_NONE;
    if (certificate->type == MESSAGE_CERTIFICATE)
        step = credential_find(certificate->body, &credential);
    if (step == CREDENTIAL_MALFORMED)
        return "the certificate's message cannot be read";
    return step == CREDENTIAL_READ ? prove_by_credential(q, &order, &credential)
                                   : check_verify(q, q->leaf, &order, NULL);
}
