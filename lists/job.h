/* SPDX-License-Identifier: Apache-2.0
 *
 * One "certtap list" as it was asked for, and where its answer goes.
 */
#ifndef CERTTAP_LISTS_JOB_H
#define CERTTAP_LISTS_JOB_H

#include "base/text.h"
#include "rules/entries.h"
#include "rules/explain.h"
#include "rules/ruleset.h"
#include "rules/written.h"

#include <stdio.h>

enum { STATUS_DONE = 0, STATUS_FAILED = 1, STATUS_MISUSED = 2, STATUS_HIT = 3 };

struct job {
    bool json, fail_on_hit, skip, colour;
    const char *output; /* NULL: standard output */
    const char *to;     /* format */
    const char *name;   /* of what is made */
    int64_t at;         /* seconds since 1970 */
    char **arguments;
    size_t len;
    struct text out; /* what is still to be written */
    FILE *file;
    bool broken; /* it could not be written */
};

struct verb {
    const char *name, *arguments, *about;
    size_t least, most;  /* arguments */
    const char *options; /* letters of those it takes */
    int (*run)(struct job *job, struct fault *why);
};

extern const struct verb check_verb, explain_verb, convert_verb, merge_verb, build_verb, diff_verb;

/* Opens where the answer goes: a file beside `output`, which takes its place when the job is done
 * well, so that a working list is never traded for half of one. */
bool job_open(struct job *job, struct fault *why);

/* Writes what stands in `out` when there is enough of it. */
void job_flush(struct job *job, bool all);

/* Ends it; `good` says whether the answer is whole. False with `why`. */
bool job_close(struct job *job, bool good, struct fault *why);

enum colour { PLAIN, GOOD, BAD, WARN, FAINT, BOLD };
void job_paint(const struct job *job, struct text *out, enum colour colour);

/* A line for people who wait, on standard error. */
void job_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
