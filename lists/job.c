/* SPDX-License-Identifier: Apache-2.0 */
#include "lists/job.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

enum { ENOUGH = 1 << 16 };

static void
beside(const struct job *job, struct text *path)
{
    text_add_format(path, "%s.new", job->output);
}

bool
job_open(struct job *job, struct fault *why)
{
    struct text path = {0};
    job->file = stdout;
    if (!job->output)
        return true;
    beside(job, &path);
    job->file = fopen(text_string(&path), "w");
    bool good = job->file || fault_set(why, "%s: %s", text_string(&path), strerror(errno));
    text_free(&path);
    return good;
}

void
job_flush(struct job *job, bool all)
{
    if (job->out.len < ENOUGH && !all)
        return;
    if (job->out.len && fwrite(job->out.at, 1, job->out.len, job->file) != job->out.len)
        job->broken = true;
    text_clear(&job->out);
}

bool
job_close(struct job *job, bool good, struct fault *why)
{
    struct text path = {0};
    job_flush(job, true);
    if (!job->output) {
        if (fflush(stdout) != 0)
            job->broken = true;
        text_free(&job->out);
        return good && (!job->broken || fault_set(why, "standard output: %s", strerror(errno)));
    }
    beside(job, &path);
    bool kept = fflush(job->file) == 0 && fsync(fileno(job->file)) == 0;
    kept = fclose(job->file) == 0 && kept && !job->broken;
    if (good && (!kept || rename(text_string(&path), job->output) != 0))
        good = fault_set(why, "%s: %s", job->output, strerror(errno));
    if (!good)
        unlink(text_string(&path));
    text_free(&path);
    text_free(&job->out);
    return good;
}

void
job_paint(const struct job *job, struct text *out, enum colour colour)
{
    static const char *const codes[] = {
        [PLAIN] = "\033[0m",
        [GOOD] = "\033[32m",
        [BAD] = "\033[1;31m",
        [WARN] = "\033[33m",
        [FAINT] = "\033[2m",
        [BOLD] = "\033[1m",
    };
    if (job->colour)
        text_add_string(out, codes[colour]);
}

void
job_note(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("certtap list: ", stderr);
    vfprintf(stderr, format, arguments);
    fputs("\n", stderr);
    va_end(arguments);
}
