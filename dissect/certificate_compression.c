/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/certificate_compression.h"

#include "dissect/message.h"

#include <brotli/decode.h>
#include <stddef.h>
#include <zlib.h>
#include <zstd.h>

/* ---- The methods: each fills exactly `len` bytes, or fails. */

static bool
unpack_zlib(struct bytes packed, struct pool *pool, uint8_t *out, size_t len)
{
    uLongf have = len;
    uLong taken = packed.len;
    (void)pool;
    return uncompress2(out, &have, packed.at, &taken) == Z_OK && have == len && taken == packed.len;
}

/* Brotli's window may take sixteen megabytes: it comes from the pool, which may say no. What it
 * took stands before what it was given. */
static void *
take(void *pool, size_t size)
{
    size_t head = _Alignof(max_align_t);
    if (size > SIZE_MAX - head)
        return NULL;
    char *taken = pool_take(pool, size + head);
    if (!taken)
        return NULL;
    memcpy(taken, &size, sizeof size);
    return taken + head;
}

static void
give(void *pool, void *given)
{
    size_t head = _Alignof(max_align_t);
    size_t size;
    if (!given)
        return;
    char *taken = (char *)given - head;
    memcpy(&size, taken, sizeof size);
    pool_give(pool, taken, size + head);
}

static bool
unpack_brotli(struct bytes packed, struct pool *pool, uint8_t *out, size_t len)
{
    BrotliDecoderState *state = BrotliDecoderCreateInstance(take, give, pool);
    if (!state)
        return false;
    size_t left_in = packed.len, left_out = len;
    const uint8_t *in = packed.at;
    BrotliDecoderResult result =
        BrotliDecoderDecompressStream(state, &left_in, &in, &left_out, &out, NULL);
    BrotliDecoderDestroyInstance(state);
    return result == BROTLI_DECODER_RESULT_SUCCESS && left_in == 0 && left_out == 0;
}

static bool
unpack_zstd(struct bytes packed, struct pool *pool, uint8_t *out, size_t len)
{
    (void)pool;
    size_t have = ZSTD_decompress(out, len, packed.at, packed.len);
    return !ZSTD_isError(have) && have == len;
}

static const struct method {
    uint16_t number;
    bool (*unpack)(struct bytes packed, struct pool *pool, uint8_t *out, size_t len);
} methods[] = {
    {1, unpack_zlib},
    {2, unpack_brotli},
    {3, unpack_zstd},
};

static const struct method *
method_find(uint16_t number)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (methods[i].number == number)
            return &methods[i];
    return NULL;
}

enum unpacked
certificate_unpack(struct bytes body, struct pool *pool, uint8_t **message, size_t *len)
{
    struct reader r = reader_over(body);
    const struct method *method = method_find(read_u16(&r));
    size_t whole = read_u24(&r);
    struct bytes packed = read_vec24(&r);
    if (!method || whole == 0 || packed.len == 0 || !reader_finished(&r))
        return UNPACKED_MALFORMED;
    if (whole > MESSAGE_MOST)
        return UNPACKED_TOO_LARGE;
    uint8_t *out = pool_take(pool, whole);
    if (!out)
        return UNPACKED_NO_ROOM;
    if (!method->unpack(packed, pool, out, whole)) {
        pool_give(pool, out, whole);
        return UNPACKED_MALFORMED;
    }
    *message = out;
    *len = whole;
    return UNPACKED;
}
