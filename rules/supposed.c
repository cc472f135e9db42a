/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/supposed.h"

#include "base/table.h"
#include "rules/remembered_parts.h"

#include <stdlib.h>

enum {
    NAME_MOST = 253,
    /* What a record has around a ticket: its type and tag (RFC 8446 section 5.2), a message's head,
     * lifetime, age, a nonce of eight bytes with its length, and two lengths (section 4.6.1). */
    AROUND_TICKET = 1 + 16 + 4 + 4 + 4 + 9 + 2 + 2,
    IDENTITY_LEAST = 33, /* one that is shorter is a key to the server's memory: all are as long */
    TLS13 = 0x0304,
};
static const int64_t USUAL_NS = INT64_C(86400) * 1000000000; /* a ticket's life, which is hidden */

/* A server and the length of tickets that it gave. */
struct kind {
    struct address address;
    uint64_t port;
    uint64_t identity;
    size_t name_len;
    uint8_t name[NAME_MOST];
};

/* The full handshakes in which it gave such a ticket. */
struct giving {
    struct entry entry; /* of the table, by the time of the latest one */
    struct inferred client;
    bool differ;        /* clients were not all alike: nothing can be said */
    int64_t seen_ns;    /* when the latest was */
    char uid[UID_TEXT]; /* of it */
    size_t key_len;
    uint8_t key[];
};

struct supposed {
    struct pool pool;
    struct table table;
};

struct supposed *
supposed_new(size_t limit)
{
    struct supposed *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->pool.limit = limit;
    s->table = table_new();
    return s;
}

static void
set_name(struct kind *kind, struct bytes name)
{
    name = bytes_first(name, NAME_MOST);
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = bytes_at(name, i);
        kind->name[kind->name_len++] = c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
    }
}

static struct kind
kind_of(const struct session *s, size_t identity)
{
    enum side server = other_side(s->client_side);
    struct kind kind = {
        .address = s->address[server], .port = s->port[server], .identity = identity};
    set_name(&kind, s->hello.server_name);
    return kind;
}

static struct bytes
key_of(const struct kind *kind)
{
    return bytes_of(kind, offsetof(struct kind, name) + kind->name_len);
}

static bool
is_same(const struct entry *entry, const void *wanted)
{
    const struct giving *giving = (const struct giving *)entry;
    const struct bytes *key = wanted;
    return bytes_equal(bytes_of(giving->key, giving->key_len), *key);
}

static struct giving *
find(const struct supposed *s, struct bytes key)
{
    return (struct giving *)table_find(&s->table, table_hash(&s->table, key), is_same, &key);
}

static void
forget(struct supposed *s, struct giving *giving)
{
    table_remove(&s->table, &giving->entry);
    pool_give(&s->pool, giving, sizeof *giving + giving->key_len);
}

static struct giving *
add(struct supposed *s, struct bytes key)
{
    size_t size = sizeof(struct giving) + key.len;
    struct giving *giving = pool_take(&s->pool, size);
    while (!giving && s->table.oldest) {
        forget(s, (struct giving *)s->table.oldest);
        giving = pool_take(&s->pool, size);
    }
    if (!giving)
        return NULL;
    giving->key_len = key.len;
    memcpy(giving->key, key.at, key.len);
    table_add(&s->table, &giving->entry, table_hash(&s->table, key));
    return giving;
}

static bool
is_over(const struct giving *giving, int64_t now_ns)
{
    return now_ns - giving->seen_ns > USUAL_NS;
}

static bool
is_alike(const struct inferred *a, const struct inferred *b)
{
    return a->presence == b->presence && a->chain == b->chain && a->with_proof == b->with_proof;
}

void
supposed_resolve(struct supposed *s, struct session *session)
{
    session->supposed_from[0] = '\0';
    if (!s->table.count || session->version != TLS13 || session->resumed_by != REASON_PSK ||
        !session->resumed || session->resumed_from[0] || !session->has_hello ||
        session->chain[CLIENT].visibility != HIDDEN_RESUMED)
        return;
    size_t identity = client_hello_psk(&session->hello, session->answer.psk_selected).len;
    struct kind kind = kind_of(session, identity);
    const struct giving *giving = find(s, key_of(&kind));
    if (!giving || giving->differ || giving->client.presence != PRESENCE_SENT ||
        is_over(giving, session->ts_ns))
        return;
    memcpy(session->supposed_from, giving->uid, sizeof session->supposed_from);
    session->inferred[CLIENT] = giving->client;
    session->inferred[CLIENT].uncertain = true;
}

void
supposed_learn(struct supposed *s, const struct session *session)
{
    if (session->version != TLS13 || session->resumed || !session->went_on || session->keys_used ||
        !session->has_hello || session->answered < AROUND_TICKET + IDENTITY_LEAST)
        return;
    struct kind kind = kind_of(session, session->answered - (size_t)AROUND_TICKET);
    struct bytes key = key_of(&kind);
    struct giving *giving = find(s, key);
    bool known = giving && !is_over(giving, session->ts_ns);
    if (!giving && !(giving = add(s, key)))
        return;
    giving->differ =
        known && (giving->differ || !is_alike(&giving->client, &session->inferred[CLIENT]));
    giving->client = session->inferred[CLIENT];
    giving->seen_ns = session->ts_ns;
    memcpy(giving->uid, session->uid, sizeof giving->uid);
    table_touch(&s->table, &giving->entry);
}

size_t
supposed_bytes(const struct supposed *s)
{
    return s->pool.used;
}

size_t
supposed_kept(const struct supposed *s)
{
    return s->table.count;
}

/* ---- Over a restart. */

void
supposed_save(const struct supposed *s, struct snapshot_writer *out, int64_t now_ns)
{
    for (const struct entry *entry = s->table.oldest; entry; entry = entry->newer) {
        const struct giving *giving = (const struct giving *)entry;
        struct kind kind;
        if (is_over(giving, now_ns))
            continue;
        memcpy(&kind, giving->key, giving->key_len);
        snapshot_put_number(out, SAVED_ITEM, 1);
        saved_put_uid(out, giving->uid);
        snapshot_put_number(out, (uint64_t)giving->seen_ns, 8);
        snapshot_put_number(out, giving->differ, 1);
        snapshot_put_number(out, giving->client.presence, 1);
        snapshot_put_number(out, giving->client.chain, 4);
        snapshot_put_number(out, giving->client.with_proof, 4);
        snapshot_put_number(out, giving->client.uncertain, 1);
        snapshot_put(out, bytes_of(kind.address.at, sizeof kind.address.at));
        snapshot_put_number(out, kind.port, 2);
        snapshot_put_number(out, kind.identity, 2);
        snapshot_put_number(out, kind.name_len, 1);
        snapshot_put(out, bytes_of(kind.name, kind.name_len));
    }
    snapshot_put_number(out, SAVED_END, 1);
}

static bool
read_flag(struct reader *r)
{
    uint8_t flag = read_u8(r);
    r->bad |= flag > 1;
    return flag;
}

static void
read_client(struct reader *r, struct inferred *client)
{
    uint8_t presence = read_u8(r);
    r->bad |= presence > PRESENCE_SENT;
    client->presence = r->bad ? PRESENCE_UNKNOWN : (enum presence)presence;
    client->chain = read_u32(r);
    client->with_proof = read_u32(r);
    client->uncertain = read_flag(r);
}

static void
read_kind(struct reader *r, struct kind *kind)
{
    struct bytes address = read_bytes(r, sizeof kind->address.at);
    kind->port = read_u16(r);
    kind->identity = read_u16(r);
    struct bytes name = read_vec8(r);
    r->bad |= name.len > NAME_MOST;
    if (r->bad)
        return;
    memcpy(kind->address.at, address.at, address.len);
    set_name(kind, name);
}

/* The oldest come first: when there is no room for one, they have to go. */
static void
read_giving(struct supposed *s, struct reader *r)
{
    struct giving read = {0};
    struct kind kind = {0};
    saved_read_uid(r, read.uid);
    read.seen_ns = (int64_t)read_u64(r);
    read.differ = read_flag(r);
    read_client(r, &read.client);
    read_kind(r, &kind);
    struct bytes key = key_of(&kind);
    r->bad |= !r->bad && find(s, key);
    struct giving *giving = r->bad ? NULL : add(s, key);
    if (!giving)
        return;
    giving->client = read.client;
    giving->differ = read.differ;
    giving->seen_ns = read.seen_ns;
    memcpy(giving->uid, read.uid, sizeof giving->uid);
}

void
supposed_load(struct supposed *s, struct reader *r)
{
    uint8_t mark;
    while ((mark = read_u8(r)) == SAVED_ITEM)
        read_giving(s, r);
    r->bad |= mark != SAVED_END;
}

void
supposed_clear(struct supposed *s)
{
    while (s->table.oldest)
        forget(s, (struct giving *)s->table.oldest);
}

void
supposed_free(struct supposed *s)
{
    if (!s)
        return;
    supposed_clear(s);
    table_free(&s->table);
    free(s);
}
