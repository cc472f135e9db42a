/* SPDX-License-Identifier: Apache-2.0
 *
 * The reader of the assembly line: frames out of every source, packets into rounds, and each round
 * sent on its way. It keeps the clock, which is packet time; only where packets are live does it
 * look at the wall. intake.c fills rounds, intake_files.c reads captures, intake_live.c interfaces.
 */
#ifndef CERTTAP_SENSOR_INTAKE_H
#define CERTTAP_SENSOR_INTAKE_H

#include "capture/source.h"
#include "sensor/analysis.h"
#include "sensor/key_source.h"
#include "sensor/line.h"
#include "sensor/loader.h"

#include <poll.h>

enum { LIVE_MOST = 16 /* interfaces at once */ };

struct interface {
    struct source *source; /* NULL: it has vanished, and may come back */
    enum round_event told; /* about it, last */
};

struct intake {
    const struct options *options;
    struct requests *requests;
    struct fault *why;
    bool broken; /* something went wrong while running */

    struct strings paths; /* all files to read */
    struct interface live[LIVE_MOST];
    struct pollfd poll[LIVE_MOST];
    size_t live_len;
    int64_t looked_ns; /* when interfaces were looked at last */

    struct pool fragment_pool;
    struct peeler *peeler;
    struct line *line;
    struct round *round;           /* being filled */
    struct loader *loader;         /* borrowed, as the next */
    struct key_sources *keys_from; /* what secrets come from */
    struct key_options keys;
    bool keyed; /* there are secrets, or some may come */
    uint64_t rounds;

    int64_t clock_ns;      /* packet time; 0 before the first frame */
    int64_t round_ns;      /* when the round began */
    int64_t statistics_ns; /* when statistics are due */
    int64_t flushed_ns;    /* when logs were flushed last */
    uint64_t frames;
    uint64_t peeled[PEEL_RESULTS];
    uint64_t joined;
    struct source_counts closed; /* of sources that are done */
    struct source *source;       /* the file being read */
    uint64_t bytes_before;       /* of the files before it, for progress */
    uint64_t bytes_total;
};

/* Every file and interface of the options is there and can be read. False with `why` set. */
bool intake_find_files(struct intake *in);
bool intake_open_interfaces(struct intake *in);

/* What fragments that wait for others may take of the memory limit. */
size_t intake_memory(const struct options *options);

/* Reads all there is, onto this line, until it ends or a stop is requested. `broken` and `why` say
 * what went wrong. The last round is sent, too. */
void intake_run(struct intake *in, struct line *line);

void intake_close(struct intake *in);

/* ---- What its parts share. */

void intake_files(struct intake *in);
void intake_live(struct intake *in);

void intake_advance_clock(struct intake *in, int64_t ts_ns);

/* `stable`: what the frame points to stays until its source is closed. */
void intake_take_frame(struct intake *in, struct frame *frame, bool stable);

/* `over`: this is the last round. `renew`: flows end, and another capture follows. */
void intake_send_round(struct intake *in, bool over, bool renew);

void intake_add_counts(struct source_counts *sum, const struct source_counts *more);

/* Something went wrong while running. */
void intake_fail(struct intake *in, const char *what);

#endif
