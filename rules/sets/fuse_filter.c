/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/sets/fuse_filter.h"

#include <math.h>
#include <stdlib.h>

enum { LARGEST_SEGMENT = 1 << 18, MOST_TRIES = 100 };

size_t
fuse_len(const struct fuse_shape *shape)
{
    return ((size_t)shape->segments + 2) * shape->segment;
}

bool
fuse_shape_is_sound(const struct fuse_shape *shape, uint64_t len)
{
    return shape->segment > 0 && shape->segment <= LARGEST_SEGMENT &&
           (shape->segment & (shape->segment - 1)) == 0 && shape->segments > 0 &&
           shape->segments <= (UINT64_C(1) << 32) / shape->segment - 2 && fuse_len(shape) == len;
}

/* The finalizer of MurmurHash3: keys are parts of digests already, this makes them depend on the
 * seed. */
static uint64_t
mix(uint64_t h)
{
    h ^= h >> 33;
    h *= UINT64_C(0xff51afd7ed558ccd);
    h ^= h >> 33;
    h *= UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ h >> 33;
}

/* The first place is anywhere in the leading segments, the others in the two that follow it. */
static struct fuse_places
places_of(const struct fuse_shape *shape, uint64_t hash)
{
    uint64_t range = (uint64_t)shape->segments * shape->segment;
    size_t mask = shape->segment - 1;
    struct fuse_places p;
    uint64_t low = (hash & UINT32_MAX) * range >> 32;
    p.at[0] = (size_t)(((hash >> 32) * range + low) >> 32); /* hash / 2^64 * range */
    p.at[1] = (p.at[0] + shape->segment) ^ (hash >> 18 & mask);
    p.at[2] = (p.at[0] + 2 * (size_t)shape->segment) ^ (hash & mask);
    p.mark = (uint8_t)(hash ^ hash >> 32);
    return p;
}

struct fuse_places
fuse_places(const struct fuse_shape *shape, uint64_t key)
{
    return places_of(shape, mix(key + shape->seed));
}

/* The sizes that the paper found by experiment. */
static void
choose_shape(struct fuse_shape *shape, size_t len)
{
    double keys = len < 2 ? 2 : (double)len;
    double factor = 0.875 + 0.25 * log(1000000.0) / log(keys);
    size_t wanted = (size_t)(keys * (factor > 1.125 ? factor : 1.125)) + 1;
    unsigned bits = (unsigned)floor(log(keys) / log(3.33) + 2.25);
    shape->segment = bits < 18 ? 1U << bits : LARGEST_SEGMENT;
    size_t segments = (wanted + shape->segment - 1) / shape->segment;
    shape->segments = (uint32_t)(segments > 2 ? segments - 2 : 1);
}

/* Keys are taken away one after the other, each from a place that is its own by then; the filter is
 * filled in the opposite order. */
struct peeling {
    uint64_t *sum;   /* of each place: XOR of the hashes that have it */
    uint32_t *count; /* how many those are, times four, plus XOR of which of their places it is */
    uint64_t *order; /* hashes as they were taken */
    uint8_t *which;  /* the place each was taken from: 0, 1 or 2 */
    size_t *alone;   /* places that only one hash has */
};

static void
free_peeling(struct peeling *p)
{
    free(p->sum);
    free(p->count);
    free(p->order);
    free(p->which);
    free(p->alone);
}

static bool
make_peeling(struct peeling *p, size_t places, size_t keys)
{
    p->sum = calloc(places, sizeof *p->sum);
    p->count = calloc(places, sizeof *p->count);
    p->order = calloc(keys, sizeof *p->order);
    p->which = calloc(keys, sizeof *p->which);
    p->alone = calloc(places, sizeof *p->alone);
    return p->sum && p->count && p->order && p->which && p->alone;
}

static void
lay_out(struct peeling *p, const struct fuse_shape *shape, const uint64_t *keys, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint64_t hash = mix(keys[i] + shape->seed);
        struct fuse_places places = places_of(shape, hash);
        for (unsigned k = 0; k < 3; k++) {
            p->sum[places.at[k]] ^= hash;
            p->count[places.at[k]] += 4;
            p->count[places.at[k]] ^= k;
        }
    }
}

/* How many keys could be taken: all of them, or the seed was a bad one. */
static size_t
peel(struct peeling *p, const struct fuse_shape *shape)
{
    size_t waiting = 0;
    size_t taken = 0;
    for (size_t i = 0; i < fuse_len(shape); i++)
        if (p->count[i] >> 2 == 1)
            p->alone[waiting++] = i;
    while (waiting) {
        size_t at = p->alone[--waiting];
        if (p->count[at] >> 2 != 1)
            continue;
        uint64_t hash = p->sum[at];
        unsigned which = p->count[at] & 3;
        struct fuse_places places = places_of(shape, hash);
        p->order[taken] = hash;
        p->which[taken++] = (uint8_t)which;
        for (unsigned k = 0; k < 3; k++) {
            size_t other = places.at[k];
            p->sum[other] ^= hash;
            p->count[other] -= 4;
            p->count[other] ^= k;
            if (p->count[other] >> 2 == 1)
                p->alone[waiting++] = other;
        }
    }
    return taken;
}

static void
fill(const struct peeling *p, const struct fuse_shape *shape, size_t len, uint8_t *filter)
{
    for (size_t i = len; i-- > 0;) {
        struct fuse_places places = places_of(shape, p->order[i]);
        uint8_t mark = places.mark;
        for (unsigned k = 0; k < 3; k++)
            if (k != p->which[i])
                mark ^= filter[places.at[k]];
        filter[places.at[p->which[i]]] = mark;
    }
}

static bool
try_seed(const struct fuse_shape *shape, const uint64_t *keys, size_t len, uint8_t *filter)
{
    struct peeling p = {0};
    bool good = make_peeling(&p, fuse_len(shape), len ? len : 1);
    if (good) {
        lay_out(&p, shape, keys, len);
        good = peel(&p, shape) == len;
    }
    if (good)
        fill(&p, shape, len, filter);
    free_peeling(&p);
    return good;
}

/* Seeds are tried in a fixed order, so that the same list becomes the same file. One in thousands
 * is a bad one. */
uint8_t *
fuse_build(const uint64_t *keys, size_t len, struct fuse_shape *shape)
{
    choose_shape(shape, len);
    uint8_t *filter = calloc(fuse_len(shape), 1);
    for (uint64_t i = 0; filter && i < MOST_TRIES; i++) {
        shape->seed = mix(i + 1);
        if (try_seed(shape, keys, len, filter))
            return filter;
    }
    free(filter);
    return NULL;
}
