/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/keys/key_store.h"

#include "base/pool.h"
#include "base/table.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>

enum { RECENT = 16 }; /* rounds that brought secrets; more than can be under way at once */

struct kept {
    struct entry entry;
    struct secret secret;
    uint64_t since, until;
    struct kept *next_gone;
};

struct key_store {
    struct pool pool;
    struct table table;
    pthread_rwlock_t lock;
    size_t limit;
    uint64_t rounds;
    uint64_t
        expects_from; /* UINT64_MAX: never; set before the round is sent, as all that follows */
    struct kept *gone, *last_gone; /* let go of, but rounds are under way that may see them */
    size_t live;
    uint64_t brought[RECENT]; /* by number, newest at `bringings - 1` */
    uint64_t bringings;
    struct key_store_counts counts;
};

struct key_store *
key_store_new(size_t limit, uint64_t rounds)
{
    struct key_store *store = calloc(1, sizeof *store);
    if (!store || pthread_rwlock_init(&store->lock, NULL))
        abort();
    store->pool.limit = SIZE_MAX;
    store->table = table_new();
    store->limit = limit;
    store->rounds = rounds;
    store->expects_from = UINT64_MAX;
    return store;
}

/* Takes it out of the table and wipes it. */
static void
forget(struct key_store *store, struct kept *kept)
{
    table_remove(&store->table, &kept->entry);
    OPENSSL_cleanse(kept, sizeof *kept);
    pool_give(&store->pool, kept, sizeof *kept);
}

void
key_store_free(struct key_store *store)
{
    if (!store)
        return;
    while (store->table.oldest)
        forget(store, (struct kept *)store->table.oldest);
    table_free(&store->table);
    pthread_rwlock_destroy(&store->lock);
    free(store);
}

struct wanted {
    struct bytes random;
    enum secret_label label;
    uint64_t round;
};

static bool
matches(const struct entry *entry, const void *what)
{
    const struct kept *kept = (const struct kept *)entry;
    const struct wanted *wanted = what;
    return kept->secret.label == wanted->label && kept->since <= wanted->round &&
           wanted->round < kept->until &&
           bytes_equal(bytes_of(kept->secret.random, KEY_RANDOM), wanted->random);
}

static struct kept *
find(const struct key_store *store, const struct wanted *wanted)
{
    uint64_t hash = table_hash(&store->table, wanted->random);
    return (struct kept *)table_find(&store->table, hash, matches, wanted);
}

/* Secrets that no round under way can see any more. */
static void
forget_gone(struct key_store *store, uint64_t round)
{
    while (store->gone && store->gone->until + store->rounds <= round) {
        struct kept *kept = store->gone;
        store->gone = kept->next_gone;
        forget(store, kept);
    }
    if (!store->gone)
        store->last_gone = NULL;
}

/* Lets go of the oldest that still counts. It stands in the table as long as a round may see it. */
static void
let_go(struct key_store *store, uint64_t round)
{
    struct entry *oldest = store->table.oldest;
    while (oldest && ((struct kept *)oldest)->until != UINT64_MAX)
        oldest = oldest->newer;
    struct kept *kept = (struct kept *)oldest;
    store->live--;
    store->counts.let_go++;
    kept->until = round;
    if (kept->since == round) { /* nobody can have seen it */
        forget(store, kept);
        return;
    }
    *(store->last_gone ? &store->last_gone->next_gone : &store->gone) = kept;
    store->last_gone = kept;
}

static void
add(struct key_store *store, const struct secret *secret, uint64_t round)
{
    struct wanted wanted = {
        .random = bytes_of(secret->random, KEY_RANDOM), .label = secret->label, .round = round};
    forget_gone(store, round);
    if (find(store, &wanted))
        return; /* the log was read twice, or both ends wrote it */
    while (store->live && (store->live + 1) * sizeof(struct kept) > store->limit)
        let_go(store, round);
    struct kept *kept = pool_take(&store->pool, sizeof *kept);
    if (!kept)
        return;
    kept->secret = *secret;
    kept->since = round;
    kept->until = UINT64_MAX;
    table_add(&store->table, &kept->entry, table_hash(&store->table, wanted.random));
    store->live++;
    store->counts.secrets++;
    if (!store->bringings || store->brought[(store->bringings - 1) % RECENT] != round)
        store->brought[store->bringings++ % RECENT] = round;
}

void
key_store_add(struct key_store *store, const struct secret *secret, uint64_t round)
{
    pthread_rwlock_wrlock(&store->lock);
    add(store, secret, round);
    pthread_rwlock_unlock(&store->lock);
}

void
key_store_expect(struct key_store *store, uint64_t round)
{
    pthread_rwlock_wrlock(&store->lock);
    if (round < store->expects_from)
        store->expects_from = round;
    pthread_rwlock_unlock(&store->lock);
}

bool
key_store_find(struct key_store *store, struct bytes random, enum secret_label label,
    uint64_t round, struct secret *secret)
{
    struct wanted wanted = {.random = random, .label = label, .round = round};
    pthread_rwlock_rdlock(&store->lock);
    const struct kept *kept = find(store, &wanted);
    if (kept)
        *secret = kept->secret;
    pthread_rwlock_unlock(&store->lock);
    return kept;
}

bool
key_store_expects(struct key_store *store, uint64_t round)
{
    pthread_rwlock_rdlock(&store->lock);
    bool expects = store->expects_from <= round;
    pthread_rwlock_unlock(&store->lock);
    return expects;
}

uint64_t
key_store_latest(struct key_store *store, uint64_t round)
{
    uint64_t latest = 0;
    pthread_rwlock_rdlock(&store->lock);
    for (uint64_t i = store->bringings; i > 0 && i + RECENT > store->bringings; i--) {
        latest = store->brought[(i - 1) % RECENT];
        if (latest <= round)
            break;
        latest = 0;
    }
    pthread_rwlock_unlock(&store->lock);
    return latest;
}

struct key_store_counts
key_store_counts(struct key_store *store)
{
    pthread_rwlock_rdlock(&store->lock);
    struct key_store_counts counts = store->counts;
    counts.kept = store->live;
    counts.bytes = store->pool.used;
    pthread_rwlock_unlock(&store->lock);
    return counts;
}
