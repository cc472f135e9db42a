/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/logs/x509.h"
#include "feed/writer.h"
#include "tests/support/folder.h"
#include "tests/support/told.h"

#include <check.h>

static void
check(const struct told *told, enum role role, size_t index, const char *const (*wanted)[2],
    size_t count)
{
    struct x509_row row;
    struct text out = {0};
    x509_row_fill(&row, &told->session, role, index);
    tsv_writer.begin(&out, &x509_log, 0);
    tsv_writer.row(&out, &x509_log, &row);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(bytes_equal_string(column_of(&out, 0, wanted[i][0]), wanted[i][1]),
            "%s is not %s in %s", wanted[i][0], wanted[i][1], out.at);
    text_free(&out);
}

#define CHECK(told, role, index, table)                                                            \
    check(told, role, index, table, sizeof(table) / sizeof *(table))

START_TEST(a_server_leaf_fills_its_columns)
{
    static const char *const wanted[][2] = {
        {"ts", "1425932016.520157"},
        {"fingerprint", "1111111111111111111111111111111111111111111111111111111111111111"},
        {"certificate.version", "3"},
        {"certificate.serial", "010A"},
        {"certificate.subject", "CN=mail.example.com,O=Example\\\\, Inc."},
        {"certificate.issuer", "CN=Example CA"},
        {"certificate.not_valid_before", "1415404800.000000"},
        {"certificate.not_valid_after", "1573171199.000000"},
        {"certificate.key_alg", "rsaEncryption"},
        {"certificate.sig_alg", "sha256WithRSAEncryption"},
        {"certificate.key_type", "rsa"},
        {"certificate.key_length", "2048"},
        {"certificate.exponent", "65537"},
        {"certificate.curve", "-"},
        {"san.dns", "mail.example.com,odd\\x2cname"},
        {"san.uri", "-"},
        {"san.email", "-"},
        {"san.ip", "2001:db8::1"},
        {"basic_constraints.ca", "-"},
        {"basic_constraints.path_len", "-"},
        {"host_cert", "T"},
        {"client_cert", "F"},
        {"fingerprint_sha1", "1111111111111111111111111111111111111111"},
        {"fingerprint_md5", "11111111111111111111111111111111"},
        {"spki_sha256", "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"},
        {"first_uid", "CHhAvVGS1DHFjwGM9"},
    };
    struct told told;
    told_make(&told);
    CHECK(&told, SERVER, 0, wanted);
    ck_assert_uint_eq(sizeof wanted / sizeof *wanted, x509_log.len);
    for (size_t i = 0; i < x509_log.len; i++)
        ck_assert_str_eq(x509_log.columns[i].name, wanted[i][0]);
}
END_TEST

START_TEST(an_intermediate_is_no_host_certificate)
{
    static const char *const wanted[][2] = {{"host_cert", "F"}, {"client_cert", "F"},
        {"basic_constraints.ca", "T"}, {"basic_constraints.path_len", "0"}, {"san.dns", "-"}};
    struct told told;
    told_make(&told);
    CHECK(&told, SERVER, 1, wanted);
}
END_TEST

START_TEST(a_client_leaf_is_both)
{
    static const char *const wanted[][2] = {{"host_cert", "T"}, {"client_cert", "T"},
        {"basic_constraints.ca", "F"}, {"basic_constraints.path_len", "-"},
        {"certificate.curve", "prime256v1"}, {"certificate.exponent", "-"},
        {"certificate.key_type", "ecdsa"}};
    struct told told;
    told_make(&told);
    CHECK(&told, CLIENT, 0, wanted);
}
END_TEST

START_TEST(a_broken_certificate_tells_what_there_is)
{
    static const char *const wanted[][2] = {
        {"fingerprint", "4444444444444444444444444444444444444444444444444444444444444444"},
        {"certificate.version", "-"},
        {"certificate.serial", "-"},
        {"certificate.subject", "-"},
        {"certificate.issuer", "(empty)"}, /* a Name without parts */
        {"certificate.not_valid_before", "-62135596800.000000"},
        {"certificate.not_valid_after", "-"},
        {"certificate.key_length", "-"},
        {"basic_constraints.ca", "-"},
        {"spki_sha256", "-"},
    };
    struct told told;
    struct certificate broken = {
        .broken = "subject",
        .issuer = bytes_of("\x30\x00", 2),
        .has_not_before = true,
        .not_before = INT64_C(-62135596800), /* the year 1 */
        .path_len = -1,
    };
    told_make(&told);
    told_digests(&broken, 0x44);
    broken.spki_sha256_hex[0] = '\0';
    told.server_chain[0] = &broken;
    CHECK(&told, SERVER, 0, wanted);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *suite = suite_create("x509");
    TCase *tests = tcase_create("x509");
    tcase_add_test(tests, a_server_leaf_fills_its_columns);
    tcase_add_test(tests, an_intermediate_is_no_host_certificate);
    tcase_add_test(tests, a_client_leaf_is_both);
    tcase_add_test(tests, a_broken_certificate_tells_what_there_is);
    suite_add_tcase(suite, tests);
    return suite;
}
