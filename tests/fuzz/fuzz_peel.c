/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames of one link type (the first two bytes), each behind its length in two bytes; the highest
 * bit of that says that the capture cut it.
 */
#include "capture/packet.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = reader_over(bytes_of(data, size));
    struct pool pool = {.limit = 1 << 20};
    struct peeler *peeler = peeler_new(&pool);
    struct frame frame = {.link = read_u16(&r)};
    while (reader_more(&r)) {
        uint16_t head = read_u16(&r);
        size_t length = head & 0x7fff;
        frame.number++;
        frame.ts_ns += 1000000000;
        frame.bytes = read_bytes(&r, length < reader_left(&r) ? length : reader_left(&r));
        frame.wire_len = (uint32_t)frame.bytes.len + (head & 0x8000 ? 500 : 0);
        struct packet packet;
        bool joined;
        if (peeler_peel(peeler, &frame, &packet, &joined) != PEELED)
            continue;
        packet_shard_hash(&packet);
        if (packet.checksum == CHECKSUM_UNTRIED)
            packet_checksum_good(&packet);
    }
    peeler_free(peeler);
    assert(pool.used == 0);
    return 0;
}
