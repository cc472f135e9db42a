/* SPDX-License-Identifier: Apache-2.0
 *
 * notice.log: a row for each hit, and one for the repeats that were only counted. Zeek's columns,
 * then ours.
 */
#ifndef CERTTAP_FEED_LOGS_NOTICE_H
#define CERTTAP_FEED_LOGS_NOTICE_H

#include "base/text.h"
#include "feed/feed.h"
#include "feed/log.h"
#include "rules/ruleset.h"

struct notice_row {
    struct cell_time ts;
    const char *uid;
    struct address orig_h, resp_h;
    struct cell_count orig_p, resp_p;
    struct bytes fuid, file_mime_type, file_desc; /* always unset: we have no files */
    const char *proto, *note;
    struct bytes msg, sub;
    struct address src, dst;
    struct cell_count p;
    struct cell_count n;
    struct bytes peer_descr;
    struct cells actions, email_dest;
    struct cell_time suppress_for;
    struct bytes country, region, city; /* always unset, as the next two */
    struct cell_double latitude, longitude;

    const char *role;
    struct cell_count chain_index;
    struct bytes indicator, indicator_type, list;
    struct cell_count list_line;
    const char *visibility, *possession, *outcome;
    struct bytes service;
    const char *severity;
    struct cell_count confidence;
    struct bytes reference;
    const char *fingerprint, *spki_sha256;
    struct bytes why;
    struct cell_count list_generation; /* of the ruleset that judged */
    struct bytes evidence;             /* the file that shows it */
};

extern const struct log notice_log;

struct notice_options {
    const char *sensor;
    int64_t suppress_ns;
};

/* Fills the row of a hit for the first time (n is 1). It borrows from session, hit and options, and
 * from `words`, where its message is put together. */
void notice_row_fill(struct notice_row *row, const struct session *session, const struct hit *hit,
    const struct notice_options *options, struct text *words);

/* The same for what is about the sensor itself. */
void notice_row_of_news(struct notice_row *row, const struct news *news, int64_t now_ns,
    const struct notice_options *options);

#endif
