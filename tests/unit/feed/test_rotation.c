/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/rotation.h"
#include "tests/support/folder.h"

#include <check.h>
#include <fcntl.h>
#include <unistd.h>

static const int64_t second = INT64_C(1000000000);

START_TEST(each_slot_is_new_once)
{
    struct rotation r = rotation_new(3600 * second);
    ck_assert(!rotation_due(&r, 7199 * second)); /* the first is no change */
    ck_assert(!rotation_due(&r, 7200 * second - 1));
    ck_assert(rotation_due(&r, 7200 * second));
    ck_assert(!rotation_due(&r, 7200 * second));
    ck_assert(!rotation_due(&r, 7199 * second)); /* back in time */
    ck_assert(!rotation_due(&r, 10799 * second));
    ck_assert(rotation_due(&r, INT64_MAX)); /* centuries later: once */
    ck_assert(!rotation_due(&r, INT64_MAX));
    ck_assert(!rotation_due(&r, INT64_MIN));
}
END_TEST

START_TEST(slots_are_whole_seconds_and_reach_before_1970)
{
    struct rotation never = rotation_new(0);
    ck_assert(!rotation_due(&never, 0) && !rotation_due(&never, INT64_MAX));
    struct rotation r = rotation_new(1);
    ck_assert_int_eq(r.every, 1);
    ck_assert_int_eq(rotation_new(second + 1).every, 2);
    ck_assert(!rotation_due(&r, -second - 1)); /* second -2 */
    ck_assert(rotation_due(&r, -1));           /* second -1 */
    ck_assert(rotation_due(&r, 0));
    ck_assert_int_eq(seconds_of_ns(-1), -1);
    ck_assert_int_eq(seconds_of_ns(INT64_MIN), -9223372037);
}
END_TEST

struct row {
    uint64_t total;
};

static const struct column columns[] = {{"total", COLUMN_TOTAL, offsetof(struct row, total)}};
static const struct log totals = {"totals", columns, 1, sizeof(struct row)};

static struct output_place
place_of(const struct folder *folder, bool live)
{
    return (struct output_place){.directory = folder->path,
        .folder = open(folder->path, O_RDONLY | O_DIRECTORY),
        .live = live};
}

START_TEST(a_turned_file_bears_the_time_it_was_begun)
{
    struct folder folder = folder_new();
    struct output_place place = place_of(&folder, false);
    struct output output = output_new(&place, &totals, &tsv_writer, "log");
    struct row row = {7};
    rotation_turn(&output); /* nothing was written: nothing to turn */
    output_add(&output, &row, 951868798);
    output_add(&output, &row, 951868799);
    rotation_turn(&output);
    rotation_turn(&output);
    row.total = 8;
    output_add(&output, &row, 951868800);
    output_finish(&output);

    struct text list = folder_list(&folder);
    ck_assert_str_eq(list.at, "totals.2000-02-29-23-59-58.log\ntotals.log\n");
    struct text old = folder_read(&folder, "totals.2000-02-29-23-59-58.log");
    struct text fresh = folder_read(&folder, "totals.log");
    ck_assert_uint_eq(count_of(old.at, "\n7\n7\n#close\t2000-02-29-23-59-59\n"), 1);
    ck_assert_uint_eq(count_of(fresh.at, "#open\t2000-03-01-00-00-00\n"), 1);
    ck_assert_uint_eq(count_of(fresh.at, "\n8\n#close"), 1);
    ck_assert_str_eq(place.fault.text, "");
    text_free(&list);
    text_free(&old);
    text_free(&fresh);
    output_free(&output);
    close(place.folder);
    folder_remove(&folder);
}
END_TEST

START_TEST(in_a_live_place_no_file_is_replaced)
{
    struct folder folder = folder_new();
    struct output_place place = place_of(&folder, true);
    struct output output = output_new(&place, &totals, &json_writer, "log");
    for (uint64_t i = 0; i < 3; i++) {
        struct row row = {i};
        output_add(&output, &row, 0);
        output.opened = 951868798; /* as if all were begun within a second */
        rotation_turn(&output);
    }
    struct text list = folder_list(&folder);
    ck_assert_str_eq(list.at, "totals.2000-02-29-23-59-58-1.log\ntotals.2000-02-29-23-59-58-2.log\n"
                              "totals.2000-02-29-23-59-58.log\n");
    struct text last = folder_read(&folder, "totals.2000-02-29-23-59-58-2.log");
    ck_assert_str_eq(last.at, "{\"total\":2}\n");
    text_free(&list);
    text_free(&last);
    output_free(&output);
    close(place.folder);
    folder_remove(&folder);
}
END_TEST

START_TEST(a_file_that_somebody_took_away_is_told_and_survived)
{
    struct folder folder = folder_new();
    struct output_place place = place_of(&folder, false);
    struct output output = output_new(&place, &totals, &json_writer, "log");
    struct row row = {1};
    output_add(&output, &row, 0);
    ck_assert_int_eq(unlinkat(place.folder, "totals.log", 0), 0);
    rotation_turn(&output);
    ck_assert_uint_eq(count_of(place.fault.text, "/totals.log: No such file or directory"), 1);
    output_add(&output, &row, 0);
    output_finish(&output);
    struct text fresh = folder_read(&folder, "totals.log");
    ck_assert_str_eq(fresh.at, "{\"total\":1}\n");
    text_free(&fresh);
    output_free(&output);
    close(place.folder);
    folder_remove(&folder);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *suite = suite_create("rotation");
    TCase *tests = tcase_create("rotation");
    tcase_add_test(tests, each_slot_is_new_once);
    tcase_add_test(tests, slots_are_whole_seconds_and_reach_before_1970);
    tcase_add_test(tests, a_turned_file_bears_the_time_it_was_begun);
    tcase_add_test(tests, in_a_live_place_no_file_is_replaced);
    tcase_add_test(tests, a_file_that_somebody_took_away_is_told_and_survived);
    suite_add_tcase(suite, tests);
    return suite;
}
