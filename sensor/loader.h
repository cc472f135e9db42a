/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads the lists anew while the old ones go on judging. A thread of its own, begun when it is
 * first asked, builds a ruleset beside the one in force; the judge takes it over between two rounds
 * and hands the old one back to be freed. A ruleset that is broken, or has lost too much of what
 * the old one knew, never comes into force: the judge is told why instead.
 */
#ifndef CERTTAP_SENSOR_LOADER_H
#define CERTTAP_SENSOR_LOADER_H

#include "rules/ruleset.h"
#include "sensor/options.h"

/* Everything that the options name. NULL with `why`. */
struct ruleset *rules_load(const struct options *options, uint64_t generation, struct fault *why);

struct loader;

/* `in_force` is the ruleset of the first generation; it is the judge's. `done`, unless NULL, is
 * called on the loader's thread each time an outcome is there. */
struct loader *loader_new(const struct options *options, const struct ruleset *in_force,
    void (*done)(void *owner), void *owner);

/* Asks for a reload. Several that wait are one. The number is for loader_answer(). Any thread. */
uint64_t loader_ask(struct loader *loader);

/* What came of a reload. */
struct reload {
    struct ruleset *rules; /* the judge's to use and to hand back; NULL: refused */
    uint64_t generation;   /* that is in force now */
    size_t lists, entries; /* of it */
    struct fault why;      /* it was refused */
};

/* Is there an outcome that the judge has not taken? Any thread; costs next to nothing. */
bool loader_has_news(const struct loader *loader);

/* Takes the next outcome, for the judge. False when there is none. */
bool loader_take(struct loader *loader, struct reload *reload);

/* The judge does not use it any more. */
void loader_retire(struct loader *loader, struct ruleset *taken);

/* Is what was asked for under this number done? Then how; `rules` is NULL. Only the latest outcome
 * is remembered. Any thread. */
bool loader_answer(struct loader *loader, uint64_t number, struct reload *reload);

/* Waits for what is under way. Outcomes that nobody took are forgotten. NULL is fine. */
void loader_free(struct loader *loader);

#endif
