/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/analysis.h"

#include "sensor/herald.h"
#include "sensor/intake.h"
#include "sensor/judge.h"
#include "sensor/loaded.h"
#include "sensor/privileges.h"
#include "sensor/terminal.h"

enum { HERALDS = 3 };
static const int64_t SECOND_NS = 1000000000;

struct analysis {
    const struct options *options;
    struct fault *why;
    struct loaded loaded;
    struct intake intake;
    struct judge judge;
    struct terminal terminal;
    struct herald *heralds[HERALDS]; /* NULL: none */
};

/* What looks after a run: only a live one, or one with a control socket, has an attendant. */
static bool
open_attendant(struct analysis *a)
{
    const struct options *o = a->options;
    struct judge *judge = &a->judge;
    if (o->interfaces.len || o->control_socket) {
        judge->attendant = attendant_open(o, a->why);
        if (!judge->attendant)
            return false;
    }
    judge->loader =
        loader_new(o, judge->rules, judge->attendant ? attendant_wake : NULL, judge->attendant);
    a->intake.loader = judge->loader;
    return true;
}

static void
on_alert(void *owner, const struct alert *alert)
{
    struct analysis *a = owner;
    terminal_alert(&a->terminal, alert);
    for (int i = 0; i < HERALDS; i++)
        if (a->heralds[i])
            herald_tell(a->heralds[i], alert);
}

static void
on_trouble(void *owner, const char *what)
{
    struct analysis *a = owner;
    terminal_news(&a->terminal, what, true);
}

static bool
open_heralds(struct analysis *a)
{
    const struct options *o = a->options;
    if (o->alert_exec && !(a->heralds[0] = herald_exec(o->alert_exec, a->why)))
        return false;
    if (o->sightings && !(a->heralds[1] = herald_sightings(o->sightings, o->sensor, a->why)))
        return false;
    return !o->alert_syslog || (a->heralds[2] = herald_syslog(o->alert_syslog, a->why));
}

static void
close_heralds(struct analysis *a)
{
    for (int i = 0; i < HERALDS; i++) {
        const char *setting = a->heralds[i] ? herald_setting(a->heralds[i]) : "";
        uint64_t lost = herald_free(a->heralds[i]);
        struct text words = {0};
        text_add_format(
            &words, "%s: %llu alerts could not be carried", setting, (unsigned long long)lost);
        if (lost)
            terminal_news(&a->terminal, text_string(&words), true);
        text_free(&words);
    }
}

static bool
open_feed(struct analysis *a)
{
    const struct options *o = a->options;
    struct feed_options feed = {
        .directory = o->log_dir ? o->log_dir : ".",
        .formats = o->outputs.len ? (const char *const *)o->outputs.at : NULL,
        .sensor = o->sensor,
        .suppress_ns = o->suppress_seconds * SECOND_NS,
        .relog_ns = o->relog_seconds * SECOND_NS,
        .rotate_ns = o->rotate_seconds * SECOND_NS,
        .coverage_ns = o->coverage_seconds * SECOND_NS,
        .live = o->interfaces.len > 0,
        .interface = o->interfaces.len == 1 ? o->interfaces.at[0] : NULL,
        .eve_chain = o->eve_chain,
        .metrics = o->metrics,
        .evidence = o->evidence,
        .evidence_bytes = o->evidence_limit,
    };
    struct feed_listener listener = {a, on_alert, on_trouble};
    a->judge.feed = feed_open(&feed, listener, a->why);
    return a->judge.feed != NULL;
}

/* What is remembered of sessions that are over, and were so before certtap was started. */
static bool
open_history(struct analysis *a)
{
    const struct options *o = a->options;
    struct judge *judge = &a->judge;
    judge_prepare(judge, o->memory_limit, o->endpoint_seconds * SECOND_NS);
    if (!o->history)
        return true;
    judge->history = history_open(o->history, o->history_seconds, a->why);
    return judge->history &&
           history_load(judge->history, &judge->remembered, &judge->history_why, a->why);
}

static void
run(struct analysis *a)
{
    const struct options *o = a->options;
    struct shard_options shards = {
        .memory_limit =
            o->memory_limit - intake_memory(o) - a->judge.memory_limit - loaded_key_limit(o),
        .tracker = &o->tracker,
        .proving = o->proving,
    };
    if (o->proving != PROVE_NEVER)
        a->judge.prover = prover_new();
    struct line *line = line_new(o->threads, &shards, judge_round, &a->judge);
    if (a->judge.attendant)
        attendant_start(a->judge.attendant, a->judge.loader);
    intake_run(&a->intake, line);
    line_free(line);
}

/* The judge has the rules from here on: it changes them for others. */
static bool
load(struct analysis *a)
{
    const struct options *o = a->options;
    if (!loaded_fill(&a->loaded, o, a->why))
        return false;
    a->judge.rules = a->loaded.rules;
    a->loaded.rules = NULL;
    a->judge.services = a->loaded.services;
    a->judge.terminal = &a->terminal;
    a->judge.heralds = a->heralds;
    a->judge.heralds_len = HERALDS;
    a->intake.keys_from = a->loaded.key_sources;
    a->intake.keys = (struct key_options){a->loaded.secrets, o->key_wait_ns, o->key_follow};
    a->intake.keyed = o->keylogs.len > 0;
    return true;
}

/* Packets come from strangers: nothing is done with one before this. */
static bool
drop_privileges(struct analysis *a)
{
    return !a->options->user || privileges_drop(a->options->user, a->why);
}

static bool
open_all(struct analysis *a)
{
    return load(a) && intake_open_interfaces(&a->intake) && drop_privileges(a) &&
           intake_find_files(&a->intake) && open_heralds(a) && open_history(a) && open_feed(a) &&
           open_attendant(a);
}

static void
close_all(struct analysis *a)
{
    if (a->judge.feed && !feed_close(a->judge.feed, a->why))
        a->intake.broken = true;
    close_heralds(a);
    attendant_stop(a->judge.attendant);
    loader_free(a->judge.loader);
    attendant_close(a->judge.attendant);
    history_close(a->judge.history);
    judge_free(&a->judge);
    intake_close(&a->intake);
    loaded_free(&a->loaded);
}

enum exit_status
analysis_run(const struct options *options, struct requests *requests, struct fault *why)
{
    struct analysis a = {
        .options = options,
        .why = why,
        .intake = {.options = options, .requests = requests, .why = why},
    };
    enum exit_status status = EXIT_MISUSED;
    terminal_open(&a.terminal, options->quiet, options->verbose, options->interfaces.len > 0);
    if (open_all(&a)) {
        run(&a);
        if (a.judge.fault.text[0])
            intake_fail(&a.intake, a.judge.fault.text);
        bool alerted = feed_counts(a.judge.feed).alerts > 0;
        terminal_summary(&a.terminal, &a.judge.statistics, &a.judge.coverage,
            options->log_dir ? options->log_dir : ".");
        status = alerted && options->fail_on_alert ? EXIT_ALERTED : EXIT_DONE;
    }
    close_all(&a);
    return a.intake.broken ? EXIT_FAILED : status;
}
