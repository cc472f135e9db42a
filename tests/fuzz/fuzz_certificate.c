/* SPDX-License-Identifier: Apache-2.0
 *
 * One certificate, the question whether it names a host, and its subject as Suricata spells it.
 */
#include "base/pool.h"
#include "dissect/certificate_store.h"
#include "dissect/suricata_spelling.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pool pool = {.limit = 16 << 20};
    struct arena arena = {.pool = &pool};
    const struct certificate *certificate = certificate_read(&arena, bytes_of(data, size));
    if (certificate) {
        certificate_names_host(certificate, bytes_from_string("www.example.com"));
        assert(certificate->der.len == size);
        struct text text = {0};
        suricata_name(certificate->subject, &text);
        text_free(&text);
    }
    arena_empty(&arena);
    assert(pool.used == 0);
    return 0;
}
