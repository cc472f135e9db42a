/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/store_parts.h"

#include <assert.h>

static const enum set set_of[WHATS] = {
    [WHAT_SHA256] = SET_SHA256,
    [WHAT_SHA1] = SET_SHA1,
    [WHAT_MD5] = SET_MD5,
    [WHAT_ISSUER_SERIAL] = SET_KEYED,
    [WHAT_SUBJECT_KEY] = SET_KEYED,
    [WHAT_SPKI] = SET_SPKI,
    [WHAT_ISSUER_KEY_SERIAL] = SET_KEYED,
    [WHAT_SERIAL] = SET_KEYED,
    [WHAT_ISSUER_KEY] = SET_KEYED,
    [WHAT_ISSUER] = SET_KEYED,
    [WHAT_SUBJECT] = SET_KEYED,
    [WHAT_COMMON_NAME] = SET_KEYED,
    [WHAT_SAN] = SET_KEYED,
    [WHAT_DOMAIN] = SET_KEYED,
    [WHAT_SERVER_NAME] = SET_KEYED,
    [WHAT_JA3] = SET_KEYED,
    [WHAT_JA3S] = SET_KEYED,
    [WHAT_JA4] = SET_KEYED,
    [WHAT_CHAIN_LENGTH] = SET_KEYED,
    [WHAT_ADDRESS] = SET_KEYED,
};

enum set
store_set_of(enum what what)
{
    return set_of[what];
}

/* 128 bits under a key nobody knows: two different things are not going to share them. */
void
store_key_of(const struct ruleset *rules, const struct value *value, uint8_t key[STORE_KEY])
{
    struct hash_pair first = hash_bytes_wide(rules->key, value->value);
    struct hash_pair second = {0};
    if (value->second.len)
        second = hash_bytes_wide(rules->key, value->second);
    uint64_t parts[] = {first.half[0], first.half[1], second.half[0], second.half[1],
        (uint64_t)value->what << 8 | (uint64_t)value->match};
    struct hash_pair whole = hash_bytes_wide(rules->key, bytes_of(parts, sizeof parts));
    _Static_assert(sizeof whole == STORE_KEY, "all of it");
    memcpy(key, &whole, sizeof whole);
}

bool
store_add_list(struct ruleset *rules, const struct list *list)
{
    struct list *lists =
        pool_grow(&rules->pool, rules->lists, &rules->lists_room, rules->lists_len, sizeof *lists);
    if (!lists)
        return false;
    rules->lists = lists;
    lists[rules->lists_len++] = *list;
    return true;
}

const char *
store_string(struct ruleset *rules, struct bytes text)
{
    if (text.len == 0)
        return "";
    char *copy = arena_take(&rules->arena, text.len + 1);
    if (copy)
        memcpy(copy, text.at, text.len);
    return copy;
}

struct said {
    struct entry entry;
    uint32_t number;
    struct saying saying;
};

static bool
same_saying(const struct saying *a, const struct saying *b)
{
    return a->list == b->list && a->revoked.given == b->revoked.given &&
           a->revoked.seconds == b->revoked.seconds && a->has_note == b->has_note &&
           a->note == b->note && a->severity == b->severity && a->confidence == b->confidence &&
           strcmp(a->description, b->description) == 0 && strcmp(a->reference, b->reference) == 0 &&
           strcmp(a->tlp, b->tlp) == 0;
}

static bool
says_the_same(const struct entry *entry, const void *wanted)
{
    return same_saying(&((const struct said *)entry)->saying, wanted);
}

static uint64_t
saying_hash(const struct ruleset *rules, const struct saying *say)
{
    uint64_t parts[] = {
        table_hash(&rules->said, bytes_from_string(say->description)),
        table_hash(&rules->said, bytes_from_string(say->reference)),
        say->list,
        (uint64_t)say->severity << 8 | say->confidence,
        (uint64_t)say->revoked.seconds,
    };
    return table_hash(&rules->said, bytes_of(parts, sizeof parts));
}

static struct said *
new_saying(struct ruleset *rules, const struct saying *say)
{
    struct saying **sayings = pool_grow(
        &rules->pool, rules->sayings, &rules->sayings_room, rules->sayings_len, sizeof *sayings);
    if (!sayings || rules->sayings_len >= ROW_IS_WATCH)
        return NULL;
    rules->sayings = sayings;
    struct said *said = arena_take(&rules->arena, sizeof *said);
    if (!said)
        return NULL;
    said->number = (uint32_t)rules->sayings_len;
    said->saying = *say;
    said->saying.description = store_string(rules, bytes_from_string(say->description));
    said->saying.reference = store_string(rules, bytes_from_string(say->reference));
    said->saying.tlp = store_string(rules, bytes_from_string(say->tlp));
    if (!said->saying.description || !said->saying.reference || !said->saying.tlp)
        return NULL;
    sayings[rules->sayings_len++] = &said->saying;
    return said;
}

static bool
keep_saying(struct ruleset *rules, const struct saying *say, uint32_t *number)
{
    if (rules->sayings_len && same_saying(rules->sayings[rules->sayings_len - 1], say)) {
        *number = (uint32_t)rules->sayings_len - 1;
        return true;
    }
    uint64_t hash = saying_hash(rules, say);
    struct said *said = (struct said *)table_find(&rules->said, hash, says_the_same, say);
    if (!said) {
        said = new_saying(rules, say);
        if (!said)
            return false;
        table_add(&rules->said, &said->entry, hash);
    }
    *number = said->number;
    return true;
}

static bool
keep_bytes(struct ruleset *rules, struct bytes *bytes)
{
    bool ok;
    *bytes = arena_copy(&rules->arena, *bytes, &ok);
    return ok;
}

/* A copy of an array that lives as long as the ruleset. NULL when there is no memory. */
static void *
keep_array(struct ruleset *rules, const void *at, size_t len, size_t size)
{
    void *copy = arena_take(&rules->arena, len * size);
    if (copy && len)
        memcpy(copy, at, len * size);
    return copy;
}

static bool
keep_pattern(struct ruleset *rules, const struct value *value, struct digest_row row, bool leads)
{
    struct pattern_entry *patterns = pool_grow(&rules->pool, rules->patterns, &rules->patterns_room,
        rules->patterns_len, sizeof *patterns);
    if (!patterns)
        return false;
    rules->patterns = patterns;
    struct pattern_entry *kept = &patterns[rules->patterns_len];
    *kept = (struct pattern_entry){.value = *value, .row = row, .leads = leads};
    if (!keep_bytes(rules, &kept->value.value))
        return false;
    rules->patterns_len++;
    return true;
}

/* Compiles all of one list as one, so that a mistake is told of that list. */
bool
store_end_list(struct ruleset *rules, unsigned long *line, struct fault *complaint)
{
    const struct pattern_group *last =
        rules->groups_len ? &rules->groups[rules->groups_len - 1] : NULL;
    struct pattern_group group = {.first = last ? last->first + last->len : 0};
    group.len = rules->patterns_len - group.first;
    *line = 0;
    if (!group.len)
        return true;
    struct pattern_group *groups = pool_grow(
        &rules->pool, rules->groups, &rules->groups_room, rules->groups_len, sizeof *groups);
    struct text_pattern *patterns = pool_take(&rules->pool, group.len * sizeof *patterns);
    if (!groups || !patterns)
        return fault_set(complaint, "not enough memory");
    rules->groups = groups;
    for (size_t i = 0; i < group.len; i++) {
        const struct value *value = &rules->patterns[group.first + i].value;
        patterns[i] = (struct text_pattern){value->value, value->match == MATCH_REGEX};
    }
    size_t wrong;
    group.set = pattern_set_new(patterns, group.len, &wrong, complaint);
    pool_give(&rules->pool, patterns, group.len * sizeof *patterns);
    if (group.set)
        groups[rules->groups_len++] = group;
    else if (wrong < group.len)
        *line = rules->patterns[group.first + wrong].row.line;
    return group.set != NULL;
}

static bool
keep_value(struct ruleset *rules, struct value *value, unsigned long line)
{
    value->pattern = rules->patterns_len;
    return keep_bytes(rules, &value->value) && keep_bytes(rules, &value->second) &&
           (value->match != MATCH_REGEX ||
               keep_pattern(rules, value, (struct digest_row){.line = (uint32_t)line}, false));
}

static bool
keep_clauses(struct ruleset *rules, struct watch *watch)
{
    struct clause *all = keep_array(rules, watch->all, watch->len, sizeof *all);
    if (!all)
        return false;
    watch->all = all;
    for (size_t i = 0; i < watch->len; i++) {
        struct value *any = keep_array(rules, all[i].any, all[i].len, sizeof *any);
        if (!any)
            return false;
        all[i].any = any;
        for (size_t j = 0; j < all[i].len; j++)
            if (!keep_value(rules, &any[j], watch->line))
                return false;
    }
    return true;
}

static bool
keep_networks(struct ruleset *rules, struct networks *networks)
{
    networks->at = keep_array(rules, networks->at, networks->len, sizeof *networks->at);
    return networks->at != NULL;
}

static bool
keep_conditions(struct ruleset *rules, struct conditions *when)
{
    struct bytes *services =
        keep_array(rules, when->services.at, when->services.len, sizeof *services);
    if (!services)
        return false;
    when->services.at = services;
    for (size_t i = 0; i < when->services.len; i++)
        if (!keep_bytes(rules, &services[i]))
            return false;
    return keep_networks(rules, &when->from) && keep_networks(rules, &when->not_from) &&
           keep_networks(rules, &when->to);
}

static bool
keep_watch(struct ruleset *rules, const struct watch *watch, uint32_t saying, uint32_t *number)
{
    struct watch **watches = pool_grow(
        &rules->pool, rules->watches, &rules->watches_room, rules->watches_len, sizeof *watches);
    if (!watches || rules->watches_len >= ROW_IS_WATCH)
        return false;
    rules->watches = watches;
    struct watch *kept = keep_array(rules, watch, 1, sizeof *kept);
    if (kept)
        kept->certificate = (struct bytes){0}; /* the reader's */
    if (!kept || !keep_clauses(rules, kept) || !keep_conditions(rules, &kept->when))
        return false;
    kept->say = *rules->sayings[saying];
    *number = (uint32_t)rules->watches_len | ROW_IS_WATCH;
    watches[rules->watches_len++] = kept;
    return true;
}

static bool
add_value(struct ruleset *rules, const struct value *value, struct digest_row row)
{
    enum set set = set_of[value->what];
    uint8_t key[STORE_KEY];
    rules->count[value->what][value->match]++;
    if (value->match == MATCH_GLOB || value->match == MATCH_REGEX)
        return keep_pattern(rules, value, row, true);
    if (value->match == MATCH_NETWORK)
        rules->prefixes[*(value->value.at + 16)]++;
    if (set != SET_KEYED) {
        assert(value->value.len == rules->sets[set].digest_len);
        return digest_set_add(&rules->sets[set], value->value.at, row);
    }
    store_key_of(rules, value, key);
    return digest_set_add(&rules->sets[SET_KEYED], key, row);
}

/* So that what OCSP messages name can be found: they have hashes only. */
static void
keep_named(struct ruleset *rules, const struct watch *watch)
{
    if (watch->certificate.len)
        named_keep_der(&rules->named, watch->certificate);
    for (size_t i = 0; i < watch->len; i++)
        for (size_t j = 0; j < watch->all[i].len; j++)
            if (watch->all[i].any[j].what == WHAT_ISSUER_SERIAL)
                named_learn(&rules->named, 0, watch->all[i].any[j].value);
}

bool
store_add(struct ruleset *rules, const struct watch *watch)
{
    struct digest_row row = {.line = (uint32_t)watch->line};
    assert(!rules->finished && watch->len > 0);
    if (!keep_saying(rules, &watch->say, &row.meta))
        return false;
    bool simple = watch->len == 1 && !watch->allow && conditions_none(&watch->when);
    if (!simple && !keep_watch(rules, watch, row.meta, &row.meta))
        return false;
    keep_named(rules, watch);
    const struct clause *leading = watch_leading(watch);
    for (size_t i = 0; i < leading->len; i++)
        if (!add_value(rules, &leading->any[i], row))
            return false;
    return true;
}

bool
store_add_mapped(struct ruleset *rules, struct mapped_list *taken, uint32_t first_list)
{
    struct mapped_place *places = pool_grow(
        &rules->pool, rules->mapped, &rules->mapped_room, rules->mapped_len, sizeof *places);
    if (!places) {
        mapped_close(taken);
        return false;
    }
    rules->mapped = places;
    struct mapped_place *place = &places[rules->mapped_len++];
    const struct layout *layout = mapped_layout(taken);
    *place = (struct mapped_place){.list = taken, .first_list = first_list};
    for (size_t i = 0; i < layout->sets_len; i++) {
        place->sets[set_of[layout->sets[i].what]] = (uint8_t)(i + 1);
        rules->count[layout->sets[i].what][MATCH_EXACT] += layout->sets[i].rows;
    }
    return true;
}
