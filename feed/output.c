/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/output.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 1 << 20 };

struct output
output_new(struct output_place *place, const struct log *log, const struct writer *writer,
    const char *ending)
{
    struct output output = {
        .place = place,
        .log = log,
        .writer = writer,
        .ending = ending,
        .file = -1,
        .keep = place->live,
    };
    text_add_string(&output.name, log->name);
    text_add_char(&output.name, '.');
    text_add_string(&output.name, ending);
    return output;
}

static bool
complain(const struct output *output, int error, struct fault *why)
{
    return fault_set(
        why, "%s/%s: %s", output->place->directory, text_string(&output->name), strerror(error));
}

/* While writing. */
static bool
fail(struct output *output, int error)
{
    complain(output, error, &output->place->fault);
    return complain(output, error, &output->place->now);
}

bool
output_check(const struct output *output, struct fault *why)
{
    const char *name = text_string(&output->name);
    if (faccessat(output->place->folder, name, W_OK, AT_EACCESS) == 0 || errno == ENOENT)
        return true;
    return complain(output, errno, why);
}

/* Does the file that is there end within a line, as one does whose writer was killed? */
static bool
ends_within_line(int folder, const char *name)
{
    struct stat status;
    char last = '\n';
    int file = openat(folder, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (file < 0)
        return false;
    if (fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0 &&
        pread(file, &last, 1, status.st_size - 1) != 1)
        last = '\n';
    close(file);
    return last != '\n';
}

/* False, with errno set, when it cannot be opened. */
static bool
open_file(struct output *output)
{
    const char *name = text_string(&output->name);
    bool torn = output->keep && ends_within_line(output->place->folder, name);
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (output->keep ? 0 : O_TRUNC);
    do
        output->file = openat(output->place->folder, name, flags, 0666);
    while (output->file < 0 && errno == EINTR);
    if (output->file < 0)
        return false;
    output->keep = true;
    return !torn || write(output->file, "\n", 1) == 1;
}

/* The time for a header or footer: of the latest row, or what the clock on the wall says. */
static int64_t
time_to_tell(const struct output *output)
{
    return output->place->live ? (int64_t)time(NULL) : output->latest;
}

/* Begins a file: its header is the first that waits to be written. */
static void
begin(struct output *output)
{
    output->begun = true;
    output->opened = time_to_tell(output);
    if (output->writer->begin)
        output->writer->begin(&output->pending, output->log, output->opened);
    output->head = output->pending.len;
}

static size_t
whole_lines(struct bytes bytes)
{
    const uint8_t *last = bytes.len ? memrchr(bytes.at, '\n', bytes.len) : NULL;
    return last ? (size_t)(last - bytes.at) + 1 : 0;
}

static uint64_t
count_lines(struct bytes bytes)
{
    uint64_t lines = 0;
    for (size_t at; (at = bytes_find_byte(bytes, '\n')) < bytes.len; lines++)
        bytes = bytes_skip(bytes, at + 1);
    return lines;
}

/* Takes the last `n` bytes off the file again. */
static bool
cut_off(const struct output *output, size_t n)
{
    off_t end = lseek(output->file, 0, SEEK_END);
    return end >= (off_t)n && ftruncate(output->file, end - (off_t)n) == 0;
}

/* The first `n` bytes are written and need not wait any more. */
static void
forget(struct output *output, size_t n)
{
    struct text *pending = &output->pending;
    struct bytes rows = bytes_skip(bytes_first(text_bytes(pending), n), output->head);
    uint64_t written = count_lines(rows);
    output->waiting -= written < output->waiting ? written : output->waiting; /* not the footer */
    output->head = output->head > n ? output->head - n : 0;
    pending->len -= n;
    memmove(pending->at, pending->at + n, pending->len);
    pending->at[pending->len] = '\0';
    if (output->head == 0)
        output->torn = false;
}

/* After an error, with `n` bytes written: the file shall end with a line. Where nothing can be cut
 * off, such as a pipe, the rest of the line comes first when writing is possible again. */
static void
mend(struct output *output, size_t n)
{
    size_t whole = whole_lines(bytes_first(text_bytes(&output->pending), n));
    if (whole == n || cut_off(output, n - whole)) {
        forget(output, whole);
        return;
    }
    bool in_row = n > output->head;
    forget(output, n);
    struct bytes rest = text_bytes(&output->pending);
    if (in_row && output->waiting > 0) {
        output->head = bytes_find_byte(rest, '\n') + 1;
        output->torn = true;
        output->waiting--;
    }
}

bool
output_flush(struct output *output)
{
    struct text *pending = &output->pending;
    size_t done = 0;
    if (pending->len && output->file < 0 && !open_file(output))
        return fail(output, errno);
    while (done < pending->len) {
        ssize_t n = write(output->file, pending->at + done, pending->len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            fail(output, n < 0 ? errno : EIO);
            mend(output, done);
            return false;
        }
        done += (size_t)n;
    }
    if (done)
        forget(output, done);
    return true;
}

/* Its header comes first again, then the rows that wait. */
void
output_mend(struct output *output)
{
    struct stat status;
    if (output->file < 0 || fstat(output->file, &status) != 0 || status.st_nlink > 0)
        return;
    close(output->file);
    output->file = -1;
    struct text rows = output->pending;
    size_t head = output->head;
    output->pending = (struct text){0};
    begin(output);
    output->torn = false;
    text_add(&output->pending, bytes_skip(text_bytes(&rows), head));
    text_free(&rows);
}

static void
give_up_rows(struct output *output)
{
    output->lost += output->waiting;
    output->waiting = 0;
    output->pending.len = output->head;
}

void
output_add(struct output *output, const void *row, int64_t now)
{
    output->latest = now;
    if (!output->begun) {
        begin(output);
        if (!open_file(output))
            fail(output, errno);
    }
    output->writer->row(&output->pending, output->log, row);
    output->waiting++;
    output->added++;
    if (output->pending.len >= BUFFER && !output_flush(output))
        give_up_rows(output);
}

void
output_finish(struct output *output)
{
    if (!output->begun)
        return;
    if (output->writer->end)
        output->writer->end(&output->pending, output->log, time_to_tell(output));
    if (!output_flush(output)) {
        give_up_rows(output);
        output->lost += output->torn;
    }
    if (output->file >= 0 && close(output->file) != 0)
        fail(output, errno);
    output->file = -1;
    output->begun = output->torn = false;
    output->head = 0;
    text_clear(&output->pending);
}

bool
output_reopen(struct output *output, struct fault *why)
{
    if (!output->begun)
        return true;
    output_finish(output);
    begin(output);
    return open_file(output) || complain(output, errno, why);
}

void
output_free(struct output *output)
{
    assert(!output->begun);
    text_free(&output->pending);
    text_free(&output->name);
}
