/* SPDX-License-Identifier: Apache-2.0
 *
 * All files that a feed writes: each log in each of the formats that are wanted, and EVE's one file
 * for everything. Two tables say which logs and which formats there are.
 */
#ifndef CERTTAP_FEED_OUTPUTS_H
#define CERTTAP_FEED_OUTPUTS_H

#include "feed/eve.h"
#include "feed/feed.h"
#include "feed/output.h"

enum log_number { LOG_SSL, LOG_X509, LOG_NOTICE, LOG_OCSP, LOG_STATS, LOG_COVERAGE, LOGS };
enum writer_number { WRITER_TSV, WRITER_JSON, WRITERS };

struct outputs {
    struct output_place place;
    struct output output[WRITERS][LOGS];
    size_t writers;  /* that are wanted: the first of `output` */
    struct eve *eve; /* NULL: not wanted */
};

/* Chooses the files, and checks that they can be written. False with `why` when not; then, too, it
 * is ready for outputs_free(). The folder's name is borrowed. */
bool outputs_open(struct outputs *outputs, const struct feed_options *options, struct fault *why);

/* A row of this log, in every format but EVE. */
void outputs_add(struct outputs *outputs, enum log_number number, const void *row, int64_t now_s);

/* Files that were taken away, be it with their folder, are made anew. */
void outputs_mend(struct outputs *outputs);

/* Hands what is buffered to the operating system: everything, or one log, and EVE with it. False
 * when not all of it went. */
bool outputs_flush(struct outputs *outputs);
void outputs_flush_log(struct outputs *outputs, enum log_number number);

void outputs_turn(struct outputs *outputs); /* rotates all */
bool outputs_reopen(struct outputs *outputs, struct fault *why);
void outputs_finish(struct outputs *outputs);

/* Lines of all files: written, or waiting to be, and lost. */
void outputs_count(const struct outputs *outputs, uint64_t *rows, uint64_t *lost);

void outputs_free(struct outputs *outputs);

#endif
