/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/lineage.h"

#include "base/table.h"

#include <stdlib.h>

enum {
    SERVER_SHARE = 16, /* one server may hold that part of all links, */
    SERVER_LEAST = 16, /* but so many in any case */
    NAME_MOST = 253,   /* bytes of a server name */
    ID_MOST = 32,      /* bytes of a session id (RFC 5246 section 7.4.1.2) */
};
static const int64_t SECOND_NS = INT64_C(1000000000);
static const int64_t USUAL_NS = INT64_C(86400) * 1000000000;    /* RFC 5246 section F.1.4 */
static const int64_t LONGEST_NS = INT64_C(604800) * 1000000000; /* RFC 8446 section 4.6.1 */

/* 128 bits under secret keys: nobody can make two things look alike. */
struct digest {
    uint64_t half[2];
};

/* The full handshake at the beginning of a line. */
struct origin {
    size_t references;
    struct kept_chain *chain[2];   /* by role; NULL: none, or unknown */
    enum visibility visibility[2]; /* of these, when they were shown */
    struct address address;        /* of the server, as the next two */
    uint16_t port;
    struct digest name; /* zero: it was asked for none */
    uint16_t version, cipher;
    char uid[UID_TEXT];
};

/* Something that a session may be resumed by. */
struct link {
    struct entry entry;         /* of the table, oldest first */
    struct link *older, *newer; /* of the same server */
    struct server *server;
    struct origin *origin;
    struct digest what;
    int64_t until_ns; /* packet time */
};

/* Where links come from. */
struct server {
    struct entry entry;
    struct address address;
    uint16_t port;
    struct link *oldest, *newest;
    size_t count;
};

enum key { KEY_TICKET, KEY_ID, KEY_NAME, KEYS };

struct lineage {
    struct pool pool;
    struct kept_chains *chains;
    struct table links;
    struct table servers;
    size_t server_most;
    struct hash_key keys[KEYS][2];
    struct lineage_counts counts;
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
    for (int i = 0; i < KEYS; i++)
        for (int k = 0; k < 2; k++)
            l->keys[i][k] = hash_key_random();
    return l;
}

/* ---- What a link is found by. */

static struct digest
digest_of(const struct lineage *l, enum key key, struct bytes what)
{
    return (struct digest){{hash_bytes(l->keys[key][0], what), hash_bytes(l->keys[key][1], what)}};
}

static bool
same_digest(const struct digest *a, const struct digest *b)
{
    return a->half[0] == b->half[0] && a->half[1] == b->half[1];
}

/* Of the server a session was with. */
static const struct address *
server_address(const struct session *s, uint16_t *port)
{
    enum side side = other_side(s->client_side);
    *port = s->port[side];
    return &s->address[side];
}

/* A session id means something to the server that gave it, and to no other. */
static struct digest
digest_of_id(const struct lineage *l, const struct session *s, struct bytes id)
{
    struct {
        struct address address;
        uint16_t port;
        uint16_t len;
        uint8_t id[ID_MOST];
    } what = {.len = (uint16_t)id.len};
    what.address = *server_address(s, &what.port);
    memcpy(what.id, id.at, id.len);
    return digest_of(l, KEY_ID, bytes_of(&what, sizeof what));
}

/* The name the client asked for; letters of either case are the same. */
static struct digest
digest_of_name(const struct lineage *l, const struct session *s)
{
    struct bytes name = s->hello.server_name;
    uint8_t lower[NAME_MOST];
    if (!s->has_hello || !name.len || name.len > NAME_MOST)
        return (struct digest){0};
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = bytes_at(name, i);
        lower[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
    }
    return digest_of(l, KEY_NAME, bytes_of(lower, name.len));
}

static bool
is_id(struct bytes id)
{
    return id.len > 0 && id.len <= ID_MOST;
}

/* ---- Links come and go. */

static void
origin_unref(struct lineage *l, struct origin *origin)
{
    if (--origin->references > 0)
        return;
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

static void
forget(struct lineage *l, struct link *link)
{
    struct server *server = link->server;
    leave_server(link);
    table_remove(&l->links, &link->entry);
    if (server->count == 0) {
        table_remove(&l->servers, &server->entry);
        pool_give(&l->pool, server, sizeof *server);
    }
    origin_unref(l, link->origin);
    pool_give(&l->pool, link, sizeof *link);
}

/* Makes room by forgetting the oldest link. False when there is none. */
static bool
shed(struct lineage *l)
{
    if (!l->links.oldest)
        return false;
    forget(l, (struct link *)l->links.oldest);
    l->counts.shed++;
    return true;
}

static void *
take(struct lineage *l, size_t size)
{
    void *taken = pool_take(&l->pool, size);
    while (!taken && shed(l))
        taken = pool_take(&l->pool, size);
    return taken;
}

static bool
is_link(const struct entry *entry, const void *wanted)
{
    return same_digest(&((const struct link *)entry)->what, wanted);
}

static struct link *
find_link(const struct lineage *l, struct digest what)
{
    return (struct link *)table_find(&l->links, what.half[0], is_link, &what);
}

static bool
is_server(const struct entry *entry, const void *wanted)
{
    const struct server *server = (const struct server *)entry;
    uint16_t port;
    const struct address *address = server_address(wanted, &port);
    return server->port == port && memcmp(&server->address, address, sizeof *address) == 0;
}

/* The server of this session; NULL when there is no room. */
static struct server *
find_server(struct lineage *l, const struct session *s)
{
    struct {
        struct address address;
        uint64_t port;
    } key = {0};
    uint16_t port;
    key.address = *server_address(s, &port);
    key.port = port;
    uint64_t hash = table_hash(&l->servers, bytes_of(&key, sizeof key));
    struct server *server = (struct server *)table_find(&l->servers, hash, is_server, s);
    if (server)
        return server;
    server = take(l, sizeof *server);
    if (!server)
        return NULL;
    server->address = key.address;
    server->port = port;
    table_add(&l->servers, &server->entry, hash);
    return server;
}

/* A new link of this session's server. Should the server hold too many, its own oldest must go. */
static void
add_link(struct lineage *l, const struct session *s, struct digest what, struct origin *origin,
    int64_t until_ns)
{
    struct link *link = take(l, sizeof *link);
    struct server *server = link ? find_server(l, s) : NULL;
    if (!server) {
        pool_give(&l->pool, link, sizeof *link);
        return;
    }
    for (; server->count >= l->server_most; l->counts.shed++)
        forget(l, server->oldest);
    link->what = what;
    link->until_ns = until_ns;
    link->origin = origin;
    origin->references++;
    join_server(server, link);
    table_add(&l->links, &link->entry, what.half[0]);
    l->counts.planted++;
}

/* ---- Resumed sessions. */

static bool
same_server(const struct lineage *l, const struct origin *origin, const struct session *s)
{
    static const struct digest nameless;
    uint16_t port;
    const struct address *address = server_address(s, &port);
    if (origin->port == port && memcmp(&origin->address, address, sizeof *address) == 0)
        return true;
    struct digest name = digest_of_name(l, s);
    return !same_digest(&name, &nameless) && same_digest(&name, &origin->name);
}

/* A session keeps its version and, up to TLS 1.2, its cipher suite for as long as it is resumed. */
static bool
fits(const struct lineage *l, const struct link *link, const struct session *s)
{
    const struct origin *origin = link->origin;
    bool same_suite = version_hides_certificates(s->version) || origin->cipher == s->answer.cipher;
    return s->ts_ns <= link->until_ns && origin->version == s->version && same_suite &&
           same_server(l, origin, s);
}

static struct link *
find_fitting(const struct lineage *l, struct digest what, const struct session *s)
{
    struct link *link = find_link(l, what);
    return link && fits(l, link, s) ? link : NULL;
}

/* What the session was resumed by; NULL when that was never seen planted. */
static struct link *
link_of(const struct lineage *l, const struct session *s)
{
    if (!s->resumed || !s->has_hello || !s->has_answer || s->answer.sslv2)
        return NULL;
    bool psk = s->resumed_by == REASON_PSK;
    struct bytes ticket =
        psk ? client_hello_psk(&s->hello, s->answer.psk_selected) : s->hello.ticket;
    struct link *link = NULL;
    if (ticket.len)
        link = find_fitting(l, digest_of(l, KEY_TICKET, ticket), s);
    if (!link && !psk && is_id(s->answer.session_id))
        link = find_fitting(l, digest_of_id(l, s, s->answer.session_id), s);
    return link;
}

static void
inherit(struct chain *chain, const struct origin *origin, enum role role)
{
    if (chain->visibility != HIDDEN_RESUMED)
        return;
    if (origin->chain[role]) {
        kept_chain_lend(origin->chain[role], chain);
        chain->visibility = VISIBLE_INHERITED;
    } else if (origin->visibility[role] == HIDDEN_NONE) {
        chain->visibility = HIDDEN_NONE;
    }
}

void
lineage_resolve(struct lineage *l, struct session *session)
{
    const struct link *link = link_of(l, session);
    if (!link)
        return;
    l->counts.resolved++;
    memcpy(session->resumed_from, link->origin->uid, sizeof session->resumed_from);
    inherit(&session->chain[CLIENT], link->origin, CLIENT);
    inherit(&session->chain[SERVER], link->origin, SERVER);
}

/* ---- Planting. */

static bool
was_shown(const struct chain *chain)
{
    return chain->len &&
           (chain->visibility == VISIBLE_CLEAR || chain->visibility == VISIBLE_DECRYPTED);
}

static struct kept_chain *
keep(struct lineage *l, const struct chain *chain)
{
    if (!was_shown(chain) || !kept_chain_fits(chain))
        return NULL;
    struct kept_chain *kept = kept_chain_find(l->chains, chain);
    while (!kept && shed(l))
        kept = kept_chain_find(l->chains, chain);
    return kept;
}

/* NULL when the session showed nothing to inherit, or there is no room. */
static struct origin *
origin_new(struct lineage *l, const struct session *s)
{
    struct origin *origin = take(l, sizeof *origin);
    if (!origin)
        return NULL;
    origin->references = 1;
    for (enum role role = CLIENT; role <= SERVER; role++) {
        origin->chain[role] = keep(l, &s->chain[role]);
        origin->visibility[role] = s->chain[role].visibility;
    }
    origin->address = *server_address(s, &origin->port);
    origin->name = digest_of_name(l, s);
    origin->version = s->version;
    origin->cipher = s->answer.cipher;
    memcpy(origin->uid, s->uid, sizeof origin->uid);
    return origin;
}

/* A ticket is planted once: whoever shows it again can only have copied it. */
static void
plant_tickets(struct lineage *l, const struct session *s, struct origin *origin)
{
    for (size_t i = 0; i < s->issued_len; i++) {
        const struct issued_ticket *issued = &s->issued[i];
        struct digest what = digest_of(l, KEY_TICKET, issued->ticket);
        if (find_link(l, what))
            continue;
        int64_t lifetime = issued->lifetime ? issued->lifetime * SECOND_NS : USUAL_NS;
        add_link(l, s, what, origin, s->end_ns + (lifetime < LONGEST_NS ? lifetime : LONGEST_NS));
    }
}

/* A server that gives an id anew has forgotten what it gave it for before. */
static void
plant_id(struct lineage *l, const struct session *s, struct origin *origin)
{
    struct digest what = digest_of_id(l, s, s->answer.session_id);
    struct link *former = find_link(l, what);
    if (former)
        forget(l, former);
    add_link(l, s, what, origin, s->end_ns + USUAL_NS);
}

static void
learn_full(struct lineage *l, const struct session *s)
{
    bool has_id = !version_hides_certificates(s->version) && is_id(s->answer.session_id);
    bool shown = was_shown(&s->chain[CLIENT]) || was_shown(&s->chain[SERVER]);
    if (!s->has_answer || s->answer.sslv2 || !shown || (!has_id && !s->issued_len))
        return;
    struct origin *origin = origin_new(l, s);
    if (!origin)
        return;
    if (has_id)
        plant_id(l, s, origin);
    plant_tickets(l, s, origin);
    origin_unref(l, origin);
}

/* What was resumed once is likely to be resumed again. */
static void
learn_resumed(struct lineage *l, const struct session *s)
{
    struct link *link = link_of(l, s);
    if (!link)
        return;
    struct server *server = link->server;
    struct origin *origin = link->origin;
    table_touch(&l->links, &link->entry);
    leave_server(link);
    join_server(server, link);
    origin->references++;
    plant_tickets(l, s, origin);
    origin_unref(l, origin);
}

void
lineage_learn(struct lineage *l, struct session *session)
{
    if (session->went_on && session->resumed)
        learn_resumed(l, session);
    else if (session->went_on)
        learn_full(l, session);
    for (enum role role = CLIENT; role <= SERVER; role++)
        if (session->chain[role].visibility == VISIBLE_INHERITED)
            session->chain[role] = (struct chain){
                .visibility = VISIBLE_INHERITED, .reason = session->chain[role].reason};
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
    while (l->links.oldest)
        forget(l, (struct link *)l->links.oldest);
    table_free(&l->links);
    table_free(&l->servers);
    free(l);
}
