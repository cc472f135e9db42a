/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/feed.h"
#include "feed/log.h"
#include "feed/logs/notice.h"
#include "feed/logs/ssl.h"
#include "feed/writer.h"
#include "tests/support/folder.h"
#include "tests/support/told.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

START_TEST(times_go_towards_the_past_and_stay_within_bounds)
{
    ck_assert_int_eq(cell_time_of_ns(1999).us, 1);
    ck_assert_int_eq(cell_time_of_ns(-1).us, -1);
    ck_assert_int_eq(cell_time_of_ns(-1000).us, -1);
    ck_assert_int_eq(cell_time_of_seconds(3).us, 3000000);
    ck_assert_int_eq(cell_time_of_seconds(INT64_MAX).us, INT64_C(9223372036854000000));
    ck_assert_int_eq(cell_time_of_seconds(INT64_MIN).us, INT64_C(-9223372036854000000));
}
END_TEST

/* Overwrites what the session borrows from, so that a copy which still points there shows it. */
static void
spoil(struct told *told, char *name)
{
    memset(told, 'x', sizeof *told);
    memset(name, 'x', strlen(name));
}

START_TEST(a_copied_row_prints_the_same_without_the_original)
{
    struct ssl_scratch scratch = {0};
    struct told told;
    struct ssl_row row;
    struct text before = {0}, after = {0};
    char name[] = "mail.example.com";

    told_make(&told);
    told.session.hello.server_name = bytes_from_string(name);
    told.session.path.vlan[0] = 5;
    ssl_row_fill(&row, &told.session, &scratch);
    tsv_writer.row(&before, &ssl_log, &row);

    void *copy = malloc(row_copy_size(&ssl_log, &row));
    ck_assert_ptr_nonnull(copy);
    row_copy(&ssl_log, &row, copy);
    ssl_scratch_free(&scratch);
    memset(&row, 'x', sizeof row);
    spoil(&told, name);
    tsv_writer.row(&after, &ssl_log, copy);
    ck_assert_str_eq(text_string(&before), text_string(&after));
    free(copy);
    text_free(&before);
    text_free(&after);
}
END_TEST

START_TEST(a_copy_keeps_vectors_of_strings)
{
    struct row {
        struct cells strings, addresses;
        struct bytes empty, unset;
    };
    static const struct column columns[] = {
        {"strings", COLUMN_STRINGS, offsetof(struct row, strings)},
        {"addresses", COLUMN_ADDRESSES, offsetof(struct row, addresses)},
        {"empty", COLUMN_STRING, offsetof(struct row, empty)},
        {"unset", COLUMN_STRING, offsetof(struct row, unset)},
    };
    static const struct log log = {"x", columns, 4, sizeof(struct row)};
    char word[] = "word";
    struct bytes strings[] = {bytes_from_string(word), bytes_from_string("")};
    struct address addresses[] = {told_address("10.0.0.1")};
    struct row row = {
        .strings = {strings, 2}, .addresses = {addresses, 1}, .empty = bytes_from_string("")};
    struct text out = {0};

    void *copy = malloc(row_copy_size(&log, &row));
    ck_assert_ptr_nonnull(copy);
    row_copy(&log, &row, copy);
    memset(word, 'x', sizeof word);
    memset(strings, 0, sizeof strings);
    memset(addresses, 0, sizeof addresses);
    tsv_writer.row(&out, &log, copy);
    ck_assert_str_eq(text_string(&out), "word,(empty)\t10.0.0.1\t(empty)\t-\n");
    free(copy);
    text_free(&out);
}
END_TEST

/* Rows of the manual's tables look like "| `column` | type | meaning |", below a heading with the
 * name of the log: "## ssl.log". They become what feed_columns() prints. */
static void
columns_of_manual(const struct text *manual, struct text *out)
{
    struct bytes rest = text_bytes(manual);
    struct bytes log = {0};
    while (rest.len) {
        struct bytes line = bytes_first(rest, bytes_find_byte(rest, '\n'));
        rest = bytes_skip(rest, line.len + 1);
        if (bytes_start_with(line, bytes_from_string("## "))) {
            struct bytes title = bytes_skip(line, 3);
            size_t end = bytes_find(title, bytes_from_string(".log"));
            log = end == SIZE_MAX ? (struct bytes){0} : bytes_first(title, end);
        }
        if (!log.len || !bytes_start_with(line, bytes_from_string("| `")))
            continue;
        struct bytes name = bytes_skip(line, 3);
        struct bytes type = bytes_skip(name, bytes_find_byte(name, '`') + 1);
        name = bytes_first(name, bytes_find_byte(name, '`'));
        type = bytes_skip(type, bytes_find_byte(type, '|') + 1);
        struct bytes meaning = bytes_skip(type, bytes_find_byte(type, '|') + 1);
        ck_assert_uint_gt(bytes_trim(bytes_first(meaning, bytes_find_byte(meaning, '|'))).len, 3);
        text_add(out, log);
        text_add_char(out, '\t');
        text_add(out, name);
        text_add_char(out, '\t');
        text_add(out, bytes_trim(bytes_first(type, bytes_find_byte(type, '|'))));
        text_add_char(out, '\n');
    }
}

START_TEST(the_manual_tells_every_column)
{
    const char *tests = getenv("CERTTAP_TESTS");
    struct folder docs;
    ck_assert_ptr_nonnull(tests);
    int len = snprintf(docs.path, sizeof docs.path, "%s/../docs", tests);
    ck_assert(len > 0 && (size_t)len < sizeof docs.path);
    struct text manual = folder_read(&docs, "logs.md");
    ck_assert_uint_gt(manual.len, 0);

    struct text told = {0}, real = {0};
    columns_of_manual(&manual, &told);
    feed_columns(&real);
    ck_assert_str_eq(text_string(&told), text_string(&real));
    text_free(&manual);
    text_free(&told);
    text_free(&real);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *suite = suite_create("log");
    TCase *tests = tcase_create("log");
    tcase_add_test(tests, times_go_towards_the_past_and_stay_within_bounds);
    tcase_add_test(tests, a_copied_row_prints_the_same_without_the_original);
    tcase_add_test(tests, a_copy_keeps_vectors_of_strings);
    tcase_add_test(tests, the_manual_tells_every_column);
    suite_add_tcase(suite, tests);
    return suite;
}
