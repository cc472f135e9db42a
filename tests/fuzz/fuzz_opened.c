/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands in opened records: the input is sealed, so that everything behind the opener sees it.
 * Pieces: who says it and how, its length, its bytes.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/support/keyed.h"
#include "tests/support/scene.h"

#include <assert.h>

enum { FROM_SERVER = 1, IS_ALERT = 2, IS_DATA = 4, NEXT_KEYS = 8, BARE = 16 };

static void
say(struct scene *scene, struct keyed *keyed, uint8_t how, struct bytes content)
{
    enum role role = how & FROM_SERVER ? SERVER : CLIENT;
    uint8_t type = how & IS_DATA ? 23 : how & IS_ALERT ? 21 : 22;
    struct text record = {0};
    if (how & NEXT_KEYS)
        keyed_turn(keyed, role, role == SERVER ? SECRET_SERVER_TRAFFIC : SECRET_CLIENT_TRAFFIC);
    if (how & BARE)
        tls_record(&record, 23, content);
    else
        keyed_say(keyed, &record, role, type, content);
    scene_hear(scene, role == SERVER ? RESPONDER : ORIGINATOR, text_bytes(&record));
    text_free(&record);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = reader_over(bytes_of(data, size));
    struct keyed keyed;
    struct scene scene;
    struct text hellos[2] = {{0}, {0}};
    keyed_begin(&keyed, (uint16_t)(0x1301 + read_u8(&r) % 5));
    keyed_give_all(&keyed);
    scene_begin(&scene, 4 << 20);
    struct key_options options = {.store = keyed.store, .follow = true};
    dissection_use_keys(scene.dissection, &options);
    tls_client_hello(&hellos[0]);
    tls_server_hello_13(&hellos[1]);
    hellos[1].at[5 + 4 + 2 + 32 + 2] = (char)keyed.suite->cipher;
    scene_hear(&scene, ORIGINATOR, text_bytes(&hellos[0]));
    scene_hear(&scene, RESPONDER, text_bytes(&hellos[1]));
    while (reader_more(&r)) {
        uint8_t how = read_u8(&r);
        size_t length = read_u16(&r) % 16000, left = reader_left(&r);
        say(&scene, &keyed, how, read_bytes(&r, length < left ? length : left));
    }
    scene_over(&scene, FLOW_CLOSED);
    size_t kept = scene_end(&scene);
    assert(kept == 0);
    keyed_end(&keyed);
    text_free(&hellos[0]);
    text_free(&hellos[1]);
    return 0;
}
