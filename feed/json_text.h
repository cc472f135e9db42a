/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: JSON (RFC 8259), piece by piece. Commas come by themselves.
 *
 * What is written is always valid UTF-8. A byte that belongs to no character becomes the four
 * characters \xHH. So that this can be undone, a backslash that already stands before an x and two
 * hexadecimal digits is written as \x5c: who turns each \xHH back into its byte has the original.
 */
#ifndef CERTTAP_FEED_JSON_TEXT_H
#define CERTTAP_FEED_JSON_TEXT_H

#include "base/text.h"

/* A text of any content, in quotes. */
void json_value(struct text *out, struct bytes string);

/* A name, which needs no escapes, and its colon; what is written next is its value. In an array,
 * and at the top, the name is NULL, here and below. */
void json_name(struct text *out, const char *name);

void json_open(struct text *out, const char *name, char bracket);
void json_close(struct text *out, char bracket);

void json_bytes(struct text *out, const char *name, struct bytes string);
void json_string(struct text *out, const char *name, const char *string);
void json_number(struct text *out, const char *name, uint64_t number);
void json_bool(struct text *out, const char *name, bool value);

#endif
