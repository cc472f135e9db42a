/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/certificate_parts.h"

void
print(struct printed *text, struct bytes piece)
{
    if (piece.len > sizeof text->at - text->len)
        text->cut = true;
    if (text->cut || !piece.len)
        return;
    memcpy(text->at + text->len, piece.at, piece.len);
    text->len += piece.len;
}

void
print_string(struct printed *text, const char *piece)
{
    print(text, bytes_from_string(piece));
}

void
print_hex(struct printed *text, struct bytes bytes)
{
    static const char digits[] = "0123456789ABCDEF";
    struct reader r = reader_over(bytes);
    while (reader_more(&r) && !text->cut) {
        uint8_t octet = read_u8(&r);
        print(text, bytes_of((char[]){digits[octet >> 4], digits[octet & 15]}, 2));
    }
}

struct bytes
reading_copy(struct reading *reading, struct bytes bytes)
{
    bool ok;
    struct bytes kept = arena_copy(reading->arena, bytes, &ok);
    if (!ok)
        reading->no_room = true;
    return kept;
}

struct bytes
reading_keep(struct reading *reading, const struct printed *text)
{
    if (text->cut)
        reading->into->odd |= ODD_TRUNCATED;
    return reading_copy(reading, bytes_of(text->at, text->len));
}

void *
reading_take_room(struct reading *reading, size_t size)
{
    void *room = arena_take(reading->arena, size);
    if (!room)
        reading->no_room = true;
    return room;
}

bool
reading_take(struct reading *reading, struct reader *r, uint8_t tag, struct der *value)
{
    bool taken = der_take(r, tag, value);
    if (taken && value->lenient)
        reading->into->odd |= ODD_NOT_DER;
    return taken;
}

bool
reading_string(struct reading *reading, const struct der *value, struct bytes *string)
{
    if (!(value->tag & DER_CONSTRUCTED)) {
        *string = value->content;
        return true;
    }
    reading->into->odd |= ODD_NOT_DER;
    uint8_t *room = reading_take_room(reading, value->content.len);
    return room && der_join(value, room, string);
}

void
reading_oid(struct bytes content, char out[OID_TEXT])
{
    if (oid_to_text(content, out, OID_TEXT))
        return;
    out[0] = '#';
    bytes_to_hex(bytes_first(content, OID_TEXT / 2 - 1), out + 1);
}
