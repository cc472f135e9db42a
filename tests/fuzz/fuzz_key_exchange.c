/* SPDX-License-Identifier: Apache-2.0
 *
 * A ServerKeyExchange for any cipher suite: the suite (two bytes), whether the scheme is said, and
 * the message.
 */
#include "dissect/key_exchange.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = reader_over(bytes_of(data, size));
    struct key_exchange exchange = {0};
    uint16_t cipher = read_u16(&r);
    bool named = read_u8(&r) & 1;
    struct bytes body = reader_rest(&r);
    if (!key_exchange_read(body, cipher, named, &exchange))
        assert(exchange.params.len + (named ? 2U : 0U) + 2 + exchange.signature.len == body.len);
    return 0;
}
