/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/fingerprint.h"
#include "tests/support/hex.h"

#include <check.h>
#include <stdlib.h>

static struct pool pool;
static struct fingerprinter *fingerprinter;

static void
set_up(void)
{
    pool = (struct pool){.limit = 1 << 20};
    fingerprinter = fingerprinter_new(&pool);
}

static void
tear_down(void)
{
    fingerprinter_free(fingerprinter);
    ck_assert_uint_eq(pool.used, 0);
}

/* The first two are the examples of JA3's own description; the others are MD5 of the text. */
static const struct known {
    const char *name;
    uint16_t version;
    const char *ciphers, *extensions, *groups, *point_formats;
    const char *ja3;
} knowns[] = {
    {"769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0", 769,
        "002f 0035 0005 000a c009 c00a c013 c014 0032 0038 0013 0004",
        "0000 0001 00  000a 0000  000b 0002 0000", "0017 0018 0019", "00",
        "ada70206e40642a3e4461f35503241d5"},
    {"769,4-5-10-9-100-98-3-6-19-18-99,,,", 769,
        "0004 0005 000a 0009 0064 0062 0003 0006 0013 0012 0063", "", "", "",
        "de350869b8c85de67a350c8d186f11e6"},
    {"the second with GREASE everywhere", 769,
        "0a0a 0004 0005 000a 0009 0064 0062 1a1a 0003 0006 0013 0012 0063 fafa",
        "0a0a 0000 baba 0001 00", "2a2a", "", "de350869b8c85de67a350c8d186f11e6"},
    {"nothing but a version: 0,,,,", 0, "", "", "", "", "2432bebf06532faf89aae784a9aae4ef"},
    {"point formats have no GREASE: 771,,,,10", 771, "", "", "", "0a",
        "f0a6f1f272210d7611ba4ccdf8b45fc1"},
};

static struct client_hello
hello_of(const struct known *known)
{
    return (struct client_hello){
        .version = known->version,
        .ciphers = hex(known->ciphers),
        .extensions = hex(known->extensions),
        .groups = hex(known->groups),
        .point_formats = hex(known->point_formats),
    };
}

static void
let_go(const struct client_hello *hello)
{
    free((void *)hello->ciphers.at);
    free((void *)hello->extensions.at);
    free((void *)hello->groups.at);
    free((void *)hello->point_formats.at);
}

START_TEST(known_hellos_have_their_ja3)
{
    struct client_hello hello = hello_of(&knowns[_i]);
    char ja3[JA3_TEXT];
    for (int time = 0; time < 3; time++) { /* computed, then remembered */
        fingerprint_ja3(fingerprinter, &hello, ja3);
        ck_assert_msg(strcmp(ja3, knowns[_i].ja3) == 0, "%s: %s", knowns[_i].name, ja3);
    }
    let_go(&hello);
}
END_TEST

START_TEST(a_broken_list_of_extensions_counts_up_to_the_break)
{
    struct client_hello hello = hello_of(&knowns[0]);
    char ja3[JA3_TEXT];
    free((void *)hello.extensions.at);
    hello.extensions = hex("0000 0000 000a 0000 000b 0000 0010 ffff 00");
    fingerprint_ja3(fingerprinter, &hello, ja3);
    ck_assert_str_eq(ja3, knowns[0].ja3);
    let_go(&hello);
}
END_TEST

START_TEST(known_answers_have_their_ja3s)
{
    static const struct {
        uint16_t version, legacy_version, cipher;
        const char *extensions, *ja3s;
    } cases[] = {
        /* 769,47,65281-0-11-35-5-16 */
        {0x0301, 0x0301, 0x002f,
            "ff01 0001 00 0000 0000 000b 0002 0100 0023 0000 0005 0000 0010 0000",
            "836ce314215654b5b1f85f97c73e506f"},
        /* 771,4866,43-51: the version that was agreed on stands in the extension only */
        {0x0304, 0x0303, 0x1302, "002b 0002 0304 0033 0002 001d",
            "15af977ce25de452b96affa2addb1036"},
        /* 768,10, */
        {0x0300, 0x0300, 0x000a, "", "beee243d749b8f43c283eeaf7517600d"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct server_hello hello = {.version = cases[i].version,
            .legacy_version = cases[i].legacy_version,
            .cipher = cases[i].cipher,
            .extensions = hex(cases[i].extensions)};
        char ja3s[JA3_TEXT];
        fingerprint_ja3s(fingerprinter, &hello, ja3s);
        ck_assert_str_eq(ja3s, cases[i].ja3s);
        free((void *)hello.extensions.at);
    }
}
END_TEST

START_TEST(hellos_of_sslv2_have_none)
{
    struct client_hello client = {.sslv2 = true, .version = 0x0301};
    struct server_hello server = {.sslv2 = true};
    char text[JA3_TEXT] = "not empty";
    fingerprint_ja3(fingerprinter, &client, text);
    ck_assert_str_eq(text, "");
    memcpy(text, "not empty", 10);
    fingerprint_ja3s(fingerprinter, &server, text);
    ck_assert_str_eq(text, "");
}
END_TEST

/* More hellos than are remembered: each still has the fingerprint it had the first time. */
START_TEST(the_cache_is_bounded_and_never_wrong)
{
    enum { HELLOS = 10000, SOME = 97 };
    static char first[HELLOS][JA3_TEXT];
    size_t used = 0;
    for (int round = 0; round < 2; round++) {
        for (unsigned i = 0; i < HELLOS; i += round ? SOME : 1) {
            uint8_t ciphers[] = {(uint8_t)(i >> 8), (uint8_t)i, 0x00, 0x2f};
            struct client_hello hello = {
                .version = 0x0303, .ciphers = bytes_of(ciphers, sizeof ciphers)};
            char ja3[JA3_TEXT];
            fingerprint_ja3(fingerprinter, &hello, ja3);
            if (!round)
                memcpy(first[i], ja3, sizeof ja3);
            ck_assert_str_eq(ja3, first[i]);
            ck_assert_uint_eq(strlen(ja3), 32);
            used = i == HELLOS / 2 && !round ? pool.used : used;
        }
    }
    ck_assert_uint_le(pool.used, used);
    ck_assert_str_ne(first[1], first[2]);
}
END_TEST

START_TEST(without_memory_there_is_no_cache_or_no_fingerprint)
{
    struct client_hello hello = hello_of(&knowns[0]);
    char ja3[JA3_TEXT];
    pool.limit = 600; /* enough for the lists, not for remembering them */
    fingerprint_ja3(fingerprinter, &hello, ja3);
    ck_assert_str_eq(ja3, knowns[0].ja3);
    ck_assert_uint_le(pool.used, pool.limit);

    uint8_t many[4000] = {0};
    struct client_hello large = {.version = 0x0303, .ciphers = bytes_of(many, sizeof many)};
    fingerprint_ja3(fingerprinter, &large, ja3);
    ck_assert_str_eq(ja3, "");
    fingerprint_ja3(fingerprinter, &hello, ja3);
    ck_assert_str_eq(ja3, knowns[0].ja3);
    let_go(&hello);

    struct pool none = {.limit = 0};
    struct fingerprinter *poor = fingerprinter_new(&none);
    fingerprint_ja3(poor, &large, ja3);
    ck_assert_str_eq(ja3, "");
    fingerprinter_free(poor);
}
END_TEST

START_TEST(a_hello_of_the_largest_size_is_digested_whole)
{
    enum { CIPHERS = 65534 };
    static uint8_t ciphers[CIPHERS];
    struct client_hello hello = {.version = 0x0303, .ciphers = bytes_of(ciphers, CIPHERS)};
    char ja3[2][JA3_TEXT];
    fingerprint_ja3(fingerprinter, &hello, ja3[0]);
    ciphers[CIPHERS - 1] = 1;
    fingerprint_ja3(fingerprinter, &hello, ja3[1]);
    ck_assert_uint_eq(strlen(ja3[0]), 32);
    ck_assert_str_ne(ja3[0], ja3[1]);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("ja3");
    TCase *t = tcase_create("ja3");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_loop_test(t, known_hellos_have_their_ja3, 0, sizeof knowns / sizeof *knowns);
    tcase_add_test(t, a_broken_list_of_extensions_counts_up_to_the_break);
    tcase_add_test(t, known_answers_have_their_ja3s);
    tcase_add_test(t, hellos_of_sslv2_have_none);
    tcase_add_test(t, the_cache_is_bounded_and_never_wrong);
    tcase_add_test(t, without_memory_there_is_no_cache_or_no_fingerprint);
    tcase_add_test(t, a_hello_of_the_largest_size_is_digested_whole);
    suite_add_tcase(s, t);
    return s;
}
