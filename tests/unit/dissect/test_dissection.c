/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/dissection.h"
#include "tests/support/scene.h"

#include <check.h>

enum { LIMIT = 1 << 20 };

static void
say(struct scene *scene, enum side from, const char *annotated)
{
    struct text text = {0};
    tls_hex(&text, annotated);
    scene_hear(scene, from, text_bytes(&text));
    text_free(&text);
}

static void
say_full(struct scene *scene)
{
    struct talk talk = {0};
    talk_tls12(&talk, scene->certificate, 2, false);
    scene_talk(scene, &talk, 1460);
    talk_free(&talk);
}

static void
must_have(const struct scene *scene, const char *what)
{
    ck_assert_msg(strstr(text_string(&scene->text), what) != NULL, "no \"%s\" in\n%s", what,
        text_string(&scene->text));
}

static void
must_be_whole(struct scene *scene, const char *carrier)
{
    ck_assert_uint_eq(scene->told, 1);
    ck_assert_str_eq(scene->facts.carrier, carrier);
    must_have(scene, "hello=1 answer=1");
    must_have(scene, "server=clear seen 2/2");
    must_have(scene, "outcome=accepted");
    ck_assert_uint_eq(scene_end(scene), 0);
}

START_TEST(a_session_is_told_once_and_the_flow_goes_quiet)
{
    struct scene scene;
    scene_begin(&scene, LIMIT);
    say_full(&scene);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert(scene.flow.quiet);
    ck_assert_ptr_null(scene.flow.dissection);
    say_full(&scene);
    scene_over(&scene, FLOW_CLOSED);
    ck_assert_uint_eq(dissection_counts(scene.dissection).sessions, 1);
    ck_assert_uint_eq(dissection_counts(scene.dissection).certificates, 2);
    must_be_whole(&scene, "tcp");
}
END_TEST

START_TEST(the_same_connection_gets_the_same_uid_in_every_run)
{
    char uid[2][UID_TEXT];
    for (int run = 0; run < 2; run++) {
        struct scene scene;
        scene_begin(&scene, LIMIT);
        say_full(&scene);
        memcpy(uid[run], scene.facts.uid, UID_TEXT);
        scene.flow.first_frame = 2;
        ck_assert_uint_eq(scene_end(&scene), 0);
    }
    ck_assert_str_eq(uid[0], uid[1]);
    ck_assert_uint_eq(strlen(uid[0]), UID_TEXT - 1);
}
END_TEST

START_TEST(tls_begins_behind_a_preamble)
{
    struct scene scene;
    scene_begin(&scene, LIMIT);
    say(&scene, RESPONDER, "'220 mx' 0d0a");
    say(&scene, ORIGINATOR, "'EHLO a' 0d0a");
    say(&scene, RESPONDER, "'250 STARTTLS' 0d0a");
    say(&scene, ORIGINATOR, "'STARTTLS' 0d0a");
    say(&scene, RESPONDER, "'220 go' 0d0a");
    say_full(&scene);
    must_be_whole(&scene, "smtp-starttls");
}
END_TEST

START_TEST(preambles_are_nested)
{
    struct scene scene;
    scene_begin(&scene, LIMIT);
    say(&scene, ORIGINATOR,
        "'PROXY TCP4 192.0.2.77 198.51.100.2 51234 443' 0d0a 'CONNECT a:25 HTTP/1.1' 0d0a0d0a");
    say(&scene, RESPONDER, "'HTTP/1.1 200 fine' 0d0a0d0a '220 mx' 0d0a");
    say(&scene, ORIGINATOR, "'EHLO a' 0d0a 'STARTTLS' 0d0a");
    say(&scene, RESPONDER, "'250 STARTTLS' 0d0a '220 go' 0d0a");
    say_full(&scene);
    ck_assert(strstr(text_string(&scene.text), "carrier=smtp-starttls 192.0.2.77") != NULL);
    must_be_whole(&scene, "smtp-starttls");
}
END_TEST

START_TEST(proxies_in_proxies_come_to_an_end)
{
    struct scene scene;
    scene_begin(&scene, LIMIT);
    for (int i = 0; i < 6; i++) {
        say(&scene, ORIGINATOR, "'CONNECT a:25 HTTP/1.1' 0d0a0d0a");
        say(&scene, RESPONDER, "'HTTP/1.1 200 fine' 0d0a0d0a");
    }
    ck_assert(scene.flow.quiet);
    ck_assert_uint_eq(scene.told, 0);
    ck_assert_uint_eq(scene_end(&scene), 0);
}
END_TEST

START_TEST(tls_is_found_in_a_protocol_that_is_unknown)
{
    struct scene scene;
    scene_begin(&scene, LIMIT);
    say(&scene, ORIGINATOR, "'xyzzy, please?' 00 ff");
    for (int i = 0; i < 20; i++)
        say(&scene, RESPONDER, "'frobnicate' 0102030405060708090a0b0c0d0e0f");
    say_full(&scene);
    must_be_whole(&scene, "tcp");
}
END_TEST

START_TEST(a_flow_that_never_comes_to_tls_goes_quiet_in_the_end)
{
    static const uint8_t data[1000] = {0x5a};
    struct scene scene;
    scene_begin(&scene, LIMIT);
    int heard = 0;
    for (; heard < 100 && !scene.flow.quiet; heard++)
        scene_hear(&scene, heard % 2 ? RESPONDER : ORIGINATOR, bytes_of(data, sizeof data));
    ck_assert_int_lt(heard, 40);
    ck_assert_int_gt(heard, 20);
    ck_assert_uint_eq(scene.pool.used, 0);
    scene_over(&scene, FLOW_CLOSED);
    ck_assert_uint_eq(scene.told, 0);
    ck_assert_uint_eq(scene_end(&scene), 0);
}
END_TEST

START_TEST(both_sides_bytes_are_kept_until_it_is_clear_whose_they_are)
{
    struct scene scene;
    struct talk talk = {0};
    scene_begin(&scene, LIMIT);
    talk_tls12(&talk, scene.certificate, 2, false);
    scene_talk(&scene, &talk, 1); /* byte by byte, the first nine are undecided */
    talk_free(&talk);
    must_be_whole(&scene, "tcp");
}
END_TEST

START_TEST(a_server_may_be_the_one_that_opened_the_connection)
{
    struct scene scene;
    struct talk talk = {0};
    scene_begin(&scene, LIMIT);
    talk_tls12(&talk, scene.certificate, 2, true);
    for (size_t i = 0; i < talk.len; i++)
        talk.turn[i].from = other_side(talk.turn[i].from);
    scene_talk(&scene, &talk, 700);
    talk_free(&talk);
    ck_assert_int_eq(scene.facts.client_side, RESPONDER);
    ck_assert_int_eq(scene.facts.history[0], '^');
    ck_assert_int_eq(scene.visibility[CLIENT], VISIBLE_CLEAR);
    must_be_whole(&scene, "tcp");
}
END_TEST

START_TEST(what_is_established_and_silent_is_told_by_the_clock)
{
    struct scene scene;
    struct talk talk = {0};
    scene_begin(&scene, LIMIT);
    talk_tls12(&talk, scene.certificate, 2, false);
    while (talk.len > 4)
        text_free(&talk.turn[--talk.len].said);
    scene_talk(&scene, &talk, 1460);
    dissection_tick(scene.dissection, scene.flow.last_ns + 9 * INT64_C(1000000000), 99);
    ck_assert_uint_eq(scene.told, 0);
    dissection_tick(scene.dissection, scene.flow.last_ns + 10 * INT64_C(1000000000), 100);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_uint_eq(scene.facts.frame, 100);
    ck_assert_int_eq(scene.facts.outcome, OUTCOME_UNKNOWN);
    ck_assert(scene.flow.quiet);
    ck_assert_int_eq(scene.visibility[SERVER], VISIBLE_CLEAR);
    talk_free(&talk);
    ck_assert_uint_eq(scene_end(&scene), 0);
}
END_TEST

/* Whatever the budget, what cannot be kept is given up, nothing leaks, nothing is told twice, and
 * no chain is called clear of which a part is gone. */
START_TEST(any_budget_is_kept_and_given_back)
{
    for (size_t limit = 0; limit < 40000; limit += limit < 9000 ? 61 : 611) {
        for (int preamble = 0; preamble < 2; preamble++) {
            struct scene scene;
            struct talk talk = {0};
            scene_begin(&scene, limit);
            size_t at_rest = scene.pool.used;
            if (preamble) {
                say(&scene, ORIGINATOR, "'CONNECT a:443 HTTP/1.1' 0d0a0d0a");
                say(&scene, RESPONDER, "'HTTP/1.1 200 fine' 0d0a0d0a");
            }
            talk_tls12(&talk, scene.certificate, 3, true);
            scene_talk(&scene, &talk, 50);
            talk_free(&talk);
            scene_over(&scene, FLOW_CLOSED);
            ck_assert_uint_le(scene.told, 1);
            ck_assert_uint_ge(scene.pool.used, at_rest);
            ck_assert_uint_le(scene.pool.peak, limit);
            for (int role = 0; scene.told && role < 2; role++)
                ck_assert_msg(
                    scene.visibility[role] != VISIBLE_CLEAR || scene.certificates[role] == 3,
                    "limit %zu", limit);
            uint64_t shed = dissection_counts(scene.dissection).shed;
            ck_assert_msg(scene.told || shed, "limit %zu", limit);
            ck_assert_uint_eq(scene_end(&scene), 0);
        }
    }
}
END_TEST

START_TEST(a_flow_without_a_byte_of_tls_is_not_told)
{
    struct scene scene;
    scene_begin(&scene, LIMIT);
    say(&scene, ORIGINATOR, "'GET / HTTP/1.1' 0d0a0d0a");
    say(&scene, RESPONDER, "'HTTP/1.1 200 OK' 0d0a0d0a");
    scene_over(&scene, FLOW_RESET);
    scene_flow(&scene);
    scene_gap(&scene, RESPONDER, 100000);
    scene_gap(&scene, ORIGINATOR, 1);
    scene_over(&scene, FLOW_IDLE);
    ck_assert_uint_eq(scene.told, 0);
    ck_assert_uint_eq(scene_end(&scene), 0);
}
END_TEST

START_TEST(a_preamble_with_a_gap_still_comes_to_tls)
{
    struct scene scene;
    scene_begin(&scene, LIMIT);
    say(&scene, RESPONDER, "'220 mx' 0d0a");
    say(&scene, ORIGINATOR, "'EHLO a' 0d0a");
    scene_gap(&scene, RESPONDER, 200);
    say(&scene, ORIGINATOR, "'STARTTLS' 0d0a");
    say(&scene, RESPONDER, "'220 go' 0d0a");
    say_full(&scene);
    must_be_whole(&scene, "smtp-starttls");
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("dissection");
    TCase *c = tcase_create("dissection");
    tcase_set_timeout(c, 60);
    tcase_add_test(c, a_session_is_told_once_and_the_flow_goes_quiet);
    tcase_add_test(c, the_same_connection_gets_the_same_uid_in_every_run);
    tcase_add_test(c, tls_begins_behind_a_preamble);
    tcase_add_test(c, preambles_are_nested);
    tcase_add_test(c, proxies_in_proxies_come_to_an_end);
    tcase_add_test(c, tls_is_found_in_a_protocol_that_is_unknown);
    tcase_add_test(c, a_flow_that_never_comes_to_tls_goes_quiet_in_the_end);
    tcase_add_test(c, both_sides_bytes_are_kept_until_it_is_clear_whose_they_are);
    tcase_add_test(c, a_server_may_be_the_one_that_opened_the_connection);
    tcase_add_test(c, what_is_established_and_silent_is_told_by_the_clock);
    tcase_add_test(c, any_budget_is_kept_and_given_back);
    tcase_add_test(c, a_flow_without_a_byte_of_tls_is_not_told);
    tcase_add_test(c, a_preamble_with_a_gap_still_comes_to_tls);
    suite_add_tcase(s, c);
    return s;
}
