/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/suricata/order.h"

#include <stdlib.h>

enum { RANKS = 32 }; /* flow bits that lead to each other further than so are a circle */

static bool
reads(const struct rule *rule, unsigned *rank, const unsigned *set_at)
{
    bool any = false;
    for (size_t i = 0; i < rule->bits_len; i++) {
        const struct bit_step *step = &rule->bits[i];
        if (step->change < BIT_IS_SET)
            continue;
        any = true;
        for (size_t k = 0; k < step->len; k++)
            if (set_at[step->bits[k]] > *rank)
                *rank = set_at[step->bits[k]];
    }
    return any;
}

/* A rule that asks for a bit comes behind those that change it. Each turn over the rules moves what
 * leans on others one rank on, until nothing moves. */
static void
rank_rules(struct rule_book *book)
{
    unsigned *set_at = calloc(book->bits_len + 1, sizeof *set_at);
    if (!set_at)
        abort();
    bool moved = true;
    for (int turn = 0; turn < RANKS && moved; turn++) {
        moved = false;
        for (size_t i = 0; i < book->rules_len; i++) {
            struct rule *rule = (struct rule *)book->rules[i];
            unsigned rank = 0;
            if (!rule->bits_len)
                continue;
            rank = reads(rule, &rank, set_at) ? rank : 0;
            moved |= rank > rule->rank;
            if (rank > rule->rank)
                rule->rank = rank;
            for (size_t k = 0; k < rule->bits_len; k++) {
                const struct bit_step *step = &rule->bits[k];
                for (size_t b = 0; step->change < BIT_IS_SET && b < step->len; b++)
                    if (set_at[step->bits[b]] < rule->rank + 1) {
                        set_at[step->bits[b]] = rule->rank + 1;
                        moved = true;
                    }
            }
        }
    }
    free(set_at);
}

static int
compare(const void *left, const void *right)
{
    const struct rule *a = *(const struct rule *const *)left;
    const struct rule *b = *(const struct rule *const *)right;
    if (a->action != b->action)
        return a->action < b->action ? -1 : 1;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    if (a->facts.priority != b->facts.priority)
        return a->facts.priority < b->facts.priority ? -1 : 1;
    if (a->facts.gid != b->facts.gid)
        return a->facts.gid < b->facts.gid ? -1 : 1;
    return a->facts.sid < b->facts.sid ? -1 : 1;
}

void
book_order(struct rule_book *book)
{
    if (book->bits_len)
        rank_rules(book);
    if (book->rules_len)
        qsort(book->rules, book->rules_len, sizeof *book->rules, compare);
}

/* The content to find a rule by: the longest that must be there; of whole certificates only where
 * there is no other, for they are long. NULL: there is none of use. */
static const struct content *
leading_content(const struct rule_book *book, const struct rule *rule, size_t *slot)
{
    const struct content *best = NULL;
    bool best_cheap = false;
    for (size_t i = 0; i < rule->looks_len; i++) {
        const struct look *look = &rule->looks[i];
        const struct buffer *buffer = book->slots[look->slot].buffer;
        bool cheap = strcmp(buffer->name, the_certificate.name) != 0;
        for (size_t k = 0; k < look->len; k++) {
            const struct content *content = &look->tests[k].of.content;
            if (look->tests[k].kind == TEST_ABSENT)
                break;
            if (look->tests[k].kind != TEST_CONTENT || content->negated ||
                content->text.len < GRAM_SHORTEST)
                continue;
            if (best && (cheap < best_cheap ||
                            (cheap == best_cheap && content->text.len <= best->text.len)))
                continue;
            best = content;
            best_cheap = cheap;
            *slot = look->slot;
        }
    }
    return best;
}

static bool
index_rules(struct rule_book *book, const struct gram_counts *counts)
{
    for (size_t i = 0; i < book->rules_len; i++) {
        const struct rule *rule = book->rules[i];
        size_t slot = 0;
        const struct content *content = leading_content(book, rule, &slot);
        if (!content)
            book->always[book->always_len++] = (uint32_t)i;
        else if (!grams_add(&book->grams, counts, slot, content->text, (uint32_t)i))
            return false;
        for (size_t k = 0; k < rule->looks_len; k++)
            book->wide[rule->looks[k].slot] |= rule->position != POSITION_LEAF;
    }
    return grams_finish(&book->grams, book->slots_len);
}

bool
book_index(struct rule_book *book)
{
    struct gram_counts *counts = gram_counts_new();
    for (size_t i = 0; i < book->rules_len; i++) {
        size_t slot = 0;
        const struct content *content = leading_content(book, book->rules[i], &slot);
        if (content)
            gram_counts_add(counts, slot, content->text);
    }
    book->always = arena_take(book->arena, book->rules_len * sizeof *book->always + 1);
    book->wide = arena_take(book->arena, book->slots_len + 1);
    bool good = book->always && book->wide && index_rules(book, counts);
    gram_counts_free(counts);
    return good;
}
