/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/lineage_parts.h"
#include "rules/remembered_parts.h"

#include <stdlib.h>

enum {
    SERVER_SHARE = 16, /* one server may hold that part of all links, */
    SERVER_LEAST = 16, /* but so many in any case */
    ID_MOST = 32,      /* bytes of a session id (RFC 5246 section 7.4.1.2) */
};

struct lineage *
lineage_new(struct kept_chains *chains, size_t limit)
{
    struct lineage *l = calloc(1, sizeof *l);
    if (!l)
        abort();
    l->pool.limit = limit;
    l->chains = chains;
    l->links = table_new();
    l->servers = table_new();
    l->server_most = limit / (sizeof(struct link) + sizeof(struct origin)) / SERVER_SHARE;
    if (l->server_most < SERVER_LEAST)
        l->server_most = SERVER_LEAST;
    lineage_clear(l); /* makes the keys */
    return l;
}

/* ---- What a link is found by. */

struct hash_pair
lineage_digest(const struct lineage *l, enum key key, struct bytes what)
{
    return hash_bytes_wide(l->keys[key], what);
}

bool
lineage_same_digest(const struct hash_pair *a, const struct hash_pair *b)
{
    return a->half[0] == b->half[0] && a->half[1] == b->half[1];
}

struct location
lineage_location(const struct session *s)
{
    enum side side = other_side(s->client_side);
    return (struct location){.address = s->address[side], .port = s->port[side]};
}

bool
lineage_same_location(const struct location *a, const struct location *b)
{
    return a->port == b->port && memcmp(&a->address, &b->address, sizeof a->address) == 0;
}

struct hash_pair
lineage_digest_of_id(const struct lineage *l, const struct location *location, struct bytes id)
{
    struct {
        struct address address;
        uint16_t port;
        uint16_t len;
        uint8_t id[ID_MOST];
    } what = {.len = (uint16_t)id.len};
    what.address = location->address;
    what.port = (uint16_t)location->port;
    memcpy(what.id, id.at, id.len);
    return lineage_digest(l, KEY_ID, bytes_of(&what, sizeof what));
}

struct hash_pair
lineage_name(const struct lineage *l, const struct session *s)
{
    struct bytes name = s->hello.server_name;
    uint8_t lower[NAME_MOST];
    if (!s->has_hello || !name.len || name.len > NAME_MOST)
        return (struct hash_pair){0};
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = bytes_at(name, i);
        lower[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
    }
    return lineage_digest(l, KEY_NAME, bytes_of(lower, name.len));
}

bool
lineage_is_id(struct bytes id)
{
    return id.len > 0 && id.len <= ID_MOST;
}

/* ---- Links come and go. */

void
lineage_origin_unref(struct lineage *l, struct origin *origin)
{
    if (--origin->references > 0)
        return;
    if (l->loading)
        l->loading[origin->number - 1].origin = NULL;
    kept_chain_unref(l->chains, origin->chain[CLIENT]);
    kept_chain_unref(l->chains, origin->chain[SERVER]);
    pool_give(&l->pool, origin, sizeof *origin);
}

static void
join_server(struct server *server, struct link *link)
{
    link->server = server;
    link->newer = NULL;
    link->older = server->newest;
    if (link->older)
        link->older->newer = link;
    else
        server->oldest = link;
    server->newest = link;
    server->count++;
}

static void
leave_server(struct link *link)
{
    struct server *server = link->server;
    if (link->older)
        link->older->newer = link->newer;
    else
        server->oldest = link->newer;
    if (link->newer)
        link->newer->older = link->older;
    else
        server->newest = link->older;
    server->count--;
}

void
lineage_forget(struct lineage *l, struct link *link)
{
    struct server *server = link->server;
    leave_server(link);
    table_remove(&l->links, &link->entry);
    if (server->count == 0) {
        table_remove(&l->servers, &server->entry);
        pool_give(&l->pool, server, sizeof *server);
    }
    lineage_origin_unref(l, link->origin);
    pool_give(&l->pool, link, sizeof *link);
}

bool
lineage_shed(struct lineage *l)
{
    if (!l->links.oldest)
        return false;
    lineage_forget(l, (struct link *)l->links.oldest);
    l->counts.shed++;
    return true;
}

void *
lineage_take(struct lineage *l, size_t size)
{
    void *taken = pool_take(&l->pool, size);
    while (!taken && lineage_shed(l))
        taken = pool_take(&l->pool, size);
    return taken;
}

static bool
is_link(const struct entry *entry, const void *wanted)
{
    return lineage_same_digest(&((const struct link *)entry)->what, wanted);
}

struct link *
lineage_find(const struct lineage *l, struct hash_pair what)
{
    return (struct link *)table_find(&l->links, what.half[0], is_link, &what);
}

static bool
is_server(const struct entry *entry, const void *wanted)
{
    return lineage_same_location(&((const struct server *)entry)->location, wanted);
}

/* NULL when there is no room. */
static struct server *
find_server(struct lineage *l, const struct location *location)
{
    uint64_t hash = table_hash(&l->servers, bytes_of(location, sizeof *location));
    struct server *server = (struct server *)table_find(&l->servers, hash, is_server, location);
    if (server)
        return server;
    server = lineage_take(l, sizeof *server);
    if (!server)
        return NULL;
    server->location = *location;
    table_add(&l->servers, &server->entry, hash);
    return server;
}

void
lineage_add(struct lineage *l, const struct location *location, struct hash_pair what,
    struct origin *origin, int64_t until_ns)
{
    struct link *link = lineage_take(l, sizeof *link);
    struct server *server = link ? find_server(l, location) : NULL;
    if (!server) {
        pool_give(&l->pool, link, sizeof *link);
        return;
    }
    for (; server->count >= l->server_most; l->counts.shed++)
        lineage_forget(l, server->oldest);
    link->what = what;
    link->until_ns = until_ns;
    link->origin = origin;
    origin->references++;
    join_server(server, link);
    table_add(&l->links, &link->entry, what.half[0]);
    l->counts.planted++;
}

void
lineage_touch(struct lineage *l, struct link *link)
{
    struct server *server = link->server;
    table_touch(&l->links, &link->entry);
    leave_server(link);
    join_server(server, link);
}

struct lineage_counts
lineage_counts(const struct lineage *l)
{
    struct lineage_counts counts = l->counts;
    counts.kept = l->links.count;
    counts.bytes = l->pool.used;
    return counts;
}

void
lineage_free(struct lineage *l)
{
    if (!l)
        return;
    lineage_clear(l);
    table_free(&l->links);
    table_free(&l->servers);
    free(l);
}
