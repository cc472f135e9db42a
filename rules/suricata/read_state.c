/* SPDX-License-Identifier: Apache-2.0
 *
 * Keywords about the connection as a whole, and about when a rule that holds alerts.
 */
#include "rules/suricata/reader.h"
#include "rules/suricata/words.h"

/* What a rule that asks for a version of Suricata is told. */
enum { AS_SURICATA = 80000 };

static enum reading
take_flow_word(struct rule_reader *r, struct bytes word)
{
    static const struct {
        const char *word;
        unsigned direction; /* 0: says nothing of TLS */
    } words[] = {
        {"to_server", TO_SERVER},
        {"from_client", TO_SERVER},
        {"toserver", TO_SERVER},
        {"fromclient", TO_SERVER},
        {"to_client", TO_CLIENT},
        {"from_server", TO_CLIENT},
        {"toclient", TO_CLIENT},
        {"fromserver", TO_CLIENT},
        {"established", 0},
        {"stateless", 0},
        {"only_stream", 0},
        {"no_stream", 0},
        {"no_frag", 0},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!bytes_equal_nocase(word, bytes_from_string(words[i].word)))
            continue;
        if (words[i].direction && r->flow && r->flow != words[i].direction)
            return read_wrong(r, "a flow is to_server or to_client, not both");
        r->flow |= words[i].direction;
        return READ_GOOD;
    }
    if (bytes_equal_nocase(word, bytes_from_string("not_established")) ||
        bytes_equal_nocase(word, bytes_from_string("only_frag")))
        return read_skip(r, "flow:%.*s, which no TLS session is", SHOWN(word));
    return read_wrong(r, "\"%.*s\" is nothing that a flow can be", SHOWN(word));
}

enum reading
read_flow(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    struct bytes word;
    enum reading reading = READ_GOOD;
    (void)keyword;
    while (reading == READ_GOOD && word_next(&value, ',', &word))
        reading = take_flow_word(r, word);
    return reading;
}

enum reading
read_app_protocol(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    (void)keyword;
    if (!bytes_equal_string(value, "tls") && !bytes_equal_string(value, "ssl"))
        return read_skip(r, "app-layer-protocol:%.*s", SHOWN(value));
    r->of_tls = true;
    return READ_GOOD;
}

enum reading
read_noalert(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    (void)keyword;
    (void)value;
    r->rule.noalert = true;
    return READ_GOOD;
}

static const struct {
    const char *word;
    enum bit_change change;
} bit_changes[] = {
    {"set", BIT_SET},
    {"unset", BIT_UNSET},
    {"toggle", BIT_TOGGLE},
    {"isset", BIT_IS_SET},
    {"isnotset", BIT_IS_NOT_SET},
};

static enum reading
add_bit_step(struct rule_reader *r, enum bit_change change, struct bytes names)
{
    uint32_t bits[MOST_BIT_STEPS];
    size_t len = 0;
    struct bytes name;
    while (word_next(&names, '|', &name)) {
        size_t bit = name.len ? book_bit(r->book, name) : 0;
        if (!name.len || len == MOST_BIT_STEPS)
            return read_wrong(r, "flowbits wants the names of up to %d bits", MOST_BIT_STEPS);
        if (bit == SIZE_MAX)
            return read_no_memory(r);
        bits[len++] = (uint32_t)bit;
    }
    if (!len || (len > 1 && change != BIT_IS_SET && change != BIT_IS_NOT_SET))
        return read_wrong(r, "this flowbits wants the name of one bit");
    if (r->bits_len == MOST_BIT_STEPS)
        return read_wrong(r, "a rule has %d flowbits at most", MOST_BIT_STEPS);
    struct bit_step *step = &r->bits[r->bits_len++];
    *step = (struct bit_step){
        .change = change, .bits = book_keep(r->book, bits, len, sizeof *bits), .len = len};
    return step->bits ? READ_GOOD : read_no_memory(r);
}

enum reading
read_flowbits(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    struct bytes word = {0};
    (void)keyword;
    if (!word_unquote(&value, NULL, &r->complaint))
        return READ_WRONG;
    struct bytes whole = value;
    word_next(&value, ',', &word);
    if (bytes_equal_string(word, "noalert")) {
        r->rule.noalert = true;
        return READ_GOOD;
    }
    for (size_t i = 0; i < sizeof bit_changes / sizeof *bit_changes; i++)
        if (bytes_equal_string(word, bit_changes[i].word))
            return add_bit_step(r, bit_changes[i].change, value);
    return read_wrong(r, "\"%.*s\" is nothing that flowbits can do", SHOWN(whole));
}

static bool
track_named(struct bytes word, enum threshold_track *track)
{
    static const char *const names[] = {
        [TRACK_SOURCE] = "by_src",
        [TRACK_DESTINATION] = "by_dst",
        [TRACK_RULE] = "by_rule",
        [TRACK_BOTH] = "by_both",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (bytes_equal_string(word, names[i])) {
            *track = (enum threshold_track)i;
            return true;
        }
    return false;
}

static bool
threshold_kind_named(struct bytes word, enum threshold_kind *kind)
{
    static const char *const names[] = {
        [THRESHOLD_NONE] = "",
        [THRESHOLD_LIMIT] = "limit",
        [THRESHOLD_EVERY] = "threshold",
        [THRESHOLD_BOTH] = "both",
    };
    for (size_t i = 1; i < sizeof names / sizeof *names; i++)
        if (bytes_equal_string(word, names[i])) {
            *kind = (enum threshold_kind)i;
            return true;
        }
    return false;
}

/* One of "type limit", "track by_src", "count 1", "seconds 60". */
static enum reading
take_threshold_word(struct rule_reader *r, struct threshold *t, struct bytes word, unsigned *seen)
{
    struct bytes whole = word;
    struct bytes name = word_take(&word);
    unsigned long number = 0;
    if (bytes_equal_string(name, "type") && t->kind != THRESHOLD_AFTER) {
        *seen |= 1;
        if (bytes_equal_string(word, "backoff"))
            return read_skip(r, "threshold type backoff");
        if (threshold_kind_named(word, &t->kind))
            return READ_GOOD;
    } else if (bytes_equal_string(name, "track")) {
        *seen |= 2;
        if (bytes_equal_string(word, "by_flow"))
            return read_skip(r, "threshold track by_flow");
        if (track_named(word, &t->track))
            return READ_GOOD;
    } else if (bytes_equal_string(name, "count")) {
        *seen |= 4;
        if (word_number(word, UINT32_MAX, &number) && number) {
            t->count = (uint32_t)number;
            return READ_GOOD;
        }
    } else if (bytes_equal_string(name, "seconds")) {
        *seen |= 8;
        if (word_number(word, 366UL * 86400, &number) && number) {
            t->window_ns = (int64_t)number * 1000000000;
            return READ_GOOD;
        }
    }
    return read_wrong(r, "\"%.*s\" does not belong in a threshold", SHOWN(whole));
}

static enum reading
take_threshold(struct rule_reader *r, enum threshold_kind kind, unsigned wanted, struct bytes value)
{
    struct threshold threshold = {.kind = kind};
    struct bytes word;
    unsigned seen = kind == THRESHOLD_AFTER ? 1 : 0;
    if (r->rule.threshold.kind != THRESHOLD_NONE)
        return read_wrong(r, "a rule has one threshold or detection_filter");
    while (word_next(&value, ',', &word)) {
        enum reading reading = take_threshold_word(r, &threshold, word, &seen);
        if (reading != READ_GOOD)
            return reading;
    }
    if (seen != wanted)
        return read_wrong(r, "a threshold has type, track, count and seconds");
    r->rule.threshold = threshold;
    return READ_GOOD;
}

enum reading
read_threshold(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    (void)keyword;
    return take_threshold(r, THRESHOLD_NONE, 15, value);
}

enum reading
read_detection_filter(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    (void)keyword;
    return take_threshold(r, THRESHOLD_AFTER, 15, value);
}

/* "7.0.3": 70003. */
static bool
version_number(struct bytes text, unsigned long *version)
{
    struct bytes part;
    unsigned long number;
    *version = 0;
    for (int i = 0; i < 3; i++) {
        number = 0;
        if (word_next(&text, '.', &part) && !word_number(part, 99, &number))
            return false;
        *version = *version * 100 + number;
    }
    return !text.len;
}

static const char *const operators[] = {">=", "<=", ">", "<"};

static bool
version_holds(size_t which, unsigned long version)
{
    switch (which) {
    case 0:
        return AS_SURICATA >= version;
    case 1:
        return AS_SURICATA <= version;
    case 2:
        return AS_SURICATA > version;
    default:
        return AS_SURICATA < version;
    }
}

/* ">= 7.0.3 < 8": all of it must hold. */
static enum reading
versions_hold(struct rule_reader *r, struct bytes text, bool *hold)
{
    *hold = true;
    while ((text = bytes_trim(text)).len) {
        size_t which = 0;
        unsigned long version;
        while (which < 4 && !bytes_start_with(text, bytes_from_string(operators[which])))
            which++;
        if (which == 4)
            return read_wrong(r, "\"%.*s\" is no version with <, <=, > or >=", SHOWN(text));
        text = bytes_skip(text, strlen(operators[which]));
        struct bytes word = word_take(&text);
        if (!version_number(word, &version))
            return read_wrong(r, "\"%.*s\" is no version", SHOWN(word));
        *hold &= version_holds(which, version);
    }
    return READ_GOOD;
}

static enum reading
require(struct rule_reader *r, struct bytes text)
{
    struct bytes whole = text;
    struct bytes word = word_take(&text);
    struct keyword keyword;
    if (bytes_equal_string(word, "keyword"))
        return keyword_named(text, &keyword) ? READ_GOOD
                                             : read_skip(r, "requires %.*s", SHOWN(whole));
    if (bytes_equal_string(word, "version")) {
        bool any = false;
        struct bytes part;
        while (word_next(&text, '|', &part)) {
            bool hold;
            enum reading reading = versions_hold(r, part, &hold);
            if (reading != READ_GOOD)
                return reading;
            any |= hold;
        }
        return any ? READ_GOOD : read_skip(r, "requires %.*s", SHOWN(whole));
    }
    return read_skip(r, "requires %.*s", SHOWN(whole));
}

enum reading
read_requires(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    struct bytes word;
    enum reading reading = READ_GOOD;
    (void)keyword;
    while (reading == READ_GOOD && word_next(&value, ',', &word))
        reading = require(r, word);
    return reading;
}
