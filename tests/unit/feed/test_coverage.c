/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/coverage.h"

#include "feed/coverage_books.h"
#include "tests/support/told.h"

#include <check.h>
#include <stdio.h>

static const int64_t SECOND = INT64_C(1000000000);

static struct session
some_session(const char *address, const char *name, enum visibility server, enum visibility client)
{
    struct session s = {
        .address = {told_address("192.0.2.1"), told_address(address)},
        .port = {40000, 443},
        .client_side = ORIGINATOR,
        .has_hello = true,
    };
    s.hello.server_name = bytes_from_string(name);
    s.chain[SERVER].visibility = server;
    s.chain[CLIENT].visibility = client;
    return s;
}

static void
count(struct coverage *coverage, const char *address, const char *name, enum visibility server,
    enum visibility client)
{
    struct session s = some_session(address, name, server, client);
    coverage_count(coverage, &s);
}

START_TEST(judged_is_when_both_sides_are_known)
{
    static const bool known[VISIBILITIES] = {[VISIBLE_CLEAR] = true,
        [VISIBLE_DECRYPTED] = true,
        [VISIBLE_INHERITED] = true,
        [HIDDEN_NONE] = true};
    for (enum visibility server = 0; server < VISIBILITIES; server++)
        for (enum visibility client = 0; client < VISIBILITIES; client++) {
            struct coverage *coverage = coverage_new(4);
            count(coverage, "198.51.100.1", "", server, client);
            struct coverage_counts total = coverage_total(coverage);
            ck_assert_uint_eq(total.connections, 1);
            ck_assert_uint_eq(total.judged, known[server] && known[client]);
            ck_assert_uint_eq(total.visibility[SERVER][server], 1);
            ck_assert_uint_eq(total.visibility[CLIENT][client], 1);
            coverage_free(coverage);
        }
}
END_TEST

START_TEST(servers_come_by_what_they_hide)
{
    struct coverage *coverage = coverage_new(8);
    count(coverage, "198.51.100.3", "", VISIBLE_CLEAR, HIDDEN_NONE);
    count(coverage, "198.51.100.2", "b.example", VISIBLE_CLEAR, HIDDEN_ENCRYPTED);
    for (int i = 0; i < 2; i++)
        count(coverage, "198.51.100.2", "a.example", HIDDEN_ENCRYPTED, HIDDEN_ENCRYPTED);
    count(coverage, "198.51.100.1", "b.example", HIDDEN_MISSED, HIDDEN_MISSED);
    coverage_sort(coverage);
    static const struct {
        const char *address, *name;
        uint64_t connections, judged;
    } wanted[] = {{"198.51.100.2", "a.example", 2, 0}, {"198.51.100.1", "b.example", 1, 0},
        {"198.51.100.2", "b.example", 1, 0}, {"198.51.100.3", "", 1, 1}};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const struct coverage_server *server = coverage_at(coverage, i);
        struct address address = told_address(wanted[i].address);
        ck_assert_mem_eq(&server->address, &address, sizeof address);
        ck_assert(bytes_equal_string(server->name, wanted[i].name));
        ck_assert_uint_eq(server->counts.connections, wanted[i].connections);
        ck_assert_uint_eq(server->counts.judged, wanted[i].judged);
    }
    ck_assert_ptr_null(coverage_at(coverage, 4));
    coverage_free(coverage);
}
END_TEST

/* A flood of servers drives out none that hides much, and all connections add up. */
START_TEST(too_many_servers_are_counted_together)
{
    struct coverage *coverage = coverage_new(16);
    for (int i = 0; i < 5000; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        count(coverage, "198.51.100.9", name, HIDDEN_ENCRYPTED, HIDDEN_ENCRYPTED);
        if (i % 4 == 0)
            count(coverage, "198.51.100.1", "often", HIDDEN_ENCRYPTED, HIDDEN_ENCRYPTED);
    }
    coverage_sort(coverage);
    const struct coverage_server *first = coverage_at(coverage, 0);
    ck_assert(bytes_equal_string(first->name, "often"));
    ck_assert_uint_eq(first->counts.connections, 1250);
    size_t len = 0;
    uint64_t sum = 0;
    const struct coverage_server *server;
    const struct coverage_server *last = NULL;
    for (; (server = coverage_at(coverage, len)); len++) {
        sum += server->counts.connections;
        last = server;
    }
    ck_assert_uint_le(len, 17);
    ck_assert(last->rest && !address_is_set(&last->address));
    ck_assert_uint_eq(sum, 6250);
    ck_assert_uint_eq(coverage_total(coverage).connections, 6250);
    coverage_free(coverage);
}
END_TEST

static struct {
    size_t len;
    struct coverage_row rows[8];
} told;

static void
tell(void *owner, const struct coverage_row *row)
{
    (void)owner;
    ck_assert_uint_lt(told.len, 8);
    told.rows[told.len++] = *row;
}

START_TEST(a_stretch_ends_with_its_slot)
{
    int64_t end;
    struct coverage_books *books = coverage_books_new(3600 * SECOND);
    struct session s = some_session("198.51.100.1", "", VISIBLE_CLEAR, HIDDEN_NONE);
    told.len = 0;
    ck_assert(!coverage_books_next(books, &end));
    coverage_books_count(books, &s, 5000 * SECOND);
    coverage_books_count(books, &s, 7000 * SECOND);
    ck_assert(coverage_books_next(books, &end));
    ck_assert_int_eq(end, 7200 * SECOND);
    coverage_books_end(books, end, NULL, tell);
    ck_assert(!coverage_books_next(books, &end));
    coverage_books_end(books, 10800 * SECOND, NULL, tell);
    ck_assert_uint_eq(told.len, 1);
    ck_assert_int_eq(told.rows[0].since.us, INT64_C(5000000000));
    ck_assert_int_eq(told.rows[0].ts.us, INT64_C(7200000000));
    ck_assert_uint_eq(told.rows[0].counts.connections, 2);
    ck_assert(told.rows[0].resp_p.is_set && told.rows[0].resp_p.value == 443);
    coverage_books_count(books, &s, -1);
    ck_assert(coverage_books_next(books, &end));
    ck_assert_int_eq(end, 0);
    coverage_books_free(books);
}
END_TEST

START_TEST(the_summary_is_of_the_whole_run)
{
    struct coverage_books *books = coverage_books_new(0);
    struct coverage_summary sum;
    struct session clear = some_session("198.51.100.1", "", VISIBLE_CLEAR, HIDDEN_NONE);
    struct session hidden =
        some_session("198.51.100.2", "a\n\\\x1b.example", HIDDEN_ENCRYPTED, HIDDEN_ENCRYPTED);
    told.len = 0;
    for (int i = 0; i < 3; i++) {
        coverage_books_count(books, &clear, i);
        coverage_books_count(books, &hidden, i);
        coverage_books_sum(books, &sum);
        coverage_books_end(books, i, NULL, tell);
    }
    ck_assert_uint_eq(told.len, 6);
    ck_assert_uint_eq(sum.judged, 3);
    ck_assert_uint_eq(sum.len, 1);
    ck_assert_uint_eq(sum.spots[0].connections, 3);
    ck_assert_uint_eq(sum.spots[0].judged, 0);
    ck_assert_str_eq(sum.spots[0].name, "a\\x0a\\x5c\\x1b.example");
    coverage_books_free(books);
}
END_TEST

START_TEST(a_long_name_is_cut_for_people)
{
    char name[300];
    struct coverage_summary sum;
    struct coverage_books *books = coverage_books_new(0);
    memset(name, 0xff, sizeof name);
    name[sizeof name - 1] = '\0';
    struct session s = some_session("198.51.100.2", name, HIDDEN_RESUMED, HIDDEN_RESUMED);
    coverage_books_count(books, &s, 1);
    coverage_books_sum(books, &sum);
    size_t len = strlen(sum.spots[0].name);
    ck_assert_uint_lt(len, SPOT_NAME);
    ck_assert_str_eq(sum.spots[0].name + len - 7, "\\xff...");
    coverage_books_free(books);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *suite = suite_create("coverage");
    TCase *tests = tcase_create("coverage");
    tcase_add_test(tests, judged_is_when_both_sides_are_known);
    tcase_add_test(tests, servers_come_by_what_they_hide);
    tcase_add_test(tests, too_many_servers_are_counted_together);
    tcase_add_test(tests, a_stretch_ends_with_its_slot);
    tcase_add_test(tests, the_summary_is_of_the_whole_run);
    tcase_add_test(tests, a_long_name_is_cut_for_people);
    suite_add_tcase(suite, tests);
    return suite;
}
