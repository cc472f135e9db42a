/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/spelling.h"
#include "tests/support/lists.h"
#include "tests/support/told.h"

#include <check.h>

/* 32 times dd, the digest of the server's authority's key in the hand-made session. */
#define ISSUER "3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d0="
#define AUTHORITY "3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d0"

/* The session, in which the server's authority has the name of its leaf's issuer. */
static void
signed_by_authority(struct told *told)
{
    told_make(told);
    told->server_leaf.issuer = told->server_ca.subject = bytes_from_string("authority DER");
}

START_TEST(a_certificate_is_found_by_its_issuers_key)
{
    struct ruleset *rules = list_good(ISSUER, "01010a\n");
    struct verdict verdict = {0};
    struct told told;
    signed_by_authority(&told);
    ck_assert_str_eq(ruleset_report(rules, 0).format, "crlite");
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, 1);
    ck_assert_int_eq(verdict.hits[0].note, NOTE_REVOKED_CERTIFICATE);
    ck_assert_int_eq(verdict.hits[0].role, SERVER);
    ck_assert_int_eq(verdict.hits[0].chain_index, 0);
    ck_assert_str_eq(verdict.hits[0].indicator_type, "issuer-spki-serial");
    ck_assert_str_eq(verdict.hits[0].indicator,
        "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd serial 010A");
    ck_assert_str_eq(verdict.hits[0].description, "keyCompromise");
    told.server_ca.spki_sha256[0] ^= 1;
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, 0);
    signed_by_authority(&told);
    told.server_leaf.serial = bytes_of("\x01\x0b", 2);
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, 0);
    verdict_free(&verdict);
    ruleset_free(rules);
}
END_TEST

START_TEST(reasons_are_chosen)
{
    static const char content[] = "0000aa\n01010a\n0400ab\n09ff\n0500\n";
    static const struct {
        const char *format;
        size_t entries, skipped;
    } cases[] = {
        {"crlite", 3, 2},
        {"crlite,reasons=superseded", 1, 4},
        {"crlite,reasons=KeyCompromise+superseded", 2, 3},
        {"crlite,reasons=all", 5, 0},
        {"crlite,reason-byte=no", 5, 0},
        {"crlite,reason-byte=no,reasons=keyCompromise", 0, 5},
        {"crlite,reason-byte=no,reasons=none", 5, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fault why;
        struct ruleset *rules =
            list_load(cases[i].format, AUTHORITY ".revoked", bytes_from_string(content), &why);
        ck_assert_msg(rules != NULL, "%s", why.text);
        ck_assert_msg(ruleset_report(rules, 0).entries == cases[i].entries, "%s", cases[i].format);
        ck_assert_msg(ruleset_report(rules, 0).skipped == cases[i].skipped, "%s", cases[i].format);
        ruleset_free(rules);
    }
}
END_TEST

START_TEST(other_files_are_not_taken_for_it)
{
    struct ruleset *rules = list_good("x", "33333333333333333333333333333333\n");
    ck_assert_str_eq(ruleset_report(rules, 0).format, "plain");
    ruleset_free(rules);
    rules = list_good(ISSUER, "sha1:3333333333333333333333333333333333333333\n");
    ck_assert_str_eq(ruleset_report(rules, 0).format, "plain");
    ruleset_free(rules);
}
END_TEST

static const struct {
    const char *format, *name, *content, *complaint;
} mistakes[] = {
    {"crlite", "x", "01010a\n",
        "x: the name of the file is no SHA-256 of the issuer's key in base64: say it, "
        "crlite,issuer=…:FILE"},
    {"crlite,issuer=abc", "x", "01010a\n",
        "x: issuer is no SHA-256 of a key, in hexadecimal or base64"},
    {"crlite", ISSUER, "01010a\n33010a\n",
        ISSUER
        ":2: begins with no reason of RFC 5280; if the file has serial numbers only, say so: "
        "crlite,reason-byte=no:FILE"},
    {"crlite", ISSUER, "01\n", ISSUER ":1: has no serial number behind its reason"},
    {"crlite", ISSUER, "@01\n", ISSUER ":1: is no serial number in hexadecimal"},
    {"crlite", ISSUER, "01:01\n", ISSUER ":1: is no serial number in hexadecimal"},
    {"crlite,reason-byte=x", ISSUER, "01\n", ISSUER ": reason-byte is yes or no"},
    {"crlite,reasons=x", ISSUER, "01\n",
        ISSUER ": reasons are none, unspecified, keyCompromise, cACompromise, affiliationChanged, "
               "superseded, cessationOfOperation, certificateHold, removeFromCRL, "
               "privilegeWithdrawn, aACompromise, or all, with + between them"},
};

START_TEST(mistakes_are_told_by_line)
{
    struct fault why = {0};
    ck_assert_ptr_null(list_load(
        mistakes[_i].format, mistakes[_i].name, bytes_from_string(mistakes[_i].content), &why));
    ck_assert_str_eq(why.text, mistakes[_i].complaint);
}
END_TEST

START_TEST(every_beginning_of_a_list_is_read_without_harm)
{
    static const char good[] = "01010a\r\n0900ff\n";
    list_cut(NULL, ISSUER, bytes_from_string(good));
    list_cut("crlite", ISSUER, bytes_from_string(good));
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/formats/crlite");
    TCase *t = tcase_create("crlite");
    tcase_add_test(t, a_certificate_is_found_by_its_issuers_key);
    tcase_add_test(t, reasons_are_chosen);
    tcase_add_test(t, other_files_are_not_taken_for_it);
    tcase_add_loop_test(t, mistakes_are_told_by_line, 0, sizeof mistakes / sizeof *mistakes);
    tcase_add_test(t, every_beginning_of_a_list_is_read_without_harm);
    suite_add_tcase(s, t);
    return s;
}
