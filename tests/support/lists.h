/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists out of texts, for tests of rules.
 */
#ifndef CERTTAP_TESTS_SUPPORT_LISTS_H
#define CERTTAP_TESTS_SUPPORT_LISTS_H

#include "rules/ruleset.h"

/* A finished ruleset with one list, called `name`, that holds `content`. NULL with `why`, in which
 * the folder of the file is left out: "NAME:LINE: …". `format` may be NULL. */
struct ruleset *list_load(
    const char *format, const char *name, struct bytes content, struct fault *why);

/* The same; the test fails where the list is refused. */
struct ruleset *list_good(const char *name, const char *content);

/* The list is refused, and this is the whole of what is said of it. */
void list_bad(const char *name, const char *content, const char *complaint);

/* Loads every beginning of the content, and the content with each byte changed in turn: some are
 * good, none is a crash. */
void list_cut(const char *format, const char *name, struct bytes content);

/* The content of a file in tests/lists/, the caller's to text_free(). */
struct text list_sample(const char *name);

#endif
