/* SPDX-License-Identifier: Apache-2.0
 *
 * SOCKS 4, 4a (the memos of Koblas and Lee) and 5 (RFC 1928, with the passwords of RFC 1929):
 * behind the server's consent to CONNECT anything may begin.
 */
#include "dissect/gather.h"
#include "dissect/preamble.h"

enum {
    SOCKS4 = 4,
    SOCKS5 = 5,
    CONNECT = 1,
    GRANTED4 = 90,
    PASSWORD = 2,
    LOGIN_VERSION = 1,
    IPV4 = 1,
    NAME = 3,
    IPV6 = 4,
};

enum socks_stage { GREETING, METHOD, LOGIN, REQUEST, DONE };

struct socks {
    struct gather side[2];
    uint8_t version;  /* 0 until the client has spoken */
    uint8_t stage[2]; /* enum socks_stage: what this side's next message is */
};

/* Eight bytes, then a user's name and perhaps a host's, each up to a NUL; 1 more than there is
 * until the end is seen. */
static size_t
need_of_request4(struct bytes b)
{
    struct bytes user = bytes_skip(b, 8);
    size_t end = bytes_find_byte(user, 0);
    if (b.len <= 8 || end == user.len)
        return b.len < 9 ? 9 : b.len + 1;
    bool names_host = bytes_at(b, 4) == 0 && bytes_at(b, 5) == 0 && bytes_at(b, 6) == 0;
    struct bytes host = bytes_skip(user, end + 1);
    bool whole = !names_host || bytes_find_byte(host, 0) < host.len;
    return whole ? b.len : b.len + 1;
}

static enum look
look_socks4(struct bytes b)
{
    struct reader r = reader_over(bytes_skip(b, 2));
    uint16_t port = read_u16(&r);
    if (b.len >= 2 && bytes_at(b, 1) != CONNECT)
        return LOOK_NOT_MINE;
    if (b.len < 4)
        return LOOK_MAYBE;
    if (port && need_of_request4(b) > b.len)
        return LOOK_MAYBE;
    return port && bytes_at(b, b.len - 1) == 0 ? LOOK_MINE : LOOK_NOT_MINE;
}

static enum look
look_socks(struct bytes originator, struct bytes responder)
{
    (void)responder;
    if (!originator.len)
        return LOOK_MAYBE;
    if (bytes_at(originator, 0) == SOCKS4)
        return look_socks4(originator);
    if (bytes_at(originator, 0) != SOCKS5)
        return LOOK_NOT_MINE;
    size_t methods = bytes_at(originator, 1);
    if (originator.len < 2)
        return LOOK_MAYBE;
    if (methods == 0 || methods > 16)
        return LOOK_NOT_MINE;
    return originator.len < 2 + methods ? LOOK_MAYBE : LOOK_MINE;
}

/* SOCKS 5 addresses: their length with the port, from the first two bytes of them. */
static size_t
address_length(uint8_t type, uint8_t first)
{
    switch (type) {
    case IPV4:
        return 4 + 2;
    case IPV6:
        return 16 + 2;
    case NAME:
        return (size_t)1 + first + 2;
    default:
        return 0;
    }
}

static size_t
need_of_request5(struct bytes b)
{
    if (b.len < 5)
        return 5;
    size_t address = address_length(bytes_at(b, 3), bytes_at(b, 4));
    return address ? 4 + address : 0;
}

static size_t
need_of_login(struct bytes b)
{
    size_t user = bytes_at(b, 1);
    if (b.len < 2)
        return 2;
    return b.len < 3 + user ? 3 + user : 3 + user + bytes_at(b, 2 + user);
}

/* How many bytes the message at hand has, as far as its beginning tells; 0: it is none. */
static size_t
need_of(const struct socks *s, enum side from, struct bytes b)
{
    if (s->version == SOCKS4)
        return from == ORIGINATOR ? need_of_request4(b) : 8;
    if (s->stage[from] == REQUEST)
        return need_of_request5(b);
    if (from == RESPONDER)
        return 2;
    if (s->stage[from] == LOGIN)
        return need_of_login(b);
    return b.len < 2 ? 2 : (size_t)2 + bytes_at(b, 1);
}

/* A whole message of this side. False: not yet, or (with `broken`) never. */
static bool
take_message(
    struct socks *s, enum side from, struct bytes *data, struct bytes *message, bool *broken)
{
    struct gather *g = &s->side[from];
    for (;;) {
        size_t need = need_of(s, from, gathered(g));
        /* The server's choice can make another message of one that has begun, and a shorter. */
        *broken = need == 0 || need > GATHER_MOST || need < g->len;
        if (*broken)
            return false;
        if (g->len == need)
            break;
        if (!gather(g, data, need))
            return false;
    }
    *message = gathered(g);
    return true;
}

static enum preamble_step
hear_client_message(struct socks *s, struct bytes message)
{
    bool request = s->version == SOCKS4 || s->stage[ORIGINATOR] == REQUEST;
    if (request && bytes_at(message, 1) != CONNECT)
        return PREAMBLE_NEVER;
    if (request)
        s->stage[ORIGINATOR] = DONE;
    else if (s->stage[ORIGINATOR] == GREETING)
        s->stage[ORIGINATOR] = METHOD; /* what comes next, the server's choice tells */
    else
        s->stage[ORIGINATOR] = REQUEST;
    return PREAMBLE_TALKING;
}

static enum preamble_step
hear_server_message(struct socks *s, struct bytes message)
{
    uint8_t answer = bytes_at(message, 1);
    if (s->version == SOCKS4)
        return answer == GRANTED4 ? PREAMBLE_UPGRADED : PREAMBLE_NEVER;
    switch ((enum socks_stage)s->stage[RESPONDER]) {
    case GREETING:
        s->stage[RESPONDER] = answer == PASSWORD ? LOGIN : REQUEST;
        s->stage[ORIGINATOR] = s->stage[RESPONDER];
        return answer == PASSWORD || answer == 0 ? PREAMBLE_TALKING : PREAMBLE_NEVER;
    case LOGIN:
        s->stage[RESPONDER] = REQUEST;
        return answer == 0 ? PREAMBLE_TALKING : PREAMBLE_NEVER;
    case REQUEST:
        return answer == 0 ? PREAMBLE_UPGRADED : PREAMBLE_NEVER;
    case METHOD:
    case DONE:
        break;
    }
    return PREAMBLE_NEVER;
}

static enum preamble_step
hear_socks(void *state, enum side from, struct bytes *data)
{
    struct socks *s = state;
    bool broken = false;
    while (data->len) {
        struct bytes message;
        if (from == ORIGINATOR && s->version == 0)
            s->version = bytes_at(*data, 0);
        if (s->version == 0)
            return PREAMBLE_NEVER;
        /* A client that goes on was granted its wish, even if the answer was not captured; what
         * it says behind its greeting is a request or, by its version, a password. */
        if (from == ORIGINATOR && s->stage[from] == DONE)
            return PREAMBLE_UPGRADED;
        if (from == ORIGINATOR && s->stage[from] == METHOD)
            s->stage[from] = bytes_at(*data, 0) == LOGIN_VERSION ? LOGIN : REQUEST;
        if (!take_message(s, from, data, &message, &broken))
            return broken ? PREAMBLE_NEVER : PREAMBLE_TALKING;
        enum preamble_step step =
            from == ORIGINATOR ? hear_client_message(s, message) : hear_server_message(s, message);
        gather_next(&s->side[from], 0);
        if (step != PREAMBLE_TALKING)
            return step;
    }
    return PREAMBLE_TALKING;
}

const struct preamble socks_preamble = {
    .carrier = "socks",
    .look = look_socks,
    .state_size = sizeof(struct socks),
    .hear = hear_socks,
};
