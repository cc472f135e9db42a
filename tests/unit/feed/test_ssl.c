/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/logs/ssl.h"
#include "feed/writer.h"
#include "tests/support/folder.h"
#include "tests/support/told.h"

#include <check.h>

/* The whole log of one session. */
static struct text
log_of(const struct session *session)
{
    struct ssl_scratch scratch = {0};
    struct ssl_row row;
    struct text out = {0};
    ssl_row_fill(&row, session, &scratch);
    tsv_writer.begin(&out, &ssl_log, 0);
    tsv_writer.row(&out, &ssl_log, &row);
    ssl_scratch_free(&scratch);
    return out;
}

static void
check(const struct session *session, const char *const (*wanted)[2], size_t count)
{
    struct text out = log_of(session);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(bytes_equal_string(column_of(&out, 0, wanted[i][0]), wanted[i][1]),
            "%s is not %s in %s", wanted[i][0], wanted[i][1], out.at);
    text_free(&out);
}

#define CHECK(session, table) check(session, table, sizeof(table) / sizeof *(table))

#define SERVER_FPS                                                                                 \
    "1111111111111111111111111111111111111111111111111111111111111111,"                            \
    "2222222222222222222222222222222222222222222222222222222222222222"
#define CLIENT_FPS "3333333333333333333333333333333333333333333333333333333333333333"

START_TEST(a_full_session_fills_every_column)
{
    static const char *const wanted[][2] = {
        {"ts", "1425932016.520157"},
        {"uid", "CHhAvVGS1DHFjwGM9"},
        {"id.orig_h", "128.232.110.120"},
        {"id.orig_p", "34855"},
        {"id.resp_h", "66.35.250.204"},
        {"id.resp_p", "80"},
        {"version", "TLSv12"},
        {"cipher", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
        {"curve", "x25519"},
        {"server_name", "mail.example.com"},
        {"resumed", "F"},
        {"last_alert", "-"},
        {"next_protocol", "h2"},
        {"established", "T"},
        {"ssl_history", "CsxrnXGYIFif"},
        {"cert_chain_fps", SERVER_FPS},
        {"client_cert_chain_fps", CLIENT_FPS},
        {"sni_matches_cert", "T"},
        {"ja3", "0cc175b9c0f1b6a831c399e269772661"},
        {"ja3s", "92eb5ffee6ae2fec3ad71c777531578f"},
        {"ja4", "t12d1516h2_8daaf6152771_e5627efa2ab1"},
        {"community_id", "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
        {"service", "smtp-relay"},
        {"cert_visibility", "clear"},
        {"client_cert_visibility", "clear"},
        {"client_cert_requested", "T"},
        {"possession", "verified"},
        {"outcome", "accepted"},
        {"resumed_from", "-"},
        {"keys_used", "F"},
        {"carrier", "tcp"},
        {"tunnel", "-"},
        {"vlan", "-"},
        {"orig_l2_addr", "02:00:00:00:00:fe"},
        {"resp_l2_addr", "-"},
        {"missed_bytes", "0"},
    };
    struct told told;
    told_make(&told);
    CHECK(&told.session, wanted);
    ck_assert_uint_eq(sizeof wanted / sizeof *wanted, ssl_log.len);
    for (size_t i = 0; i < ssl_log.len; i++)
        ck_assert_str_eq(ssl_log.columns[i].name, wanted[i][0]);
}
END_TEST

START_TEST(suites_of_sslv2_have_names)
{
    static const char *const chosen[][2] = {
        {"version", "SSLv2"},
        {"cipher", "SSLv20_CK_DES_192_EDE3_CBC_WITH_MD5"},
    };
    static const char *const resumed[][2] = {{"version", "SSLv2"}, {"cipher", "-"}};
    struct session session = {.has_answer = true, .version = 2};
    session.answer = (struct server_hello){.sslv2 = true, .sslv2_cipher = 0x0700c0};
    CHECK(&session, chosen);
    session.answer.sslv2_cipher = 0;
    CHECK(&session, resumed);
}
END_TEST

START_TEST(a_session_of_which_nothing_is_known_has_nothing_to_say)
{
    static const char *const wanted[][2] = {
        {"id.orig_h", "-"},
        {"id.orig_p", "-"},
        {"id.resp_h", "-"},
        {"id.resp_p", "-"},
        {"version", "-"},
        {"cipher", "-"},
        {"curve", "-"},
        {"server_name", "-"},
        {"resumed", "F"},
        {"last_alert", "-"},
        {"next_protocol", "-"},
        {"established", "F"},
        {"ssl_history", "-"},
        {"cert_chain_fps", "-"},
        {"client_cert_chain_fps", "-"},
        {"sni_matches_cert", "-"},
        {"ja3", "-"},
        {"ja3s", "-"},
        {"ja4", "-"},
        {"community_id", "-"},
        {"service", "-"},
        {"client_cert_requested", "-"},
        {"possession", "unchecked"},
        {"outcome", "unknown"},
        {"carrier", "802.1x"},
        {"orig_l2_addr", "-"},
        {"resp_l2_addr", "aa:bb:cc:dd:ee:0f"},
    };
    struct session session = {
        .last_alert = NO_ALERT,
        .carrier = "802.1x",
        .path.l2 = {{0}, {0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0x0f}},
    };
    CHECK(&session, wanted);
}
END_TEST

START_TEST(a_side_without_certificates_is_empty_once_the_other_had_some)
{
    static const char *const wanted[][2] = {
        {"cert_chain_fps", SERVER_FPS},
        {"client_cert_chain_fps", "(empty)"},
        {"client_cert_visibility", "none"},
        {"last_alert", "handshake_failure"},
        {"established", "F"},
        {"outcome", "rejected"},
        {"sni_matches_cert", "F"},
    };
    struct told told;
    told_make(&told);
    told.session.chain[CLIENT] = (struct chain){.visibility = HIDDEN_NONE};
    told.session.last_alert = 40;
    told.session.established = false;
    told.session.outcome = OUTCOME_REJECTED;
    told.session.sni_matches = NO;
    CHECK(&told.session, wanted);
}
END_TEST

START_TEST(an_empty_certificate_message_is_seen_too)
{
    static const char *const wanted[][2] = {
        {"cert_chain_fps", "(empty)"}, {"client_cert_chain_fps", "(empty)"}};
    struct told told;
    told_make(&told);
    told.session.chain[SERVER] = (struct chain){.visibility = HIDDEN_MISSED};
    told.session.chain[CLIENT] = (struct chain){.visibility = HIDDEN_NONE, .seen = true};
    CHECK(&told.session, wanted);
}
END_TEST

START_TEST(the_way_it_travelled_is_told)
{
    static const char *const wanted[][2] = {{"tunnel", "vxlan:5001"}, {"vlan", "100,4094"},
        {"missed_bytes", "1448"}, {"keys_used", "T"}, {"resumed", "T"},
        {"resumed_from", "CAbcdefgh"}, {"cert_visibility", "inherited"},
        {"cert_chain_fps", SERVER_FPS}};
    static const char *const without_number[][2] = {{"tunnel", "ipip"}, {"vlan", "7"}};
    struct told told;
    told_make(&told);
    told.session.path =
        (struct path){.vlan = {100, 4094}, .tunnels = 1, .tunnel = "vxlan", .tunnel_id = 5001};
    told.session.missed_bytes = 1448;
    told.session.keys_used = told.session.resumed = true;
    memcpy(told.session.resumed_from, "CAbcdefgh", sizeof "CAbcdefgh");
    told.session.chain[SERVER].visibility = VISIBLE_INHERITED;
    told.session.chain[SERVER].seen = false;
    CHECK(&told.session, wanted);
    told.session.path = (struct path){.vlan = {0, 7}, .tunnels = 1, .tunnel = "ipip"};
    CHECK(&told.session, without_number);
}
END_TEST

START_TEST(a_server_name_cannot_break_the_row)
{
    struct told told;
    told_make(&told);
    told.session.hello.server_name = bytes_of("a\tb\n\0c\xff", 7);
    told.session.answer.alpn = bytes_of("\t", 1);
    struct text out = log_of(&told.session);
    ck_assert(bytes_equal_string(column_of(&out, 0, "server_name"), "a\\x09b\\x0a\\x00c\\xff"));
    ck_assert(bytes_equal_string(column_of(&out, 0, "next_protocol"), "\\x09"));
    ck_assert(bytes_equal_string(column_of(&out, 0, "missed_bytes"), "0"));
    told.session.hello.server_name = (struct bytes){0};
    text_free(&out);
    out = log_of(&told.session);
    ck_assert(bytes_equal_string(column_of(&out, 0, "server_name"), "(empty)"));
    text_free(&out);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *suite = suite_create("ssl");
    TCase *tests = tcase_create("ssl");
    tcase_add_test(tests, a_full_session_fills_every_column);
    tcase_add_test(tests, suites_of_sslv2_have_names);
    tcase_add_test(tests, a_session_of_which_nothing_is_known_has_nothing_to_say);
    tcase_add_test(tests, a_side_without_certificates_is_empty_once_the_other_had_some);
    tcase_add_test(tests, an_empty_certificate_message_is_seen_too);
    tcase_add_test(tests, the_way_it_travelled_is_told);
    tcase_add_test(tests, a_server_name_cannot_break_the_row);
    suite_add_tcase(suite, tests);
    return suite;
}
