/* SPDX-License-Identifier: Apache-2.0
 *
 * Links on their way to a file and back, the oldest first; each has its origin behind it, unless
 * that was put before.
 */
#include "rules/lineage_parts.h"
#include "rules/remembered_parts.h"

#include <stdlib.h>

/* ---- Saving. */

static void
put_key(struct snapshot_writer *out, struct hash_key key)
{
    snapshot_put_number(out, key.low, 8);
    snapshot_put_number(out, key.high, 8);
}

static void
put_digest(struct snapshot_writer *out, struct hash_pair digest)
{
    snapshot_put_number(out, digest.half[0], 8);
    snapshot_put_number(out, digest.half[1], 8);
}

static void
put_location(struct snapshot_writer *out, const struct location *location)
{
    snapshot_put(out, bytes_of(location->address.at, sizeof location->address.at));
    snapshot_put_number(out, location->port, 2);
}

static void
put_origin(struct snapshot_writer *out, const struct origin *origin)
{
    for (enum role role = CLIENT; role <= SERVER; role++) {
        snapshot_put_number(out, kept_chain_number(origin->chain[role]), 4);
        snapshot_put_number(out, (uint64_t)origin->visibility[role], 1);
    }
    put_location(out, &origin->location);
    put_digest(out, origin->name);
    snapshot_put_number(out, origin->version, 2);
    snapshot_put_number(out, origin->cipher, 2);
    saved_put_uid(out, origin->uid);
}

static struct link *
link_after(const struct link *link)
{
    return (struct link *)link->entry.newer;
}

void
lineage_save(const struct lineage *l, struct snapshot_writer *out, int64_t now_ns)
{
    struct link *oldest = (struct link *)l->links.oldest;
    uint32_t number = 0;
    for (int i = 0; i < KEYS; i++)
        put_key(out, l->keys[i]);
    for (struct link *link = oldest; link; link = link_after(link))
        link->origin->number = 0;
    for (struct link *link = oldest; link; link = link_after(link)) {
        struct origin *origin = link->origin;
        bool fresh = !origin->number;
        if (link->until_ns < now_ns)
            continue;
        if (fresh)
            origin->number = ++number;
        snapshot_put_number(out, SAVED_ITEM, 1);
        put_location(out, &link->server->location);
        put_digest(out, link->what);
        snapshot_put_number(out, (uint64_t)link->until_ns, 8);
        snapshot_put_number(out, origin->number, 4);
        if (fresh)
            put_origin(out, origin);
    }
    snapshot_put_number(out, SAVED_END, 1);
}

/* ---- Reading. */

static struct hash_key
read_key(struct reader *r)
{
    uint64_t low = read_u64(r);
    return (struct hash_key){low, read_u64(r)};
}

static struct hash_pair
read_digest(struct reader *r)
{
    uint64_t first = read_u64(r);
    return (struct hash_pair){{first, read_u64(r)}};
}

static struct location
read_location(struct reader *r)
{
    struct location location = {0};
    struct bytes address = read_bytes(r, sizeof location.address.at);
    if (address.len)
        memcpy(location.address.at, address.at, address.len);
    location.port = read_u16(r);
    return location;
}

static struct kept_chain *
keep(struct lineage *l, const struct saved_chains *saved, uint32_t number)
{
    if (!number)
        return NULL;
    struct kept_chain *kept = saved_chain_keep(saved, number, l->chains);
    while (!kept && lineage_shed(l))
        kept = saved_chain_keep(saved, number, l->chains);
    return kept;
}

/* All but its chains. */
static struct origin
read_origin(const struct saved_chains *saved, struct reader *r, uint32_t chain[2])
{
    struct origin read = {0};
    for (enum role role = CLIENT; role <= SERVER; role++) {
        chain[role] = read_u32(r);
        uint8_t visibility = read_u8(r);
        r->bad |= chain[role] && !saved_chains_have(saved, chain[role]);
        r->bad |= visibility >= VISIBILITIES;
        read.visibility[role] = (enum visibility)visibility;
    }
    read.location = read_location(r);
    read.name = read_digest(r);
    read.version = read_u16(r);
    read.cipher = read_u16(r);
    saved_read_uid(r, read.uid);
    return read;
}

/* The origin of this number, with a reference for the caller. Those before it that had to go for
 * lack of room are made anew when they are needed again. NULL: there is no room. */
static struct origin *
take_origin(struct lineage *l, const struct saved_chains *saved, uint32_t number)
{
    struct saved_origin *place = &l->loading[number - 1];
    uint32_t chain[2];
    if (place->origin) {
        place->origin->references++;
        return place->origin;
    }
    struct reader r = reader_over(place->at);
    struct origin read = read_origin(saved, &r, chain);
    struct origin *origin = lineage_take(l, sizeof *origin);
    if (!origin)
        return NULL;
    *origin = read;
    origin->references = 1;
    origin->number = number;
    place->origin = origin;
    for (enum role role = CLIENT; role <= SERVER; role++)
        origin->chain[role] = keep(l, saved, chain[role]);
    return origin;
}

/* Notes where the origin of the next number stands. */
static void
note_origin(struct lineage *l, const struct saved_chains *saved, struct reader *r, size_t *len)
{
    uint32_t ignored[2];
    const uint8_t *start = r->at;
    read_origin(saved, r, ignored);
    if (r->bad)
        return;
    if ((*len & (*len - 1)) == 0) {
        size_t room = *len ? *len * 2 : 1;
        l->loading = realloc(l->loading, room * sizeof *l->loading);
        if (!l->loading)
            abort();
    }
    l->loading[(*len)++] = (struct saved_origin){bytes_of(start, (size_t)(r->at - start)), NULL};
}

static void
read_link(struct lineage *l, const struct saved_chains *saved, struct reader *r, size_t *origins)
{
    struct location location = read_location(r);
    struct hash_pair what = read_digest(r);
    int64_t until_ns = (int64_t)read_u64(r);
    uint32_t number = read_u32(r);
    r->bad |= !number || number > *origins + 1;
    if (number > *origins && !r->bad)
        note_origin(l, saved, r, origins);
    r->bad |= lineage_find(l, what) != NULL;
    if (r->bad)
        return;
    struct origin *origin = take_origin(l, saved, number);
    if (!origin)
        return;
    lineage_add(l, &location, what, origin, until_ns);
    lineage_origin_unref(l, origin);
}

void
lineage_load(struct lineage *l, const struct saved_chains *saved, struct reader *r)
{
    struct lineage_counts before = l->counts;
    size_t origins = 0;
    for (int i = 0; i < KEYS; i++)
        l->keys[i] = read_key(r);
    uint8_t mark;
    while ((mark = read_u8(r)) == SAVED_ITEM)
        read_link(l, saved, r, &origins);
    r->bad |= mark != SAVED_END;
    free(l->loading);
    l->loading = NULL;
    l->counts = before;
}

/* The keys of a file that is not what it should be are nobody's secret. */
void
lineage_clear(struct lineage *l)
{
    while (l->links.oldest)
        lineage_forget(l, (struct link *)l->links.oldest);
    for (int i = 0; i < KEYS; i++)
        l->keys[i] = hash_key_random();
}
