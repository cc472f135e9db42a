/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/feed.h"
#include "tests/support/folder.h"
#include "tests/support/told.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t hour = INT64_C(3600000000000);

static struct feed_options
options_in(const struct folder *folder)
{
    return (struct feed_options){
        .directory = folder->path,
        .sensor = "tap1",
        .suppress_ns = hour,
        .relog_ns = 24 * hour,
    };
}

static struct feed *
open_feed(const struct feed_options *options)
{
    struct fault why = {0};
    struct feed *feed = feed_open(options, (struct feed_listener){0}, &why);
    ck_assert_msg(feed != NULL, "%s", why.text);
    return feed;
}

static void
close_feed(struct feed *feed)
{
    struct fault why = {0};
    ck_assert_msg(feed_close(feed, &why), "%s", why.text);
}

static struct hit
stolen(const struct told *told)
{
    return (struct hit){
        .note = NOTE_WATCHED_CERTIFICATE,
        .role = CLIENT,
        .certificate = &told->client_leaf,
        .indicator = "3333",
        .indicator_type = "sha256",
        .list = "stolen.txt",
        .line = 4,
        .description = "",
        .reference = "",
        .tlp = "",
        .why = "It was shown.",
    };
}

/* Tells of a session with one hit at a time. */
static void
tell(struct feed *feed, int64_t at_ns)
{
    struct told told;
    told_make(&told);
    struct hit hit = stolen(&told);
    struct verdict verdict = {.hits = &hit, .len = 1, .generation = 7};
    told.session.ts_ns = at_ns;
    told.session.end_ns = at_ns;
    feed_session(feed, &told.session, &verdict);
}

static size_t
rows_in(const struct folder *folder, const char *name)
{
    struct text text = folder_read(folder, name);
    size_t lines = count_of(text.at, "\n");
    size_t headers = count_of(text.at, "\n#") + (text.at[0] == '#');
    text_free(&text);
    return lines - headers;
}

static void
expect_files(const struct folder *folder, const char *wanted)
{
    struct text list = folder_list(folder);
    ck_assert_str_eq(text_string(&list), wanted);
    text_free(&list);
}

START_TEST(a_session_goes_to_its_logs)
{
    struct folder folder = folder_new();
    struct feed_options options = options_in(&folder);
    struct feed *feed = open_feed(&options);
    expect_files(&folder, "");
    tell(feed, 1000 * hour);
    tell(feed, 1000 * hour + 1);
    feed_statistics(feed, &(struct statistics){.ts_ns = 1000 * hour + 2, .sessions = 2});

    struct feed_counts counts = feed_counts(feed);
    ck_assert_uint_eq(counts.ssl_rows, 2);
    ck_assert_uint_eq(counts.x509_rows, 3);
    ck_assert_uint_eq(counts.alerts, 2);
    ck_assert_uint_eq(counts.alerts_suppressed, 1);
    ck_assert_uint_eq(counts.rows, 2 + 3 + 1 + 1);
    ck_assert_uint_eq(counts.rows_lost, 0);
    ck_assert_uint_eq(rows_in(&folder, "notice.log"), 1); /* at once */
    ck_assert_uint_eq(rows_in(&folder, "ssl.log"), 0);
    feed_flush(feed);
    ck_assert_uint_eq(rows_in(&folder, "ssl.log"), 2);
    close_feed(feed);

    expect_files(&folder, "coverage.log\nnotice.log\nssl.log\nstats.log\nx509.log\n");
    ck_assert_uint_eq(rows_in(&folder, "x509.log"), 3);
    ck_assert_uint_eq(rows_in(&folder, "stats.log"), 1);
    struct text coverage = folder_read(&folder, "coverage.log");
    ck_assert(bytes_equal_string(column_of(&coverage, 0, "connections"), "2"));
    ck_assert(bytes_equal_string(column_of(&coverage, 0, "judged"), "2"));
    ck_assert(bytes_equal_string(column_of(&coverage, 0, "server_name"), "mail.example.com"));
    text_free(&coverage);
    struct text notice = folder_read(&folder, "notice.log");
    ck_assert(bytes_equal_string(column_of(&notice, 0, "n"), "1"));
    ck_assert(bytes_equal_string(column_of(&notice, 1, "n"), "1"));
    ck_assert(bytes_equal_string(column_of(&notice, 1, "why"), "It was shown."));
    ck_assert(bytes_equal_string(column_of(&notice, 1, "list_generation"), "7"));
    text_free(&notice);
    folder_remove(&folder);
}
END_TEST

START_TEST(certificates_are_told_again_after_a_day_and_inherited_ones_never)
{
    struct folder folder = folder_new();
    struct feed_options options = options_in(&folder);
    struct feed *feed = open_feed(&options);
    struct told told;
    struct verdict verdict = {0};
    told_make(&told);
    told.session.chain[SERVER].visibility = VISIBLE_INHERITED;
    feed_session(feed, &told.session, &verdict);
    ck_assert_uint_eq(feed_counts(feed).x509_rows, 1); /* the client's */
    told.session.end_ns += 24 * hour - 1;
    feed_session(feed, &told.session, &verdict);
    ck_assert_uint_eq(feed_counts(feed).x509_rows, 1);
    told.session.end_ns += 1;
    feed_session(feed, &told.session, &verdict);
    ck_assert_uint_eq(feed_counts(feed).x509_rows, 2);
    close_feed(feed);
    folder_remove(&folder);
}
END_TEST

struct alerts {
    size_t count;
};

static void
count_alert(void *owner, const struct alert *alert)
{
    struct alerts *alerts = owner;
    ck_assert_str_eq(alert->session->uid, "CHhAvVGS1DHFjwGM9");
    ck_assert_str_eq(alert->hit->indicator, "3333");
    ck_assert_ptr_null(alert->evidence);
    ck_assert_ptr_nonnull(strstr(alert->json, "\"indicator\":\"3333\""));
    alerts->count++;
}

START_TEST(the_listener_hears_of_what_is_written)
{
    struct folder folder = folder_new();
    struct feed_options options = options_in(&folder);
    struct alerts alerts = {0};
    struct fault why = {0};
    struct feed *feed =
        feed_open(&options, (struct feed_listener){&alerts, count_alert, NULL}, &why);
    ck_assert_ptr_nonnull(feed);
    for (int i = 0; i < 5; i++)
        tell(feed, i);
    ck_assert_uint_eq(alerts.count, 1);
    tell(feed, hour);
    ck_assert_uint_eq(alerts.count, 2);
    close_feed(feed);
    folder_remove(&folder);
}
END_TEST

START_TEST(repeats_are_told_when_time_goes_on)
{
    struct folder folder = folder_new();
    struct feed_options options = options_in(&folder);
    struct feed *feed = open_feed(&options);
    for (int i = 0; i < 5; i++)
        tell(feed, i * 1000000);
    feed_tick(feed, hour - 1);
    ck_assert_uint_eq(rows_in(&folder, "notice.log"), 1);
    feed_tick(feed, hour);
    ck_assert_uint_eq(rows_in(&folder, "notice.log"), 2);
    struct text notice = folder_read(&folder, "notice.log");
    ck_assert(bytes_equal_string(column_of(&notice, 1, "n"), "4"));
    ck_assert(bytes_equal_string(column_of(&notice, 1, "ts"), "0.004000"));
    text_free(&notice);
    close_feed(feed);
    ck_assert_uint_eq(rows_in(&folder, "notice.log"), 2);
    folder_remove(&folder);
}
END_TEST

static const struct {
    const char *name;
    const char *formats[4];
    const char *files;
} formats[] = {
    {"usual", {NULL}, "coverage.log\nnotice.log\nssl.log\nx509.log\n"},
    {"zeek", {"zeek", NULL}, "coverage.log\nnotice.log\nssl.log\nx509.log\n"},
    {"json", {"json", NULL}, "coverage.log\nnotice.log\nssl.log\nx509.log\n"},
    {"both", {"json", "zeek", "json", NULL},
        "coverage.json\ncoverage.log\nnotice.json\nnotice.log\nssl.json\nssl.log\nx509.json\nx509."
        "log\n"},
};

START_TEST(each_format_has_its_files)
{
    struct folder folder = folder_new();
    struct feed_options options = options_in(&folder);
    options.formats = formats[_i].formats;
    struct feed *feed = open_feed(&options);
    tell(feed, 0);
    close_feed(feed);
    expect_files(&folder, formats[_i].files);

    bool json_alone = strcmp(formats[_i].name, "json") == 0;
    struct text ssl = folder_read(&folder, "ssl.log");
    ck_assert_int_eq(ssl.at[0], json_alone ? '{' : '#');
    text_free(&ssl);
    ssl = folder_read(&folder, "ssl.json");
    ck_assert(ssl.len == 0 || count_of(ssl.at, "{\"ts\":0.000000,\"uid\":") == 1);
    text_free(&ssl);
    folder_remove(&folder);
}
END_TEST

static void
expect_refusal(const struct feed_options *options, const char *wanted)
{
    struct fault why = {0};
    ck_assert_ptr_null(feed_open(options, (struct feed_listener){0}, &why));
    ck_assert_str_eq(why.text, wanted);
}

START_TEST(what_cannot_be_written_to_is_refused_at_once)
{
    struct folder folder = folder_new();
    struct feed_options options = options_in(&folder);
    const char *const unknown[] = {"xml", NULL};
    char wanted[sizeof folder.path + 64];

    options.formats = unknown;
    expect_refusal(&options, "xml: no such log format; there are: zeek, json, eve");
    options.formats = NULL;
    options.directory = "/nonexistent/logs";
    expect_refusal(&options, "/nonexistent/logs: No such file or directory");
    options.directory = "/dev/null";
    expect_refusal(&options, "/dev/null: Not a directory");

    options.directory = folder.path;
    bool root = geteuid() == 0; /* who may write everywhere */
    ck_assert_int_eq(chmod(folder.path, 0555), 0);
    if (root)
        ck_assert_int_eq(seteuid(65534), 0);
    snprintf(wanted, sizeof wanted, "%s: Permission denied", folder.path);
    expect_refusal(&options, wanted);
    if (root)
        ck_assert_int_eq(seteuid(0), 0);

    ck_assert_int_eq(chmod(folder.path, 0777), 0);
    folder_write(&folder, "x509.log", "of somebody else\n");
    char file[sizeof folder.path + 16];
    snprintf(file, sizeof file, "%s/x509.log", folder.path);
    ck_assert_int_eq(chmod(file, 0444), 0);
    if (root)
        ck_assert_int_eq(seteuid(65534), 0);
    snprintf(wanted, sizeof wanted, "%s/x509.log: Permission denied", folder.path);
    expect_refusal(&options, wanted);
    if (root)
        ck_assert_int_eq(seteuid(0), 0);
    folder_remove(&folder);
}
END_TEST

START_TEST(a_full_disk_is_survived_and_told)
{
    struct folder folder = folder_new();
    struct feed_options options = options_in(&folder);
    struct feed *feed = open_feed(&options);
    char wanted[sizeof folder.path + 128];
    struct fault why = {0};
    folder_link(&folder, "ssl.log", "/dev/full");
    ck_assert_str_eq(feed_fault(feed)->text, "");
    for (int i = 0; i < 10; i++)
        tell(feed, i);
    feed_flush(feed);
    snprintf(wanted, sizeof wanted, "%s/ssl.log: No space left on device", folder.path);
    ck_assert_str_eq(feed_fault(feed)->text, wanted);
    ck_assert_uint_eq(rows_in(&folder, "x509.log"), 3); /* the others go on */

    for (int i = 0; i < 5000; i++)
        tell(feed, 10 + i);
    struct feed_counts counts = feed_counts(feed);
    ck_assert_uint_eq(counts.ssl_rows, 5010);
    ck_assert_uint_gt(counts.rows_lost, 1000);
    ck_assert_uint_eq(counts.rows + counts.rows_lost, 5010 + 3 + 1);
    ck_assert(!feed_close(feed, &why));
    snprintf(wanted, sizeof wanted, "%s/ssl.log: No space left on device (5010 lines of logs lost)",
        folder.path);
    ck_assert_str_eq(why.text, wanted);
    folder_remove(&folder);
}
END_TEST

START_TEST(after_reopening_rows_go_to_new_files)
{
    struct folder folder = folder_new();
    struct feed_options options = options_in(&folder);
    struct feed *feed = open_feed(&options);
    struct fault why = {0};
    char old[sizeof folder.path + 32], moved[sizeof folder.path + 32];
    ck_assert(feed_reopen(feed, &why)); /* nothing is open yet */
    expect_files(&folder, "");
    tell(feed, 0);
    snprintf(old, sizeof old, "%s/ssl.log", folder.path);
    snprintf(moved, sizeof moved, "%s/ssl.log.1", folder.path);
    ck_assert_int_eq(rename(old, moved), 0);
    ck_assert(feed_reopen(feed, &why));
    ck_assert(folder_has(&folder, "ssl.log"));
    tell(feed, 1);
    tell(feed, 2);
    close_feed(feed);
    ck_assert_uint_eq(rows_in(&folder, "ssl.log.1"), 1);
    ck_assert_uint_eq(rows_in(&folder, "ssl.log"), 2);
    ck_assert_uint_eq(rows_in(&folder, "notice.log"), 2); /* stayed: nothing is lost */
    struct text first = folder_read(&folder, "ssl.log.1");
    struct text notice = folder_read(&folder, "notice.log");
    ck_assert_uint_eq(count_of(first.at, "#close\t"), 1);
    ck_assert_uint_eq(count_of(notice.at, "#fields\t"), 2);
    text_free(&first);
    text_free(&notice);
    folder_remove(&folder);
}
END_TEST

START_TEST(reopening_tells_what_cannot_be_opened)
{
    struct folder folder = folder_new();
    struct feed_options options = options_in(&folder);
    struct feed *feed = open_feed(&options);
    struct fault why = {0};
    char name[sizeof folder.path + 32], wanted[sizeof folder.path + 64];
    tell(feed, 0);
    snprintf(name, sizeof name, "%s/ssl.log", folder.path);
    ck_assert_int_eq(unlink(name), 0);
    ck_assert_int_eq(mkdir(name, 0700), 0);
    ck_assert(!feed_reopen(feed, &why));
    snprintf(wanted, sizeof wanted, "%s: Is a directory", name);
    ck_assert_str_eq(why.text, wanted);
    ck_assert_int_eq(rmdir(name), 0);
    tell(feed, 1);
    close_feed(feed);
    ck_assert_uint_eq(rows_in(&folder, "ssl.log"), 1);
    folder_remove(&folder);
}
END_TEST

/* Sessions every ten minutes over five hours, with ticks in between or without. */
static void
tell_hours(const struct folder *folder, int64_t tick_ns)
{
    struct feed_options options = options_in(folder);
    options.rotate_ns = hour;
    struct feed *feed = open_feed(&options);
    for (int64_t now = 0; now < 5 * hour; now += hour / 6) {
        for (int64_t t = now - hour / 6; tick_ns && t < now; t += tick_ns)
            feed_tick(feed, t);
        if (now < hour || now > 3 * hour)
            tell(feed, now + 1);
    }
    close_feed(feed);
}

START_TEST(the_logs_are_the_same_however_often_the_time_is_told)
{
    struct folder seldom = folder_new(), often = folder_new();
    tell_hours(&seldom, 0);
    tell_hours(&often, hour / 100);
    struct text list = folder_list(&seldom), other = folder_list(&often);
    ck_assert_str_eq(list.at, other.at);
    ck_assert_uint_eq(count_of(list.at, "ssl."), 3);
    ck_assert_uint_eq(count_of(list.at, "ssl.1970-01-01-03-10-00.log"), 1);
    for (char *name = list.at, *end; (end = strchr(name, '\n')); name = end + 1) {
        *end = '\0';
        struct text a = folder_read(&seldom, name), b = folder_read(&often, name);
        ck_assert_uint_gt(a.len, 0);
        ck_assert_str_eq(a.at, b.at);
        text_free(&a);
        text_free(&b);
    }
    text_free(&list);
    text_free(&other);
    folder_remove(&seldom);
    folder_remove(&often);
}
END_TEST

START_TEST(a_live_header_tells_the_time_of_day)
{
    struct folder folder = folder_new();
    struct feed_options options = options_in(&folder);
    options.live = true;
    struct feed *feed = open_feed(&options);
    tell(feed, 0);
    close_feed(feed);
    struct text ssl = folder_read(&folder, "ssl.log");
    ck_assert_uint_eq(count_of(ssl.at, "#open\t20"), 1);
    ck_assert_uint_eq(count_of(ssl.at, "#close\t20"), 1);
    text_free(&ssl);
    folder_remove(&folder);
}
END_TEST

START_TEST(news_of_the_sensor_are_notices_without_a_connection)
{
    struct folder folder = folder_new();
    struct feed_options options = options_in(&folder);
    struct feed *feed = open_feed(&options);
    const struct news news = {.note = "Certtap::List_Refused",
        .message = "Lists not reloaded\t: x",
        .detail = "x",
        .list_generation = 3};
    feed_news(feed, hour, &news);
    feed_news(feed, hour, &news); /* never suppressed */
    ck_assert_uint_eq(rows_in(&folder, "notice.log"), 2);
    close_feed(feed);
    struct text notice = folder_read(&folder, "notice.log");
    ck_assert(bytes_equal_string(column_of(&notice, 1, "ts"), "3600.000000"));
    ck_assert(bytes_equal_string(column_of(&notice, 1, "uid"), "-"));
    ck_assert(bytes_equal_string(column_of(&notice, 1, "note"), "Certtap::List_Refused"));
    ck_assert(bytes_equal_string(column_of(&notice, 1, "msg"), "Lists not reloaded\\x09: x"));
    ck_assert(bytes_equal_string(column_of(&notice, 1, "sub"), "x"));
    ck_assert(bytes_equal_string(column_of(&notice, 1, "list_generation"), "3"));
    text_free(&notice);
    folder_remove(&folder);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *suite = suite_create("feed");
    TCase *tests = tcase_create("feed");
    tcase_add_test(tests, a_session_goes_to_its_logs);
    tcase_add_test(tests, certificates_are_told_again_after_a_day_and_inherited_ones_never);
    tcase_add_test(tests, the_listener_hears_of_what_is_written);
    tcase_add_test(tests, repeats_are_told_when_time_goes_on);
    tcase_add_loop_test(
        tests, each_format_has_its_files, 0, (int)(sizeof formats / sizeof *formats));
    tcase_add_test(tests, what_cannot_be_written_to_is_refused_at_once);
    tcase_add_test(tests, a_full_disk_is_survived_and_told);
    tcase_add_test(tests, after_reopening_rows_go_to_new_files);
    tcase_add_test(tests, reopening_tells_what_cannot_be_opened);
    tcase_add_test(tests, the_logs_are_the_same_however_often_the_time_is_told);
    tcase_add_test(tests, a_live_header_tells_the_time_of_day);
    tcase_add_test(tests, news_of_the_sensor_are_notices_without_a_connection);
    suite_add_tcase(suite, tests);
    return suite;
}
