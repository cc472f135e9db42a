/* SPDX-License-Identifier: Apache-2.0
 *
 * What was found becomes hits: in their order, with a sentence each.
 */
#include "rules/judging.h"
#include "rules/suricata/match.h"

#include <stdlib.h>

static int
compare_found(const void *left, const void *right)
{
    const struct found *a = left;
    const struct found *b = right;
    if (a->seen.role != b->seen.role)
        return a->seen.role < b->seen.role ? -1 : 1;
    if (a->seen.index != b->seen.index)
        return a->seen.index < b->seen.index ? -1 : 1;
    if (a->say.list != b->say.list)
        return a->say.list < b->say.list ? -1 : 1;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->what != b->what)
        return a->what < b->what ? -1 : 1;
    int order = strcmp(a->say.reference, b->say.reference);
    return order ? order : strcmp(a->say.description, b->say.description);
}

static void
make_room(struct verdict *verdict, size_t len)
{
    if (len <= verdict->room)
        return;
    verdict->hits = reallocarray(verdict->hits, len, sizeof *verdict->hits);
    if (!verdict->hits)
        abort();
    verdict->room = len;
}

static const char *
list_name(const struct judging *j, const struct found *found)
{
    return found->by_ocsp ? "OCSP" : j->rules->lists[found->say.list].name;
}

void
judging_settle(struct judging *j)
{
    if (j->all_silent)
        j->len = 0;
    if (j->len)
        qsort(j->found, j->len, sizeof *j->found, compare_found);
}

/* That a chain is as long as a watched one proves little, and less where its length is a guess
 * itself (docs/inference.md): such a hit is never of the rank of one that was seen. */
static unsigned
confidence_of(const struct found *found)
{
    enum { LENGTH_PERCENT = 25, GUESS_PERCENT = 10 }; /* scripts/measure-candidates */
    unsigned said = found->say.confidence;
    if (found->what != WHAT_CHAIN_LENGTH && !sighting_is_lookalike(&found->seen))
        return said;
    const struct inferred *inferred = &found->seen.session->inferred[found->seen.role];
    bool exact = inferred->chain && !inferred->uncertain;
    return said * (exact ? LENGTH_PERCENT : GUESS_PERCENT) / 100;
}

static enum severity
severity_of(const struct found *found)
{
    enum severity said = found->say.severity;
    if (found->what == WHAT_CHAIN_LENGTH || sighting_is_lookalike(&found->seen))
        return said > SEVERITY_HIGH ? SEVERITY_MEDIUM : severity_below(said);
    return found->seen.recalled || found->seen.named ? severity_below(said) : said;
}

/* The words may move while they grow, so hits are made once all words stand. */
void
judging_tell(struct judging *j, const struct rule_memory *memory)
{
    struct text *words = &j->verdict->words;
    struct text indicator = {0};
    size_t by_rules = memory ? memory->matches_len : 0;
    make_room(j->verdict, j->len + by_rules);
    for (size_t i = 0; i < j->len; i++) {
        struct found *found = &j->found[i];
        text_clear(&indicator);
        text_add_string(&indicator, words->at + found->indicator);
        found->why = words->len;
        why_sentence(found, list_name(j, found), text_string(&indicator), words);
        text_add_char(words, '\0');
    }
    text_free(&indicator);
    for (size_t i = 0; i < by_rules; i++)
        rule_match_words(j->rules, j->seen.session, &memory->matches[i], words);
    for (size_t i = 0; i < j->len; i++) {
        const struct found *found = &j->found[i];
        j->verdict->hits[j->verdict->len++] = (struct hit){
            .note = found->note,
            .role = found->seen.role,
            .chain_index = found->seen.named ? -1 : found->seen.index,
            .certificate =
                found->seen.named && !found->seen.named->known ? NULL : found->seen.certificate,
            .indicator = words->at + found->indicator,
            .indicator_type = what_kind(found->what)->type,
            .list = list_name(j, found),
            .line = found->line,
            .description = found->say.description,
            .reference = found->say.reference,
            .tlp = found->say.tlp,
            .severity = severity_of(found),
            .confidence = confidence_of(found),
            .why = words->at + found->why,
        };
    }
    for (size_t i = 0; i < by_rules; i++)
        j->verdict->hits[j->verdict->len++] =
            rule_match_hit(j->rules, j->seen.session, &memory->matches[i], words);
}
