/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/kept_chains_parts.h"

#include <assert.h>
#include <stdlib.h>

enum {
    CERTIFICATES_MOST = 1 << 20,
    LIST_SHARE = 8,        /* of the budget: for the lists of what is in a chain */
    CHAIN_BYTES = 1 << 15, /* a larger one is not kept: it would drive out many others */
};

struct kept_chains *
kept_chains_new(size_t limit)
{
    struct kept_chains *kept = calloc(1, sizeof *kept);
    if (!kept)
        abort();
    kept->lists.limit = limit / LIST_SHARE;
    kept->certificates.limit = limit - kept->lists.limit;
    kept->store = certificate_store_new(&kept->certificates, CERTIFICATES_MOST);
    kept->table = table_new();
    return kept;
}

bool
kept_chain_is(const struct kept_chain *kept, const struct chain *chain)
{
    if (kept->len != chain->len)
        return false;
    for (size_t i = 0; i < kept->len; i++)
        if (memcmp(kept->at[i]->sha256, chain->at[i]->sha256, SHA256_LEN) != 0)
            return false;
    return true;
}

static bool
is_wanted(const struct entry *entry, const void *wanted)
{
    return kept_chain_is((const struct kept_chain *)entry, wanted);
}

/* The leaf tells most chains apart. */
static uint64_t
hash_of(const struct kept_chains *kept, const struct chain *chain)
{
    return table_hash(&kept->table, bytes_of(chain->at[0]->sha256, SHA256_LEN));
}

static size_t
size_of(size_t len)
{
    return sizeof(struct kept_chain) + len * sizeof(const struct certificate *);
}

/* `len` is what it was taken for; it has its first chain->len certificates. */
static void
let_go(struct kept_chains *kept, struct kept_chain *chain, size_t len)
{
    for (size_t i = 0; i < chain->len; i++)
        certificate_unref(kept->store, chain->at[i]);
    pool_give(&kept->lists, chain, size_of(len));
}

static struct kept_chain *
add(struct kept_chains *kept, const struct chain *chain)
{
    struct kept_chain *fresh = pool_take(&kept->lists, size_of(chain->len));
    if (!fresh)
        return NULL;
    while (fresh->len < chain->len) {
        const struct certificate *copy = certificate_find(kept->store, chain->at[fresh->len]->der);
        if (!copy) {
            let_go(kept, fresh, chain->len);
            return NULL;
        }
        fresh->at[fresh->len++] = copy;
    }
    table_add(&kept->table, &fresh->entry, hash_of(kept, chain));
    return fresh;
}

bool
kept_chain_fits(const struct chain *chain)
{
    size_t bytes = 0;
    for (size_t i = 0; i < chain->len; i++)
        bytes += chain->at[i]->der.len;
    return chain->len && bytes <= CHAIN_BYTES;
}

struct kept_chain *
kept_chain_find(struct kept_chains *kept, const struct chain *chain)
{
    if (!kept_chain_fits(chain))
        return NULL;
    struct kept_chain *found =
        (struct kept_chain *)table_find(&kept->table, hash_of(kept, chain), is_wanted, chain);
    if (!found)
        found = add(kept, chain);
    if (found)
        found->references++;
    return found;
}

void
kept_chain_unref(struct kept_chains *kept, struct kept_chain *chain)
{
    if (!chain)
        return;
    assert(chain->references > 0);
    if (--chain->references > 0)
        return;
    table_remove(&kept->table, &chain->entry);
    let_go(kept, chain, chain->len);
}

void
kept_chain_lend(const struct kept_chain *chain, struct chain *out)
{
    out->at = chain->at;
    out->len = chain->len;
    out->sent = chain->len;
}

size_t
kept_chains_bytes(const struct kept_chains *kept)
{
    return kept->lists.used + kept->certificates.used;
}

void
kept_chains_free(struct kept_chains *kept)
{
    if (!kept)
        return;
    assert(kept->table.count == 0);
    table_free(&kept->table);
    certificate_store_free(kept->store);
    free(kept);
}
