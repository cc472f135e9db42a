/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/flows/flow_table.h"

#include <assert.h>
#include <endian.h>

enum { SLAB = 256, SLOTS_FIRST = 1024 };

void
flow_table_open(struct flow_table *table, struct pool *pool, uint32_t limit, bool by_path)
{
    *table = (struct flow_table){
        .pool = pool, .hash_key = hash_key_random(), .by_path = by_path, .limit = limit};
}

void
flow_table_close(struct flow_table *table)
{
    assert(table->count == 0);
    for (uint32_t i = 0; i < table->slabs_len; i++)
        pool_give(table->pool, table->slabs[i], SLAB * sizeof(struct tracked));
    pool_give(table->pool, table->slabs, table->slabs_len * sizeof(struct tracked *));
    pool_give(table->pool, table->slots, table->room * sizeof *table->slots);
}

static int
compare_ends(const struct address *a, uint16_t a_port, const struct address *b, uint16_t b_port)
{
    for (size_t i = 0; i < sizeof a->at; i += sizeof(uint64_t)) {
        uint64_t x;
        uint64_t y;
        memcpy(&x, a->at + i, sizeof x);
        memcpy(&y, b->at + i, sizeof y);
        if (x != y)
            return be64toh(x) > be64toh(y) ? 1 : -1;
    }
    return (int)a_port - (int)b_port;
}

/* What is not IP has no addresses here, and is one flow: a supplicant speaks to a group address and
 * is answered from another one, so that only who reads the frames knows which belong together. */
bool
flow_key_of(const struct flow_table *table, const struct packet *packet, struct flow_key *key)
{
    bool higher = compare_ends(&packet->from, packet->from_port, &packet->to, packet->to_port) > 0;
    *key = (struct flow_key){.protocol = packet->protocol, .link_protocol = packet->link_protocol};
    key->address[higher] = packet->from;
    key->address[!higher] = packet->to;
    key->port[higher] = packet->from_port;
    key->port[!higher] = packet->to_port;
    if (table->by_path) {
        key->tunnel_id = packet->path.tunnel_id;
        memcpy(key->vlan, packet->path.vlan, sizeof key->vlan);
    }
    return higher;
}

/* What all IPv4 addresses have in common is left out, for most are: each word costs a round. */
uint32_t
flow_key_tag(const struct flow_table *table, const struct flow_key *key)
{
    uint64_t words[5];
    size_t count = 0;
    if (address_is_v4(&key->address[0]) && address_is_v4(&key->address[1])) {
        words[count++] = (uint64_t)address_v4_number(&key->address[0]) << 32 |
                         address_v4_number(&key->address[1]);
    } else {
        memcpy(words, key->address, sizeof key->address);
        count = 4;
    }
    if (table->by_path)
        words[count++] =
            (uint64_t)key->tunnel_id << 32 | (uint64_t)key->vlan[0] << 16 | key->vlan[1];
    uint64_t last = (uint64_t)key->link_protocol << 40 | (uint64_t)key->protocol << 32 |
                    (uint64_t)key->port[0] << 16 | key->port[1];
    uint64_t hash = hash_words(table->hash_key, words, count, last);
    return (uint32_t)(hash ^ hash >> 32);
}

static bool
same_end(const struct tracked *t, enum side side, const struct flow_key *key, int end)
{
    const struct address *address = &t->flow.address[side];
    return t->flow.port[side] == key->port[end] &&
           memcmp(address->at, key->address[end].at, sizeof address->at) == 0;
}

static bool
same_flow(const struct flow_table *table, const struct tracked *t, const struct flow_key *key)
{
    enum side low = t->swapped ? RESPONDER : ORIGINATOR;
    if (t->flow.protocol != key->protocol || t->flow.link_protocol != key->link_protocol ||
        !same_end(t, low, key, 0) || !same_end(t, other_side(low), key, 1))
        return false;
    return !table->by_path || (t->flow.path.tunnel_id == key->tunnel_id &&
                                  !memcmp(t->flow.path.vlan, key->vlan, sizeof key->vlan));
}

void
flow_table_prefetch(const struct flow_table *table, uint32_t tag)
{
    if (table->room)
        __builtin_prefetch(&table->slots[tag & (table->room - 1)]);
}

void
flow_table_prefetch_flow(const struct flow_table *table, uint32_t tag)
{
    if (!table->room)
        return;
    const struct slot *slot = &table->slots[tag & (table->room - 1)];
    if (slot->place && slot->tag == tag) {
        const char *flow = (const char *)flow_at(table, slot->place);
        for (size_t line = 0; line < sizeof(struct tracked); line += 64)
            __builtin_prefetch(flow + line);
    }
}

uint32_t
flow_table_find(const struct flow_table *table, const struct flow_key *key, uint32_t tag)
{
    if (!table->room)
        return 0;
    uint32_t mask = table->room - 1;
    for (uint32_t i = tag & mask; table->slots[i].place; i = (i + 1) & mask)
        if (table->slots[i].tag == tag &&
            same_flow(table, flow_at(table, table->slots[i].place), key))
            return table->slots[i].place;
    return 0;
}

static void
put(struct slot *slots, uint32_t mask, struct slot slot)
{
    uint32_t i = slot.tag & mask;
    while (slots[i].place)
        i = (i + 1) & mask;
    slots[i] = slot;
}

static bool
grow_slots(struct flow_table *table)
{
    uint32_t room = table->room ? table->room * 2 : SLOTS_FIRST;
    struct slot *slots = pool_take(table->pool, room * sizeof *slots);
    if (!slots)
        return false;
    for (uint32_t i = 0; i < table->room; i++)
        if (table->slots[i].place)
            put(slots, room - 1, table->slots[i]);
    pool_give(table->pool, table->slots, table->room * sizeof *slots);
    table->slots = slots;
    table->room = room;
    return true;
}

static bool
grow_slabs(struct flow_table *table)
{
    struct tracked **slabs = pool_resize(table->pool, table->slabs,
        table->slabs_len * sizeof *slabs, (table->slabs_len + 1) * sizeof *slabs);
    if (!slabs)
        return false;
    table->slabs = slabs;
    slabs[table->slabs_len] = pool_take(table->pool, SLAB * sizeof(struct tracked));
    if (!slabs[table->slabs_len]) {
        table->slabs = pool_resize(table->pool, slabs, (table->slabs_len + 1) * sizeof *slabs,
            table->slabs_len * sizeof *slabs);
        return false;
    }
    uint32_t first = table->slabs_len++ * SLAB;
    for (uint32_t place = first + SLAB; place-- > (first ? first : 1);) { /* place 0 is none */
        flow_at(table, place)->newer = table->unused;
        table->unused = place;
    }
    return true;
}

static void
unlink_age(struct flow_table *table, struct tracked *t)
{
    struct age *age = &table->ages[t->list];
    *(t->older ? &flow_at(table, t->older)->newer : &age->oldest) = t->newer;
    *(t->newer ? &flow_at(table, t->newer)->older : &age->newest) = t->older;
    age->count--;
}

static void
link_newest(struct flow_table *table, uint32_t place, enum age_list list, int64_t now_ns)
{
    struct tracked *t = flow_at(table, place);
    struct age *age = &table->ages[list];
    t->list = (uint8_t)list;
    t->linked_ns = now_ns;
    t->older = age->newest;
    t->newer = 0;
    *(age->newest ? &flow_at(table, age->newest)->newer : &age->oldest) = place;
    age->newest = place;
    age->count++;
}

void
flow_table_move(struct flow_table *table, uint32_t place, enum age_list list, int64_t now_ns)
{
    unlink_age(table, flow_at(table, place));
    link_newest(table, place, list, now_ns);
}

uint32_t
flow_table_add(struct flow_table *table, uint32_t tag, int64_t now_ns)
{
    if (table->count >= table->limit)
        return 0;
    if ((uint64_t)table->count * 4 >= (uint64_t)table->room * 3 && !grow_slots(table))
        return 0;
    if (!table->unused && !grow_slabs(table))
        return 0;
    uint32_t place = table->unused;
    struct tracked *t = flow_at(table, place);
    table->unused = t->newer;
    *t = (struct tracked){.tag = tag};
    put(table->slots, table->room - 1, (struct slot){tag, place});
    link_newest(table, place, LIST_OPENING, now_ns);
    table->count++;
    return place;
}

/* Linear probing without tombstones: what follows the emptied slot moves up where it may. */
static void
empty_slot(struct flow_table *table, uint32_t hole)
{
    uint32_t mask = table->room - 1;
    for (uint32_t i = (hole + 1) & mask; table->slots[i].place; i = (i + 1) & mask) {
        uint32_t home = table->slots[i].tag & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            table->slots[hole] = table->slots[i];
            hole = i;
        }
    }
    table->slots[hole] = (struct slot){0, 0};
}

void
flow_table_remove(struct flow_table *table, uint32_t place)
{
    struct tracked *t = flow_at(table, place);
    uint32_t mask = table->room - 1;
    uint32_t i = t->tag & mask;
    while (table->slots[i].place != place)
        i = (i + 1) & mask;
    empty_slot(table, i);
    unlink_age(table, t);
    t->newer = table->unused;
    table->unused = place;
    table->count--;
}
