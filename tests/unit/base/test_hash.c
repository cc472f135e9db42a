/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <check.h>

/* The key and the texts of the SipHash paper's appendix: bytes 0, 1, 2, … */
static const struct hash_key key = {
    .low = UINT64_C(0x0706050403020100),
    .high = UINT64_C(0x0f0e0d0c0b0a0908),
};

/* SipHash-1-3 once more, straight from the authors' definition: rounds over an array, a padded copy
 * of the text. The variant of 128 bits differs in three constants, and goes on for its other half.
 */
static void
siphash_round(uint64_t v[4])
{
    static const struct {
        int sum, with, turn, halves;
    } steps[] = {{0, 1, 13, 32}, {2, 3, 16, 0}, {0, 3, 21, 0}, {2, 1, 17, 32}};
    for (int i = 0; i < 4; i++) {
        uint64_t *sum = &v[steps[i].sum];
        uint64_t *with = &v[steps[i].with];
        *sum += *with;
        *with = *with << steps[i].turn | *with >> (64 - steps[i].turn);
        *with ^= *sum;
        if (steps[i].halves)
            *sum = *sum << 32 | *sum >> 32;
    }
}

static uint64_t
three_rounds(uint64_t v[4])
{
    for (int i = 0; i < 3; i++)
        siphash_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static struct hash_pair
siphash13(const uint8_t *text, size_t len, bool wide)
{
    uint8_t padded[80] = {0};
    uint64_t v[4] = {key.low ^ UINT64_C(0x736f6d6570736575),
        key.high ^ UINT64_C(0x646f72616e646f6d), key.low ^ UINT64_C(0x6c7967656e657261),
        key.high ^ UINT64_C(0x7465646279746573)};
    size_t words = len / 8 + 1;
    struct hash_pair pair = {0};
    v[1] ^= wide ? 0xee : 0;
    memcpy(padded, text, len);
    padded[words * 8 - 1] = (uint8_t)len;
    for (size_t w = 0; w < words; w++) {
        uint64_t word = 0;
        for (int i = 7; i >= 0; i--)
            word = word << 8 | padded[w * 8 + (size_t)i];
        v[3] ^= word;
        siphash_round(v);
        v[0] ^= word;
    }
    v[2] ^= wide ? 0xee : 0xff;
    pair.half[0] = three_rounds(v);
    v[1] ^= 0xdd;
    pair.half[1] = three_rounds(v);
    return pair;
}

START_TEST(every_length_gives_what_the_definition_gives)
{
    uint8_t text[64];
    for (uint8_t i = 0; i < 64; i++)
        text[i] = i;
    for (size_t len = 0; len < 64; len++) {
        struct hash_pair wide = hash_bytes_wide(key, bytes_of(text, len));
        struct hash_pair wanted = siphash13(text, len, true);
        ck_assert_uint_eq(
            hash_bytes(key, bytes_of(text, len)), siphash13(text, len, false).half[0]);
        ck_assert_uint_eq(wide.half[0], wanted.half[0]);
        ck_assert_uint_eq(wide.half[1], wanted.half[1]);
    }
}
END_TEST

START_TEST(words_are_the_bytes_they_lie_in)
{
    uint8_t text[5 * 8 + 7];
    for (uint8_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(200 - i);
    for (size_t count = 0; count <= 5; count++) {
        uint64_t words[5];
        uint64_t last = UINT64_C(0xab00000000000000); /* its highest byte does not count */
        for (size_t i = 0; i < 7; i++)
            last |= (uint64_t)text[count * 8 + i] << 8 * i;
        for (size_t w = 0; w < count; w++) {
            words[w] = 0;
            for (size_t i = 0; i < 8; i++)
                words[w] |= (uint64_t)text[w * 8 + i] << 8 * i;
        }
        ck_assert_uint_eq(
            hash_words(key, words, count, last), siphash13(text, count * 8 + 7, false).half[0]);
    }
}
END_TEST

START_TEST(where_the_bytes_lie_does_not_matter)
{
    uint8_t room[80];
    uint8_t text[41];
    for (uint8_t i = 0; i < 41; i++)
        text[i] = (uint8_t)(i * 7);
    uint64_t wanted = hash_bytes(key, bytes_of(text, sizeof text));
    for (size_t offset = 0; offset < 9; offset++) {
        memcpy(room + offset, text, sizeof text);
        ck_assert_uint_eq(hash_bytes(key, bytes_of(room + offset, sizeof text)), wanted);
    }
    ck_assert_uint_eq(hash_bytes(key, (struct bytes){0}), hash_bytes(key, bytes_of(text, 0)));
}
END_TEST

START_TEST(another_key_another_hash)
{
    struct hash_key one = hash_key_random();
    struct hash_key other = hash_key_random();
    struct bytes text = bytes_from_string("text");
    ck_assert(one.low != other.low || one.high != other.high);
    ck_assert_uint_ne(hash_bytes(one, text), hash_bytes(other, text));
    ck_assert_uint_ne(hash_bytes(one, text), hash_bytes(one, bytes_of("texu", 4)));
    ck_assert_uint_ne(hash_bytes(one, bytes_of("\0", 1)), hash_bytes(one, (struct bytes){0}));
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("hash");
    TCase *c = tcase_create("hash");
    tcase_add_test(c, every_length_gives_what_the_definition_gives);
    tcase_add_test(c, words_are_the_bytes_they_lie_in);
    tcase_add_test(c, where_the_bytes_lie_does_not_matter);
    tcase_add_test(c, another_key_another_hash);
    suite_add_tcase(s, c);
    return s;
}
