/* SPDX-License-Identifier: Apache-2.0
 *
 * A capture file of any kind, and the peeling of what is in it.
 */
#include "base/pool.h"
#include "capture/packet.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <unistd.h>

enum { MOST_FRAMES = 2000 };

static void
read_all(struct source *source, struct peeler *peeler)
{
    struct frame frame;
    struct packet packet;
    struct bytes key_log;
    bool joined;
    for (uint64_t i = 1; i < MOST_FRAMES && source_next(source, &frame) == SOURCE_FRAME; i++) {
        frame.number = i;
        peeler_peel(peeler, &frame, &packet, &joined);
        while (source_secrets(source, &key_log))
            continue;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[FILE_PATH];
    struct fault why = {0};
    struct pool pool = {.limit = 1 << 20};
    int file = fuzz_file(bytes_of(data, size), path);
    struct source *source = source_open_file(path, NULL, &why);
    assert(source || why.text[0]);
    if (source) {
        struct peeler *peeler = peeler_new(&pool);
        read_all(source, peeler);
        peeler_free(peeler);
        source_close(source);
    }
    close(file);
    assert(pool.used == 0);
    return 0;
}
