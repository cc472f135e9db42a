/* SPDX-License-Identifier: Apache-2.0
 *
 * Suricata's EVE: one file, eve.json, with an object a line for each thing that happened. `tls`,
 * `alert` and `stats` are what Suricata 7 and 8 call them, with what certtap knows besides; news of
 * the sensor itself are events of type `certtap`.
 */
#ifndef CERTTAP_FEED_EVE_H
#define CERTTAP_FEED_EVE_H

#include "dissect/fingerprint.h"
#include "feed/logs/notice.h"
#include "feed/logs/ssl.h"
#include "feed/logs/stats.h"
#include "feed/output.h"

struct eve_options {
    const char *interface; /* of live work, when there is one only; NULL otherwise */
    bool chain;            /* certificates themselves stand in `tls`, in base64 */
};

struct eve {
    struct output output;
    struct eve_options options;
    const char *file; /* the capture that is being read; NULL: none */
    int64_t began_ns; /* the first time of all; 0: none yet */
    struct pool pool;
    struct fingerprinter *fingerprinter;
    struct text event; /* the one being written */
    struct text words; /* of it */
};

extern const struct log eve_log;

struct eve *eve_new(struct output_place *place, const struct eve_options *options);
void eve_free(struct eve *eve); /* after output_finish(); NULL is fine */

/* An event each; `now` as in output_add(). */
void eve_session(
    struct eve *eve, const struct session *session, const struct ssl_row *row, int64_t now);
void eve_statistics(struct eve *eve, const struct stats_row *row, int64_t now);

/* A hit. The last of repeats that were only counted, and what is about the sensor itself, come
 * without session and hit. */
void eve_notice(struct eve *eve, const struct session *session, const struct hit *hit,
    const struct notice_row *row, int64_t now);

/* The parts, for the files that share them. */

/* What stands in every event before its own object: which is opened, and who closes it. */
struct eve_envelope {
    const char *type;
    int64_t ts_us;
    const char *uid;         /* NULL: not about a connection, and neither is the rest */
    uint64_t frame;          /* 0: unknown */
    const struct path *path; /* NULL: unknown */
    struct address from, to; /* unset: none */
    struct cell_count from_port, to_port;
    uint8_t protocol;
    const char *community_id; /* NULL: none */
};
void eve_begin(struct eve *eve, const struct eve_envelope *envelope);
void eve_end(struct eve *eve, int64_t now);

/* A value: IPv6 in full, "2001:0db8:0000:…", as Suricata writes it. */
void eve_address(struct text *out, const struct address *address);

/* The `tls` object of a session, into the event. */
void eve_add_tls(struct eve *eve, const struct session *session);

#endif
