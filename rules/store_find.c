/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/store_parts.h"

#include "rules/spelling.h"

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
    uint32_t number = row.meta & ~ROW_IS_WATCH;
    *watch = NULL;
    if (row.place)
        return mapped_saying(rules, row);
    *watch = row.meta & ROW_IS_WATCH ? rules->watches[number] : NULL;
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

void
store_expect(const struct ruleset *rules, enum what what, const uint8_t *digest)
{
    enum set set = store_set_of(what);
    if (!rules->count[what][MATCH_EXACT])
        return;
    digest_set_expect(&rules->sets[set], digest);
    for (size_t i = 0; i < rules->mapped_len; i++)
        if (rules->mapped[i].sets[set])
            mapped_expect(rules->mapped[i].list, rules->mapped[i].sets[set] - 1U, digest);
}

uint32_t
store_may_have(const struct ruleset *rules, enum what what, const uint8_t *digest)
{
    enum set set = store_set_of(what);
    if (!rules->count[what][MATCH_EXACT])
        return 0;
    bool may = digest_set_may_have(&rules->sets[set], digest);
    for (size_t i = 0; i < rules->mapped_len; i++) {
        uint8_t own = rules->mapped[i].sets[set];
        may = (own && mapped_may_have(rules->mapped[i].list, own - 1U, digest)) || may;
    }
    return may ? UINT32_C(1) << what : 0;
}

static void
tell_mapped_rows(const struct search *search, size_t place, size_t own, const struct value *value)
{
    const struct mapped_list *list = search->rules->mapped[place].list;
    size_t first = 0;
    size_t count = mapped_find(list, own, value->value.at, &first);
    for (size_t i = 0; i < count; i++) {
        struct digest_row row = {.meta = (uint32_t)(first + i),
            .line = mapped_line(list, own, first + i),
            .place = (uint32_t)((place + 1) * LAYOUT_SETS + own)};
        search->take(search->owner, value, row);
    }
}

/* A digest is watched for as it is and in no other way. */
static void
look_up_digest(const struct search *search, enum set set, const struct value *value)
{
    const struct ruleset *rules = search->rules;
    if (value->value.len != rules->sets[set].digest_len)
        return;
    tell_rows(search, set, value->value.at, value);
    for (size_t i = 0; i < rules->mapped_len; i++)
        if (rules->mapped[i].sets[set])
            tell_mapped_rows(search, i, rules->mapped[i].sets[set] - 1U, value);
}

static void
look_up_exact(const struct search *search, const struct value *value)
{
    uint8_t key[STORE_KEY];
    if (!search->rules->count[value->what][value->match])
        return;
    store_key_of(search->rules, value, key);
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
    struct value exact = {what, MATCH_EXACT, offered->value, offered->second, 0};
    if (store_set_of(what) != SET_KEYED) {
        look_up_digest(&search, store_set_of(what), &exact);
        return;
    }
    look_up_exact(&search, &exact);
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
