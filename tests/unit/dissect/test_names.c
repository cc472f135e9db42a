/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/names.h"

#include <check.h>

START_TEST(versions_have_names)
{
    static const struct {
        uint16_t version;
        const char *name;
    } cases[] = {
        {0x0002, "SSLv2"},
        {0x0300, "SSLv3"},
        {0x0301, "TLSv10"},
        {0x0302, "TLSv11"},
        {0x0303, "TLSv12"},
        {0x0304, "TLSv13"},
        {0xfeff, "DTLSv10"},
        {0xfefd, "DTLSv12"},
        {0xfefc, "DTLSv13"},
        {0x0101, "TLCPv11"},
        {0x0100, "DTLSv10-openssl"},
        {0x7f0e, "TLSv13-draft14"},
        {0x7f12, "TLSv13-draft18"},
        {0x7f1c, "TLSv13-draft28"},
        {0x7fff, "unknown-32767"},
        {0xfb1a, "unknown-64282"},
        {0x0305, "unknown-773"},
        {0x0000, "unknown-0"},
        {0xffff, "unknown-65535"},
    };
    char buffer[NAME_BUFFER];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_str_eq(version_name(cases[i].version, buffer), cases[i].name);
}
END_TEST

START_TEST(ciphers_have_names)
{
    static const struct {
        uint32_t cipher;
        const char *name;
    } cases[] = {
        {0x0000, "TLS_NULL_WITH_NULL_NULL"},
        {0x0005, "TLS_RSA_WITH_RC4_128_SHA"},
        {0x0018, "TLS_DH_ANON_WITH_RC4_128_MD5"},
        {0x1301, "TLS_AES_128_GCM_SHA256"},
        {0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
        {0xcc13, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256_OLD"},
        {0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
        {0xe011, "ECDHE_SM4_CBC_SM3"},
        {0x0a0a, "grease_0x0A0A"},
        {0xfafa, "grease_0xFAFA"},
        {0xfefe, "SSL_RSA_FIPS_WITH_DES_CBC_SHA"},
        {0xffe1, "SSL_RSA_FIPS_WITH_DES_CBC_SHA_2"},
        {0x010080, "SSLv20_CK_RC4_128_WITH_MD5"},
        {0x0700c0, "SSLv20_CK_DES_192_EDE3_CBC_WITH_MD5"},
        {0x00fe, "unknown-254"},
        {0xffff, "unknown-65535"},
        {0xffffffff, "unknown-4294967295"},
    };
    char buffer[NAME_BUFFER];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_str_eq(cipher_name(cases[i].cipher, buffer), cases[i].name);
}
END_TEST

START_TEST(groups_have_names)
{
    static const struct {
        uint16_t group;
        const char *name;
    } cases[] = {
        {1, "sect163k1"},
        {23, "secp256r1"},
        {29, "x25519"},
        {41, "curveSM2"},
        {256, "ffdhe2048"},
        {0x11ec, "X25519MLKEM768"},
        {0x6399, "X25519Kyber768Draft00"},
        {0xff02, "arbitrary_explicit_char2_curves"},
        {0xaaaa, "grease_0xAAAA"},
        {0, "unknown-0"},
        {0x11ef, "unknown-4591"},
    };
    char buffer[NAME_BUFFER];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_str_eq(group_name(cases[i].group, buffer), cases[i].name);
}
END_TEST

START_TEST(alerts_have_names)
{
    static const struct {
        uint8_t description;
        const char *name;
    } cases[] = {
        {0, "close_notify"},
        {40, "handshake_failure"},
        {42, "bad_certificate"},
        {48, "unknown_ca"},
        {116, "certificate_required"},
        {121, "ech_required"},
        {112, "unrecognized_name"},
        {2, "unknown-2"},
        {255, "unknown-255"},
    };
    char buffer[NAME_BUFFER];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_str_eq(alert_name(cases[i].description, buffer), cases[i].name);
}
END_TEST

/* A number is looked up by halving: one that is out of order would not be found. */
START_TEST(every_number_has_a_name_of_its_own_kind)
{
    char buffer[NAME_BUFFER];
    unsigned named = 0;
    for (uint32_t number = 0; number <= 0xffff; number++)
        named += cipher_name(number, buffer) != buffer;
    ck_assert_uint_gt(named, 400);
    named = 0;
    for (uint32_t number = 0; number <= 0xff; number++)
        named += alert_name((uint8_t)number, buffer) != buffer;
    ck_assert_uint_gt(named, 35);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("names");
    TCase *t = tcase_create("names");
    tcase_add_test(t, versions_have_names);
    tcase_add_test(t, ciphers_have_names);
    tcase_add_test(t, groups_have_names);
    tcase_add_test(t, alerts_have_names);
    tcase_add_test(t, every_number_has_a_name_of_its_own_kind);
    suite_add_tcase(s, t);
    return s;
}
