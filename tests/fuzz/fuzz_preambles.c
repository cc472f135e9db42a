/* SPDX-License-Identifier: Apache-2.0
 *
 * One preamble (the first byte says which), and both sides' bytes in pieces: side and length in one
 * byte, then the bytes. Those that carry TLS are heard by fuzz_tls_stream.
 */
#include "dissect/preamble.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <stdlib.h>

static const struct preamble *
preamble_of(uint8_t number)
{
    size_t count = 0;
    while (preambles[count])
        count++;
    return preambles[number % count];
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = reader_over(bytes_of(data, size));
    const struct preamble *preamble = preamble_of(read_u8(&r));
    enum preamble_step step = PREAMBLE_TALKING;
    struct address client;
    void *state = calloc(1, preamble->state_size);
    struct bytes all = bytes_of(r.at, reader_left(&r));
    preamble->look(all, (struct bytes){0});
    preamble->look((struct bytes){0}, all);
    while (state && preamble->hear && reader_more(&r) && step == PREAMBLE_TALKING) {
        uint8_t head = read_u8(&r);
        size_t length = (head & 0x7f) + 1U;
        struct bytes piece = read_bytes(&r, length < reader_left(&r) ? length : reader_left(&r));
        struct bytes left = piece;
        if (!piece.len)
            break;
        step = preamble->hear(state, head & 0x80 ? RESPONDER : ORIGINATOR, &left);
        assert(left.len <= piece.len);
        assert(step != PREAMBLE_TALKING || left.len == 0);
    }
    if (preamble->client_address)
        preamble->client_address(state, &client);
    free(state);
    return 0;
}
