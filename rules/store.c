/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/store.h"

#include "rules/spelling.h"

#include <assert.h>

/* Bit of a row's meta that says: the rest is the number of a watch, not of a saying. */
static const uint32_t is_watch = UINT32_C(1) << 31;

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
    if (!sayings || rules->sayings_len >= is_watch)
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
    if (!watches || rules->watches_len >= is_watch)
        return false;
    rules->watches = watches;
    struct watch *kept = keep_array(rules, watch, 1, sizeof *kept);
    if (kept)
        kept->certificate = (struct bytes){0}; /* the reader's */
    if (!kept || !keep_clauses(rules, kept) || !keep_conditions(rules, &kept->when))
        return false;
    kept->say = *rules->sayings[saying];
    *number = (uint32_t)rules->watches_len | is_watch;
    watches[rules->watches_len++] = kept;
    return true;
}

/* 128 bits under keys nobody knows: two different things are not going to share them. */
static void
key_of(const struct ruleset *rules, const struct value *value, uint8_t key[16])
{
    for (int i = 0; i < 2; i++) {
        uint64_t parts[] = {
            hash_bytes(rules->keys[i], value->value),
            hash_bytes(rules->keys[i], value->second),
            (uint64_t)value->what << 8 | (uint64_t)value->match,
        };
        uint64_t whole = hash_bytes(rules->keys[i], bytes_of(parts, sizeof parts));
        memcpy(key + 8 * i, &whole, sizeof whole);
    }
}

static bool
add_value(struct ruleset *rules, const struct value *value, struct digest_row row)
{
    enum set set = set_of[value->what];
    uint8_t key[16];
    rules->count[value->what][value->match]++;
    if (value->match == MATCH_GLOB || value->match == MATCH_REGEX)
        return keep_pattern(rules, value, row, true);
    if (value->match == MATCH_NETWORK)
        rules->prefixes[*(value->value.at + 16)]++;
    if (set != SET_KEYED) {
        assert(value->value.len == rules->sets[set].digest_len);
        return digest_set_add(&rules->sets[set], value->value.at, row);
    }
    key_of(rules, value, key);
    return digest_set_add(&rules->sets[SET_KEYED], key, row);
}

/* So that what OCSP messages name can be found: they have hashes only. */
static void
keep_named(struct ruleset *rules, const struct watch *watch)
{
    if (watch->certificate.len)
        named_keep(&rules->named, watch->certificate);
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
    places[rules->mapped_len++] = (struct mapped_place){taken, first_list};
    const struct layout *layout = mapped_layout(taken);
    for (size_t i = 0; i < layout->sets_len; i++)
        rules->count[layout->sets[i].what][MATCH_EXACT] += layout->sets[i].rows;
    return true;
}

/* A row of a compiled list has the numbers of the list, the set and the row. */
static struct saying
mapped_saying(const struct ruleset *rules, struct digest_row row)
{
    const struct mapped_place *place = &rules->mapped[row.place / LAYOUT_SETS - 1];
    struct saying say = mapped_row(place->list, row.place % LAYOUT_SETS, row.meta).say;
    say.list += place->first_list;
    if (say.list >= rules->lists_len)
        say.list = place->first_list;
    return say;
}

struct saying
store_saying(const struct ruleset *rules, struct digest_row row, const struct watch **watch)
{
    uint32_t number = row.meta & ~is_watch;
    *watch = NULL;
    if (row.place)
        return mapped_saying(rules, row);
    *watch = row.meta & is_watch ? rules->watches[number] : NULL;
    return *watch ? (*watch)->say : *rules->sayings[number];
}

struct search {
    const struct ruleset *rules;
    void *owner;
    void (*take)(void *owner, const struct value *matched, struct digest_row row);
};

static void
tell_rows(
    const struct search *search, enum set set, const uint8_t *digest, const struct value *value)
{
    const struct digest_set *rows = &search->rules->sets[set];
    size_t first = 0;
    size_t count = digest_set_find(rows, digest, &first);
    for (size_t i = 0; i < count; i++)
        search->take(search->owner, value, digest_set_row(rows, first + i));
}

/* The number of a compiled list's set of these; false when it has none. */
static bool
mapped_set(const struct mapped_list *list, enum what what, size_t *set)
{
    const struct layout *layout = mapped_layout(list);
    for (*set = 0; *set < layout->sets_len; ++*set)
        if (layout->sets[*set].what == what)
            return true;
    return false;
}

void
store_expect(const struct ruleset *rules, enum what what, const uint8_t *digest)
{
    size_t set;
    if (!rules->count[what][MATCH_EXACT])
        return;
    digest_set_expect(&rules->sets[set_of[what]], digest);
    for (size_t i = 0; i < rules->mapped_len; i++)
        if (mapped_set(rules->mapped[i].list, what, &set))
            mapped_expect(rules->mapped[i].list, set, digest);
}

static void
look_up_mapped(const struct search *search, const struct value *value)
{
    const struct ruleset *rules = search->rules;
    for (size_t i = 0; i < rules->mapped_len; i++) {
        const struct mapped_list *list = rules->mapped[i].list;
        size_t set;
        size_t first = 0;
        if (!mapped_set(list, value->what, &set))
            continue;
        size_t count = mapped_find(list, set, value->value.at, &first);
        for (size_t k = 0; k < count; k++) {
            struct digest_row row = {.meta = (uint32_t)(first + k),
                .line = mapped_line(list, set, first + k),
                .place = (uint32_t)((i + 1) * LAYOUT_SETS + set)};
            search->take(search->owner, value, row);
        }
    }
}

static void
look_up_exact(const struct search *search, const struct value *value)
{
    enum set set = set_of[value->what];
    uint8_t key[16];
    if (!search->rules->count[value->what][value->match])
        return;
    if (set != SET_KEYED) {
        if (value->value.len == search->rules->sets[set].digest_len) {
            tell_rows(search, set, value->value.at, value);
            look_up_mapped(search, value);
        }
        return;
    }
    key_of(search->rules, value, key);
    tell_rows(search, SET_KEYED, key, value);
}

/* Each name above this one: of "a.b.c" these are "b.c" and "c". */
static void
look_up_suffixes(const struct search *search, enum what what, struct bytes text)
{
    if (!search->rules->count[what][MATCH_SUFFIX])
        return;
    for (size_t dot; (dot = bytes_find_byte(text, '.')) < text.len;) {
        text = bytes_skip(text, dot + 1);
        look_up_exact(search, &(struct value){what, MATCH_SUFFIX, text, {0}, 0});
    }
}

struct pattern_search {
    const struct search *search;
    const struct pattern_entry *patterns; /* of the group */
    enum what what;
};

static void
take_pattern(void *owner, size_t number)
{
    const struct pattern_search *s = owner;
    const struct pattern_entry *entry = &s->patterns[number];
    if (entry->leads && entry->value.what == s->what)
        s->search->take(s->search->owner, &entry->value, entry->row);
}

static void
look_up_patterns(const struct search *search, enum what what, struct bytes text,
    struct pattern_scratch **scratch)
{
    const struct ruleset *rules = search->rules;
    if (!rules->count[what][MATCH_GLOB] && !rules->count[what][MATCH_REGEX])
        return;
    for (size_t i = 0; i < rules->groups_len; i++) {
        const struct pattern_group *group = &rules->groups[i];
        struct pattern_search s = {search, &rules->patterns[group->first], what};
        pattern_set_scan(group->set, scratch, text, &s, take_pattern);
    }
}

static void
look_up_networks(const struct search *search, struct bytes address)
{
    uint8_t masked[17];
    if (!search->rules->count[WHAT_ADDRESS][MATCH_NETWORK] || address.len != 16)
        return;
    memcpy(masked, address.at, 16);
    for (unsigned prefix = PREFIXES; prefix-- > 0;) {
        if (prefix < 128)
            masked[prefix / 8] &= (uint8_t) ~(0x80U >> prefix % 8);
        masked[16] = (uint8_t)prefix;
        if (search->rules->prefixes[prefix])
            look_up_exact(search, &(struct value){WHAT_ADDRESS, MATCH_NETWORK,
                                      bytes_of(masked, sizeof masked), {0}, 0});
    }
}

void
store_look_up(const struct ruleset *rules, enum what what, const struct offered *offered,
    struct pattern_scratch **scratch, void *owner,
    void (*take)(void *, const struct value *, struct digest_row))
{
    struct search search = {rules, owner, take};
    if (what == WHAT_ADDRESS) {
        look_up_networks(&search, offered->value);
        return;
    }
    look_up_exact(&search, &(struct value){what, MATCH_EXACT, offered->value, offered->second, 0});
    look_up_suffixes(&search, what, offered->text);
    look_up_patterns(&search, what, offered->text, scratch);
}

static bool
is_below(struct bytes name, struct bytes domain)
{
    if (name.len <= domain.len)
        return false;
    struct bytes end = bytes_skip(name, name.len - domain.len - 1);
    return bytes_start_with(end, bytes_from_string(".")) && bytes_equal(bytes_skip(end, 1), domain);
}

static bool
is_inside(struct bytes address, struct bytes network)
{
    if (address.len != 16 || network.len != 17)
        return false;
    struct network net = {
        .address = address_v6(bytes_first(network, 16)), .prefix = *(network.at + 16)};
    struct address inner = address_v6(address);
    return network_has(&net, &inner);
}

struct pattern_question {
    size_t wanted;
    bool matched;
};

static void
answer_pattern(void *owner, size_t number)
{
    struct pattern_question *question = owner;
    question->matched = question->matched || number == question->wanted;
}

static bool
pattern_matches(const struct pattern_set *set, size_t number, struct bytes text,
    struct pattern_scratch **scratch)
{
    struct pattern_question question = {.wanted = number};
    if (set)
        pattern_set_scan(set, scratch, text, &question, answer_pattern);
    return question.matched;
}

bool
value_matches(const struct value *value, const struct offered *offered,
    const struct pattern_set *pattern, struct pattern_scratch **scratch)
{
    switch (value->match) {
    case MATCH_EXACT:
        return bytes_equal(value->value, offered->value) &&
               bytes_equal(value->second, offered->second);
    case MATCH_SUFFIX:
        return is_below(offered->text, value->value);
    case MATCH_GLOB:
        return glob_matches(value->value, offered->text);
    case MATCH_NETWORK:
        return is_inside(offered->value, value->value);
    case MATCH_REGEX:
        return pattern_matches(pattern, 0, offered->text, scratch);
    }
    return false;
}

bool
store_value_matches(const struct ruleset *rules, const struct value *value,
    const struct offered *offered, struct pattern_scratch **scratch)
{
    const struct pattern_group *group = rules->groups;
    if (value->match != MATCH_REGEX)
        return value_matches(value, offered, NULL, scratch);
    while (value->pattern >= group->first + group->len)
        group++;
    return pattern_matches(group->set, value->pattern - group->first, offered->text, scratch);
}
