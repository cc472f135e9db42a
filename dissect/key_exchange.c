/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/key_exchange.h"

#include "dissect/names.h"

/* RFC 5246 section 7.4.3: prime, generator and the server's share. */
static void
read_diffie_hellman(struct reader *r)
{
    for (int i = 0; i < 3; i++)
        read_vec16(r);
}

/* RFC 8422 section 5.4: a named curve and a point. No endpoint spells curves out. */
static void
read_curve(struct reader *r)
{
    enum { NAMED_CURVE = 3 };
    r->bad |= read_u8(r) != NAMED_CURVE;
    read_u16(r);
    read_vec8(r);
}

/* RFC 2246 section 7.4.3: a short-lived key, its modulus and exponent. */
static void
read_rsa(struct reader *r)
{
    read_vec16(r);
    read_vec16(r);
}

/* The key exchanges that the server signs, by how their suites' names begin. */
static const struct {
    const char *suite;
    void (*read)(struct reader *r);
} exchanges[] = {
    {"TLS_ECDHE_RSA_", read_curve},
    {"TLS_ECDHE_ECDSA_", read_curve},
    {"TLS_DHE_RSA_", read_diffie_hellman},
    {"TLS_DHE_DSS_", read_diffie_hellman},
    {"TLS_RSA_EXPORT", read_rsa},
};

const char *
key_exchange_read(
    struct bytes body, uint16_t cipher, bool says_scheme, struct key_exchange *exchange)
{
    char buffer[NAME_BUFFER];
    struct bytes suite = bytes_from_string(cipher_name(cipher, buffer));
    for (size_t i = 0; i < sizeof exchanges / sizeof *exchanges; i++) {
        if (!bytes_start_with(suite, bytes_from_string(exchanges[i].suite)))
            continue;
        struct reader r = reader_over(body);
        exchanges[i].read(&r);
        exchange->params = bytes_first(body, body.len - reader_left(&r));
        exchange->scheme = says_scheme ? read_u16(&r) : 0;
        exchange->signature = read_vec16(&r);
        return reader_finished(&r) ? NULL : "the key exchange cannot be read";
    }
    return "the server signs nothing in this key exchange";
}
