/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/message.h"

enum { FIRST_ROOM = 4096 };

static size_t
body_length(const struct message_collector *collector)
{
    struct reader r = reader_over(bytes_of(collector->header, MESSAGE_HEADER));
    read_u8(&r);
    return read_u24(&r);
}

static void
give_back(struct message_collector *collector)
{
    pool_give(collector->pool, collector->body, collector->room);
    collector->body = NULL;
    collector->room = 0;
    collector->have = 0;
}

void
message_reset(struct message_collector *collector)
{
    give_back(collector);
    collector->header_len = 0;
    collector->skipping = false;
    collector->left = 0;
}

bool
message_unfinished(const struct message_collector *collector)
{
    return collector->header_len > 0 && !collector->skipping;
}

static enum message_step
skip(struct message_collector *collector, size_t left, enum message_step why)
{
    give_back(collector);
    collector->skipping = true;
    collector->left = left;
    return why;
}

static bool
make_room(struct message_collector *collector, size_t need, size_t whole)
{
    if (need <= collector->room)
        return true;
    size_t room = collector->room ? collector->room : FIRST_ROOM;
    while (room < need)
        room *= 2;
    if (room > whole)
        room = whole;
    uint8_t *body = pool_resize(collector->pool, collector->body, collector->room, room);
    if (!body)
        return false;
    collector->body = body;
    collector->room = room;
    return true;
}

static void
skip_on(struct message_collector *collector, struct bytes *data)
{
    size_t n = collector->left < data->len ? collector->left : data->len;
    *data = bytes_skip(*data, n);
    collector->left -= n;
    if (collector->left == 0)
        message_reset(collector);
}

/* The header is whole and `data` holds what follows it. */
static enum message_step
collect_body(struct message_collector *collector, struct bytes *data, struct bytes *body)
{
    size_t whole = body_length(collector);
    if (collector->have == 0 && data->len >= whole) {
        *body = bytes_first(*data, whole);
        *data = bytes_skip(*data, whole);
        collector->header_len = 0;
        return MESSAGE_WHOLE;
    }
    if (whole > MESSAGE_MOST)
        return skip(collector, whole, MESSAGE_TOO_LARGE);

    struct bytes part = bytes_first(*data, whole - collector->have);
    if (!make_room(collector, collector->have + part.len, whole))
        return skip(collector, whole - collector->have, MESSAGE_NO_ROOM);
    if (part.len)
        memcpy(collector->body + collector->have, part.at, part.len);
    collector->have += part.len;
    *data = bytes_skip(*data, part.len);
    if (collector->have < whole)
        return MESSAGE_NONE;

    *body = bytes_of(collector->body, whole);
    collector->header_len = 0;
    collector->have = 0; /* the memory stays until the next call */
    return MESSAGE_WHOLE;
}

enum message_step
message_next(
    struct message_collector *collector, struct bytes *data, uint8_t *type, struct bytes *body)
{
    if (collector->skipping)
        skip_on(collector, data);
    if (collector->body && collector->header_len == 0)
        give_back(collector);
    if (collector->header_len < MESSAGE_HEADER) {
        struct bytes part = bytes_first(*data, (size_t)(MESSAGE_HEADER - collector->header_len));
        if (part.len)
            memcpy(collector->header + collector->header_len, part.at, part.len);
        collector->header_len = (uint8_t)(collector->header_len + part.len);
        *data = bytes_skip(*data, part.len);
        if (collector->header_len < MESSAGE_HEADER)
            return MESSAGE_NONE;
    }
    if (collector->skipping)
        return MESSAGE_NONE;
    *type = collector->header[0];
    return collect_body(collector, data, body);
}

/* Everything before the first entry's own bytes must agree (RFC 5246 section 7.4.2). */
static bool
certificate_plausible(struct reader r, size_t length)
{
    uint32_t list = read_u24(&r);
    uint32_t entry = read_u24(&r);
    uint8_t tag = read_u8(&r);
    if (r.bad)
        return false;
    return list + 3 == length && entry > 0 && entry + 3 <= list && tag == 0x30;
}

static bool
hello_plausible(struct reader r, size_t length)
{
    uint16_t version = read_u16(&r);
    if (r.bad)
        return length >= 34 && length < 1 << 17;
    return (version >> 8 == 3 || version >> 8 == 0x7f || version == 0x0101) && length >= 34 &&
           length < 1 << 17;
}

bool
message_plausible(struct bytes data)
{
    struct reader r = reader_over(data);
    uint8_t type = read_u8(&r);
    if (data.len < MESSAGE_HEADER) /* very short records: the type must do */
        return data.len > 0 && (type == MESSAGE_CLIENT_HELLO || type == MESSAGE_SERVER_HELLO);
    size_t length = read_u24(&r);

    switch (type) {
    case MESSAGE_CLIENT_HELLO:
    case MESSAGE_SERVER_HELLO:
        return hello_plausible(r, length);
    case MESSAGE_CERTIFICATE:
        return certificate_plausible(r, length);
    case MESSAGE_SERVER_HELLO_DONE:
    case MESSAGE_HELLO_REQUEST:
        return length == 0;
    case MESSAGE_NEW_SESSION_TICKET:
    case MESSAGE_SERVER_KEY_EXCHANGE:
    case MESSAGE_CERTIFICATE_REQUEST:
    case MESSAGE_CERTIFICATE_VERIFY:
    case MESSAGE_CLIENT_KEY_EXCHANGE:
    case MESSAGE_CERTIFICATE_STATUS:
        return length > 0 && length < 1 << 16;
    default:
        return false;
    }
}
