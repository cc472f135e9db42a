/* SPDX-License-Identifier: Apache-2.0
 *
 * Keywords for what Suricata cannot say.
 */
#include "rules/suricata/reader.h"
#include "rules/suricata/words.h"

enum reading
read_role(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    (void)keyword;
    if (!bytes_equal_string(value, "client") && !bytes_equal_string(value, "server"))
        return read_wrong(r, "a role is client or server, not \"%.*s\"", SHOWN(value));
    r->has_role = true;
    r->of_tls = true;
    r->role = bytes_equal_string(value, "client") ? CLIENT : SERVER;
    return READ_GOOD;
}

enum reading
read_position(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    static const char *const positions[] = {
        [POSITION_ANY] = "any",
        [POSITION_LEAF] = "leaf",
        [POSITION_INTERMEDIATE] = "intermediate",
    };
    (void)keyword;
    for (size_t i = 0; i < sizeof positions / sizeof *positions; i++)
        if (bytes_equal_string(value, positions[i])) {
            r->has_position = true;
            r->rule.position = (enum position)i;
            return READ_GOOD;
        }
    return read_wrong(r, "a position is leaf, intermediate or any, not \"%.*s\"", SHOWN(value));
}

static bool
word_is_any(const struct demand *demand, const char *word)
{
    struct bytes text = bytes_from_string(word);
    for (size_t i = 0; i < demand->words.len; i++)
        if (bytes_equal_nocase(demand->words.at[i], text))
            return true;
    return false;
}

static bool
service_holds(const struct demand *demand, const struct attempt *attempt)
{
    return word_is_any(demand, attempt->session->service);
}

static bool
carrier_holds(const struct demand *demand, const struct attempt *attempt)
{
    return word_is_any(demand, attempt->session->carrier);
}

/* Any of several words. */
enum reading
read_words(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    struct bytes words[MOST_DEMANDS];
    struct bytes word;
    size_t len = 0;
    bool ok = true;
    struct demand *demand = reader_demand(r);
    if (!demand || !word_unquote(&value, &demand->negated, &r->complaint))
        return READ_WRONG;
    while (word_next(&value, ',', &word)) {
        if (!word.len || len == MOST_DEMANDS)
            return read_wrong(r, "%s wants up to %d words", keyword->name, MOST_DEMANDS);
        words[len++] = arena_copy(r->book->arena, word, &ok);
        if (!ok)
            return read_no_memory(r);
    }
    demand->holds = keyword->detail == WORDS_SERVICE ? service_holds : carrier_holds;
    demand->words = (struct texts){book_keep(r->book, words, len, sizeof *words), len};
    if (!demand->words.at)
        return read_no_memory(r);
    return len ? READ_GOOD : read_wrong(r, "%s wants a word", keyword->name);
}

static bool
visibility_holds(const struct demand *demand, const struct attempt *attempt)
{
    return demand->any >> attempt->session->chain[attempt->role].visibility & 1;
}

static bool
possession_holds(const struct demand *demand, const struct attempt *attempt)
{
    return demand->any >> attempt->session->possession[attempt->role] & 1;
}

static bool
outcome_holds(const struct demand *demand, const struct attempt *attempt)
{
    return demand->any >> attempt->session->outcome & 1;
}

static const char *
visibility_word(int i)
{
    return i < VISIBILITIES ? visibility_name((enum visibility)i) : NULL;
}

static const char *
possession_word(int i)
{
    return i <= POSSESSION_FAILED ? possession_name((enum possession)i) : NULL;
}

static const char *
outcome_word(int i)
{
    return i <= OUTCOME_REJECTED ? outcome_name((enum outcome)i) : NULL;
}

static const struct choice {
    const char *(*word)(int i); /* NULL behind the last */
    bool (*holds)(const struct demand *demand, const struct attempt *attempt);
} choices[] = {
    [CHOICE_VISIBILITY] = {visibility_word, visibility_holds},
    [CHOICE_POSSESSION] = {possession_word, possession_holds},
    [CHOICE_OUTCOME] = {outcome_word, outcome_holds},
};

/* Any of several values out of few. */
enum reading
read_choice(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    const struct choice *choice = &choices[keyword->detail];
    struct demand *demand = reader_demand(r);
    struct bytes word;
    if (!demand || !word_unquote(&value, &demand->negated, &r->complaint))
        return READ_WRONG;
    demand->holds = choice->holds;
    while (word_next(&value, ',', &word)) {
        int i = 0;
        while (choice->word(i) && !bytes_equal_string(word, choice->word(i)))
            i++;
        if (!choice->word(i))
            return read_wrong(r, "\"%.*s\" is nothing for %s", SHOWN(word), keyword->name);
        demand->any |= 1U << i;
    }
    return demand->any ? READ_GOOD : read_wrong(r, "%s wants a value", keyword->name);
}

static bool
resumed_holds(const struct demand *demand, const struct attempt *attempt)
{
    (void)demand;
    return attempt->session->resumed;
}

enum reading
read_resumed(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    struct demand *demand = reader_demand(r);
    if (!demand)
        return READ_WRONG;
    demand->holds = resumed_holds;
    demand->negated = bytes_equal_string(value, "no");
    if (value.len && !demand->negated && !bytes_equal_string(value, "yes"))
        return read_wrong(r, "%s is yes or no, not \"%.*s\"", keyword->name, SHOWN(value));
    return READ_GOOD;
}
