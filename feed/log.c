/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/log.h"

#include <assert.h>
#include <stdalign.h>

static const char *const types[COLUMN_KINDS] = {
    [COLUMN_TIME] = "time",
    [COLUMN_INTERVAL] = "interval",
    [COLUMN_STRING] = "string",
    [COLUMN_WORD] = "string",
    [COLUMN_ENUM] = "enum",
    [COLUMN_ADDRESS] = "addr",
    [COLUMN_PORT] = "port",
    [COLUMN_COUNT] = "count",
    [COLUMN_TOTAL] = "count",
    [COLUMN_DOUBLE] = "double",
    [COLUMN_BOOL] = "bool",
    [COLUMN_STRINGS] = "vector[string]",
    [COLUMN_WORDS] = "vector[string]",
    [COLUMN_ADDRESSES] = "vector[addr]",
    [COLUMN_COUNTS] = "vector[count]",
    [COLUMN_STRING_SET] = "set[string]",
    [COLUMN_ENUM_SET] = "set[enum]",
};

const char *
column_type(enum column_kind kind)
{
    assert(kind < COLUMN_KINDS);
    return types[kind];
}

struct cell_time
cell_time_of_ns(int64_t ns)
{
    int64_t us = ns / 1000 - (ns % 1000 < 0); /* towards the past, also before 1970 */
    return (struct cell_time){.is_set = true, .us = us};
}

struct cell_time
cell_time_of_seconds(int64_t seconds)
{
    const int64_t most = INT64_MAX / 1000000;
    int64_t bounded = seconds > most ? most : seconds < -most ? -most : seconds;
    return (struct cell_time){.is_set = true, .us = bounded * 1000000};
}

/* A copy in the making. Without memory it only measures. */
struct copying {
    uint8_t *at;
    size_t len;
};

static void *
copy_piece(struct copying *copying, const void *piece, size_t size)
{
    const size_t align = alignof(max_align_t);
    uint8_t *here = copying->at ? copying->at + copying->len : NULL;
    if (here && size)
        memcpy(here, piece, size);
    copying->len += (size + align - 1) / align * align;
    return here;
}

static struct bytes
copy_string(struct copying *copying, struct bytes string)
{
    void *copy = copy_piece(copying, string.at, string.len);
    return string.at ? bytes_of(copy, string.len) : string;
}

static const char *
copy_word(struct copying *copying, const char *word)
{
    return word ? copy_piece(copying, word, strlen(word) + 1) : NULL;
}

/* Copies the array of cells, then what they point to. `cell` is the one in the new row. */
static void
copy_cells(struct copying *copying, enum column_kind kind, struct cells *cell)
{
    static const size_t sizes[COLUMN_KINDS] = {
        [COLUMN_STRINGS] = sizeof(struct bytes),
        [COLUMN_STRING_SET] = sizeof(struct bytes),
        [COLUMN_WORDS] = sizeof(const char *),
        [COLUMN_ENUM_SET] = sizeof(const char *),
        [COLUMN_ADDRESSES] = sizeof(struct address),
        [COLUMN_COUNTS] = sizeof(uint64_t),
    };
    if (!cell->at)
        return;
    const void *old = cell->at;
    void *fresh = copy_piece(copying, old, cell->len * sizes[kind]);
    for (size_t i = 0; i < cell->len; i++) {
        if (kind == COLUMN_STRINGS || kind == COLUMN_STRING_SET) {
            struct bytes string = copy_string(copying, ((const struct bytes *)old)[i]);
            if (fresh)
                ((struct bytes *)fresh)[i] = string;
        } else if (kind == COLUMN_WORDS || kind == COLUMN_ENUM_SET) {
            const char *word = copy_word(copying, ((const char *const *)old)[i]);
            if (fresh)
                ((const char **)fresh)[i] = word;
        }
    }
    if (fresh)
        cell->at = fresh;
}

static void
copy_row(struct copying *copying, const struct log *log, const void *row)
{
    uint8_t *fresh = copy_piece(copying, row, log->row_size);
    for (size_t i = 0; i < log->len; i++) {
        const struct column *column = &log->columns[i];
        const void *cell = column_cell(column, row);
        void *fresh_cell = fresh ? fresh + column->offset : NULL;
        if (column->kind == COLUMN_STRING) {
            struct bytes string = copy_string(copying, *(const struct bytes *)cell);
            if (fresh_cell)
                *(struct bytes *)fresh_cell = string;
        } else if (column->kind == COLUMN_WORD || column->kind == COLUMN_ENUM) {
            const char *word = copy_word(copying, *(const char *const *)cell);
            if (fresh_cell)
                *(const char **)fresh_cell = word;
        } else if (column->kind >= COLUMN_STRINGS) {
            struct cells cells = *(const struct cells *)cell;
            copy_cells(copying, column->kind, &cells);
            if (fresh_cell)
                *(struct cells *)fresh_cell = cells;
        }
    }
}

size_t
row_copy_size(const struct log *log, const void *row)
{
    struct copying copying = {0};
    copy_row(&copying, log, row);
    return copying.len;
}

void
row_copy(const struct log *log, const void *row, void *out)
{
    struct copying copying = {.at = out};
    copy_row(&copying, log, row);
}

void
log_columns(const struct log *log, struct text *out)
{
    for (size_t i = 0; i < log->len; i++) {
        text_add_string(out, log->name);
        text_add_char(out, '\t');
        text_add_string(out, log->columns[i].name);
        text_add_char(out, '\t');
        text_add_string(out, column_type(log->columns[i].kind));
        text_add_char(out, '\n');
    }
}
