/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/loader.h"

#include "sensor/thread.h"

#include <stdatomic.h>
#include <stdlib.h>

enum {
    FEW_ENTRIES = 10, /* a list that loses no more than these was edited, not damaged */
    MOST_NEWS = 8,    /* outcomes that wait for the judge; then the loader waits too */
};

struct retired {
    struct retired *next;
    struct ruleset *rules;
};

struct loader {
    const struct options *options;
    void (*done)(void *owner);
    void *owner;
    const struct ruleset *latest; /* that was loaded; in force, or about to be */

    bool running;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool over;
    uint64_t asked, begun, answered; /* reloads */
    struct reload answer;            /* the latest */
    struct reload news[MOST_NEWS];
    size_t news_first;
    atomic_size_t news_len;
    struct retired *retired;
};

/* Names and values by turns. */
static const struct rule_variable *
variables_of(const struct strings *groups)
{
    struct rule_variable *variables = calloc(groups->len / 2 + 1, sizeof *variables);
    if (!variables)
        abort();
    for (size_t i = 0; i < groups->len / 2; i++)
        variables[i] = (struct rule_variable){groups->at[2 * i], groups->at[2 * i + 1]};
    return variables;
}

static bool
load_rule_files(struct ruleset *rules, const struct options *options, struct fault *why)
{
    struct rule_variables variables = {
        .addresses = variables_of(&options->address_groups),
        .ports = variables_of(&options->port_groups),
        .addresses_len = options->address_groups.len / 2,
        .ports_len = options->port_groups.len / 2,
        .classifications = options->classification_file,
    };
    bool good = true;
    for (size_t i = 0; good && i < options->rules.len; i++)
        good = ruleset_add_rules(rules, options->rules.at[i], &variables, why);
    free((void *)variables.addresses);
    free((void *)variables.ports);
    return good;
}

struct ruleset *
rules_load(const struct options *options, uint64_t generation, struct fault *why)
{
    struct ruleset *rules = ruleset_new(generation);
    for (size_t i = 0; i < options->watchlists.len; i++)
        if (!ruleset_add_list(rules, options->watchlists.at[i], why)) {
            ruleset_free(rules);
            return NULL;
        }
    if (!load_rule_files(rules, options, why)) {
        ruleset_free(rules);
        return NULL;
    }
    ruleset_finish(rules);
    return rules;
}

/* How many entries the lists of that name have; a folder may hold several. */
static size_t
entries_of(const struct ruleset *rules, const char *name)
{
    size_t entries = 0;
    for (size_t i = 0; i < ruleset_lists(rules); i++) {
        struct list_report report = ruleset_report(rules, i);
        if (!strcmp(report.name, name))
            entries += report.entries;
    }
    return entries;
}

/* May the new rules replace the old ones? False with `why` when a list of the old ones is gone, has
 * nothing in it any more, or has lost more than `percent` of its entries (and more than ten). */
static bool
rules_may_replace(const struct ruleset *old_rules, const struct ruleset *new_rules,
    unsigned percent, struct fault *why)
{
    for (size_t i = 0; i < ruleset_lists(old_rules); i++) {
        const char *name = ruleset_report(old_rules, i).name;
        size_t before = entries_of(old_rules, name);
        size_t after = entries_of(new_rules, name);
        if (before && !after)
            return fault_set(why, "%s: has no entries any more, %zu before", name, before);
        if (after + FEW_ENTRIES < before &&
            (double)(before - after) * 100 > (double)before * percent)
            return fault_set(why, "%s: %zu entries, %zu before: more than %u%% lost", name, after,
                before, percent);
    }
    return true;
}

struct loader *
loader_new(const struct options *options, const struct ruleset *in_force, void (*done)(void *owner),
    void *owner)
{
    struct loader *loader = calloc(1, sizeof *loader);
    if (!loader)
        abort();
    loader->options = options;
    loader->latest = in_force;
    loader->done = done;
    loader->owner = owner;
    pthread_mutex_init(&loader->lock, NULL);
    pthread_cond_init(&loader->changed, NULL);
    return loader;
}

static struct reload
load(struct loader *loader)
{
    struct reload reload = {0};
    const struct ruleset *latest = loader->latest;
    struct ruleset *rules =
        rules_load(loader->options, ruleset_generation(latest) + 1, &reload.why);
    if (rules &&
        !rules_may_replace(latest, rules, loader->options->list_shrink_percent, &reload.why)) {
        ruleset_free(rules);
        rules = NULL;
    }
    reload.rules = rules;
    const struct ruleset *in_force = rules ? rules : latest;
    reload.generation = ruleset_generation(in_force);
    reload.lists = ruleset_lists(in_force);
    reload.entries = ruleset_entries(in_force);
    return reload;
}

static void
publish(struct loader *loader, const struct reload *reload)
{
    size_t place = (loader->news_first + loader->news_len) % MOST_NEWS;
    loader->news[place] = *reload;
    loader->news_len++;
    loader->answer = *reload;
    loader->answer.rules = NULL;
    loader->answered = loader->begun;
    if (reload->rules)
        loader->latest = reload->rules;
}

static void
free_retired(struct retired *retired)
{
    while (retired) {
        struct retired *next = retired->next;
        ruleset_free(retired->rules);
        free(retired);
        retired = next;
    }
}

static bool
wants_load(const struct loader *loader)
{
    return loader->asked > loader->begun && loader->news_len < MOST_NEWS;
}

/* Loading and freeing take their time: neither is done under the lock. */
static void *
run(void *argument)
{
    struct loader *loader = argument;
    pthread_mutex_lock(&loader->lock);
    while (!loader->over) {
        struct retired *retired = loader->retired;
        loader->retired = NULL;
        bool wanted = wants_load(loader);
        if (!retired && !wanted) {
            pthread_cond_wait(&loader->changed, &loader->lock);
            continue;
        }
        if (wanted)
            loader->begun = loader->asked;
        pthread_mutex_unlock(&loader->lock);
        free_retired(retired);
        struct reload reload = {0};
        if (wanted)
            reload = load(loader);
        pthread_mutex_lock(&loader->lock);
        if (wanted)
            publish(loader, &reload);
        if (wanted && loader->done)
            loader->done(loader->owner);
    }
    pthread_mutex_unlock(&loader->lock);
    return NULL;
}

uint64_t
loader_ask(struct loader *loader)
{
    pthread_mutex_lock(&loader->lock);
    uint64_t number = loader->asked = loader->begun + 1;
    if (!loader->running)
        loader->thread = thread_start(run, loader);
    loader->running = true;
    pthread_cond_signal(&loader->changed);
    pthread_mutex_unlock(&loader->lock);
    return number;
}

bool
loader_has_news(const struct loader *loader)
{
    return atomic_load_explicit(&loader->news_len, memory_order_relaxed) > 0;
}

bool
loader_take(struct loader *loader, struct reload *reload)
{
    if (!loader_has_news(loader))
        return false;
    pthread_mutex_lock(&loader->lock);
    *reload = loader->news[loader->news_first];
    loader->news_first = (loader->news_first + 1) % MOST_NEWS;
    loader->news_len--;
    pthread_cond_signal(&loader->changed);
    pthread_mutex_unlock(&loader->lock);
    return true;
}

void
loader_retire(struct loader *loader, struct ruleset *taken)
{
    struct retired *retired = malloc(sizeof *retired);
    if (!retired)
        abort();
    pthread_mutex_lock(&loader->lock);
    *retired = (struct retired){.next = loader->retired, .rules = taken};
    loader->retired = retired;
    pthread_cond_signal(&loader->changed);
    pthread_mutex_unlock(&loader->lock);
}

bool
loader_answer(struct loader *loader, uint64_t number, struct reload *reload)
{
    pthread_mutex_lock(&loader->lock);
    bool done = loader->answered >= number;
    if (done)
        *reload = loader->answer;
    pthread_mutex_unlock(&loader->lock);
    return done;
}

void
loader_free(struct loader *loader)
{
    struct reload reload;
    if (!loader)
        return;
    pthread_mutex_lock(&loader->lock);
    loader->over = true;
    pthread_cond_signal(&loader->changed);
    pthread_mutex_unlock(&loader->lock);
    if (loader->running)
        pthread_join(loader->thread, NULL);
    while (loader_take(loader, &reload))
        ruleset_free(reload.rules);
    free_retired(loader->retired);
    pthread_mutex_destroy(&loader->lock);
    pthread_cond_destroy(&loader->changed);
    free(loader);
}
