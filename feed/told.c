/* SPDX-License-Identifier: Apache-2.0
 *
 * What one session has to tell: its row, those of its certificates and of what it fetched, and its
 * alerts with their evidence.
 */
#include "feed/feed_parts.h"
#include "feed/json_text.h"
#include "feed/logs/ocsp.h"
#include "feed/logs/x509.h"

/* Somebody may be waiting for a notice; nobody waits for the other logs. */
void
write_notice(struct feed *feed, const struct session *session, const struct hit *hit,
    const struct notice_row *row)
{
    write_row(feed, LOG_NOTICE, row);
    if (feed->outputs.eve)
        eve_notice(feed->outputs.eve, session, hit, row, now_of(feed));
    outputs_flush_log(&feed->outputs, LOG_NOTICE);
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

void
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

static void
tell_tls(struct feed *feed, const struct session *session)
{
    struct ssl_row row;
    ssl_row_fill(&row, session, &feed->scratch);
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
