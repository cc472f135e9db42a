/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/json_text.h"

#include "feed/spelling.h"

static bool
is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x7f && byte != '\\' && byte != '"';
}

static bool
is_hex_digit(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') ||
           (byte >= 'A' && byte <= 'F');
}

/* Would what stands behind a backslash make it look like one of our own escapes? */
static bool
looks_like_escape(struct reader behind)
{
    return read_u8(&behind) == 'x' && is_hex_digit(read_u8(&behind)) &&
           is_hex_digit(read_u8(&behind));
}

static void
add_unit(struct text *out, uint32_t unit)
{
    static const char digits[] = "0123456789abcdef";
    const char escape[] = {'\\', 'u', digits[unit >> 12 & 15], digits[unit >> 8 & 15],
        digits[unit >> 4 & 15], digits[unit & 15]};
    text_add(out, bytes_of(escape, sizeof escape));
}

/* By number: those past the first plane are a pair (RFC 8259 section 7). */
static void
add_code(struct text *out, uint32_t code)
{
    if (code < 0x10000) {
        add_unit(out, code);
        return;
    }
    add_unit(out, 0xd800 + ((code - 0x10000) >> 10));
    add_unit(out, 0xdc00 + ((code - 0x10000) & 0x3ff));
}

static void
add_invalid_byte(struct text *out, struct bytes one)
{
    struct reader r = reader_over(one);
    text_add_char(out, '\\'); /* the backslash itself wants one in JSON */
    spell_byte(out, read_u8(&r));
}

static void
add_character(struct text *out, struct reader *text)
{
    struct character c = character_next(text);
    if (!c.valid) {
        add_invalid_byte(out, c.bytes);
    } else if (c.code == '\\') {
        text_add_string(out, looks_like_escape(*text) ? "\\\\x5c" : "\\\\");
    } else if (c.code == '"') {
        text_add(out, bytes_of("\\\"", 2));
    } else if (!c.safe) {
        add_code(out, c.code);
    } else {
        text_add(out, c.bytes);
    }
}

void
json_value(struct text *out, struct bytes string)
{
    struct reader r = reader_over(string);
    text_add_char(out, '"');
    while (reader_more(&r)) {
        struct reader start = r;
        size_t plain = 0;
        while (reader_more(&r) && is_plain(read_u8(&r)))
            plain++;
        text_add(out, read_bytes(&start, plain));
        r = start;
        if (reader_more(&r))
            add_character(out, &r);
    }
    text_add_char(out, '"');
}

/* A comma before all but the first in an object or array. */
static void
separate(struct text *out)
{
    char last = out->len ? out->at[out->len - 1] : '{';
    if (last != '{' && last != '[')
        text_add_char(out, ',');
}

void
json_name(struct text *out, const char *name)
{
    separate(out);
    if (!name)
        return;
    text_add_char(out, '"');
    text_add_string(out, name);
    text_add_string(out, "\":");
}

void
json_open(struct text *out, const char *name, char bracket)
{
    json_name(out, name);
    text_add_char(out, bracket);
}

void
json_close(struct text *out, char bracket)
{
    text_add_char(out, bracket);
}

void
json_bytes(struct text *out, const char *name, struct bytes string)
{
    json_name(out, name);
    json_value(out, string);
}

void
json_string(struct text *out, const char *name, const char *string)
{
    json_bytes(out, name, bytes_from_string(string));
}

void
json_number(struct text *out, const char *name, uint64_t number)
{
    json_name(out, name);
    text_add_unsigned(out, number);
}

void
json_bool(struct text *out, const char *name, bool value)
{
    json_name(out, name);
    text_add_string(out, value ? "true" : "false");
}
