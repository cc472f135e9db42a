/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/logs/notice.h"
#include "feed/writer.h"
#include "tests/support/folder.h"
#include "tests/support/told.h"

#include <check.h>

static void
check(const struct session *session, const struct hit *hit, const char *const (*wanted)[2],
    size_t count)
{
    static const struct notice_options options = {"tap1", INT64_C(3600000000000)};
    struct notice_row row;
    struct text words = {0};
    struct text out = {0};
    notice_row_fill(&row, session, hit, &options, &words);
    tsv_writer.begin(&out, &notice_log, 0);
    tsv_writer.row(&out, &notice_log, &row);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(bytes_equal_string(column_of(&out, 0, wanted[i][0]), wanted[i][1]),
            "%s is not %s in %s", wanted[i][0], wanted[i][1], out.at);
    text_free(&words);
    text_free(&out);
}

#define CHECK(session, hit, table) check(session, hit, table, sizeof(table) / sizeof *(table))

static struct hit
stolen(const struct told *told)
{
    return (struct hit){
        .note = NOTE_WATCHED_CERTIFICATE,
        .role = CLIENT,
        .certificate = &told->client_leaf,
        .indicator = "3333333333333333333333333333333333333333333333333333333333333333",
        .indicator_type = "sha256",
        .list = "stolen.txt",
        .line = 4,
        .description = "Journaling certificate",
        .reference = "https://vendor.example/advisory",
        .tlp = "amber",
        .severity = SEVERITY_HIGH,
        .confidence = 100,
        .why = "128.232.110.120 showed it.",
    };
}

START_TEST(a_hit_fills_its_columns)
{
    static const char *const wanted[][2] = {
        {"ts", "1425932016.520157"},
        {"uid", "CHhAvVGS1DHFjwGM9"},
        {"id.orig_h", "128.232.110.120"},
        {"id.orig_p", "34855"},
        {"id.resp_h", "66.35.250.204"},
        {"id.resp_p", "80"},
        {"fuid", "-"},
        {"file_mime_type", "-"},
        {"file_desc", "-"},
        {"proto", "tcp"},
        {"note", "Certtap::Watched_Certificate"},
        {"msg", "Watched certificate, sent by the client: Journaling certificate"},
        {"sub", "CN=journal.vendor.example"},
        {"src", "128.232.110.120"},
        {"dst", "66.35.250.204"},
        {"p", "80"},
        {"n", "1"},
        {"peer_descr", "tap1"},
        {"actions", "Notice::ACTION_LOG"},
        {"email_dest", "(empty)"},
        {"suppress_for", "3600.000000"},
        {"remote_location.country_code", "-"},
        {"remote_location.region", "-"},
        {"remote_location.city", "-"},
        {"remote_location.latitude", "-"},
        {"remote_location.longitude", "-"},
        {"role", "client"},
        {"chain_index", "0"},
        {"indicator", "3333333333333333333333333333333333333333333333333333333333333333"},
        {"indicator_type", "sha256"},
        {"list", "stolen.txt"},
        {"list_line", "4"},
        {"visibility", "clear"},
        {"possession", "verified"},
        {"outcome", "accepted"},
        {"service", "smtp-relay"},
        {"severity", "high"},
        {"confidence", "100"},
        {"reference", "https://vendor.example/advisory"},
        {"fingerprint", "3333333333333333333333333333333333333333333333333333333333333333"},
        {"spki_sha256", "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"},
        {"why", "128.232.110.120 showed it."},
        {"list_generation", "-"},
        {"evidence", "-"},
    };
    struct told told;
    told_make(&told);
    struct hit hit = stolen(&told);
    CHECK(&told.session, &hit, wanted);
    ck_assert_uint_eq(sizeof wanted / sizeof *wanted, notice_log.len);
    for (size_t i = 0; i < notice_log.len; i++)
        ck_assert_str_eq(notice_log.columns[i].name, wanted[i][0]);
}
END_TEST

START_TEST(a_hit_without_certificate_leaves_out_what_is_of_one)
{
    static const char *const wanted[][2] = {{"note", "Certtap::Watched_Address"},
        {"msg", "Watched address, server"}, {"sub", "-"}, {"chain_index", "-"}, {"list_line", "-"},
        {"reference", "-"}, {"fingerprint", "-"}, {"spki_sha256", "-"}, {"severity", "low"},
        {"confidence", "0"}, {"proto", "udp"}};
    struct told told;
    told_make(&told);
    told.session.protocol = 17;
    struct hit hit = {
        .note = NOTE_WATCHED_ADDRESS,
        .role = SERVER,
        .chain_index = -1,
        .indicator = "66.35.250.0/24",
        .indicator_type = "address",
        .list = "nets",
        .description = "",
        .reference = "",
        .tlp = "",
        .why = "It answered.",
    };
    CHECK(&told.session, &hit, wanted);
}
END_TEST

START_TEST(the_source_is_whom_a_proxy_names)
{
    static const char *const wanted[][2] = {
        {"id.orig_h", "128.232.110.120"}, {"src", "203.0.113.9"}, {"dst", "66.35.250.204"}};
    struct told told;
    told_make(&told);
    told.session.has_client_address = true;
    told.session.client_address = told_address("203.0.113.9");
    struct hit hit = stolen(&told);
    CHECK(&told.session, &hit, wanted);
}
END_TEST

START_TEST(texts_of_lists_cannot_break_the_row)
{
    static const char *const wanted[][2] = {{"indicator", "a\\x09b"}, {"list", "\\x2d"},
        {"reference", "x\\x0ay"}, {"why", "tab\\x09"},
        {"msg", "Watched certificate, sent by the client: line\\x0aline"}};
    struct told told;
    told_make(&told);
    struct hit hit = stolen(&told);
    hit.indicator = "a\tb";
    hit.list = "-";
    hit.reference = "x\ny";
    hit.why = "tab\t";
    hit.description = "line\nline";
    CHECK(&told.session, &hit, wanted);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *suite = suite_create("notice");
    TCase *tests = tcase_create("notice");
    tcase_add_test(tests, a_hit_fills_its_columns);
    tcase_add_test(tests, a_hit_without_certificate_leaves_out_what_is_of_one);
    tcase_add_test(tests, the_source_is_whom_a_proxy_names);
    tcase_add_test(tests, texts_of_lists_cannot_break_the_row);
    suite_add_tcase(suite, tests);
    return suite;
}
