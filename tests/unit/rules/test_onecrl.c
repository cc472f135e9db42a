/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/lists.h"
#include "tests/support/told.h"

#include <check.h>

/* "issuer DER" and 01 0a; "subject DER" and 32 times cc, as the hand-made session has them. */
#define BY_SERIAL                                                                                  \
    "{\"schema\": 1, \"enabled\": false, \"issuerName\": \"aXNzdWVyIERFUg\", "                     \
    "\"serialNumber\": \"AAEK\", \"id\": \"a1\", \"details\": {\"bug\": \"https://b.example/1\", " \
    "\"name\": \"Example\", \"why\": \"mis-issued\"}}"
#define BY_KEY                                                                                     \
    "{\"subject\": \"c3ViamVjdCBERVI=\", "                                                         \
    "\"pubKeyHash\": \"zMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMw=\", \"id\": \"a2\"}"

static const char good[] = "{\"data\": [" BY_SERIAL ", " BY_KEY ", {\"id\": \"a3\"}]}";

START_TEST(both_kinds_of_records_are_watched)
{
    struct ruleset *rules = list_good("onecrl.json", good);
    struct list_report report = ruleset_report(rules, 0);
    struct verdict verdict = {0};
    struct told told;
    told_make(&told);
    ck_assert_str_eq(report.format, "onecrl");
    ck_assert_uint_eq(report.entries, 2);
    ck_assert_uint_eq(report.skipped, 1);
    ck_assert_str_eq(report.warning, "a3: neither a serialNumber nor a pubKeyHash");
    told.session.chain[SERVER] = (struct chain){0};
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, 2);
    ck_assert_int_eq(verdict.hits[0].note, NOTE_REVOKED_CERTIFICATE);
    ck_assert_str_eq(verdict.hits[0].indicator_type, "issuer-serial");
    ck_assert_str_eq(verdict.hits[0].description, "Example: mis-issued");
    ck_assert_str_eq(verdict.hits[0].reference, "https://b.example/1");
    ck_assert_int_eq(verdict.hits[1].note, NOTE_REVOKED_CERTIFICATE);
    ck_assert_str_eq(verdict.hits[1].indicator_type, "subject-spki");
    told.client_leaf.spki_sha256[0] ^= 1;
    told.client_leaf.serial = bytes_of("\x01\x0b", 2);
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, 0);
    verdict_free(&verdict);
    ruleset_free(rules);
}
END_TEST

START_TEST(mistakes_are_told)
{
    list_bad("x", "{\"data\": [{\"id\": \"a\", \"issuerName\": \"!\", \"serialNumber\": \"AA\"}]}",
        "x: record \"a\": issuerName or serialNumber is wrong");
    list_bad("x", "{\"data\": [{\"id\": \"a\", \"subject\": \"AA==\", \"pubKeyHash\": \"AA==\"}]}",
        "x: record \"a\": subject or pubKeyHash is wrong");
    list_bad("x", "{\"issuerName\": 1}", "x: no array of records in \"data\"");
    list_bad("x", "{\"issuerName\": 1,\n\n 3}", "x:3:2: string or '}' expected near '3'");
}
END_TEST

START_TEST(every_beginning_of_a_list_is_read_without_harm)
{
    list_cut("onecrl", "x", bytes_from_string(good));
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/formats/onecrl");
    TCase *t = tcase_create("onecrl");
    tcase_add_test(t, both_kinds_of_records_are_watched);
    tcase_add_test(t, mistakes_are_told);
    tcase_add_test(t, every_beginning_of_a_list_is_read_without_harm);
    suite_add_tcase(s, t);
    return s;
}
