/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/keys/key_store.h"

#include <check.h>

enum { ROUNDS = 8, ROOM_FOR_SOME = 2000 };

static struct secret
secret_of(uint8_t random, enum secret_label label, uint8_t byte)
{
    struct secret secret = {.label = label, .len = 32};
    memset(secret.random, random, sizeof secret.random);
    memset(secret.at, byte, secret.len);
    return secret;
}

static void
add(struct key_store *store, uint8_t random, enum secret_label label, uint8_t byte, uint64_t round)
{
    struct secret secret = secret_of(random, label, byte);
    key_store_add(store, &secret, round);
}

/* The first byte of what is found; -1: nothing. */
static int
find(struct key_store *store, uint8_t random, enum secret_label label, uint64_t round)
{
    struct secret wanted = secret_of(random, label, 0), found;
    bool there = key_store_find(store, bytes_of(wanted.random, KEY_RANDOM), label, round, &found);
    return there ? found.at[0] : -1;
}

START_TEST(found_by_random_and_label)
{
    struct key_store *store = key_store_new(1 << 20, ROUNDS);
    add(store, 1, SECRET_CLIENT_HANDSHAKE, 11, 0);
    add(store, 1, SECRET_SERVER_HANDSHAKE, 12, 0);
    add(store, 2, SECRET_CLIENT_HANDSHAKE, 21, 0);
    ck_assert_int_eq(find(store, 1, SECRET_CLIENT_HANDSHAKE, 0), 11);
    ck_assert_int_eq(find(store, 1, SECRET_SERVER_HANDSHAKE, 5), 12);
    ck_assert_int_eq(find(store, 2, SECRET_CLIENT_HANDSHAKE, 5), 21);
    ck_assert_int_eq(find(store, 2, SECRET_SERVER_HANDSHAKE, 5), -1);
    ck_assert_int_eq(find(store, 3, SECRET_CLIENT_HANDSHAKE, 5), -1);
    key_store_free(store);
}
END_TEST

START_TEST(counts_from_its_round_on)
{
    struct key_store *store = key_store_new(1 << 20, ROUNDS);
    add(store, 1, SECRET_MASTER, 11, 7);
    ck_assert_int_eq(find(store, 1, SECRET_MASTER, 6), -1);
    ck_assert_int_eq(find(store, 1, SECRET_MASTER, 7), 11);
    ck_assert_uint_eq(key_store_latest(store, 6), 0);
    ck_assert_uint_eq(key_store_latest(store, 7), 7);
    ck_assert_uint_eq(key_store_latest(store, 70), 7);
    add(store, 2, SECRET_MASTER, 21, 9);
    ck_assert_uint_eq(key_store_latest(store, 8), 7);
    key_store_free(store);
}
END_TEST

START_TEST(told_again_is_one)
{
    struct key_store *store = key_store_new(1 << 20, ROUNDS);
    add(store, 1, SECRET_MASTER, 11, 0);
    add(store, 1, SECRET_MASTER, 11, 3);
    ck_assert_uint_eq(key_store_counts(store).secrets, 1);
    ck_assert_uint_eq(key_store_counts(store).kept, 1);
    key_store_free(store);
}
END_TEST

START_TEST(the_oldest_goes_but_not_for_rounds_under_way)
{
    struct key_store *store = key_store_new(ROOM_FOR_SOME, ROUNDS);
    uint8_t random = 1;
    for (; key_store_counts(store).let_go == 0; random++)
        add(store, random, SECRET_MASTER, 11, random < 3 ? 1 : 4);
    ck_assert_int_eq(find(store, 1, SECRET_MASTER, 3), 11);
    ck_assert_int_eq(find(store, 1, SECRET_MASTER, 4), -1);
    size_t bytes = key_store_counts(store).bytes;
    add(store, 200, SECRET_MASTER, 11, 4 + ROUNDS);
    ck_assert_int_eq(find(store, 1, SECRET_MASTER, 3), -1); /* forgotten: nobody can be there */
    ck_assert_uint_le(key_store_counts(store).bytes, bytes);
    ck_assert_int_eq(find(store, 200, SECRET_MASTER, 4 + ROUNDS), 11);
    key_store_free(store);
}
END_TEST

START_TEST(never_more_than_its_room)
{
    struct key_store *store = key_store_new(ROOM_FOR_SOME, ROUNDS);
    for (unsigned i = 0; i < 200; i++)
        add(store, (uint8_t)i, SECRET_MASTER, 1, 0);
    ck_assert_uint_le(key_store_counts(store).bytes, ROOM_FOR_SOME);
    ck_assert_int_eq(find(store, 199, SECRET_MASTER, 0), 1);
    ck_assert_int_eq(find(store, 0, SECRET_MASTER, 0), -1);
    key_store_free(store);
}
END_TEST

START_TEST(expects_from_a_round_on)
{
    struct key_store *store = key_store_new(1 << 20, ROUNDS);
    ck_assert(!key_store_expects(store, 100));
    key_store_expect(store, 5);
    key_store_expect(store, 9);
    ck_assert(!key_store_expects(store, 4));
    ck_assert(key_store_expects(store, 5));
    key_store_free(store);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("dissect/keys/key_store");
    TCase *c = tcase_create("key store");
    tcase_add_test(c, found_by_random_and_label);
    tcase_add_test(c, counts_from_its_round_on);
    tcase_add_test(c, told_again_is_one);
    tcase_add_test(c, the_oldest_goes_but_not_for_rounds_under_way);
    tcase_add_test(c, never_more_than_its_room);
    tcase_add_test(c, expects_from_a_round_on);
    suite_add_tcase(s, c);
    return s;
}
