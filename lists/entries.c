/* SPDX-License-Identifier: Apache-2.0 */
#include "lists/entries.h"

#include "lists/writers/entry_yaml.h"

#include <assert.h>
#include <string.h>

void
entries_begin(struct kept_entries *entries)
{
    *entries = (struct kept_entries){.table = table_new(), .pool = {.limit = SIZE_MAX}};
    entries->arena.pool = &entries->pool;
}

void
entries_free(struct kept_entries *entries)
{
    table_free(&entries->table);
    arena_empty(&entries->arena);
}

static bool
asks_for(const struct entry *entry, const void *wanted)
{
    return bytes_equal(((const struct kept_entry *)entry)->what, *(const struct bytes *)wanted);
}

struct kept_entry *
entries_find(const struct kept_entries *entries, struct bytes what)
{
    uint64_t hash = table_hash(&entries->table, what);
    return (struct kept_entry *)table_find(&entries->table, hash, asks_for, &what);
}

static const char *
keep_text(struct kept_entries *entries, const char *text)
{
    bool ok = true;
    struct bytes copy = arena_copy(&entries->arena, bytes_of(text, strlen(text) + 1), &ok);
    assert(ok);
    return (const char *)copy.at;
}

/* Both texts, where one does not have the other in it. */
static const char *
join(struct kept_entries *entries, const char *ours, const char *more)
{
    struct text both = {0};
    if (!*more || strstr(ours, more))
        return ours;
    if (!*ours)
        return keep_text(entries, more);
    text_add_format(&both, "%s; %s", ours, more);
    const char *kept = keep_text(entries, text_string(&both));
    text_free(&both);
    return kept;
}

/* Who says more is believed: the higher severity and confidence, the earlier revocation. Of two
 * markings the first stands. */
static void
join_saying(struct kept_entries *entries, struct saying *ours, const struct saying *more)
{
    ours->description = join(entries, ours->description, more->description);
    if (!*ours->reference)
        ours->reference = keep_text(entries, more->reference);
    if (!*ours->tlp)
        ours->tlp = keep_text(entries, more->tlp);
    if (more->severity > ours->severity)
        ours->severity = more->severity;
    if (more->confidence > ours->confidence)
        ours->confidence = more->confidence;
    if (more->has_note && !ours->has_note) {
        ours->has_note = true;
        ours->note = more->note;
    }
    if (more->revoked.given &&
        (!ours->revoked.given || more->revoked.seconds < ours->revoked.seconds))
        ours->revoked = more->revoked;
}

static void
add(struct kept_entries *entries, const char *list, const struct watch *watch, struct bytes what)
{
    bool ok = true;
    struct kept_entry *kept = entries_find(entries, what);
    if (kept) {
        kept->times++;
        entries->joined++;
        join_saying(entries, &kept->say, &watch->say);
        return;
    }
    kept = arena_take(&entries->arena, sizeof *kept);
    assert(kept);
    kept->what = arena_copy(&entries->arena, what, &ok);
    assert(ok);
    kept->list = keep_text(entries, list);
    kept->line = watch->line;
    kept->times = 1;
    kept->say = watch->say;
    kept->say.description = keep_text(entries, watch->say.description);
    kept->say.reference = keep_text(entries, watch->say.reference);
    kept->say.tlp = keep_text(entries, watch->say.tlp);
    table_add(&entries->table, &kept->entry, table_hash(&entries->table, kept->what));
}

/* An entry that is nothing but a choice is as many entries as it has values, so that lists that
 * overlap are joined value by value. */
static bool
take_entry(void *owner, const char *list, const struct watch *watch, struct fault *why)
{
    struct kept_entries *entries = owner;
    size_t values = watch->len == 1 ? watch->all[0].len : 1;
    (void)why;
    for (size_t i = 0; i < values; i++) {
        struct watch one = *watch;
        struct clause clause = {.any = &watch->all[0].any[i], .len = 1};
        struct text what = {0};
        if (watch->len == 1)
            one.all = &clause;
        entry_yaml(&one, ENTRY_WHAT | ENTRY_WHEN, &what);
        add(entries, list, &one, text_bytes(&what));
        text_free(&what);
    }
    return true;
}

bool
entries_add_list(struct kept_entries *entries, const char *source, struct fault *why)
{
    struct entries_listener listener = {entries, take_entry, NULL, NULL};
    struct ruleset *rules = ruleset_new(0);
    ruleset_listen(rules, &listener, false);
    bool good = ruleset_add_list(rules, source, why);
    ruleset_free(rules);
    return good;
}

void
entries_write(const struct kept_entry *kept, struct text *out)
{
    struct watch watch = {.say = kept->say};
    struct text says = {0};
    text_add(out, kept->what);
    entry_yaml(&watch, ENTRY_SAYS, &says);
    if (says.len > 4) {
        text_add_string(out, "    "); /* its first key follows others, and no dash */
        text_add(out, bytes_skip(text_bytes(&says), 4));
    }
    text_free(&says);
}
