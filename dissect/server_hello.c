/* SPDX-License-Identifier: Apache-2.0
 *
 * ServerHello and HelloRetryRequest (RFC 8446 sections 4.1.3 and 4.1.4), and the SSL 2.0 SERVER-HELLO
 * (draft, section 2.6).
 */
#include "dissect/extensions.h"

/* A ServerHello with this random is a HelloRetryRequest: SHA-256 of those words. */
static const uint8_t retry_random[32] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d,
    0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e,
    0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

bool
version_hides_certificates(uint16_t version)
{
    enum { TLS13 = 0x0304, DRAFTS = 0x7f, DTLS13 = 0xfefc, EXPERIMENTS = 0xfb };
    return version == TLS13 || version >> 8 == DRAFTS || version >> 8 == EXPERIMENTS ||
           version == DTLS13 || version >> 8 == 0x7e;
}

/* Drafts up to 21 had neither session id nor compression. */
static bool
is_short_draft(uint16_t version)
{
    return version >= 0x7f00 && version <= 0x7f15;
}

bool
server_hello_parse(struct bytes body, struct server_hello *hello)
{
    struct reader r = reader_over(body);

    *hello = (struct server_hello){0};
    hello->legacy_version = read_u16(&r);
    hello->version = hello->legacy_version;
    hello->random = read_bytes(&r, 32);
    hello->retry = bytes_equal(hello->random, bytes_of(retry_random, sizeof retry_random));
    bool full = !is_short_draft(hello->version);
    if (full)
        hello->session_id = read_vec8(&r);
    hello->cipher = read_u16(&r);
    if (full)
        hello->compression = read_u8(&r);
    if (reader_finished(&r))
        return true;
    hello->extensions = read_vec16(&r);
    hello->has_extensions = !r.bad;

    return server_extensions_parse(hello->extensions, hello) && reader_finished(&r);
}

bool
server_hello_parse_sslv2(struct bytes record, struct server_hello *hello)
{
    struct reader r = reader_over(record);

    *hello = (struct server_hello){.sslv2 = true};
    read_u8(&r); /* message type */
    hello->sslv2_resumed = read_u8(&r) != 0;
    read_u8(&r); /* certificate type */
    hello->version = read_u16(&r);
    hello->legacy_version = hello->version;
    uint16_t certificate = read_u16(&r);
    uint16_t ciphers = read_u16(&r);
    uint16_t connection_id = read_u16(&r);
    hello->sslv2_certificate = read_bytes(&r, certificate);
    struct reader kinds = reader_over(read_bytes(&r, ciphers));
    hello->sslv2_cipher = read_u24(&kinds);
    hello->session_id = read_bytes(&r, connection_id);

    return reader_finished(&r);
}
