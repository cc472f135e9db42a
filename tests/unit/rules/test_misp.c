/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/folder.h"
#include "tests/support/lists.h"
#include "tests/support/told.h"

#include <check.h>
#include <stdio.h>

#define SHA256 "3333333333333333333333333333333333333333333333333333333333333333"
#define SHA1 "3333333333333333333333333333333333333333"
#define UUID "5c1b1a1e-0000-4000-8000-0123456789ab"

#define EVENT                                                                                      \
    "{\"Event\": {\"uuid\": \"" UUID "\", \"info\": \"Stolen\", \"threat_level_id\": \"2\","       \
    " \"Tag\": [{\"name\": \"x\"}, {\"name\": \"tlp:amber\"}],"                                    \
    " \"Attribute\": ["                                                                            \
    "{\"type\": \"x509-fingerprint-sha1\", \"value\": \"" SHA1 "\", \"to_ids\": true,"             \
    " \"comment\": \"sync\", \"uuid\": \"u1\"},"                                                   \
    "{\"type\": \"domain\", \"value\": \"mail.example.com\", \"to_ids\": false},"                  \
    "{\"type\": \"hostname\", \"value\": \"mail.example.com\", \"deleted\": true},"                \
    "{\"type\": \"ip-dst\", \"value\": \"0.0.0.0/0\", \"to_ids\": \"1\", \"uuid\": \"u2\"},"       \
    "{\"type\": \"filename\", \"value\": \"x\"}],"                                                 \
    " \"Object\": [{\"name\": \"x509\", \"uuid\": \"o1\", \"Attribute\": ["                        \
    "{\"type\": \"text\", \"object_relation\": \"issuer\", \"value\": \"CN=Vendor CA\"},"          \
    "{\"type\": \"text\", \"object_relation\": \"serial-number\", \"value\": \"1:0A\"},"           \
    "{\"type\": \"x509-fingerprint-sha256\", \"value\": \"" SHA256 "\", \"to_ids\": 1}]}]}}"

static size_t
judge(const struct ruleset *rules, struct verdict *verdict)
{
    struct told told;
    told_make(&told);
    ruleset_judge(rules, &told.session, verdict);
    return verdict->len;
}

START_TEST(attributes_and_objects_of_an_event_are_watched)
{
    struct ruleset *rules = list_good("event.json", EVENT);
    struct list_report report = ruleset_report(rules, 0);
    struct verdict verdict = {0};
    ck_assert_str_eq(report.format, "misp");
    ck_assert_uint_eq(report.entries, 3);
    ck_assert_uint_eq(report.skipped, 6);
    ck_assert_str_eq(
        report.warning, "u2: a network as large as this would match nearly everything");
    ck_assert_uint_eq(judge(rules, &verdict), 2);
    ck_assert_str_eq(verdict.hits[0].indicator_type, "sha256");
    ck_assert_str_eq(verdict.hits[0].description, "Stolen");
    ck_assert_str_eq(verdict.hits[0].reference, "MISP event " UUID ", object o1");
    ck_assert_str_eq(verdict.hits[0].tlp, "amber");
    ck_assert_int_eq(verdict.hits[0].severity, SEVERITY_MEDIUM);
    ck_assert_str_eq(verdict.hits[1].indicator_type, "sha1");
    ck_assert_str_eq(verdict.hits[1].description, "Stolen. sync");
    verdict_free(&verdict);
    ruleset_free(rules);
}
END_TEST

START_TEST(issuer_and_serial_of_an_object_belong_together)
{
    static const char object[] =
        "{\"response\": [{\"Object\": {\"name\": \"x509\", \"uuid\": \"o\", \"Event\": {\"info\": "
        "\"From a search\"}, \"Attribute\": [{\"object_relation\": \"issuer\", \"type\": \"text\", "
        "\"value\": \"/CN=Vendor CA\"}, {\"object_relation\": \"serial-number\", \"type\": "
        "\"text\", \"value\": \"%s\"}]}}]}";
    static const struct {
        const char *serial;
        size_t hits;
    } cases[] = {{"010a", 1}, {"010b", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char content[1024];
        struct verdict verdict = {0};
        snprintf(content, sizeof content, object, cases[i].serial);
        struct ruleset *rules = list_good("x", content);
        ck_assert_uint_eq(judge(rules, &verdict), cases[i].hits);
        if (verdict.len)
            ck_assert_str_eq(verdict.hits[0].description, "From a search");
        verdict_free(&verdict);
        ruleset_free(rules);
    }
}
END_TEST

START_TEST(answers_to_searches_are_read)
{
    struct ruleset *rules = list_good("x",
        "{\"response\": {\"Attribute\": [{\"type\": \"x509-fingerprint-sha256\", \"value\": "
        "\"" SHA256 "\", \"Event\": {\"uuid\": \"e\", \"info\": \"I\"}}]}}");
    struct verdict verdict = {0};
    ck_assert_uint_eq(judge(rules, &verdict), 1);
    ck_assert_str_eq(verdict.hits[0].reference, "MISP event e");
    verdict_free(&verdict);
    ruleset_free(rules);
}
END_TEST

START_TEST(a_whole_certificate_says_more_than_fingerprints)
{
    struct text pem = list_sample("certificates.pem");
    struct text content = {0};
    struct fault why;
    text_add_string(&content, "{\"Object\": [{\"name\": \"x509\", \"uuid\": \"o\", \"Attribute\": ["
                              "{\"object_relation\": \"pem\", \"type\": \"text\", \"value\": \"");
    for (size_t i = 0; i < pem.len && !strstr(text_string(&content), "-----END"); i++) {
        if (pem.at[i] == '\n')
            text_add_string(&content, "\\n");
        else
            text_add_char(&content, pem.at[i]);
    }
    text_add_string(&content, " CERTIFICATE-----\"}, {\"object_relation\": \"raw-base64\", "
                              "\"type\": \"text\", \"value\": \"AAAA\"}]}]}");
    struct ruleset *rules = list_load(NULL, "x", text_bytes(&content), &why);
    ck_assert_msg(rules != NULL, "%s", why.text);
    ck_assert_uint_eq(ruleset_entries(rules), 2); /* itself and its key */
    ck_assert_uint_eq(ruleset_report(rules, 0).skipped, 1);
    ruleset_free(rules);
    text_free(&content);
    text_free(&pem);
}
END_TEST

START_TEST(what_is_nested_too_deep_is_told)
{
    struct ruleset *rules =
        list_good("x", "[[[[[[[{\"Attribute\": [{\"type\": \"x509-fingerprint-sha256\", \"value\": "
                       "\"" SHA256 "\"}]}]]]]]]]");
    ck_assert_uint_eq(ruleset_entries(rules), 0);
    ck_assert_uint_eq(ruleset_report(rules, 0).skipped, 1);
    ck_assert_str_eq(ruleset_report(rules, 0).warning, "an entry: nested too deep to be an event");
    ruleset_free(rules);
}
END_TEST

START_TEST(a_feed_is_a_folder_with_a_manifest)
{
    struct folder folder = folder_new();
    struct ruleset *rules = ruleset_new(1);
    struct verdict verdict = {0};
    struct fault why = {0};
    folder_write(&folder, "manifest.json", "{\"" UUID "\": {\"info\": \"Stolen\"}}");
    folder_write(&folder, UUID ".json", EVENT);
    ck_assert_msg(ruleset_add_list(rules, folder.path, &why), "%s", why.text);
    ruleset_finish(rules);
    ck_assert_uint_eq(ruleset_lists(rules), 1);
    ck_assert_uint_eq(ruleset_entries(rules), 3);
    ck_assert_uint_eq(judge(rules, &verdict), 2);
    verdict_free(&verdict);
    ruleset_free(rules);
    folder_remove(&folder);
}
END_TEST

START_TEST(a_manifest_cannot_name_other_files)
{
    static const struct {
        const char *manifest, *complaint;
    } cases[] = {
        {"{\"../../../../etc/passwd\": {}}", ": manifest.json names an event that has no UUID"},
        {"[]", ": manifest.json is no manifest of a MISP feed"},
        {"{\"" UUID "\": {}}", "/" UUID ".json: No such file or directory"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct folder folder = folder_new();
        struct ruleset *rules = ruleset_new(1);
        struct fault why = {0};
        folder_write(&folder, "manifest.json", cases[i].manifest);
        ck_assert(!ruleset_add_list(rules, folder.path, &why));
        ck_assert_ptr_eq(strstr(why.text, folder.path), why.text);
        ck_assert_str_eq(why.text + strlen(folder.path), cases[i].complaint);
        ruleset_free(rules);
        folder_remove(&folder);
    }
}
END_TEST

START_TEST(what_makes_no_sense_is_passed_over)
{
    struct ruleset *rules = list_good("x",
        "{\"Attribute\": [{\"type\": \"x509-fingerprint-sha1\", \"value\": \"xyz\", \"uuid\": "
        "\"u\\u0007\"}, 3, null, {\"value\": 4}], \"Object\": 3, \"Event\": [], \"response\": 1}");
    struct list_report report = ruleset_report(rules, 0);
    ck_assert_uint_eq(report.entries, 0);
    ck_assert_uint_eq(report.skipped, 4);
    ck_assert_str_eq(report.warning, "u\\x07: \"xyz\" is no sha1: that has 40 hexadecimal digits");
    ruleset_free(rules);
    list_bad("x", "{\"Attribute\": [}", "x:1:16: unexpected token near '}'");
}
END_TEST

START_TEST(nesting_has_a_limit)
{
    struct text deep = {0};
    struct fault why;
    for (int i = 0; i < 1500; i++)
        text_add_string(&deep, "{\"Event\":");
    text_add_string(&deep, "1");
    for (int i = 0; i < 1500; i++)
        text_add_char(&deep, '}');
    struct ruleset *rules = list_load("misp", "x", text_bytes(&deep), &why);
    ck_assert_msg(rules != NULL, "%s", why.text);
    ck_assert_uint_eq(ruleset_entries(rules), 0);
    ruleset_free(rules);
    text_clear(&deep);
    for (int i = 0; i < 100000; i++)
        text_add_char(&deep, '[');
    ck_assert_ptr_null(list_load("misp", "x", text_bytes(&deep), &why));
    text_free(&deep);
}
END_TEST

START_TEST(every_beginning_of_a_list_is_read_without_harm)
{
    list_cut("misp", "x", bytes_from_string(EVENT));
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/formats/misp");
    TCase *t = tcase_create("misp");
    tcase_add_test(t, attributes_and_objects_of_an_event_are_watched);
    tcase_add_test(t, issuer_and_serial_of_an_object_belong_together);
    tcase_add_test(t, answers_to_searches_are_read);
    tcase_add_test(t, a_whole_certificate_says_more_than_fingerprints);
    tcase_add_test(t, what_is_nested_too_deep_is_told);
    tcase_add_test(t, a_feed_is_a_folder_with_a_manifest);
    tcase_add_test(t, a_manifest_cannot_name_other_files);
    tcase_add_test(t, what_makes_no_sense_is_passed_over);
    tcase_add_test(t, nesting_has_a_limit);
    tcase_add_test(t, every_beginning_of_a_list_is_read_without_harm);
    suite_add_tcase(s, t);
    return s;
}
