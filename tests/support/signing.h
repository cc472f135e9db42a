/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys that really sign, made by the library when they are first asked for.
 */
#ifndef CERTTAP_TESTS_SUPPORT_SIGNING_H
#define CERTTAP_TESTS_SUPPORT_SIGNING_H

#include "base/bytes.h"
#include "base/pool.h"

enum { SIGNERS_EACH = 2 };

/* The `nth` key of a kind: "RSA", "RSA-PSS", "P-256", "P-384", "P-521", "ED25519", "ED448", "DSA",
 * "SM2". Slices it gives out are of `arena`. */
struct signer;
struct signer *signer_find(const char *kind, unsigned nth);

struct bytes signer_spki(const struct signer *signer, struct arena *arena);

/* A certificate for its key; its own signature is none. */
struct bytes signer_certificate(const struct signer *signer, struct arena *arena);

/* `digest` is the library's name, NULL where the key says it. */
struct bytes signer_sign(const struct signer *signer, struct arena *arena, const char *digest,
    bool pss, struct bytes what);

/* The digest of `what`, by the library's name. */
struct bytes signing_hash(struct arena *arena, const char *digest, struct bytes what);

/* Ends all keys. */
void signers_free(void);

#endif
