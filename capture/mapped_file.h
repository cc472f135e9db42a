/* SPDX-License-Identifier: Apache-2.0
 *
 * A file in memory, read from its beginning to its end. Pages ahead are asked for many at once, and
 * what lies far behind is given back, so that a large file does not look like a large process.
 *
 * What is mapped may become shorter meanwhile; see shrunk.h.
 */
#ifndef CERTTAP_CAPTURE_MAPPED_FILE_H
#define CERTTAP_CAPTURE_MAPPED_FILE_H

#include "capture/shrunk.h"

enum {
    MAPPED_LOOKED_AHEAD = 8,       /* records, if they are as long as this one: often they are */
    MAPPED_KEPT_BEHIND = 32 << 20, /* bytes behind us that stay in memory */
    MAPPED_GIVEN_BACK = 16 << 20,  /* at once, so that the kernel is told now and then only */
};

struct mapped_file {
    struct bytes all; /* the whole file; nothing when it is not mapped */
    size_t at;        /* how much of it was used */
    size_t released;  /* so many of its bytes need not stay in memory */
    size_t asked;     /* up to here its pages were asked for */
    struct shrunk_watch *watch;
    int fd; /* borrowed */
};

/* False when it cannot be mapped, or nobody could say whether it shrinks. */
bool mapped_file_open(struct mapped_file *mapped, int fd, size_t size);

/* For mapped_file_use(): rarely called. */
void mapped_file_ask(struct mapped_file *mapped);
void mapped_file_release(struct mapped_file *mapped);

static inline struct bytes
mapped_file_bytes(const struct mapped_file *mapped)
{
    return bytes_of(mapped->all.at + mapped->at, mapped->all.len - mapped->at);
}

/* A record of `n` bytes was read. */
static inline void
mapped_file_use(struct mapped_file *mapped, size_t n)
{
    mapped->at += n;
    size_t guess = mapped->at + MAPPED_LOOKED_AHEAD * n;
    if (guess < mapped->all.len)
        __builtin_prefetch(mapped->all.at + guess);
    if (guess >= mapped->asked && mapped->asked < mapped->all.len)
        mapped_file_ask(mapped);
    if (mapped->at - mapped->released >= MAPPED_KEPT_BEHIND + MAPPED_GIVEN_BACK)
        mapped_file_release(mapped);
}

/* Is the file shorter than it was? Asks the kernel. */
bool mapped_file_has_shrunk(const struct mapped_file *mapped);

void mapped_file_close(struct mapped_file *mapped);

#endif
