/* SPDX-License-Identifier: Apache-2.0
 *
 * A compiled list as it lies in its file (docs/decisions/0024-compiled-lists.md): a header of one
 * page, a table with the XXH3 of each block of the rest, and the rest: for each kind of digest an
 * index (rules/sets/line_index.h), the digests in order, and of each its line and number of saying;
 * then the sayings, their strings and the names of the lists. All numbers are little-endian.
 */
#ifndef CERTTAP_RULES_COMPILED_LAYOUT_H
#define CERTTAP_RULES_COMPILED_LAYOUT_H

#include "rules/sets/line_index.h"
#include "rules/watch.h"

enum {
    LAYOUT_VERSION = 3,
    LAYOUT_PAGE = 4096,
    LAYOUT_BLOCK = 1 << 16, /* bytes that have one checksum */
    LAYOUT_SETS = 4,
    LAYOUT_SAYING = 40, /* bytes of a saying */
    LAYOUT_ALIGN = LINE_INDEX_LINE,
};

struct section {
    uint64_t at, len;
};

struct layout_set {
    enum what what;
    uint64_t rows;
    uint32_t saying_width; /* bytes of a saying's number: 0 (there is but one), 1, 2 or 4 */
    struct section index, digests, lines, sayings;
};

struct layout {
    uint64_t file_len;
    uint64_t entries;
    uint64_t body;   /* where it begins: behind the table */
    uint64_t blocks; /* of the body */
    uint64_t lists_len;
    struct section sayings, strings, lists; /* of a list: a string's place */
    size_t sets_len;
    struct layout_set sets[LAYOUT_SETS];
};

/* The kinds of digests that a compiled list has, in their order. */
extern const enum what layout_whats[LAYOUT_SETS];

/* What an entry's own note is called in a file: numbers that never change, whatever is added to the
 * notes. */
enum { LAYOUT_NO_NOTE = 0xff };
uint8_t layout_note_code(enum note note);

/* False when it has none of its own: then its kind tells. */
bool layout_note_of(uint8_t code, enum note *note);

/* What begins such a file. */
bool layout_begins(struct bytes content);

/* Gives every section its place, of which the lengths are known. */
void layout_place(struct layout *layout);

/* The first page, but for its checksum, which is that of the page and the table behind it. */
enum { LAYOUT_CHECKSUM_AT = 16 };
void layout_write(const struct layout *layout, uint8_t page[LAYOUT_PAGE]);

/* False with what is wrong (without the file's name): the numbers contradict each other or the
 * file's length. What is read so can be looked at without looking outside the file. */
bool layout_read(struct bytes page, uint64_t file_len, struct layout *layout, struct fault *why);

#endif
