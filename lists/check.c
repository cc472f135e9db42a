/* SPDX-License-Identifier: Apache-2.0
 *
 * Does a list load, and what is in it?
 */
#include "lists/job.h"

struct checked {
    struct job *job;
    size_t values[WHATS]; /* of what entries are found by */
    size_t inexact;       /* wildcards, patterns and networks among them */
    size_t conditional, exceptions;
    size_t warnings;
    struct text told; /* the warnings */
};

static bool
count_entry(void *owner, const char *list, const struct watch *watch, struct fault *why)
{
    struct checked *checked = owner;
    const struct clause *leading = watch_leading(watch);
    (void)list;
    (void)why;
    for (size_t i = 0; i < leading->len; i++) {
        checked->values[leading->any[i].what]++;
        checked->inexact += leading->any[i].match != MATCH_EXACT;
    }
    checked->conditional += watch->len > 1 || !conditions_none(&watch->when);
    checked->exceptions += watch->allow;
    return true;
}

enum { MOST_WARNINGS = 50 };

static void
keep_warning(void *owner, const char *path, const char *text)
{
    struct checked *checked = owner;
    struct job *job = checked->job;
    if (++checked->warnings > MOST_WARNINGS)
        return;
    if (job->json) {
        text_add_string(&checked->told, checked->told.len ? "," : "");
        quoted_write(bytes_from_string(text), &checked->told);
        return;
    }
    text_add_string(&checked->told, "  ");
    text_add_string(&checked->told, job->colour ? "\033[33mwarning\033[0m " : "warning ");
    shown_write(bytes_from_string(path), &checked->told);
    text_add_string(&checked->told, ": ");
    shown_write(bytes_from_string(text), &checked->told);
    text_add_char(&checked->told, '\n');
}

static void
tell_kinds(const struct checked *checked, struct text *out)
{
    const char *parting = ": ";
    for (enum what what = 0; what < WHATS; what++)
        if (checked->values[what]) {
            text_add_format(out, "%s%zu %s", parting, checked->values[what], what_kind(what)->type);
            parting = ", ";
        }
    if (checked->inexact)
        text_add_format(out, "; %zu are wildcards, patterns or networks", checked->inexact);
    if (checked->conditional)
        text_add_format(out, "; %zu have conditions", checked->conditional);
    if (checked->exceptions)
        text_add_format(out, "; %zu are exceptions", checked->exceptions);
}

static void
tell_list(struct checked *checked, const struct ruleset *rules)
{
    struct text *out = &checked->job->out;
    for (size_t i = 0; i < ruleset_lists(rules); i++) {
        struct list_report report = ruleset_report(rules, i);
        job_paint(checked->job, out, report.entries ? GOOD : WARN);
        text_add_string(out, report.entries ? "good " : "empty ");
        job_paint(checked->job, out, PLAIN);
        shown_write(bytes_from_string(report.name), out);
        text_add_format(out, ": %s, %zu entries", report.format, report.entries);
        if (ruleset_lists(rules) == 1)
            tell_kinds(checked, out);
        if (report.skipped)
            text_add_format(out, "; %zu passed over or repeated", report.skipped);
        text_add_char(out, '\n');
    }
    text_add(out, text_bytes(&checked->told));
    if (checked->warnings > MOST_WARNINGS)
        text_add_format(out, "  and %zu more warnings\n", checked->warnings - MOST_WARNINGS);
}

static void
tell_list_json(struct checked *checked, const struct ruleset *rules)
{
    struct text *out = &checked->job->out;
    const char *parting = "";
    for (size_t i = 0; i < ruleset_lists(rules); i++) {
        struct list_report report = ruleset_report(rules, i);
        text_add_string(out, "{\"good\":true,\"list\":");
        quoted_write(bytes_from_string(report.name), out);
        text_add_format(out, ",\"format\":\"%s\",\"entries\":%zu,\"skipped\":%zu", report.format,
            report.entries, report.skipped);
        if (i + 1 < ruleset_lists(rules)) {
            text_add_string(out, "}\n");
            continue;
        }
        text_add_string(out, ",\"kinds\":{");
        for (enum what what = 0; what < WHATS; what++)
            if (checked->values[what]) {
                text_add_format(
                    out, "%s\"%s\":%zu", parting, what_kind(what)->type, checked->values[what]);
                parting = ",";
            }
        text_add_format(out,
            "},\"inexact\":%zu,\"conditional\":%zu,\"exceptions\":%zu,\"warnings\":[%s]}\n",
            checked->inexact, checked->conditional, checked->exceptions,
            text_string(&checked->told));
    }
}

static void
tell_fault(struct job *job, const char *source, const struct fault *fault)
{
    if (job->json) {
        text_add_string(&job->out, "{\"good\":false,\"list\":");
        quoted_write(bytes_from_string(source), &job->out);
        text_add_string(&job->out, ",\"fault\":");
        quoted_write(bytes_from_string(fault->text), &job->out);
        text_add_string(&job->out, "}\n");
        return;
    }
    job_paint(job, &job->out, BAD);
    text_add_string(&job->out, "refused ");
    job_paint(job, &job->out, PLAIN);
    shown_write(bytes_from_string(fault->text), &job->out);
    text_add_char(&job->out, '\n');
}

static bool
check_one(struct job *job, const char *source)
{
    struct checked checked = {.job = job};
    struct entries_listener listener = {&checked, count_entry, NULL, keep_warning};
    struct fault fault = {0};
    struct ruleset *rules = ruleset_new(0);
    ruleset_listen(rules, &listener, true);
    bool good = ruleset_add_list(rules, source, &fault) && ruleset_check(rules, &fault);
    if (good)
        ruleset_finish(rules);
    if (!good)
        tell_fault(job, source, &fault);
    else if (job->json)
        tell_list_json(&checked, rules);
    else
        tell_list(&checked, rules);
    text_free(&checked.told);
    ruleset_free(rules);
    return good;
}

static int
check(struct job *job, struct fault *why)
{
    bool good = true;
    if (!job_open(job, why))
        return STATUS_FAILED;
    for (size_t i = 0; i < job->len; i++) {
        good = check_one(job, job->arguments[i]) && good;
        job_flush(job, true);
    }
    if (!job_close(job, true, why))
        return STATUS_FAILED;
    return good ? STATUS_DONE : STATUS_MISUSED;
}

const struct verb check_verb = {"check", "[--json] LIST...",
    "Loads each list as the main job does, and says what it holds. What is refused is told by file "
    "and line,\nwhat is passed over is counted and warned of. Exit status 2 when a list is "
    "refused.",
    1, SIZE_MAX, "jo", check};
