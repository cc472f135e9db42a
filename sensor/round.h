/* SPDX-License-Identifier: Apache-2.0
 *
 * The unit of work: a round is a run of packets in the order of the capture, what the workers found
 * in them, and what the time is afterwards. Rounds go from the reader to the workers to the judge,
 * and where one round ends depends on the capture alone: so everything that is done "at the end of
 * a round" is done at the same place in every run, whatever the number of workers.
 */
#ifndef CERTTAP_SENSOR_ROUND_H
#define CERTTAP_SENSOR_ROUND_H

#include "capture/packet.h"
#include "dissect/dissection.h"
#include "feed/statistics.h"

enum {
    SHARDS = 16,           /* flows are spread over so many; a worker takes some of them */
    ROUND_PACKETS = 1024,  /* a round has at most so many packets */
    ROUND_BYTES = 4 << 20, /* and is full when it holds so many bytes of them */
    ROUNDS = 4,            /* under way at once */
};

/* Sessions that one shard told in one round. */
struct told {
    struct session **at;
    size_t len, room;
};

/* Something that befell an interface, for the judge to tell. */
enum round_event { INTERFACE_DOWN, INTERFACE_UP, INTERFACE_LOST, INTERFACE_BACK };
struct round_news {
    enum round_event event;
    char name[32]; /* of the interface, perhaps cut */
};
enum { ROUND_NEWS_MOST = 32 }; /* in one round; more wait for the next */

/* What one shard had counted at the end of a round. */
struct shard_counts {
    struct tracker_counts tracker;
    struct dissection_counts dissection;
    struct certificate_store_counts store;
    uint64_t open_flows;
    struct pool pool;
};

/* Where a round's packets lie while they are worked on. */
struct tray {
    struct packet packets[ROUND_PACKETS];
    uint16_t share[SHARDS][ROUND_PACKETS]; /* which packets are whose */
    struct copies *copies;                 /* of frames that do not stay where they are */
};

struct round {
    struct tray *tray;
    bool borrows_tray;
    size_t len;                     /* packets, */
    size_t share_len[SHARDS];       /* those of each shard, */
    size_t bytes;                   /* and of the frames they came in */
    const struct key_options *keys; /* NULL: none were given */
    uint64_t number;                /* counts from 1 */
    int64_t now_ns;                 /* packet time after it */
    uint64_t last_frame;
    const char *file; /* that its packets were read from; NULL: live */
    bool over;        /* the last round: flows end after it */
    bool renew;       /* flows end after it, and another capture follows */
    bool reopen;      /* reopen the logs after it */
    bool flush;       /* what is logged shall be in its files after it */
    bool wants_statistics;
    struct round_news news[ROUND_NEWS_MOST];
    size_t news_len;
    struct statistics reader; /* the reader's part, when statistics are wanted */
    uint64_t done, total;     /* progress: bytes of all files */
    struct told told[SHARDS];
    struct shard_counts counts[SHARDS]; /* when statistics are wanted, or it is over */
};

/* A round on the tray of another one, `lender`, which outlives it: where they are never under way
 * at once, what is written again and again stays in the processor's cache. NULL: on its own. */
struct round *round_new(const struct round *lender);
void round_free(struct round *round); /* the sessions are the shards' */

/* Empties it for new packets; what was told stays until the shards take it back. */
void round_clear(struct round *round);

bool round_full(const struct round *round);

/* The place for the next packet; fill it, then call round_commit. */
struct packet *round_place(struct round *round);

/* `stays`: what the packet points to outlives the round. Otherwise it is copied. */
void round_commit(struct round *round, size_t frame_bytes, bool stays);

void told_add(struct told *told, struct session *session);

#endif
