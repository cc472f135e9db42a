/* SPDX-License-Identifier: Apache-2.0
 *
 * What a file of Zeek's takes back: an indicator of a source, for all lines before. Since entries
 * are handed over as they are read, the removals have to be known before the first.
 */
#ifndef CERTTAP_RULES_FORMATS_ZEEK_REMOVALS_H
#define CERTTAP_RULES_FORMATS_ZEEK_REMOVALS_H

#include "base/pool.h"
#include "base/table.h"
#include "rules/watch.h"

struct zeek_removals {
    struct table table; /* by value and source */
    struct arena room;
};

struct zeek_removals zeek_removals_new(struct pool *pool);
void zeek_removals_free(struct zeek_removals *removals);

/* Line `line` takes `value` of `source` back. False when there is no memory. */
bool zeek_removals_note(struct zeek_removals *removals, const struct value *value,
    struct bytes source, unsigned long line);

/* Is an entry of line `line` taken back by a later one? */
bool zeek_removals_have(struct zeek_removals *removals, const struct value *value,
    struct bytes source, unsigned long line);

/* The first line that took nothing back; 0: there is none. */
unsigned long zeek_removals_idle(const struct zeek_removals *removals);

#endif
