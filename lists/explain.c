/* SPDX-License-Identifier: Apache-2.0
 *
 * Which entries would this certificate hit, when, and which others were near?
 */
#include "lists/job.h"

#include "dissect/certificate.h"

enum { MOST_NEAR = 20 };

struct explaining {
    struct job *job;
    struct subject *subject;
    struct explanation explanation;
    size_t hits, allowed, near;
    struct text nearly; /* told behind the hits */
};

static void
add_networks(struct text *out, const char *words, const struct networks *networks)
{
    if (!networks->len)
        return;
    text_add_string(out, words);
    for (size_t i = 0; i < networks->len; i++) {
        text_add_string(out, i ? ", " : "");
        network_write(&networks->at[i], out);
    }
}

static void
add_moment(struct text *out, const char *words, const struct moment *moment)
{
    if (!moment->given)
        return;
    text_add_string(out, words);
    time_write(moment->seconds, out);
}

/* What else has to be so, as far as it takes a session to know; each part begins with "; ". */
static void
add_session_clauses(struct text *out, const struct watch *watch)
{
    for (size_t i = 0; i < watch->len; i++) {
        const struct value *value = &watch->all[i].any[0];
        struct text written = {0};
        if (!watch->all[i].len || what_kind(value->what)->of_certificate)
            continue;
        value_write(value, &written);
        text_add_format(out, "; the %s is \"", what_kind(value->what)->type);
        shown_write(text_bytes(&written), out);
        text_add_string(out, watch->all[i].len > 1 ? "\" or another one of the entry" : "\"");
        text_free(&written);
    }
}

static void
add_conditions(struct text *out, const struct watch *watch)
{
    static const char *const roles[] = {
        "shown by a client or a server", "shown by a client", "shown by a server"};
    static const char *const positions[] = {"", "; as the leaf", "; as an intermediate"};
    const struct conditions *when = &watch->when;
    text_add_string(out, roles[when->role]);
    text_add_string(out, positions[when->position]);
    add_networks(out, "; by a client in ", &when->from);
    add_networks(out, "; by a client that is not in ", &when->not_from);
    add_networks(out, "; to a server in ", &when->to);
    for (size_t i = 0; i < when->services.len; i++) {
        text_add_string(out, i ? ", " : "; for the service ");
        shown_write(when->services.at[i], out);
    }
    add_moment(out, "; counted from ", &when->valid_from);
    add_moment(out, "; counted until ", &when->valid_until);
    add_moment(out, "; used at or after ", &when->used_after);
    add_moment(out, "; used before ", &when->used_before);
    add_moment(out, "; valid at the earliest from ", &when->begins_after);
    add_moment(out, "; valid from before ", &when->begins_before);
    add_moment(out, "; valid at least until ", &when->ends_after);
    add_moment(out, "; valid until before ", &when->ends_before);
    add_session_clauses(out, watch);
}

static void
add_by(struct text *out, const struct value *by)
{
    struct text written = {0};
    value_write(by, &written);
    text_add_format(out, "%s ", what_kind(by->what)->type);
    shown_write(text_bytes(&written), out);
    if (by->second.len) {
        text_add_string(out, what_kind(by->what)->halves[1] == WHAT_SERIAL ? " serial " : " key ");
        value_write_second(by, out);
    }
    text_free(&written);
}

static void
tell(struct explaining *e, const char *list, const struct watch *watch, struct text *out)
{
    struct job *job = e->job;
    bool hit = e->explanation.nearness == WOULD_HIT;
    job_paint(job, out, !hit ? WARN : watch->allow ? GOOD : BAD);
    text_add_string(out, !hit ? "  near   " : watch->allow ? "  allow  " : "  hit    ");
    job_paint(job, out, PLAIN);
    shown_write(bytes_from_string(list), out);
    if (watch->line)
        text_add_format(out, ":%lu", watch->line);
    text_add_string(out, "  ");
    add_by(out, e->explanation.by);
    text_add_format(out, "  [%s", severity_name(watch->say.severity));
    if (watch->say.confidence < 100)
        text_add_format(out, ", %u %%", watch->say.confidence);
    text_add_char(out, ']');
    if (*watch->say.description) {
        text_add_string(out, "  ");
        shown_write(bytes_from_string(watch->say.description), out);
    }
    text_add_string(out, hit ? "\n         when " : "\n         but ");
    if (hit)
        add_conditions(out, watch);
    else
        text_add(out, text_bytes(&e->explanation.failing));
    text_add_char(out, '\n');
}

static void
tell_json(struct explaining *e, const char *list, const struct watch *watch, size_t index)
{
    struct text *out = &e->job->out;
    bool hit = e->explanation.nearness == WOULD_HIT;
    struct text by = {0};
    struct text when = {0};
    value_write(e->explanation.by, &by);
    text_add_format(out, "{\"answer\":\"%s\",\"certificate\":%zu,\"list\":",
        !hit           ? "near"
        : watch->allow ? "allow"
                       : "hit",
        index);
    quoted_write(bytes_from_string(list), out);
    text_add_format(out, ",\"line\":%lu,\"indicator_type\":\"%s\",\"indicator\":", watch->line,
        what_kind(e->explanation.by->what)->type);
    quoted_write(text_bytes(&by), out);
    if (hit)
        add_conditions(&when, watch);
    else
        text_add(&when, text_bytes(&e->explanation.failing));
    text_add_format(out, ",\"%s\":", hit ? "when" : "but");
    quoted_write(text_bytes(&when), out);
    text_add_format(out, ",\"severity\":\"%s\",\"confidence\":%u,\"description\":",
        severity_name(watch->say.severity), watch->say.confidence);
    quoted_write(bytes_from_string(watch->say.description), out);
    text_add_string(out, ",\"reference\":");
    quoted_write(bytes_from_string(watch->say.reference), out);
    text_add_string(out, "}\n");
    text_free(&by);
    text_free(&when);
}

struct looking {
    struct explaining *explaining;
    size_t index; /* of the certificate */
};

static bool
take_entry(void *owner, const char *list, const struct watch *watch, struct fault *why)
{
    struct looking *looking = owner;
    struct explaining *e = looking->explaining;
    (void)why;
    watch_explain(watch, e->subject, looking->index, e->job->at, &e->explanation);
    if (e->explanation.nearness == NOT_NEAR)
        return true;
    bool hit = e->explanation.nearness == WOULD_HIT;
    if (!hit && ++e->near > MOST_NEAR)
        return true;
    e->hits += hit && !watch->allow;
    e->allowed += hit && watch->allow;
    if (e->job->json)
        tell_json(e, list, watch, looking->index);
    else
        tell(e, list, watch, hit ? &e->job->out : &e->nearly);
    return true;
}

static void
tell_subject(struct job *job, const struct subject *subject, size_t index)
{
    if (job->json)
        return;
    job_paint(job, &job->out, BOLD);
    if (subject->len) {
        const struct certificate *c = subject->chain[index];
        text_add_string(&job->out, "certificate ");
        shown_write(c->subject_text, &job->out);
        job_paint(job, &job->out, PLAIN);
        text_add_string(&job->out, "\n  issuer ");
        shown_write(c->issuer_text, &job->out);
        text_add_string(&job->out, ", serial ");
        shown_write(c->serial_text, &job->out);
        text_add_format(
            &job->out, "\n  sha256 %s\n  spki   %s\n", c->sha256_hex, c->spki_sha256_hex);
    } else {
        text_add_string(&job->out, "fingerprint ");
        add_by(&job->out, &subject->fingerprint);
        job_paint(job, &job->out, PLAIN);
        text_add_string(&job->out, "\n  of which nothing else is known\n");
    }
}

static void
tell_sum(struct explaining *e)
{
    struct text *out = &e->job->out;
    if (e->job->json)
        return;
    text_add(out, text_bytes(&e->nearly));
    if (e->near > MOST_NEAR)
        text_add_format(out, "  and %zu more are near\n", e->near - MOST_NEAR);
    text_add_format(
        out, "  %zu would be hit, %zu allow it, %zu are near\n", e->hits, e->allowed, e->near);
}

static bool
explain_all(struct explaining *e, struct fault *why)
{
    size_t certificates = e->subject->len ? e->subject->len : 1;
    bool good = true;
    for (size_t index = 0; good && index < certificates; index++) {
        struct looking looking = {e, index};
        struct entries_listener listener = {&looking, take_entry, NULL, NULL};
        size_t hits = e->hits;
        e->near = 0;
        e->allowed = 0;
        e->hits = 0;
        text_clear(&e->nearly);
        tell_subject(e->job, e->subject, index);
        for (size_t i = 0; good && i + 1 < e->job->len; i++) {
            struct ruleset *rules = ruleset_new(0);
            ruleset_listen(rules, &listener, false);
            good = ruleset_add_list(rules, e->job->arguments[i], why);
            ruleset_free(rules);
        }
        tell_sum(e);
        e->hits += hits;
    }
    return good;
}

static int
explain(struct job *job, struct fault *why)
{
    struct subject subject;
    struct explaining e = {.job = job, .subject = &subject};
    bool good = subject_read(&subject, job->arguments[job->len - 1], why);
    bool opened = good && job_open(job, why);
    good = opened && explain_all(&e, why);
    if (opened && !job_close(job, good, why) && good)
        return STATUS_FAILED;
    text_free(&e.explanation.failing);
    text_free(&e.nearly);
    subject_free(&subject);
    if (!good)
        return STATUS_MISUSED;
    return e.hits && job->fail_on_hit ? STATUS_HIT : STATUS_DONE;
}

const struct verb explain_verb = {"explain",
    "[--json] [--at TIME] [--fail-on-hit] LIST... CERTIFICATE",
    "Says which entries a certificate would hit, in which role, from where and when, and which are "
    "near.\nCERTIFICATE is a file, PEM (with its chain, leaf first) or DER, or a fingerprint.",
    2, SIZE_MAX, "jaxo", explain};
