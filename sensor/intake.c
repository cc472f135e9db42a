/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/intake.h"

#include <stdlib.h>

enum { FRAGMENT_SHARE = 16 /* of the memory limit */ };
static const int64_t SECOND_NS = 1000000000;

void
intake_add_counts(struct source_counts *sum, const struct source_counts *more)
{
    sum->frames += more->frames;
    sum->bytes += more->bytes;
    sum->filtered += more->filtered;
    sum->cut += more->cut;
    sum->kernel_dropped += more->kernel_dropped;
    sum->device_dropped += more->device_dropped;
}

static struct source_counts
count_sources(struct intake *in)
{
    struct source_counts sum = in->closed;
    if (in->source) {
        struct source_counts counts = source_counts(in->source);
        intake_add_counts(&sum, &counts);
    }
    for (size_t i = 0; i < in->live_len; i++) {
        if (!in->live[i].source)
            continue;
        struct source_counts counts = source_counts(in->live[i].source);
        intake_add_counts(&sum, &counts);
    }
    return sum;
}

static void
report_reader(struct intake *in, struct statistics *s)
{
    *s = (struct statistics){.source = count_sources(in), .joined_packets = in->joined};
    memcpy(s->peeled, in->peeled, sizeof s->peeled);
    s->fragments = peeler_fragments(in->peeler);
    s->memory_used = in->fragment_pool.used;
    s->memory_peak = in->fragment_pool.peak;
    s->memory_limit = in->fragment_pool.limit;
    s->key_lines = key_sources_counts(in->keys_from);
    s->secrets = key_store_counts(in->keys.store);
    s->memory_used += s->secrets.bytes;
}

void
intake_send_round(struct intake *in, bool over, bool renew)
{
    struct round *round = in->round;
    round->number = in->rounds++;
    round->keys = in->keyed ? &in->keys : NULL;
    if (in->options->keylogs.len)
        key_sources_read(in->keys_from, in->rounds);
    round->now_ns = in->clock_ns;
    round->last_frame = in->frames;
    if (in->requests->reload) {
        in->requests->reload = 0;
        loader_ask(in->loader);
    }
    round->file = in->source ? source_name(in->source) : NULL;
    round->over = over;
    round->renew = renew;
    round->reopen = in->requests->reopen;
    in->requests->reopen = 0;
    round->wants_statistics = over || (in->clock_ns && in->clock_ns >= in->statistics_ns);
    if (round->wants_statistics) {
        report_reader(in, &round->reader);
        in->statistics_ns = in->clock_ns + in->options->stats_seconds * SECOND_NS;
    }
    if (in->live_len && in->clock_ns - in->flushed_ns >= SECOND_NS) {
        round->flush = true;
        in->flushed_ns = in->clock_ns;
    }
    if (in->source) {
        source_progress(in->source, &round->done, &round->total);
        round->done += in->bytes_before;
        round->total = in->bytes_total;
    }
    line_send(in->line);
    if (!over)
        in->round = line_round(in->line);
    in->round_ns = in->clock_ns;
}

void
intake_advance_clock(struct intake *in, int64_t ts_ns)
{
    if (in->clock_ns == 0) {
        in->round_ns = ts_ns;
        in->statistics_ns = ts_ns + in->options->stats_seconds * SECOND_NS;
    }
    if (ts_ns > in->clock_ns)
        in->clock_ns = ts_ns;
}

/* Rounds end where the capture says so, never where the clock on the wall does, but in live work.
 */
void
intake_take_frame(struct intake *in, struct frame *frame, bool stable)
{
    bool joined;
    frame->number = ++in->frames;
    intake_advance_clock(in, frame->ts_ns);
    enum peel_result result = peeler_peel(in->peeler, frame, round_place(in->round), &joined);
    in->peeled[result]++;
    if (result == PEELED) {
        in->joined += joined;
        if (in->options->evidence) {
            struct packet *packet = round_place(in->round);
            packet->whole = frame->bytes;
            packet->link = frame->link;
        }
        round_commit(in->round, frame->bytes.len, stable && !joined);
    }
    if (round_full(in->round) || in->clock_ns - in->round_ns >= SECOND_NS)
        intake_send_round(in, false, false);
}

void
intake_fail(struct intake *in, const char *what)
{
    in->broken = true;
    fault_set(in->why, "%s", what);
}

size_t
intake_memory(const struct options *options)
{
    return options->memory_limit / FRAGMENT_SHARE;
}

void
intake_run(struct intake *in, struct line *line)
{
    in->fragment_pool.limit = intake_memory(in->options);
    in->peeler = peeler_new(&in->fragment_pool);
    in->line = line;
    in->round = line_round(line);
    in->rounds = 1;
    intake_files(in);
    if (in->live_len)
        intake_live(in);
    intake_send_round(in, true, false);
}

void
intake_close(struct intake *in)
{
    peeler_free(in->peeler);
    for (size_t i = 0; i < in->live_len; i++)
        source_close(in->live[i].source);
    for (size_t i = 0; i < in->paths.len; i++)
        free(in->paths.at[i]);
    free(in->paths.at);
}
