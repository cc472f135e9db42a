/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates that nobody showed: an OCSP message names them by hashes of their issuer and a
 * serial number, or they were fetched. Whoever asks about a certificate was shown it by somebody.
 */
#include "rules/judging.h"
#include "rules/revoked.h"
#include "rules/spelling.h"

#include <stdlib.h>

enum { SINGLES_MOST = 64 };

struct looking {
    struct judging judging;
    struct offering offering;
    struct pool pool;
    struct arena arena; /* what is known of the named ones stands here until all is told */
};

static void *
take(struct looking *l, size_t size)
{
    void *taken = arena_take(&l->arena, size);
    if (!taken)
        abort();
    return taken;
}

static struct bytes
serial_text(struct looking *l, struct bytes serial)
{
    struct text hex = {0};
    bool ok;
    text_add_upper_hex(&hex, serial);
    struct bytes copy = arena_copy(&l->arena, text_bytes(&hex), &ok);
    text_free(&hex);
    return copy;
}

static const struct named_issuer *
issuer_of(const struct looking *l, const struct ocsp_single *single)
{
    const struct named_issuer *issuer = named_issuer_of(l->judging.rules->named, single);
    return issuer ? issuer : named_issuer_of(l->judging.verdict->named, single);
}

static const struct certificate *
certificate_of(
    const struct looking *l, const struct ocsp_single *single, const struct named_issuer *issuer)
{
    const struct judging *j = &l->judging;
    const struct certificate *listed =
        named_certificate_of(j->rules->named, issuer, single->serial);
    return listed ? listed : named_certificate_of(j->verdict->named, issuer, single->serial);
}

/* As much of a certificate as the message tells. */
static const struct certificate *
little_of(struct looking *l, const struct ocsp_single *single, const struct named_issuer *issuer)
{
    struct certificate *little = take(l, sizeof *little);
    little->serial = single->serial;
    little->serial_text = serial_text(l, single->serial);
    if (issuer) {
        little->issuer = issuer->der;
        little->issuer_text = issuer->text;
    }
    return little;
}

static void
look_at_single(struct looking *l, const struct ocsp_single *single, int index)
{
    struct sighting *seen = &l->judging.seen;
    struct aside *aside = take(l, sizeof *aside);
    struct ocsp_single *kept = take(l, sizeof *kept);
    const struct named_issuer *issuer = issuer_of(l, single);
    seen->certificate = certificate_of(l, single, issuer);
    *kept = *single;
    *aside = (struct aside){.single = kept, .known = seen->certificate != NULL};
    if (!aside->known)
        seen->certificate = little_of(l, single, issuer);
    seen->named = aside;
    seen->index = index;
    judging_look(&l->judging, &l->offering);
}

static void
look_at_message(struct looking *l, const struct session *session)
{
    struct ocsp_response response = {0};
    struct ocsp_single single;
    bool asked = session->ocsp == OCSP_ASKED;
    bool good = asked ? ocsp_request_read(session->ocsp_der, &response.singles)
                      : ocsp_read(session->ocsp_der, &response);
    for (int i = 0; good && i < SINGLES_MOST; i++) {
        if (!(asked ? ocsp_request_next : ocsp_next)(&response.singles, &single))
            return;
        if (single.serial.len)
            look_at_single(l, &single, i);
    }
}

static void
look_at_fetched(struct looking *l, const struct chain *chain)
{
    struct sighting *seen = &l->judging.seen;
    struct aside *aside = take(l, sizeof *aside);
    aside->known = true;
    seen->named = aside;
    for (size_t i = 0; i < chain->len; i++) {
        seen->certificate = chain->at[i];
        seen->index = (int)i;
        named_learn(&l->judging.verdict->named, NAMED_MOST, chain->at[i]->subject);
        judging_look(&l->judging, &l->offering);
    }
}

void
ruleset_judge_aside(
    const struct ruleset *ruleset, const struct session *session, struct verdict *verdict)
{
    struct looking l = {
        .judging = {.rules = ruleset,
            .verdict = verdict,
            .seen = {.session = session, .role = SERVER}},
        .pool.limit = SIZE_MAX,
    };
    l.arena.pool = &l.pool;
    l.offering = (struct offering){.owner = &l.judging, .take = judging_take};
    verdict->len = 0;
    verdict->generation = ruleset->generation;
    text_clear(&verdict->words);
    revocations_observe(&verdict->revoked, session);
    if (session->ocsp == OCSP_ASKED || session->ocsp == OCSP_ANSWERED)
        look_at_message(&l, session);
    else
        look_at_fetched(&l, &session->chain[SERVER]);
    judging_settle(&l.judging);
    judging_tell(&l.judging, NULL);
    text_free(&l.offering.scratch);
    free(l.judging.found);
    arena_empty(&l.arena);
}
