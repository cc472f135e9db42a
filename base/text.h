/* SPDX-License-Identifier: Apache-2.0
 *
 * Text that grows, for lines of logs and sentences to people. Running out of memory here is fatal
 * on purpose: lines are bounded by what is put into them, and a sensor that writes half a line
 * lies.
 */
#ifndef CERTTAP_BASE_TEXT_H
#define CERTTAP_BASE_TEXT_H

#include "base/bytes.h"

/* A zeroed text is a valid empty one. `at` is NUL-terminated once anything was added. */
struct text {
    char *at;
    size_t len;
    size_t room;
};

void text_clear(struct text *text); /* keeps the memory */
void text_free(struct text *text);  /* the text is empty and may be used again */

struct bytes text_bytes(const struct text *text); /* borrowed until the next change */
const char *text_string(const struct text *text); /* never NULL; borrowed likewise */

void text_add(struct text *text, struct bytes bytes);
void text_add_string(struct text *text, const char *string);
void text_add_hex(struct text *text, struct bytes bytes); /* lower case */
void text_add_upper_hex(struct text *text, struct bytes bytes);
void text_add_unsigned(struct text *text, uint64_t value);
void text_add_format(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Makes room for `need` bytes in all, the NUL among them. */
void text_grow(struct text *text, size_t need);

/* Room for `len` more bytes at the end; fill them, then add to text->len. */
static inline char *
text_reserve(struct text *text, size_t len)
{
    size_t need = text->len + len + 1;
    if (need > text->room)
        text_grow(text, need);
    return text->at + text->len;
}

/* Every cell of a log ends with one. */
static inline void
text_add_char(struct text *text, char c)
{
    char *end = text_reserve(text, 1);
    end[0] = c;
    end[1] = '\0';
    text->len++;
}

#endif
