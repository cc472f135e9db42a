/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>

static const char *const names[DIGEST_KINDS] = {
    [DIGEST_SHA256] = "SHA256",
    [DIGEST_SHA1] = "SHA1",
    [DIGEST_MD5] = "MD5",
};

struct digests {
    EVP_MD *kinds[DIGEST_KINDS]; /* NULL where the library has none */
    EVP_MD_CTX *contexts[DIGEST_KINDS];
};

struct digests *
digests_new(void)
{
    struct digests *digests = calloc(1, sizeof *digests);
    if (!digests)
        abort();
    for (size_t i = 0; i < DIGEST_KINDS; i++) {
        digests->kinds[i] = EVP_MD_fetch(NULL, names[i], NULL);
        digests->contexts[i] = EVP_MD_CTX_new();
        if (!digests->contexts[i])
            abort();
    }
    return digests;
}

void
digests_free(struct digests *digests)
{
    if (!digests)
        return;
    for (size_t i = 0; i < DIGEST_KINDS; i++) {
        EVP_MD_CTX_free(digests->contexts[i]);
        EVP_MD_free(digests->kinds[i]);
    }
    free(digests);
}

bool
digest_compute(struct digests *digests, enum digest kind, struct bytes bytes, uint8_t *out)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    EVP_MD_CTX *context = digests->contexts[kind];

    if (!digests->kinds[kind] || !EVP_DigestInit_ex2(context, digests->kinds[kind], NULL) ||
        !EVP_DigestUpdate(context, bytes.at, bytes.len) ||
        !EVP_DigestFinal_ex(context, digest, &len))
        return false;
    memcpy(out, digest, len);
    return true;
}
