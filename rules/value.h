/* SPDX-License-Identifier: Apache-2.0
 *
 * What is watched for, out of texts as people write them.
 */
#ifndef CERTTAP_RULES_VALUE_H
#define CERTTAP_RULES_VALUE_H

#include "rules/watch.h"

/* Makes a value out of text as people write it: a name, a wildcard, a digest, an address. What it
 * holds is allocated from `room`. False with what is wrong in `complaint` (without file or line).
 */
bool value_from_text(enum what what, struct bytes text, struct arena *room, struct value *value,
    struct fault *complaint);

/* The same for a regular expression, without its slashes. */
bool value_from_regex(enum what what, struct bytes regex, struct arena *room, struct value *value,
    struct fault *complaint);

/* What stands between the slashes of "/…/" where `what` may be a regular expression; else empty. */
struct bytes regex_in(enum what what, struct bytes text);

/* A fingerprint of any kind, told by its prefix ("sha256:", "spki:", "pin-sha256=", …), else by its
 * length. False when it is none; then `complaint` says why. */
bool value_from_fingerprint(
    struct bytes text, struct arena *room, struct value *value, struct fault *complaint);

/* A digest that was computed. `digest` has the length of its kind. */
struct value value_of_digest(enum what what, const uint8_t *digest);

#endif
