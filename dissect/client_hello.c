/* SPDX-License-Identifier: Apache-2.0
 *
 * ClientHello (RFC 8446 section 4.1.2), and the SSL 2.0 CLIENT-HELLO (draft, section 2.5).
 */
#include "dissect/extensions.h"

bool
client_hello_parse(struct bytes body, struct client_hello *hello)
{
    struct reader r = reader_over(body);

    *hello = (struct client_hello){0};
    hello->version = read_u16(&r);
    hello->random = read_bytes(&r, 32);
    hello->session_id = read_vec8(&r);
    hello->ciphers = read_vec16(&r);
    hello->compressions = read_vec8(&r);
    if (reader_finished(&r))
        return true; /* before TLS 1.2, a hello may end here */
    hello->extensions = read_vec16(&r);
    hello->has_extensions = !r.bad;

    return client_extensions_parse(hello->extensions, hello) && reader_finished(&r);
}

bool
client_hello_parse_sslv2(struct bytes record, struct client_hello *hello)
{
    struct reader r = reader_over(record);

    *hello = (struct client_hello){.sslv2 = true};
    read_u8(&r); /* message type */
    hello->version = read_u16(&r);
    uint16_t ciphers = read_u16(&r);
    uint16_t session_id = read_u16(&r);
    uint16_t challenge = read_u16(&r);
    hello->ciphers = read_bytes(&r, ciphers);
    hello->session_id = read_bytes(&r, session_id);
    hello->random = read_bytes(&r, challenge);

    return reader_finished(&r);
}
