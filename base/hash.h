/* SPDX-License-Identifier: Apache-2.0
 *
 * SipHash-1-3 (Aumasson, Bernstein: "SipHash: a fast short-input PRF"), so that strangers cannot
 * choose which bucket they land in. No output of the program may depend on the key.
 */
#ifndef CERTTAP_BASE_HASH_H
#define CERTTAP_BASE_HASH_H

#include "base/bytes.h"

struct hash_key {
    uint64_t low;
    uint64_t high;
};

/* A key from the kernel's random numbers. */
struct hash_key hash_key_random(void);

uint64_t hash_bytes(struct hash_key key, struct bytes bytes);

/* 128 bits, the paper's wider variant: enough to stand for the bytes themselves. */
struct hash_pair {
    uint64_t half[2];
};
struct hash_pair hash_bytes_wide(struct hash_key key, struct bytes bytes);

/* The same of `count` words and seven bytes more, the lower ones of `last`, as they lie in memory
 * of a little-endian machine: what is made of numbers is hashed without laying it out first. */
uint64_t hash_words(struct hash_key key, const uint64_t *words, size_t count, uint64_t last);

#endif
