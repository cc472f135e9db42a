/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames out of a capture file. A file that lies uncompressed on the disk is mapped, and frames
 * point into the map: reading it costs little more than touching the frames' headers. Everything
 * else (compressed files, pipes, standard input) goes through a window.
 *
 * A file can be trusted to be a file only: what was mapped may shrink, and what it says of itself
 * may be false. Every whole frame before such a place is handed out; then the source is broken.
 */
#include "capture/inflate.h"
#include "capture/mapped_file.h"
#include "capture/pcap_file.h"
#include "capture/pcapng_file.h"
#include "capture/source_kind.h"
#include "capture/window.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FORMAT_START = 4,         /* bytes that tell the format */
    PASSED_AT_ONCE = 1 << 16, /* records without a frame before the caller gets a word in */
    MEMORY_MOST = 512 << 20,  /* of a source: its window, interfaces and secrets */
};

/* One block of key material, in the order of the file. */
struct secrets {
    struct secrets *next;
    size_t size; /* taken from the pool */
    size_t len;
    uint8_t text[];
};

struct file_source {
    struct source source;
    struct pool pool;
    int fd;
    bool regular;
    uint64_t size; /* of the file on the disk; 0: unknown */

    const struct format *format; /* NULL until the first bytes were seen */
    struct pcap_file pcap;
    struct pcapng_file pcapng;
    uint64_t frames; /* read, wanted or not */

    struct mapped_file mapped; /* when it lies uncompressed on the disk, … */
    struct window *window;     /* … and otherwise */

    struct secrets *secrets, *last_secrets;
    struct secrets *told_secrets; /* the last one that was handed out */
};

static enum record_step
read_pcap(struct file_source *file, struct bytes there, struct frame *frame, struct record *record)
{
    return pcap_file_read(&file->pcap, there, frame, record);
}

static enum record_step
read_pcapng(
    struct file_source *file, struct bytes there, struct frame *frame, struct record *record)
{
    return pcapng_file_read(&file->pcapng, there, frame, record);
}

static const struct format {
    bool (*begins)(struct bytes start);
    enum record_step (*read)(
        struct file_source *file, struct bytes there, struct frame *frame, struct record *record);
} formats[] = {
    {pcap_file_begins, read_pcap},
    {pcapng_file_begins, read_pcapng},
};

/* The format of the file, found as if it were a record of no length before the first one. */
static enum record_step
find_format(struct file_source *file, struct bytes there, struct record *record)
{
    if (there.len < FORMAT_START)
        return record_short(record, FORMAT_START);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i].begins(there))
            file->format = &formats[i];
    record->size = 0;
    return file->format ? RECORD_OTHER : record_damaged(record, "of no known format");
}

/* Was the file's own header read? */
static bool
started(const struct file_source *file)
{
    return file->pcap.started || file->pcapng.started;
}

static inline struct bytes
bytes_there(const struct file_source *file)
{
    if (file->window)
        return window_bytes(file->window);
    return mapped_file_bytes(&file->mapped);
}

static inline void
use(struct file_source *file, size_t n)
{
    if (file->window)
        window_skip(file->window, n);
    else
        mapped_file_use(&file->mapped, n);
}

/* Whatever seems wrong with a file that has shrunk, that is what is wrong with it. */
static enum source_step
broken(struct file_source *file, const char *what, const char *detail)
{
    struct fault *fault = &file->source.fault;
    const char *name = file->source.name;
    if (mapped_file_has_shrunk(&file->mapped))
        fault_set(fault, "%s: file became shorter while it was read", name);
    else if (file->format)
        fault_set(fault, "%s: %s after frame %" PRIu64 " (%s)", name, what, file->frames, detail);
    else
        fault_set(fault, "%s: not a capture file (pcap or pcapng)", name);
    return SOURCE_BROKEN;
}

/* No more bytes will come, but `wanted` were. Between two records, that is the end of the file. */
static enum source_step
end_of_bytes(struct file_source *file, size_t wanted)
{
    size_t left = bytes_there(file).len;
    if (left == 0 && started(file) && !mapped_file_has_shrunk(&file->mapped))
        return SOURCE_END;
    if (left == 0 && !file->format)
        fault_set(&file->source.fault, "%s: empty file, not a capture", file->source.name);
    struct fault missing = {0};
    fault_set(&missing, "%zu bytes missing", wanted - left);
    return broken(file, "truncated", missing.text);
}

/* SOURCE_FRAME means that there are as many bytes now. */
static enum source_step
get_more(struct file_source *file, size_t wanted)
{
    struct fault detail = {0};
    switch (file->window ? window_want(file->window, wanted, &detail) : WINDOW_END) {
    case WINDOW_READY:
        return SOURCE_FRAME;
    case WINDOW_QUIET:
        return SOURCE_QUIET;
    case WINDOW_END:
        return end_of_bytes(file, wanted);
    case WINDOW_BROKEN:
        break;
    }
    if (!file->format)
        fault_set(&file->source.fault, "%s: %s", file->source.name, detail.text);
    return broken(file, "unreadable", detail.text);
}

static bool
keep_secrets(struct file_source *file, struct bytes text)
{
    size_t size = sizeof(struct secrets) + text.len;
    struct secrets *secrets = pool_take(&file->pool, size);
    if (!secrets)
        return false;
    secrets->size = size;
    secrets->len = text.len;
    if (text.len)
        memcpy(secrets->text, text.at, text.len);
    if (file->last_secrets)
        file->last_secrets->next = secrets;
    else
        file->secrets = secrets;
    file->last_secrets = secrets;
    return true;
}

/* Where a map was cut, it reads as zeros: as frames without a byte, up to the end of the page. */
static inline bool
looks_shrunk(const struct file_source *file, const struct frame *frame)
{
    if (!file->mapped.watch)
        return false;
    return shrunk_seen(file->mapped.watch) ||
           (frame->wire_len == 0 && mapped_file_has_shrunk(&file->mapped));
}

/* Goes on by one record. `passed`: there was no frame in it, and the next may be looked at. */
static inline enum source_step
next_record(struct file_source *file, struct frame *frame, bool *passed)
{
    struct record record;
    struct bytes there = bytes_there(file);
    *passed = false;
    switch (file->format ? file->format->read(file, there, frame, &record)
                         : find_format(file, there, &record)) {
    case RECORD_FRAME:
        if (looks_shrunk(file, frame))
            break;
        use(file, record.size);
        file->frames++;
        return SOURCE_FRAME;
    case RECORD_SECRETS:
        if (!keep_secrets(file, record.secrets))
            return broken(file, "given up", "no memory for the keys in it");
        *passed = true;
        use(file, record.size);
        return SOURCE_QUIET;
    case RECORD_OTHER:
        *passed = true;
        use(file, record.size);
        return SOURCE_QUIET;
    case RECORD_SHORT: {
        enum source_step step = get_more(file, record.size);
        *passed = step == SOURCE_FRAME;
        return step;
    }
    case RECORD_DAMAGED:
        return broken(file, "damaged", record.damage);
    }
    return broken(file, "unreadable", "input/output error");
}

static enum source_step
file_next(struct source *source, struct frame *frame)
{
    struct file_source *file = (struct file_source *)source;
    for (unsigned i = 0; i < PASSED_AT_ONCE; i++) {
        bool passed;
        enum source_step step = next_record(file, frame, &passed);
        if (!passed)
            return step;
    }
    return SOURCE_QUIET;
}

static void
file_refresh_counts(struct source *source)
{
    (void)source; /* they are always right */
}

static void
file_progress(const struct source *source, uint64_t *done, uint64_t *total)
{
    const struct file_source *file = (const struct file_source *)source;
    *done = file->window ? window_read(file->window) : file->mapped.at;
    *total = file->size;
}

static int
file_descriptor(const struct source *source)
{
    (void)source;
    return -1; /* source_next() waits by itself for a while */
}

static enum source_link
file_link(const struct source *source)
{
    (void)source;
    return SOURCE_LINK_UP;
}

static bool
file_secrets(struct source *source, struct bytes *key_log)
{
    struct file_source *file = (struct file_source *)source;
    struct secrets *next = file->told_secrets ? file->told_secrets->next : file->secrets;
    if (!next)
        return false;
    *key_log = bytes_of(next->text, next->len);
    file->told_secrets = next;
    return true;
}

static void
file_close(struct source *source)
{
    struct file_source *file = (struct file_source *)source;
    for (struct secrets *next, *secrets = file->secrets; secrets; secrets = next) {
        next = secrets->next;
        pool_give(&file->pool, secrets, secrets->size);
    }
    pcapng_file_free(&file->pcapng);
    window_free(file->window);
    mapped_file_close(&file->mapped);
    if (file->fd >= 0)
        close(file->fd);
    assert(file->pool.used == 0);
    free(file);
}

static const struct source_kind file_kind = {
    .next = file_next,
    .refresh_counts = file_refresh_counts,
    .progress = file_progress,
    .descriptor = file_descriptor,
    .link = file_link,
    .secrets = file_secrets,
    .close = file_close,
};

/* A FIFO that nobody writes to yet must not hold us up, hence O_NONBLOCK; files do not care. */
static bool
open_path(struct file_source *file, const char *path, struct fault *why)
{
    const char *name = file->source.name;
    struct stat facts;
    if (strcmp(path, "-") == 0)
        file->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    else
        file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file->fd < 0 || fstat(file->fd, &facts) != 0)
        return fault_set(why, "%s: %s", name, strerror(errno));
    if (S_ISDIR(facts.st_mode))
        return fault_set(why, "%s: %s", name, strerror(EISDIR));

    /* Standard input may be a file that someone else has read a part of. */
    file->regular = S_ISREG(facts.st_mode) && lseek(file->fd, 0, SEEK_CUR) == 0;
    if (S_ISREG(facts.st_mode))
        file->size = (uint64_t)facts.st_size;
    return true;
}

/* False when the file cannot be mapped, or need not be because it is compressed. */
static bool
map_file(struct file_source *file)
{
    uint8_t start[PACKING_START];
    ssize_t n = pread(file->fd, start, sizeof start, 0);
    if (n <= 0 || packing_find(bytes_of(start, (size_t)n)))
        return false;
    if (!mapped_file_open(&file->mapped, file->fd, file->size))
        return false;
    file->source.stable = true;
    return true;
}

/* What is on the disk is looked at right away, so that a wrong file is refused when it is opened.
 * A pipe may take its time. */
static bool
read_header(struct file_source *file, struct fault *why)
{
    struct frame unused;
    while (!started(file)) {
        bool passed;
        if (next_record(file, &unused, &passed) == SOURCE_BROKEN)
            return fault_set(why, "%s", file->source.fault.text);
    }
    return true;
}

static bool
open_file(struct file_source *file, const char *path, struct fault *why)
{
    if (!open_path(file, path, why))
        return false;
    if (!(file->regular && file->size && map_file(file))) {
        file->window = window_new(&file->pool, file->fd, !file->regular);
        if (!file->window)
            return fault_set(why, "%s: no memory", file->source.name);
    }
    return !file->regular || read_header(file, why);
}

struct source *
source_open_file(const char *path, const char *filter, struct fault *why)
{
    struct file_source *file = calloc(1, sizeof *file);
    if (!file) {
        fault_set(why, "%s: no memory", path);
        return NULL;
    }
    file->fd = -1;
    file->pool.limit = MEMORY_MOST;
    file->pcapng.pool = &file->pool;
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    if (source_begin(&file->source, &file_kind, name, filter, why) && open_file(file, path, why))
        return &file->source;
    source_close(&file->source);
    return NULL;
}
