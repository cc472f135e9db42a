/* SPDX-License-Identifier: Apache-2.0
 *
 * One entry in certtap's own format. Equal entries are equal texts, by which lists are merged and
 * compared.
 */
#ifndef CERTTAP_LISTS_WRITERS_ENTRY_YAML_H
#define CERTTAP_LISTS_WRITERS_ENTRY_YAML_H

#include "base/text.h"
#include "rules/watch.h"

enum entry_part { ENTRY_WHAT = 1, ENTRY_WHEN = 2, ENTRY_SAYS = 4 };

/* An item of "entries:", or several where an entry of two halves has many values. */
void entry_yaml(const struct watch *watch, unsigned parts, struct text *out);

#endif
