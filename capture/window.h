/* SPDX-License-Identifier: Apache-2.0
 *
 * A window that moves over what a descriptor yields: a compressed file, which it unpacks, a pipe,
 * or standard input. Memory is bounded by the largest record that is asked for.
 */
#ifndef CERTTAP_CAPTURE_WINDOW_H
#define CERTTAP_CAPTURE_WINDOW_H

#include "base/fault.h"
#include "base/pool.h"

struct window;

enum window_step {
    WINDOW_READY,  /* what was wanted is there */
    WINDOW_QUIET,  /* the other end of the pipe says nothing; ask again */
    WINDOW_END,    /* less than that is left */
    WINDOW_BROKEN, /* as WINDOW_END, but something is wrong */
};

/* `pool` and `fd` are borrowed. `waits`: reading may block, so ask first. NULL: no memory. */
struct window *window_new(struct pool *pool, int fd, bool waits);

/* Sees to it that window_bytes() has at least `wanted` bytes, more if they come cheaply. Why it is
 * WINDOW_BROKEN goes to `why`, to stand behind the file's name. */
enum window_step window_want(struct window *window, size_t wanted, struct fault *why);

/* Borrowed until the next window_want(). */
struct bytes window_bytes(const struct window *window);

void window_skip(struct window *window, size_t n); /* at most what there is */

uint64_t window_read(const struct window *window); /* bytes read from the descriptor */

void window_free(struct window *window); /* NULL is fine */

#endif
