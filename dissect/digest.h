/* SPDX-License-Identifier: Apache-2.0
 *
 * Digests that name things: SHA-256, SHA-1 and MD5 (FIPS 180-4, RFC 1321). Asking the library for
 * an algorithm costs more than the digest of a certificate, so it is asked once.
 */
#ifndef CERTTAP_DISSECT_DIGEST_H
#define CERTTAP_DISSECT_DIGEST_H

#include "base/bytes.h"

enum digest { DIGEST_SHA256, DIGEST_SHA1, DIGEST_MD5 };
enum { DIGEST_KINDS = DIGEST_MD5 + 1 };

/* What one thread needs to compute digests. */
struct digests;

struct digests *digests_new(void);
void digests_free(struct digests *digests); /* NULL is fine */

/* `out` has room for the 32, 20 or 16 bytes of the digest. False, and `out` as it was, when the
 * library does not offer it: some are configured without MD5. */
bool digest_compute(struct digests *digests, enum digest kind, struct bytes bytes, uint8_t *out);

#endif
