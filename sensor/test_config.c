/* SPDX-License-Identifier: Apache-2.0
 *
 * -T: everything is loaded, what was loaded is printed, and nothing runs.
 */
#include "capture/source.h"
#include "rules/entries.h"
#include "sensor/analysis.h"
#include "sensor/history.h"
#include "sensor/judge.h"
#include "sensor/loaded.h"

#include <stdio.h>

static void
print_keys(const struct loaded *loaded)
{
    struct key_log_counts lines = key_sources_counts(loaded->key_sources);
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

/* What a run would begin with. False when it would not begin. */
static bool
print_history(const struct options *o, struct fault *why)
{
    struct judge judge = {0};
    struct fault trouble = {0};
    judge_prepare(&judge, o->memory_limit, o->endpoint_seconds * INT64_C(1000000000));
    const struct remembered *r = &judge.remembered;
    enum history_found found = history_check(o->history, r, &trouble, why);
    if (found == HISTORY_FOUND)
        printf("history %s: %zu tickets and ids, %zu servers, %zu lengths of clients' chains, "
               "%zu lengths of tickets\n",
            o->history, lineage_counts(r->lineage).kept, endpoints_counts(r->endpoints).kept,
            lookalikes_counts(r->lookalikes).kept, supposed_kept(r->supposed));
    else if (found == HISTORY_NONE)
        printf("history %s: nothing was saved yet\n", o->history);
    else if (found == HISTORY_DAMAGED)
        printf("history %s: warning: %s; it will be set aside\n", o->history, trouble.text);
    judge_free(&judge);
    return found != HISTORY_REFUSED;
}

enum exit_status
analysis_test(const struct options *options, struct fault *why)
{
    struct loaded loaded = {0};
    bool good = loaded_fill(&loaded, options, why) &&
                source_check_filter(options->filter ? options->filter : "", why) &&
                ruleset_check(loaded.rules, why);
    const struct ruleset *rules = loaded.rules;
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
            ruleset_lists(rules), ruleset_entries(rules), services_rows(loaded.services));
    if (good && options->keylogs.len)
        print_keys(&loaded);
    if (good && options->history)
        good = print_history(options, why);
    loaded_free(&loaded);
    return good ? EXIT_DONE : EXIT_MISUSED;
}
