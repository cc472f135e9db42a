/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/endpoints.h"

#include "dissect/certificate_store.h"
#include "tests/support/lists.h"
#include "tests/support/told.h"

#include <check.h>
#include <stdio.h>

enum { LIMIT = 1 << 20, KEEP = 7 * 86400 };
static const int64_t SECOND = INT64_C(1000000000);

static struct pool pool;
static struct arena arena;
static struct kept_chains *chains;
static struct endpoints *endpoints;
static const struct certificate *watched[1], *honest[1];
static struct ruleset *rules;
static struct verdict verdict;

static void
begin_with(size_t limit, int64_t keep_seconds)
{
    chains = kept_chains_new(LIMIT);
    endpoints = endpoints_new(chains, limit, keep_seconds * SECOND);
}

static void
begin(void)
{
    char list[128];
    pool = (struct pool){.limit = SIZE_MAX};
    arena = (struct arena){.pool = &pool};
    watched[0] = certificate_read(&arena, bytes_from_string("a watched certificate"));
    honest[0] = certificate_read(&arena, bytes_from_string("an honest one"));
    snprintf(list, sizeof list, "%s a watched one\n", watched[0]->sha256_hex);
    rules = list_good("list.txt", list);
    begin_with(LIMIT, KEEP);
}

static void
close_endpoints(void)
{
    endpoints_free(endpoints);
    kept_chains_free(chains);
}

static void
end(void)
{
    close_endpoints();
    ruleset_free(rules);
    verdict_free(&verdict);
    arena_empty(&arena);
}

static struct session
some_session(const char *uid, int64_t at)
{
    struct session s = {
        .ts_ns = at * SECOND,
        .address = {told_address("192.0.2.1"), told_address("198.51.100.66")},
        .port = {40000, 443},
        .client_side = ORIGINATOR,
        .has_hello = true,
        .has_answer = true,
        .established = true,
        .went_on = true,
        .last_alert = NO_ALERT,
        .hello = {.has_server_name = true, .server_name = bytes_from_string("cdn.example")},
    };
    snprintf(s.uid, sizeof s.uid, "%s", uid);
    return s;
}

static struct session
showing(const char *uid, int64_t at, const struct certificate *const *chain)
{
    struct session s = some_session(uid, at);
    s.chain[SERVER] = (struct chain){.at = chain, .len = 1, .sent = 1, .seen = true};
    return s;
}

static struct session
hiding(int64_t at)
{
    struct session s = some_session("CHidden", at);
    s.chain[SERVER] = (struct chain){.visibility = HIDDEN_ENCRYPTED, .reason = REASON_TLS13};
    return s;
}

/* The hits of a session, told in its turn; what they say stands until the next one. */
static size_t
follow(struct session s)
{
    endpoints_recall(endpoints, &s);
    ruleset_judge(rules, &s, &verdict);
    endpoints_learn(endpoints, &s, &verdict);
    ck_assert_ptr_null(s.recalled);
    return verdict.len;
}

START_TEST(a_hidden_certificate_is_told_where_a_watched_one_was_shown)
{
    ck_assert_uint_eq(follow(hiding(5)), 0);
    ck_assert_uint_eq(follow(showing("CFirst", 10, watched)), 1);
    ck_assert_uint_eq(follow(hiding(86410)), 1);
    const struct hit *hit = &verdict.hits[0];
    ck_assert_int_eq(hit->note, NOTE_WATCHED_ENDPOINT);
    ck_assert_int_eq(hit->role, SERVER);
    ck_assert_int_eq(hit->severity, SEVERITY_MEDIUM);
    ck_assert_str_eq(hit->indicator, watched[0]->sha256_hex);
    ck_assert_str_eq(hit->certificate->sha256_hex, watched[0]->sha256_hex);
    ck_assert_ptr_nonnull(strstr(hit->why,
        "was shown by 198.51.100.66:443 in connection CFirst at 1970-01-01 00:00:10 UTC; now "
        "192.0.2.1 connected there (server name cdn.example), and what the server showed is hidden "
        "(encrypted, tls13); it may be another one."));
    ck_assert_uint_eq(endpoints_counts(endpoints).recalled, 1);
}
END_TEST

START_TEST(only_the_same_address_port_and_name_count)
{
    follow(showing("CFirst", 10, watched));
    struct session other = hiding(20);
    other.address[RESPONDER] = told_address("198.51.100.67");
    ck_assert_uint_eq(follow(other), 0);
    other = hiding(20);
    other.port[RESPONDER] = 8443;
    ck_assert_uint_eq(follow(other), 0);
    other = hiding(20);
    other.hello.server_name = bytes_from_string("www.example");
    ck_assert_uint_eq(follow(other), 0);
    other = hiding(20);
    other.hello.server_name = bytes_from_string("CDN.example");
    other.address[ORIGINATOR] = told_address("203.0.113.9");
    ck_assert_uint_eq(follow(other), 1);
}
END_TEST

START_TEST(what_counts_as_hidden)
{
    static const struct {
        enum visibility visibility;
        size_t hits;
    } cases[] = {{HIDDEN_ENCRYPTED, 1}, {HIDDEN_RESUMED, 1}, {HIDDEN_MISSED, 1}, {HIDDEN_NONE, 0},
        {VISIBLE_INHERITED, 0}};
    follow(showing("CFirst", 10, watched));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct session s = hiding(20);
        s.chain[SERVER].visibility = cases[i].visibility;
        ck_assert_uint_eq(follow(s), cases[i].hits);
    }
    struct session unanswered = hiding(20);
    unanswered.has_answer = false;
    ck_assert_uint_eq(follow(unanswered), 0);
}
END_TEST

START_TEST(another_certificate_takes_it_out)
{
    follow(showing("CFirst", 10, watched));
    ck_assert_uint_eq(follow(showing("CSecond", 20, honest)), 0);
    ck_assert_uint_eq(follow(hiding(30)), 0);
    ck_assert_uint_eq(endpoints_counts(endpoints).kept, 0);
}
END_TEST

START_TEST(the_first_sighting_is_told_and_the_last_one_counts)
{
    follow(showing("CFirst", 10, watched));
    follow(showing("CSecond", 10 + KEEP, watched));
    ck_assert_uint_eq(follow(hiding(10 + 2 * KEEP)), 1);
    ck_assert_ptr_nonnull(strstr(verdict.hits[0].why, "in connection CFirst at "));
    ck_assert_uint_eq(follow(hiding(11 + 2 * KEEP)), 0);
}
END_TEST

START_TEST(what_nobody_answered_is_not_remembered)
{
    struct session forged = showing("CFirst", 10, watched);
    forged.went_on = false;
    ck_assert_uint_eq(follow(forged), 1);
    ck_assert_uint_eq(follow(hiding(20)), 0);

    follow(showing("CSecond", 30, watched));
    forged = showing("CThird", 40, honest);
    forged.went_on = false;
    follow(forged);
    ck_assert_uint_eq(follow(hiding(50)), 1);
}
END_TEST

START_TEST(lists_are_asked_when_it_matters)
{
    char list[160];
    snprintf(list, sizeof list, "entries:\n  - {sha256: %s, from: [192.0.2.0/24]}\n",
        watched[0]->sha256_hex);
    ruleset_free(rules);
    rules = list_good("own.yaml", list);
    follow(showing("CFirst", 10, watched));
    struct session other = hiding(20);
    other.address[ORIGINATOR] = told_address("203.0.113.9");
    ck_assert_uint_eq(follow(other), 0);
    ck_assert_uint_eq(follow(hiding(20)), 1);
    ruleset_free(rules); /* another generation of lists, without it */
    rules = list_good("list.txt", "00112233445566778899aabbccddeeff00112233\n");
    ck_assert_uint_eq(follow(hiding(30)), 0);
}
END_TEST

START_TEST(it_can_be_turned_off)
{
    close_endpoints();
    begin_with(LIMIT, 0);
    follow(showing("CFirst", 10, watched));
    ck_assert_uint_eq(follow(hiding(10)), 0);
}
END_TEST

START_TEST(the_budget_holds_and_the_oldest_go_first)
{
    close_endpoints();
    begin_with(4096, KEEP);
    for (unsigned i = 0; i < 1000; i++) {
        struct session s = showing("C", 10 + i, watched);
        s.port[RESPONDER] = (uint16_t)i;
        follow(s);
        ck_assert_uint_le(endpoints_counts(endpoints).bytes, 4096);
    }
    ck_assert_uint_gt(endpoints_counts(endpoints).shed, 900);
    struct session s = hiding(2000);
    s.port[RESPONDER] = 999;
    ck_assert_uint_eq(follow(s), 1);
    s.port[RESPONDER] = 1;
    ck_assert_uint_eq(follow(s), 0);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *suite = suite_create("endpoints");
    TCase *tests = tcase_create("endpoints");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, a_hidden_certificate_is_told_where_a_watched_one_was_shown);
    tcase_add_test(tests, only_the_same_address_port_and_name_count);
    tcase_add_test(tests, what_counts_as_hidden);
    tcase_add_test(tests, another_certificate_takes_it_out);
    tcase_add_test(tests, the_first_sighting_is_told_and_the_last_one_counts);
    tcase_add_test(tests, what_nobody_answered_is_not_remembered);
    tcase_add_test(tests, lists_are_asked_when_it_matters);
    tcase_add_test(tests, it_can_be_turned_off);
    tcase_add_test(tests, the_budget_holds_and_the_oldest_go_first);
    suite_add_tcase(suite, tests);
    return suite;
}
