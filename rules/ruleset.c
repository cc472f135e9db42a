/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/ruleset.h"

#include "rules/compiled.h"
#include "rules/quiet.h"
#include "rules/revoked.h"
#include "rules/store.h"
#include "rules/suricata/memory.h"

#include <assert.h>
#include <stdlib.h>

const char *
note_name(enum note note)
{
    static const char *const names[NOTES] = {
        [NOTE_WATCHED_CERTIFICATE] = "Certtap::Watched_Certificate",
        [NOTE_WATCHED_KEY] = "Certtap::Watched_Key",
        [NOTE_WATCHED_ISSUER] = "Certtap::Watched_Issuer",
        [NOTE_WATCHED_NAME] = "Certtap::Watched_Name",
        [NOTE_WATCHED_FINGERPRINT] = "Certtap::Watched_Fingerprint",
        [NOTE_WATCHED_ADDRESS] = "Certtap::Watched_Address",
        [NOTE_POSSIBLE_WATCHED_CERTIFICATE] = "Certtap::Possible_Watched_Certificate",
        [NOTE_REVOKED_CERTIFICATE] = "Certtap::Revoked_Certificate",
        [NOTE_UNEXPECTED_SOURCE] = "Certtap::Unexpected_Source",
        [NOTE_WATCHED_ENDPOINT] = "Certtap::Watched_Endpoint",
        [NOTE_RULE_MATCH] = "Certtap::Rule_Match",
    };
    assert(note < NOTES);
    return names[note];
}

const char *
severity_name(enum severity severity)
{
    static const char *const names[] = {"low", "medium", "high", "critical"};
    assert(severity <= SEVERITY_CRITICAL);
    return names[severity];
}

void
verdict_free(struct verdict *verdict)
{
    free(verdict->hits);
    pattern_scratch_free(verdict->scratch);
    quiet_free(verdict->quiet);
    revocations_free(verdict->revoked);
    named_free(verdict->named);
    rule_memory_free(verdict->memory);
    text_free(&verdict->words);
    *verdict = (struct verdict){0};
}

uint64_t
verdict_searches_given_up(const struct verdict *verdict)
{
    return verdict->memory ? verdict->memory->matcher.given_up : 0;
}

struct ruleset *
ruleset_new(uint64_t generation)
{
    static const size_t digest_len[SETS] = {
        [SET_SHA256] = SHA256_LEN,
        [SET_SHA1] = SHA1_LEN,
        [SET_MD5] = MD5_LEN,
        [SET_SPKI] = SHA256_LEN,
        [SET_KEYED] = 16,
    };
    struct ruleset *rules = calloc(1, sizeof *rules);
    if (!rules)
        abort();
    rules->pool.limit = SIZE_MAX;
    rules->arena.pool = &rules->pool;
    rules->generation = generation;
    rules->key = hash_key_random();
    rules->said = table_new();
    for (int i = 0; i < SETS; i++)
        rules->sets[i] = digest_set_new(&rules->pool, digest_len[i]);
    return rules;
}

void
ruleset_listen(struct ruleset *ruleset, const struct entries_listener *listener, bool keep)
{
    assert(!ruleset->finished);
    ruleset->listener = *listener;
    ruleset->only_told = !keep;
}

bool
ruleset_check(const struct ruleset *ruleset, struct fault *why)
{
    for (size_t i = 0; i < ruleset->mapped_len; i++)
        if (!mapped_check(ruleset->mapped[i].list, why))
            return false;
    return true;
}

bool
ruleset_is_broken(const struct ruleset *ruleset, struct fault *why)
{
    for (size_t i = 0; i < ruleset->mapped_len; i++)
        if (mapped_is_broken(ruleset->mapped[i].list, why))
            return true;
    return false;
}

void
ruleset_unpack(struct ruleset *ruleset)
{
    ruleset->unpack = true;
}

/* The same indicator twice in one list, saying the same, is one entry. */
static void
uncount(void *owner, struct digest_row row)
{
    struct ruleset *rules = owner;
    const struct watch *watch;
    const struct saying say = store_saying(rules, row, &watch);
    struct list *list = &rules->lists[say.list];
    if (say.note == NOTE_POSSIBLE_WATCHED_CERTIFICATE)
        return; /* beside an entry, and not counted as one */
    list->entries--;
    list->skipped++;
}

static bool
has_entries(const struct ruleset *ruleset, enum what what)
{
    for (int match = 0; match < MATCHES; match++)
        if (ruleset->count[what][match])
            return true;
    return false;
}

void
ruleset_finish(struct ruleset *ruleset)
{
    assert(!ruleset->finished);
    for (int i = 0; i < SETS; i++)
        digest_set_finish(&ruleset->sets[i], ruleset, uncount);
    for (enum what what = 0; what < WHATS; what++)
        if (has_entries(ruleset, what)) {
            ruleset->watched |= UINT32_C(1) << what;
            ruleset->names_watched = ruleset->names_watched || quiet_concerns(what);
        }
    table_free(&ruleset->said); /* nothing is added any more */
    book_finish(ruleset);
    ruleset->finished = true;
}

size_t
ruleset_lists(const struct ruleset *ruleset)
{
    return ruleset->lists_len;
}

struct list_report
ruleset_report(const struct ruleset *ruleset, size_t index)
{
    assert(index < ruleset->lists_len);
    const struct list *list = &ruleset->lists[index];
    return (struct list_report){.name = list->name,
        .format = list->format,
        .entries = list->entries,
        .skipped = list->skipped,
        .warning = list->warning};
}

size_t
ruleset_skipped(const struct ruleset *ruleset, size_t index, const struct rule_skipped **skipped)
{
    assert(index < ruleset->lists_len && ruleset->finished);
    *skipped = ruleset->lists[index].why_skipped;
    return *skipped ? ruleset->lists[index].skipped : 0;
}

size_t
ruleset_entries(const struct ruleset *ruleset)
{
    size_t entries = 0;
    for (size_t i = 0; i < ruleset->lists_len; i++)
        entries += ruleset->lists[i].entries;
    return entries;
}

size_t
ruleset_left_out(const struct ruleset *ruleset)
{
    size_t skipped = 0;
    for (size_t i = 0; i < ruleset->lists_len; i++)
        skipped += ruleset->lists[i].skipped;
    return skipped;
}

uint64_t
ruleset_generation(const struct ruleset *ruleset)
{
    return ruleset->generation;
}

void
ruleset_free(struct ruleset *ruleset)
{
    if (!ruleset)
        return;
    struct pool *pool = &ruleset->pool;
    for (int i = 0; i < SETS; i++)
        digest_set_free(&ruleset->sets[i]);
    if (!ruleset->finished)
        table_free(&ruleset->said);
    book_free(ruleset);
    named_free(ruleset->named);
    pool_give(pool, ruleset->lists, ruleset->lists_room * sizeof *ruleset->lists);
    pool_give(pool, ruleset->sayings, ruleset->sayings_room * sizeof *ruleset->sayings);
    pool_give(pool, ruleset->watches, ruleset->watches_room * sizeof *ruleset->watches);
    for (size_t i = 0; i < ruleset->mapped_len; i++)
        mapped_close(ruleset->mapped[i].list);
    pool_give(pool, ruleset->mapped, ruleset->mapped_room * sizeof *ruleset->mapped);
    for (size_t i = 0; i < ruleset->groups_len; i++)
        pattern_set_free(ruleset->groups[i].set);
    pool_give(pool, ruleset->issuers, ruleset->issuers_room * sizeof *ruleset->issuers);
    pool_give(pool, ruleset->groups, ruleset->groups_room * sizeof *ruleset->groups);
    pool_give(pool, ruleset->patterns, ruleset->patterns_room * sizeof *ruleset->patterns);
    arena_empty(&ruleset->arena);
    assert(pool->used == 0);
    free(ruleset);
}
