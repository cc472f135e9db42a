/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/lists.h"

#include <check.h>

#define MD5 "0123456789abcdef0123456789abcdef"

static const char everything[] =
    "# What the vendor told us\n"
    "certtap: watchlist\n"
    "name: vendor\n"
    "defaults:\n"
    "  severity: critical\n"
    "  tlp: amber\n"
    "  role: client\n"
    "  not_from: [203.0.113.0/24, 2001:db8::/32]\n"
    "entries:\n"
    "  - description: \"Sync: certificate\"\n"
    "    certificate:\n"
    "      - sha256:" MD5 MD5 "\n"
    "      - " MD5 "\n"
    "    spki: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='\n"
    "    position: leaf\n"
    "    from: 10.0.0.0/8\n"
    "    to: [192.0.2.0/24]\n"
    "    service: [https, smtp]\n"
    "    valid_from: 2021-01-12\n"
    "    valid_until: 2022-01-12T00:00:00Z\n"
    "    used_after: 2021-01-01\n"
    "    used_before: 2023-01-01\n"
    "    reference: https://vendor.example/1\n"
    "    confidence: 90\n"
    "  - {issuer: 'CN=x', serial: 0A, allow: true}\n"
    "  - {domain: '*.example', server_name: a.example, san: b.example, common_name: c}\n"
    "  - {ja3: " MD5 ", ja3s: " MD5 ", ja4: t13d1516h2_8daaf6152771_e5627efa2ab1}\n"
    "  - {sha1: 0123456789abcdef0123456789abcdef01234567, subject: '*sync*',\n"
    "     md5: [" MD5 ", ffffffffffffffffffffffffffffff00], address: 192.0.2.1}\n"
    "  - {issuer_spki: " MD5 MD5 "}\n";

START_TEST(everything_can_be_said)
{
    struct ruleset *rules = list_good("own.yaml", everything);
    struct list_report report = ruleset_report(rules, 0);
    ck_assert_str_eq(report.name, "vendor");
    ck_assert_str_eq(report.format, "yaml");
    ck_assert_uint_eq(report.entries, 9);
    ck_assert_ptr_null(report.warning);
    ruleset_free(rules);
}
END_TEST

START_TEST(mistakes_are_told_by_line_and_column)
{
    static const struct {
        const char *content, *complaint;
    } cases[] = {
        {"entries:\n  - sha265: " MD5 "\n",
            "2:5: \"sha265\" is no key here; the nearest one that is known is \"sha256\""},
        {"entries:\n  - {not_form: 10.0.0.0/8}\n",
            "2:6: \"not_form\" is no key here; the nearest one that is known is \"not_from\""},
        {"entries:\n  - md5: " MD5 "\n    md5: " MD5 "\n", "3:5: \"md5\" stands here twice"},
        {"entries:\n  - md5: xyz\n", "2:10: \"xyz\" is no md5: that has 32 hexadecimal digits"},
        {"entries:\n  - md5: d41d8cd98f00b204e9800998ecf8427e\n",
            "2:10: this is the md5 of nothing (no bytes at all)"},
        {"entries:\n  - md5: " MD5 "\n    from: 10.0.0.1/8\n",
            "3:11: \"10.0.0.1/8\" is no address or network (or has bits past its prefix)"},
        {"entries:\n  - md5: " MD5 "\n    not_from: [vendor]\n",
            "3:16: \"vendor\" is no address or network (or has bits past its prefix)"},
        {"entries:\n  - md5: " MD5 "\n    not_from: []\n", "3:16: \"not_from\" has no value"},
        {"entries:\n  - md5: " MD5 "\n    from: 0.0.0.0/0\n",
            "3:11: a network of all addresses is no condition"},
        {"entries:\n  - md5: " MD5 "\n    to: '::/0'\n",
            "3:10: a network of all addresses is no condition"},
        {"entries:\n  - address: 0.0.0.0/0\n",
            "2:14: a network as large as this would match nearly everything"},
        {"entries:\n  - address: '::/0'\n",
            "2:15: a network as large as this would match nearly everything"},
        {"entries:\n  - address: '::ffff:0:0/96'\n",
            "2:15: a network as large as this would match nearly everything"},
        {"entries:\n  - subject: /x|/\n",
            "2:14: a regular expression like this would match nearly everything"},
        {"entries:\n  - md5: " MD5 "\n  - subject: /cn=.*/\n",
            "3: a regular expression like this would match nearly everything"},
        {"entries:\n  - issuer: /(evil/\n",
            "2:13: is no regular expression that can be used here: Missing close parenthesis for "
            "group started at index 0."},
        {"entries:\n  - subject: ''\n", "2:15: an empty text would match nearly everything"},
        {"entries:\n  - subject: '*'\n", "2:15: \"*\" would match nearly everything"},
        {"entries:\n  - subject: 'CN=*'\n", "2:15: \"cn=*\" would match nearly everything"},
        {"entries:\n  - domain: '*.*'\n", "2:14: \"*.*\" would match nearly everything"},
        {"entries:\n  - issuer: Vendor\n",
            "2:13: \"Vendor\" is no distinguished name such as CN=example,O=Example Ltd, nor a "
            "pattern with *"},
        {"entries:\n  - serial: 0A\n",
            "2:5: a serial number this short needs its issuer beside it"},
        {"entries:\n  - serial: hello\n", "2:13: \"hello\" is no serial number in hexadecimal"},
        {"entries:\n  - ja3: abc\n", "2:10: \"abc\" is no JA3: that has 32 hexadecimal digits"},
        {"entries:\n  - ja4: abc\n",
            "2:10: \"abc\" is no JA4 such as t13d1516h2_8daaf6152771_b186095e22b6"},
        {"entries:\n  - role: client\n",
            "2:5: this entry watches for nothing: give it a sha256, an issuer, …"},
        {"entries:\n  - md5: " MD5 "\n    role: vendor\n",
            "3:11: \"vendor\" is none of either, client, server"},
        {"entries:\n  - md5: " MD5 "\n    role: [client, server]\n",
            "3:11: \"role\" takes one value, not a list"},
        {"entries:\n  - md5: " MD5 "\n    severity: 3\n",
            "3:15: \"3\" is none of low, medium, high, critical"},
        {"entries:\n  - md5: " MD5 "\n    confidence: 101\n",
            "3:17: confidence is a number from 0 to 100"},
        {"entries:\n  - md5: " MD5 "\n    valid_until: tomorrow\n",
            "3:18: \"tomorrow\" is no time such as 2021-01-12 or 2021-01-12T10:00:00Z"},
        {"entries:\n  - md5: " MD5 "\n    used_after: 2021-02-30\n",
            "3:17: \"2021-02-30\" is no time such as 2021-01-12 or 2021-01-12T10:00:00Z"},
        {"entries:\n  - md5: " MD5 "\n    allow: maybe\n",
            "3:12: \"maybe\" is none of false, true"},
        {"entries:\n  - md5: {a: b}\n", "2:10: \"md5\" takes plain values"},
        {"entries:\n  - md5: [[a]]\n", "2:11: \"md5\" takes plain values"},
        {"entries:\n  - hello\n", "2:5: an entry is a mapping of keys to values"},
        {"entries: hello\n", "1:10: \"entries\" is a list"},
        {"name: x\n", "2:1: there are no \"entries\""},
        {"entries: []\nentries: []\n", "2:1: \"entries\" stands here twice"},
        {"entries: []\ndefaults: {role: client}\n", "2:1: \"defaults\" stand before \"entries\""},
        {"defaults: {md5: " MD5 "}\nentries: []\n",
            "1:12: \"md5\" is an entry's own and has no default"},
        {"version: 2\nentries: []\n",
            "1:1: \"version\" is no key here: there are certtap, name, defaults and entries"},
        {"certtap: rules\nentries: []\n", "1:10: \"certtap\" says \"watchlist\" here"},
        {"entries:\n  - &a {md5: " MD5 "}\n  - *a\n",
            "3:6: references (*name) are not understood here"},
        {"entries: []\n---\nentries: []\n", "2:1: a list is one document"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text complaint = {0};
        text_add_format(&complaint, "own.yaml:%s", cases[i].complaint);
        list_bad("own.yaml", cases[i].content, text_string(&complaint));
        text_free(&complaint);
    }
}
END_TEST

START_TEST(what_is_no_yaml_is_told_by_line_and_column)
{
    list_bad("own.yaml", "entries:\n  - description: [\n",
        "own.yaml:2:18: \"description\" takes one value, not a list");
    list_bad("own.yaml", "entries:\n  - {description: 'x\n",
        "own.yaml:2:20: single-quoted scalar without closing quote");
    list_bad("own.yaml", "entries:\n  - md5: " MD5 "\n   sha1: x\n",
        "own.yaml:3:4: did not find expected '-' indicator");
    list_bad("own.yaml", "entries:\n\t- md5\n",
        "own.yaml:2:1: tab character may not be used as indentation");
}
END_TEST

START_TEST(a_list_without_entries_has_a_warning)
{
    static const char *const cases[] = {"entries:\n", "entries: []\n",
        "certtap: watchlist\n"
        "entries:\n"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ruleset *rules = list_good("own.yaml", cases[i]);
        ck_assert_str_eq(
            ruleset_report(rules, 0).warning, "no entries: nothing is watched for by this list");
        ruleset_free(rules);
    }
}
END_TEST

START_TEST(what_stands_behind_a_nul_is_not_lost)
{
    static const char content[] = "entries:\n  - md5: 33333333333333333333333333333333\n\0  - md5: "
                                  "43333333333333333333333333333333\n";
    struct fault why;
    ck_assert_ptr_null(list_load("yaml", "x", bytes_of(content, sizeof content - 1), &why));
    ck_assert_str_eq(why.text, "x:3: has a NUL in it");
}
END_TEST

START_TEST(every_beginning_of_a_list_is_read_without_harm)
{
    list_cut("yaml", "own.yaml", bytes_from_string(everything));
}
END_TEST

START_TEST(nesting_has_a_limit)
{
    struct text deep = {0};
    struct fault why;
    text_add_string(&deep, "entries: ");
    for (int i = 0; i < 100000; i++)
        text_add_char(&deep, '[');
    ck_assert_ptr_null(list_load(NULL, "own.yaml", text_bytes(&deep), &why));
    text_free(&deep);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/formats/yaml");
    TCase *t = tcase_create("yaml");
    tcase_add_test(t, everything_can_be_said);
    tcase_add_test(t, mistakes_are_told_by_line_and_column);
    tcase_add_test(t, a_list_without_entries_has_a_warning);
    tcase_add_test(t, what_stands_behind_a_nul_is_not_lost);
    tcase_add_test(t, every_beginning_of_a_list_is_read_without_harm);
    tcase_add_test(t, nesting_has_a_limit);
    tcase_add_test(t, what_is_no_yaml_is_told_by_line_and_column);
    suite_add_tcase(s, t);
    return s;
}
