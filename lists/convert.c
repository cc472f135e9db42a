/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists in another format. What that one cannot say is told.
 */
#include "lists/job.h"
#include "lists/writers/writer.h"

struct converting {
    struct writing writing;
    const struct writer *writer;
};

static bool
take_entry(void *owner, const char *list, const struct watch *watch, struct fault *why)
{
    struct converting *converting = owner;
    (void)why;
    converting->writing.source = list;
    writing_entry(&converting->writing, converting->writer, watch);
    return true;
}

static void
take_warning(void *owner, const char *path, const char *text)
{
    (void)owner;
    job_note("%s: %s", path, text);
}

static const char *
name_of(const struct job *job)
{
    const char *path = job->name ? job->name : job->arguments[0];
    const char *slash = job->name ? NULL : strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

static bool
convert_all(struct job *job, const struct writer *writer, struct converting *c, struct fault *why)
{
    struct entries_listener listener = {c, take_entry, NULL, take_warning};
    bool good = true;
    c->writer = writer;
    c->writing = (struct writing){.job = job, .out = &job->out, .name = name_of(job)};
    writer->begin(&c->writing);
    for (size_t i = 0; good && i < job->len; i++) {
        struct ruleset *rules = ruleset_new(0);
        ruleset_listen(rules, &listener, false);
        good = ruleset_add_list(rules, job->arguments[i], why);
        ruleset_free(rules);
    }
    writer->end(&c->writing);
    return good;
}

static int
convert(struct job *job, struct fault *why)
{
    const struct writer *writer = writer_named(job->to ? job->to : "yaml");
    struct converting c;
    if (!writer) {
        fault_set(
            why, "--to %s: no format that can be written; certtap list convert --help", job->to);
        return STATUS_MISUSED;
    }
    if (!job_open(job, why))
        return STATUS_FAILED;
    bool good = convert_all(job, writer, &c, why);
    bool whole = !good || writing_tell(&c.writing, writer->name) || job->skip;
    if (good && !whole)
        fault_set(why, "not all entries can be said in %s; --skip leaves them out", writer->name);
    if (good && whole && !c.writing.written)
        job_note("no entries");
    if (!job_close(job, good && (whole || !job->output), why) && good && whole)
        return STATUS_FAILED;
    return good && whole ? STATUS_DONE : STATUS_MISUSED;
}

const struct verb convert_verb = {"convert", "[--to FORMAT] [-o FILE] [--skip] LIST...",
    "Writes lists in another format. What a format cannot say of a hit is lost, and told; an entry "
    "that\n"
    "it could only say too widely is left out, which fails unless --skip says that it may.",
    1, SIZE_MAX, "tons", convert};
