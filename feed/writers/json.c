/* SPDX-License-Identifier: Apache-2.0
 *
 * One JSON object (RFC 8259) a line, with the names Zeek's JSON logs have: what is unset is left
 * out, times are seconds since 1970 as numbers, vectors and sets are arrays.
 *
 * A line is always valid UTF-8. A byte that belongs to no character becomes the four characters
 * \xHH. So that this can be undone, a backslash that already stands before an x and two hexadecimal
 * digits is written as \x5c: who turns each \xHH back into its byte has the original.
 */
#include "feed/spelling.h"
#include "feed/writer.h"

#include <assert.h>
#include <math.h>

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

static void
add_string(struct text *out, struct bytes string)
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

static void
add_word(struct text *out, const char *word)
{
    text_add_char(out, '"');
    text_add_string(out, word);
    text_add_char(out, '"');
}

static void
add_address(struct text *out, const struct address *address)
{
    text_add_char(out, '"');
    spell_address(out, address);
    text_add_char(out, '"');
}

static void
add_element(struct text *out, enum column_kind kind, const struct cells *cells, size_t i)
{
    if (kind == COLUMN_STRINGS || kind == COLUMN_STRING_SET)
        add_string(out, ((const struct bytes *)cells->at)[i]);
    else if (kind == COLUMN_WORDS || kind == COLUMN_ENUM_SET)
        add_word(out, ((const char *const *)cells->at)[i]);
    else if (kind == COLUMN_ADDRESSES)
        add_address(out, (const struct address *)cells->at + i);
    else
        text_add_unsigned(out, ((const uint64_t *)cells->at)[i]);
}

static void
add_cells(struct text *out, enum column_kind kind, const struct cells *cells)
{
    text_add_char(out, '[');
    for (size_t i = 0; i < cells->len; i++) {
        if (i > 0)
            text_add_char(out, ',');
        add_element(out, kind, cells, i);
    }
    text_add_char(out, ']');
}

static bool
cell_is_set(enum column_kind kind, const void *cell)
{
    switch (kind) {
    case COLUMN_TIME:
    case COLUMN_INTERVAL:
        return ((const struct cell_time *)cell)->is_set;
    case COLUMN_STRING:
        return ((const struct bytes *)cell)->at != NULL;
    case COLUMN_WORD:
    case COLUMN_ENUM:
        return *(const char *const *)cell != NULL;
    case COLUMN_ADDRESS:
        return address_is_set(cell);
    case COLUMN_PORT:
    case COLUMN_COUNT:
        return ((const struct cell_count *)cell)->is_set;
    case COLUMN_TOTAL:
        return true;
    case COLUMN_DOUBLE: /* JSON has no word for infinity */
        return ((const struct cell_double *)cell)->is_set &&
               isfinite(((const struct cell_double *)cell)->value);
    case COLUMN_BOOL:
        return *(const enum tristate *)cell != UNKNOWN;
    case COLUMN_STRINGS:
    case COLUMN_WORDS:
    case COLUMN_ADDRESSES:
    case COLUMN_COUNTS:
    case COLUMN_STRING_SET:
    case COLUMN_ENUM_SET:
        return ((const struct cells *)cell)->at != NULL;
    case COLUMN_KINDS:
        break;
    }
    assert(!"a column has a kind");
    return false;
}

static void
add_cell(struct text *out, enum column_kind kind, const void *cell)
{
    switch (kind) {
    case COLUMN_TIME:
    case COLUMN_INTERVAL:
        spell_microseconds(out, ((const struct cell_time *)cell)->us);
        break;
    case COLUMN_STRING:
        add_string(out, *(const struct bytes *)cell);
        break;
    case COLUMN_WORD:
    case COLUMN_ENUM:
        add_word(out, *(const char *const *)cell);
        break;
    case COLUMN_ADDRESS:
        add_address(out, cell);
        break;
    case COLUMN_PORT:
    case COLUMN_COUNT:
        text_add_unsigned(out, ((const struct cell_count *)cell)->value);
        break;
    case COLUMN_TOTAL:
        text_add_unsigned(out, *(const uint64_t *)cell);
        break;
    case COLUMN_DOUBLE:
        spell_double(out, ((const struct cell_double *)cell)->value);
        break;
    case COLUMN_BOOL:
        text_add_string(out, *(const enum tristate *)cell == YES ? "true" : "false");
        break;
    case COLUMN_STRINGS:
    case COLUMN_WORDS:
    case COLUMN_ADDRESSES:
    case COLUMN_COUNTS:
    case COLUMN_STRING_SET:
    case COLUMN_ENUM_SET:
        add_cells(out, kind, cell);
        break;
    case COLUMN_KINDS:
        assert(!"a column has a kind");
    }
}

static void
write_row(struct text *out, const struct log *log, const void *row)
{
    char before = '{';
    for (size_t i = 0; i < log->len; i++) {
        const void *cell = column_cell(&log->columns[i], row);
        if (!cell_is_set(log->columns[i].kind, cell))
            continue;
        text_add_char(out, before);
        add_word(out, log->columns[i].name);
        text_add_char(out, ':');
        add_cell(out, log->columns[i].kind, cell);
        before = ',';
    }
    text_add_string(out, before == '{' ? "{}\n" : "}\n");
}

const struct writer json_writer = {
    .name = "json",
    .ending = "json",
    .row = write_row,
};
