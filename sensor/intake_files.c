/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/intake.h"

#include <stdlib.h>
#include <sys/stat.h>

static const int64_t NEW_CAPTURE_NS =
    INT64_C(60) * 1000000000; /* a file that begins so much earlier */

static void
add_path(struct intake *in, char *taken)
{
    char **grown = realloc(in->paths.at, (in->paths.len + 1) * sizeof *grown);
    if (!grown)
        abort();
    in->paths.at = grown;
    in->paths.at[in->paths.len++] = taken;
}

/* A file named by the operator must be readable before anything starts. */
static bool
check_file(struct intake *in, const char *path)
{
    struct stat about;
    if (stat(path, &about) == 0) {
        if (!S_ISREG(about.st_mode))
            return true;
        in->bytes_total += (uint64_t)about.st_size;
    }
    struct source *source = source_open_file(path, in->options->filter, in->why);
    source_close(source);
    return source != NULL;
}

bool
intake_find_files(struct intake *in)
{
    for (size_t i = 0; i < in->options->read.len; i++) {
        const char *name = in->options->read.at[i];
        if (!strcmp(name, "-")) {
            add_path(in, strdup(name));
            continue;
        }
        char **found = source_paths(name, in->why);
        if (!found)
            return false;
        size_t count = 0;
        for (; found[count]; count++)
            add_path(in, found[count]);
        free(found);
        if (count == 0)
            return fault_set(in->why, "%s: no capture file in this folder", name);
        for (size_t k = in->paths.len - count; k < in->paths.len; k++)
            if (!check_file(in, in->paths.at[k]))
                return false;
    }
    return true;
}

/* A file that begins long before the last one ended is another capture: the flows of the one have
 * nothing to do with those of the other. */
static void
begin_capture(struct intake *in, const struct frame *first)
{
    if (in->clock_ns == 0 || first->ts_ns >= in->clock_ns - NEW_CAPTURE_NS)
        return;
    intake_send_round(in, false, true);
    in->clock_ns = 0;
}

/* Secrets that stand between the frames count for the round that is being filled, and later. */
static void
take_secrets(struct intake *in)
{
    struct bytes text;
    while (source_secrets(in->source, &text)) {
        key_sources_take(in->keys_from, text, in->rounds);
        in->keyed = true;
    }
}

/* Does somebody wait for a round, even an empty one? Only where an operator asked for something. */
static bool
has_requests(const struct intake *in)
{
    return in->requests->reload || in->requests->reopen || loader_has_news(in->loader);
}

static void
read_source(struct intake *in)
{
    struct frame frame;
    bool stable = source_stable(in->source);
    bool first = true;
    while (!in->requests->stop) {
        enum source_step step = source_next(in->source, &frame);
        if (step == SOURCE_FRAME && first) {
            begin_capture(in, &frame);
            first = false;
        }
        take_secrets(in); /* also at the end: what opens the last packets may stand behind them */
        switch (step) {
        case SOURCE_FRAME:
            intake_take_frame(in, &frame, stable);
            break;
        case SOURCE_QUIET:
            in->round->flush = in->round->len > 0; /* somebody may watch what comes out */
            if (in->round->len || has_requests(in))
                intake_send_round(in, false, false);
            break;
        case SOURCE_BROKEN:
            intake_fail(in, source_fault(in->source)->text);
            return;
        case SOURCE_END:
            return;
        }
    }
}

static void
read_file(struct intake *in, const char *path)
{
    uint64_t done;
    uint64_t total;
    in->source = source_open_file(path, in->options->filter, in->why);
    if (!in->source) {
        in->broken = true;
        return;
    }
    read_source(in);
    intake_send_round(in, false, false); /* its frames go away with it */
    line_drain(in->line);
    struct source_counts counts = source_counts(in->source);
    intake_add_counts(&in->closed, &counts);
    source_progress(in->source, &done, &total);
    in->bytes_before += total;
    source_close(in->source);
    in->source = NULL;
}

void
intake_files(struct intake *in)
{
    for (size_t i = 0; i < in->paths.len && !in->requests->stop; i++)
        read_file(in, in->paths.at[i]);
}
