/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of digests as one file that is mapped where it is used.
 */
#include "lists/job.h"

#include "rules/compiled.h"

struct building {
    struct job *job;
    size_t left_out;
    char first[256];
};

/* Digests without conditions: all that a compiled list can hold. */
static bool
can_hold(const struct watch *watch)
{
    if (watch->len != 1 || watch->allow || !conditions_none(&watch->when))
        return false;
    for (size_t i = 0; i < watch->all[0].len; i++) {
        enum what what = watch->all[0].any[i].what;
        if (what > WHAT_MD5 && what != WHAT_SPKI)
            return false;
    }
    return true;
}

static bool
keeps(void *owner, const struct watch *watch)
{
    (void)owner;
    return can_hold(watch);
}

static bool
take_entry(void *owner, const char *list, const struct watch *watch, struct fault *why)
{
    struct building *building = owner;
    if (can_hold(watch))
        return true;
    if (!building->job->skip)
        return fault_set(why,
            "%s:%lu: a compiled list holds digests without conditions, and nothing else; --skip "
            "leaves this out",
            list, watch->line);
    if (!building->left_out++)
        snprintf(building->first, sizeof building->first, "%s:%lu", list, watch->line);
    return true;
}

static bool
build_all(struct job *job, struct building *building, struct fault *why)
{
    struct entries_listener listener = {building, take_entry, keeps, NULL};
    struct ruleset *rules = ruleset_new(0);
    bool good = true;
    ruleset_listen(rules, &listener, true);
    ruleset_unpack(rules);
    for (size_t i = 0; good && i < job->len; i++)
        good = ruleset_add_list(rules, job->arguments[i], why);
    if (good) {
        ruleset_finish(rules);
        good = ruleset_compile(rules, job->file, why);
    }
    if (good)
        job_note("%s: %zu entries of %zu lists", job->output, ruleset_entries(rules),
            ruleset_lists(rules));
    ruleset_free(rules);
    return good;
}

static int
build(struct job *job, struct fault *why)
{
    struct building building = {.job = job};
    if (!job->output) {
        fault_set(why, "list build: -o says which file to make");
        return STATUS_MISUSED;
    }
    if (!job_open(job, why))
        return STATUS_FAILED;
    bool good = build_all(job, &building, why);
    if (good && building.left_out)
        job_note("left out: %zu entries that a compiled list cannot hold (first: %s)",
            building.left_out, building.first);
    if (!job_close(job, good, why) && good)
        return STATUS_FAILED;
    return good ? STATUS_DONE : STATUS_MISUSED;
}

const struct verb build_verb = {"build", "-o FILE [--skip] LIST...",
    "Compiles lists of digests, millions of them, into one file that -w takes at once, however "
    "large it\n"
    "is, and that processes share. It holds digests of certificates and keys without conditions; "
    "what\n"
    "a hit says, the lists' names and lines are kept.",
    1, SIZE_MAX, "os", build};
