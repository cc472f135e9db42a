/* SPDX-License-Identifier: Apache-2.0
 *
 * What a rule that alerts says.
 */
#include "rules/suricata/match.h"
#include "rules/why.h"

static struct sighting
sighting_of(const struct session *session, const struct rule_match *match)
{
    return (struct sighting){
        .session = session,
        .role = match->role,
        .index = match->index,
        .certificate = match->index < 0 ? NULL : session->chain[match->role].at[match->index],
    };
}

void
rule_match_words(const struct ruleset *rules, const struct session *session,
    struct rule_match *match, struct text *words)
{
    const struct rule *rule = match->rule;
    struct sighting seen = sighting_of(session, match);
    struct rule_words about = {
        rule->numbers, rule->facts.msg, rules->lists[rule->list].name, rule->line};
    match->why = words->len;
    why_rule(&seen, &about, words);
    text_add_char(words, '\0');
}

struct hit
rule_match_hit(const struct ruleset *rules, const struct session *session,
    const struct rule_match *match, const struct text *words)
{
    const struct rule *rule = match->rule;
    return (struct hit){
        .note = NOTE_RULE_MATCH,
        .role = match->role,
        .chain_index = match->index,
        .certificate = sighting_of(session, match).certificate,
        .indicator = rule->numbers,
        .indicator_type = "rule",
        .list = rules->lists[rule->list].name,
        .line = rule->line,
        .description = rule->facts.msg,
        .reference = rule->reference,
        .tlp = "",
        .severity = rule->severity,
        .confidence = 100,
        .why = words->at + match->why,
        .rule = &rule->facts,
    };
}
