/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
text_grow(struct text *text, size_t need)
{
    size_t room = text->room ? text->room : 128;
    while (room < need)
        room *= 2;
    char *grown = realloc(text->at, room);
    if (!grown)
        abort();
    text->at = grown;
    text->room = room;
}

void
text_clear(struct text *text)
{
    text->len = 0;
    if (text->at)
        text->at[0] = '\0';
}

void
text_free(struct text *text)
{
    free(text->at);
    *text = (struct text){0};
}

struct bytes
text_bytes(const struct text *text)
{
    return bytes_of(text->at, text->len);
}

const char *
text_string(const struct text *text)
{
    return text->at ? text->at : "";
}

void
text_add(struct text *text, struct bytes bytes)
{
    char *end = text_reserve(text, bytes.len);
    if (bytes.len)
        memcpy(end, bytes.at, bytes.len);
    text->len += bytes.len;
    text->at[text->len] = '\0';
}

void
text_add_string(struct text *text, const char *string)
{
    text_add(text, bytes_from_string(string));
}

void
text_add_hex(struct text *text, struct bytes bytes)
{
    bytes_to_hex(bytes, text_reserve(text, 2 * bytes.len));
    text->len += 2 * bytes.len;
}

void
text_add_upper_hex(struct text *text, struct bytes bytes)
{
    static const char digits[] = "0123456789ABCDEF";
    struct reader r = reader_over(bytes);
    while (reader_more(&r)) {
        uint8_t byte = read_u8(&r);
        text_add_char(text, digits[byte >> 4]);
        text_add_char(text, digits[byte & 15]);
    }
}

void
text_add_unsigned(struct text *text, uint64_t value)
{
    char digits[20];
    size_t n = sizeof digits;
    do {
        digits[--n] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    text_add(text, bytes_of(digits + n, sizeof digits - n));
}

void
text_add_format(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_list again;
    va_start(arguments, format);
    va_copy(again, arguments);
    char none[1];
    int len = vsnprintf(none, sizeof none, format, arguments);
    va_end(arguments);
    if (len > 0) {
        vsnprintf(text_reserve(text, (size_t)len), (size_t)len + 1, format, again);
        text->len += (size_t)len;
    }
    va_end(again);
}
