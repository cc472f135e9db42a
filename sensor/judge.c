/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/judge.h"

#include <stdlib.h>

enum {
    REMEMBERED_SHARE = 16, /* of the memory limit, for what outlives sessions */
    CHAIN_SHARE = 2,       /* of what is remembered: for certificates, */
    ENDPOINT_SHARE = 16,   /* for endpoints, and as much for the two next */
};

void
judge_prepare(struct judge *judge, size_t memory_limit, int64_t endpoint_ns)
{
    size_t remembered = memory_limit / REMEMBERED_SHARE;
    size_t chains = remembered / CHAIN_SHARE;
    size_t endpoints = remembered / ENDPOINT_SHARE;
    judge->memory_limit = remembered;
    judge->remembered.chains = kept_chains_new(chains);
    judge->remembered.lineage =
        lineage_new(judge->remembered.chains, remembered - chains - 3 * endpoints);
    judge->remembered.endpoints = endpoints_new(judge->remembered.chains, endpoints, endpoint_ns);
    judge->remembered.supposed = supposed_new(endpoints);
    judge->remembered.lookalikes = lookalikes_new(judge->remembered.chains, endpoints, endpoint_ns);
}

static int
by_frame(const void *a, const void *b)
{
    const struct session *x = *(struct session *const *)a;
    const struct session *y = *(struct session *const *)b;
    if (x->frame != y->frame)
        return x->frame < y->frame ? -1 : 1;
    if (x->first_frame != y->first_frame)
        return x->first_frame < y->first_frame ? -1 : 1;
    int order = strcmp(x->uid, y->uid);
    return order ? order : (x->nth > y->nth) - (x->nth < y->nth);
}

/* The shards' sessions in the order in which the capture completed them. */
static size_t
put_in_order(struct judge *judge, const struct round *round)
{
    size_t len = 0;
    for (int i = 0; i < SHARDS; i++)
        len += round->told[i].len;
    if (len > judge->room) {
        free(judge->order);
        judge->room = len * 2;
        judge->order = calloc(judge->room, sizeof *judge->order);
        if (!judge->order)
            abort();
    }
    size_t place = 0;
    for (int i = 0; i < SHARDS; i++)
        for (size_t k = 0; k < round->told[i].len; k++)
            judge->order[place++] = round->told[i].at[k];
    if (len > 1)
        qsort(judge->order, len, sizeof *judge->order, by_frame);
    return len;
}

static void
judge_session(struct judge *judge, struct session *session)
{
    if (!session_is_tls(session)) {
        ruleset_judge_aside(judge->rules, session, &judge->verdict);
        feed_session(judge->feed, session, &judge->verdict);
        return;
    }
    lineage_resolve(judge->remembered.lineage, session);
    session->service = services_of(judge->services, session);
    endpoints_recall(judge->remembered.endpoints, session);
    supposed_resolve(judge->remembered.supposed, session);
    lookalikes_recall(judge->remembered.lookalikes, session);
    judge->sessions++;
    for (int role = 0; role < 2; role++) {
        judge->visibility[role][session->chain[role].visibility]++;
        judge->reason[role][session->chain[role].reason]++;
    }
    ruleset_judge(judge->rules, session, &judge->verdict);
    feed_session(judge->feed, session, &judge->verdict);
    endpoints_learn(judge->remembered.endpoints, session, &judge->verdict);
    lookalikes_learn(judge->remembered.lookalikes, session);
    supposed_learn(judge->remembered.supposed, session);
    lineage_learn(judge->remembered.lineage, session);
}

static void
add_tracker(struct tracker_counts *sum, const struct tracker_counts *more)
{
    sum->flows += more->flows;
    sum->tcp_flows += more->tcp_flows;
    sum->udp_flows += more->udp_flows;
    sum->packets += more->packets;
    sum->analysed += more->analysed;
    sum->bad_checksum += more->bad_checksum;
    sum->offloaded += more->offloaded;
    sum->no_flow += more->no_flow;
    sum->gaps += more->gaps;
    sum->gap_bytes += more->gap_bytes;
    sum->overlap_conflicts += more->overlap_conflicts;
    sum->shed += more->shed;
    sum->stream_shed += more->stream_shed;
}

static void
add_store(struct certificate_store_counts *sum, const struct certificate_store_counts *more)
{
    sum->hits += more->hits;
    sum->misses += more->misses;
    sum->broken += more->broken;
    sum->evicted += more->evicted;
    sum->kept += more->kept;
}

static void
add_proofs(struct prover_counts *sum, struct prover_counts more)
{
    sum->verified += more.verified;
    sum->failed += more.failed;
    sum->unable += more.unable;
    sum->skipped += more.skipped;
}

static void
add_shard(struct statistics *sum, const struct shard_counts *more)
{
    add_tracker(&sum->tracker, &more->tracker);
    add_store(&sum->store, &more->store);
    sum->open_flows += more->open_flows;
    sum->handshakes_shed += more->dissection.shed;
    sum->certificates += more->dissection.certificates;
    sum->keys.sessions += more->dissection.keys.sessions;
    sum->keys.opened += more->dissection.keys.opened;
    sum->keys.failed += more->dissection.keys.failed;
    add_proofs(&sum->proofs, more->dissection.proofs);
    sum->memory_used += more->pool.used;
    sum->memory_peak += more->pool.peak;
    sum->memory_limit += more->pool.limit;
}

static void
add_remembered(struct judge *judge, struct statistics *sum)
{
    size_t used = supposed_bytes(judge->remembered.supposed) +
                  lineage_counts(judge->remembered.lineage).bytes +
                  endpoints_counts(judge->remembered.endpoints).bytes +
                  lookalikes_counts(judge->remembered.lookalikes).bytes +
                  kept_chains_bytes(judge->remembered.chains);
    if (used > judge->memory_peak)
        judge->memory_peak = used;
    sum->memory_used += used;
    sum->memory_peak += judge->memory_peak;
    sum->memory_limit += judge->memory_limit;
}

/* The reader's part came with the round; the shards' and the judge's own are added to it. */
static void
sum_up(struct judge *judge, const struct round *round)
{
    struct statistics *s = &judge->statistics;
    struct feed_counts fed = feed_counts(judge->feed);
    *s = round->reader;
    for (int i = 0; i < SHARDS; i++)
        add_shard(s, &round->counts[i]);
    if (judge->prover)
        add_proofs(&s->proofs, prover_counts(judge->prover));
    add_remembered(judge, s);
    s->ts_ns = round->now_ns;
    s->sessions = judge->sessions;
    memcpy(s->visibility, judge->visibility, sizeof s->visibility);
    memcpy(s->reason, judge->reason, sizeof s->reason);
    if (round->over)
        feed_coverage(judge->feed, &judge->coverage);
    s->alerts = fed.alerts;
    s->alerts_suppressed = fed.alerts_suppressed;
    s->list_generation = ruleset_generation(judge->rules);
    s->list_entries = ruleset_entries(judge->rules);
    s->list_skipped = ruleset_left_out(judge->rules);
    s->searches_given_up = verdict_searches_given_up(&judge->verdict);
    for (size_t i = 0; i < judge->heralds_len; i++)
        s->alerts_lost += herald_lost(judge->heralds[i]);
}

/* Between two rounds: what was reloaded comes into force, or it is told why not. Was anything? */
static bool
take_reloads(struct judge *judge, int64_t now_ns)
{
    bool any = false;
    struct reload reload;
    while (loader_take(judge->loader, &reload)) {
        struct text words = {0};
        if (reload.rules) {
            loader_retire(judge->loader, judge->rules);
            judge->rules = reload.rules;
            text_add_format(&words, "Lists reloaded: generation %llu, %zu lists, %zu entries",
                (unsigned long long)reload.generation, reload.lists, reload.entries);
        } else {
            text_add_format(&words, "Lists not reloaded, generation %llu stays in force: %s",
                (unsigned long long)reload.generation, reload.why.text);
        }
        feed_news(judge->feed, now_ns,
            &(struct news){
                .note = reload.rules ? "Certtap::List_Reloaded" : "Certtap::List_Refused",
                .message = text_string(&words),
                .detail = reload.why.text,
                .list_generation = reload.generation,
            });
        terminal_news(judge->terminal, text_string(&words), !reload.rules);
        text_free(&words);
        any = true;
    }
    return any;
}

static void
tell_history(struct judge *judge, int64_t now_ns, const char *note, const struct fault *why)
{
    feed_news(judge->feed, now_ns,
        &(struct news){.note = note,
            .message = why->text,
            .detail = "",
            .list_generation = ruleset_generation(judge->rules)});
    terminal_news(judge->terminal, why->text, true);
}

/* What is remembered is saved now and then, and at the end; `asked` makes it now. */
static void
keep_history(struct judge *judge, const struct round *round, bool asked)
{
    struct fault why = {0};
    if (!judge->history)
        return;
    if (judge->history_why.text[0])
        tell_history(judge, round->now_ns, "Certtap::History_Damaged", &judge->history_why);
    judge->history_why = (struct fault){0};
    bool saved = round->over
                     ? history_save(judge->history, &judge->remembered, round->now_ns, &why)
                     : history_tick(judge->history, &judge->remembered, round->now_ns, asked, &why);
    if (saved)
        return;
    tell_history(judge, round->now_ns, "Certtap::History_Not_Saved", &why);
    if (round->over)
        fault_set(&judge->fault, "%s", why.text);
}

static const struct {
    const char *note;
    const char *message;
    bool loud;
} happenings[] = {
    [INTERFACE_DOWN] = {"Certtap::Interface_Down", "is down: nothing is seen of it", true},
    [INTERFACE_UP] = {"Certtap::Interface_Up", "is up again", false},
    [INTERFACE_LOST] = {"Certtap::Interface_Lost", "has vanished", true},
    [INTERFACE_BACK] = {"Certtap::Interface_Up", "is back", false},
};

static void
tell_happenings(struct judge *judge, const struct round *round)
{
    for (size_t i = 0; i < round->news_len; i++) {
        const struct round_news *news = &round->news[i];
        struct text words = {0};
        text_add_format(&words, "Interface %s %s", news->name, happenings[news->event].message);
        feed_news(judge->feed, round->now_ns,
            &(struct news){
                .note = happenings[news->event].note,
                .message = text_string(&words),
                .detail = "",
                .list_generation = ruleset_generation(judge->rules),
            });
        terminal_news(judge->terminal, text_string(&words), happenings[news->event].loud);
        text_free(&words);
    }
}

static void
tell_attendant(const struct judge *judge, const struct round *round)
{
    if (!judge->attendant)
        return;
    attendant_tell(judge->attendant, &(struct control_status){
                                         .generation = ruleset_generation(judge->rules),
                                         .lists = ruleset_lists(judge->rules),
                                         .entries = ruleset_entries(judge->rules),
                                         .frames = round->last_frame,
                                         .sessions = judge->sessions,
                                         .alerts = feed_counts(judge->feed).alerts,
                                     });
}

/* Compiled lists are checked where they are looked at: what turns out then is told once, and the
 * run has failed, for it may have missed something. */
static void
look_after_lists(struct judge *judge, int64_t now_ns)
{
    struct fault why = {0};
    uint64_t generation = ruleset_generation(judge->rules);
    if (judge->broken == generation || !ruleset_is_broken(judge->rules, &why))
        return;
    judge->broken = generation;
    feed_news(judge->feed, now_ns,
        &(struct news){.note = "Certtap::List_Damaged",
            .message = why.text,
            .detail = "",
            .list_generation = generation});
    terminal_news(judge->terminal, why.text, true);
    fault_set(&judge->fault, "%s", why.text);
}

void
judge_round(void *owner, struct round *round)
{
    struct judge *judge = owner;
    bool reloaded = take_reloads(judge, round->now_ns);
    size_t len = put_in_order(judge, round);
    if (judge->prover && round->now_ns)
        prover_tick(judge->prover, round->now_ns);
    judge->verdict.prover = judge->prover;
    feed_source(judge->feed, round->file);
    for (size_t i = 0; i < len; i++) {
        if (i + 1 < len)
            ruleset_expect(judge->rules, judge->order[i + 1]);
        judge_session(judge, judge->order[i]);
    }
    look_after_lists(judge, round->now_ns);
    tell_happenings(judge, round);
    keep_history(judge, round, reloaded);
    if (round->wants_statistics || round->over) {
        sum_up(judge, round);
        feed_statistics(judge->feed, &judge->statistics);
    }
    if (round->now_ns)
        feed_tick(judge->feed, round->now_ns);
    if (round->reopen)
        feed_reopen(judge->feed, &judge->fault);
    if (round->flush)
        feed_flush(judge->feed);
    tell_attendant(judge, round);
    terminal_progress(judge->terminal, round, judge->sessions, feed_counts(judge->feed).alerts);
}

void
judge_free(struct judge *judge)
{
    ruleset_free(judge->rules);
    verdict_free(&judge->verdict);
    prover_free(judge->prover);
    lineage_free(judge->remembered.lineage);
    endpoints_free(judge->remembered.endpoints);
    supposed_free(judge->remembered.supposed);
    lookalikes_free(judge->remembered.lookalikes);
    kept_chains_free(judge->remembered.chains);
    free(judge->order);
}
