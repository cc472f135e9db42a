/* SPDX-License-Identifier: Apache-2.0
 *
 * What a question costs: looks up digests that are not in a list, and such that are. They stand in
 * an array in an order that no cache can guess, made before the clock runs, and are asked for in
 * two ways: as sessions do it, which announce the digests of the next chain, ask of each of this
 * one whether it may be in the list, and look up those; and one by one, without that.
 *
 *     lookups LIST HITS    HITS has a SHA-256 of the list in each line
 */
#include "rules/spelling.h"
#include "rules/store.h"
#include "rules/watchlist.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const size_t MOST = 1000000;

static int64_t
now_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
count_hit(void *owner, const struct value *matched, struct digest_row row)
{
    (void)matched;
    *(size_t *)owner += (size_t)(row.line != UINT32_MAX);
}

enum way { ANNOUNCED, ONE_BY_ONE, WAYS };
enum { CHAIN = 3, ROUNDS = 5 };

static double
look_up_all(
    const struct ruleset *rules, const uint8_t *digests, size_t len, enum way way, size_t *hits)
{
    struct pattern_scratch *scratch = NULL;
    *hits = 0;
    int64_t start = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    for (size_t i = 0; i < len; i += CHAIN) {
        size_t chain = len - i < CHAIN ? len - i : CHAIN;
        uint32_t may[CHAIN] = {1, 1, 1};
        for (size_t k = i + CHAIN; way == ANNOUNCED && k < len && k < i + 2 * CHAIN; k++)
            store_expect(rules, WHAT_SHA256, digests + 32 * k);
        for (size_t k = 0; way == ANNOUNCED && k < chain; k++)
            may[k] = store_may_have(rules, WHAT_SHA256, digests + 32 * (i + k));
        for (size_t k = 0; k < chain; k++) {
            struct offered offered = {.value = bytes_of(digests + 32 * (i + k), 32)};
            if (may[k])
                store_look_up(rules, WHAT_SHA256, &offered, &scratch, hits, count_hit);
        }
    }
    return (double)(now_ns(CLOCK_PROCESS_CPUTIME_ID) - start) / (double)len;
}

static void
shuffle(uint8_t *digests, size_t len)
{
    uint64_t state = 88172645463325252;
    for (size_t i = len; i > 1; i--) {
        uint8_t kept[32];
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        size_t other = state % i;
        memcpy(kept, digests + 32 * (i - 1), 32);
        memcpy(digests + 32 * (i - 1), digests + 32 * other, 32);
        memcpy(digests + 32 * other, kept, 32);
    }
}

/* Every so many lines, so that they come from all over the list. */
static size_t
read_digests(const char *path, uint8_t *digests, struct fault *why)
{
    struct text file = {0};
    struct bytes line;
    size_t len = 0;
    size_t octets;
    if (!list_read_file(path, &file, why))
        return 0;
    size_t step = file.len / 65 / MOST + 1;
    struct lines lines = lines_of(text_bytes(&file));
    while (len < MOST && lines_next(&lines, &line))
        if (lines.number % step == 0 && bytes_from_hex(line, digests + 32 * len, 32, &octets))
            len++;
    text_free(&file);
    return len;
}

static int
compare_costs(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Medians; the ways take turns. */
static void
tell(const struct ruleset *rules, const char *what, const uint8_t *digests, size_t len)
{
    double costs[WAYS][ROUNDS];
    size_t hits;
    look_up_all(rules, digests, len, ONE_BY_ONE, &hits); /* what is mapped comes into memory */
    for (size_t round = 0; round < ROUNDS; round++)
        for (enum way way = 0; way < WAYS; way++)
            costs[way][round] = look_up_all(rules, digests, len, way, &hits);
    for (enum way way = 0; way < WAYS; way++)
        qsort(costs[way], ROUNDS, sizeof **costs, compare_costs);
    printf("a %s: %.0f ns announced, %.0f ns one by one (%zu of %zu are in it)\n", what,
        costs[ANNOUNCED][ROUNDS / 2], costs[ONE_BY_ONE][ROUNDS / 2], hits, len);
}

int
main(int argc, char **argv)
{
    struct fault why = {0};
    uint8_t *digests = calloc(MOST, 32);
    if (argc != 3 || !digests)
        return 2;
    int64_t start = now_ns(CLOCK_MONOTONIC);
    int64_t cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    struct ruleset *rules = ruleset_new(1);
    if (!ruleset_add_list(rules, argv[1], &why)) {
        fprintf(stderr, "lookups: %s\n", why.text);
        return 1;
    }
    ruleset_finish(rules);
    double wall_ms = (double)(now_ns(CLOCK_MONOTONIC) - start) / 1e6;
    double cpu_ms = (double)(now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu) / 1e6;
    size_t entries = ruleset_entries(rules);
    size_t len = read_digests(argv[2], digests, &why);
    shuffle(digests, len);
    printf("%zu entries, loaded in %.2f ms (%.2f ms CPU), %.1f bytes of memory each\n", entries,
        wall_ms, cpu_ms, (double)rules->pool.used / (double)(entries ? entries : 1));
    tell(rules, "hit", digests, len);
    for (size_t i = 0; i < 32 * len; i++)
        digests[i] = (uint8_t)(digests[i] * 167 + 41U + i % 32U); /* others */
    tell(rules, "miss", digests, len);
    ruleset_free(rules);
    free(digests);
    return 0;
}
