/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/folder.h"
#include "tests/support/lists.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHA1 "0123456789abcdef0123456789abcdef01234567"

static struct folder folder;
static struct ruleset *rules;
static struct fault why;
static char path[5000];

static void
open_folder(void)
{
    folder = folder_new();
    rules = ruleset_new(1);
    why = (struct fault){0};
}

static void
close_folder(void)
{
    ruleset_free(rules);
    folder_remove(&folder);
}

static const char *
in_folder(const char *prefix, const char *name)
{
    snprintf(path, sizeof path, "%s%s/%s", prefix, folder.path, name);
    return path;
}

static void
expect_fault(const char *source, const char *wanted)
{
    ck_assert(!ruleset_add_list(rules, source, &why));
    ck_assert_str_eq(why.text, wanted);
    why = (struct fault){0};
}

START_TEST(formats_are_told_by_content)
{
    static const struct {
        const char *content, *format;
    } cases[] = {
        {SHA1 "\n", "plain"},
        {"# " SHA1 "\n", "plain"},
        {"2022-07-02 07:02:11," SHA1 ",x\n", "sslbl-csv"},
        {"sha1,description\n", "csv"},
        {"#fields\tindicator\tindicator_type\n", "zeek-intel"},
        {"# mine\nentries: []\n", "yaml"},
        {"certtap: watchlist\nentries: []\n", "yaml"},
        {" {\"response\": {\"Attribute\": []}}", "misp"},
        {"{\"type\": \"bundle\", \"objects\": []}", "stix"},
        {"[{\"issuerName\": \"\", \"id\": \"x\"}]", "onecrl"},
        {"192.0.2.1\n2001:db8::1,7\n", "suricata-dataset"},
        {"bWFpbC5leGFtcGxlLmNvbQ==\n", "suricata-dataset"},
        {"text\n-----BEGIN X-----\n-----END X-----\n", "pem"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ruleset *one = list_good("list", cases[i].content);
        ck_assert_str_eq(ruleset_report(one, 0).format, cases[i].format);
        ruleset_free(one);
    }
}
END_TEST

START_TEST(a_format_may_be_named)
{
    folder_write(&folder, "a", "");
    ck_assert(ruleset_add_list(rules, in_folder("csv:", "a"), &why));
    ck_assert_str_eq(ruleset_report(rules, 0).format, "csv");
    ck_assert_str_eq(ruleset_report(rules, 0).name, "a");
    ck_assert(ruleset_add_list(rules, in_folder("Zeek-Intel:", "a"), &why));
    ck_assert_str_eq(ruleset_report(rules, 1).format, "zeek-intel");
    ck_assert_ptr_nonnull(ruleset_report(rules, 1).warning);

    folder_write(&folder, "b:c", SHA1);
    ck_assert(ruleset_add_list(rules, in_folder("", "b:c"), &why));
    ck_assert_str_eq(ruleset_report(rules, 2).name, "b:c");
    expect_fault("cvs:nothing", "cvs:nothing: no such file, and \"cvs\" is no list format (there "
                                "are compiled, crl, pem, stix, "
                                "onecrl, misp, zeek-intel, yaml, crlite, sslbl-csv, csv, "
                                "suricata-dataset, plain)");
}
END_TEST

START_TEST(what_cannot_be_read_is_told)
{
    struct text wanted = {0};
    text_add_format(&wanted, "%s/none: No such file or directory", folder.path);
    expect_fault(in_folder("", "none"), text_string(&wanted));
    text_clear(&wanted);
    text_add_format(&wanted, "%s: a folder without a list in it", folder.path);
    expect_fault(folder.path, text_string(&wanted));
    text_free(&wanted);
    if (geteuid() == 0)
        return; /* may read everything */
    folder_write(&folder, "secret", SHA1);
    chmod(in_folder("", "secret"), 0);
    ck_assert(!ruleset_add_list(rules, path, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "/secret: Permission denied"));
}
END_TEST

START_TEST(other_encodings_and_kinds_are_told)
{
    static const struct {
        struct bytes content;
        const char *complaint;
    } cases[] = {
        {{(const uint8_t *)"\xff\xfe"
                           "a\0",
             4},
            "x: is UTF-16: save it as UTF-8"},
        {{(const uint8_t *)"\xfe\xff\0a", 4}, "x: is UTF-16: save it as UTF-8"},
        {{(const uint8_t *)"\x7f"
                           "ELF\0\0",
             6},
            "x: is in no list format that is known"},
        {{(const uint8_t *)"{}", 2}, "x: is JSON, but neither of MISP nor STIX nor OneCRL"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_ptr_null(list_load(NULL, "x", cases[i].content, &why));
        ck_assert_str_eq(why.text, cases[i].complaint);
    }
}
END_TEST

START_TEST(a_folder_is_as_many_lists_in_the_order_of_their_names)
{
    folder_write(&folder, "b", SHA1);
    folder_write(&folder, "a", "sha1\n" SHA1 "\n");
    folder_write(&folder, ".hidden", "no list");
    ck_assert_msg(ruleset_add_list(rules, folder.path, &why), "%s", why.text);
    ck_assert_uint_eq(ruleset_lists(rules), 2);
    ck_assert_str_eq(ruleset_report(rules, 0).name, "a");
    ck_assert_str_eq(ruleset_report(rules, 0).format, "csv");
    ck_assert_str_eq(ruleset_report(rules, 1).name, "b");
    ruleset_finish(rules);
    ck_assert_uint_eq(ruleset_entries(rules), 2);
    rules = (ruleset_free(rules), ruleset_new(2));
    folder_write(&folder, "c", "no list");
    ck_assert(!ruleset_add_list(rules, folder.path, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "/c:1: \"no\" is no fingerprint"));
}
END_TEST

START_TEST(a_list_may_come_out_of_a_pipe)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], SHA1 "\n", 41), 41);
    close(ends[1]);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    ck_assert_msg(ruleset_add_list(rules, path, &why), "%s", why.text);
    close(ends[0]);
    ck_assert_uint_eq(ruleset_report(rules, 0).entries, 1);
}
END_TEST

START_TEST(several_megabytes_are_read_whole)
{
    struct text content = {0};
    for (unsigned i = 0; i < 100000; i++)
        text_add_format(&content, "%08x89abcdef0123456789abcdef01234567 entry %u\n", i, i % 10);
    struct ruleset *many = list_load(NULL, "x", text_bytes(&content), &why);
    ck_assert_msg(many != NULL, "%s", why.text);
    ck_assert_uint_eq(ruleset_entries(many), 100000);
    ruleset_free(many);
    text_free(&content);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/watchlist");
    TCase *t = tcase_create("watchlist");
    tcase_add_checked_fixture(t, open_folder, close_folder);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, formats_are_told_by_content);
    tcase_add_test(t, a_format_may_be_named);
    tcase_add_test(t, what_cannot_be_read_is_told);
    tcase_add_test(t, other_encodings_and_kinds_are_told);
    tcase_add_test(t, a_folder_is_as_many_lists_in_the_order_of_their_names);
    tcase_add_test(t, a_list_may_come_out_of_a_pipe);
    tcase_add_test(t, several_megabytes_are_read_whole);
    suite_add_tcase(s, t);
    return s;
}
