/* SPDX-License-Identifier: Apache-2.0 */

/* SHA-1 of one block for each row: through EVP it would cost more than twice as much. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "feed/community_id.h"

#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

enum { MOST = 2 + 16 + 16 + 2 + 2 + 2 };

struct endpoint {
    const uint8_t *at;
    size_t len;
    uint16_t port;
};

static struct endpoint
endpoint_of(const struct address *address, uint16_t port, bool v4)
{
    size_t skip = v4 ? 12 : 0;
    return (struct endpoint){address->at + skip, sizeof address->at - skip, port};
}

static bool
comes_first(const struct endpoint *a, const struct endpoint *b)
{
    int order = memcmp(a->at, b->at, a->len);
    return order < 0 || (order == 0 && a->port <= b->port);
}

/* The seed, the lower endpoint's address, the other's, the protocol, padding, and their ports. */
static size_t
lay_out(const struct endpoint *low, const struct endpoint *high, uint8_t protocol, uint8_t *out)
{
    const uint8_t tail[] = {protocol, 0, (uint8_t)(low->port >> 8), (uint8_t)low->port,
        (uint8_t)(high->port >> 8), (uint8_t)high->port};
    size_t n = 2;
    memset(out, 0, n);
    memcpy(out + n, low->at, low->len);
    n += low->len;
    memcpy(out + n, high->at, high->len);
    n += high->len;
    memcpy(out + n, tail, sizeof tail);
    return n + sizeof tail;
}

bool
community_id(const struct address address[2], const uint16_t port[2], uint8_t protocol,
    char out[COMMUNITY_ID_TEXT])
{
    bool v4 = address_is_v4(&address[0]) && address_is_v4(&address[1]);
    out[0] = '\0';
    if ((protocol != IPPROTO_TCP && protocol != IPPROTO_UDP) || !address_is_set(&address[0]) ||
        !address_is_set(&address[1]))
        return false;

    struct endpoint a = endpoint_of(&address[0], port[0], v4);
    struct endpoint b = endpoint_of(&address[1], port[1], v4);
    bool forward = comes_first(&a, &b);
    uint8_t tuple[MOST];
    size_t len = lay_out(forward ? &a : &b, forward ? &b : &a, protocol, tuple);

    SHA_CTX hashing;
    uint8_t digest[SHA_DIGEST_LENGTH];
    SHA1_Init(&hashing);
    SHA1_Update(&hashing, tuple, len);
    SHA1_Final(digest, &hashing);
    out[0] = '1';
    out[1] = ':';
    EVP_EncodeBlock((unsigned char *)out + 2, digest, sizeof digest);
    return true;
}
