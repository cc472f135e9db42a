/* SPDX-License-Identifier: Apache-2.0
 *
 * A packet in the making is a buffer that grows to where its fragments reach, and a sorted list of
 * the ranges that were filled. It is whole when one range is left, from its start to its end.
 *
 * Where the capture cut a fragment, its range counts as filled, but the packet is told only up to
 * there.
 *
 * Bounds: bytes by the pool, packets by the table, work per fragment by the ranges and by the 64
 * KiB that a packet can have.
 */
#include "capture/fragments.h"

#include "base/table.h"

#include <stdlib.h>

enum {
    PACKET_MOST = 65535,   /* bytes of a packet */
    WAITING_MOST = 4096,   /* packets that wait */
    FRAGMENTS_MOST = 1024, /* of one packet */
    RANGES_MOST = 64,      /* of one packet at a time */
};

static const uint64_t timeout_ns = UINT64_C(30000000000);

struct range {
    uint32_t start;
    uint32_t end;
};

/* What fragments of one packet have in common. Compared as bytes: no padding. */
struct key {
    struct address from;
    struct address to;
    uint32_t id;
    uint32_t tunnel_id;
    uint16_t vlan[PACKET_VLANS];
    uint16_t tunnels;
    uint16_t protocol;
};

_Static_assert(sizeof(struct key) == 48, "a key has no padding");

struct waiting {
    struct entry entry;
    struct key key;
    struct waiting *next; /* among those handed out */
    int64_t first_ns;
    uint8_t *bytes;
    size_t room;
    uint32_t end; /* of the packet; 0: its last fragment was not seen */
    uint32_t cut; /* where the first byte is that was cut off, or PACKET_MOST + 1 */
    uint32_t fragments;
    uint32_t ranges;
    uint8_t protocol;
    struct range range[RANGES_MOST];
};

struct fragments {
    struct pool *pool;
    struct table table;
    struct waiting *handed_out;
    struct fragment_counts counts;
};

static bool
same_key(const struct entry *entry, const void *wanted)
{
    return memcmp(&((const struct waiting *)entry)->key, wanted, sizeof(struct key)) == 0;
}

static void
release(struct fragments *f, struct waiting *w)
{
    pool_give(f->pool, w->bytes, w->room);
    pool_give(f->pool, w, sizeof *w);
}

static void
give_up(struct fragments *f, struct waiting *w)
{
    table_remove(&f->table, &w->entry);
    release(f, w);
    f->counts.given_up++;
}

/* Gives up the packet that waits longest, other than `but`. False when there is none. */
static bool
make_room(struct fragments *f, const struct waiting *but)
{
    struct entry *victim = f->table.oldest;
    if (victim && but && victim == &but->entry)
        victim = victim->newer;
    if (!victim)
        return false;
    give_up(f, (struct waiting *)victim);
    return true;
}

static void
expire(struct fragments *f, int64_t now_ns)
{
    struct waiting *w;
    while ((w = (struct waiting *)f->table.oldest) && now_ns > w->first_ns &&
           (uint64_t)now_ns - (uint64_t)w->first_ns > timeout_ns)
        give_up(f, w);
}

static struct key
key_of(const struct fragment *fragment)
{
    const struct packet *packet = fragment->packet;
    return (struct key){
        .from = packet->from,
        .to = packet->to,
        .id = fragment->id,
        .tunnel_id = packet->path.tunnel_id,
        .vlan = {packet->path.vlan[0], packet->path.vlan[1]},
        .tunnels = packet->path.tunnels,
        .protocol = fragment->key_protocol,
    };
}

/* The packet that the fragment belongs to; a new one when there is none. NULL: no room. */
static struct waiting *
waiting_for(struct fragments *f, const struct fragment *fragment)
{
    struct key key = key_of(fragment);
    uint64_t hash = table_hash(&f->table, bytes_of(&key, sizeof key));
    struct waiting *w = (struct waiting *)table_find(&f->table, hash, same_key, &key);
    if (w)
        return w;
    if (f->table.count >= WAITING_MOST)
        make_room(f, NULL);
    while (!(w = pool_take(f->pool, sizeof *w)))
        if (!make_room(f, NULL))
            return NULL;
    w->key = key;
    w->first_ns = fragment->packet->ts_ns;
    w->cut = PACKET_MOST + 1;
    table_add(&f->table, &w->entry, hash);
    return w;
}

/* Grows the buffer to `end` bytes and somewhat more. */
static bool
reserve(struct fragments *f, struct waiting *w, size_t end)
{
    if (end <= w->room)
        return true;
    size_t room = w->room ? w->room : 2048;
    while (room < end)
        room *= 2;
    uint8_t *bytes;
    while (!(bytes = pool_resize(f->pool, w->bytes, w->room, room)))
        if (!make_room(f, w))
            return false;
    w->bytes = bytes;
    w->room = room;
    return true;
}

/* Puts the bytes where nothing stands yet. False when others stand there that differ. */
static bool
fill(struct waiting *w, struct bytes bytes, uint32_t start)
{
    uint32_t end = start + (uint32_t)bytes.len;
    uint32_t at = start;
    bool same = true;
    for (uint32_t i = 0; i <= w->ranges; i++) {
        struct range filled = i < w->ranges ? w->range[i] : (struct range){end, end};
        if (filled.end <= at && i < w->ranges)
            continue;
        uint32_t free_end = filled.start < end ? filled.start : end;
        if (free_end > at) {
            memcpy(w->bytes + at, bytes_skip(bytes, at - start).at, free_end - at);
            at = free_end;
        }
        uint32_t filled_end = filled.end < end ? filled.end : end;
        uint32_t compare_end = filled_end < w->cut ? filled_end : w->cut;
        if (compare_end > at)
            same &= bytes_equal(bytes_first(bytes_skip(bytes, at - start), compare_end - at),
                bytes_of(w->bytes + at, compare_end - at));
        at = filled_end > at ? filled_end : at;
    }
    return same;
}

/* Joins a range to those it touches. False when it touches none and there is no room for more. */
static bool
add_range(struct waiting *w, struct range added)
{
    uint32_t first = 0;
    while (first < w->ranges && w->range[first].end < added.start)
        first++;
    uint32_t last = first;
    while (last < w->ranges && w->range[last].start <= added.end)
        last++;
    if (first == last && w->ranges == RANGES_MOST)
        return false;
    if (first < last) {
        if (w->range[first].start < added.start)
            added.start = w->range[first].start;
        if (w->range[last - 1].end > added.end)
            added.end = w->range[last - 1].end;
    }
    memmove(&w->range[first + 1], &w->range[last], (w->ranges - last) * sizeof added);
    w->range[first] = added;
    w->ranges = w->ranges - (last - first) + 1;
    return true;
}

/* Where the packet's end is, when this fragment tells. False when it contradicts another. */
static bool
agree_on_end(struct waiting *w, uint32_t end, bool more)
{
    uint32_t seen = w->ranges ? w->range[w->ranges - 1].end : 0;
    if (w->end && (more ? end > w->end : end != w->end))
        return false;
    if (more)
        return true;
    if (seen > end)
        return false;
    w->end = end;
    return true;
}

/* Takes the fragment's bytes in. False when the packet must be given up. */
static bool
add(struct fragments *f, struct waiting *w, const struct fragment *fragment, uint32_t end)
{
    uint32_t start = fragment->offset;
    struct bytes bytes = bytes_first(fragment->bytes, end - start);
    if (++w->fragments > FRAGMENTS_MOST)
        return false;
    if (!agree_on_end(w, end, fragment->more)) {
        f->counts.ambiguous++;
        return true;
    }
    if (!reserve(f, w, end))
        return false;
    if (start == 0 && (w->ranges == 0 || w->range[0].start > 0))
        w->protocol = fragment->next_protocol;
    if (!fill(w, bytes, start))
        f->counts.ambiguous++;
    uint32_t captured_end = start + (uint32_t)bytes.len;
    if (captured_end < end && captured_end < w->cut)
        w->cut = captured_end;
    return add_range(w, (struct range){start, end});
}

static bool
whole(const struct waiting *w)
{
    return w->end && w->ranges == 1 && w->range[0].start == 0 && w->range[0].end == w->end;
}

static void
hand_out(struct fragments *f, struct waiting *w, struct joined_packet *joined)
{
    size_t len = w->cut < w->end ? w->cut : w->end;
    table_remove(&f->table, &w->entry);
    w->next = f->handed_out;
    f->handed_out = w;
    f->counts.joined++;
    *joined = (struct joined_packet){
        .bytes = bytes_of(w->bytes, len),
        .missing = w->end - len,
        .protocol = w->protocol,
    };
}

enum fragment_step
fragments_take(struct fragments *f, const struct fragment *fragment, struct joined_packet *joined)
{
    size_t len = fragment->bytes.len + fragment->missing;
    if (fragment->more)
        len -= len % 8; /* offsets count in eights: a receiver drops what stands between */
    if (len == 0 || len > PACKET_MOST || fragment->offset > PACKET_MOST - len)
        return FRAGMENT_BAD;

    expire(f, fragment->packet->ts_ns);
    struct waiting *w = waiting_for(f, fragment);
    if (!w) {
        f->counts.given_up++;
        return FRAGMENT_KEPT;
    }
    if (!add(f, w, fragment, fragment->offset + (uint32_t)len)) {
        give_up(f, w);
        return FRAGMENT_KEPT;
    }
    if (!whole(w))
        return FRAGMENT_KEPT;
    hand_out(f, w, joined);
    return FRAGMENT_WHOLE;
}

void
fragments_forget(struct fragments *f)
{
    while (f->handed_out) {
        struct waiting *w = f->handed_out;
        f->handed_out = w->next;
        release(f, w);
    }
}

struct fragment_counts
fragments_counts(const struct fragments *f)
{
    return f->counts;
}

struct fragments *
fragments_new(struct pool *pool)
{
    struct fragments *f = malloc(sizeof *f);
    if (!f)
        abort();
    *f = (struct fragments){.pool = pool, .table = table_new()};
    return f;
}

void
fragments_free(struct fragments *f)
{
    if (!f)
        return;
    fragments_forget(f);
    while (f->table.oldest) {
        struct waiting *w = (struct waiting *)f->table.oldest;
        table_remove(&f->table, &w->entry);
        release(f, w);
    }
    table_free(&f->table);
    free(f);
}
