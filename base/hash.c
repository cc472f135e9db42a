/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <stdlib.h>
#include <sys/random.h>

struct state {
    uint64_t v0, v1, v2, v3;
};

static inline uint64_t
rotate(uint64_t x, unsigned by)
{
    return x << by | x >> (64 - by);
}

static inline void
mix(struct state *s)
{
    s->v0 += s->v1;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v2 = rotate(s->v2, 32);
}

static inline void
take_word(struct state *s, uint64_t word)
{
    s->v3 ^= word;
    mix(s);
    s->v0 ^= word;
}

struct hash_key
hash_key_random(void)
{
    struct hash_key key;
    if (getrandom(&key, sizeof key, 0) != (ssize_t)sizeof key)
        abort();
    return key;
}

static inline struct state
begin(struct hash_key key)
{
    return (struct state){
        .v0 = key.low ^ UINT64_C(0x736f6d6570736575),
        .v1 = key.high ^ UINT64_C(0x646f72616e646f6d),
        .v2 = key.low ^ UINT64_C(0x6c7967656e657261),
        .v3 = key.high ^ UINT64_C(0x7465646279746573),
    };
}

static inline uint64_t
mixed(struct state *s)
{
    mix(s);
    mix(s);
    mix(s);
    return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

static inline uint64_t
finish(struct state *s, uint64_t mark)
{
    s->v2 ^= mark;
    return mixed(s);
}

uint64_t
hash_words(struct hash_key key, const uint64_t *words, size_t count, uint64_t last)
{
    enum { LAST_BYTES = 7 };
    struct state s = begin(key);
    for (size_t i = 0; i < count; i++)
        take_word(&s, words[i]);
    uint64_t len = count * sizeof *words + LAST_BYTES;
    take_word(&s, len << 56 | (last & (UINT64_MAX >> 8)));
    return finish(&s, 0xff);
}

static inline void
take_bytes(struct state *s, struct bytes bytes)
{
    const uint8_t *at = bytes.at;
    size_t left = bytes.len;
    uint64_t word;

    for (; left >= 8; left -= 8, at += 8) {
        memcpy(&word, at, 8);
        take_word(s, word);
    }
    word = (uint64_t)bytes.len << 56;
    for (size_t i = 0; i < left; i++)
        word |= (uint64_t)at[i] << 8 * i;
    take_word(s, word);
}

uint64_t
hash_bytes(struct hash_key key, struct bytes bytes)
{
    struct state s = begin(key);
    take_bytes(&s, bytes);
    return finish(&s, 0xff);
}

struct hash_pair
hash_bytes_wide(struct hash_key key, struct bytes bytes)
{
    struct hash_pair pair;
    struct state s = begin(key);
    s.v1 ^= 0xee;
    take_bytes(&s, bytes);
    pair.half[0] = finish(&s, 0xee);
    s.v1 ^= 0xdd;
    pair.half[1] = mixed(&s);
    return pair;
}
