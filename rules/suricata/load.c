/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of rules into a ruleset.
 */
#include "rules/suricata/reader.h"
#include "rules/suricata/words.h"
#include "rules/watchlist.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

static const char format[] = "suricata-rules";

static bool
take_rule(
    struct rule_reader *r, const struct rule_lines *lines, struct bytes text, struct fault *why)
{
    const uint8_t *at = text.at;
    switch (rule_read(r, text, &at)) {
    case READ_GOOD:
        break;
    case READ_SKIP:
        return book_skip(
                   r->rules, r->list, lines->line, r->rule.facts.sid, text_bytes(&r->reason)) ||
               fault_set(why, "%s: not enough memory", r->path);
    case READ_WRONG:
        return fault_set(
            why, "%s:%lu: %s", r->path, rule_line_of(lines, text, at), r->complaint.text);
    }
    r->rule.line = lines->line;
    const struct rule *kept = book_keep(r->book, &r->rule, 1, sizeof *kept);
    if (!kept || !book_add(r->rules, kept))
        return fault_set(why, "%s: not enough memory", r->path);
    return true;
}

static bool
begin_list(struct rule_reader *r, struct fault *why)
{
    const char *slash = strrchr(r->path, '/');
    const char *name = slash && slash[1] ? slash + 1 : r->path;
    struct list list = {.format = format, .name = store_string(r->rules, bytes_from_string(name))};
    r->list = (uint32_t)r->rules->lists_len;
    r->dropping = 0;
    return (list.name && store_add_list(r->rules, &list)) ||
           fault_set(why, "%s: not enough memory", r->path);
}

/* What the operator should know of the whole file. */
static bool
end_list(struct rule_reader *r, struct fault *why)
{
    struct list *list = &r->rules->lists[r->list];
    struct text warning = {0};
    if (!list->entries)
        text_add_string(&warning, "no rules: nothing is looked for by this file");
    else if (r->dropping)
        text_add_format(&warning,
            "%zu rules say drop or reject: certtap only watches, so they alert", r->dropping);
    if (warning.len)
        list->warning = store_string(r->rules, text_bytes(&warning));
    bool good = !warning.len || list->warning;
    text_free(&warning);
    return good || fault_set(why, "%s: not enough memory", r->path);
}

static bool
read_rules(struct rule_reader *r, struct bytes content, struct fault *why)
{
    struct rule_lines lines = {.left = reader_over(content)};
    struct bytes text;
    bool good = begin_list(r, why);
    while (good && rule_lines_next(&lines, &text))
        good = take_rule(r, &lines, text, why);
    text_free(&lines.joined);
    return good && end_list(r, why);
}

static bool
add_file(struct rule_reader *r, const char *path, struct fault *why)
{
    struct text file = {0};
    struct bytes mark = bytes_from_string("\xef\xbb\xbf");
    r->path = path;
    bool good = list_read_file(path, &file, why);
    struct bytes content = text_bytes(&file);
    if (bytes_start_with(content, mark))
        content = bytes_skip(content, mark.len);
    good = good && read_rules(r, content, why);
    text_free(&file);
    return good;
}

static int
is_rule_file(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return entry->d_name[0] != '.' && len > 6 && !strcmp(entry->d_name + len - 6, ".rules");
}

static bool
add_folder(struct rule_reader *r, const char *path, struct fault *why)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, is_rule_file, alphasort);
    bool good = count >= 0 || fault_set(why, "%s: %s", path, strerror(errno));
    for (int i = 0; i < count; i++) {
        struct text file = {0};
        text_add_format(&file, "%s/%s", path, entries[i]->d_name);
        good = good && add_file(r, text_string(&file), why);
        text_free(&file);
        free(entries[i]);
    }
    free(entries);
    if (good && !count)
        return fault_set(why, "%s: a folder without a file of rules (*.rules) in it", path);
    return good;
}

bool
ruleset_add_rules(struct ruleset *ruleset, const char *path, const struct rule_variables *variables,
    struct fault *why)
{
    struct stat about;
    assert(!ruleset->finished);
    if (stat(path, &about) != 0)
        return fault_set(why, "%s: %s", path, strerror(errno));
    struct rule_reader *r = calloc(1, sizeof *r);
    if (!r)
        abort();
    r->rules = ruleset;
    r->book = book_of(ruleset);
    r->variables = variables;
    bool good =
        !variables || !variables->classifications ||
        classifications_read(&r->classifications, variables->classifications, &ruleset->arena, why);
    good = good && (S_ISDIR(about.st_mode) ? add_folder(r, path, why) : add_file(r, path, why));
    text_free(&r->reason);
    free(r);
    return good;
}
