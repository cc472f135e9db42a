/* SPDX-License-Identifier: Apache-2.0
 *
 * The body of a CompressedCertificate.
 */
#include "dissect/certificate_compression.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pool pool = {.limit = 8 << 20};
    uint8_t *message;
    size_t len;
    if (certificate_unpack(bytes_of(data, size), &pool, &message, &len) == UNPACKED)
        pool_give(&pool, message, len);
    assert(pool.used == 0);
    return 0;
}
