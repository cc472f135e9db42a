/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/coverage_books.h"

#include "feed/spelling.h"

#include <stdlib.h>

enum { SERVERS_MOST = 1024 }; /* that are counted by themselves */

struct coverage_books {
    struct coverage *recent; /* not in the next two yet, so that a session is counted once */
    struct coverage *stretch;
    struct coverage *total;
    int64_t every_ns;
    bool open;
    int64_t since_ns, end_ns; /* of the stretch */
};

struct coverage_books *
coverage_books_new(int64_t every_ns)
{
    struct coverage_books *b = calloc(1, sizeof *b);
    if (!b)
        abort();
    b->recent = coverage_new(SERVERS_MOST);
    b->stretch = coverage_new(SERVERS_MOST);
    b->total = coverage_new(SERVERS_MOST);
    b->every_ns = every_ns;
    return b;
}

/* The end of the slot that `now_ns` is in; slots before 1970 have one too. */
static int64_t
end_of_slot(int64_t now_ns, int64_t every_ns)
{
    int64_t inside = now_ns % every_ns;
    int64_t begun = now_ns - inside - (inside < 0 ? every_ns : 0);
    return begun > INT64_MAX - every_ns ? INT64_MAX : begun + every_ns;
}

void
coverage_books_count(struct coverage_books *b, const struct session *session, int64_t now_ns)
{
    if (!b->open) {
        b->open = true;
        b->since_ns = now_ns;
        b->end_ns = b->every_ns > 0 ? end_of_slot(now_ns, b->every_ns) : INT64_MAX;
    }
    coverage_count(b->recent, session);
}

bool
coverage_books_next(const struct coverage_books *b, int64_t *end_ns)
{
    *end_ns = b->end_ns;
    return b->open;
}

/* `recent` is added to both others, and is empty then. */
static void
post(struct coverage_books *b)
{
    coverage_add(b->stretch, b->recent);
    coverage_add(b->total, b->recent);
    coverage_empty(b->recent);
}

void
coverage_books_end(struct coverage_books *b, int64_t end_ns, void *owner,
    void (*tell)(void *owner, const struct coverage_row *row))
{
    const struct coverage_server *server;
    if (!b->open)
        return;
    post(b);
    coverage_sort(b->stretch);
    for (size_t i = 0; (server = coverage_at(b->stretch, i)); i++) {
        struct coverage_row row;
        coverage_row_fill(&row, server, b->since_ns, end_ns);
        tell(owner, &row);
    }
    coverage_empty(b->stretch);
    b->open = false;
}

/* A name from strangers, for a terminal. */
static void
spell_name(struct bytes name, char out[SPOT_NAME])
{
    struct text text = {0};
    struct reader r = reader_over(name);
    while (reader_more(&r) && text.len < SPOT_NAME - 8) {
        uint8_t byte = read_u8(&r);
        if (byte > ' ' && byte < 0x7f && byte != '\\')
            text_add_char(&text, (char)byte);
        else
            spell_byte(&text, byte);
    }
    if (reader_more(&r))
        text_add_string(&text, "...");
    memcpy(out, text_string(&text), text.len + 1);
    text_free(&text);
}

void
coverage_books_sum(struct coverage_books *b, struct coverage_summary *out)
{
    const struct coverage_server *server;
    post(b);
    coverage_sort(b->total);
    *out = (struct coverage_summary){.judged = coverage_total(b->total).judged};
    for (size_t i = 0; out->len < SPOTS && (server = coverage_at(b->total, i)); i++) {
        const struct coverage_counts *counts = &server->counts;
        if (server->rest || counts->judged == counts->connections)
            return;
        struct blind_spot *spot = &out->spots[out->len++];
        *spot = (struct blind_spot){
            .address = server->address,
            .port = server->port,
            .connections = counts->connections,
            .judged = counts->judged,
        };
        spell_name(server->name, spot->name);
    }
}

void
coverage_books_free(struct coverage_books *b)
{
    if (!b)
        return;
    coverage_free(b->recent);
    coverage_free(b->stretch);
    coverage_free(b->total);
    free(b);
}
