/* SPDX-License-Identifier: Apache-2.0
 *
 * Several lists as one, in certtap's own format, each entry once.
 */
#include "lists/entries.h"

static bool
merge_all(struct job *job, struct kept_entries *entries, struct fault *why)
{
    bool good = true;
    for (size_t i = 0; good && i < job->len; i++)
        good = entries_add_list(entries, job->arguments[i], why);
    if (!good)
        return false;
    text_add_string(&job->out, "certtap: watchlist\nname: ");
    quoted_write(bytes_from_string(job->name ? job->name : "merged"), &job->out);
    text_add_string(&job->out, entries->table.count ? "\nentries:\n" : "\nentries: []\n");
    for (struct entry *e = entries->table.oldest; e; e = e->newer) {
        entries_write((const struct kept_entry *)e, &job->out);
        job_flush(job, false);
    }
    return true;
}

static int
merge(struct job *job, struct fault *why)
{
    struct kept_entries entries;
    if (!job_open(job, why))
        return STATUS_FAILED;
    entries_begin(&entries);
    bool good = merge_all(job, &entries, why);
    if (good)
        job_note("%zu entries, %zu of which were in the lists more than once", entries.table.count,
            entries.joined);
    entries_free(&entries);
    if (!job_close(job, good, why) && good)
        return STATUS_FAILED;
    return good ? STATUS_DONE : STATUS_MISUSED;
}

const struct verb merge_verb = {"merge", "[-o FILE] [--name NAME] LIST...",
    "Writes several lists as one in certtap's own format. Entries that ask for the same are "
    "joined: the\n"
    "higher severity and confidence stand, descriptions stand one behind the other.",
    1, SIZE_MAX, "on", merge};
