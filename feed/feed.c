/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/feed.h"

#include "feed/coverage_books.h"
#include "feed/evidence.h"
#include "feed/json_text.h"
#include "feed/known.h"
#include "feed/logs/ocsp.h"
#include "feed/logs/x509.h"
#include "feed/metrics.h"
#include "feed/outputs.h"
#include "feed/rotation.h"
#include "feed/suppression.h"

#include <stdlib.h>

enum {
    MOST_KNOWN = 1000000,         /* certificates x509.log does not tell of again */
    MOST_SUPPRESSED = 100000,     /* notices whose repeats are counted */
    SUPPRESSION_BYTES = 64 << 20, /* of these and their last repeats */
};

struct feed {
    char *directory, *sensor;
    char *metrics;       /* NULL: none are written */
    bool metrics_failed; /* which was told */
    struct outputs outputs;
    struct evidence *evidence; /* NULL: not wanted */
    struct notice_options notice;
    int64_t now_ns; /* the latest packet time that was told; never goes back */
    bool has_now;
    bool failing; /* logs cannot be written, which was told */
    struct rotation rotation;
    struct known *known;
    struct suppression *suppression;
    struct coverage_books *coverage;
    struct community_ids *community_ids;
    struct ssl_scratch scratch;
    struct text words;
    struct text json;
    struct feed_listener listener;
    struct feed_counts counts;
};

static int64_t
now_of(const struct feed *feed)
{
    return seconds_of_ns(feed->now_ns);
}

static void
write_row(struct feed *feed, enum log_number number, const void *row)
{
    outputs_add(&feed->outputs, number, row, now_of(feed));
}

/* Somebody may be waiting for a notice; nobody waits for the other logs. */
static void
write_notice(struct feed *feed, const struct session *session, const struct hit *hit,
    const struct notice_row *row)
{
    write_row(feed, LOG_NOTICE, row);
    if (feed->outputs.eve)
        eve_notice(feed->outputs.eve, session, hit, row, now_of(feed));
    outputs_flush_log(&feed->outputs, LOG_NOTICE);
}

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
    community_ids_free(feed->community_ids);
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
    feed->community_ids = community_ids_new();
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

static void
tell_certificates(struct feed *feed, const struct session *session, enum role role)
{
    const struct chain *chain = &session->chain[role];
    if (chain->visibility == VISIBLE_INHERITED)
        return; /* told with the session it was seen in */
    for (size_t i = 0; i < chain->len; i++) {
        if (!known_is_due(feed->known, chain->at[i], role, feed->now_ns))
            continue;
        struct x509_row row;
        x509_row_fill(&row, session, role, i);
        write_row(feed, LOG_X509, &row);
        feed->counts.x509_rows++;
    }
}

/* A response may tell about many certificates; what is behind these would fill the disk. */
static void
tell_ocsp(struct feed *feed, const struct session *session)
{
    enum { MOST_ROWS = 64 };
    bool request = session->ocsp == OCSP_ASKED;
    struct ocsp_response response = {0};
    struct ocsp_single single;
    struct ocsp_row row;
    bool good = request ? ocsp_request_read(session->ocsp_der, &response.singles)
                        : ocsp_read(session->ocsp_der, &response);
    for (int i = 0; good && i < MOST_ROWS; i++) {
        if (!(request ? ocsp_request_next : ocsp_next)(&response.singles, &single))
            return;
        ocsp_row_fill(&row, session, &single, &feed->words);
        write_row(feed, LOG_OCSP, &row);
    }
}

/* A certificate that was fetched is nobody's: its row of x509.log says neither client nor host. */
static void
tell_fetched(struct feed *feed, const struct session *session)
{
    const struct chain *chain = &session->chain[SERVER];
    struct ocsp_row row;
    struct x509_row read;
    for (size_t i = 0; i < chain->len; i++) {
        ocsp_row_fill_certificate(&row, session, chain->at[i], &feed->words);
        write_row(feed, LOG_OCSP, &row);
        if (!known_is_due(feed->known, chain->at[i], KNOWN_FETCHED, feed->now_ns))
            continue;
        x509_row_fill(&read, session, SERVER, i);
        read.host_cert = cell_bool_of(false);
        write_row(feed, LOG_X509, &read);
        feed->counts.x509_rows++;
    }
}

static void
tell_crl(struct feed *feed, const struct session *session)
{
    struct crl crl;
    struct ocsp_row row;
    if (!crl_read(session->ocsp_der, &crl))
        return;
    ocsp_row_fill_crl(&row, session, &crl, &feed->words);
    write_row(feed, LOG_OCSP, &row);
}

static void
tell_aside(struct feed *feed, const struct session *session)
{
    if (session->ocsp == FETCHED_CERTIFICATES)
        tell_fetched(feed, session);
    else if (session->ocsp == FETCHED_CRL)
        tell_crl(feed, session);
    else if (session->ocsp != OCSP_UNSEEN)
        tell_ocsp(feed, session);
}

void
feed_news(struct feed *feed, int64_t now_ns, const struct news *news)
{
    struct notice_row row;
    if (now_ns)
        feed_tick(feed, now_ns);
    notice_row_of_news(&row, news, feed->now_ns, &feed->notice);
    write_notice(feed, NULL, NULL, &row);
}

static void
tell_trouble(const struct feed *feed, const char *what)
{
    if (feed->listener.trouble)
        feed->listener.trouble(feed->listener.owner, what);
}

/* Evidence that could not be kept is a notice of its own, once. */
static const char *
keep_evidence(struct feed *feed, const struct session *session)
{
    struct fault why = {0};
    if (!feed->evidence)
        return NULL;
    const char *path = evidence_keep(feed->evidence, session);
    if (!evidence_failed(feed->evidence, &why))
        return path;
    feed_news(feed, 0,
        &(struct news){.note = "Certtap::Evidence_Lost",
            .message = "Evidence is not kept any more",
            .detail = why.text});
    tell_trouble(feed, why.text);
    return path;
}

static void
tell_hit(struct feed *feed, const struct session *session, const struct hit *hit,
    uint64_t list_generation)
{
    struct notice_row row;
    notice_row_fill(&row, session, hit, &feed->notice, &feed->words);
    row.list_generation = cell_count_of(list_generation);
    feed->counts.alerts++;
    if (!suppression_passes(feed->suppression, &row, feed->now_ns)) {
        feed->counts.alerts_suppressed++;
        return;
    }
    const char *evidence = keep_evidence(feed, session);
    row.evidence = cell_string_unless_empty(bytes_from_string(evidence));
    write_notice(feed, session, hit, &row);
    if (!feed->listener.alert)
        return;
    text_clear(&feed->json);
    json_open(&feed->json, NULL, '{');
    json_columns(&feed->json, &notice_log, 0, &row);
    json_close(&feed->json, '}');
    feed->listener.alert(
        feed->listener.owner, &(struct alert){session, hit, evidence, text_string(&feed->json)});
}

void
feed_source(struct feed *feed, const char *file)
{
    if (feed->outputs.eve)
        feed->outputs.eve->file = file;
}

static void
tell_tls(struct feed *feed, const struct session *session)
{
    struct ssl_row row;
    ssl_row_fill(&row, session, feed->community_ids, &feed->scratch);
    write_row(feed, LOG_SSL, &row);
    if (feed->outputs.eve)
        eve_session(feed->outputs.eve, session, &row, now_of(feed));
    feed->counts.ssl_rows++;
    coverage_books_count(feed->coverage, session, feed->now_ns);
    tell_certificates(feed, session, SERVER);
    tell_certificates(feed, session, CLIENT);
}

void
feed_session(struct feed *feed, const struct session *session, const struct verdict *verdict)
{
    feed_tick(feed, session->end_ns);
    tell_aside(feed, session);
    if (session_is_tls(session))
        tell_tls(feed, session);
    for (size_t i = 0; i < verdict->len; i++)
        tell_hit(feed, session, &verdict->hits[i], verdict->generation);
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
