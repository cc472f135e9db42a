/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/feed_parts.h"
#include "feed/metrics.h"

#include <stdlib.h>

enum {
    MOST_KNOWN = 1000000,         /* certificates x509.log does not tell of again */
    MOST_SUPPRESSED = 100000,     /* notices whose repeats are counted */
    SUPPRESSION_BYTES = 64 << 20, /* of these and their last repeats */
};

static void
write_repeats(void *owner, const struct notice_row *last)
{
    write_notice(owner, NULL, NULL, last);
}

static void
free_feed(struct feed *feed)
{
    outputs_free(&feed->outputs);
    evidence_close(feed->evidence);
    suppression_free(feed->suppression);
    coverage_books_free(feed->coverage);
    known_free(feed->known);
    ssl_scratch_free(&feed->scratch);
    text_free(&feed->words);
    text_free(&feed->json);
    free(feed->directory);
    free(feed->sensor);
    free(feed->metrics);
    free(feed);
}

static struct feed *
new_feed(const struct feed_options *options, struct feed_listener listener)
{
    struct feed *feed = calloc(1, sizeof *feed);
    if (!feed)
        abort();
    feed->directory = strdup(options->directory ? options->directory : ".");
    feed->sensor = strdup(options->sensor ? options->sensor : "");
    if (options->metrics)
        feed->metrics = strdup(options->metrics);
    if (!feed->directory || !feed->sensor || (options->metrics && !feed->metrics))
        abort();
    feed->outputs.place.folder = -1;
    feed->notice = (struct notice_options){feed->sensor, options->suppress_ns};
    feed->listener = listener;
    feed->rotation = rotation_new(options->rotate_ns);
    feed->known = known_new(options->relog_ns, MOST_KNOWN);
    feed->suppression = suppression_new(options->suppress_ns, MOST_SUPPRESSED, SUPPRESSION_BYTES,
        (struct suppression_listener){feed, write_repeats});
    feed->coverage = coverage_books_new(options->coverage_ns);
    return feed;
}

static bool
open_evidence(struct feed *feed, const struct feed_options *options, struct fault *why)
{
    if (options->evidence)
        feed->evidence = evidence_open(options->evidence, options->evidence_bytes, why);
    return !options->evidence || feed->evidence;
}

/* Written once at the beginning, with nothing in it but noughts, so that a wrong path is told. */
static bool
check_metrics(const struct feed *feed, struct fault *why)
{
    const struct stats_row nothing = {0};
    return !feed->metrics || metrics_write(feed->metrics, &nothing, feed->sensor, why);
}

struct feed *
feed_open(const struct feed_options *options, struct feed_listener listener, struct fault *why)
{
    struct feed *feed = new_feed(options, listener);
    struct feed_options own = *options;
    own.directory = feed->directory;
    if (outputs_open(&feed->outputs, &own, why) && open_evidence(feed, options, why) &&
        check_metrics(feed, why))
        return feed;
    free_feed(feed);
    return NULL;
}

/* The clock goes on to a time at which something happens. */
static void
advance(struct feed *feed, int64_t now_ns)
{
    if (feed->has_now && now_ns <= feed->now_ns)
        return;
    if (feed->outputs.eve && !feed->has_now)
        feed->outputs.eve->began_ns = now_ns;
    feed->has_now = true;
    feed->now_ns = now_ns;
    if (!rotation_due(&feed->rotation, now_ns))
        return;
    outputs_turn(&feed->outputs);
}

static void
write_coverage(void *owner, const struct coverage_row *row)
{
    write_row(owner, LOG_COVERAGE, row);
}

/* Each suppression, and each stretch of coverage.log, ends at its own time, so that the files are
 * the same however often, or seldom, the time is told. */
void
feed_tick(struct feed *feed, int64_t now_ns)
{
    for (;;) {
        int64_t repeats_ns;
        int64_t coverage_ns;
        bool repeats = suppression_next(feed->suppression, &repeats_ns) && repeats_ns <= now_ns;
        bool coverage = coverage_books_next(feed->coverage, &coverage_ns) && coverage_ns <= now_ns;
        if (!repeats && !coverage)
            break;
        if (repeats && (!coverage || repeats_ns <= coverage_ns)) {
            advance(feed, repeats_ns);
            suppression_tick(feed->suppression, repeats_ns);
        } else {
            advance(feed, coverage_ns);
            coverage_books_end(feed->coverage, coverage_ns, feed, write_coverage);
        }
    }
    advance(feed, now_ns);
}

void
feed_source(struct feed *feed, const char *file)
{
    if (feed->outputs.eve)
        feed->outputs.eve->file = file;
}

void
feed_coverage(struct feed *feed, struct coverage_summary *out)
{
    coverage_books_sum(feed->coverage, out);
}

/* Who looks at the file sees that it grows old; we say it once. */
static void
write_metrics(struct feed *feed, const struct stats_row *row)
{
    struct fault why = {0};
    if (!feed->metrics)
        return;
    bool good = metrics_write(feed->metrics, row, feed->sensor, &why);
    if (!good && !feed->metrics_failed)
        tell_trouble(feed, why.text);
    feed->metrics_failed = !good;
}

void
feed_statistics(struct feed *feed, const struct statistics *statistics)
{
    struct stats_row row;
    feed_tick(feed, statistics->ts_ns);
    stats_row_fill(&row, statistics, feed->sensor);
    write_row(feed, LOG_STATS, &row);
    write_metrics(feed, &row);
    if (feed->outputs.eve)
        eve_statistics(feed->outputs.eve, &row, now_of(feed));
}

/* A disk that is full is told once, and once that it is not any more. */
void
feed_flush(struct feed *feed)
{
    struct text words = {0};
    struct fault *now = &feed->outputs.place.now;
    outputs_mend(&feed->outputs);
    bool good = outputs_flush(&feed->outputs);
    if (good == !feed->failing)
        return;
    feed->failing = !good;
    if (good)
        text_add_format(&words, "Logs can be written again, %llu lines were lost",
            (unsigned long long)feed_counts(feed).rows_lost);
    else
        text_add_format(&words, "Logs cannot be written: %s", now->text);
    tell_trouble(feed, text_string(&words));
    text_free(&words);
    if (good)
        *now = (struct fault){0};
}

bool
feed_reopen(struct feed *feed, struct fault *why)
{
    return outputs_reopen(&feed->outputs, why);
}

struct feed_counts
feed_counts(const struct feed *feed)
{
    struct feed_counts counts = feed->counts;
    outputs_count(&feed->outputs, &counts.rows, &counts.rows_lost);
    return counts;
}

const struct fault *
feed_fault(const struct feed *feed)
{
    return &feed->outputs.place.fault;
}

bool
feed_close(struct feed *feed, struct fault *why)
{
    suppression_end(feed->suppression);
    coverage_books_end(feed->coverage, feed->now_ns, feed, write_coverage);
    outputs_finish(&feed->outputs);
    uint64_t lost = feed_counts(feed).rows_lost;
    if (lost)
        fault_set(why, "%s (%llu lines of logs lost)", feed->outputs.place.fault.text,
            (unsigned long long)lost);
    free_feed(feed);
    return lost == 0;
}
