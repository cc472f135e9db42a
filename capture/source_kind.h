/* SPDX-License-Identifier: Apache-2.0
 *
 * What every kind of source has, and what each does in its own way.
 */
#ifndef CERTTAP_CAPTURE_SOURCE_KIND_H
#define CERTTAP_CAPTURE_SOURCE_KIND_H

#include "capture/filter.h"
#include "capture/source.h"

struct source_kind {
    /* The next frame, whatever the filter says. SOURCE_BROKEN: `fault` was set. */
    enum source_step (*next)(struct source *source, struct frame *frame);
    void (*refresh_counts)(struct source *source);
    void (*progress)(const struct source *source, uint64_t *done, uint64_t *total);
    int (*descriptor)(const struct source *source);
    enum source_link (*link)(const struct source *source);
    bool (*secrets)(struct source *source, struct bytes *key_log);
    void (*close)(struct source *source); /* frees the source, but not what is in here */
};

/* The first member of each kind's own struct. */
struct source {
    const struct source_kind *kind;
    char *name;
    bool stable;
    struct filter *filter; /* NULL: every frame is wanted, or the kernel does it */
    struct source_counts counts;
    struct fault fault;
    enum source_step ended; /* SOURCE_FRAME while more may come */
};

/* Fills in what is common. The expression may be NULL. False with `why` set; then, too, the source
 * is ready for source_close(). */
bool source_begin(struct source *source, const struct source_kind *kind, const char *name,
    const char *filter, struct fault *why);

#endif
