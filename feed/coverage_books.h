/* SPDX-License-Identifier: Apache-2.0
 *
 * When coverage.log is written, and what the summary says: connections are counted for the present
 * stretch of time, and for the whole run.
 */
#ifndef CERTTAP_FEED_COVERAGE_BOOKS_H
#define CERTTAP_FEED_COVERAGE_BOOKS_H

#include "feed/logs/coverage.h"
#include "feed/statistics.h"

struct coverage_books;

/* A stretch is `every_ns` long, counted from 1970, and begins with its first connection. 0: it
 * lasts until the end. */
struct coverage_books *coverage_books_new(int64_t every_ns);

void coverage_books_count(
    struct coverage_books *books, const struct session *session, int64_t now_ns);

/* False when nothing was counted since the last end; else when the stretch will be over. */
bool coverage_books_next(const struct coverage_books *books, int64_t *end_ns);

/* Ends the stretch: tells its rows, of which those come first where least could be judged. */
void coverage_books_end(struct coverage_books *books, int64_t end_ns, void *owner,
    void (*tell)(void *owner, const struct coverage_row *row));

/* What of the whole run could be judged, and where least. */
void coverage_books_sum(struct coverage_books *books, struct coverage_summary *out);

void coverage_books_free(struct coverage_books *books); /* NULL is fine */

#endif
