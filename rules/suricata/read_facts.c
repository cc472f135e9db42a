/* SPDX-License-Identifier: Apache-2.0
 *
 * Keywords in which a rule speaks of itself.
 */
#include "rules/suricata/reader.h"
#include "rules/suricata/words.h"

enum reading
read_nothing(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    (void)r;
    (void)keyword;
    (void)value;
    return READ_GOOD;
}

/* A text with quotes around it or not, in which a backslash stands before what it protects. */
static bool
unescaped(struct rule_reader *r, struct bytes value, struct text *out)
{
    if (!word_unquote(&value, NULL, &r->complaint))
        return false;
    for (size_t i = 0; i < value.len; i++) {
        bool escape = bytes_at(value, i) == '\\' && i + 1 < value.len;
        text_add_char(out, (char)bytes_at(value, escape ? ++i : i));
    }
    return true;
}

enum reading
read_msg(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    struct text text = {0};
    (void)keyword;
    bool good = unescaped(r, value, &text);
    if (good)
        r->rule.facts.msg = reader_string(r, text_bytes(&text));
    text_free(&text);
    if (!good)
        return READ_WRONG;
    return r->rule.facts.msg ? READ_GOOD : read_no_memory(r);
}

enum reading
read_number(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    uint32_t *places[] = {&r->rule.facts.sid, &r->rule.facts.rev, &r->rule.facts.gid};
    unsigned long number;
    if (!word_unquote(&value, NULL, &r->complaint))
        return READ_WRONG;
    if (!word_number(value, UINT32_MAX, &number) || (keyword->detail == NUMBER_SID && !number))
        return read_wrong(r, "\"%.*s\" is no number for %s", SHOWN(value), keyword->name);
    *places[keyword->detail] = (uint32_t)number;
    r->has_sid |= keyword->detail == NUMBER_SID;
    return READ_GOOD;
}

/* A class that nobody described is as urgent as no class. */
enum reading
read_classtype(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    (void)keyword;
    if (!word_unquote(&value, NULL, &r->complaint))
        return READ_WRONG;
    const struct classification *class = classification_named(&r->classifications, value);
    struct rule_facts *facts = &r->rule.facts;
    facts->classtype = reader_string(r, value);
    facts->category = reader_string(r, bytes_from_string(class ? class->description : ""));
    if (!facts->classtype || !facts->category)
        return read_no_memory(r);
    if (class && !r->has_priority)
        facts->priority = class->priority;
    return READ_GOOD;
}

enum reading
read_priority(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    unsigned long number;
    (void)keyword;
    if (!word_number(value, 255, &number) || number < 1)
        return read_wrong(r, "a priority is a number from 1 to 255, not \"%.*s\"", SHOWN(value));
    r->rule.facts.priority = (unsigned)number;
    r->has_priority = true;
    return READ_GOOD;
}

static enum reading
add_pair(struct rule_reader *r, struct rule_pair *pairs, size_t *len, struct bytes name,
    struct bytes value)
{
    if (*len == MOST_PAIRS)
        return READ_GOOD; /* the first ones are told */
    struct rule_pair *pair = &pairs[*len];
    pair->name = reader_string(r, name);
    pair->value = reader_string(r, value);
    if (!pair->name || !pair->value)
        return read_no_memory(r);
    ++*len;
    return READ_GOOD;
}

/* "kind,what". */
enum reading
read_reference(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    struct bytes kind;
    struct text text = {0};
    (void)keyword;
    bool good = unescaped(r, value, &text);
    struct bytes rest = text_bytes(&text);
    enum reading reading = READ_WRONG;
    if (good && word_next(&rest, ',', &kind) && bytes_trim(rest).len)
        reading = add_pair(r, r->references, &r->references_len, kind, bytes_trim(rest));
    else if (good)
        read_wrong(r, "a reference is written \"kind,what\", not \"%.*s\"", SHOWN(value));
    text_free(&text);
    return reading;
}

/* The Emerging Threats' word for how bad it is. */
static void
take_severity(struct rule_reader *r, struct bytes name, struct bytes value)
{
    static const struct {
        const char *word;
        enum severity severity;
    } words[] = {
        {"informational", SEVERITY_LOW},
        {"minor", SEVERITY_MEDIUM},
        {"major", SEVERITY_HIGH},
        {"critical", SEVERITY_CRITICAL},
    };
    if (!bytes_equal_nocase(name, bytes_from_string("signature_severity")))
        return;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (bytes_equal_nocase(value, bytes_from_string(words[i].word))) {
            r->rule.severity = words[i].severity;
            r->has_severity = true;
        }
}

/* "key value, key value". */
enum reading
read_metadata(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    struct bytes pair;
    enum reading reading = READ_GOOD;
    (void)keyword;
    while (reading == READ_GOOD && word_next(&value, ',', &pair)) {
        struct bytes name = word_take(&pair);
        if (!name.len)
            continue;
        take_severity(r, name, pair);
        reading = add_pair(r, r->metadata, &r->metadata_len, name, pair);
    }
    return reading;
}

enum reading
read_target(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    static const char *const targets[] = {"src_ip", "dest_ip"};
    (void)keyword;
    for (size_t i = 0; i < 2; i++)
        if (bytes_equal_string(value, targets[i])) {
            r->rule.facts.target = targets[i];
            return READ_GOOD;
        }
    return read_wrong(r, "a target is src_ip or dest_ip, not \"%.*s\"", SHOWN(value));
}
