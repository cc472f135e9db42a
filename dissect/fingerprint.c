/* SPDX-License-Identifier: Apache-2.0
 *
 * The cache behind all fingerprints: most hellos say what an earlier one said, so the digest of a
 * text is looked up by the text, exactly, before it is computed.
 */
#include "dissect/fingerprint.h"

#include "base/table.h"
#include "dissect/digest.h"
#include "dissect/fingerprinter.h"

#include <stdlib.h>

enum { CACHED_MOST = 4096, CACHED_LONGEST = 2048 };

struct cached {
    struct entry entry;
    enum digest kind;
    uint32_t len;
    char hex[2 * 32 + 1];
    uint8_t text[];
};

struct fingerprinter {
    struct pool *pool;
    struct digests *digests;
    struct table table;
    struct text text; /* what is about to be digested */
};

struct wanted {
    enum digest kind;
    struct bytes text;
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
    return fingerprinter;
}

static void
forget_oldest(struct fingerprinter *fingerprinter)
{
    struct cached *oldest = (struct cached *)fingerprinter->table.oldest;
    table_remove(&fingerprinter->table, &oldest->entry);
    pool_give(fingerprinter->pool, oldest, sizeof *oldest + oldest->len);
}

void
fingerprinter_free(struct fingerprinter *fingerprinter)
{
    while (fingerprinter->table.count)
        forget_oldest(fingerprinter);
    table_free(&fingerprinter->table);
    digests_free(fingerprinter->digests);
    text_free(&fingerprinter->text);
    free(fingerprinter);
}

static bool
matches(const struct entry *entry, const void *wanted)
{
    const struct cached *cached = (const struct cached *)entry;
    const struct wanted *w = wanted;
    return cached->kind == w->kind && bytes_equal(bytes_of(cached->text, cached->len), w->text);
}

static void
remember(struct fingerprinter *f, const struct wanted *wanted, uint64_t hash, const char *hex)
{
    if (wanted->text.len > CACHED_LONGEST)
        return;
    if (f->table.count >= CACHED_MOST)
        forget_oldest(f);
    struct cached *cached = pool_take(f->pool, sizeof *cached + wanted->text.len);
    if (!cached)
        return;
    cached->kind = wanted->kind;
    cached->len = (uint32_t)wanted->text.len;
    memcpy(cached->hex, hex, sizeof cached->hex);
    if (cached->len)
        memcpy(cached->text, wanted->text.at, cached->len);
    table_add(&f->table, &cached->entry, hash);
}

void
fingerprint_digest(
    struct fingerprinter *f, enum digest kind, struct bytes text, char *out, size_t digits)
{
    static const size_t lengths[DIGEST_KINDS] = {
        [DIGEST_SHA256] = 32, [DIGEST_SHA1] = 20, [DIGEST_MD5] = 16};
    struct wanted wanted = {kind, text};
    uint64_t hash = table_hash(&f->table, text);
    struct entry *found = table_find(&f->table, hash, matches, &wanted);
    char hex[2 * 32 + 1] = "";
    out[0] = '\0';
    if (found) {
        table_touch(&f->table, found);
        memcpy(hex, ((struct cached *)found)->hex, sizeof hex);
    } else {
        uint8_t digest[32];
        if (!digest_compute(f->digests, kind, text, digest))
            return;
        bytes_to_hex(bytes_of(digest, lengths[kind]), hex);
        remember(f, &wanted, hash, hex);
    }
    memcpy(out, hex, digits);
    out[digits] = '\0';
}

struct text *
fingerprint_text(struct fingerprinter *fingerprinter)
{
    text_clear(&fingerprinter->text);
    return &fingerprinter->text;
}

bool
is_grease(uint16_t number)
{
    return (number & 0x0f0f) == 0x0a0a && number >> 8 == (number & 0xff);
}
