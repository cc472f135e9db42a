/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: sessions and verdicts in, lines in files out. One thread owns a feed.
 */
#ifndef CERTTAP_FEED_FEED_H
#define CERTTAP_FEED_FEED_H

#include "base/fault.h"
#include "feed/statistics.h"
#include "rules/ruleset.h"

struct feed_options {
    const char *directory;      /* where logs go */
    const char *const *formats; /* "zeek", "json", "eve"; ends with NULL; none: "zeek". "zeek"
                                   writes NAME.log, and so does "json", but beside "zeek" it writes
                                   NAME.json; "eve" writes all into eve.json */
    const char *interface;      /* what EVE calls the only interface; NULL: files, or several */
    const char *evidence;       /* the folder for it; NULL: none is kept */
    uint64_t evidence_bytes;    /* at most so much of it; 0: without limit */
    bool eve_chain;             /* the certificates themselves go into EVE */
    const char *metrics;        /* a file with the numbers of stats.log; NULL: none */
    const char *sensor;         /* peer_descr of notices */
    int64_t suppress_ns;        /* how long repeats of a notice are only counted */
    int64_t relog_ns;           /* after which a certificate is written to x509.log again */
    int64_t rotate_ns;          /* begin new files every so often of packet time; 0: never */
    int64_t coverage_ns;        /* how often coverage.log is written; 0: at the end only */
    bool live;                  /* headers carry the time of day; else the capture's own time */
};

/* A notice that is written; all valid until the listener returns. */
struct alert {
    const struct session *session;
    const struct hit *hit;
    const char *evidence; /* the file that was kept of it; NULL: none */
    const char *json;     /* the row of notice.log as one JSON object */
};

/* Told of each notice that is written (not of the suppressed ones), and of what goes wrong beside
 * the logs. */
struct feed_listener {
    void *owner;
    void (*alert)(void *owner, const struct alert *alert);
    void (*trouble)(void *owner, const char *what);
};

struct feed;

/* Creates the directory's log files when the first row of each is written; checks at once that the
 * directory can be written to. NULL with `why` when it cannot, or a format is unknown. */
struct feed *feed_open(
    const struct feed_options *options, struct feed_listener listener, struct fault *why);

/* What the next sessions were read from, for EVE. Borrowed until the next call; NULL: live. */
void feed_source(struct feed *feed, const char *file);

/* Writes what there is to say of a session: ssl.log, x509.log, notice.log. */
void feed_session(struct feed *feed, const struct session *session, const struct verdict *verdict);

/* Something about the sensor itself: a row of notice.log without a connection. Texts are borrowed
 * until it returns; `detail` may be empty. */
struct news {
    const char *note; /* "Certtap::List_Reloaded"; static */
    const char *message;
    const char *detail;
    uint64_t list_generation;
};
void feed_news(struct feed *feed, int64_t now_ns, const struct news *news);

/* What could be judged of the sessions so far. */
void feed_coverage(struct feed *feed, struct coverage_summary *out);

void feed_statistics(struct feed *feed, const struct statistics *statistics);

/* Packet time goes on: ends suppressions, rotates. Sessions and statistics carry times of their
 * own, which do the same; a capture file needs no ticks beside them. */
void feed_tick(struct feed *feed, int64_t now_ns);

/* Hands everything buffered to the operating system. */
void feed_flush(struct feed *feed);

/* Closes all files and opens them anew under their names, after somebody moved them away. */
bool feed_reopen(struct feed *feed, struct fault *why);

struct feed_counts {
    uint64_t rows;      /* of all files, written or waiting to be: a row counts in each format */
    uint64_t rows_lost; /* that could not be written */
    uint64_t alerts;    /* notices raised, suppressed ones included */
    uint64_t alerts_suppressed;
    uint64_t x509_rows, ssl_rows; /* whatever the number of formats */
};
struct feed_counts feed_counts(const struct feed *feed);

/* What went wrong while writing; empty while nothing did. */
const struct fault *feed_fault(const struct feed *feed);

/* Writes what suppressions still hold, closes. False with `why` when not all could be written. */
bool feed_close(struct feed *feed, struct fault *why);

/* The columns of every log as text, one a line, for --columns and the manual's test. */
void feed_columns(struct text *out);

#endif
