/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/extensions.h"
#include "dissect/fingerprint.h"
#include "tests/support/hex.h"

#include <check.h>
#include <stdio.h>
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

/* What is remembered of a hello is what would be computed anew. */
static void
check_memory(const struct client_hello *hello, enum ja4_transport transport, const char *ja4)
{
    char ja3[JA3_TEXT];
    fingerprint_ja3(fingerprinter, hello, ja3);
    for (int turn = 0; turn < 2; turn++) {
        char both[2][JA4_TEXT];
        fingerprint_client(fingerprinter, hello, transport, both[0], both[1]);
        ck_assert_str_eq(both[0], ja3);
        ck_assert_str_eq(both[1], ja4);
    }
}

/* A hello from its version, ciphers and the inside of its extensions. */
static const char *
ja4_of(const char *version, const char *ciphers, const char *extensions,
    enum ja4_transport transport, char out[JA4_TEXT])
{
    struct bytes cipher_bytes = hex(ciphers);
    struct bytes extension_bytes = hex(extensions);
    struct bytes version_bytes = hex(version);
    struct client_hello hello = {.ciphers = cipher_bytes, .extensions = extension_bytes};
    struct reader r = reader_over(version_bytes);
    hello.version = read_u16(&r);
    client_extensions_parse(extension_bytes, &hello);
    fingerprint_ja4(fingerprinter, &hello, transport, out);
    check_memory(&hello, transport, out);
    free((void *)cipher_bytes.at);
    free((void *)extension_bytes.at);
    free((void *)version_bytes.at);
    return out;
}

#define BROWSER_CIPHERS "1301 1302 1303 c02b c02f c02c c030 cca9 cca8 c013 c014 009c 009d 002f 0035"
#define BROWSER_EXTENSIONS                                                                         \
    "001b 0003 020002  0000 0006 0004 00 0001 'a'  0033 0000  0010 000e 000c 02 'h2' 08 "          \
    "'http/1.1'  4469 0000  0017 0000  002d 0002 0101"
#define BROWSER_MORE                                                                               \
    "0005 0005 0100000000  0023 0000  0012 0000  002b 0005 04 0304 0303  ff01 0001 00"             \
    "000b 0002 0100  000a 0004 0002 001d  0015 0000"
#define ALGORITHMS "000d 0012 0010 0403 0804 0401 0503 0805 0501 0806 0601"

static const struct known {
    const char *name;
    const char *version, *ciphers, *extensions;
    enum ja4_transport transport;
    const char *ja4;
} knowns[] = {
    {"the example of JA4's definition", "0303", BROWSER_CIPHERS,
        BROWSER_EXTENSIONS ALGORITHMS BROWSER_MORE, JA4_TCP,
        "t13d1516h2_8daaf6152771_e5627efa2ab1"},
    {"the same with GREASE everywhere", "0303", "8a8a" BROWSER_CIPHERS,
        "0a0a 0000" BROWSER_EXTENSIONS "000d 0014 0012 5a5a 0403 0804 0401 0503 0805 0501 0806 0601"
        "0005 0005 0100000000  0023 0000  0012 0000  002b 0007 06 fafa 0304 0303  ff01 0001 00"
        "000b 0002 0100  000a 0004 0002 001d  0015 0000 baba 0001 00",
        JA4_TCP, "t13d1516h2_8daaf6152771_e5627efa2ab1"},
    {"the same without signature algorithms", "0303", BROWSER_CIPHERS,
        BROWSER_EXTENSIONS "000d 0000" BROWSER_MORE, JA4_TCP,
        "t13d1516h2_8daaf6152771_6d807ffa2a79"},
    {"signature algorithms that are all GREASE", "0303", BROWSER_CIPHERS,
        BROWSER_EXTENSIONS "000d 0004 0002 0a0a" BROWSER_MORE, JA4_TCP,
        "t13d1516h2_8daaf6152771_6d807ffa2a79"},
    {"over QUIC", "0303", BROWSER_CIPHERS, BROWSER_EXTENSIONS ALGORITHMS BROWSER_MORE, JA4_QUIC,
        "q13d1516h2_8daaf6152771_e5627efa2ab1"},
    {"no extensions", "0301", "002f", "", JA4_TCP, "t10i010000_ba72b8082249_000000000000"},
    {"only extensions of the first part", "0301", "002f",
        "0000 0006 0004 00 0001 'a' 0010 0005 0003 02 'h2'", JA4_TCP,
        "t10d0102h2_ba72b8082249_000000000000"},
    {"nothing at all", "0303", "", "", JA4_TCP, "t12i000000_000000000000_000000000000"},
    {"only GREASE", "0303", "0a0a fafa", "0a0a 0000", JA4_TCP,
        "t12i000000_000000000000_000000000000"},
    {"a cipher twice", "0303", "1301 c02f 1301", "", JA4_TCP,
        "t12i030000_35f9668e23d2_000000000000"},
    {"a server_name that is empty", "0303", "002f", "0000 0000", JA4_TCP,
        "t12d010100_ba72b8082249_000000000000"},
    {"few extensions", "0303", "002f", "002b 0003 02 0304 000d 0004 0002 0403", JA4_TCP,
        "t13i010200_ba72b8082249_3953dc75acc4"},
};

START_TEST(known_hellos_have_their_ja4)
{
    const struct known *known = &knowns[_i];
    char ja4[JA4_TEXT];
    for (int time = 0; time < 2; time++) {
        ja4_of(known->version, known->ciphers, known->extensions, known->transport, ja4);
        ck_assert_msg(strcmp(ja4, known->ja4) == 0, "%s: %s", known->name, ja4);
    }
}
END_TEST

START_TEST(the_highest_version_shows)
{
    static const struct {
        const char *version, *supported, *mark;
    } cases[] = {
        {"0304", "", "t13"},
        {"0303", "", "t12"},
        {"0302", "", "t11"},
        {"0301", "", "t10"},
        {"0300", "", "ts3"},
        {"0002", "", "ts2"},
        {"feff", "", "td1"},
        {"fefd", "", "td2"},
        {"fefc", "", "td3"},
        {"0305", "", "t00"},
        {"0303", "002b 0005 04 0303 0304", "t13"},
        {"0303", "002b 0005 04 0304 7f17", "t00"}, /* a draft is higher, and has no mark */
        {"0303", "002b 0007 06 dada 0302 0303", "t12"},
        {"0301", "002b 0003 02 4a4a", "t10"},
        {"0301", "002b 0001 00", "t10"},
        {"fefd", "002b 0003 02 fefc", "td3"},
        {"fefd", "002b 0005 04 fefc fefd", "td2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char ja4[JA4_TEXT];
        ja4_of(cases[i].version, "002f", cases[i].supported, JA4_TCP, ja4);
        ja4[3] = '\0';
        ck_assert_str_eq(ja4, cases[i].mark);
    }
}
END_TEST

START_TEST(the_first_protocol_shows)
{
    static const struct {
        const char *alpn, *mark; /* the inside of the list */
    } cases[] = {
        {"02 'h2'", "h2"}, {"08 'http/1.1' 02 'h2'", "h1"}, {"01 'x'", "xx"}, {"00", "00"},
        {"", "00"}, {"01 ab", "ab"}, {"02 ab cd", "ad"}, {"02 30 ab", "3b"},
        {"04 30 31 ab cd", "3d"}, {"04 30 ab cd 31", "01"}, {"02 'A' 'Z'", "AZ"},
        {"03 'a-' '-'", "6d"}, {"02 2f 30", "20"}, {"02 39 3a", "3a"}, {"02 40 41", "41"},
        {"02 5a 5b", "5b"}, {"02 60 61", "61"}, {"02 7a 7b", "7b"}, {"02 0a 0a", "0a"},
        {"02 00 ff", "0f"}, {"05 'ab'", "00"}, /* longer than the list */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes list = hex(cases[i].alpn);
        char extension[128];
        char ja4[JA4_TEXT];
        snprintf(extension, sizeof extension, "0010 %04zx %04zx %s", list.len + 2, list.len,
            cases[i].alpn);
        ja4_of("0303", "002f", extension, JA4_TCP, ja4);
        ja4[10] = '\0';
        ck_assert_str_eq(ja4 + 8, cases[i].mark);
        free((void *)list.at);
    }
}
END_TEST

/* Every byte as the only one of the first protocol: always two characters anyone can print. */
START_TEST(any_byte_of_a_protocol_is_printable)
{
    for (unsigned byte = 0; byte <= 0xff; byte++) {
        uint8_t alpn[] = {1, (uint8_t)byte};
        struct client_hello hello = {.version = 0x0303, .alpn = bytes_of(alpn, sizeof alpn)};
        char ja4[JA4_TEXT];
        fingerprint_ja4(fingerprinter, &hello, JA4_TCP, ja4);
        check_memory(&hello, JA4_TCP, ja4);
        ck_assert_uint_eq(strlen(ja4), JA4_TEXT - 1);
        ck_assert_uint_eq(
            strspn(ja4, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"),
            JA4_TEXT - 1);
    }
}
END_TEST

/* Longer lists are sorted in another way than short ones. */
START_TEST(long_lists_are_counted_up_to_99_and_digested_whole)
{
    enum { MANY = 100, MOST = 32767 };
    static uint8_t ciphers[2 * MOST];
    struct client_hello hello = {.version = 0x0303};
    char ja4[JA4_TEXT];
    for (unsigned i = 0; i < MANY; i++)
        ciphers[2 * i + 1] = (uint8_t)(MANY - i);
    hello.ciphers = bytes_of(ciphers, 2 * 99);
    fingerprint_ja4(fingerprinter, &hello, JA4_TCP, ja4);
    ck_assert_int_eq(strncmp(ja4, "t12i990000_", 11), 0);
    hello.ciphers = bytes_of(ciphers, 2 * MANY);
    fingerprint_ja4(fingerprinter, &hello, JA4_TCP, ja4);
    ck_assert_str_eq(ja4, "t12i990000_23fcf16c6918_000000000000");

    char other[JA4_TEXT];
    hello.ciphers = bytes_of(ciphers, sizeof ciphers);
    fingerprint_ja4(fingerprinter, &hello, JA4_TCP, ja4);
    ciphers[sizeof ciphers - 1] = 7;
    fingerprint_ja4(fingerprinter, &hello, JA4_TCP, other);
    ck_assert_uint_eq(strlen(other), JA4_TEXT - 1);
    ck_assert_str_ne(ja4, other);
}
END_TEST

START_TEST(the_order_of_what_is_sorted_does_not_matter)
{
    enum { NUMBERS = 200 };
    uint8_t up[2 * NUMBERS];
    uint8_t down[2 * NUMBERS];
    for (unsigned len = 1; len <= NUMBERS; len++) {
        char ja4[2][JA4_TEXT];
        for (unsigned i = 0; i < len; i++) {
            unsigned number = (i * 40503U + 1) & 0xffff;
            up[2 * i] = down[2 * (len - 1 - i)] = (uint8_t)(number >> 8);
            up[2 * i + 1] = down[2 * (len - 1 - i) + 1] = (uint8_t)number;
        }
        struct client_hello hello = {.version = 0x0303, .ciphers = bytes_of(up, (size_t)2 * len)};
        fingerprint_ja4(fingerprinter, &hello, JA4_TCP, ja4[0]);
        hello.ciphers = bytes_of(down, (size_t)2 * len);
        fingerprint_ja4(fingerprinter, &hello, JA4_TCP, ja4[1]);
        ck_assert_str_eq(ja4[0], ja4[1]);
    }
}
END_TEST

START_TEST(a_hello_of_sslv2_has_none)
{
    struct client_hello hello = {.sslv2 = true, .version = 0x0301};
    char ja4[JA4_TEXT] = "not empty";
    fingerprint_ja4(fingerprinter, &hello, JA4_TCP, ja4);
    check_memory(&hello, JA4_TCP, ja4);
    ck_assert_str_eq(ja4, "");
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("ja4");
    TCase *t = tcase_create("ja4");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_loop_test(t, known_hellos_have_their_ja4, 0, sizeof knowns / sizeof *knowns);
    tcase_add_test(t, the_highest_version_shows);
    tcase_add_test(t, the_first_protocol_shows);
    tcase_add_test(t, any_byte_of_a_protocol_is_printable);
    tcase_add_test(t, long_lists_are_counted_up_to_99_and_digested_whole);
    tcase_add_test(t, the_order_of_what_is_sorted_does_not_matter);
    tcase_add_test(t, a_hello_of_sslv2_has_none);
    suite_add_tcase(s, t);
    return s;
}
