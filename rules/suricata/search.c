/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/suricata/search.h"

enum { MOST_STEPS = 3000 }; /* as Suricata's detect.inspection-recursion-limit */

struct search {
    const struct look *look;
    struct bytes value;
    struct regex_matcher *matcher;
    unsigned steps;
};

/* From test `i` on; `after` is where the last match ended. */
static bool tests_hold(struct search *s, size_t i, size_t after);

static uint8_t
lower(uint8_t c)
{
    return (uint8_t)(c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c);
}

static bool
stands_at(const struct content *content, struct bytes value, size_t at)
{
    struct bytes here = bytes_first(bytes_skip(value, at), content->text.len);
    return content->nocase ? bytes_equal_nocase(here, content->text)
                           : bytes_equal(here, content->text);
}

/* Where the content first stands from `from` on, ending at `to` at the latest; SIZE_MAX: nowhere.
 */
static size_t
find(const struct content *content, struct bytes value, size_t from, size_t to)
{
    size_t len = content->text.len;
    struct bytes within = bytes_first(value, to);
    if (from > to || len > to - from)
        return SIZE_MAX;
    if (!content->nocase) {
        size_t at = bytes_find(bytes_skip(within, from), content->text);
        return at == SIZE_MAX ? SIZE_MAX : from + at;
    }
    uint8_t first = bytes_at(content->text, 0);
    for (size_t at = from; at + len <= to; at++)
        if (lower(bytes_at(within, at)) == first && stands_at(content, within, at))
            return at;
    return SIZE_MAX;
}

static size_t
place(int64_t at, size_t most)
{
    return at < 0 ? 0 : (uint64_t)at > most ? most : (size_t)at;
}

/* The part of the value in which a content may stand. */
static void
bounds(const struct content *c, size_t len, size_t after, size_t *from, size_t *to)
{
    int64_t low = c->offset;
    int64_t high = c->has_depth ? (int64_t)c->offset + c->depth : (int64_t)len;
    if (c->has_distance || c->has_within) {
        int64_t relative = (int64_t)after + c->distance;
        if (relative > low)
            low = relative;
        if (c->has_within && relative + c->within < high)
            high = relative + c->within;
    }
    *from = place(low, len + 1);
    *to = place(high, len);
}

static bool
is_relative(const struct rule_test *test)
{
    if (test->kind == TEST_CONTENT)
        return test->of.content.has_distance || test->of.content.has_within;
    return (test->kind == TEST_REGEX && test->of.regex.relative) ||
           (test->kind == TEST_DATA_AT && test->of.data_at.relative);
}

/* Does anything behind test `i` depend on where its match ends? */
static bool
is_leant_on(const struct search *s, size_t i)
{
    return i + 1 < s->look->len && is_relative(&s->look->tests[i + 1]);
}

static bool
content_holds(struct search *s, size_t i, size_t after)
{
    const struct content *content = &s->look->tests[i].of.content;
    size_t len = content->text.len;
    size_t from;
    size_t to;
    bounds(content, s->value.len, after, &from, &to);
    if (content->at_end) {
        size_t at = s->value.len - len;
        bool ends = len <= s->value.len && at >= from && to == s->value.len &&
                    stands_at(content, s->value, at);
        if (content->negated)
            return !ends && tests_hold(s, i + 1, after);
        return ends && tests_hold(s, i + 1, s->value.len);
    }
    size_t at = find(content, s->value, from, to);
    if (content->negated)
        return at == SIZE_MAX && tests_hold(s, i + 1, after);
    for (; at != SIZE_MAX; at = find(content, s->value, at + 1, to)) {
        if (tests_hold(s, i + 1, at + len))
            return true;
        if (!is_leant_on(s, i) || ++s->steps > MOST_STEPS)
            return false;
    }
    return false;
}

static bool
regex_holds(struct search *s, size_t i, size_t after)
{
    const struct regex *regex = &s->look->tests[i].of.regex;
    size_t start = regex->relative ? place((int64_t)after, s->value.len) : 0;
    struct bytes value = bytes_skip(s->value, start);
    size_t begin = 0;
    size_t end = 0;
    bool found = regex_find(s->matcher, regex, value, 0, &begin, &end);
    if (regex->negated)
        return !found && tests_hold(s, i + 1, after);
    while (found) {
        if (tests_hold(s, i + 1, start + end))
            return true;
        if (!is_leant_on(s, i) || ++s->steps > MOST_STEPS || begin >= value.len)
            return false;
        found = regex_find(s->matcher, regex, value, begin + 1, &begin, &end);
    }
    return false;
}

static bool
data_at_holds(const struct data_at *test, size_t len, size_t after)
{
    bool there = test->relative ? (int64_t)after + test->offset <= (int64_t)len
                                : test->offset < (int64_t)len;
    return there != test->negated;
}

bool
number_holds(const struct number_test *test, int64_t number)
{
    switch (test->how) {
    case COMPARE_EQUAL:
        return number == test->a;
    case COMPARE_NOT:
        return number != test->a;
    case COMPARE_LESS:
        return number < test->a;
    case COMPARE_MORE:
        return number > test->a;
    case COMPARE_BETWEEN:
        return number > test->a && number < test->b;
    }
    return false;
}

static bool
dataset_holds(const struct dataset_test *test, bool reputation, struct bytes value)
{
    uint32_t score = 0;
    bool found = dataset_has(test->set, value, &score);
    if (reputation)
        return found && number_holds(&test->score, score);
    return found != test->negated;
}

static bool
tests_hold(struct search *s, size_t i, size_t after)
{
    if (i == s->look->len)
        return true;
    const struct rule_test *test = &s->look->tests[i];
    switch (test->kind) {
    case TEST_CONTENT:
        return content_holds(s, i, after);
    case TEST_REGEX:
        return regex_holds(s, i, after);
    case TEST_SIZE:
        return number_holds(&test->of.size, (int64_t)s->value.len) && tests_hold(s, i + 1, after);
    case TEST_DATA_AT:
        return data_at_holds(&test->of.data_at, s->value.len, after) && tests_hold(s, i + 1, after);
    case TEST_DATASET:
    case TEST_DATAREP:
        return dataset_holds(&test->of.dataset, test->kind == TEST_DATAREP, s->value) &&
               tests_hold(s, i + 1, after);
    case TEST_ABSENT:
        return test->of.or_else && tests_hold(s, i + 1, after);
    }
    return false;
}

bool
look_holds(const struct look *look, struct bytes value, struct regex_matcher *matcher)
{
    struct search search = {.look = look, .value = value, .matcher = matcher};
    return tests_hold(&search, 0, 0);
}
