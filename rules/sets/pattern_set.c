/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/sets/pattern_set.h"

#include "base/text.h"

#include <hs/hs.h>
#include <stdlib.h>

enum {
    MOST_REGEX = 1000, /* bytes of one */
    LEAST_WIDTH = 2,   /* bytes that a match has at least */
    AT_ONCE = 32,      /* matches that are put in order before they are told */
};
static const unsigned flags = HS_FLAG_CASELESS | HS_FLAG_DOTALL | HS_FLAG_SINGLEMATCH;

struct pattern_set {
    hs_database_t *database;
    size_t len;
};

static bool
tell(hs_compile_error_t *error, struct fault *complaint)
{
    fault_set(complaint, "is no regular expression that can be used here: %s",
        error ? error->message : "not enough memory");
    hs_free_compile_error(error);
    return false;
}

/* Vectorscan reads C strings. */
static bool
is_string(struct bytes regex, struct fault *complaint)
{
    if (regex.len > MOST_REGEX)
        return fault_set(complaint, "a regular expression of more than %d bytes", MOST_REGEX);
    return bytes_find_byte(regex, '\0') == regex.len ||
           fault_set(complaint, "a regular expression with a NUL in it");
}

bool
regex_is_sensible(struct bytes regex, struct fault *complaint)
{
    struct text string = {0};
    hs_expr_info_t *info = NULL;
    hs_compile_error_t *error = NULL;
    if (!is_string(regex, complaint))
        return false;
    text_add(&string, regex);
    hs_error_t status = hs_expression_info(text_string(&string), flags, &info, &error);
    text_free(&string);
    if (status != HS_SUCCESS)
        return tell(error, complaint);
    unsigned width = info->min_width;
    free(info);
    return width >= LEAST_WIDTH ||
           fault_set(complaint, "a regular expression like this would match nearly everything");
}

/* A glob is about the whole text. */
static void
add_expression(const struct text_pattern *pattern, struct text *out)
{
    if (pattern->regex) {
        text_add(out, pattern->text);
        return;
    }
    struct reader r = reader_over(pattern->text);
    text_add_string(out, "\\A");
    while (reader_more(&r)) {
        uint8_t c = read_u8(&r);
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (c == '*')
            text_add_string(out, ".*");
        else if (c == '?')
            text_add_char(out, '.');
        else if (word)
            text_add_char(out, (char)c);
        else
            text_add_format(out, "\\x%02x", c);
    }
    text_add_string(out, "\\z");
}

/* Texts that have nothing in common but what all texts of their kind have. What looks like each of
 * a kind looks like nearly everything. */
static const char *const probes[][3] = {
    {"cn=qxj7.kvz,ou=bs,o=wbhf mpg,c=yt", "cn=dlsu 42,ou=ek,o=19 rgn,l=ik,c=zw",
        "cn=*.rrk.tv,ou=u,o=ypv,c=jm"},
    {"qxj7.kvz", "www.dlsu-42.ek", "a.b.rrk0.tv"},
};
enum { KINDS = 2, PROBES = 3 };

struct probing {
    uint8_t *hits; /* of each pattern, a bit for each probe */
    uint8_t bit;
};

static void
take_probe(void *owner, size_t number)
{
    const struct probing *probing = owner;
    probing->hits[number] |= probing->bit;
}

/* The number of the first regular expression that matches nearly everything, or `len`. */
static size_t
find_wide(const struct pattern_set *set, const struct text_pattern *patterns)
{
    struct pattern_scratch *scratch = NULL;
    size_t wide = set->len;
    for (int kind = 0; kind < KINDS; kind++) {
        struct probing probing = {.hits = calloc(set->len, 1)};
        if (!probing.hits)
            abort();
        for (int i = 0; i < PROBES; i++) {
            probing.bit = (uint8_t)(1U << i);
            pattern_set_scan(
                set, &scratch, bytes_from_string(probes[kind][i]), &probing, take_probe);
        }
        for (size_t i = 0; i < wide; i++)
            if (patterns[i].regex && probing.hits[i] == (1U << PROBES) - 1)
                wide = i;
        free(probing.hits);
    }
    pattern_scratch_free(scratch);
    return wide;
}

static hs_error_t
compile(const struct text_pattern *patterns, size_t len, hs_database_t **database,
    hs_compile_error_t **error)
{
    struct text all = {0};
    const char **expressions = calloc(len, sizeof *expressions);
    size_t *starts = calloc(len, sizeof *starts);
    unsigned *numbers = calloc(len, sizeof *numbers);
    unsigned *each = calloc(len, sizeof *each);
    if (!expressions || !starts || !numbers || !each)
        abort();
    for (size_t i = 0; i < len; i++) {
        starts[i] = all.len;
        add_expression(&patterns[i], &all);
        text_add_char(&all, '\0');
        numbers[i] = (unsigned)i;
        each[i] = flags;
    }
    for (size_t i = 0; i < len; i++)
        expressions[i] = text_string(&all) + starts[i];
    hs_error_t status = hs_compile_multi(
        expressions, each, numbers, (unsigned)len, HS_MODE_BLOCK, NULL, database, error);
    free(expressions);
    free(starts);
    free(numbers);
    free(each);
    text_free(&all);
    return status;
}

struct pattern_set *
pattern_set_new(
    const struct text_pattern *patterns, size_t len, size_t *wrong, struct fault *complaint)
{
    hs_compile_error_t *error = NULL;
    *wrong = len;
    if (hs_valid_platform() != HS_SUCCESS) {
        fault_set(complaint, "patterns need a processor with SSSE3");
        return NULL;
    }
    struct pattern_set *set = calloc(1, sizeof *set);
    if (!set)
        abort();
    set->len = len;
    if (compile(patterns, len, &set->database, &error) != HS_SUCCESS) {
        *wrong = error && error->expression >= 0 ? (size_t)error->expression : len;
        tell(error, complaint);
        free(set);
        return NULL;
    }
    *wrong = find_wide(set, patterns);
    if (*wrong == len)
        return set;
    fault_set(complaint, "a regular expression like this would match nearly everything");
    pattern_set_free(set);
    return NULL;
}

void
pattern_set_free(struct pattern_set *set)
{
    if (set)
        hs_free_database(set->database);
    free(set);
}

/* Vectorscan's own, under our name. */
static hs_scratch_t *
scratch_of(struct pattern_scratch *scratch)
{
    return (hs_scratch_t *)scratch;
}

void
pattern_scratch_free(struct pattern_scratch *scratch)
{
    hs_free_scratch(scratch_of(scratch));
}

struct matches {
    void *owner;
    void (*take)(void *owner, size_t number);
    unsigned numbers[AT_ONCE];
    size_t len;
};

static int
compare_numbers(const void *left, const void *right)
{
    unsigned a = *(const unsigned *)left;
    unsigned b = *(const unsigned *)right;
    return (a > b) - (a < b);
}

/* In the order in which they stand in the list, not in which they end in the text. */
static void
tell_matches(struct matches *matches)
{
    if (matches->len > 1)
        qsort(matches->numbers, matches->len, sizeof *matches->numbers, compare_numbers);
    for (size_t i = 0; i < matches->len; i++)
        matches->take(matches->owner, matches->numbers[i]);
    matches->len = 0;
}

static int
on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned how, void *owner)
{
    struct matches *matches = owner;
    (void)from;
    (void)to;
    (void)how;
    if (matches->len == AT_ONCE)
        tell_matches(matches);
    matches->numbers[matches->len++] = id;
    return 0;
}

/* The scratch grows to what this set needs; one that is fit is left as it is. */
static void
prepare(const struct pattern_set *set, struct pattern_scratch **scratch)
{
    hs_scratch_t *grown = scratch_of(*scratch);
    if (hs_alloc_scratch(set->database, &grown) != HS_SUCCESS)
        abort();
    *scratch = (struct pattern_scratch *)grown;
}

void
pattern_set_scan(const struct pattern_set *set, struct pattern_scratch **scratch, struct bytes text,
    void *owner, void (*take)(void *, size_t))
{
    struct matches matches = {.owner = owner, .take = take};
    matches.len = 0;
    if (text.len == 0 || text.len > UINT32_MAX)
        return;
    if (!*scratch)
        prepare(set, scratch);
    const char *at = (const char *)text.at;
    hs_error_t status =
        hs_scan(set->database, at, (unsigned)text.len, 0, scratch_of(*scratch), on_match, &matches);
    if (status == HS_INVALID) { /* it was made for another set */
        prepare(set, scratch);
        status = hs_scan(
            set->database, at, (unsigned)text.len, 0, scratch_of(*scratch), on_match, &matches);
    }
    if (status != HS_SUCCESS)
        abort();
    tell_matches(&matches);
}
