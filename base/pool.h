/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory by lifetime. A pool is a budget: everything that traffic can make grow is taken from one,
 * and a pool that is used up says no instead of growing. An arena takes chunks from a pool and is
 * emptied at once. Neither knows threads: one thread owns a pool and all that is taken from it.
 */
#ifndef CERTTAP_BASE_POOL_H
#define CERTTAP_BASE_POOL_H

#include "base/bytes.h"

struct pool {
    size_t limit;     /* bytes that may be out at once */
    size_t used;      /* bytes that are out now */
    size_t peak;      /* the most that ever were */
    uint64_t refused; /* how often it said no */
};

/* Zeroed memory, or NULL when the limit is reached. Given back with the same size. */
void *pool_take(struct pool *pool, size_t size);
void pool_give(struct pool *pool, void *taken, size_t size); /* NULL is fine */

/* Grows or shrinks as realloc does; NULL leaves the old memory as it was. New bytes are zero. */
void *pool_resize(struct pool *pool, void *taken, size_t old_size, size_t new_size);

/* An array with room for one more than `len` elements of `size` bytes: `at`, or where it is when it
 * had to grow; `room` counts elements. NULL leaves all as it was. */
void *pool_grow(struct pool *pool, void *at, size_t *room, size_t len, size_t size);

struct arena_chunk;

/* A zeroed arena with a pool is a valid empty one. */
struct arena {
    struct pool *pool; /* borrowed */
    struct arena_chunk *chunks;
};

/* Zeroed and aligned for anything; valid until arena_empty. NULL when the pool is used up. */
void *arena_take(struct arena *arena, size_t size);

/* A copy that lives as long as the arena. The empty slice (and false in `ok`) when there is no
 * room. */
struct bytes arena_copy(struct arena *arena, struct bytes bytes, bool *ok);

/* Gives everything back to the pool. The arena may be used again. */
void arena_empty(struct arena *arena);

#endif
