/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/logs/stats.h"
#include "feed/writer.h"
#include "tests/support/folder.h"

#include <check.h>
#include <stdio.h>

/* Each 64-bit member is the number of its place: 1000, 1001, … */
static void
number_members(struct statistics *statistics)
{
    uint64_t numbers[sizeof *statistics / sizeof(uint64_t)];
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        numbers[i] = 1000 + i;
    memcpy(statistics, numbers, sizeof *statistics);
}

START_TEST(every_member_of_the_statistics_has_its_column)
{
    struct statistics statistics;
    struct stats_row row;
    struct text out = {0};
    ck_assert_uint_eq(sizeof statistics % sizeof(uint64_t), 0);
    number_members(&statistics);
    stats_row_fill(&row, &statistics, "tap1");
    tsv_writer.row(&out, &stats_log, &row);
    out.at[out.len - 1] = '\t'; /* so that each field has a tab on both sides */
    for (size_t i = 1; i < sizeof statistics / sizeof(uint64_t); i++) {
        char wanted[32];
        snprintf(wanted, sizeof wanted, "\t%zu\t", 1000 + i);
        ck_assert_msg(count_of(out.at, wanted) == 1, "member %zu: %s", i, out.at);
    }
    text_free(&out);
}
END_TEST

START_TEST(each_column_tells_what_its_name_says)
{
    struct statistics s = {
        .ts_ns = INT64_C(1500000000),
        .source = {.frames = 100,
            .bytes = 5000,
            .filtered = 3,
            .kernel_dropped = 7,
            .device_dropped = 11,
            .cut = 2},
        .memory_used = (size_t)5 << 20,
        .alerts = 9,
    };
    s.peeled[PEEL_NOT_IP] = 21;
    s.visibility[SERVER][HIDDEN_ENCRYPTED] = 22;
    s.visibility[CLIENT][HIDDEN_NONE] = 23;
    s.reason[SERVER][REASON_TLS13] = 24;
    s.reason[CLIENT][REASON_NOT_REQUESTED] = 25;
    static const char *const wanted[][2] = {{"ts", "1.500000"}, {"peer", "-"}, {"mem", "5"},
        {"pkts_proc", "100"}, {"bytes_recv", "5000"}, {"pkts_dropped", "7"}, {"pkts_link", "118"},
        {"pkts_filtered", "3"}, {"pkts_dropped_device", "11"}, {"pkts_cut", "2"},
        {"frames_not_ip", "21"}, {"cert_encrypted", "22"}, {"client_cert_none", "23"},
        {"cert_reason_tls13", "24"}, {"client_cert_reason_not_requested", "25"}, {"alerts", "9"},
        {"memory_used", "5242880"}};
    struct stats_row row;
    struct text out = {0};
    stats_row_fill(&row, &s, NULL);
    tsv_writer.begin(&out, &stats_log, 0);
    tsv_writer.row(&out, &stats_log, &row);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        ck_assert_msg(bytes_equal_string(column_of(&out, 0, wanted[i][0]), wanted[i][1]),
            "%s is not %s in %s", wanted[i][0], wanted[i][1], out.at);
    text_free(&out);
}
END_TEST

/* The words of other rooms and the names of the columns must not drift apart. */
START_TEST(columns_are_named_by_the_words_of_the_session)
{
    struct text name = {0};
    size_t found = 0;
    for (int v = 0; v < VISIBILITIES; v++) {
        text_clear(&name);
        text_add_format(&name, "cert_%s", visibility_name((enum visibility)v));
        for (size_t i = 0; i < stats_log.len; i++)
            if (strcmp(stats_log.columns[i].name, name.at) == 0) {
                ck_assert_uint_eq(
                    stats_log.columns[i].offset, offsetof(struct stats_row, s.visibility[SERVER]) +
                                                     sizeof(uint64_t) * (size_t)v);
                found++;
            }
    }
    ck_assert_uint_eq(found, VISIBILITIES);
    text_free(&name);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *suite = suite_create("stats");
    TCase *tests = tcase_create("stats");
    tcase_add_test(tests, every_member_of_the_statistics_has_its_column);
    tcase_add_test(tests, each_column_tells_what_its_name_says);
    tcase_add_test(tests, columns_are_named_by_the_words_of_the_session);
    suite_add_tcase(suite, tests);
    return suite;
}
