/* SPDX-License-Identifier: Apache-2.0 */
#include "base/snapshot.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum {
    HEAD = SNAPSHOT_KIND + 4,
    TAIL = 8 + 16,       /* the body's length, and a checksum of all before it */
    AT_ONCE = 256 << 10, /* bytes that are written at once */
};

struct snapshot_writer {
    struct snapshot_place place;
    struct text aside; /* the name while it is written */
    struct text waiting;
    XXH3_state_t *sum;
    uint64_t len; /* of the body so far */
    int file;
    int error; /* the first that the system told */
};

static struct text
name_with(const struct snapshot_place *place, const char *ending)
{
    struct text name = {0};
    text_add_string(&name, place->name);
    text_add_string(&name, ending);
    return name;
}

/* ---- Writing. */

static void
write_waiting(struct snapshot_writer *w)
{
    struct bytes left = text_bytes(&w->waiting);
    XXH3_128bits_update(w->sum, left.at, left.len);
    while (left.len && !w->error) {
        ssize_t done = write(w->file, left.at, left.len);
        if (done < 0 && errno != EINTR)
            w->error = errno;
        else if (done > 0)
            left = bytes_skip(left, (size_t)done);
    }
    text_clear(&w->waiting);
}

static void
put(struct snapshot_writer *w, struct bytes bytes)
{
    text_add(&w->waiting, bytes);
    if (w->waiting.len >= AT_ONCE)
        write_waiting(w);
}

void
snapshot_put(struct snapshot_writer *w, struct bytes bytes)
{
    w->len += bytes.len;
    put(w, bytes);
}

static void
put_number(struct snapshot_writer *w, uint64_t number, size_t len)
{
    uint8_t out[8];
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(number >> 8 * (len - 1 - i));
    put(w, bytes_of(out, len));
}

void
snapshot_put_number(struct snapshot_writer *w, uint64_t number, size_t len)
{
    w->len += len;
    put_number(w, number, len);
}

struct snapshot_writer *
snapshot_begin(const struct snapshot_place *place, struct fault *why)
{
    char kind[SNAPSHOT_KIND + 1] = {0};
    struct text aside = name_with(place, ".new");
    int file = openat(place->folder, text_string(&aside),
        O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) {
        fault_set(why, "%s: %s", text_string(&aside), strerror(errno));
        text_free(&aside);
        return NULL;
    }
    struct snapshot_writer *w = calloc(1, sizeof *w);
    XXH3_state_t *sum = XXH3_createState();
    if (!w || !sum)
        abort();
    *w = (struct snapshot_writer){.place = *place, .aside = aside, .sum = sum, .file = file};
    XXH3_128bits_reset(sum);
    memcpy(kind, place->kind, strnlen(place->kind, SNAPSHOT_KIND));
    put(w, bytes_of(kind, SNAPSHOT_KIND));
    put_number(w, place->version, 4);
    return w;
}

static void
put_tail(struct snapshot_writer *w)
{
    XXH128_canonical_t sum;
    put_number(w, w->len, 8);
    write_waiting(w);
    XXH128_canonicalFromHash(&sum, XXH3_128bits_digest(w->sum));
    put(w, bytes_of(sum.digest, sizeof sum.digest));
    write_waiting(w);
}

bool
snapshot_finish(struct snapshot_writer *w, struct fault *why)
{
    const char *aside = text_string(&w->aside);
    int folder = w->place.folder;
    put_tail(w);
    if (!w->error && fsync(w->file) != 0)
        w->error = errno;
    if (close(w->file) != 0 && !w->error)
        w->error = errno;
    if (!w->error && (renameat(folder, aside, folder, w->place.name) != 0 || fsync(folder) != 0))
        w->error = errno;
    int error = w->error;
    if (error) {
        fault_set(why, "%s: %s", aside, strerror(error));
        unlinkat(folder, aside, 0);
    }
    XXH3_freeState(w->sum);
    text_free(&w->aside);
    text_free(&w->waiting);
    free(w);
    return !error;
}

/* ---- Reading. */

/* What is wrong with the file; NULL: nothing, and `body` is what was put. */
static const char *
check(const struct snapshot_place *place, struct bytes whole, struct bytes *body)
{
    char kind[SNAPSHOT_KIND + 1] = {0};
    XXH128_canonical_t sum;
    if (whole.len < HEAD + TAIL)
        return "it is cut short";
    struct reader r = reader_over(whole);
    memcpy(kind, place->kind, strnlen(place->kind, SNAPSHOT_KIND));
    if (!bytes_equal(read_bytes(&r, SNAPSHOT_KIND), bytes_of(kind, SNAPSHOT_KIND)))
        return "it is no such file";
    uint32_t version = read_u32(&r);
    *body = read_bytes(&r, whole.len - HEAD - TAIL);
    uint64_t len = read_u64(&r);
    struct bytes told = reader_rest(&r);
    XXH128_canonicalFromHash(&sum, XXH3_128bits(whole.at, whole.len - sizeof sum.digest));
    if (len != body->len || !bytes_equal(told, bytes_of(sum.digest, sizeof sum.digest)))
        return "its checksum is wrong";
    return version == place->version ? NULL : "it is of another version";
}

static enum snapshot_found
unreadable(const struct snapshot_place *place, struct fault *why)
{
    if (errno == ENOENT)
        return SNAPSHOT_NONE;
    fault_set(why, "%s: %s", place->name, strerror(errno));
    return SNAPSHOT_UNREADABLE;
}

enum snapshot_found
snapshot_open(const struct snapshot_place *place, struct snapshot *out, struct fault *why)
{
    struct stat status;
    const char *wrong = "it is cut short";
    int file = openat(place->folder, place->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    *out = (struct snapshot){0};
    if (file < 0)
        return unreadable(place, why);
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
        close(file);
        fault_set(why, "%s: it is no regular file", place->name);
        return SNAPSHOT_UNREADABLE;
    }
    void *mapped = MAP_FAILED;
    size_t len = (size_t)status.st_size;
    if (len)
        mapped = mmap(NULL, len, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    if (mapped != MAP_FAILED) {
        *out = (struct snapshot){.mapped = mapped, .len = len};
        wrong = check(place, bytes_of(mapped, len), &out->body);
    } else if (len) {
        return unreadable(place, why);
    }
    if (!wrong)
        return SNAPSHOT_FOUND;
    fault_set(why, "%s: %s", place->name, wrong);
    snapshot_close(out);
    return SNAPSHOT_DAMAGED;
}

void
snapshot_close(struct snapshot *snapshot)
{
    if (snapshot->mapped)
        munmap(snapshot->mapped, snapshot->len);
    *snapshot = (struct snapshot){0};
}

bool
snapshot_set_aside(const struct snapshot_place *place, struct fault *why)
{
    struct text aside = name_with(place, ".damaged");
    bool moved = renameat(place->folder, place->name, place->folder, text_string(&aside)) == 0;
    if (!moved)
        fault_set(why, "%s: %s", place->name, strerror(errno));
    text_free(&aside);
    return moved;
}
