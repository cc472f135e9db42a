/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/suricata/book.h"

#include "rules/suricata/order.h"
#include "rules/suricata/regex.h"

#include <stdlib.h>

struct known_rule {
    struct entry entry;
    uint32_t gid, sid;
    size_t place; /* in the book's rules */
};

void *
book_keep(struct rule_book *book, const void *at, size_t len, size_t size)
{
    void *copy = arena_take(book->arena, len * size + 1);
    if (copy && len)
        memcpy(copy, at, len * size);
    return copy;
}

struct rule_book *
book_of(struct ruleset *rules)
{
    if (rules->book)
        return rules->book;
    struct rule_book *book = arena_take(&rules->arena, sizeof *book);
    if (!book)
        abort();
    book->arena = &rules->arena;
    book->pool = &rules->pool;
    book->groups.arena = &rules->arena;
    book->grams.pool = &rules->pool;
    book->known = table_new();
    rules->book = book;
    return book;
}

static const char *
reason_kept(struct ruleset *rules, struct bytes reason)
{
    struct rule_book *book = rules->book;
    for (size_t i = 0; i < book->reasons_len; i++)
        if (bytes_equal_string(reason, book->reasons[i]))
            return book->reasons[i];
    const char **reasons = pool_grow(
        book->pool, book->reasons, &book->reasons_room, book->reasons_len, sizeof *reasons);
    const char *copy = store_string(rules, reason);
    if (!reasons || !copy)
        return NULL;
    book->reasons = reasons;
    return reasons[book->reasons_len++] = copy;
}

bool
book_skip(
    struct ruleset *rules, uint32_t list, unsigned long line, uint32_t sid, struct bytes reason)
{
    struct rule_book *book = rules->book;
    const char *kept = reason_kept(rules, reason);
    struct book_skipped *skipped = pool_grow(
        book->pool, book->skipped, &book->skipped_room, book->skipped_len, sizeof *skipped);
    if (!kept || !skipped)
        return false;
    book->skipped = skipped;
    skipped[book->skipped_len++] =
        (struct book_skipped){list, {.line = line, .sid = sid, .reason = kept}};
    rules->lists[list].skipped++;
    return true;
}

static bool
is_same(const struct entry *entry, const void *wanted)
{
    const struct known_rule *known = (const struct known_rule *)entry;
    const struct rule_facts *facts = wanted;
    return known->gid == facts->gid && known->sid == facts->sid;
}

/* One of two rules with the same numbers is left out. */
static bool
settle(struct ruleset *rules, const struct rule *rule, size_t place)
{
    static const char reason[] = "another rule with this sid";
    struct rule_book *book = rules->book;
    const struct rule *old = book->rules[place];
    const struct rule *out = rule->facts.rev > old->facts.rev ? old : rule;
    if (out == old) {
        book->rules[place] = rule;
        rules->lists[old->list].entries--;
        rules->lists[rule->list].entries++;
    }
    return book_skip(rules, out->list, out->line, out->facts.sid, bytes_from_string(reason));
}

bool
book_add(struct ruleset *rules, const struct rule *rule)
{
    struct rule_book *book = rules->book;
    uint64_t numbers[] = {rule->facts.gid, rule->facts.sid};
    uint64_t hash = table_hash(&book->known, bytes_of(numbers, sizeof numbers));
    const struct known_rule *found =
        (const struct known_rule *)table_find(&book->known, hash, is_same, &rule->facts);
    if (found)
        return settle(rules, rule, found->place);
    const struct rule **all = pool_grow(
        book->pool, book->rules, &book->rules_room, book->rules_len, sizeof(struct rule *));
    struct known_rule *known = arena_take(book->arena, sizeof *known);
    if (!all || !known || book->rules_len >= UINT32_MAX)
        return false;
    book->rules = all;
    known->gid = rule->facts.gid;
    known->sid = rule->facts.sid;
    known->place = book->rules_len;
    table_add(&book->known, &known->entry, hash);
    all[book->rules_len++] = rule;
    rules->lists[rule->list].entries++;
    return true;
}

size_t
book_slot(struct rule_book *book, const struct slot *slot)
{
    for (size_t i = 0; i < book->slots_len; i++) {
        const struct slot *known = &book->slots[i];
        if (known->buffer == slot->buffer && known->len == slot->len &&
            !memcmp(known->transforms, slot->transforms, slot->len * sizeof *slot->transforms))
            return i;
    }
    struct slot *slots =
        pool_grow(book->pool, book->slots, &book->slots_room, book->slots_len, sizeof *slots);
    if (!slots)
        return SIZE_MAX;
    book->slots = slots;
    slots[book->slots_len] = *slot;
    return book->slots_len++;
}

size_t
book_bit(struct rule_book *book, struct bytes name)
{
    for (size_t i = 0; i < book->bits_len; i++)
        if (bytes_equal_string(name, book->bits[i]))
            return i;
    const char **bits =
        pool_grow(book->pool, book->bits, &book->bits_room, book->bits_len, sizeof *bits);
    char *copy = arena_take(book->arena, name.len + 1);
    if (!bits || !copy)
        return SIZE_MAX;
    if (name.len)
        memcpy(copy, name.at, name.len);
    book->bits = bits;
    bits[book->bits_len] = copy;
    return book->bits_len++;
}

bool
book_keep_code(struct rule_book *book, struct pcre2_real_code_8 *taken)
{
    struct book_code *kept = arena_take(book->arena, sizeof *kept);
    if (!kept) {
        regex_free(taken);
        return false;
    }
    kept->code = taken;
    kept->next = book->codes;
    book->codes = kept;
    return true;
}

struct dataset *
book_dataset(struct ruleset *rules, struct bytes name, enum dataset_type type)
{
    struct rule_book *book = rules->book;
    for (struct dataset *set = book->datasets; set; set = set->next)
        if (bytes_equal_string(name, set->name))
            return set;
    struct dataset *set = arena_take(book->arena, sizeof *set);
    const char *copy = store_string(rules, name);
    if (!set || !copy)
        return NULL;
    *set = (struct dataset){.next = book->datasets,
        .name = copy,
        .type = type,
        .entries = digest_set_new(book->pool, 16),
        .key = rules->key};
    book->datasets = set;
    return set;
}

/* Gives each list the rules of its own that were skipped. */
static void
share_skipped(struct ruleset *rules)
{
    struct rule_book *book = rules->book;
    for (size_t list = 0; list < rules->lists_len; list++) {
        size_t len = 0;
        for (size_t i = 0; i < book->skipped_len; i++)
            len += book->skipped[i].list == list;
        if (!len)
            continue;
        struct rule_skipped *own = arena_take(book->arena, len * sizeof *own);
        if (!own)
            abort();
        rules->lists[list].why_skipped = own;
        for (size_t i = 0; i < book->skipped_len; i++)
            if (book->skipped[i].list == list)
                *own++ = book->skipped[i].skipped;
    }
}

void
book_finish(struct ruleset *rules)
{
    struct rule_book *book = rules->book;
    if (!book)
        return;
    table_free(&book->known);
    for (struct dataset *set = book->datasets; set; set = set->next)
        dataset_finish(set);
    share_skipped(rules);
    book_order(book);
    if (!book_index(book))
        abort();
}

void
book_free(struct ruleset *rules)
{
    struct rule_book *book = rules->book;
    if (!book)
        return;
    if (!rules->finished)
        table_free(&book->known);
    for (struct dataset *set = book->datasets; set; set = set->next)
        digest_set_free(&set->entries);
    for (struct book_code *kept = book->codes; kept; kept = kept->next)
        regex_free(kept->code);
    grams_free(&book->grams);
    pool_give(book->pool, book->rules, book->rules_room * sizeof *book->rules);
    pool_give(book->pool, book->slots, book->slots_room * sizeof *book->slots);
    pool_give(book->pool, book->bits, book->bits_room * sizeof *book->bits);
    pool_give(book->pool, book->reasons, book->reasons_room * sizeof *book->reasons);
    pool_give(book->pool, book->skipped, book->skipped_room * sizeof *book->skipped);
}
