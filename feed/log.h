/* SPDX-License-Identifier: Apache-2.0
 *
 * A log is a row struct and a table of its columns. Writers know columns and never logs, so that a
 * new log needs no writer and a new writer writes them all.
 *
 * A zeroed row is a valid one in which everything is unset, but for what cannot be (COLUMN_TOTAL).
 */
#ifndef CERTTAP_FEED_LOG_H
#define CERTTAP_FEED_LOG_H

#include "base/address.h"
#include "base/text.h"
#include "dissect/certificate.h"
#include "dissect/session.h"

/* What stands in a row at the column's offset. */
enum column_kind {
    COLUMN_TIME,      /* struct cell_time: since 1970 */
    COLUMN_INTERVAL,  /* struct cell_time: a length of time */
    COLUMN_STRING,    /* struct bytes of any content; unset: `at` is NULL */
    COLUMN_WORD,      /* const char *: a string of ours, printable ASCII without backslash, quote or
                         comma, at no time "-"; unset: NULL */
    COLUMN_ENUM,      /* const char *, likewise */
    COLUMN_ADDRESS,   /* struct address; unset: no address */
    COLUMN_PORT,      /* struct cell_count */
    COLUMN_COUNT,     /* struct cell_count */
    COLUMN_TOTAL,     /* uint64_t, never unset */
    COLUMN_DOUBLE,    /* struct cell_double */
    COLUMN_BOOL,      /* enum tristate; unset: UNKNOWN */
    COLUMN_STRINGS,   /* struct cells of struct bytes, each as COLUMN_STRING; a vector */
    COLUMN_WORDS,     /* struct cells of const char *, each as COLUMN_WORD; a vector */
    COLUMN_ADDRESSES, /* struct cells of struct address; a vector */
    COLUMN_COUNTS,    /* struct cells of uint64_t; a vector */
    COLUMN_STRING_SET, /* as COLUMN_STRINGS; a set */
    COLUMN_ENUM_SET,   /* as COLUMN_WORDS; a set */
    COLUMN_KINDS,
};

struct cell_time {
    bool is_set;
    int64_t us; /* certificates may say 9999, which nanoseconds cannot */
};

struct cell_count {
    bool is_set;
    uint64_t value;
};

struct cell_double {
    bool is_set;
    double value;
};

/* Several values, borrowed, none of them unset. `at` is NULL when there is no vector or set; where
 * it is not and `len` is 0, it is an empty one. */
struct cells {
    const void *at;
    size_t len;
};

struct column {
    const char *name; /* letters, digits, '_' and '.' */
    enum column_kind kind;
    size_t offset;
};

struct log {
    const char *name; /* of its file, without the ending */
    const struct column *columns;
    size_t len;
    size_t row_size;
};

static inline const void *
column_cell(const struct column *column, const void *row)
{
    return (const char *)row + column->offset;
}

/* How Zeek names the type: "vector[string]". Static. */
const char *column_type(enum column_kind kind);

struct cell_time cell_time_of_ns(int64_t ns);
struct cell_time cell_time_of_seconds(int64_t seconds); /* saturates */

static inline struct cell_count
cell_count_of(uint64_t value)
{
    return (struct cell_count){.is_set = true, .value = value};
}

/* A string that is set, even where it is empty. */
static inline struct bytes
cell_string_of(struct bytes string)
{
    return string.at ? string : bytes_of("", 0);
}

/* The same, but unset when it is empty. */
static inline struct bytes
cell_string_unless_empty(struct bytes string)
{
    return string.len ? string : (struct bytes){0};
}

/* Unset when there are none. */
static inline struct cells
cells_unless_empty(const void *at, size_t len)
{
    return (struct cells){.at = len ? at : NULL, .len = len};
}

static inline const char *
cell_word_unless_empty(const char *word)
{
    return word && word[0] ? word : NULL;
}

static inline enum tristate
cell_bool_of(bool value)
{
    return value ? YES : NO;
}

/* The row and all that it points to in one piece of memory of the size row_copy_size() says, which
 * `out` points to, aligned for anything. */
size_t row_copy_size(const struct log *log, const void *row);
void row_copy(const struct log *log, const void *row, void *out);

/* The columns as text: "LOG<TAB>COLUMN<TAB>TYPE", one a line. */
void log_columns(const struct log *log, struct text *out);

#endif
