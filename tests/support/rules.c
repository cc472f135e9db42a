/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/rules.h"

#include "tests/support/folder.h"
#include "tests/support/require.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct ruleset *
rules_load_text(struct bytes content, const struct rule_variables *variables, const char *beside,
    const char *beside_content, struct fault *why)
{
    struct folder folder = folder_new();
    struct text path = {0};
    text_add_format(&path, "%s/test.rules", folder.path);
    folder_write_bytes(&folder, "test.rules", content);
    if (beside)
        folder_write(&folder, beside, beside_content);
    struct ruleset *rules = ruleset_new(7);
    *why = (struct fault){0};
    if (ruleset_add_rules(rules, text_string(&path), variables, why)) {
        require(!*why->text, "a fault without failure", why->text);
        ruleset_finish(rules);
    } else {
        require(*why->text, "a failure without fault", "test.rules");
        folder_leave_out(&folder, why);
        ruleset_free(rules);
        rules = NULL;
    }
    folder_remove(&folder);
    text_free(&path);
    return rules;
}

struct ruleset *
rules_good(const char *content)
{
    struct fault why;
    struct ruleset *rules = rules_load_text(bytes_from_string(content), NULL, NULL, NULL, &why);
    require(rules != NULL, "good rules are refused", why.text);
    return rules;
}

void
rules_bad(const char *content, const char *complaint)
{
    struct fault why;
    struct ruleset *rules = rules_load_text(bytes_from_string(content), NULL, NULL, NULL, &why);
    require(rules == NULL, "bad rules are taken", content);
    bool same = strcmp(why.text, complaint) == 0;
    require(same, complaint, why.text); /* shows both */
}

void
rules_try(struct bytes content)
{
    struct fault why = {0};
    char path[64];
    int file = memfd_create("rules", MFD_CLOEXEC);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    require(file >= 0 && write(file, content.at, content.len) == (ssize_t)content.len,
        "cannot write", path);
    struct ruleset *rules = ruleset_new(1);
    if (ruleset_add_rules(rules, path, NULL, &why))
        ruleset_finish(rules);
    else
        require(*why.text, "a failure without fault", path);
    ruleset_free(rules);
    close(file);
}
