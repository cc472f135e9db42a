/* SPDX-License-Identifier: Apache-2.0
 *
 * One file of one log in one format. Rows wait in a buffer of a megabyte and go out when it is full
 * or when asked.
 *
 * Disks fill up. A row that cannot be written waits for the next try; when the buffer is full and
 * the disk still says no, the rows in it are lost and counted. The file holds whole lines or none:
 * the half line that a full disk leaves is cut off again.
 */
#ifndef CERTTAP_FEED_OUTPUT_H
#define CERTTAP_FEED_OUTPUT_H

#include "base/fault.h"
#include "feed/writer.h"

/* What all outputs of a feed share. */
struct output_place {
    const char *directory; /* as the operator wrote it, for complaints */
    int folder;            /* a descriptor of it */
    bool live;             /* headers tell the time of day, and files that are there already are
                              added to; else they tell the capture's time and replace what is there,
                              so that every run writes the same */
    struct fault fault;    /* the first thing that went wrong while writing */
    struct fault now;      /* what is wrong at present */
};

struct output {
    struct output_place *place; /* borrowed */
    const struct log *log;
    const struct writer *writer;
    const char *ending; /* of the file's name; static */
    struct text name;   /* of the file, in the folder */
    int file;           /* -1: not open */
    bool begun;         /* there is a file, or would be if it could be opened */
    bool keep;          /* add to what is there: we wrote it, or the place is live */
    int64_t opened;     /* what the header tells, seconds since 1970 */
    int64_t latest;     /* time of the latest row */
    struct text pending;
    size_t head;      /* bytes of `pending` that are never given up: header, rest of a line */
    bool torn;        /* `head` is the rest of a line that could not be cut off */
    uint64_t waiting; /* rows in `pending`, behind `head` */
    uint64_t added;   /* rows ever */
    uint64_t lost;    /* of these */
};

struct output output_new(struct output_place *place, const struct log *log,
    const struct writer *writer, const char *ending);

/* False with `why` when there is a file of its name already that cannot be written to. */
bool output_check(const struct output *output, struct fault *why);

/* `now` is the capture's time, seconds since 1970. */
void output_add(struct output *output, const void *row, int64_t now);

/* False when not everything is in the hands of the operating system now. */
bool output_flush(struct output *output);

/* Was the file taken away while it was written? Then what waits goes into another of its name. */
void output_mend(struct output *output);

/* Ends the file, if there is one. What cannot be written now is lost. The next row begins another
 * file of the same name. */
void output_finish(struct output *output);

/* The same, and begins the next file at once, if there was one. */
bool output_reopen(struct output *output, struct fault *why);

void output_free(struct output *output); /* after output_finish() */

#endif
