/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/sets/pattern_set.h"

#include "base/text.h"
#include "rules/sets/glob_index.h"
#include "rules/spelling.h"

#include <hs/hs.h>
#include <stdlib.h>

enum {
    MOST_REGEX = 1000, /* bytes of one */
    LEAST_WIDTH = 2,   /* bytes that a match has at least */
};
static const unsigned flags = HS_FLAG_CASELESS | HS_FLAG_DOTALL | HS_FLAG_SINGLEMATCH;

struct pattern_set {
    hs_database_t
        *database; /* of regular expressions and the shortest globs; NULL: there are none */
    struct glob_index *index; /* of the other globs; NULL: there are none */
    struct bytes *globs;      /* by number; empty where it is in the database */
    char *content;            /* of all globs */
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

static bool
is_indexed(const struct text_pattern *pattern)
{
    return !pattern->regex && glob_index_takes(pattern->text);
}

/* The globs that can be found by what stands in them. */
static void
index_globs(struct pattern_set *set, const struct text_pattern *patterns)
{
    size_t size = 0;
    for (size_t i = 0; i < set->len; i++)
        size += is_indexed(&patterns[i]) ? patterns[i].text.len : 0;
    if (!size)
        return;
    set->index = glob_index_new();
    set->globs = calloc(set->len, sizeof *set->globs);
    set->content = calloc(size, 1);
    if (!set->globs || !set->content)
        abort();
    size = 0;
    for (size_t i = 0; i < set->len; i++) {
        if (!is_indexed(&patterns[i]))
            continue;
        memcpy(set->content + size, patterns[i].text.at, patterns[i].text.len);
        set->globs[i] = bytes_of(set->content + size, patterns[i].text.len);
        size += patterns[i].text.len;
        glob_index_announce(set->index, set->globs[i]);
    }
    for (size_t i = 0; i < set->len; i++)
        if (set->globs[i].len)
            glob_index_add(set->index, set->globs[i], (uint32_t)i);
    glob_index_finish(set->index);
}

/* All that are not found in another way, under their numbers. */
static hs_error_t
compile(const struct text_pattern *patterns, struct pattern_set *set, hs_compile_error_t **error,
    size_t *wrong)
{
    struct text all = {0};
    const char **expressions = calloc(set->len, sizeof *expressions);
    size_t *starts = calloc(set->len, sizeof *starts);
    unsigned *numbers = calloc(set->len, sizeof *numbers);
    unsigned *each = calloc(set->len, sizeof *each);
    hs_error_t status = HS_SUCCESS;
    unsigned len = 0;
    if (!expressions || !starts || !numbers || !each)
        abort();
    for (size_t i = 0; i < set->len; i++) {
        if (is_indexed(&patterns[i]))
            continue;
        starts[len] = all.len;
        add_expression(&patterns[i], &all);
        text_add_char(&all, '\0');
        numbers[len] = (unsigned)i;
        each[len++] = flags;
    }
    for (size_t i = 0; i < len; i++)
        expressions[i] = text_string(&all) + starts[i];
    if (len)
        status = hs_compile_multi(
            expressions, each, numbers, len, HS_MODE_BLOCK, NULL, &set->database, error);
    if (status != HS_SUCCESS && *error && (*error)->expression >= 0)
        *wrong = numbers[(*error)->expression];
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
    index_globs(set, patterns);
    if (compile(patterns, set, &error, wrong) != HS_SUCCESS) {
        tell(error, complaint);
        pattern_set_free(set);
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
    if (!set)
        return;
    hs_free_database(set->database);
    glob_index_free(set->index);
    free(set->globs);
    free(set->content);
    free(set);
}

struct pattern_scratch {
    hs_scratch_t *scratch;
    unsigned *matches; /* numbers of what matched and is being told */
    size_t len, room;
    uint32_t *tried; /* of each glob: the last scan in which it was */
    size_t tried_len;
    uint32_t scan;
};

void
pattern_scratch_free(struct pattern_scratch *scratch)
{
    if (!scratch)
        return;
    hs_free_scratch(scratch->scratch);
    free(scratch->matches);
    free(scratch->tried);
    free(scratch);
}

static int
compare_numbers(const void *left, const void *right)
{
    unsigned a = *(const unsigned *)left;
    unsigned b = *(const unsigned *)right;
    return (a > b) - (a < b);
}

static void
add_match(struct pattern_scratch *scratch, unsigned number)
{
    if (scratch->len == scratch->room) {
        scratch->room = scratch->room ? 2 * scratch->room : 16;
        scratch->matches = reallocarray(scratch->matches, scratch->room, sizeof *scratch->matches);
        if (!scratch->matches)
            abort();
    }
    scratch->matches[scratch->len++] = number;
}

static int
on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned how, void *owner)
{
    (void)from;
    (void)to;
    (void)how;
    add_match(owner, id);
    return 0;
}

/* The scratch grows to what this set needs; one that is fit is left as it is. */
static void
prepare(const struct pattern_set *set, struct pattern_scratch *scratch)
{
    if (hs_alloc_scratch(set->database, &scratch->scratch) != HS_SUCCESS)
        abort();
}

static void
scan_database(const struct pattern_set *set, struct pattern_scratch *scratch, struct bytes text)
{
    const char *at = (const char *)text.at;
    unsigned len = (unsigned)text.len;
    if (!scratch->scratch)
        prepare(set, scratch);
    hs_error_t status = hs_scan(set->database, at, len, 0, scratch->scratch, on_match, scratch);
    if (status == HS_INVALID) { /* it was made for another set */
        prepare(set, scratch);
        status = hs_scan(set->database, at, len, 0, scratch->scratch, on_match, scratch);
    }
    if (status != HS_SUCCESS)
        abort();
}

struct glob_scan {
    const struct pattern_set *set;
    struct pattern_scratch *scratch;
    struct bytes text;
};

/* Each is tried once, however often its bytes stand in the text. */
static void
try_glob(void *owner, uint32_t number)
{
    const struct glob_scan *s = owner;
    if (s->scratch->tried[number] == s->scratch->scan)
        return;
    s->scratch->tried[number] = s->scratch->scan;
    if (glob_matches(s->set->globs[number], s->text))
        add_match(s->scratch, number);
}

static void
scan_globs(const struct pattern_set *set, struct pattern_scratch *scratch, struct bytes text)
{
    if (scratch->tried_len < set->len || ++scratch->scan == 0) {
        free(scratch->tried);
        scratch->tried = calloc(set->len, sizeof *scratch->tried);
        if (!scratch->tried)
            abort();
        scratch->tried_len = set->len;
        scratch->scan = 1;
    }
    struct glob_scan scan = {set, scratch, text};
    glob_index_find(set->index, text, &scan, try_glob);
}

/* They are told in the order in which they stand in the list, not in which they end in the text.
 * Who is told may scan another text meanwhile: its matches stand behind these. */
void
pattern_set_scan(const struct pattern_set *set, struct pattern_scratch **scratch, struct bytes text,
    void *owner, void (*take)(void *, size_t))
{
    if (text.len == 0 || text.len > UINT32_MAX)
        return;
    if (!*scratch && !(*scratch = calloc(1, sizeof **scratch)))
        abort();
    struct pattern_scratch *found = *scratch;
    size_t first = found->len;
    if (set->index)
        scan_globs(set, found, text);
    if (set->database)
        scan_database(set, found, text);
    size_t end = found->len;
    if (end - first > 1)
        qsort(found->matches + first, end - first, sizeof *found->matches, compare_numbers);
    for (size_t i = first; i < end; i++)
        take(owner, found->matches[i]);
    found->len = first;
}
