/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/analysis.h"

#include "rules/entries.h"
#include "sensor/herald.h"
#include "sensor/judge.h"
#include "sensor/key_source.h"
#include "sensor/line.h"
#include "sensor/terminal.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

enum {
    HERALDS = 3,
    LIVE_MOST = 16, /* interfaces at once */
    LIVE_TURN = 64, /* frames of one interface before the next has its turn */
    LIVE_WAIT_MS = 100,
    FRAGMENT_SHARE = 16,   /* of the memory limit */
    KEY_SHARE = 16,        /* likewise, when there are key logs */
    REMEMBERED_SHARE = 16, /* likewise, for what outlives sessions */
    KEY_LEAST_SHARE = 64,  /* for what secrets a capture may bring along */
};
static const int64_t SECOND_NS = 1000000000;
static const int64_t NEW_CAPTURE_NS =
    INT64_C(60) * 1000000000; /* a file that begins so much earlier */

struct analysis {
    const struct options *options;
    struct requests *requests;
    struct fault *why;
    bool broken; /* something went wrong while running */

    struct strings paths; /* all files to read */
    struct source *live[LIVE_MOST];
    struct pollfd poll[LIVE_MOST];
    size_t live_len;

    struct pool fragment_pool;
    struct peeler *peeler;
    struct line *line;
    struct round *round; /* being filled */
    struct judge judge;
    struct terminal terminal;
    struct herald *heralds[HERALDS]; /* NULL: none */
    struct services *services;
    struct key_store *secrets;
    struct key_sources *key_sources;
    struct key_options keys;
    bool keyed; /* there are secrets, or some may come */
    uint64_t rounds;

    int64_t clock_ns;      /* packet time; 0 before the first frame */
    int64_t round_ns;      /* when the round began */
    int64_t statistics_ns; /* when statistics are due */
    uint64_t frames;
    uint64_t peeled[PEEL_RESULTS];
    uint64_t joined;
    struct source_counts closed; /* of sources that are done */
    struct source *source;       /* the file being read */
    uint64_t bytes_before;       /* of the files before it, for progress */
    uint64_t bytes_total;
};

static void
add_counts(struct source_counts *sum, const struct source_counts *more)
{
    sum->frames += more->frames;
    sum->bytes += more->bytes;
    sum->filtered += more->filtered;
    sum->cut += more->cut;
    sum->kernel_dropped += more->kernel_dropped;
    sum->device_dropped += more->device_dropped;
}

static struct source_counts
count_sources(struct analysis *a)
{
    struct source_counts sum = a->closed;
    if (a->source) {
        struct source_counts counts = source_counts(a->source);
        add_counts(&sum, &counts);
    }
    for (size_t i = 0; i < a->live_len; i++) {
        struct source_counts counts = source_counts(a->live[i]);
        add_counts(&sum, &counts);
    }
    return sum;
}

static void
report_reader(struct analysis *a, struct statistics *s)
{
    *s = (struct statistics){.source = count_sources(a), .joined_packets = a->joined};
    memcpy(s->peeled, a->peeled, sizeof s->peeled);
    s->fragments = peeler_fragments(a->peeler);
    s->memory_used = a->fragment_pool.used;
    s->memory_peak = a->fragment_pool.peak;
    s->memory_limit = a->fragment_pool.limit;
    s->key_lines = key_sources_counts(a->key_sources);
    s->secrets = key_store_counts(a->secrets);
    s->memory_used += s->secrets.bytes;
}

/* `over`: this is the last round. `renew`: flows end, and another capture follows. */
static void
send_round(struct analysis *a, bool over, bool renew)
{
    struct round *round = a->round;
    round->number = a->rounds++;
    round->keys = a->keyed ? &a->keys : NULL;
    if (a->options->keylogs.len)
        key_sources_read(a->key_sources, a->rounds);
    round->now_ns = a->clock_ns;
    round->last_frame = a->frames;
    if (a->requests->reload) {
        a->requests->reload = 0;
        loader_ask(a->judge.loader);
    }
    round->file = a->source ? source_name(a->source) : NULL;
    round->over = over;
    round->renew = renew;
    round->reopen = a->requests->reopen;
    a->requests->reopen = 0;
    round->wants_statistics = over || (a->clock_ns && a->clock_ns >= a->statistics_ns);
    if (round->wants_statistics) {
        report_reader(a, &round->reader);
        a->statistics_ns = a->clock_ns + a->options->stats_seconds * SECOND_NS;
    }
    if (a->source) {
        source_progress(a->source, &round->done, &round->total);
        round->done += a->bytes_before;
        round->total = a->bytes_total;
    }
    line_send(a->line);
    if (!over)
        a->round = line_round(a->line);
    a->round_ns = a->clock_ns;
}

static void
advance_clock(struct analysis *a, int64_t ts_ns)
{
    if (a->clock_ns == 0) {
        a->round_ns = ts_ns;
        a->statistics_ns = ts_ns + a->options->stats_seconds * SECOND_NS;
    }
    if (ts_ns > a->clock_ns)
        a->clock_ns = ts_ns;
}

/* Rounds end where the capture says so, never where the clock on the wall does, but in live work.
 */
static void
take_frame(struct analysis *a, struct frame *frame, bool stable)
{
    bool joined;
    frame->number = ++a->frames;
    advance_clock(a, frame->ts_ns);
    enum peel_result result = peeler_peel(a->peeler, frame, round_place(a->round), &joined);
    a->peeled[result]++;
    if (result == PEELED) {
        a->joined += joined;
        if (a->options->evidence) {
            struct packet *packet = round_place(a->round);
            packet->whole = frame->bytes;
            packet->link = frame->link;
        }
        round_commit(a->round, frame->bytes.len, stable && !joined);
    }
    if (round_full(a->round) || a->clock_ns - a->round_ns >= SECOND_NS)
        send_round(a, false, false);
}

static void
remember(struct analysis *a, const char *what)
{
    a->broken = true;
    fault_set(a->why, "%s", what);
}

/* A file that begins long before the last one ended is another capture: the flows of the one have
 * nothing to do with those of the other. */
static void
begin_capture(struct analysis *a, const struct frame *first)
{
    if (a->clock_ns == 0 || first->ts_ns >= a->clock_ns - NEW_CAPTURE_NS)
        return;
    send_round(a, false, true);
    a->clock_ns = 0;
}

/* Does somebody wait for a round, even an empty one? Only where an operator asked for something. */
static bool
has_requests(const struct analysis *a)
{
    return a->requests->reload || a->requests->reopen || loader_has_news(a->judge.loader);
}

/* Secrets that stand between the frames count for the round that is being filled, and later. */
static void
take_secrets(struct analysis *a)
{
    struct bytes text;
    while (source_secrets(a->source, &text)) {
        key_sources_take(a->key_sources, text, a->rounds);
        a->keyed = true;
    }
}

static void
read_source(struct analysis *a)
{
    struct frame frame;
    bool stable = source_stable(a->source);
    bool first = true;
    while (!a->requests->stop) {
        switch (source_next(a->source, &frame)) {
        case SOURCE_FRAME:
            if (first)
                begin_capture(a, &frame);
            first = false;
            take_secrets(a);
            take_frame(a, &frame, stable);
            break;
        case SOURCE_QUIET:
            if (a->round->len || has_requests(a))
                send_round(a, false, false);
            break;
        case SOURCE_BROKEN:
            remember(a, source_fault(a->source)->text);
            return;
        case SOURCE_END:
            return;
        }
    }
}

static void
read_file(struct analysis *a, const char *path)
{
    uint64_t done;
    uint64_t total;
    a->source = source_open_file(path, a->options->filter, a->why);
    if (!a->source) {
        a->broken = true;
        return;
    }
    read_source(a);
    send_round(a, false, false); /* its frames go away with it */
    line_drain(a->line);
    struct source_counts counts = source_counts(a->source);
    add_counts(&a->closed, &counts);
    source_progress(a->source, &done, &total);
    a->bytes_before += total;
    source_close(a->source);
    a->source = NULL;
}

static int64_t
wall_clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * SECOND_NS + now.tv_nsec;
}

/* One turn over all interfaces. False when none has anything for now. */
static bool
read_turn(struct analysis *a)
{
    bool any = false;
    for (size_t i = 0; i < a->live_len; i++) {
        struct frame frame;
        enum source_step step = SOURCE_FRAME;
        for (int k = 0; k < LIVE_TURN && step == SOURCE_FRAME; k++) {
            step = source_next(a->live[i], &frame);
            if (step != SOURCE_FRAME)
                break;
            take_frame(a, &frame, false);
            any = true;
        }
        if (step == SOURCE_BROKEN || step == SOURCE_END) {
            remember(a, source_fault(a->live[i])->text);
            a->requests->stop = 1;
        }
    }
    return any;
}

static void
read_live(struct analysis *a)
{
    for (size_t i = 0; i < a->live_len; i++)
        a->poll[i] = (struct pollfd){.fd = source_descriptor(a->live[i]), .events = POLLIN};
    while (!a->requests->stop) {
        if (read_turn(a))
            continue;
        advance_clock(a, wall_clock_ns());
        send_round(a, false, false);
        if (poll(a->poll, a->live_len, LIVE_WAIT_MS) < 0 && errno != EINTR)
            remember(a, strerror(errno));
    }
}

static bool
load_rules(struct analysis *a)
{
    a->judge.rules = rules_load(a->options, 1, a->why);
    if (!a->judge.rules)
        return false;
    return true;
}

static bool
load_services(struct analysis *a)
{
    a->services = services_new(a->options->ndpi);
    for (size_t i = 0; i < a->options->services.len; i++)
        if (!services_add_file(a->services, a->options->services.at[i], a->why))
            return false;
    services_finish(a->services);
    return true;
}

static void
add_path(struct analysis *a, char *taken)
{
    char **grown = realloc(a->paths.at, (a->paths.len + 1) * sizeof *grown);
    if (!grown)
        abort();
    a->paths.at = grown;
    a->paths.at[a->paths.len++] = taken;
}

/* A file named by the operator must be readable before anything starts. */
static bool
check_file(struct analysis *a, const char *path)
{
    struct stat about;
    if (stat(path, &about) == 0) {
        if (!S_ISREG(about.st_mode))
            return true;
        a->bytes_total += (uint64_t)about.st_size;
    }
    struct source *source = source_open_file(path, a->options->filter, a->why);
    source_close(source);
    return source != NULL;
}

static bool
find_files(struct analysis *a)
{
    for (size_t i = 0; i < a->options->read.len; i++) {
        const char *name = a->options->read.at[i];
        if (!strcmp(name, "-")) {
            add_path(a, strdup(name));
            continue;
        }
        char **found = source_paths(name, a->why);
        if (!found)
            return false;
        size_t count = 0;
        for (; found[count]; count++)
            add_path(a, found[count]);
        free(found);
        if (count == 0)
            return fault_set(a->why, "%s: no capture file in this folder", name);
        for (size_t k = a->paths.len - count; k < a->paths.len; k++)
            if (!check_file(a, a->paths.at[k]))
                return false;
    }
    return true;
}

static bool
open_interfaces(struct analysis *a)
{
    struct live_options live = {
        .snap_len = a->options->snap_length,
        .buffer_bytes = (uint32_t)a->options->ring_bytes,
        .promiscuous = a->options->promiscuous,
    };
    if (a->options->interfaces.len > LIVE_MOST)
        return fault_set(a->why, "at most %d interfaces can be captured at once", LIVE_MOST);
    for (size_t i = 0; i < a->options->interfaces.len; i++) {
        struct source *source =
            source_open_live(a->options->interfaces.at[i], a->options->filter, &live, a->why);
        if (!source)
            return false;
        a->live[a->live_len++] = source;
    }
    return true;
}

static uint64_t
key_limit(const struct options *o)
{
    return o->memory_limit / (o->keylogs.len ? KEY_SHARE : KEY_LEAST_SHARE);
}

static bool
load_keys(struct analysis *a)
{
    const struct options *o = a->options;
    a->rounds = 1;
    a->secrets = key_store_new(key_limit(o), ROUNDS);
    a->keys = (struct key_options){a->secrets, o->key_wait_ns, o->key_follow};
    a->keyed = o->keylogs.len > 0;
    a->key_sources = key_sources_open(o, a->secrets, o->interfaces.len > 0, a->why);
    return a->key_sources;
}

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
        .evidence = o->evidence,
        .evidence_bytes = o->evidence_limit,
    };
    struct feed_listener listener = {a, on_alert, on_trouble};
    a->judge.feed = feed_open(&feed, listener, a->why);
    return a->judge.feed != NULL;
}

static void
run(struct analysis *a)
{
    const struct options *o = a->options;
    a->fragment_pool.limit = o->memory_limit / FRAGMENT_SHARE;
    a->peeler = peeler_new(&a->fragment_pool);
    a->judge.services = a->services;
    size_t remembered = o->memory_limit / REMEMBERED_SHARE;
    judge_prepare(&a->judge, remembered, o->endpoint_seconds * SECOND_NS);
    a->judge.terminal = &a->terminal;
    struct shard_options shards = {
        .memory_limit = o->memory_limit - a->fragment_pool.limit - remembered - key_limit(o),
        .tracker = &o->tracker,
        .proving = o->proving,
    };
    if (o->proving != PROVE_NEVER)
        a->judge.prover = prover_new();
    a->line = line_new(o->threads, &shards, judge_round, &a->judge);
    a->round = line_round(a->line);
    if (a->judge.attendant)
        attendant_start(a->judge.attendant, a->judge.loader);
    for (size_t i = 0; i < a->paths.len && !a->requests->stop; i++)
        read_file(a, a->paths.at[i]);
    if (a->live_len)
        read_live(a);
    send_round(a, true, false);
    line_free(a->line);
    peeler_free(a->peeler);
}

static void
close_all(struct analysis *a)
{
    if (a->judge.feed && !feed_close(a->judge.feed, a->why))
        a->broken = true;
    close_heralds(a);
    attendant_stop(a->judge.attendant);
    loader_free(a->judge.loader);
    attendant_close(a->judge.attendant);
    judge_free(&a->judge);
    services_free(a->services);
    key_sources_close(a->key_sources);
    key_store_free(a->secrets);
    for (size_t i = 0; i < a->live_len; i++)
        source_close(a->live[i]);
    for (size_t i = 0; i < a->paths.len; i++)
        free(a->paths.at[i]);
    free(a->paths.at);
}

enum exit_status
analysis_run(const struct options *options, struct requests *requests, struct fault *why)
{
    struct analysis a = {.options = options, .requests = requests, .why = why};
    enum exit_status status = EXIT_MISUSED;
    terminal_open(&a.terminal, options->quiet, options->verbose, options->interfaces.len > 0);
    if (load_rules(&a) && load_services(&a) && load_keys(&a) && find_files(&a) &&
        open_interfaces(&a) && open_heralds(&a) && open_feed(&a) && open_attendant(&a)) {
        run(&a);
        if (a.judge.fault.text[0])
            remember(&a, a.judge.fault.text);
        bool alerted = feed_counts(a.judge.feed).alerts > 0;
        terminal_summary(&a.terminal, &a.judge.statistics, &a.judge.coverage,
            options->log_dir ? options->log_dir : ".");
        status = alerted && options->fail_on_alert ? EXIT_ALERTED : EXIT_DONE;
    }
    close_all(&a);
    return a.broken ? EXIT_FAILED : status;
}

static void
print_keys(const struct analysis *a)
{
    struct key_log_counts lines = key_sources_counts(a->key_sources);
    printf("key logs: %llu secrets", (unsigned long long)lines.secrets);
    if (lines.unused)
        printf(", %llu of no use", (unsigned long long)lines.unused);
    if (lines.bad)
        printf("; warning: %llu lines are no secrets", (unsigned long long)lines.bad);
    puts("");
}

static size_t
reason_count(const struct rule_skipped *skipped, size_t len, const char *reason)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += skipped[i].reason == reason;
    return count;
}

/* Which rules of a list were skipped, and why; with -v all of them. */
static void
tell_skipped(const struct ruleset *rules, size_t list, bool all)
{
    enum { FEW = 20 };
    const struct rule_skipped *skipped;
    const char *name = ruleset_report(rules, list).name;
    size_t len = ruleset_skipped(rules, list, &skipped);
    size_t most = all || len < FEW ? len : FEW;
    for (size_t i = 0; i < most; i++)
        printf("  %s:%lu: rule %u skipped: %s\n", name, skipped[i].line, skipped[i].sid,
            skipped[i].reason);
    if (most < len)
        printf("  and %zu more; -v names all\n", len - most);
    for (size_t i = 0; i < len && len > 1; i++)
        if (reason_count(skipped, i, skipped[i].reason) == 0)
            printf("  %zu skipped: %s\n", reason_count(skipped, len, skipped[i].reason),
                skipped[i].reason);
}

enum exit_status
analysis_test(const struct options *options, struct fault *why)
{
    struct analysis a = {.options = options, .why = why};
    bool good = load_rules(&a) && load_services(&a) && load_keys(&a) &&
                source_check_filter(options->filter ? options->filter : "", why) &&
                ruleset_check(a.judge.rules, why);
    const struct ruleset *rules = a.judge.rules;
    for (size_t i = 0; good && i < ruleset_lists(rules); i++) {
        struct list_report report = ruleset_report(rules, i);
        printf("%s: %s, %zu entries", report.name, report.format, report.entries);
        if (report.skipped)
            printf(", %zu skipped", report.skipped);
        printf("%s%s\n", report.warning ? "; warning: " : "", report.warning ? report.warning : "");
        tell_skipped(rules, i, options->verbose > 0);
    }
    if (good)
        printf("configuration is good: %zu lists, %zu entries, %zu services\n",
            ruleset_lists(rules), ruleset_entries(rules), services_rows(a.services));
    if (good && options->keylogs.len)
        print_keys(&a);
    close_all(&a);
    return good ? EXIT_DONE : EXIT_MISUSED;
}
