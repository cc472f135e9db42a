/* SPDX-License-Identifier: Apache-2.0
 *
 * The datagrams of one flow, from the door of the dissection on: UDP, or 802.1X frames. The input
 * is how the flow is (one byte), and then datagrams: what it is (side, a byte that was not
 * captured, hardware addresses), its length, its bytes.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/support/scene.h"

#include <assert.h>
#include <netinet/in.h>

enum { LINK = 1, POOR = 2, FROM_RESPONDER = 1, IS_CUT = 2, TO_GROUP = 4, ANOTHER = 8 };

static void
address(struct flow *flow, uint8_t what)
{
    enum side from = what & FROM_RESPONDER;
    flow->path.l2[0][5] = (uint8_t)(1 + (from == RESPONDER) + (what & ANOTHER));
    flow->path.l2[1][5] = (uint8_t)(2 - (from == RESPONDER));
    flow->path.l2[1][0] = what & TO_GROUP ? 1 : 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = reader_over(bytes_of(data, size));
    struct scene scene;
    uint8_t how = read_u8(&r);
    scene_begin(&scene, how & POOR ? (size_t)(how >> 2) << 10 : 4 << 20);
    scene.flow.protocol = how & LINK ? 0 : IPPROTO_UDP;
    while (reader_more(&r)) {
        uint8_t what = read_u8(&r);
        size_t length = read_u16(&r);
        address(&scene.flow, what);
        struct bytes datagram = read_bytes(&r, length < reader_left(&r) ? length : reader_left(&r));
        scene_datagram(
            &scene, what & FROM_RESPONDER, datagram, what & IS_CUT ? 1 + (what >> 4) : 0);
    }
    scene_over(&scene, FLOW_CLOSED);
    size_t kept = scene_end(&scene);
    assert(kept == 0);
    return 0;
}
