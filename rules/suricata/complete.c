/* SPDX-License-Identifier: Apache-2.0
 *
 * The last step of reading a rule: what follows from all of its keywords together.
 *
 * Suricata tries a rule on packets, so that it looks at one side of a handshake; here it is tried
 * on a session. Where it says which way its flow goes, certificates are those of the side that
 * sends; where it does not, both ways are tried. What only one side can show (a server name, a
 * JA3S) is always that side's, and tells whom the head's source is.
 */
#include "rules/suricata/reader.h"

static void
note_sides(struct rule_reader *r)
{
    for (size_t i = 0; i < r->looks_len; i++) {
        const struct buffer *buffer = r->looks[i].slot.buffer;
        r->rule.of_certificate |= buffer->of_certificate;
        if (buffer->of_certificate)
            r->server_certificate |= buffer->whose == WHOSE_SERVER;
        else if (buffer->whose != WHOSE_EITHER)
            *(buffer->whose == WHOSE_CLIENT ? &r->client_only : &r->server_only) = true;
    }
}

static void
settle_sides(struct rule_reader *r)
{
    struct rule *rule = &r->rule;
    const unsigned both = 1U << CLIENT | 1U << SERVER;
    bool one_sided = r->client_only != r->server_only;
    rule->roles = both;
    if (r->has_role)
        rule->roles = 1U << r->role;
    else if (one_sided && !rule->of_certificate)
        rule->roles = 1U << (r->client_only ? CLIENT : SERVER);
    else if (r->server_certificate)
        rule->roles = 1U << SERVER;
    else
        rule->role_by_direction = r->flow || !(r->client_only || r->server_only);
    if (r->flow)
        rule->directions = r->flow;
    else if (one_sided)
        rule->directions = r->client_only ? TO_SERVER : TO_CLIENT;
    else if (r->client_only || rule->roles == both) /* of both sides, or of neither alone */
        rule->directions = EITHER_WAY;
    else
        rule->directions = rule->roles == 1U << CLIENT ? TO_SERVER : TO_CLIENT;
}

static bool
keep_looks(struct rule_reader *r)
{
    struct look looks[MOST_LOOKS];
    const struct rule_test *tests = book_keep(r->book, r->tests, r->tests_len, sizeof *tests);
    if (!tests)
        return false;
    for (size_t i = 0; i < r->looks_len; i++) {
        struct slot slot = r->looks[i].slot;
        if (r->has_position && !strcmp(slot.buffer->name, the_certificate.name))
            slot.buffer = &the_certificate;
        looks[i] =
            (struct look){book_slot(r->book, &slot), tests + r->looks[i].first, r->looks[i].len};
        if (looks[i].slot == SIZE_MAX)
            return false;
    }
    r->rule.looks = book_keep(r->book, looks, r->looks_len, sizeof *looks);
    r->rule.looks_len = r->looks_len;
    return r->rule.looks != NULL;
}

static bool
keep_pairs(
    struct rule_reader *r, const struct rule_pair *pairs, size_t len, struct rule_pairs *into)
{
    into->at = book_keep(r->book, pairs, len, sizeof *pairs);
    into->len = len;
    return into->at != NULL;
}

static bool
keep_all(struct rule_reader *r)
{
    struct rule *rule = &r->rule;
    rule->demands = book_keep(r->book, r->demands, r->demands_len, sizeof *r->demands);
    rule->demands_len = r->demands_len;
    rule->bits = book_keep(r->book, r->bits, r->bits_len, sizeof *r->bits);
    rule->bits_len = r->bits_len;
    return rule->demands && rule->bits && keep_looks(r) &&
           keep_pairs(r, r->metadata, r->metadata_len, &rule->facts.metadata) &&
           keep_pairs(r, r->references, r->references_len, &rule->facts.references);
}

/* Suricata's priorities go down from 1. A rule that says nothing of the kind is in the middle. */
static enum severity
severity_of(const struct rule_reader *r)
{
    unsigned priority = r->rule.facts.priority;
    if (!r->has_priority && !*r->rule.facts.classtype)
        return SEVERITY_MEDIUM;
    return priority == 1 ? SEVERITY_HIGH : priority == 2 ? SEVERITY_MEDIUM : SEVERITY_LOW;
}

/* The first reference: a link where it can be one, else "CVE-2014-0160" or "kind:what". */
static void
write_reference(const struct rule_reader *r, struct text *out)
{
    if (!r->references_len)
        return;
    const struct rule_pair *first = &r->references[0];
    if (!strcmp(first->name, "url"))
        text_add_string(out, strstr(first->value, "://") ? "" : "https://");
    else if (!strcmp(first->name, "cve"))
        text_add_string(out, strncmp(first->value, "CVE", 3) ? "CVE-" : "");
    else
        text_add_format(out, "%s:", first->name);
    text_add_string(out, first->value);
}

static bool
keep_words(struct rule_reader *r)
{
    struct text text = {0};
    struct rule *rule = &r->rule;
    text_add_format(&text, "%u:%u:%u", rule->facts.gid, rule->facts.sid, rule->facts.rev);
    rule->numbers = reader_string(r, text_bytes(&text));
    text_clear(&text);
    write_reference(r, &text);
    rule->reference = reader_string(r, text_bytes(&text));
    text_free(&text);
    return rule->numbers && rule->reference;
}

/* Everything that is looked for in the payload must be a part of a name, or follow one. */
static bool
payload_is_names(const struct rule_reader *r)
{
    for (size_t i = 0; i < r->looks_len; i++)
        for (size_t k = 0; k < r->looks[i].len && r->looks[i].slot.buffer == &the_names; k++) {
            const struct content *content = &r->tests[r->looks[i].first + k].of.content;
            bool follows = content->has_distance || content->has_within;
            if (content->negated || content->has_offset || content->has_depth || content->at_end ||
                !(follows || content_begins_name(content->text)))
                return false;
        }
    return true;
}

enum reading
rule_complete(struct rule_reader *r)
{
    if (r->complaint.text[0])
        return READ_WRONG;
    if (!r->has_sid)
        return read_wrong(r, "a rule has a sid");
    for (size_t i = 0; i < r->looks_len; i++)
        if (!r->looks[i].len)
            return read_wrong(r, "nothing is looked for in %s", r->looks[i].slot.buffer->name);
    if (!payload_is_names(r))
        return read_skip(r, "content of the payload");
    if (!r->of_tls)
        return read_skip(r, "nothing of TLS in it");
    note_sides(r);
    settle_sides(r);
    if (!r->has_severity)
        r->rule.severity = severity_of(r);
    return keep_words(r) && keep_all(r) ? READ_GOOD : read_no_memory(r);
}
