/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/lists.h"

#include "tests/support/folder.h"
#include "tests/support/require.h"

#include <stdio.h>
#include <stdlib.h>

struct ruleset *
list_load(const char *format, const char *name, struct bytes content, struct fault *why)
{
    struct folder folder = folder_new();
    struct text path = {0};
    struct text source = {0};
    text_add_format(&path, "%s/%s", folder.path, name);
    text_add_format(&source, "%s%s%s", format ? format : "", format ? ":" : "", text_string(&path));
    folder_write_bytes(&folder, name, content);

    struct ruleset *rules = ruleset_new(7);
    *why = (struct fault){0};
    if (ruleset_add_list(rules, text_string(&source), why)) {
        require(!*why->text, "a fault without failure", why->text);
        ruleset_finish(rules);
    } else {
        require(*why->text, "a failure without fault", name);
        folder_leave_out(&folder, why);
        ruleset_free(rules);
        rules = NULL;
    }
    folder_remove(&folder);
    text_free(&path);
    text_free(&source);
    return rules;
}

struct ruleset *
list_good(const char *name, const char *content)
{
    struct fault why;
    struct ruleset *rules = list_load(NULL, name, bytes_from_string(content), &why);
    require(rules != NULL, "a good list is refused", why.text);
    return rules;
}

void
list_bad(const char *name, const char *content, const char *complaint)
{
    struct fault why;
    struct ruleset *rules = list_load(NULL, name, bytes_from_string(content), &why);
    require(rules == NULL, "a bad list is taken", content);
    bool same = strcmp(why.text, complaint) == 0;
    require(same, complaint, why.text); /* shows both */
}

static void
change_each(const char *format, const char *name, struct bytes content)
{
    static const uint8_t changes[] = {0x01, 0x80};
    struct text copy = {0};
    text_add(&copy, content);
    for (size_t i = 0; i < 2 * content.len; i++) {
        struct fault why;
        char kept = copy.at[i / 2];
        copy.at[i / 2] = (char)(kept ^ changes[i % 2]);
        ruleset_free(list_load(format, name, text_bytes(&copy), &why));
        copy.at[i / 2] = kept;
    }
    text_free(&copy);
}

void
list_cut(const char *format, const char *name, struct bytes content)
{
    for (size_t len = 0; len <= content.len; len++) {
        struct fault why;
        uint8_t *copy = malloc(len + 1); /* so that a read past the end is noticed */
        require(copy != NULL, "no memory for", name);
        if (len)
            memcpy(copy, content.at, len);
        ruleset_free(list_load(format, name, bytes_of(copy, len), &why));
        free(copy);
    }
    change_each(format, name, content);
}

struct text
list_sample(const char *name)
{
    struct text path = {0};
    struct text content = {0};
    const char *tests = getenv("CERTTAP_TESTS");
    require(tests != NULL, "CERTTAP_TESTS is not set for", name);
    text_add_format(&path, "%s/lists/%s", tests, name);
    FILE *file = fopen(text_string(&path), "rb");
    require(file != NULL, "cannot read", text_string(&path));
    for (int c; file && (c = getc(file)) != EOF;)
        text_add_char(&content, (char)c);
    if (file)
        fclose(file);
    text_free(&path);
    return content;
}
