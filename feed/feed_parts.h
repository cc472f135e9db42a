/* SPDX-License-Identifier: Apache-2.0
 *
 * What feed.c and told.c share: feed.c opens and closes the logs and keeps the time, told.c writes
 * what sessions and alerts have to tell.
 */
#ifndef CERTTAP_FEED_PARTS_H
#define CERTTAP_FEED_PARTS_H

#include "feed/coverage_books.h"
#include "feed/evidence.h"
#include "feed/feed.h"
#include "feed/known.h"
#include "feed/outputs.h"
#include "feed/rotation.h"
#include "feed/suppression.h"

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
    struct ssl_scratch scratch;
    struct text words;
    struct text json;
    struct feed_listener listener;
    struct feed_counts counts;
};

static inline int64_t
now_of(const struct feed *feed)
{
    return seconds_of_ns(feed->now_ns);
}

static inline void
write_row(struct feed *feed, enum log_number number, const void *row)
{
    outputs_add(&feed->outputs, number, row, now_of(feed));
}

/* `session` and `hit` are what the row is about; NULL: neither. */
void write_notice(struct feed *feed, const struct session *session, const struct hit *hit,
    const struct notice_row *row);

/* To whoever watches the program itself. */
void tell_trouble(const struct feed *feed, const char *what);

#endif
