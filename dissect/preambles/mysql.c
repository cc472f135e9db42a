/* SPDX-License-Identifier: Apache-2.0
 *
 * MySQL and MariaDB (manual, "Connection Phase"): the server greets in a packet; the client answers
 * with a short response whose capabilities ask for TLS, and begins TLS right behind it.
 */
#include "dissect/gather.h"
#include "dissect/preamble.h"

enum { HEADER = 4, SSL_REQUEST = 32, CLIENT_SSL = 0x0800, PROTOCOL_10 = 10 };

struct mysql {
    struct gather packet; /* of the client */
    bool greeted;
};

static enum look
look_mysql(struct bytes originator, struct bytes responder)
{
    (void)originator;
    struct reader r = reader_over(responder);
    if (!responder.len)
        return LOOK_MAYBE;
    size_t length = (size_t)read_little_endian(&r, 3);
    uint8_t sequence = read_u8(&r);
    uint8_t protocol = read_u8(&r);
    if (r.bad)
        return LOOK_MAYBE;
    bool digit = bytes_at(responder, 5) >= '0' && bytes_at(responder, 5) <= '9';
    bool good = length > 20 && length < 512 && sequence == 0 && protocol == PROTOCOL_10;
    if (responder.len < 6)
        return good ? LOOK_MAYBE : LOOK_NOT_MINE;
    return good && digit ? LOOK_MINE : LOOK_NOT_MINE;
}

/* The request holds capabilities, limits and a character set; its first two bytes are enough. */
static enum preamble_step
hear_mysql(void *state, enum side from, struct bytes *data)
{
    struct mysql *mysql = state;
    if (from == RESPONDER) {
        bool alone = mysql->packet.len == 0; /* the client was not captured */
        if (alone && mysql->greeted && tls_look(*data, false) == LOOK_MINE)
            return PREAMBLE_UPGRADED;
        mysql->greeted = true;
        *data = (struct bytes){0};
        return PREAMBLE_TALKING;
    }
    if (!gather(&mysql->packet, data, HEADER + SSL_REQUEST))
        return PREAMBLE_TALKING;
    struct reader r = reader_over(gathered(&mysql->packet));
    size_t length = (size_t)read_little_endian(&r, 3);
    read_u8(&r); /* sequence */
    uint16_t capabilities = read_u16le(&r);
    return length == SSL_REQUEST && capabilities & CLIENT_SSL ? PREAMBLE_UPGRADED : PREAMBLE_NEVER;
}

const struct preamble mysql_preamble = {
    .carrier = "mysql",
    .look = look_mysql,
    .state_size = sizeof(struct mysql),
    .hear = hear_mysql,
};
