/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/suricata/reader.h"

#include "rules/suricata/words.h"

#include <stdarg.h>
#include <stdio.h>

enum { MESSAGE = 400 };

enum reading
read_wrong(struct rule_reader *r, const char *format, ...)
{
    char text[MESSAGE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fault_set(&r->complaint, "%s", text);
    return READ_WRONG;
}

enum reading
read_skip(struct rule_reader *r, const char *format, ...)
{
    char text[MESSAGE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    text_clear(&r->reason);
    text_add_string(&r->reason, text);
    return READ_SKIP;
}

enum reading
read_no_memory(struct rule_reader *r)
{
    return read_wrong(r, "not enough memory");
}

const char *
reader_string(struct rule_reader *r, struct bytes text)
{
    return store_string(r->rules, text);
}

/* Forgets the rule before. What it put into the arena stays there. */
static void
begin(struct rule_reader *r)
{
    r->complaint = (struct fault){0};
    text_clear(&r->reason);
    r->rule = (struct rule){
        .list = r->list,
        .facts =
            {.gid = 1, .msg = "", .classtype = "", .category = "", .priority = 3, .target = ""},
        .position = POSITION_LEAF,
    };
    r->looks_len = r->tests_len = r->demands_len = r->bits_len = 0;
    r->metadata_len = r->references_len = 0;
    r->flow = 0;
    r->has_sid = r->has_priority = r->has_severity = r->has_role = r->has_position = false;
    r->client_only = r->server_only = r->server_certificate = r->of_tls = false;
}

/* An action that would interfere with traffic only alerts: certtap just watches. */
static enum reading
read_action(struct rule_reader *r, struct bytes word)
{
    static const struct {
        const char *word;
        enum rule_action action;
        bool drops;
    } actions[] = {
        {"alert", RULE_ALERT, false},
        {"pass", RULE_PASS, false},
        {"drop", RULE_ALERT, true},
        {"reject", RULE_ALERT, true},
        {"rejectsrc", RULE_ALERT, true},
        {"rejectdst", RULE_ALERT, true},
        {"rejectboth", RULE_ALERT, true},
    };
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (bytes_equal_string(word, actions[i].word)) {
            r->rule.action = actions[i].action;
            r->dropping += actions[i].drops;
            return READ_GOOD;
        }
    if (bytes_equal_string(word, "config"))
        return read_skip(r, "action config");
    return read_wrong(r, "\"%.*s\" is no action of a rule", SHOWN(word));
}

static enum reading
read_protocol(struct rule_reader *r, struct bytes word)
{
    static const struct {
        const char *word;
        enum rule_protocol protocol;
    } protocols[] = {
        {"tls", PROTOCOL_TLS},
        {"ssl", PROTOCOL_TLS},
        {"tcp", PROTOCOL_TCP},
        {"tcp-pkt", PROTOCOL_TCP},
        {"tcp-stream", PROTOCOL_TCP},
        {"udp", PROTOCOL_UDP},
        {"quic", PROTOCOL_QUIC},
        {"ip", PROTOCOL_ANY},
        {"any", PROTOCOL_ANY},
    };
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++)
        if (bytes_equal_string(word, protocols[i].word)) {
            r->rule.head.protocol = protocols[i].protocol;
            r->of_tls =
                protocols[i].protocol == PROTOCOL_TLS || protocols[i].protocol == PROTOCOL_QUIC;
            return READ_GOOD;
        }
    return read_skip(r, "protocol %.*s", SHOWN(word));
}

static bool
read_group_word(
    struct rule_reader *r, enum group_kind kind, struct bytes word, const struct group **group)
{
    *group = group_read(&r->book->groups, kind, word, r->variables, &r->complaint);
    return *group != NULL;
}

static enum reading
read_ends(struct rule_reader *r, const struct bytes head[HEAD_WORDS])
{
    struct rule_head *into = &r->rule.head;
    if (bytes_equal_string(head[4], "=>"))
        return read_skip(r, "arrow =>");
    into->both_ways = bytes_equal_string(head[4], "<>");
    bool good = read_group_word(r, GROUP_OF_ADDRESSES, head[2], &into->source) &&
                read_group_word(r, GROUP_OF_PORTS, head[3], &into->source_port) &&
                read_group_word(r, GROUP_OF_ADDRESSES, head[5], &into->destination) &&
                read_group_word(r, GROUP_OF_PORTS, head[6], &into->destination_port);
    return good ? READ_GOOD : READ_WRONG;
}

static bool
is_word(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = bytes_at(name, i);
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-')
            return false;
    }
    return name.len > 0;
}

/* Are all keywords known? Before anything is read, for a rule that is skipped may say anything. */
static enum reading
check_keywords(struct rule_reader *r, struct bytes options, const uint8_t **at)
{
    struct rule_option option;
    struct keyword keyword;
    enum reading reading = READ_GOOD;
    while (rule_option_next(&options, &option, &r->complaint)) {
        unsigned long sid;
        if (bytes_equal_string(option.name, "sid") && word_number(option.value, UINT32_MAX, &sid))
            r->rule.facts.sid = (uint32_t)sid;
        if (reading == READ_GOOD && !keyword_named(option.name, &keyword)) {
            *at = option.name.at;
            if (!is_word(option.name))
                return read_wrong(r,
                    "\"%.*s\" is no keyword (a semicolon in a text is written \"\\;\")",
                    SHOWN(option.name));
            reading = read_skip(r, "keyword %.*s", SHOWN(option.name));
        }
        if (options.len)
            *at = reading == READ_GOOD ? options.at : *at;
    }
    return r->complaint.text[0] ? READ_WRONG : reading;
}

static enum reading
read_option(struct rule_reader *r, const struct rule_option *option)
{
    struct keyword keyword;
    if (!keyword_named(option->name, &keyword))
        return read_wrong(r, "unknown keyword");
    if (keyword.value == VALUE_NEEDED && !option->value.len)
        return read_wrong(r, "%.*s wants a value", SHOWN(option->name));
    if (keyword.value == VALUE_NONE && option->value.len)
        return read_wrong(r, "%.*s takes no value", SHOWN(option->name));
    return keyword.read(r, &keyword, option->value);
}

/* A rule of another protocol, or with a keyword that is unknown, is skipped before what it says is
 * looked at. */
enum reading
rule_read(struct rule_reader *r, struct bytes text, const uint8_t **at)
{
    struct rule_parts parts;
    struct rule_option option;
    begin(r);
    bool split = rule_split(text, &parts, &r->complaint);
    *at = parts.at;
    if (!split)
        return READ_WRONG;
    enum reading reading = check_keywords(r, parts.options, at);
    if (reading == READ_WRONG)
        return reading;
    enum reading action = read_action(r, parts.head[0]);
    enum reading protocol = read_protocol(r, parts.head[1]);
    if (action != READ_GOOD || protocol != READ_GOOD)
        return action != READ_GOOD ? action : protocol;
    if (reading != READ_GOOD)
        return reading;
    *at = text.at;
    reading = read_ends(r, parts.head);
    while (reading == READ_GOOD && rule_option_next(&parts.options, &option, &r->complaint)) {
        *at = option.name.at;
        reading = read_option(r, &option);
    }
    return reading == READ_GOOD ? rule_complete(r) : reading;
}
