/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/lookalikes.h"

#include "dissect/certificate_store.h"
#include "tests/support/told.h"

#include <check.h>
#include <stdio.h>

enum { LIMIT = 1 << 20, KEEP = 1000, HEAD = 5 };
static const int64_t SECOND = INT64_C(1000000000);

static struct pool pool;
static struct arena arena;
static struct kept_chains *chains;
static struct lookalikes *lookalikes;

static void
begin_with(size_t limit)
{
    pool = (struct pool){.limit = SIZE_MAX};
    arena = (struct arena){.pool = &pool};
    chains = kept_chains_new(LIMIT);
    lookalikes = lookalikes_new(chains, limit, KEEP * SECOND);
}

static void
begin(void)
{
    begin_with(LIMIT);
}

static void
end(void)
{
    lookalikes_free(lookalikes);
    kept_chains_free(chains);
    arena_empty(&arena);
}

/* A client shows this, in a connection of that name. */
static void
show_as(const char *certificate, const char *uid, int64_t at, struct session s)
{
    const struct certificate *leaf = certificate_read(&arena, bytes_from_string(certificate));
    s.ts_ns = at * SECOND;
    s.chain[CLIENT] = (struct chain){
        .at = &leaf, .len = 1, .visibility = s.chain[CLIENT].visibility, .seen = true};
    snprintf(s.uid, sizeof s.uid, "%s", uid);
    lookalikes_learn(lookalikes, &s);
}

static void
show(const char *certificate, const char *uid, int64_t at)
{
    show_as(certificate, uid, at, (struct session){.went_on = true});
}

/* The connections that showed a chain as long as one with this certificate, the latest first. */
static const char *
alike(const char *certificate, int64_t at)
{
    static char uids[128];
    struct session s = {.ts_ns = at * SECOND};
    s.inferred[CLIENT].presence = PRESENCE_SENT;
    s.inferred[CLIENT].chain = (uint32_t)(HEAD + strlen(certificate));
    lookalikes_recall(lookalikes, &s);
    uids[0] = '\0';
    for (size_t i = 0; i < s.lookalikes_len; i++) {
        ck_assert_uint_eq(s.lookalikes[i].at[0]->der.len, strlen(certificate));
        snprintf(uids + strlen(uids), sizeof uids - strlen(uids), "%s ", s.lookalikes[i].uid);
    }
    lookalikes_learn(lookalikes, &s);
    ck_assert_ptr_null(s.lookalikes);
    return uids;
}

START_TEST(what_is_as_long_is_recalled)
{
    ck_assert_str_eq(alike("one", 1), "");
    show("one", "C1", 10);
    show("three", "C3", 20);
    show("two", "C2", 30);
    ck_assert_str_eq(alike("six", 40), "C2 C1 ");
    ck_assert_str_eq(alike("seven", 40), "C3 ");
    ck_assert_str_eq(alike("four", 40), "");
    ck_assert_uint_eq(lookalikes_counts(lookalikes).recalled, 2);
}
END_TEST

START_TEST(a_chain_is_remembered_once_and_longer_when_it_is_shown_again)
{
    show("one", "C1", 0);
    show("two", "C2", 600);
    show("one", "C3", 700);
    ck_assert_str_eq(alike("six", 800), "C1 C2 ");
    ck_assert_str_eq(alike("six", 1650), "C1 ");
    ck_assert_str_eq(alike("six", 1750), "");
    show("three", "C4", 1750);
    ck_assert_uint_eq(lookalikes_counts(lookalikes).kept, 1);
}
END_TEST

START_TEST(of_one_length_the_latest_few_are_remembered)
{
    char certificate[8], uid[UID_TEXT];
    for (int i = 0; i < 9; i++) {
        snprintf(certificate, sizeof certificate, "no %d", i);
        snprintf(uid, sizeof uid, "C%d", i);
        show(certificate, uid, i);
    }
    ck_assert_str_eq(alike("no 9", 10), "C8 C7 C6 C5 ");
    ck_assert_uint_eq(lookalikes_counts(lookalikes).shed, 5);
}
END_TEST

START_TEST(what_was_not_seen_whole_is_not_remembered)
{
    struct session inherited = {.went_on = true};
    inherited.chain[CLIENT].visibility = VISIBLE_INHERITED;
    show_as("one", "C1", 1, (struct session){.went_on = false});
    show_as("one", "C2", 1, inherited);
    ck_assert_str_eq(alike("two", 2), "");
    ck_assert_uint_eq(kept_chains_bytes(chains), 0);
}
END_TEST

START_TEST(a_length_that_is_a_guess_recalls_nothing)
{
    struct session s = {.ts_ns = 2 * SECOND};
    show("one", "C1", 1);
    s.inferred[CLIENT] = (struct inferred){.presence = PRESENCE_SENT, .with_proof = HEAD + 3};
    lookalikes_recall(lookalikes, &s);
    ck_assert_uint_eq(s.lookalikes_len, 0);
    s.inferred[CLIENT] = (struct inferred){.presence = PRESENCE_DECLINED, .chain = HEAD + 3};
    lookalikes_recall(lookalikes, &s);
    ck_assert_uint_eq(s.lookalikes_len, 0);
}
END_TEST

START_TEST(it_keeps_to_its_budget)
{
    enum { LITTLE = 4096, LONGEST = 200 };
    char certificate[LONGEST + 1] = "";
    char uid[UID_TEXT];
    end();
    begin_with(LITTLE);
    for (int i = 1; i <= LONGEST; i++) {
        memset(certificate, 'x', (size_t)i);
        snprintf(uid, sizeof uid, "C%d", i);
        show(certificate, uid, i);
        struct lookalikes_counts counts = lookalikes_counts(lookalikes);
        ck_assert_uint_le(counts.bytes, LITTLE);
        ck_assert_uint_le(counts.chains, LITTLE);
    }
    ck_assert_str_eq(alike(certificate, LONGEST), "C200 ");
    ck_assert_str_eq(alike("x", LONGEST), "");
    struct lookalikes_counts counts = lookalikes_counts(lookalikes);
    ck_assert_uint_eq(counts.kept + counts.shed, LONGEST);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("lookalikes");
    TCase *c = tcase_create("lookalikes");
    tcase_add_checked_fixture(c, begin, end);
    tcase_add_test(c, what_is_as_long_is_recalled);
    tcase_add_test(c, a_chain_is_remembered_once_and_longer_when_it_is_shown_again);
    tcase_add_test(c, of_one_length_the_latest_few_are_remembered);
    tcase_add_test(c, what_was_not_seen_whole_is_not_remembered);
    tcase_add_test(c, a_length_that_is_a_guess_recalls_nothing);
    tcase_add_test(c, it_keeps_to_its_budget);
    suite_add_tcase(s, c);
    return s;
}
