/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/keys/key_log.h"

#include <check.h>

#define RANDOM "2635fafc16c49a3e997ef714c303806dc8dbf634a2005b0e0186521c4ad6f9df"
#define SECRET "3a497c91f6e130fbc18fc9f773b92bb0d538dfedc30e964cde0676396f24d0df"
#define LONG_SECRET SECRET "00112233445566778899aabbccddeeff"

struct heard {
    size_t count;
    struct secret last;
};

static void
hear(void *owner, const struct secret *secret)
{
    struct heard *heard = owner;
    heard->count++;
    heard->last = *secret;
}

static struct heard
read_text(const char *text, struct key_log *log)
{
    struct heard heard = {0};
    key_log_feed(log, bytes_from_string(text), (struct secret_listener){&heard, hear});
    key_log_end(log, (struct secret_listener){&heard, hear});
    return heard;
}

static const struct odd {
    const char *name, *line;
    uint64_t secrets, unused, bad;
} oddities[] = {
    {"a secret", "CLIENT_TRAFFIC_SECRET_0 " RANDOM " " SECRET, 1, 0, 0},
    {"the longer one of SHA-384", "SERVER_HANDSHAKE_TRAFFIC_SECRET " RANDOM " " LONG_SECRET, 1, 0,
        0},
    {"a master secret", "CLIENT_RANDOM " RANDOM " " LONG_SECRET, 1, 0, 0},
    {"capitals",
        "CLIENT_TRAFFIC_SECRET_0 " RANDOM " 3A497C91F6E130FBC18FC9F773B92BB0"
        "D538DFEDC30E964CDE0676396F24D0DF",
        1, 0, 0},
    {"the name drafts of QUIC gave it", "QUIC_CLIENT_TRAFFIC_SECRET_0 " RANDOM " " SECRET, 1, 0, 0},
    {"carriage return", "CLIENT_TRAFFIC_SECRET_0 " RANDOM " " SECRET "\r\n", 1, 0, 0},
    {"spaces around", "  CLIENT_TRAFFIC_SECRET_0  " RANDOM "  " SECRET " ", 1, 0, 0},
    {"a comment", "# CLIENT_TRAFFIC_SECRET_0 " RANDOM " " SECRET, 0, 0, 0},
    {"nothing", "\n\n \n", 0, 0, 0},
    {"of no use", "EXPORTER_SECRET " RANDOM " " SECRET, 0, 1, 0},
    {"of no use here", "RSA 3ad00ead6ac4ac2b " LONG_SECRET, 0, 1, 0},
    {"no master secret by its length", "CLIENT_RANDOM " RANDOM " " SECRET, 0, 0, 1},
    {"unknown label", "CLIENT_SECRET " RANDOM " " SECRET, 0, 0, 1},
    {"QUIC has no master secret", "QUIC_CLIENT_RANDOM " RANDOM " " LONG_SECRET, 0, 0, 1},
    {"random too short", "CLIENT_TRAFFIC_SECRET_0 2635 " SECRET, 0, 0, 1},
    {"secret too short", "CLIENT_TRAFFIC_SECRET_0 " RANDOM " 3a497c", 0, 0, 1},
    {"secret too long", "CLIENT_TRAFFIC_SECRET_0 " RANDOM " " LONG_SECRET "00", 0, 0, 1},
    {"no secret", "CLIENT_TRAFFIC_SECRET_0 " RANDOM, 0, 0, 1},
    {"a digit is missing", "CLIENT_TRAFFIC_SECRET_0 " RANDOM " " SECRET "0", 0, 0, 1},
    {"no digits", "CLIENT_TRAFFIC_SECRET_0 " RANDOM " hello world", 0, 0, 1},
    {"digits apart", "CLIENT_TRAFFIC_SECRET_0 " RANDOM " 3a:49:7c", 0, 0, 1},
    {"a word more", "CLIENT_TRAFFIC_SECRET_0 " RANDOM " " SECRET " " SECRET, 0, 0, 1},
};

START_TEST(lines)
{
    const struct odd *odd = &oddities[_i];
    struct key_log log = {0};
    struct heard heard = read_text(odd->line, &log);
    ck_assert_msg(heard.count == odd->secrets, "%s", odd->name);
    ck_assert_msg(log.counts.secrets == odd->secrets && log.counts.unused == odd->unused &&
                      log.counts.bad == odd->bad,
        "%s", odd->name);
}
END_TEST

START_TEST(what_a_line_says)
{
    struct key_log log = {0};
    struct heard heard = read_text("SERVER_TRAFFIC_SECRET_0 " RANDOM " " LONG_SECRET, &log);
    ck_assert_int_eq(heard.last.label, SECRET_SERVER_TRAFFIC);
    ck_assert_uint_eq(heard.last.len, 48);
    ck_assert_uint_eq(heard.last.at[0], 0x3a);
    ck_assert_uint_eq(heard.last.at[47], 0xff);
    ck_assert_uint_eq(heard.last.random[31], 0xdf);
}
END_TEST

START_TEST(a_text_that_grows_by_single_bytes)
{
    const char *text = "# begun\nCLIENT_TRAFFIC_SECRET_0 " RANDOM " " SECRET "\nwhat?\n"
                       "SERVER_TRAFFIC_SECRET_0 " RANDOM " " SECRET "\n";
    struct key_log log = {0};
    struct heard heard = {0};
    for (const char *at = text; *at; at++)
        key_log_feed(&log, bytes_of(at, 1), (struct secret_listener){&heard, hear});
    ck_assert_uint_eq(heard.count, 2);
    ck_assert_uint_eq(log.counts.bad, 1);
}
END_TEST

START_TEST(a_line_is_waited_for)
{
    struct key_log log = {0};
    struct heard heard = {0};
    struct secret_listener listener = {&heard, hear};
    struct bytes line = bytes_from_string("CLIENT_TRAFFIC_SECRET_0 " RANDOM " " SECRET);
    key_log_feed(&log, line, listener);
    ck_assert_uint_eq(heard.count, 0);
    key_log_feed(&log, bytes_from_string("\n"), listener);
    ck_assert_uint_eq(heard.count, 1);
}
END_TEST

START_TEST(a_line_without_an_end_takes_no_memory_and_is_counted_once)
{
    static char junk[5000];
    struct key_log log = {0};
    memset(junk, 'A', sizeof junk);
    struct heard heard = {0};
    struct secret_listener listener = {&heard, hear};
    for (int i = 0; i < 3; i++)
        key_log_feed(&log, bytes_of(junk, sizeof junk), listener);
    key_log_feed(&log, bytes_from_string("\nCLIENT_RANDOM " RANDOM " " LONG_SECRET "\n"), listener);
    ck_assert_uint_eq(log.counts.bad, 1);
    ck_assert_uint_eq(heard.count, 1);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("dissect/keys/key_log");
    TCase *c = tcase_create("key log");
    tcase_add_loop_test(c, lines, 0, (int)(sizeof oddities / sizeof *oddities));
    tcase_add_test(c, what_a_line_says);
    tcase_add_test(c, a_text_that_grows_by_single_bytes);
    tcase_add_test(c, a_line_is_waited_for);
    tcase_add_test(c, a_line_without_an_end_takes_no_memory_and_is_counted_once);
    suite_add_tcase(s, c);
    return s;
}
