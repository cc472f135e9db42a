/* SPDX-License-Identifier: Apache-2.0
 *
 * One side of HTTP in pieces: a byte of length, then the bytes.
 */
#include "dissect/http.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = reader_over(bytes_of(data, size));
    struct pool pool = {.limit = 1 << 20};
    struct http_reader reader = {.pool = &pool};
    struct http_message message;
    enum http_step step = HTTP_MORE;
    while (reader_more(&r) && step != HTTP_LOST) {
        size_t length = read_u8(&r) + 1U;
        struct bytes piece = read_bytes(&r, length < reader_left(&r) ? length : reader_left(&r));
        while (piece.len && step != HTTP_LOST) {
            step = http_next(&reader, &piece, &message);
            assert(step != HTTP_WHOLE || message.body.len <= HTTP_BODY_MOST);
            assert(step != HTTP_MORE || piece.len == 0);
        }
    }
    http_end(&reader, &message);
    http_free(&reader);
    assert(pool.used == 0);
    return 0;
}
