/* SPDX-License-Identifier: Apache-2.0
 *
 * CompressedCertificate (RFC 8879): a Certificate message packed with zlib, brotli or zstd. What it
 * unpacks to is bounded by what it says, and that by the longest message that is kept.
 */
#ifndef CERTTAP_DISSECT_CERTIFICATE_COMPRESSION_H
#define CERTTAP_DISSECT_CERTIFICATE_COMPRESSION_H

#include "base/pool.h"

enum unpacked {
    UNPACKED,
    UNPACKED_TOO_LARGE, /* it says that it is longer than is kept */
    UNPACKED_NO_ROOM,
    UNPACKED_MALFORMED, /* no such method, damaged, or of another length than it says */
};

/* The Certificate message in the body of a CompressedCertificate. It is given back to the pool by
 * its address and length. */
enum unpacked certificate_unpack(
    struct bytes body, struct pool *pool, uint8_t **message, size_t *len);

#endif
