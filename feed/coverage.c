/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/coverage.h"

#include "base/table.h"

#include <stdlib.h>

enum { NAME_MOST = 253 }; /* bytes of a name that tell servers apart */

struct counted {
    struct entry entry;
    struct coverage_server told;
    uint64_t latest; /* connection, of all that were counted */
    uint8_t name[NAME_MOST];
};

struct coverage {
    size_t most, len;
    struct counted *places;
    struct counted **order; /* the first `len` are in use */
    struct table table;
    struct coverage_server rest;
    uint64_t clock; /* counts connections */
};

struct coverage *
coverage_new(size_t most)
{
    struct coverage *c = calloc(1, sizeof *c);
    if (!c)
        abort();
    c->most = most;
    c->places = calloc(most, sizeof *c->places);
    c->order = calloc(most, sizeof *c->order);
    if (!c->places || !c->order)
        abort();
    for (size_t i = 0; i < most; i++)
        c->order[i] = &c->places[i];
    c->table = table_new();
    c->rest.rest = true;
    return c;
}

static void
add_counts(struct coverage_counts *sum, const struct coverage_counts *more)
{
    sum->connections += more->connections;
    sum->judged += more->judged;
    for (int role = 0; role < 2; role++)
        for (int i = 0; i < VISIBILITIES; i++)
            sum->visibility[role][i] += more->visibility[role][i];
}

static uint64_t
hidden(const struct coverage_server *server)
{
    return server->counts.connections - server->counts.judged;
}

/* ---- Order. */

static int
compare_numbers(uint64_t a, uint64_t b)
{
    return a == b ? 0 : a > b ? -1 : 1; /* larger first */
}

/* Which are worth a place of their own: of equal ones, those that were met lately. */
static int
by_worth(const void *left, const void *right)
{
    const struct counted *a = *(struct counted *const *)left;
    const struct counted *b = *(struct counted *const *)right;
    int order = compare_numbers(hidden(&a->told), hidden(&b->told));
    return order ? order : compare_numbers(a->latest, b->latest);
}

static int
by_telling(const void *left, const void *right)
{
    const struct coverage_server *a = &(*(struct counted *const *)left)->told;
    const struct coverage_server *b = &(*(struct counted *const *)right)->told;
    int order = compare_numbers(hidden(a), hidden(b));
    if (!order)
        order = compare_numbers(a->counts.connections, b->counts.connections);
    if (!order)
        order = memcmp(&a->address, &b->address, sizeof a->address);
    if (!order)
        order = (int)a->port - (int)b->port;
    return order ? order : bytes_compare(a->name, b->name);
}

/* ---- Places. */

static void
fold(struct coverage *c)
{
    qsort(c->order, c->len, sizeof *c->order, by_worth);
    while (c->len > c->most / 2) {
        struct counted *least = c->order[--c->len];
        table_remove(&c->table, &least->entry);
        add_counts(&c->rest.counts, &least->told.counts);
    }
}

static bool
is_same(const struct entry *entry, const void *wanted)
{
    const struct coverage_server *a = &((const struct counted *)entry)->told;
    const struct coverage_server *b = wanted;
    return a->port == b->port && memcmp(&a->address, &b->address, sizeof a->address) == 0 &&
           bytes_equal(a->name, b->name);
}

static uint64_t
hash_of(const struct coverage *c, const struct coverage_server *server)
{
    uint8_t key[sizeof server->address + sizeof server->port + NAME_MOST];
    size_t len = sizeof server->address;
    memcpy(key, &server->address, len);
    memcpy(key + len, &server->port, sizeof server->port);
    len += sizeof server->port;
    if (server->name.len)
        memcpy(key + len, server->name.at, server->name.len);
    return table_hash(&c->table, bytes_of(key, len + server->name.len));
}

/* The counts of this server, which need not have been met before. */
static struct coverage_counts *
counts_of(struct coverage *c, const struct coverage_server *server)
{
    uint64_t hash = hash_of(c, server);
    struct counted *found = (struct counted *)table_find(&c->table, hash, is_same, server);
    if (!found) {
        if (c->len == c->most)
            fold(c);
        found = c->order[c->len++];
        *found = (struct counted){.told = {.address = server->address, .port = server->port}};
        if (server->name.len)
            memcpy(found->name, server->name.at, server->name.len);
        found->told.name = bytes_of(found->name, server->name.len);
        table_add(&c->table, &found->entry, hash);
    }
    found->latest = ++c->clock;
    return &found->told.counts;
}

/* ---- Counting. */

static bool
is_known(const struct chain *chain)
{
    return chain->visibility == VISIBLE_CLEAR || chain->visibility == VISIBLE_DECRYPTED ||
           chain->visibility == VISIBLE_INHERITED || chain->visibility == HIDDEN_NONE;
}

void
coverage_count(struct coverage *c, const struct session *session)
{
    enum side side = other_side(session->client_side);
    struct coverage_server server = {
        .address = session->address[side], .port = session->port[side]};
    if (session->has_hello)
        server.name = bytes_first(session->hello.server_name, NAME_MOST);
    struct coverage_counts *counts = counts_of(c, &server);
    counts->connections++;
    counts->judged += is_known(&session->chain[CLIENT]) && is_known(&session->chain[SERVER]);
    for (int role = 0; role < 2; role++)
        counts->visibility[role][session->chain[role].visibility]++;
}

void
coverage_add(struct coverage *c, struct coverage *more)
{
    coverage_sort(more); /* so that the order in which they come depends on nothing else */
    for (size_t i = more->len; i > 0; i--) {
        const struct coverage_server *server = &more->order[i - 1]->told;
        add_counts(counts_of(c, server), &server->counts);
    }
    add_counts(&c->rest.counts, &more->rest.counts);
}

void
coverage_sort(struct coverage *c)
{
    qsort(c->order, c->len, sizeof *c->order, by_telling);
}

const struct coverage_server *
coverage_at(const struct coverage *c, size_t i)
{
    if (i < c->len)
        return &c->order[i]->told;
    return i == c->len && c->rest.counts.connections ? &c->rest : NULL;
}

struct coverage_counts
coverage_total(const struct coverage *c)
{
    struct coverage_counts sum = c->rest.counts;
    for (size_t i = 0; i < c->len; i++)
        add_counts(&sum, &c->order[i]->told.counts);
    return sum;
}

void
coverage_empty(struct coverage *c)
{
    while (c->len > 0)
        table_remove(&c->table, &c->order[--c->len]->entry);
    c->rest.counts = (struct coverage_counts){0};
}

void
coverage_free(struct coverage *c)
{
    if (!c)
        return;
    table_free(&c->table);
    free(c->places);
    free(c->order);
    free(c);
}
