/* SPDX-License-Identifier: Apache-2.0
 *
 * Both sides' bytes of one flow, with gaps, from the door of the dissection on. The input is how
 * the flow is (one byte), and then pieces: what it is (side, gap or data), its length, its bytes.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/support/scene.h"

#include <assert.h>

enum { GUESSED = 1, CUT = 2, POOR = 4, FROM_RESPONDER = 1, IS_GAP = 2 };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = reader_over(bytes_of(data, size));
    struct scene scene;
    uint8_t how = read_u8(&r);
    scene_begin(&scene, how & POOR ? (size_t)(how >> 3) << 10 : 4 << 20);
    scene.flow.guessed = how & GUESSED;
    scene.flow.cut = how & CUT;
    while (reader_more(&r)) {
        uint8_t what = read_u8(&r);
        size_t length = read_u16(&r);
        enum side from = what & FROM_RESPONDER ? RESPONDER : ORIGINATOR;
        if (what & IS_GAP)
            scene_gap(&scene, from, length + 1);
        else
            scene_hear(
                &scene, from, read_bytes(&r, length < reader_left(&r) ? length : reader_left(&r)));
    }
    scene_over(&scene, FLOW_CLOSED);
    size_t kept = scene_end(&scene);
    assert(kept == 0);
    return 0;
}
