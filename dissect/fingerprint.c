/* SPDX-License-Identifier: Apache-2.0
 *
 * The fingerprinter: most hellos say what an earlier one said, so the digest of some lists is
 * looked up by the lists, exactly, before it is computed. The cache forgets what was not asked for
 * longest.
 */
#include "dissect/fingerprint.h"

#include "base/table.h"
#include "base/text.h"
#include "dissect/digest.h"
#include "dissect/fingerprinter.h"

#include <assert.h>
#include <stdlib.h>
#include <xxhash.h>

enum { CACHED_MOST = 4096, CACHED_LONGEST = 1024, DIGEST_LONGEST = 32, VALUE_MOST = 72 };
enum {
    SECRET_KEYS = (XXH3_SECRET_SIZE_MIN + sizeof(struct hash_key) - 1) / sizeof(struct hash_key)
};

static const struct {
    char within, between; /* what parts numbers, and lists */
    bool hexadecimal;
    bool zeros; /* stand for no numbers at all */
    enum digest digest;
    size_t digits; /* of the digest that are shown */
} styles[STYLES] = {
    [STYLE_JA3] = {'-', ',', false, false, DIGEST_MD5, 32},
    [STYLE_JA4] = {',', '_', true, true, DIGEST_SHA256, 12},
};

struct cached {
    struct entry entry;
    char value[VALUE_MOST];
    size_t len;
    uint16_t at[];
};

struct fingerprinter {
    struct pool *pool;
    struct digests *digests;
    struct table table;
    struct hash_key secret[SECRET_KEYS]; /* so that strangers cannot choose our buckets */
    struct lists lists;                  /* what is about to be digested */
    struct lists key;                    /* what something is remembered by */
    struct text text;
};

struct fingerprinter *
fingerprinter_new(struct pool *pool)
{
    struct fingerprinter *fingerprinter = calloc(1, sizeof *fingerprinter);
    if (!fingerprinter)
        abort();
    fingerprinter->pool = pool;
    fingerprinter->digests = digests_new();
    fingerprinter->table = table_new();
    fingerprinter->lists.pool = pool;
    fingerprinter->key.pool = pool;
    for (size_t i = 0; i < SECRET_KEYS; i++)
        fingerprinter->secret[i] = hash_key_random();
    return fingerprinter;
}

static void
forget_oldest(struct fingerprinter *fingerprinter)
{
    struct cached *oldest = (struct cached *)fingerprinter->table.oldest;
    table_remove(&fingerprinter->table, &oldest->entry);
    pool_give(fingerprinter->pool, oldest, sizeof *oldest + oldest->len * sizeof *oldest->at);
}

void
fingerprinter_free(struct fingerprinter *fingerprinter)
{
    if (!fingerprinter)
        return;
    struct lists *lists[] = {&fingerprinter->lists, &fingerprinter->key};
    while (fingerprinter->table.count)
        forget_oldest(fingerprinter);
    table_free(&fingerprinter->table);
    digests_free(fingerprinter->digests);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        pool_give(lists[i]->pool, lists[i]->at, lists[i]->room * sizeof *lists[i]->at);
    text_free(&fingerprinter->text);
    free(fingerprinter);
}

static struct lists *
begin(struct lists *lists, enum style style)
{
    lists->len = 0;
    lists->spoilt = false;
    lists_open(lists, 0);
    if (!lists->spoilt)
        lists->at[0] = (uint16_t)style;
    return lists;
}

struct lists *
fingerprint_lists(struct fingerprinter *fingerprinter, enum style style)
{
    return begin(&fingerprinter->lists, style);
}

struct lists *
fingerprint_key(struct fingerprinter *fingerprinter)
{
    return begin(&fingerprinter->key, STYLE_CLIENT);
}

static bool
matches(const struct entry *entry, const void *wanted)
{
    const struct cached *cached = (const struct cached *)entry;
    const struct lists *lists = wanted;
    return cached->len == lists->len &&
           memcmp(cached->at, lists->at, lists->len * sizeof *lists->at) == 0;
}

static uint64_t
hash_of(const struct fingerprinter *f, const struct lists *lists)
{
    return XXH3_64bits_withSecret(
        lists->at, lists->len * sizeof *lists->at, f->secret, sizeof f->secret);
}

bool
fingerprint_recall(struct fingerprinter *f, const struct lists *lists, void *value, size_t size)
{
    assert(size <= VALUE_MOST);
    struct entry *found =
        lists->spoilt ? NULL : table_find(&f->table, hash_of(f, lists), matches, lists);
    if (!found)
        return false;
    table_touch(&f->table, found);
    memcpy(value, ((const struct cached *)found)->value, size);
    return true;
}

void
fingerprint_remember(
    struct fingerprinter *f, const struct lists *lists, const void *value, size_t size)
{
    size_t taken = lists->len * sizeof *lists->at;
    if (lists->spoilt || lists->len > CACHED_LONGEST)
        return;
    if (f->table.count >= CACHED_MOST)
        forget_oldest(f);
    struct cached *cached = pool_take(f->pool, sizeof *cached + taken);
    if (!cached)
        return; /* it will be computed again */
    cached->len = lists->len;
    memcpy(cached->at, lists->at, taken);
    memcpy(cached->value, value, size);
    table_add(&f->table, &cached->entry, hash_of(f, lists));
}

/* Writes all lists as the style wants them. Returns how many numbers there are. */
static size_t
write_lists(const struct lists *lists, struct text *text)
{
    enum style style = lists->at[0];
    size_t numbers = 0;
    for (size_t list = 1; list < lists->len; list += 1U + lists->at[list]) {
        if (list > 1)
            text_add_char(text, styles[style].between);
        for (size_t i = 0; i < lists->at[list]; i++) {
            uint16_t number = lists->at[list + 1 + i];
            uint8_t pair[] = {(uint8_t)(number >> 8), (uint8_t)number};
            if (i)
                text_add_char(text, styles[style].within);
            if (styles[style].hexadecimal)
                text_add_hex(text, bytes_of(pair, sizeof pair));
            else
                text_add_unsigned(text, number);
        }
        numbers += lists->at[list];
    }
    return numbers;
}

void
fingerprint_text(const struct fingerprinter *fingerprinter, struct text *out)
{
    if (!fingerprinter->lists.spoilt)
        write_lists(&fingerprinter->lists, out);
}

static bool
compute(struct fingerprinter *f, char out[DIGEST_TEXT])
{
    enum style style = f->lists.at[0];
    size_t digits = styles[style].digits;
    uint8_t digest[DIGEST_LONGEST];
    char hex[2 * DIGEST_LONGEST + 1];

    text_clear(&f->text);
    if (write_lists(&f->lists, &f->text) == 0 && styles[style].zeros)
        memset(hex, '0', sizeof hex);
    else if (digest_compute(f->digests, styles[style].digest, text_bytes(&f->text), digest))
        bytes_to_hex(bytes_of(digest, (digits + 1) / 2), hex);
    else
        return false;
    memcpy(out, hex, digits);
    out[digits] = '\0';
    return true;
}

void
fingerprint_digest(struct fingerprinter *f, char out[DIGEST_TEXT])
{
    const struct lists *lists = &f->lists;
    memset(out, 0, DIGEST_TEXT);
    if (!lists->spoilt && !fingerprint_recall(f, lists, out, DIGEST_TEXT) && compute(f, out))
        fingerprint_remember(f, lists, out, DIGEST_TEXT);
}
