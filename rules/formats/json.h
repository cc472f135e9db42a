/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON lists, read by jansson (docs/decisions/0020-json.md).
 */
#ifndef CERTTAP_RULES_FORMATS_JSON_H
#define CERTTAP_RULES_FORMATS_JSON_H

#include "rules/watchlist.h"

#include <jansson.h>

/* Does it begin as JSON does, and does one of `words` (with their quotes) stand in its first part?
 * `words` ends with NULL. */
bool json_looks_like(struct bytes content, const char *const *words);

/* NULL with `why` ("FILE:LINE:COLUMN: …"); else the caller's to json_decref(). */
json_t *json_read(const struct list_reader *reader, struct bytes content, struct fault *why);

/* The text of a member; empty when there is none or it is no text. Borrowed. */
struct bytes json_text(const json_t *object, const char *name);

/* Is a member true, 1 or "1"? */
bool json_is_set(const json_t *object, const char *name);

/* What is said of an entry without lines, which is passed over: "ID: …". */
void json_pass_over(struct list_reader *reader, struct bytes id, const char *complaint);

#endif
