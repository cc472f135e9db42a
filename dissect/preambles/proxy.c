/* SPDX-License-Identifier: Apache-2.0
 *
 * PROXY protocol, versions 1 and 2 (HAProxy's proxy-protocol.txt): a header before everything else
 * in which a proxy names the real client. What follows may be anything.
 */
#include "dissect/gather.h"
#include "dissect/preamble.h"

enum { HEADER2 = 16, LINE_MOST = 108, COMMAND_PROXY = 0x21, TCP4 = 0x11, TCP6 = 0x21 };

static const uint8_t signature[12] = {
    0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

struct proxy {
    struct gather header;
    uint32_t passed; /* bytes of the header beyond what is gathered */
    bool has_client;
    struct address client;
};

static bool
begins(struct bytes b, struct bytes with)
{
    return bytes_equal(bytes_first(b, with.len), bytes_first(with, b.len));
}

static enum look
look_proxy(struct bytes originator, struct bytes responder)
{
    (void)responder;
    struct bytes one = bytes_from_string("PROXY ");
    struct bytes two = bytes_of(signature, sizeof signature);
    if (!originator.len)
        return LOOK_MAYBE;
    if (begins(originator, one))
        return originator.len < one.len ? LOOK_MAYBE : LOOK_MINE;
    if (begins(originator, two))
        return originator.len < two.len ? LOOK_MAYBE : LOOK_MINE;
    return LOOK_NOT_MINE;
}

/* "PROXY TCP4 192.0.2.1 198.51.100.2 51234 443": the third word is the client. */
static void
read_line(struct proxy *proxy, struct bytes line)
{
    struct bytes rest = bytes_skip(line, sizeof "PROXY TCP4 " - 1);
    struct bytes address = bytes_first(rest, bytes_find_byte(rest, ' '));
    proxy->has_client = address_from_text(address, &proxy->client);
}

static enum preamble_step
hear_version1(struct proxy *proxy, struct bytes *data)
{
    struct gather *g = &proxy->header;
    while (gather(g, data, (size_t)g->len + 1)) {
        struct bytes line = gathered(g);
        if (bytes_at(line, line.len - 1) == '\n') {
            read_line(proxy, bytes_trim(line));
            return PREAMBLE_UPGRADED;
        }
        if (line.len >= LINE_MOST)
            return PREAMBLE_NEVER;
    }
    return PREAMBLE_TALKING;
}

static void
read_addresses(struct proxy *proxy, uint8_t command, uint8_t family, struct bytes addresses)
{
    size_t size = family == TCP4 ? 4 : 16;
    if (command != COMMAND_PROXY || (family != TCP4 && family != TCP6) || addresses.len < size)
        return;
    struct bytes client = bytes_first(addresses, size);
    proxy->client = family == TCP4 ? address_v4(client) : address_v6(client);
    proxy->has_client = true;
}

static enum preamble_step
hear_version2(struct proxy *proxy, struct bytes *data)
{
    struct gather *g = &proxy->header;
    if (!gather(g, data, HEADER2))
        return PREAMBLE_TALKING;
    struct reader r = reader_over(bytes_skip(gathered(g), sizeof signature));
    uint8_t command = read_u8(&r);
    uint8_t family = read_u8(&r);
    size_t length = read_u16(&r);
    size_t kept = HEADER2 + length < GATHER_MOST ? HEADER2 + length : GATHER_MOST;
    if (!gather(g, data, kept))
        return PREAMBLE_TALKING;
    read_addresses(proxy, command, family, bytes_skip(gathered(g), HEADER2));
    size_t left = HEADER2 + length - kept - proxy->passed; /* of long options */
    struct bytes part = bytes_first(*data, left);
    proxy->passed += (uint32_t)part.len;
    *data = bytes_skip(*data, part.len);
    return part.len == left ? PREAMBLE_UPGRADED : PREAMBLE_TALKING;
}

static enum preamble_step
hear_proxy(void *state, enum side from, struct bytes *data)
{
    struct proxy *proxy = state;
    if (from == RESPONDER)
        return PREAMBLE_UPGRADED; /* it speaks behind the header only */
    uint8_t first = proxy->header.len ? proxy->header.at[0] : bytes_at(*data, 0);
    return first == 'P' ? hear_version1(proxy, data) : hear_version2(proxy, data);
}

static bool
client_of(const void *state, struct address *address)
{
    const struct proxy *proxy = state;
    if (proxy->has_client)
        *address = proxy->client;
    return proxy->has_client;
}

const struct preamble proxy_preamble = {
    .carrier = "proxy-protocol",
    .look = look_proxy,
    .state_size = sizeof(struct proxy),
    .hear = hear_proxy,
    .client_address = client_of,
};
