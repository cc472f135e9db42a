/* SPDX-License-Identifier: Apache-2.0
 *
 * Where flows live: slabs that never move, a table of tags and places that finds them, and lists by
 * age. A place is a number, half the size of a pointer; place 0 is none.
 */
#ifndef CERTTAP_CAPTURE_FLOW_TABLE_H
#define CERTTAP_CAPTURE_FLOW_TABLE_H

#include "base/hash.h"
#include "capture/flows/past.h"
#include "capture/flows/strays.h"
#include "capture/flows/stream.h"

enum age_list {
    LIST_OPENING, /* nobody answered yet, and no data came */
    LIST_ALONE,   /* data, of one side only */
    LIST_OPEN,
    LIST_CLOSED, /* late packets may come */
    LISTS,
};

/* What is known of one side of a TCP connection while it is listened to. */
struct tcp_side {
    struct stream stream;
    struct strays *strays; /* NULL: none, as the next */
    struct past *past;
    uint32_t candidates[4]; /* where its data may begin: behind its SYNs, or where the other side's
                               SYN says; newest first */
    uint32_t acked;         /* the other side's acknowledgement */
    uint32_t fin_seq, reset_seq;
    uint32_t end_seq;      /* behind its latest packet */
    uint32_t hole_ms;      /* when the hole was acknowledged; wraps */
    uint16_t hole_packets; /* of the flow, since then */
    uint8_t candidates_len;
    bool has_acked : 1, has_end : 1, hole_known : 1, good_checksum : 1;
};

struct tcp {
    struct tcp_side side[2];
};

/* A flow, and what only the tracker knows of it. */
struct tracked {
    struct flow flow;
    struct tcp *tcp;         /* NULL: not TCP, or nothing more to listen to */
    struct renewal *renewal; /* NULL: nobody proposed a new connection */
    int64_t linked_ns;       /* when it was last moved to the end of its list */
    uint32_t tag;
    uint32_t older, newer; /* places in its list */
    uint32_t isn;          /* of the originator */
    uint8_t list;          /* enum age_list */
    bool has_isn, opened;  /* the originator sent a plain SYN */
    bool swapped;          /* the originator is the higher end of the key */
    bool fins[2], resets[2], ended;
};

/* Both directions of a flow have the same key: the lower end comes first. */
struct flow_key {
    struct address address[2];
    uint16_t port[2];
    uint8_t protocol, unused;
    uint16_t link_protocol;
    uint32_t tunnel_id;
    uint16_t vlan[PACKET_VLANS];
};

struct age {
    uint32_t oldest, newest;
    uint64_t count;
};

struct slot {
    uint32_t tag, place;
};

struct flow_table {
    struct pool *pool; /* borrowed */
    struct hash_key hash_key;
    bool by_path;
    struct slot *slots;
    uint32_t room; /* slots; a power of two */
    uint32_t count, limit;
    struct tracked **slabs;
    uint32_t slabs_len;
    uint32_t unused; /* first free place, linked by `newer` */
    struct age ages[LISTS];
};

void flow_table_open(struct flow_table *table, struct pool *pool, uint32_t limit, bool by_path);
void flow_table_close(struct flow_table *table); /* all flows must be removed */

/* Fills `key`; true when the packet's sender is its higher end. */
bool flow_key_of(const struct flow_table *table, const struct packet *packet, struct flow_key *key);
uint32_t flow_key_tag(const struct flow_table *table, const struct flow_key *key);

static inline struct tracked *
flow_at(const struct flow_table *table, uint32_t place)
{
    enum { SLAB_BITS = 8 };
    return &table->slabs[place >> SLAB_BITS][place & ((1U << SLAB_BITS) - 1)];
}

void flow_table_prefetch(const struct flow_table *table, uint32_t tag);
void flow_table_prefetch_flow(const struct flow_table *table, uint32_t tag);

/* 0 when there is none. */
uint32_t flow_table_find(const struct flow_table *table, const struct flow_key *key, uint32_t tag);

/* A zeroed flow under this key, at the end of LIST_OPENING. 0 when there is no room. */
uint32_t flow_table_add(struct flow_table *table, uint32_t tag, int64_t now_ns);
void flow_table_remove(struct flow_table *table, uint32_t place);

/* Moves a flow to the end of a list. */
void flow_table_move(struct flow_table *table, uint32_t place, enum age_list list, int64_t now_ns);

#endif
