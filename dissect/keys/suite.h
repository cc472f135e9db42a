/* SPDX-License-Identifier: Apache-2.0
 *
 * How the cipher suites of TLS 1.3 seal records and packets (RFC 8446 appendix B.4, RFC 8998).
 */
#ifndef CERTTAP_DISSECT_KEYS_SUITE_H
#define CERTTAP_DISSECT_KEYS_SUITE_H

#include <stddef.h>
#include <stdint.h>

enum {
    SUITE_KEY_MOST = 32,
    SUITE_NONCE = 12,
    SUITE_TAG_MOST = 16,
    SUITE_HASH_MOST = 48,
};

/* All of them are counter modes underneath: a stream that is added, and a tag over the result. */
enum suite_mode { SUITE_GCM, SUITE_CCM, SUITE_CHACHA };

struct suite {
    uint16_t cipher; /* as a ServerHello names it */
    enum suite_mode mode;
    const char *aead;   /* the library's names, as the next three */
    const char *stream; /* of the mode's key stream alone */
    const char *block;  /* for hiding packet and record numbers; NULL: the stream does it */
    const char *digest;
    uint8_t key, tag, hash; /* their lengths */
};

/* NULL: none of TLS 1.3. */
const struct suite *suite_find(uint16_t cipher);

#endif
