/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/extensions.h"
#include "tests/support/hex.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static const char good[] = "0303                                # legacy_version\n"
                           "000102030405060708090a0b0c0d0e0f\n"
                           "101112131415161718191a1b1c1d1e1f    # random\n"
                           "04 deadbeef                         # session id\n"
                           "0006 1301 1302 c02f                 # ciphers\n"
                           "01 00                               # compression\n"
                           "009e                                # extensions\n"
                           "   0000 0010                        # server_name\n"
                           "      000e 00 000b 'example.com'\n"
                           "   000a 0006  0004 001d 0017        # supported_groups\n"
                           "   000b 0002  01 00                 # ec_point_formats\n"
                           "   000d 0006  0004 0403 0804        # signature_algorithms\n"
                           "   0010 000e                        # ALPN\n"
                           "      000c 02 'h2' 08 'http/1.1'\n"
                           "   0005 0005 01 0000 0000           # status_request\n"
                           "   001b 0003 02 0002                # compress_certificate\n"
                           "   0023 0003 'tkt'                  # session_ticket\n"
                           "   0033 000b                        # key_share\n"
                           "      0009 001d 0005 0102030405\n"
                           "   002b 0005 04 0304 0303           # supported_versions\n"
                           "   002a 0000                        # early_data\n"
                           "   0031 0000                        # post_handshake_auth\n"
                           "   3374 0000                        # next_protocol_negotiation\n"
                           "   fe0d 0001 00                     # encrypted_client_hello\n"
                           "   7777 0002 abcd                   # nobody knows\n"
                           "   0029 0014                        # pre_shared_key\n"
                           "      000a 0004 'tick' 00000000  0006 05 0102030405\n";

/* The bytes alone in memory, so that a read past their end is found out. */
static bool
parse_copy(struct bytes b, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);
    struct client_hello hello;
    ck_assert_ptr_nonnull(copy);
    if (len)
        memcpy(copy, b.at, len);
    bool whole = client_hello_parse(bytes_of(copy, len), &hello);
    free(copy);
    return whole;
}

START_TEST(all_of_a_hello_is_read)
{
    struct bytes b = hex(good);
    struct client_hello hello;
    ck_assert(client_hello_parse(b, &hello));
    ck_assert_uint_eq(hello.malformed_extensions, 0);
    ck_assert(!hello.sslv2);
    ck_assert_uint_eq(hello.version, 0x0303);
    ck_assert_uint_eq(hello.random.len, 32);
    ck_assert_uint_eq(hello.session_id.len, 4);
    ck_assert_uint_eq(hello.ciphers.len, 6);
    ck_assert_uint_eq(hello.compressions.len, 1);
    ck_assert(hello.has_extensions && hello.extensions.len == 0x9e);
    ck_assert(hello.has_server_name && hello.server_names == 1);
    ck_assert(bytes_equal_string(hello.server_name, "example.com"));
    ck_assert(bytes_equal_string(hello.alpn, "\2h2\10http/1.1"));
    ck_assert_uint_eq(hello.groups.len, 4);
    ck_assert_uint_eq(hello.point_formats.len, 1);
    ck_assert_uint_eq(hello.signature_algorithms.len, 4);
    ck_assert_uint_eq(hello.supported_versions.len, 4);
    ck_assert_uint_eq(hello.key_shares.len, 9);
    ck_assert(hello.has_ticket && bytes_equal_string(hello.ticket, "tkt"));
    ck_assert(hello.has_psk && bytes_equal_string(hello.psk_identity, "tick"));
    ck_assert(hello.early_data && hello.post_handshake_auth);
    ck_assert(hello.certificate_extras && hello.compressed_certificates);
    ck_assert(hello.encrypted_client_hello && hello.next_protocol_negotiation);
    free((void *)b.at);
}
END_TEST

START_TEST(a_hello_that_ends_early_is_malformed)
{
    struct bytes b = hex(good);
    size_t before_extensions = b.len - 0x9e - 2;
    for (size_t len = 0; len < b.len; len++)
        ck_assert_msg(parse_copy(b, len) == (len == before_extensions), "%zu bytes", len);
    ck_assert(parse_copy(b, b.len));
    free((void *)b.at);
}
END_TEST

static const struct oddity {
    const char *name;
    const char *extensions; /* with the length in front */
    bool good;
    unsigned malformed;
    const char *server_name; /* NULL: none */
} oddities[] = {
    {"no extensions in the vector", "0000", true, 0, NULL},
    {"a byte behind the extensions", "0000 00", false, 0, NULL},
    {"half a type", "0001 00", false, 0, NULL},
    {"a length without its bytes", "0005 0000 0002 00", false, 0, NULL},
    {"the name stands although what follows is broken", "000d 0000 0006 0004 00 0001 'a'  0010 ff",
        false, 0, "a"},
    {"an extension longer than the vector", "0004 0000 00ff", false, 0, NULL},
    {"empty server_name", "0004 0000 0000", true, 1, NULL},
    {"empty list of names", "0006 0000 0002 0000", true, 0, NULL},
    {"a name of no length", "0009 0000 0005 0003 00 0000", true, 0, ""},
    {"two host names", "000e 0000 000a 0008 00 0001 'a' 00 0001 'b'", true, 0, "a"},
    {"a name of another kind first", "000e 0000 000a 0008 07 0001 'a' 00 0001 'b'", true, 0, "b"},
    {"a name longer than its list", "000b 0000 0007 0005 00 0009 'ab'", true, 1, NULL},
    {"a byte behind the names", "000b 0000 0007 0004 00 0001 'a' 00", true, 1, "a"},
    {"server_name twice", "0014 0000 0006 0004 00 0001 'a' 0000 0006 0004 00 0001 'b'", true, 1,
        "a"},
    {"groups of odd length", "0009 000a 0005 0003 001d 00", true, 1, NULL},
    {"an empty list of groups", "0006 000a 0002 0000", true, 0, NULL},
    {"groups longer than their extension", "0008 000a 0004 0008 001d", true, 1, NULL},
    {"signature_algorithms empty", "0004 000d 0000", true, 1, NULL},
    {"supported_versions of odd length", "0008 002b 0004 03 0304 03", true, 1, NULL},
    {"an ALPN name longer than its list", "0008 0010 0004 0002 09 'h'", true, 1, NULL},
    {"a key share cut off", "000a 0033 0006 0004 001d 00ff", true, 1, NULL},
    {"random bytes where drafts had key shares", "000a 0028 0006 0004 abcd ef01", true, 1, NULL},
    {"pre_shared_key empty", "0004 0029 0000", true, 1, NULL},
    {"early_data with something in it", "0005 002a 0001 00", true, 1, NULL},
    {"GREASE empty and not", "0009 0a0a 0000 fafa 0001 00", true, 0, NULL},
};

START_TEST(oddities_are_taken_as_endpoints_take_them)
{
    const struct oddity *odd = &oddities[_i];
    char text[1024];
    snprintf(text, sizeof text, "0303 %064d 00 0002 1301 01 00 %s", 0, odd->extensions);
    struct bytes b = hex(text);
    struct client_hello hello;
    ck_assert_msg(client_hello_parse(b, &hello) == odd->good, "%s", odd->name);
    ck_assert_msg(hello.malformed_extensions == odd->malformed, "%s: %u", odd->name,
        hello.malformed_extensions);
    ck_assert_msg(hello.has_server_name == (odd->server_name != NULL), "%s", odd->name);
    ck_assert_msg(bytes_equal_string(hello.server_name, odd->server_name), "%s", odd->name);
    ck_assert_uint_eq(hello.ciphers.len, 2);
    for (size_t len = 0; len < b.len; len++)
        parse_copy(b, len);
    free((void *)b.at);
}
END_TEST

START_TEST(what_says_that_the_hello_is_encrypted)
{
    static const struct {
        const char *extension;
        bool encrypted;
    } cases[] = {
        {"fe07", false},
        {"fe08", true},
        {"fe09", true},
        {"fe0a", true},
        {"fe0b", true},
        {"fe0c", true},
        {"fe0d", true},
        {"fe0e", false},
        {"ffce", true},
        {"ffcf", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        snprintf(
            text, sizeof text, "0303 %064d 00 0002 1301 01 00 0004 %s 0000", 0, cases[i].extension);
        struct bytes b = hex(text);
        struct client_hello hello;
        ck_assert(client_hello_parse(b, &hello));
        ck_assert_msg(hello.encrypted_client_hello == cases[i].encrypted, "%s", cases[i].extension);
        free((void *)b.at);
    }
}
END_TEST

START_TEST(the_most_that_a_hello_can_hold)
{
    enum { CIPHERS = 65534, EXTENSIONS = 65532, HEAD = 35 };
    static uint8_t at[HEAD + 2 + CIPHERS + 2 + 2 + EXTENSIONS];
    struct client_hello hello;
    at[0] = at[1] = 3;
    at[HEAD] = CIPHERS >> 8;
    at[HEAD + 1] = CIPHERS & 0xff;
    at[HEAD + 2 + CIPHERS] = 1; /* compressions */
    at[HEAD + 2 + CIPHERS + 2] = EXTENSIONS >> 8;
    at[HEAD + 2 + CIPHERS + 3] = EXTENSIONS & 0xff;
    ck_assert(client_hello_parse(bytes_of(at, sizeof at), &hello));
    ck_assert_uint_eq(hello.ciphers.len, CIPHERS);
    ck_assert_uint_eq(hello.extensions.len, EXTENSIONS);
    ck_assert_uint_eq(hello.malformed_extensions, EXTENSIONS / 4); /* server_name, all empty */

    at[HEAD] = 0xff;
    at[HEAD + 1] = 0xff; /* an odd number of bytes, and the rest is no longer in its place */
    ck_assert(!client_hello_parse(bytes_of(at, sizeof at), &hello));
    ck_assert_uint_eq(hello.ciphers.len, 65535);
}
END_TEST

START_TEST(a_datagram_hello_has_a_cookie)
{
    static const char *const versions[] = {"feff", "fefd", "fefc", "0100"};
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        char text[256];
        snprintf(text, sizeof text, "%s %064d 01 aa  03 c00c1e  0002 c02f 01 00", versions[i], 0);
        struct bytes b = hex(text);
        struct client_hello hello;
        ck_assert(client_hello_parse(b, &hello));
        ck_assert(hello.session_id.len == 1 && hello.ciphers.len == 2 && !hello.has_extensions);
        free((void *)b.at);
    }
}
END_TEST

START_TEST(an_sslv2_hello_is_read)
{
    struct bytes b = hex("01          # CLIENT-HELLO\n"
                         "0301        # version: the client can do TLS 1.0\n"
                         "0006 0002 0010\n"
                         "010080 0700c0\n"
                         "abcd\n"
                         "000102030405060708090a0b0c0d0e0f");
    struct client_hello hello;
    ck_assert(client_hello_parse_sslv2(b, &hello));
    ck_assert(hello.sslv2 && !hello.has_extensions);
    ck_assert_uint_eq(hello.version, 0x0301);
    ck_assert_uint_eq(hello.ciphers.len, 6);
    ck_assert_uint_eq(hello.session_id.len, 2);
    ck_assert_uint_eq(hello.random.len, 16);
    for (size_t len = 0; len < b.len; len++) {
        uint8_t *copy = malloc(len ? len : 1);
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, b.at, len);
        ck_assert(!client_hello_parse_sslv2(bytes_of(copy, len), &hello));
        free(copy);
    }
    free((void *)b.at);
}
END_TEST

START_TEST(sslv2_hellos_that_are_none)
{
    static const struct {
        const char *name, *text;
    } cases[] = {
        {"another message", "04 0002 0003 0000 0000 010080"},
        {"a cipher of two bytes", "01 0002 0002 0000 0000 0100"},
        {"a byte behind it", "01 0002 0003 0000 0000 010080 00"},
        {"a challenge that is not there", "01 0002 0003 0000 0010 010080"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes b = hex(cases[i].text);
        struct client_hello hello;
        ck_assert_msg(!client_hello_parse_sslv2(b, &hello), "%s", cases[i].name);
        free((void *)b.at);
    }
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("client_hello");
    TCase *t = tcase_create("client_hello");
    tcase_add_test(t, all_of_a_hello_is_read);
    tcase_add_test(t, a_hello_that_ends_early_is_malformed);
    tcase_add_loop_test(
        t, oddities_are_taken_as_endpoints_take_them, 0, sizeof oddities / sizeof *oddities);
    tcase_add_test(t, what_says_that_the_hello_is_encrypted);
    tcase_add_test(t, the_most_that_a_hello_can_hold);
    tcase_add_test(t, a_datagram_hello_has_a_cookie);
    tcase_add_test(t, an_sslv2_hello_is_read);
    tcase_add_test(t, sslv2_hellos_that_are_none);
    suite_add_tcase(s, t);
    return s;
}
