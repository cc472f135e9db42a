/* SPDX-License-Identifier: Apache-2.0
 *
 * What is in a new list that was not in the old one, and the other way round.
 */
#include "lists/entries.h"

#include <string.h>

struct difference {
    struct job *job;
    size_t added, removed, changed;
};

static void
add_line(struct text *out, const struct kept_entry *kept)
{
    shown_write(bytes_from_string(kept->list), out);
    if (kept->line)
        text_add_format(out, ":%lu", kept->line);
}

/* The entry on one line: its keys are parted by line ends and four spaces. */
static void
flatten(struct bytes what, struct text *out)
{
    struct reader r = reader_over(bytes_skip(what, 4));
    while (reader_more(&r)) {
        uint8_t c = read_u8(&r);
        if (c != '\n') {
            text_add_char(out, (char)c);
        } else if (reader_more(&r)) {
            text_add_string(out, ", ");
            read_bytes(&r, 4);
        }
    }
}

static void
tell(struct difference *d, const char *word, enum colour colour, const struct kept_entry *kept)
{
    struct text *out = &d->job->out;
    struct text flat = {0};
    flatten(kept->what, &flat);
    if (d->job->json) {
        text_add_format(out, "{\"difference\":\"%s\",\"list\":",
            *word == '+'   ? "added"
            : *word == '-' ? "removed"
                           : "changed");
        quoted_write(bytes_from_string(kept->list), out);
        text_add_format(out, ",\"line\":%lu,\"entry\":", kept->line);
        quoted_write(text_bytes(&flat), out);
        text_add_string(out, ",\"description\":");
        quoted_write(bytes_from_string(kept->say.description), out);
        text_add_string(out, "}\n");
    } else {
        job_paint(d->job, out, colour);
        text_add_format(out, "%s ", word);
        text_add(out, text_bytes(&flat));
        if (*kept->say.description) {
            text_add_string(out, "  # ");
            shown_write(bytes_from_string(kept->say.description), out);
        }
        text_add_string(out, "  (");
        add_line(out, kept);
        text_add_string(out, ")");
        job_paint(d->job, out, PLAIN);
        text_add_char(out, '\n');
    }
    text_free(&flat);
    job_flush(d->job, false);
}

static bool
says_the_same(const struct saying *a, const struct saying *b)
{
    return a->severity == b->severity && a->confidence == b->confidence &&
           a->has_note == b->has_note && a->revoked.given == b->revoked.given &&
           a->revoked.seconds == b->revoked.seconds &&
           strcmp(a->description, b->description) == 0 && strcmp(a->reference, b->reference) == 0 &&
           strcmp(a->tlp, b->tlp) == 0;
}

static void
compare(struct difference *d, const struct kept_entries *old, const struct kept_entries *new)
{
    for (struct entry *e = old->table.oldest; e; e = e->newer) {
        const struct kept_entry *before = (const struct kept_entry *)e;
        const struct kept_entry *now = entries_find(new, before->what);
        if (!now) {
            d->removed++;
            tell(d, "-", BAD, before);
        } else if (!says_the_same(&before->say, &now->say)) {
            d->changed++;
            tell(d, "~", WARN, now);
        }
    }
    for (struct entry *e = new->table.oldest; e; e = e->newer) {
        const struct kept_entry *now = (const struct kept_entry *)e;
        if (entries_find(old, now->what))
            continue;
        d->added++;
        tell(d, "+", GOOD, now);
    }
}

static int
diff(struct job *job, struct fault *why)
{
    struct difference d = {.job = job};
    struct kept_entries old, new;
    if (!job_open(job, why))
        return STATUS_FAILED;
    entries_begin(&old);
    entries_begin(&new);
    bool good = entries_add_list(&old, job->arguments[0], why) &&
                entries_add_list(&new, job->arguments[1], why);
    if (good)
        compare(&d, &old, &new);
    if (good && !job->json)
        text_add_format(&job->out, "%zu added, %zu removed, %zu changed in what they say\n",
            d.added, d.removed, d.changed);
    entries_free(&old);
    entries_free(&new);
    if (!job_close(job, good, why) && good)
        return STATUS_FAILED;
    return good ? STATUS_DONE : STATUS_MISUSED;
}

const struct verb diff_verb = {"diff", "[--json] OLD NEW",
    "Tells which entries NEW has (+) and has no longer (-), and which say something else (~), "
    "whatever\n"
    "the formats and the order of both.",
    2, 2, "jo", diff};
