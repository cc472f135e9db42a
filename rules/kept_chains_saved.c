/* SPDX-License-Identifier: Apache-2.0
 *
 * Chains on their way to a file and back: first each certificate once, then chains as places among
 * these.
 */
#include "rules/kept_chains_parts.h"
#include "rules/remembered_parts.h"

#include <stdlib.h>

enum { LEN = 3, PLACE = 4, CHAIN_LEN = 2 }; /* bytes of numbers */

/* ---- Saving. */

/* The certificates of all chains, each once, in the order of their digests. */
struct certificates {
    const struct certificate **at;
    size_t len;
};

static int
by_digest(const void *a, const void *b)
{
    const struct certificate *const *x = a;
    const struct certificate *const *y = b;
    return memcmp((*x)->sha256, (*y)->sha256, SHA256_LEN);
}

static struct kept_chain *
chain_after(const struct kept_chain *chain)
{
    return (struct kept_chain *)chain->entry.newer;
}

static struct certificates
gather(const struct kept_chains *kept)
{
    size_t most = 0;
    const struct kept_chain *oldest = (const struct kept_chain *)kept->table.oldest;
    for (const struct kept_chain *c = oldest; c; c = chain_after(c))
        most += c->len;
    struct certificates all = {calloc(most + 1, sizeof *all.at), 0};
    if (!all.at)
        abort();
    for (const struct kept_chain *c = oldest; c; c = chain_after(c))
        for (size_t i = 0; i < c->len; i++)
            all.at[all.len++] = c->at[i];
    qsort(all.at, all.len, sizeof *all.at, by_digest);
    size_t len = 0;
    for (size_t i = 0; i < all.len; i++)
        if (!len || by_digest(&all.at[len - 1], &all.at[i]) != 0)
            all.at[len++] = all.at[i];
    all.len = len;
    return all;
}

static void
put_chain(struct snapshot_writer *out, const struct certificates *all, const struct kept_chain *c)
{
    snapshot_put_number(out, c->len, CHAIN_LEN);
    for (size_t i = 0; i < c->len; i++) {
        const struct certificate **place =
            bsearch(&c->at[i], all->at, all->len, sizeof *all->at, by_digest);
        snapshot_put_number(out, (uint64_t)(place - all->at), PLACE);
    }
}

void
kept_chains_save(struct kept_chains *kept, struct snapshot_writer *out)
{
    struct certificates all = gather(kept);
    uint32_t number = 0;
    snapshot_put_number(out, all.len, PLACE);
    for (size_t i = 0; i < all.len; i++) {
        snapshot_put_number(out, all.at[i]->der.len, LEN);
        snapshot_put(out, all.at[i]->der);
    }
    snapshot_put_number(out, kept->table.count, PLACE);
    for (struct entry *entry = kept->table.oldest; entry; entry = entry->newer) {
        struct kept_chain *chain = (struct kept_chain *)entry;
        chain->number = ++number;
        put_chain(out, &all, chain);
    }
    free(all.at);
}

uint32_t
kept_chain_number(const struct kept_chain *chain)
{
    return chain ? chain->number : 0;
}

/* ---- Reading. */

struct saved_chains {
    struct bytes *ders;
    size_t ders_len;
    struct bytes *chains; /* places, as they were put */
    size_t chains_len;
};

/* Room for what the next number says, none of which takes less than `least` bytes. */
static struct bytes *
read_count(struct reader *r, size_t least, size_t *len)
{
    *len = read_u32(r);
    r->bad |= *len > reader_left(r) / least;
    if (r->bad)
        *len = 0;
    struct bytes *room = calloc(*len + 1, sizeof *room);
    if (!room)
        abort();
    return room;
}

static void
read_places(struct reader *r, const struct saved_chains *saved, struct bytes *out)
{
    size_t len = read_u16(r);
    *out = read_bytes(r, len * PLACE);
    struct reader places = reader_over(*out);
    r->bad |= !len;
    for (size_t i = 0; !r->bad && i < len; i++)
        r->bad |= read_u32(&places) >= saved->ders_len;
}

struct saved_chains *
saved_chains_read(struct reader *r)
{
    struct saved_chains *saved = calloc(1, sizeof *saved);
    if (!saved)
        abort();
    saved->ders = read_count(r, LEN, &saved->ders_len);
    for (size_t i = 0; i < saved->ders_len; i++)
        saved->ders[i] = read_vec24(r);
    saved->chains = read_count(r, CHAIN_LEN, &saved->chains_len);
    for (size_t i = 0; i < saved->chains_len; i++)
        read_places(r, saved, &saved->chains[i]);
    if (!r->bad)
        return saved;
    saved_chains_free(saved);
    return NULL;
}

bool
saved_chains_have(const struct saved_chains *saved, uint32_t number)
{
    return number > 0 && number <= saved->chains_len;
}

struct kept_chain *
saved_chain_keep(const struct saved_chains *saved, uint32_t number, struct kept_chains *kept)
{
    struct bytes places = saved->chains[number - 1];
    size_t len = places.len / PLACE;
    const struct certificate **at = calloc(len, sizeof *at);
    struct chain chain = {.at = at};
    struct kept_chain *found = NULL;
    if (!at)
        abort();
    struct reader r = reader_over(places);
    while (chain.len < len &&
           (at[chain.len] = certificate_find(kept->store, saved->ders[read_u32(&r)])))
        chain.len++;
    if (chain.len == len)
        found = kept_chain_find(kept, &chain);
    for (size_t i = 0; i < chain.len; i++)
        certificate_unref(kept->store, at[i]);
    free(at);
    return found;
}

void
saved_chains_free(struct saved_chains *saved)
{
    free(saved->ders);
    free(saved->chains);
    free(saved);
}
