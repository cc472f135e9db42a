/* SPDX-License-Identifier: Apache-2.0
 *
 * A compiled list that is mapped: nothing of it is read before it is needed, and processes share
 * what was. No answer rests on bytes that were not checked: a block's checksum is compared when
 * something in it is first looked at. A small file is checked whole when it is opened.
 */
#ifndef CERTTAP_RULES_COMPILED_MAPPED_H
#define CERTTAP_RULES_COMPILED_MAPPED_H

#include "rules/compiled/layout.h"

struct mapped_list;

/* NULL with `why` ("PATH: …"). */
struct mapped_list *mapped_open(const char *path, struct fault *why);
void mapped_close(struct mapped_list *list); /* NULL is fine */

const struct layout *mapped_layout(const struct mapped_list *list);

/* See digest_set_expect and digest_set_may_have. */
void mapped_expect(const struct mapped_list *list, size_t set, const uint8_t *digest);
bool mapped_may_have(const struct mapped_list *list, size_t set, const uint8_t *digest);

/* How many rows of that set have `digest`, and where the first one stands. */
size_t mapped_find(
    const struct mapped_list *list, size_t set, const uint8_t *digest, size_t *first);

/* The line that a row of `mapped_find` was read from; 0 where that is damaged. */
uint32_t mapped_line(const struct mapped_list *list, size_t set, size_t row);

/* What stands in a row. Texts live as long as the list; `say.list` is the number in the file. */
struct mapped_row {
    struct bytes digest;
    uint32_t line;
    struct saying say;
};
struct mapped_row mapped_row(const struct mapped_list *list, size_t set, size_t row);

/* Name of a list that it was made of, and how many entries it has. */
const char *mapped_list_name(const struct mapped_list *list, size_t number, size_t *entries);

/* Compares all checksums. False with `why`. */
bool mapped_check(const struct mapped_list *list, struct fault *why);

/* True with `why` when something that was looked at turned out to be damaged or gone: then some
 * answers may have been wrong. */
bool mapped_is_broken(const struct mapped_list *list, struct fault *why);

#endif
