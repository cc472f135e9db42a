/* SPDX-License-Identifier: Apache-2.0
 *
 * A writer turns rows of any log into lines of one format. A row of a table: see writers/.
 *
 * Whatever a row holds, it becomes one line, and two different rows become two different lines.
 */
#ifndef CERTTAP_FEED_WRITER_H
#define CERTTAP_FEED_WRITER_H

#include "feed/log.h"

struct writer {
    const char *name;   /* as feed_options.formats names it */
    const char *ending; /* of its files, where it is not the only writer */

    /* The lines a file begins and ends with; NULL: none. Times are seconds since 1970. */
    void (*begin)(struct text *out, const struct log *log, int64_t opened);
    void (*end)(struct text *out, const struct log *log, int64_t closed);

    /* One line, its newline included. */
    void (*row)(struct text *out, const struct log *log, const void *row);
};

/* The cells of a row from its column `first` on as members of a JSON object that is open. */
void json_columns(struct text *out, const struct log *log, size_t first, const void *row);

extern const struct writer tsv_writer;  /* writers/tsv.c */
extern const struct writer json_writer; /* writers/json.c */

#endif
