/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/mapped_file.h"

#include <sys/mman.h>
#include <sys/stat.h>

enum { ASKED_AT_ONCE = 2 << 20 };

bool
mapped_file_open(struct mapped_file *mapped, int fd, size_t size)
{
    void *map = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        return false;
    *mapped = (struct mapped_file){.all = bytes_of(map, size), .fd = fd};
    mapped->watch = shrunk_watch(mapped->all);
    if (!mapped->watch) {
        mapped_file_close(mapped);
        return false;
    }
    madvise(map, size, MADV_SEQUENTIAL);
    return true;
}

/* All at once is cheaper than a fault for every few pages. A kernel that does not know how refuses,
 * and then they come by faults. */
void
mapped_file_ask(struct mapped_file *mapped)
{
    size_t from =
        mapped->asked > mapped->at ? mapped->asked : mapped->at & ~(size_t)(ASKED_AT_ONCE - 1);
    size_t left = mapped->all.len - from;
    size_t len = left < ASKED_AT_ONCE ? left : ASKED_AT_ONCE;
    madvise((void *)(mapped->all.at + from), len, MADV_POPULATE_READ);
    mapped->asked = from + len;
}

/* Frames there stay readable: they come from the page cache once more. */
void
mapped_file_release(struct mapped_file *mapped)
{
    size_t upto = (mapped->at - MAPPED_KEPT_BEHIND) & ~(size_t)(MAPPED_GIVEN_BACK - 1);
    madvise((void *)(mapped->all.at + mapped->released), upto - mapped->released, MADV_DONTNEED);
    mapped->released = upto;
}

bool
mapped_file_has_shrunk(const struct mapped_file *mapped)
{
    struct stat now;
    return mapped->watch && fstat(mapped->fd, &now) == 0 && (uint64_t)now.st_size < mapped->all.len;
}

void
mapped_file_close(struct mapped_file *mapped)
{
    shrunk_forget(mapped->watch);
    if (mapped->all.at)
        munmap((void *)mapped->all.at, mapped->all.len);
    *mapped = (struct mapped_file){0};
}
