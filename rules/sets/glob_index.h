/* SPDX-License-Identifier: Apache-2.0
 *
 * Which globs may match a text: each is found by the longest run of plain bytes in it, which must
 * stand in the text. Costs microseconds to build for each glob, where a compiled automaton costs
 * half a millisecond.
 */
#ifndef CERTTAP_RULES_SETS_GLOB_INDEX_H
#define CERTTAP_RULES_SETS_GLOB_INDEX_H

#include "base/bytes.h"

/* Has it a run that is long enough to find it by? */
bool glob_index_takes(struct bytes glob);

struct glob_index;

struct glob_index *glob_index_new(void);
void glob_index_free(struct glob_index *index); /* NULL is fine */

/* All are announced, then added, under numbers of the caller's, and then it is finished. What is
 * added stays the caller's and must live as long as the index. */
void glob_index_announce(struct glob_index *index, struct bytes glob);
void glob_index_add(struct glob_index *index, struct bytes glob, uint32_t number);
void glob_index_finish(struct glob_index *index);

/* Tells `take` of each glob that may match `text`, which is in lower case, some more than once. */
void glob_index_find(const struct glob_index *index, struct bytes text, void *owner,
    void (*take)(void *owner, uint32_t number));

#endif
