/* SPDX-License-Identifier: Apache-2.0
 *
 * A certificate is known by all its bytes: found by their XXH3-128 under a secret of this store,
 * then compared. The digests are computed for new ones only.
 */
#include "dissect/certificate_store.h"

#include "base/table.h"
#include "dissect/certificate_parts.h"
#include "dissect/digest.h"

#define XXH_INLINE_ALL
#include <assert.h>
#include <stdlib.h>
#include <sys/random.h>
#include <xxhash.h>

struct kept {
    struct entry entry;  /* of the table: must come first */
    struct kept *sooner; /* among those nobody uses: the one unused longer, and */
    struct kept *later;  /* the one unused less long */
    size_t references;
    XXH128_hash_t hash;
    struct arena arena; /* of all the certificate points to, but its bytes */
    uint8_t *bytes;
    struct certificate certificate;
};

struct certificate_store {
    struct pool *pool;
    size_t most;
    struct table table;
    struct kept *unused_longest;
    struct kept *unused_latest;
    struct digests *digests;
    struct certificate_store_counts counts;
    uint8_t secret[XXH3_SECRET_DEFAULT_SIZE];
};

struct wanted {
    struct bytes der;
    XXH128_hash_t hash;
};

struct certificate_store *
certificate_store_new(struct pool *pool, size_t most)
{
    struct certificate_store *store = calloc(1, sizeof *store);
    if (!store ||
        getrandom(store->secret, sizeof store->secret, 0) != (ssize_t)sizeof store->secret)
        abort();
    store->pool = pool;
    store->most = most;
    store->table = table_new();
    store->digests = digests_new();
    return store;
}

static struct wanted
describe(const struct certificate_store *store, struct bytes der)
{
    const void *at = der.at ? der.at : store->secret; /* the library wants an address for nothing */
    return (struct wanted){
        .der = der,
        .hash = XXH3_128bits_withSecret(at, der.len, store->secret, sizeof store->secret),
    };
}

static bool
is_wanted(const struct entry *entry, const void *wanted)
{
    const struct kept *kept = (const struct kept *)entry;
    const struct wanted *w = wanted;
    return XXH128_isEqual(kept->hash, w->hash) && bytes_equal(kept->certificate.der, w->der);
}

static void
join_unused(struct certificate_store *store, struct kept *kept)
{
    kept->later = NULL;
    kept->sooner = store->unused_latest;
    if (kept->sooner)
        kept->sooner->later = kept;
    else
        store->unused_longest = kept;
    store->unused_latest = kept;
}

static void
leave_unused(struct certificate_store *store, struct kept *kept)
{
    if (kept->sooner)
        kept->sooner->later = kept->later;
    else
        store->unused_longest = kept->later;
    if (kept->later)
        kept->later->sooner = kept->sooner;
    else
        store->unused_latest = kept->sooner;
}

static void
let_go(struct certificate_store *store, struct kept *kept)
{
    arena_empty(&kept->arena);
    pool_give(store->pool, kept->bytes, kept->certificate.der.len);
    pool_give(store->pool, kept, sizeof *kept);
}

static bool
evict(struct certificate_store *store)
{
    struct kept *kept = store->unused_longest;
    if (!kept)
        return false;
    leave_unused(store, kept);
    table_remove(&store->table, &kept->entry);
    let_go(store, kept);
    store->counts.evicted++;
    return true;
}

static void *
take(struct certificate_store *store, size_t size)
{
    void *taken = pool_take(store->pool, size);
    while (!taken && evict(store))
        taken = pool_take(store->pool, size);
    return taken;
}

static void
digest(struct digests *digests, struct certificate *c)
{
    if (digest_compute(digests, DIGEST_SHA256, c->der, c->sha256))
        bytes_to_hex(bytes_of(c->sha256, sizeof c->sha256), c->sha256_hex);
    if (digest_compute(digests, DIGEST_SHA1, c->der, c->sha1))
        bytes_to_hex(bytes_of(c->sha1, sizeof c->sha1), c->sha1_hex);
    if (digest_compute(digests, DIGEST_MD5, c->der, c->md5))
        bytes_to_hex(bytes_of(c->md5, sizeof c->md5), c->md5_hex);
    if (c->spki.len && digest_compute(digests, DIGEST_SHA256, c->spki, c->spki_sha256))
        bytes_to_hex(bytes_of(c->spki_sha256, sizeof c->spki_sha256), c->spki_sha256_hex);
}

static bool
walk(struct arena *arena, struct certificate *c, struct bytes der)
{
    struct reading reading = {.into = c, .arena = arena};
    *c = (struct certificate){.der = der};
    return reading_walk(&reading);
}

/* Walking is cheap beside the copy: when there is no room half-way, it starts again with more. */
static bool
fill(struct certificate_store *store, struct kept *kept, struct bytes der)
{
    kept->bytes = take(store, der.len);
    if (!kept->bytes)
        return false;
    if (der.len)
        memcpy(kept->bytes, der.at, der.len);
    der.at = kept->bytes;
    kept->certificate.der = der;
    while (!walk(&kept->arena, &kept->certificate, der)) {
        arena_empty(&kept->arena);
        if (!evict(store))
            return false;
    }
    digest(store->digests, &kept->certificate);
    return true;
}

static struct kept *
add(struct certificate_store *store, const struct wanted *wanted)
{
    while (store->table.count >= store->most)
        if (!evict(store))
            return NULL;
    struct kept *kept = take(store, sizeof *kept);
    if (!kept)
        return NULL;
    kept->hash = wanted->hash;
    kept->arena.pool = store->pool;
    if (!fill(store, kept, wanted->der)) {
        let_go(store, kept);
        return NULL;
    }
    table_add(&store->table, &kept->entry, wanted->hash.low64);
    store->counts.broken += kept->certificate.broken != NULL;
    return kept;
}

const struct certificate *
certificate_find(struct certificate_store *store, struct bytes der)
{
    struct wanted wanted = describe(store, der);
    struct entry *entry = table_find(&store->table, wanted.hash.low64, is_wanted, &wanted);
    struct kept *kept = (struct kept *)entry;
    if (kept) {
        store->counts.hits++;
        if (!kept->references)
            leave_unused(store, kept);
    } else {
        store->counts.misses++;
        kept = add(store, &wanted);
        if (!kept)
            return NULL;
    }
    kept->references++;
    return &kept->certificate;
}

void
certificate_unref(struct certificate_store *store, const struct certificate *certificate)
{
    if (!certificate)
        return;
    struct kept *kept = (struct kept *)((char *)certificate - offsetof(struct kept, certificate));
    assert(kept->references > 0);
    if (--kept->references == 0)
        join_unused(store, kept);
}

struct certificate_store_counts
certificate_store_counts(const struct certificate_store *store)
{
    struct certificate_store_counts counts = store->counts;
    counts.kept = store->table.count;
    return counts;
}

void
certificate_store_free(struct certificate_store *store)
{
    if (!store)
        return;
    while (evict(store))
        continue;
    assert(store->table.count == 0);
    table_free(&store->table);
    digests_free(store->digests);
    free(store);
}

const struct certificate *
certificate_read(struct arena *arena, struct bytes der)
{
    bool ok;
    struct certificate *c = arena_take(arena, sizeof *c);
    struct bytes copy = arena_copy(arena, der, &ok);
    if (!c || !ok || !walk(arena, c, copy))
        return NULL;
    struct digests *digests = digests_new();
    digest(digests, c);
    digests_free(digests);
    return c;
}
