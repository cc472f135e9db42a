/* SPDX-License-Identifier: Apache-2.0 */
#include "base/address.h"

#include <arpa/inet.h>
#include <assert.h>
#include <endian.h>
#include <stdio.h>

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

struct address
address_v4(struct bytes four)
{
    struct address a;
    assert(four.len == 4);
    memcpy(a.at, mapped, sizeof mapped);
    memcpy(a.at + sizeof mapped, four.at, 4);
    return a;
}

struct address
address_v6(struct bytes sixteen)
{
    struct address a;
    assert(sixteen.len == sizeof a.at);
    memcpy(a.at, sixteen.at, sizeof a.at);
    return a;
}

bool
address_is_v4(const struct address *address)
{
    uint64_t first;
    uint32_t second;
    memcpy(&first, address->at, sizeof first);
    memcpy(&second, address->at + sizeof first, sizeof second);
    return first == 0 && second == htobe32(0xffff);
}

uint32_t
address_v4_number(const struct address *address)
{
    uint32_t number;
    memcpy(&number, address->at + sizeof mapped, sizeof number);
    return be32toh(number);
}

bool
address_is_set(const struct address *address)
{
    static const struct address none;
    return memcmp(address->at, none.at, sizeof none.at) != 0;
}

void
address_to_text(const struct address *address, char out[ADDRESS_TEXT])
{
    bool v4 = address_is_v4(address);
    inet_ntop(v4 ? AF_INET : AF_INET6, address->at + (v4 ? 12 : 0), out, ADDRESS_TEXT);
}

bool
address_from_text(struct bytes text, struct address *address)
{
    char copy[ADDRESS_TEXT];
    uint8_t parsed[16];
    if (text.len == 0 || text.len >= sizeof copy || memchr(text.at, 0, text.len))
        return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    if (inet_pton(AF_INET, copy, parsed) == 1) {
        *address = address_v4(bytes_of(parsed, 4));
        return true;
    }
    if (inet_pton(AF_INET6, copy, parsed) != 1)
        return false;
    *address = address_v6(bytes_of(parsed, 16));
    return true;
}

static struct address
address_masked(const struct address *address, unsigned prefix)
{
    struct address masked = *address;
    for (unsigned i = 0; i < 16; i++) {
        unsigned keep = prefix > 8 * i ? prefix - 8 * i : 0;
        if (keep < 8)
            masked.at[i] = (uint8_t)(masked.at[i] & ~(0xffU >> keep));
    }
    return masked;
}

static bool
prefix_from_text(struct bytes text, unsigned most, unsigned *prefix)
{
    unsigned value = 0;
    if (text.len == 0 || text.len > 3)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        value = value * 10 + (unsigned)(text.at[i] - '0');
    }
    *prefix = value;
    return value <= most;
}

bool
network_from_text(struct bytes text, struct network *network)
{
    size_t slash = bytes_find_byte(text, '/');
    struct address address;
    if (!address_from_text(bytes_first(text, slash), &address))
        return false;

    unsigned most = address_is_v4(&address) && bytes_find_byte(text, ':') == text.len ? 32 : 128;
    unsigned prefix = most;
    if (slash < text.len && !prefix_from_text(bytes_skip(text, slash + 1), most, &prefix))
        return false;
    if (slash + 1 == text.len)
        return false;

    network->prefix = prefix + (128 - most);
    network->address = address_masked(&address, network->prefix);
    return memcmp(network->address.at, address.at, sizeof address.at) == 0;
}

bool
network_has(const struct network *network, const struct address *address)
{
    struct address masked = address_masked(address, network->prefix);
    return memcmp(masked.at, network->address.at, sizeof masked.at) == 0;
}
