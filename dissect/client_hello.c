/* SPDX-License-Identifier: Apache-2.0
 *
 * The ClientHello: RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2; with a cookie between session
 * id and ciphers in DTLS (RFC 6347 section 4.2.1, RFC 9147 section 5.3).
 */
#include "dissect/extensions.h"

enum { RANDOM = 32, DTLS_MAJOR = 0xfe, DTLS_OPENSSL = 0x0100 };

/* DTLS counts its versions down from 0xfeff; OpenSSL before 0.9.8f had a number of its own. */
static bool
is_datagram_version(uint16_t version)
{
    return version >> 8 == DTLS_MAJOR || version == DTLS_OPENSSL;
}

bool
client_hello_parse(struct bytes body, struct client_hello *hello)
{
    struct reader r = reader_over(body);

    *hello = (struct client_hello){0};
    hello->version = read_u16(&r);
    hello->random = read_bytes(&r, RANDOM);
    hello->session_id = read_vec8(&r);
    if (is_datagram_version(hello->version))
        read_vec8(&r); /* the cookie proves an address, which is not our question */
    hello->ciphers = read_vec16(&r);
    hello->compressions = read_vec8(&r);
    if (reader_finished(&r))
        return hello->ciphers.len % 2 == 0; /* a hello may end here up to TLS 1.2 */
    struct bytes extensions = read_vec16(&r);
    if (r.bad)
        return false;
    hello->has_extensions = true;
    hello->extensions = extensions;
    bool good = client_extensions_parse(extensions, hello);
    return good && reader_finished(&r) && hello->ciphers.len % 2 == 0;
}
