/* SPDX-License-Identifier: Apache-2.0
 *
 * One hello (the first byte says of which kind), and its fingerprints.
 */
#include "base/pool.h"
#include "dissect/fingerprint.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes all = bytes_of(data, size);
    struct bytes body = bytes_skip(all, 1);
    struct pool pool = {.limit = 1 << 20};
    struct fingerprinter *fingerprinter = fingerprinter_new(&pool);
    struct client_hello hello;
    struct server_hello answer;
    char ja3[JA3_TEXT];
    char ja4[JA4_TEXT];
    if (bytes_at(all, 0) & 1) {
        (void)(bytes_at(all, 0) & 2 ? server_hello_parse_sslv2(body, &answer)
                                    : server_hello_parse(body, &answer));
        fingerprint_ja3s(fingerprinter, &answer, ja3);
        assert(strlen(ja3) < JA3_TEXT);
    } else {
        (void)(bytes_at(all, 0) & 2 ? client_hello_parse_sslv2(body, &hello)
                                    : client_hello_parse(body, &hello));
        fingerprint_ja3(fingerprinter, &hello, ja3);
        fingerprint_ja4(fingerprinter, &hello, JA4_TCP, ja4);
        assert(strlen(ja3) < JA3_TEXT && strlen(ja4) < JA4_TEXT);
    }
    fingerprinter_free(fingerprinter);
    assert(pool.used == 0);
    return 0;
}
