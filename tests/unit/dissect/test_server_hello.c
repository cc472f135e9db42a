/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/extensions.h"
#include "tests/support/hex.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define RANDOM "000102030405060708090a0b0c0d0e0f 101112131415161718191a1b1c1d1e1f    # random\n"
#define RETRY "cf21ad74e59a6111be1d8c021e65b891 c2a211167abb8c5e079e09e2c8a8339c    # retry\n"

static const char tls13[] =
    "0303                 # legacy_version\n" RANDOM "02 abcd              # session id\n"
    "1301 00              # cipher, compression\n"
    "0017                 # extensions\n"
    "   002b 0002 0304    # supported_versions\n"
    "   0033 0007 001d 0003 010203\n"
    "   0029 0002 0000    # pre_shared_key\n";

static const char tls12[] = "0303\n" RANDOM "00  c02f 00\n"
                            "001b                 # extensions\n"
                            "   0010 0005 0003 02 'h2'\n"
                            "   0023 0000         # session_ticket\n"
                            "   0005 0000         # status_request\n"
                            "   0013 0001 02      # client_certificate_type: raw public key\n"
                            "   0014 0001 02      # server_certificate_type\n";

static struct server_hello
parse(const char *text, bool good)
{
    struct bytes b = hex(text);
    struct server_hello hello;
    ck_assert_msg(server_hello_parse(b, &hello) == good, "%s", text);
    free((void *)b.at); /* only what is no slice is looked at */
    return hello;
}

START_TEST(an_answer_of_tls13_is_read)
{
    struct server_hello hello = parse(tls13, true);
    ck_assert_uint_eq(hello.version, 0x0304);
    ck_assert_uint_eq(hello.legacy_version, 0x0303);
    ck_assert_uint_eq(hello.cipher, 0x1301);
    ck_assert_uint_eq(hello.session_id.len, 2);
    ck_assert(hello.has_group && hello.group == 0x001d);
    ck_assert(hello.has_psk && !hello.retry && !hello.has_alpn);
    ck_assert_uint_eq(hello.malformed_extensions, 0);
}
END_TEST

START_TEST(an_answer_of_tls12_is_read)
{
    struct bytes b = hex(tls12);
    struct server_hello hello;
    ck_assert(server_hello_parse(b, &hello));
    ck_assert_uint_eq(hello.version, 0x0303);
    ck_assert(hello.has_alpn && bytes_equal_string(hello.alpn, "h2"));
    ck_assert(hello.has_ticket && hello.status_request);
    ck_assert_uint_eq(hello.client_certificate_type, 2);
    ck_assert_uint_eq(hello.server_certificate_type, 2);
    ck_assert_uint_eq(hello.malformed_extensions, 0);
    ck_assert(!hello.has_psk && !hello.has_group);
    free((void *)b.at);
}
END_TEST

START_TEST(a_retry_names_a_group)
{
    struct server_hello hello =
        parse("0303" RETRY "00 1302 00  000c 002b 0002 0304 0033 0002 0018", true);
    ck_assert(hello.retry && hello.has_group);
    ck_assert_uint_eq(hello.group, 0x0018);
    ck_assert_uint_eq(hello.version, 0x0304);
    hello = parse("0303" RETRY "00 1302 00  000c 002b 0002 0304 002c 0002 abcd", true);
    ck_assert(hello.retry && !hello.has_group);
}
END_TEST

START_TEST(drafts_before_22_are_short)
{
    struct server_hello hello = parse("7f12" RANDOM "1301 000a 0028 0006 001d 0002 abcd", true);
    ck_assert_uint_eq(hello.version, 0x7f12);
    ck_assert_uint_eq(hello.cipher, 0x1301);
    ck_assert(hello.has_group && hello.group == 0x001d);
    hello = parse("7f15" RANDOM "1302 0000", true);
    ck_assert_uint_eq(hello.cipher, 0x1302);
    hello = parse("7f16" RANDOM "00 1303 00 0000", true);
    ck_assert_uint_eq(hello.cipher, 0x1303);
}
END_TEST

START_TEST(an_answer_that_ends_early_is_malformed)
{
    static const char *const texts[] = {tls13, tls12};
    static const size_t extensions[] = {0x17 + 2, 0x1b + 2};
    struct bytes b = hex(texts[_i]);
    for (size_t len = 0; len < b.len; len++) {
        struct server_hello hello;
        uint8_t *copy = malloc(len ? len : 1);
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, b.at, len);
        bool may_end = len == b.len - extensions[_i];
        ck_assert_msg(server_hello_parse(bytes_of(copy, len), &hello) == may_end, "%zu", len);
        free(copy);
    }
    free((void *)b.at);
}
END_TEST

static const struct oddity {
    const char *name;
    const char *extensions;
    bool good;
    unsigned malformed;
    uint16_t version;
} oddities[] = {
    {"no extensions", "0000", true, 0, 0x0303},
    {"a byte behind them", "0000 00", false, 0, 0x0303},
    {"an extension cut off", "0003 002b 00", false, 0, 0x0303},
    {"supported_versions as a client sends it", "0007 002b 0003 02 0304", true, 1, 0x0303},
    {"supported_versions empty", "0004 002b 0000", true, 1, 0x0303},
    {"supported_versions twice", "000c 002b 0002 0304 002b 0002 0302", true, 1, 0x0304},
    {"a key share without a key", "0006 0033 0002 001d", true, 1, 0x0303},
    {"two ALPN names", "000a 0010 0006 0004 01 'a' 01 'b'", true, 1, 0x0303},
    {"an ALPN list without a name", "0006 0010 0002 0000", true, 1, 0x0303},
    {"server_name, which means yes", "0004 0000 0000", true, 0, 0x0303},
    {"pre_shared_key of three bytes", "0007 0029 0003 000000", true, 1, 0x0303},
    {"certificate type empty", "0004 0014 0000", true, 1, 0x0303},
};

START_TEST(oddities_of_answers)
{
    const struct oddity *odd = &oddities[_i];
    char text[512];
    snprintf(text, sizeof text, "0303 %064d 00 1301 00 %s", 0, odd->extensions);
    struct server_hello hello = parse(text, odd->good);
    ck_assert_msg(hello.malformed_extensions == odd->malformed, "%s: %u", odd->name,
        hello.malformed_extensions);
    ck_assert_msg(hello.version == odd->version, "%s", odd->name);
    ck_assert_msg(!hello.has_psk && !hello.has_group, "%s", odd->name);
}
END_TEST

START_TEST(an_sslv2_answer_is_read)
{
    struct bytes b = hex("04 00 01          # SERVER-HELLO, a new session, X.509\n"
                         "0002              # version\n"
                         "0004 0006 0003    # lengths: certificate, ciphers, connection id\n"
                         "'cert' 0700c0 010080 c0ffee");
    struct server_hello hello;
    ck_assert(server_hello_parse_sslv2(b, &hello));
    ck_assert(hello.sslv2 && !hello.sslv2_resumed);
    ck_assert_uint_eq(hello.version, 0x0002);
    ck_assert(bytes_equal_string(hello.sslv2_certificate, "cert"));
    ck_assert_uint_eq(hello.sslv2_cipher, 0x0700c0);
    ck_assert_uint_eq(hello.random.len, 3);
    ck_assert_uint_eq(hello.session_id.len, 0);
    for (size_t len = 0; len < b.len; len++)
        ck_assert(!server_hello_parse_sslv2(bytes_first(b, len), &hello));
    free((void *)b.at);

    b = hex("04 01 00 0002 0000 0000 0001 aa");
    ck_assert(server_hello_parse_sslv2(b, &hello) && hello.sslv2_resumed);
    ck_assert(hello.sslv2_certificate.len == 0 && hello.sslv2_cipher == 0);
    free((void *)b.at);
}
END_TEST

START_TEST(which_versions_hide_certificates)
{
    static const struct {
        uint16_t version;
        bool hides;
    } cases[] = {
        {0x0002, false},
        {0x0100, false},
        {0x0101, false},
        {0x0300, false},
        {0x0303, false},
        {0x0304, true},
        {0x0305, false},
        {0x7a12, true},
        {0x7e02, true},
        {0x7f12, true},
        {0x7f1c, true},
        {0xfb17, true},
        {0xfb1a, true},
        {0xfeff, false},
        {0xfefd, false},
        {0xfefc, true},
        {0x0000, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(version_hides_certificates(cases[i].version) == cases[i].hides, "%04x",
            cases[i].version);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("server_hello");
    TCase *t = tcase_create("server_hello");
    tcase_add_test(t, an_answer_of_tls13_is_read);
    tcase_add_test(t, an_answer_of_tls12_is_read);
    tcase_add_test(t, a_retry_names_a_group);
    tcase_add_test(t, drafts_before_22_are_short);
    tcase_add_loop_test(t, an_answer_that_ends_early_is_malformed, 0, 2);
    tcase_add_loop_test(t, oddities_of_answers, 0, sizeof oddities / sizeof *oddities);
    tcase_add_test(t, an_sslv2_answer_is_read);
    tcase_add_test(t, which_versions_hide_certificates);
    suite_add_tcase(s, t);
    return s;
}
