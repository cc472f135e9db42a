/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/lineage_parts.h"

static const int64_t SECOND_NS = INT64_C(1000000000);
static const int64_t USUAL_NS = INT64_C(86400) * 1000000000;    /* RFC 5246 section F.1.4 */
static const int64_t LONGEST_NS = INT64_C(604800) * 1000000000; /* RFC 8446 section 4.6.1 */

enum { ANY_PORT = 0 };

/* ---- Resumed sessions. */

/* A server's data connections have ports of their own. */
static bool
is_ftp_data(const struct origin *origin, const struct location *location)
{
    return origin->ftp && origin->location.port != location->port &&
           memcmp(&origin->location.address, &location->address, sizeof location->address) == 0;
}

static bool
same_server(const struct lineage *l, const struct origin *origin, const struct session *s)
{
    static const struct hash_pair nameless;
    struct location location = lineage_location(s);
    if (lineage_same_location(&origin->location, &location) || is_ftp_data(origin, &location))
        return true;
    struct hash_pair name = lineage_name(l, s);
    return !lineage_same_digest(&name, &nameless) && lineage_same_digest(&name, &origin->name);
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
find_fitting(const struct lineage *l, struct hash_pair what, const struct session *s)
{
    struct link *link = lineage_find(l, what);
    return link && fits(l, link, s) ? link : NULL;
}

/* An id that a control connection of FTP was given is good at any port of its server. */
static struct link *
link_of_id(const struct lineage *l, const struct session *s, struct bytes id)
{
    struct location location = lineage_location(s);
    struct link *link = find_fitting(l, lineage_digest_of_id(l, &location, id), s);
    location.port = ANY_PORT;
    return link ? link : find_fitting(l, lineage_digest_of_id(l, &location, id), s);
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
        link = find_fitting(l, lineage_digest(l, KEY_TICKET, ticket), s);
    if (!link && !psk && lineage_is_id(s->answer.session_id))
        link = link_of_id(l, s, s->answer.session_id);
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
    struct location location = lineage_location(session);
    bool bare = !session->carrier || !strcmp(session->carrier, "tcp");
    session->ftp_data = bare && is_ftp_data(link->origin, &location);
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
    while (!kept && lineage_shed(l))
        kept = kept_chain_find(l->chains, chain);
    return kept;
}

/* NULL when the session showed nothing to inherit, or there is no room. */
static struct origin *
origin_new(struct lineage *l, const struct session *s)
{
    struct origin *origin = lineage_take(l, sizeof *origin);
    if (!origin)
        return NULL;
    origin->references = 1;
    for (enum role role = CLIENT; role <= SERVER; role++) {
        origin->chain[role] = keep(l, &s->chain[role]);
        origin->visibility[role] = s->chain[role].visibility;
    }
    origin->location = lineage_location(s);
    origin->name = lineage_name(l, s);
    origin->version = s->version;
    origin->cipher = s->answer.cipher;
    origin->ftp = s->service && !strcmp(s->service, "ftp");
    memcpy(origin->uid, s->uid, sizeof origin->uid);
    return origin;
}

/* A ticket is planted once: whoever shows it again can only have copied it. */
static void
plant_tickets(struct lineage *l, const struct session *s, struct origin *origin)
{
    struct location location = lineage_location(s);
    for (size_t i = 0; i < s->issued_len; i++) {
        const struct issued_ticket *issued = &s->issued[i];
        struct hash_pair what = lineage_digest(l, KEY_TICKET, issued->ticket);
        if (lineage_find(l, what))
            continue;
        int64_t lifetime = issued->lifetime ? issued->lifetime * SECOND_NS : USUAL_NS;
        int64_t until_ns = s->end_ns + (lifetime < LONGEST_NS ? lifetime : LONGEST_NS);
        lineage_add(l, &location, what, origin, until_ns);
    }
}

/* A server that gives an id anew has forgotten what it gave it for before. */
static void
plant_id_at(struct lineage *l, const struct session *s, struct origin *origin, uint64_t port)
{
    struct location location = lineage_location(s);
    struct location found_at = {.address = location.address, .port = port};
    struct hash_pair what = lineage_digest_of_id(l, &found_at, s->answer.session_id);
    struct link *former = lineage_find(l, what);
    if (former)
        lineage_forget(l, former);
    lineage_add(l, &location, what, origin, s->end_ns + USUAL_NS);
}

static void
plant_id(struct lineage *l, const struct session *s, struct origin *origin)
{
    plant_id_at(l, s, origin, lineage_location(s).port);
    if (origin->ftp)
        plant_id_at(l, s, origin, ANY_PORT);
}

static void
learn_full(struct lineage *l, const struct session *s)
{
    bool has_id = !version_hides_certificates(s->version) && lineage_is_id(s->answer.session_id);
    bool shown = was_shown(&s->chain[CLIENT]) || was_shown(&s->chain[SERVER]);
    if (!s->has_answer || s->answer.sslv2 || !shown || (!has_id && !s->issued_len))
        return;
    struct origin *origin = origin_new(l, s);
    if (!origin)
        return;
    if (has_id)
        plant_id(l, s, origin);
    plant_tickets(l, s, origin);
    lineage_origin_unref(l, origin);
}

/* What was resumed once is likely to be resumed again. */
static void
learn_resumed(struct lineage *l, const struct session *s)
{
    struct link *link = link_of(l, s);
    if (!link)
        return;
    struct origin *origin = link->origin;
    lineage_touch(l, link);
    origin->references++;
    plant_tickets(l, s, origin);
    lineage_origin_unref(l, origin);
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
