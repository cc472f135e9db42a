/* SPDX-License-Identifier: Apache-2.0
 *
 * Sessions ask the same again and again, so what was said is remembered: a few thousand answers,
 * each under its whole question, a newer one in place of an older.
 */
#include "rules/services.h"

#include "rules/services_shipped.h"
#include "rules/services_table.h"
#include "rules/spelling.h"

#include <assert.h>
#include <stdlib.h>

enum { ANSWERS = 4096, QUESTION_MOST = 512 }; /* ANSWERS: a power of two */

struct answer {
    uint64_t hash;
    char *question;
    size_t len;
    const char *service;
};

/* What a row may ask of a session. */
struct asked {
    const struct address *address; /* of the server, as the next */
    uint16_t port;
    struct bytes name; /* in lower case */
    struct bytes carrier, alpn;
    bool application_known;
    uint16_t application; /* nDPI's: of the name, or else of the address */
};

struct services *
services_new(bool applications)
{
    struct services *services = calloc(1, sizeof *services);
    if (!services)
        abort();
    services->pool.limit = SIZE_MAX;
    services->arena.pool = &services->pool;
    services->wants_applications = applications && applications_built();
    services->key = hash_key_random();
    return services;
}

bool
services_add_file(struct services *services, const char *path, struct fault *why)
{
    struct yaml *yaml = yaml_open(path, why);
    bool good = yaml && services_read(services, yaml, false, why);
    yaml_close(yaml);
    return good;
}

void
services_finish(struct services *services)
{
    struct fault why = {0};
    struct yaml *yaml = yaml_open_text(
        "(shipped services)", bytes_of(services_shipped, services_shipped_len), &why);
    bool good = yaml && services_read(services, yaml, true, &why);
    yaml_close(yaml);
    assert(good);
    services->answers = pool_take(&services->pool, ANSWERS * sizeof *services->answers);
    if (!services->answers)
        abort();
}

size_t
services_rows(const struct services *services)
{
    return services->len;
}

void
services_free(struct services *services)
{
    if (!services)
        return;
    for (size_t i = 0; services->answers && i < ANSWERS; i++)
        free(services->answers[i].question);
    pool_give(&services->pool, services->answers,
        services->answers ? ANSWERS * sizeof *services->answers : 0);
    pool_give(&services->pool, services->rows, services->room * sizeof *services->rows);
    arena_empty(&services->arena);
    applications_free(services->applications);
    text_free(&services->question);
    free(services);
}

/* `wanted` itself, or a name below it. */
static bool
is_or_below(struct bytes name, struct bytes wanted)
{
    if (name.len < wanted.len)
        return false;
    size_t above = name.len - wanted.len;
    return bytes_equal(bytes_skip(name, above), wanted) &&
           (above == 0 || bytes_at(name, above - 1) == '.');
}

static bool
any_name(const struct texts *wanted, struct bytes name)
{
    for (size_t i = 0; i < wanted->len && name.len; i++) {
        struct bytes pattern = wanted->at[i];
        bool glob = bytes_find_byte(pattern, '*') < pattern.len ||
                    bytes_find_byte(pattern, '?') < pattern.len;
        if (glob ? glob_matches(pattern, name) : is_or_below(name, pattern))
            return true;
    }
    return false;
}

static bool
any_text(const struct texts *wanted, struct bytes text)
{
    for (size_t i = 0; i < wanted->len; i++)
        if (bytes_equal(wanted->at[i], text))
            return true;
    return false;
}

static bool
any_network(const struct service_row *row, const struct address *address)
{
    for (size_t i = 0; i < row->networks_len && address_is_set(address); i++)
        if (network_has(&row->networks[i], address))
            return true;
    return false;
}

static bool
any_port(const struct service_row *row, uint16_t port)
{
    for (size_t i = 0; i < row->ports_len; i++)
        if (port >= row->ports[i].first && port <= row->ports[i].last)
            return true;
    return false;
}

/* nDPI's numbers of the applications a row names. */
static void
learn_ids(struct services *services, struct service_row *row)
{
    if (!services->applications)
        services->applications = applications_new();
    row->ids = arena_take(&services->arena, row->applications.len * sizeof *row->ids);
    if (!row->ids)
        abort();
    for (size_t i = 0; i < row->applications.len; i++)
        application_named(
            services->applications, (const char *)row->applications.at[i].at, &row->ids[i]);
}

static bool
any_application(struct services *services, struct service_row *row, struct asked *asked)
{
    if (!services->wants_applications)
        return false;
    if (!row->ids)
        learn_ids(services, row);
    if (!asked->application_known) {
        asked->application = asked->name.len
                                 ? application_of_name(services->applications, asked->name)
                                 : application_of_address(services->applications, asked->address);
        asked->application_known = true;
    }
    for (size_t i = 0; i < row->applications.len; i++)
        if (row->ids[i] != APPLICATION_UNKNOWN && row->ids[i] == asked->application)
            return true;
    return false;
}

static bool
fits(struct services *services, struct service_row *row, struct asked *asked)
{
    return (!row->ports_len || any_port(row, asked->port)) &&
           (!row->carriers.len || any_text(&row->carriers, asked->carrier)) &&
           (!row->alpn.len || any_text(&row->alpn, asked->alpn)) &&
           (!row->names.len || any_name(&row->names, asked->name)) &&
           (!row->networks_len || any_network(row, asked->address)) &&
           (!row->applications.len || any_application(services, row, asked));
}

static const char *
answer(struct services *services, struct asked *asked)
{
    for (size_t i = 0; i < services->len; i++)
        if (fits(services, &services->rows[i], asked))
            return services->rows[i].service;
    return NULL;
}

/* All that rows may ask for, with lengths, so that two different sessions never read alike. */
static struct bytes
write_question(struct services *services, const struct session *session, struct asked *asked)
{
    struct text *q = &services->question;
    enum side server = other_side(session->client_side);
    *asked = (struct asked){
        .address = &session->address[server],
        .port = session->port[server],
        .carrier = bytes_from_string(session->ftp_data ? "ftp-data" : session->carrier),
        .alpn = session->answer.has_alpn ? session->answer.alpn : (struct bytes){0},
    };
    struct bytes name =
        session->hello.has_server_name ? session->hello.server_name : (struct bytes){0};
    uint16_t lengths[] = {
        asked->port, (uint16_t)asked->carrier.len, (uint16_t)asked->alpn.len, (uint16_t)name.len};
    text_clear(q);
    if (services->asks_address || !name.len)
        text_add(q, bytes_of(asked->address->at, sizeof asked->address->at));
    text_add(q, bytes_of(lengths, sizeof lengths));
    text_add(q, asked->carrier);
    text_add(q, asked->alpn);
    size_t before = q->len;
    text_add(q, name);
    for (size_t i = before; i < q->len; i++)
        if (q->at[i] >= 'A' && q->at[i] <= 'Z')
            q->at[i] = (char)(q->at[i] - 'A' + 'a');
    asked->name = bytes_skip(text_bytes(q), before);
    if (asked->name.len && bytes_at(asked->name, asked->name.len - 1) == '.')
        asked->name = bytes_first(asked->name, asked->name.len - 1);
    return text_bytes(q);
}

const char *
services_of(struct services *services, const struct session *session)
{
    struct asked asked;
    struct bytes question = write_question(services, session, &asked);
    if (question.len > QUESTION_MOST)
        return answer(services, &asked);

    uint64_t hash = hash_bytes(services->key, question);
    struct answer *known = &services->answers[hash & (ANSWERS - 1)];
    if (known->hash == hash && bytes_equal(question, bytes_of(known->question, known->len)))
        return known->service;
    known->service = answer(services, &asked);
    known->hash = hash;
    if (known->len < question.len || !known->question) {
        free(known->question);
        known->question = malloc(question.len);
        if (!known->question)
            abort();
    }
    memcpy(known->question, question.at, question.len);
    known->len = question.len;
    return known->service;
}
