/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/der.h"

enum {
    NUMBER_FOLLOWS = 0x1f, /* in the low bits of the identifier: the tag's number comes behind it */
    NUMBER_OCTETS = 5,     /* more than any 32-bit number takes */
    LENGTH_OCTETS = 0x80,  /* the low bits say how many octets hold the length */
    INDEFINITE = 0x80,
    NO_LENGTH = 0xff, /* kept by X.690 for later */
};

struct header {
    uint8_t tag;
    size_t len;
    bool indefinite;
    bool lenient;
};

static void
read_long_number(struct reader *r)
{
    size_t octets = 1;
    while (read_u8(r) & 0x80)
        if (++octets > NUMBER_OCTETS) {
            r->bad = true;
            return;
        }
}

static void
read_long_length(struct reader *r, unsigned octets, struct header *h)
{
    for (unsigned i = 0; i < octets; i++) {
        uint8_t octet = read_u8(r);
        if (h->len > SIZE_MAX >> 8)
            r->bad = true;
        if (i == 0 && octet == 0)
            h->lenient = true;
        h->len = h->len << 8 | octet;
    }
    if (h->len < 0x80)
        h->lenient = true;
}

static bool
read_header(struct reader *r, struct header *h)
{
    *h = (struct header){.tag = read_u8(r)};
    if ((h->tag & NUMBER_FOLLOWS) == NUMBER_FOLLOWS)
        read_long_number(r);

    uint8_t first = read_u8(r);
    if (first == INDEFINITE) {
        h->indefinite = h->lenient = true;
        if (!(h->tag & DER_CONSTRUCTED))
            r->bad = true;
    } else if (first == NO_LENGTH) {
        r->bad = true;
    } else if (first & LENGTH_OCTETS) {
        read_long_length(r, first & 0x7f, h);
    } else {
        h->len = first;
    }
    return !r->bad;
}

static struct bytes
between(const uint8_t *from, const uint8_t *to)
{
    return bytes_of(from, (size_t)(to - from));
}

static bool
is_end_of_contents(const struct header *h)
{
    return h->tag == 0 && h->len == 0 && !h->indefinite;
}

/* Finds the end of an indefinite value whose header was read. Values of known length inside are
 * stepped over, so that each byte is looked at once. */
static bool
read_to_end_of_contents(struct reader *r, struct der *value)
{
    const uint8_t *from = r->at;
    size_t open = 1;
    while (reader_more(r)) {
        const uint8_t *before = r->at;
        struct header h;
        if (!read_header(r, &h))
            return false;
        if (is_end_of_contents(&h)) {
            value->content = between(from, before);
            if (--open == 0)
                return true;
        } else if (h.indefinite) {
            if (++open > DER_DEPTH)
                r->bad = true;
        } else {
            read_bytes(r, h.len < reader_left(r) ? h.len : reader_left(r));
        }
    }
    value->cut = !r->bad;
    value->content = between(from, r->at);
    return value->cut;
}

bool
der_read(struct reader *r, struct der *value)
{
    const uint8_t *from = r->at;
    struct header h;

    *value = (struct der){0};
    if (!read_header(r, &h))
        return false;
    value->tag = h.tag;
    value->lenient = h.lenient;
    if (h.indefinite) {
        if (!read_to_end_of_contents(r, value))
            return false;
    } else {
        value->cut = h.len > reader_left(r);
        value->content = value->cut ? reader_rest(r) : read_bytes(r, h.len);
    }
    value->whole = between(from, r->at);
    return true;
}

bool
der_take(struct reader *r, uint8_t tag, struct der *value)
{
    if (!der_read(r, value))
        return false;
    if (value->tag != tag || value->cut)
        r->bad = true;
    return !r->bad;
}

bool
der_next_is(const struct reader *r, uint8_t tag)
{
    struct reader ahead = *r;
    return reader_more(r) && read_u8(&ahead) == tag;
}

bool
der_join(const struct der *value, uint8_t *room, struct bytes *string)
{
    struct reader open[DER_DEPTH];
    size_t depth = 1;
    size_t len = 0;

    open[0] = reader_over(value->content);
    while (depth > 0) {
        struct reader *r = &open[depth - 1];
        struct der segment;
        if (!reader_more(r)) {
            depth--;
            continue;
        }
        if (!der_read(r, &segment) || segment.cut)
            return false;
        if (segment.tag & DER_CONSTRUCTED) {
            if (depth == DER_DEPTH)
                return false;
            open[depth++] = reader_over(segment.content);
        } else if (segment.content.len) {
            memcpy(room + len, segment.content.at, segment.content.len);
            len += segment.content.len;
        }
    }
    *string = bytes_of(room, len);
    return true;
}

size_t
der_bits(struct bytes number)
{
    struct reader r = reader_over(number);
    while (reader_more(&r)) {
        size_t bits = 8 * reader_left(&r);
        uint8_t octet = read_u8(&r);
        if (!octet)
            continue;
        for (unsigned mask = 0x80; !(octet & mask); mask >>= 1)
            bits--;
        return bits;
    }
    return 0;
}
