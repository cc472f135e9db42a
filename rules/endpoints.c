/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/endpoints.h"

#include "base/table.h"
#include "rules/remembered_parts.h"

#include <stdlib.h>

enum { NAME_MOST = 253 }; /* bytes of a server name that count */

/* Address, port and name of a server, as bytes. */
struct place {
    uint8_t at[sizeof(struct address) + sizeof(uint16_t) + NAME_MOST];
    size_t len;
};

/* A server that showed a watched certificate. */
struct endpoint {
    struct entry entry; /* of the table, by the time of the latest sighting */
    struct kept_chain *chain;
    char uid[UID_TEXT]; /* of the connection that showed it first */
    int64_t since_ns;   /* when that was, */
    int64_t seen_ns;    /* and when it was shown last */
    size_t place_len;
    uint8_t place[];
};

struct endpoints {
    struct pool pool;
    struct kept_chains *chains;
    struct table table;
    int64_t keep_ns;
    struct chain lent;        /* the certificates of what is recalled, */
    struct recalled recalled; /* which a session points to */
    struct endpoints_counts counts;
};

struct endpoints *
endpoints_new(struct kept_chains *chains, size_t limit, int64_t keep_ns)
{
    struct endpoints *e = calloc(1, sizeof *e);
    if (!e)
        abort();
    e->pool.limit = limit;
    e->chains = chains;
    e->table = table_new();
    e->keep_ns = keep_ns;
    return e;
}

static void
add_bytes(struct place *place, const void *at, size_t len)
{
    memcpy(place->at + place->len, at, len);
    place->len += len;
}

static struct place
place_of(const struct session *s)
{
    struct place place = {0};
    enum side server = other_side(s->client_side);
    struct bytes name = bytes_first(s->hello.server_name, NAME_MOST);
    add_bytes(&place, &s->address[server], sizeof s->address[server]);
    add_bytes(&place, &s->port[server], sizeof s->port[server]);
    for (size_t i = 0; s->has_hello && i < name.len; i++) {
        uint8_t c = bytes_at(name, i);
        place.at[place.len++] = c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
    }
    return place;
}

static bool
is_there(const struct entry *entry, const void *wanted)
{
    const struct endpoint *endpoint = (const struct endpoint *)entry;
    const struct place *place = wanted;
    return bytes_equal(
        bytes_of(endpoint->place, endpoint->place_len), bytes_of(place->at, place->len));
}

static uint64_t
hash_of(const struct endpoints *e, const struct place *place)
{
    return table_hash(&e->table, bytes_of(place->at, place->len));
}

static void
forget(struct endpoints *e, struct endpoint *endpoint)
{
    table_remove(&e->table, &endpoint->entry);
    kept_chain_unref(e->chains, endpoint->chain);
    pool_give(&e->pool, endpoint, sizeof *endpoint + endpoint->place_len);
}

static bool
is_over(const struct endpoints *e, const struct endpoint *endpoint, int64_t now_ns)
{
    return now_ns > endpoint->seen_ns && now_ns - endpoint->seen_ns > e->keep_ns;
}

static struct endpoint *
find(const struct endpoints *e, const struct session *s)
{
    struct place place = place_of(s);
    return (struct endpoint *)table_find(&e->table, hash_of(e, &place), is_there, &place);
}

/* Did the server answer, and keep to itself who it is? */
static bool
is_hidden(const struct session *s)
{
    enum visibility visibility = s->chain[SERVER].visibility;
    return s->has_answer && (visibility == HIDDEN_ENCRYPTED || visibility == HIDDEN_RESUMED ||
                                visibility == HIDDEN_MISSED);
}

void
endpoints_recall(struct endpoints *e, struct session *session)
{
    session->recalled = NULL;
    if (!e->table.count || !is_hidden(session))
        return;
    const struct endpoint *endpoint = find(e, session);
    if (!endpoint || is_over(e, endpoint, session->ts_ns))
        return;
    kept_chain_lend(endpoint->chain, &e->lent);
    e->recalled = (struct recalled){
        .at = e->lent.at,
        .len = e->lent.len,
        .uid = endpoint->uid,
        .ts_ns = endpoint->since_ns,
    };
    session->recalled = &e->recalled;
    e->counts.recalled++;
}

/* Is it the server's certificates that are watched for? */
static bool
shows_watched(const struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->len; i++)
        if (verdict->hits[i].role == SERVER && verdict->hits[i].certificate)
            return true;
    return false;
}

/* Makes room by forgetting who was seen longest ago. False when there is nobody. */
static bool
shed(struct endpoints *e)
{
    if (!e->table.oldest)
        return false;
    forget(e, (struct endpoint *)e->table.oldest);
    e->counts.shed++;
    return true;
}

/* Room for one at that place, for which others may have to go. NULL: there is none even so. */
static struct endpoint *
endpoint_new(struct endpoints *e, const struct place *place)
{
    size_t size = sizeof(struct endpoint) + place->len;
    struct endpoint *endpoint = pool_take(&e->pool, size);
    while (!endpoint && shed(e))
        endpoint = pool_take(&e->pool, size);
    return endpoint;
}

static void
put_in(struct endpoints *e, struct endpoint *endpoint, const struct endpoint *what,
    const struct place *place)
{
    *endpoint = *what;
    endpoint->place_len = place->len;
    memcpy(endpoint->place, place->at, place->len);
    table_add(&e->table, &endpoint->entry, hash_of(e, place));
}

static void
add(struct endpoints *e, const struct session *s)
{
    struct place place = place_of(s);
    struct endpoint *endpoint = endpoint_new(e, &place);
    struct kept_chain *chain = endpoint ? kept_chain_find(e->chains, &s->chain[SERVER]) : NULL;
    if (!chain) {
        e->counts.shed++;
        pool_give(&e->pool, endpoint, sizeof *endpoint + place.len);
        return;
    }
    struct endpoint what = {.chain = chain, .since_ns = s->ts_ns, .seen_ns = s->ts_ns};
    memcpy(what.uid, s->uid, sizeof what.uid);
    put_in(e, endpoint, &what, &place);
}

/* A certificate that is shown again and no longer raises a hit stays remembered: an entry of a list
 * may be about some clients only, and is asked again whenever it matters. */
static void
learn(struct endpoints *e, const struct session *s, bool watched)
{
    struct endpoint *known = e->table.count ? find(e, s) : NULL;
    bool same = known && kept_chain_is(known->chain, &s->chain[SERVER]);
    if (same) {
        if (s->ts_ns > known->seen_ns)
            known->seen_ns = s->ts_ns;
        table_touch(&e->table, &known->entry);
        return;
    }
    if (known)
        forget(e, known);
    if (watched)
        add(e, s);
}

void
endpoints_learn(struct endpoints *e, struct session *session, const struct verdict *verdict)
{
    const struct chain *chain = &session->chain[SERVER];
    session->recalled = NULL;
    if (!e->keep_ns || !session->went_on || !chain->len ||
        (chain->visibility != VISIBLE_CLEAR && chain->visibility != VISIBLE_DECRYPTED))
        return;
    while (e->table.oldest && is_over(e, (struct endpoint *)e->table.oldest, session->ts_ns))
        forget(e, (struct endpoint *)e->table.oldest);
    learn(e, session, shows_watched(verdict));
}

struct endpoints_counts
endpoints_counts(const struct endpoints *e)
{
    struct endpoints_counts counts = e->counts;
    counts.kept = e->table.count;
    counts.bytes = e->pool.used;
    return counts;
}

/* ---- Over a restart. */

void
endpoints_save(const struct endpoints *e, struct snapshot_writer *out, int64_t now_ns)
{
    for (const struct entry *entry = e->table.oldest; entry; entry = entry->newer) {
        const struct endpoint *endpoint = (const struct endpoint *)entry;
        if (is_over(e, endpoint, now_ns))
            continue;
        snapshot_put_number(out, SAVED_ITEM, 1);
        snapshot_put_number(out, kept_chain_number(endpoint->chain), 4);
        saved_put_uid(out, endpoint->uid);
        snapshot_put_number(out, (uint64_t)endpoint->since_ns, 8);
        snapshot_put_number(out, (uint64_t)endpoint->seen_ns, 8);
        snapshot_put_number(out, endpoint->place_len, 2);
        snapshot_put(out, bytes_of(endpoint->place, endpoint->place_len));
    }
    snapshot_put_number(out, SAVED_END, 1);
}

/* The oldest come first: when there is no room for one, they have to go. */
static void
read_endpoint(struct endpoints *e, const struct saved_chains *saved, struct reader *r)
{
    enum { PLACE_LEAST = sizeof(struct address) + sizeof(uint16_t) };
    struct endpoint read = {0};
    struct place place = {0};
    uint32_t number = read_u32(r);
    saved_read_uid(r, read.uid);
    read.since_ns = (int64_t)read_u64(r);
    read.seen_ns = (int64_t)read_u64(r);
    struct bytes at = read_vec16(r);
    r->bad |= !saved_chains_have(saved, number);
    r->bad |= at.len < PLACE_LEAST || at.len > sizeof place.at;
    if (r->bad || !e->keep_ns)
        return;
    add_bytes(&place, at.at, at.len);
    r->bad |= table_find(&e->table, hash_of(e, &place), is_there, &place) != NULL;
    if (r->bad)
        return;
    struct endpoint *endpoint = endpoint_new(e, &place);
    struct kept_chain *chain = endpoint ? saved_chain_keep(saved, number, e->chains) : NULL;
    while (endpoint && !chain && shed(e))
        chain = saved_chain_keep(saved, number, e->chains);
    if (!chain) {
        pool_give(&e->pool, endpoint, sizeof *endpoint + place.len);
        return;
    }
    read.chain = chain;
    put_in(e, endpoint, &read, &place);
}

void
endpoints_load(struct endpoints *e, const struct saved_chains *saved, struct reader *r)
{
    struct endpoints_counts before = e->counts;
    uint8_t mark;
    while ((mark = read_u8(r)) == SAVED_ITEM)
        read_endpoint(e, saved, r);
    r->bad |= mark != SAVED_END;
    e->counts = before;
}

void
endpoints_clear(struct endpoints *e)
{
    while (e->table.oldest)
        forget(e, (struct endpoint *)e->table.oldest);
}

void
endpoints_free(struct endpoints *e)
{
    if (!e)
        return;
    endpoints_clear(e);
    table_free(&e->table);
    free(e);
}
