/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/tls_record.h"

#include "dissect/message.h"

bool
record_plausible(struct bytes header)
{
    struct reader r = reader_over(header);
    uint8_t type = read_u8(&r);
    uint16_t version = read_u16(&r);
    uint16_t length = read_u16(&r);
    if (r.bad || type < RECORD_CHANGE_CIPHER_SPEC || type > RECORD_HEARTBEAT)
        return false;
    /* Any minor version: endpoints ignore it in plaintext records (RFC 8446 section 5.1). */
    return (version >> 8 == 3 || version == VERSION_TLCP) && length <= RECORD_MOST;
}

static bool
begin(struct record_framer *framer)
{
    struct bytes header = bytes_of(framer->header, RECORD_HEADER);
    framer->header_len = 0;
    if (!record_plausible(header)) {
        framer->lost = true;
        return false;
    }
    struct reader r = reader_over(header);
    framer->type = read_u8(&r);
    framer->version = read_u16(&r);
    framer->length = read_u16(&r);
    framer->left = framer->length;
    framer->inside = true;
    return true;
}

static bool
collect_header(struct record_framer *framer, struct bytes *data)
{
    struct bytes part = bytes_first(*data, RECORD_HEADER - framer->header_len);
    if (part.len)
        memcpy(framer->header + framer->header_len, part.at, part.len);
    framer->header_len = (uint8_t)(framer->header_len + part.len);
    *data = bytes_skip(*data, part.len);
    return framer->header_len == RECORD_HEADER;
}

bool
record_next(struct record_framer *framer, struct bytes *data, struct record_piece *piece)
{
    bool first = false;
    if (framer->lost)
        return false;
    if (!framer->inside) {
        if (!collect_header(framer, data) || !begin(framer))
            return false;
        first = true;
    }
    struct bytes part = bytes_first(*data, framer->left);
    if (part.len == 0 && framer->left)
        return false;

    *data = bytes_skip(*data, part.len);
    framer->left -= (uint32_t)part.len;
    framer->inside = framer->left > 0;
    *piece = (struct record_piece){
        .type = framer->type,
        .version = framer->version,
        .length = framer->length,
        .first = first || framer->left + part.len == framer->length,
        .last = !framer->inside,
        .bytes = part,
    };
    return true;
}

bool
record_skip(struct record_framer *framer, uint64_t missing)
{
    if (framer->lost || !framer->inside || missing > framer->left)
        return false;
    framer->left -= (uint32_t)missing;
    framer->inside = framer->left > 0;
    return true;
}

bool
record_begins_message(struct bytes data, uint8_t type)
{
    if (data.len < RECORD_HEADER + 1 || !record_plausible(data))
        return false;
    struct reader r = reader_over(data);
    uint8_t record_type = read_u8(&r);
    read_u16(&r); /* version */
    uint16_t length = read_u16(&r);
    return record_type == RECORD_HANDSHAKE && length > 0 && read_u8(&r) == type &&
           message_plausible(bytes_first(bytes_skip(data, RECORD_HEADER), length));
}

size_t
record_find_handshake(struct bytes data)
{
    static const uint8_t sure[] = {MESSAGE_CLIENT_HELLO, MESSAGE_SERVER_HELLO, MESSAGE_CERTIFICATE};
    for (size_t i = 0; i + RECORD_HEADER < data.len; i++) {
        struct bytes rest = bytes_skip(data, i);
        i += bytes_find_byte(rest, RECORD_HANDSHAKE);
        rest = bytes_skip(data, i);
        for (size_t k = 0; k < sizeof sure; k++)
            if (rest.len >= RECORD_HEADER + MESSAGE_HEADER + 7 &&
                record_begins_message(rest, sure[k]))
                return i;
    }
    return SIZE_MAX;
}
