/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/suricata/memory.h"

#include "rules/suricata/threshold.h"

#include <stdlib.h>

struct rule_memory *
rule_memory_new(void)
{
    struct rule_memory *memory = calloc(1, sizeof *memory);
    if (!memory)
        abort();
    memory->matcher = regex_matcher_new();
    memory->tracked = table_new();
    memory->tracked_pool.limit = THRESHOLD_ROOM;
    return memory;
}

void
rule_memory_free(struct rule_memory *memory)
{
    if (!memory)
        return;
    values_free(&memory->values);
    regex_matcher_free(&memory->matcher);
    thresholds_forget(memory);
    table_free(&memory->tracked);
    text_free(&memory->lower);
    free(memory->stamps);
    free(memory->candidates);
    free(memory->bits);
    free(memory->matches);
    free(memory);
}

static void *
renewed(void *at, size_t len, size_t size)
{
    free(at);
    at = calloc(len ? len : 1, size);
    if (!at)
        abort();
    return at;
}

void
rule_memory_begin(struct rule_memory *memory, const struct rule_book *book)
{
    size_t words = (book->bits_len + 63) / 64;
    values_clear(&memory->values);
    memory->candidates_len = 0;
    memory->matches_len = 0;
    if (memory->stamps_len != book->rules_len || memory->stamp == UINT32_MAX) {
        memory->stamps = renewed(memory->stamps, book->rules_len, sizeof *memory->stamps);
        memory->candidates =
            renewed(memory->candidates, book->rules_len, sizeof *memory->candidates);
        memory->stamps_len = book->rules_len;
        memory->stamp = 0;
    }
    memory->stamp++;
    if (memory->bits_len < words) {
        memory->bits = renewed(memory->bits, words, sizeof *memory->bits);
        memory->bits_len = words;
    }
    if (words)
        memset(memory->bits, 0, words * sizeof *memory->bits);
}
