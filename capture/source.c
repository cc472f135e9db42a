/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/source_kind.h"

#include <stdlib.h>

/* Frames that the filter refuses in a row before the caller gets a word in. */
enum { REFUSED_AT_ONCE = 1 << 16 };

bool
source_begin(struct source *source, const struct source_kind *kind, const char *name,
    const char *filter, struct fault *why)
{
    source->kind = kind;
    source->name = strdup(name);
    if (!source->name)
        return fault_set(why, "%s: no memory", name);
    if (filter)
        source->filter = filter_new(filter, why);
    return !filter || source->filter;
}

static enum source_step
next_wanted(struct source *source, struct frame *frame)
{
    for (unsigned i = 0; i < REFUSED_AT_ONCE; i++) {
        enum source_step step = source->kind->next(source, frame);
        if (step != SOURCE_FRAME || !source->filter || filter_wants(source->filter, frame))
            return step;
        source->counts.filtered++;
    }
    return SOURCE_QUIET;
}

enum source_step
source_next(struct source *source, struct frame *frame)
{
    if (source->ended)
        return source->ended;
    enum source_step step = next_wanted(source, frame);
    if (step == SOURCE_FRAME) {
        source->counts.frames++;
        source->counts.bytes += frame->bytes.len;
        source->counts.cut += frame->bytes.len < frame->wire_len;
    } else if (step != SOURCE_QUIET) {
        source->ended = step;
    }
    return step;
}

bool
source_stable(const struct source *source)
{
    return source->stable;
}

const char *
source_name(const struct source *source)
{
    return source->name;
}

const struct fault *
source_fault(const struct source *source)
{
    return &source->fault;
}

struct source_counts
source_counts(struct source *source)
{
    source->kind->refresh_counts(source);
    return source->counts;
}

void
source_progress(const struct source *source, uint64_t *done, uint64_t *total)
{
    source->kind->progress(source, done, total);
}

int
source_descriptor(const struct source *source)
{
    return source->kind->descriptor(source);
}

enum source_link
source_link(const struct source *source)
{
    return source->ended ? SOURCE_LINK_GONE : source->kind->link(source);
}

bool
source_secrets(struct source *source, struct bytes *key_log)
{
    return source->kind->secrets(source, key_log);
}

void
source_close(struct source *source)
{
    if (!source)
        return;
    filter_free(source->filter);
    free(source->name);
    source->kind->close(source);
}
