/* SPDX-License-Identifier: Apache-2.0
 *
 * The hellos of SSL 2.0 (Hickman, "The SSL Protocol", 1995). Clients up to TLS 1.0 sent this one to
 * say hello to servers of any version (RFC 5246 appendix E.2). All lengths come first, then what
 * they are of. The server's certificate is inside its hello.
 */
#include "dissect/hello.h"

enum { CLIENT_HELLO = 1, SERVER_HELLO = 4, CIPHER = 3 };

bool
client_hello_parse_sslv2(struct bytes record, struct client_hello *hello)
{
    struct reader r = reader_over(record);

    *hello = (struct client_hello){.sslv2 = true};
    uint8_t type = read_u8(&r);
    hello->version = read_u16(&r);
    size_t ciphers = read_u16(&r);
    size_t session_id = read_u16(&r);
    size_t challenge = read_u16(&r);
    hello->ciphers = read_bytes(&r, ciphers);
    hello->session_id = read_bytes(&r, session_id);
    hello->random = read_bytes(&r, challenge);
    return type == CLIENT_HELLO && reader_finished(&r) && hello->ciphers.len % CIPHER == 0;
}

bool
server_hello_parse_sslv2(struct bytes record, struct server_hello *hello)
{
    struct reader r = reader_over(record);

    *hello = (struct server_hello){.sslv2 = true};
    uint8_t type = read_u8(&r);
    hello->sslv2_resumed = read_u8(&r) != 0;
    read_u8(&r); /* kind of the certificate: X.509 is the only one there is */
    hello->version = read_u16(&r);
    hello->legacy_version = hello->version;
    size_t certificate = read_u16(&r);
    size_t ciphers = read_u16(&r);
    size_t connection_id = read_u16(&r);
    hello->sslv2_certificate = read_bytes(&r, certificate);
    struct reader offered = reader_over(read_bytes(&r, ciphers));
    hello->sslv2_cipher = read_u24(&offered);
    hello->random = read_bytes(&r, connection_id);
    return type == SERVER_HELLO && reader_finished(&r) && ciphers % CIPHER == 0;
}
