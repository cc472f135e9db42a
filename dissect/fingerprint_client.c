/* SPDX-License-Identifier: Apache-2.0
 *
 * Most hellos are like one that was seen before: the same client says the same but for its random
 * numbers and the server's name. So both fingerprints are remembered by all that they are made of,
 * in the order of the wire, which spares sorting it.
 */
#include "dissect/extensions.h"
#include "dissect/fingerprinter.h"

struct both {
    char ja3[JA3_TEXT];
    char ja4[JA4_TEXT];
};

/* First and last byte of the first protocol offered, and how long it is: JA4 shows no more. */
static void
add_alpn(struct lists *key, struct bytes alpn)
{
    struct reader r = reader_over(alpn);
    struct bytes name = read_vec8(&r);
    lists_open(key, 2);
    lists_add(key, (uint16_t)name.len);
    if (name.len)
        lists_add(key, (uint16_t)(bytes_at(name, 0) << 8 | bytes_at(name, name.len - 1)));
}

void
fingerprint_client(struct fingerprinter *f, const struct client_hello *hello,
    enum ja4_transport transport, char ja3[JA3_TEXT], char ja4[JA4_TEXT])
{
    struct both both = {0};
    struct lists *key = fingerprint_key(f);
    lists_open(key, 3);
    lists_add(key, hello->version);
    lists_add(key, (uint16_t)transport);
    lists_add(key, hello->sslv2);
    lists_add_numbers(key, hello->ciphers, 2);
    lists_add_extensions(key, hello->extensions);
    lists_add_numbers(key, hello->groups, 2);
    lists_add_numbers(key, hello->point_formats, 1);
    lists_add_numbers(key, hello->signature_algorithms, 2);
    lists_add_numbers(key, hello->supported_versions, 2);
    add_alpn(key, hello->alpn);
    if (!fingerprint_recall(f, key, &both, sizeof both)) {
        fingerprint_ja3(f, hello, both.ja3);
        fingerprint_ja4(f, hello, transport, both.ja4);
        if (both.ja3[0] && both.ja4[0])
            fingerprint_remember(f, key, &both, sizeof both);
    }
    memcpy(ja3, both.ja3, sizeof both.ja3);
    memcpy(ja4, both.ja4, sizeof both.ja4);
}
