/* SPDX-License-Identifier: Apache-2.0
 *
 * One JSON object (RFC 8259) a line, with the names Zeek's JSON logs have: what is unset is left
 * out, times are seconds since 1970 as numbers, vectors and sets are arrays. Texts are spelled as
 * feed/json_text.h says.
 */
#include "feed/json_text.h"
#include "feed/spelling.h"
#include "feed/writer.h"

#include <assert.h>
#include <math.h>

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
        json_value(out, ((const struct bytes *)cells->at)[i]);
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
        json_value(out, *(const struct bytes *)cell);
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

void
json_columns(struct text *out, const struct log *log, size_t first, const void *row)
{
    for (size_t i = first; i < log->len; i++) {
        const void *cell = column_cell(&log->columns[i], row);
        if (!cell_is_set(log->columns[i].kind, cell))
            continue;
        json_name(out, log->columns[i].name);
        add_cell(out, log->columns[i].kind, cell);
    }
}

static void
write_row(struct text *out, const struct log *log, const void *row)
{
    text_add_char(out, '{');
    json_columns(out, log, 0, row);
    text_add_string(out, "}\n");
}

const struct writer json_writer = {
    .name = "json",
    .ending = "json",
    .row = write_row,
};
