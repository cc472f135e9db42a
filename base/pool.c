/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include <assert.h>
#include <stdalign.h>
#include <stdlib.h>

/* Pieces up to this size come back from where they were given a moment ago, which is why clearing
 * them by hand is cheaper than asking for cleared ones: the allocator's own list of them is only
 * for those who do not ask. A chunk of an arena is such a piece; most handshakes fit into three. */
enum { SMALL = 1024, CHUNK = SMALL };

struct arena_chunk {
    struct arena_chunk *next;
    size_t size; /* of the whole chunk, this header included */
    size_t used;
    alignas(max_align_t) uint8_t room[];
};

static bool
pool_allows(struct pool *pool, size_t more)
{
    if (more <= pool->limit && pool->used <= pool->limit - more)
        return true;
    pool->refused++;
    return false;
}

static void
pool_count(struct pool *pool, size_t less, size_t more)
{
    assert(pool->used >= less);
    pool->used = pool->used - less + more;
    if (pool->used > pool->peak)
        pool->peak = pool->used;
}

/* Memory that is not cleared. */
static void *
take_as_it_is(struct pool *pool, size_t size)
{
    if (!pool_allows(pool, size))
        return NULL;
    void *taken = malloc(size ? size : 1);
    if (taken)
        pool_count(pool, 0, size);
    return taken;
}

void *
pool_take(struct pool *pool, size_t size)
{
    if (size <= SMALL) {
        void *taken = take_as_it_is(pool, size);
        return taken ? memset(taken, 0, size) : NULL;
    }
    if (!pool_allows(pool, size))
        return NULL;
    void *taken = calloc(1, size);
    if (taken)
        pool_count(pool, 0, size);
    return taken;
}

void
pool_give(struct pool *pool, void *taken, size_t size)
{
    if (!taken)
        return;
    free(taken);
    pool_count(pool, size, 0);
}

void *
pool_resize(struct pool *pool, void *taken, size_t old_size, size_t new_size)
{
    if (!taken)
        return pool_take(pool, new_size);
    if (new_size > old_size && !pool_allows(pool, new_size - old_size))
        return NULL;
    uint8_t *resized = realloc(taken, new_size ? new_size : 1);
    if (!resized)
        return NULL;
    if (new_size > old_size)
        memset(resized + old_size, 0, new_size - old_size);
    pool_count(pool, old_size, new_size);
    return resized;
}

void *
pool_grow(struct pool *pool, void *at, size_t *room, size_t len, size_t size)
{
    if (len < *room)
        return at;
    size_t more = *room + *room / 2 + 8;
    void *grown = pool_resize(pool, at, *room * size, more * size);
    if (grown)
        *room = more;
    return grown;
}

/* Room in a chunk, not cleared. */
static void *
take_room(struct arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    if (size > SIZE_MAX - sizeof(struct arena_chunk) - align)
        return NULL;
    size_t need = (size + align - 1) / align * align;
    struct arena_chunk *chunk = arena->chunks;

    if (!chunk || chunk->size - sizeof *chunk - chunk->used < need) {
        size_t whole = sizeof *chunk + need;
        if (whole < CHUNK)
            whole = CHUNK;
        struct arena_chunk *fresh = take_as_it_is(arena->pool, whole);
        if (!fresh)
            return NULL;
        fresh->size = whole;
        fresh->used = 0;
        /* A large piece goes behind the chunk that still has room for small ones. */
        if (chunk && whole > CHUNK) {
            fresh->next = chunk->next;
            chunk->next = fresh;
        } else {
            fresh->next = chunk;
            arena->chunks = fresh;
        }
        chunk = fresh;
    }
    void *taken = chunk->room + chunk->used;
    chunk->used += need;
    return taken;
}

void *
arena_take(struct arena *arena, size_t size)
{
    void *taken = take_room(arena, size);
    return taken ? memset(taken, 0, size) : NULL;
}

struct bytes
arena_copy(struct arena *arena, struct bytes bytes, bool *ok)
{
    uint8_t *copy = take_room(arena, bytes.len);
    *ok = copy != NULL;
    if (!copy)
        return (struct bytes){0};
    if (bytes.len)
        memcpy(copy, bytes.at, bytes.len);
    return bytes_of(copy, bytes.len);
}

void
arena_empty(struct arena *arena)
{
    while (arena->chunks) {
        struct arena_chunk *chunk = arena->chunks;
        arena->chunks = chunk->next;
        pool_give(arena->pool, chunk, chunk->size);
    }
}
