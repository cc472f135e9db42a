/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/certificate_store.h"
#include "tests/support/asn1.h"
#include "tests/support/hex.h"

#include <check.h>
#include <openssl/evp.h>
#include <stdlib.h>

static struct pool memory; /* of the certificates the tests make */
static struct arena arena;
static struct pool pool; /* of the store */
static struct certificate_store *store;

static void
open_store(void)
{
    memory = (struct pool){.limit = 64 << 20};
    arena = (struct arena){.pool = &memory};
    pool = (struct pool){.limit = 1 << 20};
    store = certificate_store_new(&pool, 4);
}

static void
free_store(void)
{
    certificate_store_free(store);
    ck_assert_uint_eq(pool.used, 0);
    arena_empty(&arena);
}

static struct bytes
numbered(unsigned number)
{
    struct asn1_certificate parts = asn1_good(&arena);
    uint8_t serial[] = {0x02, 0x02, (uint8_t)(0x40 | number >> 8), (uint8_t)number};
    bool ok;
    parts.serial = arena_copy(&arena, bytes_of(serial, sizeof serial), &ok);
    ck_assert(ok);
    return asn1_certificate(&arena, &parts);
}

static void
see(unsigned number)
{
    const struct certificate *c = certificate_find(store, numbered(number));
    ck_assert_ptr_nonnull(c);
    certificate_unref(store, c);
}

static bool
knows(unsigned number)
{
    uint64_t hits = certificate_store_counts(store).hits;
    see(number);
    return certificate_store_counts(store).hits > hits;
}

START_TEST(what_was_seen_is_recognised)
{
    struct bytes der = numbered(1);
    const struct certificate *first = certificate_find(store, der);
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_ne(first->der.at, der.at);
    ck_assert(bytes_equal(first->der, der));

    const struct certificate *again = certificate_find(store, numbered(1));
    ck_assert_ptr_eq(first, again);
    const struct certificate *other = certificate_find(store, numbered(2));
    ck_assert_ptr_ne(other, first);

    struct certificate_store_counts counts = certificate_store_counts(store);
    ck_assert_uint_eq(counts.hits, 1);
    ck_assert_uint_eq(counts.misses, 2);
    ck_assert_uint_eq(counts.kept, 2);
    certificate_unref(store, first);
    certificate_unref(store, again);
    certificate_unref(store, other);
}
END_TEST

START_TEST(the_digests_are_of_the_bytes)
{
    static const char *const names[] = {"SHA256", "SHA1", "MD5"};
    struct bytes der = numbered(7);
    const struct certificate *c = certificate_find(store, der);
    const char *const found[] = {c->sha256_hex, c->sha1_hex, c->md5_hex};
    uint8_t digest[EVP_MAX_MD_SIZE];
    char hexadecimal[2 * EVP_MAX_MD_SIZE + 1];
    size_t len;
    for (size_t i = 0; i < 3; i++) {
        ck_assert(EVP_Q_digest(NULL, names[i], NULL, der.at, der.len, digest, &len));
        bytes_to_hex(bytes_of(digest, len), hexadecimal);
        ck_assert_str_eq(found[i], hexadecimal);
    }
    ck_assert(EVP_Q_digest(NULL, "SHA256", NULL, c->spki.at, c->spki.len, digest, &len));
    ck_assert_mem_eq(c->spki_sha256, digest, len);
    certificate_unref(store, c);
}
END_TEST

START_TEST(bytes_that_are_no_certificate_are_kept_like_any)
{
    struct bytes odd[] = {hex(""), hex("00"), hex("'hello'"), hex("30 03 020101")};
    const struct certificate *found[4];
    for (size_t i = 0; i < 4; i++) {
        found[i] = certificate_find(store, odd[i]);
        ck_assert_ptr_nonnull(found[i]);
        ck_assert_ptr_nonnull(found[i]->broken);
        ck_assert_ptr_eq(certificate_find(store, odd[i]), found[i]);
        ck_assert_str_eq(found[i]->spki_sha256_hex, "");
    }
    ck_assert_str_eq(
        found[0]->sha256_hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    ck_assert_uint_eq(certificate_store_counts(store).broken, 4);
    for (size_t i = 0; i < 4; i++) {
        certificate_unref(store, found[i]);
        certificate_unref(store, found[i]);
        free((void *)odd[i].at);
    }
}
END_TEST

START_TEST(the_one_unused_longest_goes_first)
{
    for (unsigned i = 0; i < 4; i++)
        see(i);
    ck_assert(knows(0)); /* and so it is the one used last */
    see(4);
    ck_assert_uint_eq(certificate_store_counts(store).kept, 4);
    ck_assert_uint_eq(certificate_store_counts(store).evicted, 1);
    ck_assert(knows(0) && knows(2) && knows(3) && knows(4));
    ck_assert(!knows(1));
}
END_TEST

START_TEST(what_is_in_use_stays)
{
    const struct certificate *held[4];
    for (unsigned i = 0; i < 4; i++)
        held[i] = certificate_find(store, numbered(i));
    ck_assert_ptr_null(certificate_find(store, numbered(9)));

    ck_assert_ptr_eq(certificate_find(store, numbered(2)), held[2]);
    certificate_unref(store, held[2]);
    ck_assert_ptr_null(certificate_find(store, numbered(9)));
    certificate_unref(store, held[2]);
    see(9);
    ck_assert(!knows(2));
    ck_assert(bytes_equal_string(held[3]->serial_text, "4003"));
    certificate_unref(store, held[0]);
    certificate_unref(store, held[1]);
    certificate_unref(store, held[3]);
    certificate_unref(store, NULL);
}
END_TEST

START_TEST(the_pool_is_the_limit)
{
    for (pool.limit = 0; pool.limit < 12000; pool.limit += 100) {
        struct certificate_store *tiny = certificate_store_new(&pool, 1000);
        bool any = false;
        for (unsigned i = 0; i < 8; i++) {
            const struct certificate *c = certificate_find(tiny, numbered(i));
            ck_assert_uint_le(pool.used, pool.limit);
            ck_assert(c || !any); /* what fitted once, fits again */
            any |= c != NULL;
            certificate_unref(tiny, c);
        }
        ck_assert(any || pool.limit < 6000);
        certificate_store_free(tiny);
        ck_assert_uint_eq(pool.used, 0);
    }
    pool.limit = 1 << 20;
}
END_TEST

START_TEST(a_large_one_takes_the_room_of_many_small_ones)
{
    struct certificate_store *large = certificate_store_new(&pool, 1000);
    struct asn1_certificate parts = asn1_good(&arena);
    struct bytes big = asn1_fill(&arena, 0x0c, 'x', 900000);
    parts.subject = asn1_name(&arena, "550403", big);
    for (unsigned i = 0; i < 200; i++)
        certificate_unref(large, certificate_find(large, numbered(i)));
    ck_assert_uint_eq(certificate_store_counts(large).evicted, 0);

    const struct certificate *c = certificate_find(large, asn1_certificate(&arena, &parts));
    ck_assert_ptr_nonnull(c);
    ck_assert_uint_eq(c->common_names.len, 1);
    ck_assert_uint_eq(c->common_names.at[0].len, 900000);
    ck_assert_uint_gt(certificate_store_counts(large).evicted, 100);
    ck_assert_uint_lt(certificate_store_counts(large).evicted, 200);
    certificate_unref(large, c);

    pool.limit = 100000;
    certificate_unref(large, certificate_find(large, numbered(300)));
    certificate_store_free(large);
    pool.limit = 1 << 20;
}
END_TEST

START_TEST(an_arena_without_room_says_so)
{
    struct pool small = {.limit = 0};
    struct arena into = {.pool = &small};
    struct bytes der = numbered(1);
    bool read = false;
    for (; !read; small.limit += 64) {
        const struct certificate *c = certificate_read(&into, der);
        read = c != NULL;
        ck_assert(!c || bytes_equal_string(c->subject_text, "CN=subject"));
        ck_assert_uint_lt(small.limit, 16000);
        arena_empty(&into);
        ck_assert_uint_eq(small.used, 0);
    }
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("certificate_store");
    TCase *c = tcase_create("certificate_store");
    tcase_add_checked_fixture(c, open_store, free_store);
    tcase_add_test(c, what_was_seen_is_recognised);
    tcase_add_test(c, the_digests_are_of_the_bytes);
    tcase_add_test(c, bytes_that_are_no_certificate_are_kept_like_any);
    tcase_add_test(c, the_one_unused_longest_goes_first);
    tcase_add_test(c, what_is_in_use_stays);
    tcase_add_test(c, the_pool_is_the_limit);
    tcase_add_test(c, a_large_one_takes_the_room_of_many_small_ones);
    tcase_add_test(c, an_arena_without_room_says_so);
    suite_add_tcase(s, c);
    return s;
}
