/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/suppression.h"
#include "tests/support/told.h"

#include <check.h>

static const int64_t hour = INT64_C(3600000000000);

/* What was told of repeats, most recent last. */
struct heard {
    size_t count;
    uint64_t n[8];
    int64_t ts_us[8];
    char indicator[8][16];
};

static void
hear(void *owner, const struct notice_row *last)
{
    struct heard *heard = owner;
    ck_assert_uint_lt(heard->count, 8);
    heard->n[heard->count] = last->n.value;
    heard->ts_us[heard->count] = last->ts.us;
    ck_assert_uint_lt(last->indicator.len, 16);
    memcpy(heard->indicator[heard->count], last->indicator.at, last->indicator.len);
    heard->count++;
}

static struct suppression *
begin(struct heard *heard, size_t most, size_t room)
{
    *heard = (struct heard){0};
    return suppression_new(hour, most, room, (struct suppression_listener){heard, hear});
}

static struct notice_row
row_of(const char *indicator, const char *list, uint16_t port, int64_t ts_us)
{
    return (struct notice_row){
        .ts = {true, ts_us},
        .note = "Certtap::Watched_Certificate",
        .src = told_address("10.0.0.1"),
        .dst = told_address("10.0.0.2"),
        .p = cell_count_of(port),
        .n = cell_count_of(1),
        .indicator = bytes_from_string(indicator),
        .indicator_type = bytes_from_string("sha256"),
        .list = bytes_from_string(list),
    };
}

START_TEST(repeats_are_counted_and_told_when_the_hour_is_over)
{
    struct heard heard;
    struct suppression *s = begin(&heard, 10, 100000);
    for (int i = 0; i < 4; i++) {
        struct notice_row row = row_of("aa", "list", 443, 100 + i);
        ck_assert(suppression_passes(s, &row, i) == (i == 0));
    }
    int64_t end;
    ck_assert(suppression_next(s, &end) && end == hour);
    suppression_tick(s, hour - 1);
    ck_assert_uint_eq(heard.count, 0);
    suppression_tick(s, hour);
    ck_assert_uint_eq(heard.count, 1);
    ck_assert_uint_eq(heard.n[0], 3);
    ck_assert_int_eq(heard.ts_us[0], 103);
    ck_assert_str_eq(heard.indicator[0], "aa");
    ck_assert(!suppression_next(s, &end));

    struct notice_row again = row_of("aa", "list", 443, 200);
    ck_assert(suppression_passes(s, &again, hour + 1));
    suppression_end(s);
    ck_assert_uint_eq(heard.count, 1); /* no repeats, nothing to tell */
    suppression_free(s);
}
END_TEST

START_TEST(the_next_notice_itself_ends_what_is_over)
{
    struct heard heard;
    struct suppression *s = begin(&heard, 10, 100000);
    struct notice_row row = row_of("aa", "list", 443, 1);
    ck_assert(suppression_passes(s, &row, 0));
    ck_assert(!suppression_passes(s, &row, 1));
    ck_assert(suppression_passes(s, &row, hour));
    ck_assert_uint_eq(heard.count, 1);
    suppression_free(s);
}
END_TEST

START_TEST(another_indicator_list_or_endpoint_is_another_notice)
{
    struct heard heard;
    struct suppression *s = begin(&heard, 10, 100000);
    struct notice_row rows[] = {row_of("aa", "list", 443, 1), row_of("ab", "list", 443, 1),
        row_of("aa", "list", 444, 1), row_of("aa", "other", 443, 1), row_of("aa", "list", 443, 1),
        row_of("aa", "list", 443, 1), row_of("aa", "list", 443, 1)};
    rows[4].src = told_address("10.0.0.3");
    rows[5].dst = told_address("10.0.0.3");
    rows[6].note = "Certtap::Watched_Key";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert(suppression_passes(s, &rows[i], 0));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert(!suppression_passes(s, &rows[i], 0));
    suppression_end(s);
    ck_assert_uint_eq(heard.count, 7);
    suppression_free(s);
}
END_TEST

START_TEST(who_does_not_hold_the_key_is_another_notice)
{
    struct heard heard;
    struct suppression *s = begin(&heard, 10, 100000);
    struct notice_row verified = row_of("aa", "list", 443, 1), failed = verified;
    verified.possession = "verified";
    failed.possession = "failed";
    ck_assert(suppression_passes(s, &verified, 0));
    ck_assert(suppression_passes(s, &failed, 1));
    ck_assert(!suppression_passes(s, &failed, 2));
    ck_assert(!suppression_passes(s, &verified, 3));
    suppression_end(s);
    ck_assert_uint_eq(heard.count, 2);
    suppression_free(s);
}
END_TEST

START_TEST(the_repeat_outlives_what_it_was_made_of)
{
    struct heard heard;
    struct suppression *s = begin(&heard, 10, 100000);
    char indicator[] = "first";
    struct notice_row row = row_of(indicator, "list", 443, 1);
    ck_assert(suppression_passes(s, &row, 0));
    ck_assert(!suppression_passes(s, &row, 1));
    memset(indicator, 'x', sizeof indicator - 1);
    suppression_end(s);
    ck_assert_str_eq(heard.indicator[0], "first");
    suppression_free(s);
}
END_TEST

START_TEST(when_there_are_too_many_the_oldest_ends_first)
{
    struct heard heard;
    struct suppression *s = begin(&heard, 2, 100000);
    struct notice_row a = row_of("a", "", 1, 1), b = row_of("b", "", 1, 1);
    struct notice_row c = row_of("c", "", 1, 1);
    ck_assert(suppression_passes(s, &a, 0));
    ck_assert(!suppression_passes(s, &a, 1));
    ck_assert(suppression_passes(s, &b, 2));
    ck_assert(suppression_passes(s, &c, 3));
    ck_assert_uint_eq(heard.count, 1);
    ck_assert_str_eq(heard.indicator[0], "a");
    ck_assert(!suppression_passes(s, &b, 4));
    ck_assert(suppression_passes(s, &a, 5)); /* forgotten: as the first */
    ck_assert_uint_eq(heard.count, 2);
    ck_assert_str_eq(heard.indicator[1], "b");
    suppression_free(s);
}
END_TEST

START_TEST(without_room_nothing_is_suppressed_and_nothing_lost)
{
    struct heard heard;
    struct suppression *s = begin(&heard, 10, 300); /* for a key, not for a row */
    struct notice_row row = row_of("aa", "list", 443, 1);
    for (int i = 0; i < 3; i++)
        ck_assert(suppression_passes(s, &row, 0));
    suppression_end(s);
    ck_assert_uint_eq(heard.count, 0);
    suppression_free(s);
}
END_TEST

START_TEST(absurd_times_are_no_trouble)
{
    struct heard heard;
    struct suppression *s = begin(&heard, 10, 100000);
    struct notice_row row = row_of("aa", "list", 443, 1);
    ck_assert(suppression_passes(s, &row, INT64_MAX - 1));
    ck_assert(!suppression_passes(s, &row, INT64_MAX - 1));
    suppression_end(s);
    ck_assert_uint_eq(heard.count, 1);
    ck_assert(suppression_passes(s, &row, INT64_MIN));
    ck_assert(!suppression_passes(s, &row, INT64_MIN + 1));
    suppression_tick(s, INT64_MAX);
    ck_assert_uint_eq(heard.count, 2);
    suppression_free(s);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *suite = suite_create("suppression");
    TCase *tests = tcase_create("suppression");
    tcase_add_test(tests, repeats_are_counted_and_told_when_the_hour_is_over);
    tcase_add_test(tests, the_next_notice_itself_ends_what_is_over);
    tcase_add_test(tests, another_indicator_list_or_endpoint_is_another_notice);
    tcase_add_test(tests, who_does_not_hold_the_key_is_another_notice);
    tcase_add_test(tests, the_repeat_outlives_what_it_was_made_of);
    tcase_add_test(tests, when_there_are_too_many_the_oldest_ends_first);
    tcase_add_test(tests, without_room_nothing_is_suppressed_and_nothing_lost);
    tcase_add_test(tests, absurd_times_are_no_trouble);
    suite_add_tcase(suite, tests);
    return suite;
}
