/* SPDX-License-Identifier: Apache-2.0
 *
 * A binary fuse filter (Graf, Lemire: "Binary Fuse Filters: Fast and Smaller Than Xor Filters",
 * 2022): nine bits a key, three looks into memory, and one stranger in 256 that it takes for one of
 * its own. Built once over all keys, never changed.
 */
#ifndef CERTTAP_RULES_SETS_FUSE_FILTER_H
#define CERTTAP_RULES_SETS_FUSE_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Everything about a filter but its bytes. */
struct fuse_shape {
    uint64_t seed;
    uint32_t segment;  /* bytes of one; a power of two */
    uint32_t segments; /* at which the first of the three places may begin */
};

/* Bytes that a filter of this shape has. */
size_t fuse_len(const struct fuse_shape *shape);

/* Could somebody have built it? What is read from a file is asked this. */
bool fuse_shape_is_sound(const struct fuse_shape *shape, uint64_t len);

/* A filter over `len` different keys, the caller's to free(). NULL when there is no memory. */
uint8_t *fuse_build(const uint64_t *keys, size_t len, struct fuse_shape *shape);

/* Where a key's three places are, and what their XOR is if the filter has it. */
struct fuse_places {
    size_t at[3];
    uint8_t mark;
};
struct fuse_places fuse_places(const struct fuse_shape *shape, uint64_t key);

#endif
