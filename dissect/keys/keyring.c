/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/keys/keyring.h"

#include <openssl/crypto.h>
#include <stdlib.h>

struct keyring *
keyring_new(const struct key_options *options)
{
    struct keyring *ring = calloc(1, sizeof *ring);
    if (!ring)
        abort();
    ring->options = *options;
    ring->opener = opener_new();
    return ring;
}

void
keyring_free(struct keyring *ring)
{
    if (ring)
        opener_free(ring->opener);
    free(ring);
}

bool
keyring_find(
    const struct keyring *ring, struct bytes random, enum secret_label label, struct secret *secret)
{
    return key_store_find(ring->options.store, random, label, ring->round, secret);
}

bool
keyring_complete(const struct keyring *ring, struct bytes random, bool traffic)
{
    int last = traffic && ring->options.follow ? SECRET_SERVER_TRAFFIC : SECRET_SERVER_HANDSHAKE;
    for (int label = SECRET_CLIENT_HANDSHAKE; label <= last; label++) {
        struct secret secret;
        if (!keyring_find(ring, random, (enum secret_label)label, &secret))
            return false;
        OPENSSL_cleanse(&secret, sizeof secret);
    }
    return true;
}

bool
keyring_expects(const struct keyring *ring)
{
    return ring->options.wait_ns > 0 && key_store_expects(ring->options.store, ring->round);
}
