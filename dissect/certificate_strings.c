/* SPDX-License-Identifier: Apache-2.0
 *
 * The character strings of ASN.1 (ITU-T X.680 section 41) as the text of a name: UTF-8, where what
 * is not printable ASCII is a backslash and two digits for each octet (RFC 4514 section 2.4).
 */
#include "dissect/certificate_parts.h"

static bool
is_numeric(uint32_t c)
{
    return (c >= '0' && c <= '9') || c == ' ';
}

static bool
is_printable(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_numeric(c) ||
           (c && c < 0x80 && strchr("'()+,-./:=?", (int)c));
}

static bool
is_ascii(uint32_t c)
{
    return c < 0x80;
}

static bool
is_anything(uint32_t c)
{
    (void)c;
    return true;
}

/* The strings that are printed as text, how wide a character is in them, and which ones they may
 * hold. Eight-bit characters are taken for Latin-1, whatever their standard says. */
static const struct string_kind {
    uint8_t tag;
    uint8_t width; /* 0: UTF-8, printed as it is */
    bool (*allowed)(uint32_t c);
} string_kinds[] = {
    {DER_UTF8_STRING, 0, is_anything},
    {DER_NUMERIC_STRING, 1, is_numeric},
    {DER_PRINTABLE_STRING, 1, is_printable},
    {DER_T61_STRING, 1, is_anything},
    {DER_IA5_STRING, 1, is_ascii},
    {DER_UTC_TIME, 1, is_ascii},
    {DER_GENERALIZED_TIME, 1, is_ascii},
    {DER_VISIBLE_STRING, 1, is_ascii},
    {DER_UNIVERSAL_STRING, 4, is_anything},
    {DER_BMP_STRING, 2, is_anything},
};

static const struct string_kind *
find_kind(uint8_t tag)
{
    for (size_t i = 0; i < sizeof string_kinds / sizeof *string_kinds; i++)
        if (string_kinds[i].tag == (tag & ~DER_CONSTRUCTED))
            return &string_kinds[i];
    return NULL;
}

static bool
is_character(uint32_t c)
{
    return c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

/* The next character of well-formed UTF-8 (RFC 3629); the reader turns bad where it is not. */
static uint32_t
read_utf8(struct reader *r)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    uint32_t c = read_u8(r);
    unsigned more = c < 0x80 ? 0 : c < 0xc0 ? 4 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf8 ? 3 : 4;
    if (more == 4) {
        r->bad = true;
        return 0;
    }
    c &= more ? 0x3fu >> more : 0x7fu;
    for (unsigned i = 0; i < more; i++) {
        uint8_t octet = read_u8(r);
        if ((octet & 0xc0) != 0x80)
            r->bad = true;
        c = c << 6 | (octet & 0x3f);
    }
    if (c < least[more] || !is_character(c))
        r->bad = true;
    return c;
}

static uint32_t
read_character(struct reader *r, unsigned width)
{
    if (width == 0)
        return read_utf8(r);
    uint32_t c = (uint32_t)read_big_endian(r, width);
    if (!is_character(c))
        r->bad = true;
    return c;
}

/* What is odd about a string, as bits of certificate.odd. */
static unsigned
examine(const struct string_kind *kind, struct bytes string)
{
    struct reader r = reader_over(string);
    unsigned odd = 0;
    while (reader_more(&r)) {
        uint32_t c = read_character(&r, kind->width);
        if (!r.bad && c == 0)
            odd |= ODD_NAME_NUL;
        if (!kind->allowed(c))
            odd |= ODD_NAME_ENCODING;
    }
    return r.bad ? odd | ODD_NAME_ENCODING : odd;
}

static void
print_octet(struct printed *text, uint8_t octet, bool first, bool last)
{
    bool edge = (octet == ' ' && (first || last)) || (octet == '#' && first && !last);
    if (octet < ' ' || octet >= 0x7f) {
        print_string(text, "\\");
        print_hex(text, bytes_of(&octet, 1));
    } else if (edge || strchr(",+\"\\<>;", octet)) {
        print(text, bytes_of((char[]){'\\', (char)octet}, 2));
    } else {
        print(text, bytes_of(&octet, 1));
    }
}

static size_t
to_utf8(uint32_t c, uint8_t out[4])
{
    size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = len; i-- > 1; c >>= 6)
        out[i] = (uint8_t)(0x80 | (c & 0x3f));
    out[0] = (uint8_t)(lead[len] | c);
    return len;
}

static void
print_characters(struct printed *text, unsigned width, struct bytes string)
{
    struct reader r = reader_over(string);
    for (bool first = true; reader_more(&r) && !text->cut; first = false) {
        uint8_t octets[4];
        size_t len = 1;
        if (width == 0)
            octets[0] = read_u8(&r); /* as it is, well-formed or not: escaped, it shows */
        else
            len = to_utf8((uint32_t)read_big_endian(&r, width), octets);
        for (size_t i = 0; i < len; i++)
            print_octet(text, octets[i], first, !reader_more(&r));
    }
}

void
reading_print_value(struct reading *reading, struct printed *text, const struct der *value)
{
    const struct string_kind *kind = find_kind(value->tag);
    struct bytes string;
    if (!kind || !reading_string(reading, value, &string)) {
        print_string(text, "#");
        print_hex(text, value->whole);
        return;
    }
    unsigned odd = examine(kind, string);
    reading->into->odd |= odd;
    if (odd & ODD_NAME_ENCODING && kind->width > 1) {
        print_string(text, "#");
        print_hex(text, value->whole);
    } else {
        print_characters(text, kind->width, string);
    }
}

unsigned
string_oddities(uint8_t tag, struct bytes string)
{
    const struct string_kind *kind = find_kind(tag);
    return kind ? examine(kind, string) : 0;
}
