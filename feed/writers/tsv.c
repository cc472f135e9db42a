/* SPDX-License-Identifier: Apache-2.0
 *
 * Zeek's ASCII logs: tab-separated, with the header that zeek-cut and Zeek's own readers go by.
 *
 * "-" is unset and "(empty)" is set but empty. A text that happens to be one of these two words has
 * its first byte escaped. A backslash is doubled; what is no character, no printable one, or one
 * that would deceive the eye, is "\xHH" byte by byte. A vector parts its values by commas; a comma
 * inside one is "\x2c". The one vector that would be spelled like the empty one, that of a single
 * empty text, is a field of no characters.
 */
#include "feed/spelling.h"
#include "feed/writer.h"

#include <assert.h>

static const char unset[] = "-";
static const char empty[] = "(empty)";

/* Is this a byte that stands for itself wherever it is? The comma is special in vectors only. */
static bool
is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x7f && byte != '\\' && byte != ',';
}

static void
add_bytes_escaped(struct text *out, struct bytes bytes)
{
    struct reader r = reader_over(bytes);
    while (reader_more(&r))
        spell_byte(out, read_u8(&r));
}

static void
add_character(struct text *out, struct reader *text, bool in_vector)
{
    struct character c = character_next(text);
    if (c.valid && c.code == '\\')
        text_add(out, bytes_of("\\\\", 2));
    else if (!c.safe || (in_vector && c.code == ','))
        add_bytes_escaped(out, c.bytes);
    else
        text_add(out, c.bytes);
}

/* Anything but the empty string. */
static void
add_text(struct text *out, struct bytes string, bool in_vector)
{
    struct reader r = reader_over(string);
    if (bytes_equal_string(string, unset) || bytes_equal_string(string, empty))
        spell_byte(out, read_u8(&r));
    while (reader_more(&r)) {
        struct reader start = r;
        size_t plain = 0;
        while (reader_more(&r) && is_plain(read_u8(&r)))
            plain++;
        text_add(out, read_bytes(&start, plain));
        r = start;
        if (reader_more(&r))
            add_character(out, &r, in_vector);
    }
}

static void
add_unset(struct text *out)
{
    text_add(out, bytes_of(unset, sizeof unset - 1));
}

static void
add_string(struct text *out, struct bytes string, bool in_vector)
{
    if (!string.at)
        add_unset(out);
    else if (string.len == 0)
        text_add(out, bytes_of(empty, sizeof empty - 1));
    else
        add_text(out, string, in_vector);
}

static void
add_word(struct text *out, const char *word)
{
    text_add_string(out, word ? word : unset);
}

static void
add_count(struct text *out, const struct cell_count *count)
{
    if (count->is_set)
        text_add_unsigned(out, count->value);
    else
        add_unset(out);
}

static void
add_time(struct text *out, const struct cell_time *time)
{
    if (time->is_set)
        spell_microseconds(out, time->us);
    else
        add_unset(out);
}

static void
add_double(struct text *out, const struct cell_double *number)
{
    if (number->is_set)
        spell_double(out, number->value);
    else
        add_unset(out);
}

static void
add_address(struct text *out, const struct address *address)
{
    if (address_is_set(address))
        spell_address(out, address);
    else
        add_unset(out);
}

static void
add_element(struct text *out, enum column_kind kind, const struct cells *cells, size_t i)
{
    if (kind == COLUMN_STRINGS || kind == COLUMN_STRING_SET)
        add_string(out, cell_string_of(((const struct bytes *)cells->at)[i]), true);
    else if (kind == COLUMN_WORDS || kind == COLUMN_ENUM_SET)
        add_word(out, ((const char *const *)cells->at)[i]);
    else if (kind == COLUMN_ADDRESSES)
        spell_address(out, (const struct address *)cells->at + i);
    else
        text_add_unsigned(out, ((const uint64_t *)cells->at)[i]);
}

static bool
is_one_empty_string(enum column_kind kind, const struct cells *cells)
{
    bool strings = kind == COLUMN_STRINGS || kind == COLUMN_STRING_SET;
    return strings && cells->len == 1 && ((const struct bytes *)cells->at)->len == 0;
}

static void
add_cells(struct text *out, enum column_kind kind, const struct cells *cells)
{
    if (!cells->at)
        add_unset(out);
    else if (cells->len == 0)
        text_add(out, bytes_of(empty, sizeof empty - 1));
    else if (!is_one_empty_string(kind, cells))
        for (size_t i = 0; i < cells->len; i++) {
            if (i > 0)
                text_add_char(out, ',');
            add_element(out, kind, cells, i);
        }
}

static void
add_cell(struct text *out, enum column_kind kind, const void *cell)
{
    static const char bools[] = {[UNKNOWN] = '-', [NO] = 'F', [YES] = 'T'};
    switch (kind) {
    case COLUMN_TIME:
    case COLUMN_INTERVAL:
        add_time(out, cell);
        break;
    case COLUMN_STRING:
        add_string(out, *(const struct bytes *)cell, false);
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
        add_count(out, cell);
        break;
    case COLUMN_TOTAL:
        text_add_unsigned(out, *(const uint64_t *)cell);
        break;
    case COLUMN_DOUBLE:
        add_double(out, cell);
        break;
    case COLUMN_BOOL:
        text_add_char(out, bools[*(const enum tristate *)cell]);
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
    for (size_t i = 0; i < log->len; i++) {
        add_cell(out, log->columns[i].kind, column_cell(&log->columns[i], row));
        text_add_char(out, i + 1 < log->len ? '\t' : '\n');
    }
}

static void
write_header(struct text *out, const struct log *log, int64_t opened)
{
    text_add_string(out, "#separator \\x09\n#set_separator\t,\n#empty_field\t");
    text_add_string(out, empty);
    text_add_string(out, "\n#unset_field\t");
    text_add_string(out, unset);
    text_add_string(out, "\n#path\t");
    text_add_string(out, log->name);
    text_add_string(out, "\n#open\t");
    spell_date(out, opened);
    text_add_string(out, "\n#fields");
    for (size_t i = 0; i < log->len; i++) {
        text_add_char(out, '\t');
        text_add_string(out, log->columns[i].name);
    }
    text_add_string(out, "\n#types");
    for (size_t i = 0; i < log->len; i++) {
        text_add_char(out, '\t');
        text_add_string(out, column_type(log->columns[i].kind));
    }
    text_add_char(out, '\n');
}

static void
write_footer(struct text *out, const struct log *log, int64_t closed)
{
    (void)log;
    text_add_string(out, "#close\t");
    spell_date(out, closed);
    text_add_char(out, '\n');
}

const struct writer tsv_writer = {
    .name = "zeek",
    .ending = "log",
    .begin = write_header,
    .end = write_footer,
    .row = write_row,
};
