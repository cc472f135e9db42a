/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/certificate_store.h"
#include "tests/support/lists.h"
#include "tests/support/told.h"

#include <check.h>

#define SYNC_SHA256 "b065dbfcdebbc4e43dadafcda8805c37d5de90d25fd16592fc2a1dfe8b05fbf9"
#define SYNC_SPKI "3f2c6b5b731288edc6706cb6dbe3759a34bb10d1fb64b67626656bc7d7e00754"

/* Judges a session in which the client shows the sample certificate. */
static void
judge_sync(const struct ruleset *rules, bool other_certificate, struct verdict *verdict)
{
    struct pool pool = {.limit = 1 << 20};
    struct arena arena = {.pool = &pool};
    struct text der = list_sample("certificate.der");
    struct told told;
    told_make(&told);
    struct certificate shown = *certificate_read(&arena, text_bytes(&der));
    if (other_certificate)
        memset(shown.sha256, 7, sizeof shown.sha256);
    told.client_chain[0] = &shown;
    ruleset_judge(rules, &told.session, verdict);
    arena_empty(&arena);
    text_free(&der);
}

static struct ruleset *
load_sample(const char *name, size_t entries)
{
    struct text content = list_sample(name);
    struct fault why;
    struct ruleset *rules = list_load(NULL, name, text_bytes(&content), &why);
    ck_assert_msg(rules != NULL, "%s", why.text);
    ck_assert_str_eq(ruleset_report(rules, 0).format, "pem");
    ck_assert_uint_eq(ruleset_report(rules, 0).entries, entries);
    text_free(&content);
    return rules;
}

START_TEST(a_certificate_is_watched_and_its_key_too)
{
    struct ruleset *rules = load_sample("certificate.der", 2);
    struct verdict verdict = {0};
    judge_sync(rules, false, &verdict);
    ck_assert_uint_eq(verdict.len, 1);
    ck_assert_str_eq(verdict.hits[0].indicator, SYNC_SHA256);
    ck_assert_int_eq(verdict.hits[0].note, NOTE_WATCHED_CERTIFICATE);
    ck_assert_int_eq(verdict.hits[0].severity, SEVERITY_HIGH);
    ck_assert_str_eq(verdict.hits[0].description, "CN=sync.vendor.example");

    judge_sync(rules, true, &verdict);
    ck_assert_uint_eq(verdict.len, 1);
    ck_assert_str_eq(verdict.hits[0].indicator, SYNC_SPKI);
    ck_assert_int_eq(verdict.hits[0].note, NOTE_WATCHED_KEY);
    ck_assert_int_eq(verdict.hits[0].severity, SEVERITY_MEDIUM);
    verdict_free(&verdict);
    ruleset_free(rules);
}
END_TEST

START_TEST(a_public_key_alone_is_watched)
{
    struct ruleset *rules = load_sample("key.der", 1);
    struct verdict verdict = {0};
    judge_sync(rules, false, &verdict);
    ck_assert_uint_eq(verdict.len, 1);
    ck_assert_str_eq(verdict.hits[0].indicator, SYNC_SPKI);
    ck_assert_str_eq(verdict.hits[0].indicator_type, "spki-sha256");
    verdict_free(&verdict);
    ruleset_free(rules);
}
END_TEST

START_TEST(several_stand_in_one_file_with_text_around_them)
{
    struct ruleset *rules = load_sample("certificates.pem", 5);
    struct verdict verdict = {0};
    judge_sync(rules, false, &verdict);
    ck_assert_uint_eq(verdict.len, 2); /* the certificate at its line, the key at its own */
    ck_assert_uint_eq(verdict.hits[0].line, 1);
    ck_assert_str_eq(verdict.hits[0].indicator, SYNC_SHA256);
    ck_assert_uint_eq(verdict.hits[1].line, 46);
    ck_assert_str_eq(verdict.hits[1].indicator, SYNC_SPKI);
    verdict_free(&verdict);
    ruleset_free(rules);
}
END_TEST

START_TEST(other_blocks_are_passed_over_with_a_warning)
{
    struct ruleset *rules = list_good("x.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n"
                                               "-----END PRIVATE KEY-----\n");
    struct list_report report = ruleset_report(rules, 0);
    ck_assert_uint_eq(report.entries, 0);
    ck_assert_uint_eq(report.skipped, 1);
    ck_assert_str_eq(report.warning, "line 1: nothing is done with PRIVATE KEY");
    ruleset_free(rules);
}
END_TEST

START_TEST(mistakes_are_told_by_the_line_of_the_block)
{
    list_bad("x.pem", "\n-----BEGIN CERTIFICATE-----\nAAAA\n",
        "x.pem:2: BEGIN CERTIFICATE without its END");
    list_bad("x.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END PUBLIC KEY-----\n",
        "x.pem:1: BEGIN CERTIFICATE without its END");
    list_bad("x.pem", "-----BEGIN CERTIFICATE-----\nA*AA\n-----END CERTIFICATE-----\n",
        "x.pem:1: not base64 in CERTIFICATE");
    list_bad("x.pem", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        "x.pem:1: neither a certificate nor a public key");
    list_bad("x.pem", "-----BEGIN \n", "x.pem: neither PEM nor DER");
}
END_TEST

START_TEST(every_beginning_of_a_file_is_read_without_harm)
{
    static const char *const names[] = {"certificate.der", "key.der"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct text content = list_sample(names[i]);
        list_cut("pem", "x.pem", text_bytes(&content));
        text_free(&content);
    }
    struct text content = list_sample("certificates.pem");
    list_cut(NULL, "x.pem", bytes_first(text_bytes(&content), 600));
    text_free(&content);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/formats/pem");
    TCase *t = tcase_create("pem");
    tcase_add_test(t, a_certificate_is_watched_and_its_key_too);
    tcase_add_test(t, a_public_key_alone_is_watched);
    tcase_add_test(t, several_stand_in_one_file_with_text_around_them);
    tcase_add_test(t, other_blocks_are_passed_over_with_a_warning);
    tcase_add_test(t, mistakes_are_told_by_the_line_of_the_block);
    tcase_add_test(t, every_beginning_of_a_file_is_read_without_harm);
    suite_add_tcase(s, t);
    return s;
}
