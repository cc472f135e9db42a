/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/suricata/match.h"

#include "rules/conditions.h"
#include "rules/suricata/search.h"
#include "rules/suricata/threshold.h"

#include <netinet/in.h>
#include <stdlib.h>

enum { MOST_MATCHES = 1000 }; /* of one session */

struct matching {
    const struct rule_book *book;
    const struct session *session;
    struct rule_memory *memory;
    bool passed; /* by a pass rule */
};

static void
add_candidate(void *owner, uint32_t rule)
{
    struct rule_memory *memory = owner;
    if (memory->stamps[rule] == memory->stamp)
        return;
    memory->stamps[rule] = memory->stamp;
    memory->candidates[memory->candidates_len++] = rule;
}

/* What stands in the values of a slot, as it is looked at in one way. */
static void
scan_values(struct matching *m, size_t slot, const struct attempt *attempt)
{
    struct rule_memory *memory = m->memory;
    struct value_run run = values_of(&memory->values, m->book->slots, slot, attempt);
    for (size_t i = 0; i < run.len; i++) {
        text_clear(&memory->lower);
        transform_apply(TRANSFORM_LOWER, value_at(&memory->values, run, i), &memory->lower);
        grams_find(&m->book->grams, slot, text_bytes(&memory->lower), memory, add_candidate);
    }
}

static struct attempt
attempt_at(const struct matching *m, enum role source, enum role role, int index)
{
    const struct chain *chain = &m->session->chain[role];
    bool there = index >= 0 && (size_t)index < chain->len;
    return (struct attempt){
        .session = m->session,
        .source = source,
        .role = role,
        .index = there ? index : -1,
        .certificate = there ? chain->at[index] : NULL,
        .values = &m->memory->values,
    };
}

static void
scan_slot(struct matching *m, size_t slot)
{
    const struct buffer *buffer = m->book->slots[slot].buffer;
    for (enum role role = CLIENT; role <= SERVER; role++) {
        size_t len = m->session->chain[role].len;
        if (buffer->whose == (role == CLIENT ? WHOSE_SERVER : WHOSE_CLIENT) &&
            !buffer->of_certificate)
            continue;
        if (buffer->of_certificate && !m->book->wide[slot] && len)
            len = 1;
        for (size_t i = 0; i < (buffer->of_certificate ? len : 1); i++) {
            struct attempt attempt = attempt_at(m, role, role, (int)i);
            scan_values(m, slot, &attempt);
        }
    }
}

static int
compare_candidates(const void *left, const void *right)
{
    const uint32_t *a = left;
    const uint32_t *b = right;
    return *a < *b ? -1 : *a > *b;
}

static void
find_candidates(struct matching *m)
{
    struct rule_memory *memory = m->memory;
    for (size_t slot = 0; slot < m->book->slots_len; slot++)
        if (grams_in_slot(&m->book->grams, slot))
            scan_slot(m, slot);
    for (size_t i = 0; i < m->book->always_len; i++)
        add_candidate(memory, m->book->always[i]);
    if (memory->candidates_len > 1)
        qsort(memory->candidates, memory->candidates_len, sizeof *memory->candidates,
            compare_candidates);
}

static bool
protocol_holds(enum rule_protocol protocol, const struct session *session)
{
    switch (protocol) {
    case PROTOCOL_TCP:
        return session->protocol == IPPROTO_TCP;
    case PROTOCOL_UDP:
        return session->protocol == IPPROTO_UDP;
    case PROTOCOL_QUIC:
        return session->carrier && !strcmp(session->carrier, "quic");
    case PROTOCOL_TLS:
    case PROTOCOL_ANY:
        break;
    }
    return true;
}

static bool
ends_hold(const struct rule_head *head, const struct session *session, enum role source)
{
    enum role other = source == CLIENT ? SERVER : CLIENT;
    enum side client = session->client_side;
    uint16_t from = session->port[source == CLIENT ? client : other_side(client)];
    uint16_t to = session->port[source == CLIENT ? other_side(client) : client];
    return group_has_port(head->source_port, from) && group_has_port(head->destination_port, to) &&
           group_has_address(head->source, session_address(session, source)) &&
           group_has_address(head->destination, session_address(session, other));
}

static bool
head_holds(const struct rule_head *head, const struct session *session, enum role source)
{
    return protocol_holds(head->protocol, session) &&
           (ends_hold(head, session, source) ||
               (head->both_ways && ends_hold(head, session, source == CLIENT ? SERVER : CLIENT)));
}

static bool
bits_hold(const struct rule *rule, const uint64_t *bits)
{
    for (size_t i = 0; i < rule->bits_len; i++) {
        const struct bit_step *step = &rule->bits[i];
        bool any = false;
        if (step->change < BIT_IS_SET)
            continue;
        for (size_t k = 0; k < step->len; k++) {
            bool set = bits[step->bits[k] / 64] >> step->bits[k] % 64 & 1;
            any |= set == (step->change == BIT_IS_SET);
        }
        if (!any)
            return false;
    }
    return true;
}

static void
change_bits(const struct rule *rule, uint64_t *bits)
{
    for (size_t i = 0; i < rule->bits_len; i++) {
        const struct bit_step *step = &rule->bits[i];
        uint64_t *word = &bits[step->bits[0] / 64];
        uint64_t bit = UINT64_C(1) << step->bits[0] % 64;
        if (step->change == BIT_SET)
            *word |= bit;
        else if (step->change == BIT_UNSET)
            *word &= ~bit;
        else if (step->change == BIT_TOGGLE)
            *word ^= bit;
    }
}

/* Does any value of the buffer pass? */
static bool
look_passes(struct matching *m, const struct look *look, const struct attempt *attempt)
{
    struct rule_memory *memory = m->memory;
    struct value_run run = values_of(&memory->values, m->book->slots, look->slot, attempt);
    if (!run.len)
        return look->tests[0].kind == TEST_ABSENT;
    for (size_t i = 0; i < run.len; i++) {
        struct look tests = *look;
        if (look->tests[0].kind == TEST_ABSENT && look->len > 1 && look->tests[0].of.or_else) {
            tests.tests++;
            tests.len--;
        } else if (look->tests[0].kind == TEST_ABSENT) {
            return false;
        }
        if (look_holds(&tests, value_at(&memory->values, run, i), &memory->matcher))
            return true;
    }
    return false;
}

static bool
attempt_holds(struct matching *m, const struct rule *rule, const struct attempt *attempt)
{
    if (rule->of_certificate && !attempt->certificate)
        return false;
    for (size_t i = 0; i < rule->demands_len; i++)
        if (rule->demands[i].holds(&rule->demands[i], attempt) == rule->demands[i].negated)
            return false;
    for (size_t i = 0; i < rule->looks_len; i++)
        if (!look_passes(m, &rule->looks[i], attempt))
            return false;
    return true;
}

static void
add_match(struct rule_memory *memory, const struct rule *rule, const struct attempt *attempt)
{
    if (memory->matches_len == MOST_MATCHES)
        return;
    if (memory->matches_len == memory->matches_room) {
        memory->matches_room = memory->matches_room ? 2 * memory->matches_room : 16;
        memory->matches =
            reallocarray(memory->matches, memory->matches_room, sizeof *memory->matches);
        if (!memory->matches)
            abort();
    }
    memory->matches[memory->matches_len++] = (struct rule_match){
        .rule = rule, .role = attempt->role, .index = rule->of_certificate ? attempt->index : -1};
}

/* A rule holds: what it changes, and whether it says so. */
static void
take_match(struct matching *m, const struct rule *rule, const struct attempt *attempt)
{
    const struct session *session = m->session;
    enum role other = attempt->source == CLIENT ? SERVER : CLIENT;
    change_bits(rule, m->memory->bits);
    if (rule->action == RULE_PASS) {
        m->passed = true;
        return;
    }
    if (rule->noalert)
        return;
    if (threshold_passes(m->memory, rule, session_address(session, attempt->source),
            session_address(session, other), session->end_ns))
        add_match(m->memory, rule, attempt);
}

/* The certificates of one side that the rule looks at. True when it held. */
static bool
try_role(struct matching *m, const struct rule *rule, enum role source, enum role role)
{
    size_t len = m->session->chain[role].len;
    size_t first = rule->position == POSITION_INTERMEDIATE;
    size_t end = rule->position == POSITION_LEAF && len ? 1 : len;
    bool held = false;
    if (!rule->of_certificate) {
        struct attempt attempt = attempt_at(m, source, role, -1);
        if (!attempt_holds(m, rule, &attempt))
            return false;
        take_match(m, rule, &attempt);
        return true;
    }
    for (size_t i = first; i < end; i++) {
        struct attempt attempt = attempt_at(m, source, role, (int)i);
        if (!attempt_holds(m, rule, &attempt))
            continue;
        take_match(m, rule, &attempt);
        held = true;
    }
    return held;
}

/* A rule that looks at certificates may hold for either side's; any other holds once. */
static void
try_rule(struct matching *m, const struct rule *rule)
{
    unsigned done = 0;
    if (!bits_hold(rule, m->memory->bits))
        return;
    for (enum role source = CLIENT; source <= SERVER; source++) {
        unsigned direction = source == CLIENT ? TO_SERVER : TO_CLIENT;
        if (!(rule->directions & direction) || !head_holds(&rule->head, m->session, source))
            continue;
        for (enum role role = CLIENT; role <= SERVER; role++) {
            bool wanted = rule->role_by_direction ? role == source : rule->roles >> role & 1;
            if (!wanted || done >> role & 1)
                continue;
            bool held = try_role(m, rule, source, role);
            if (held && !rule->of_certificate)
                return;
            done |= held ? 1U << role : 0;
        }
    }
}

static int
compare_matches(const void *left, const void *right)
{
    const struct rule_match *a = left;
    const struct rule_match *b = right;
    if (a->rule->list != b->rule->list)
        return a->rule->list < b->rule->list ? -1 : 1;
    if (a->rule->line != b->rule->line)
        return a->rule->line < b->rule->line ? -1 : 1;
    if (a->role != b->role)
        return a->role < b->role ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

void
rules_match(const struct rule_book *book, const struct session *session, struct rule_memory *memory)
{
    struct matching m = {.book = book, .session = session, .memory = memory};
    rule_memory_begin(memory, book);
    find_candidates(&m);
    for (size_t i = 0; i < memory->candidates_len && !m.passed; i++)
        try_rule(&m, book->rules[memory->candidates[i]]);
    if (m.passed)
        memory->matches_len = 0;
    if (memory->matches_len > 1)
        qsort(memory->matches, memory->matches_len, sizeof *memory->matches, compare_matches);
}
