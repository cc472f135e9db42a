/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/tls_stream.h"
#include "tests/support/scene.h"

#include <check.h>

enum { LIMIT = 1 << 20 };

/* The session of a talk in pieces of `most` bytes, described; the caller's to text_free(). */
static struct text
session_of(const struct talk *talk, size_t most)
{
    struct scene scene;
    struct text copy = {0};
    scene_begin(&scene, LIMIT);
    scene_talk(&scene, talk, most);
    scene_over(&scene, FLOW_CLOSED);
    ck_assert_uint_eq(scene.told, 1);
    text_add(&copy, text_bytes(&scene.text));
    ck_assert_uint_eq(scene_end(&scene), 0);
    return copy;
}

static void
must_have(const struct text *text, const char *what)
{
    ck_assert_msg(
        strstr(text_string(text), what) != NULL, "no \"%s\" in\n%s", what, text_string(text));
}

static void
check_pieces(const struct talk *talk, const struct text *whole)
{
    static const size_t most[] = {1, 2, 3, 5, 6, 16, 100, 1460};
    for (size_t i = 0; i < sizeof most / sizeof *most; i++) {
        struct text pieces = session_of(talk, most[i]);
        ck_assert_str_eq(text_string(&pieces), text_string(whole));
        text_free(&pieces);
    }
}

/* The talk of a full handshake whose certificates are the scene's. */
static struct talk
full_talk(bool mutual)
{
    struct scene scene;
    struct talk talk = {0};
    scene_begin(&scene, LIMIT);
    talk_tls12(&talk, scene.certificate, 3, mutual);
    ck_assert_uint_eq(scene_end(&scene), 0);
    return talk;
}

START_TEST(a_handshake_in_pieces_of_any_size_is_the_same_session)
{
    struct talk talk = full_talk(true);
    struct text whole = session_of(&talk, SIZE_MAX);
    must_have(&whole, "version=0303");
    must_have(&whole, "name=subject");
    must_have(&whole, "curve=1 001d");
    must_have(&whole, "established=1");
    must_have(&whole, "client=clear seen 3/3");
    must_have(&whole, "server=clear seen 3/3");
    must_have(&whole, "requested=2");
    must_have(&whole, "outcome=accepted");
    must_have(&whole, "matches=2");
    must_have(&whole, "history=CsxkrnXGYI");
    check_pieces(&talk, &whole);
    text_free(&whole);
    talk_free(&talk);
}
END_TEST

START_TEST(tls13_hides_what_it_hides_in_any_pieces)
{
    for (int retry = 0; retry < 2; retry++) {
        struct talk talk = {0};
        talk_tls13(&talk, retry);
        struct text whole = session_of(&talk, SIZE_MAX);
        must_have(&whole, "version=0304");
        must_have(&whole, "curve=1 001d");
        must_have(&whole, "client=encrypted tls13 0/0");
        must_have(&whole, "server=encrypted tls13 0/0");
        must_have(&whole, "established=1");
        must_have(&whole, "outcome=accepted");
        must_have(&whole, retry ? "history=CjICs" : "history=Cs");
        check_pieces(&talk, &whole);
        text_free(&whole);
        talk_free(&talk);
    }
}
END_TEST

START_TEST(a_retry_with_nothing_behind_it_hides_nothing_yet)
{
    struct talk talk = {0};
    struct scene scene;
    talk_tls13(&talk, true);
    while (talk.len > 2)
        text_free(&talk.turn[--talk.len].said);
    scene_begin(&scene, LIMIT);
    scene_talk(&scene, &talk, SIZE_MAX);
    scene_over(&scene, FLOW_CLOSED);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_int_eq(scene.reason[SERVER], REASON_ENDED_BEFORE);
    ck_assert_int_eq(scene.reason[CLIENT], REASON_ENDED_BEFORE);
    ck_assert_uint_eq(scene_end(&scene), 0);
    talk_free(&talk);
}
END_TEST

/* Loses `missing` bytes of a turn from its byte `at` on. */
static void
talk_with_gap(struct scene *scene, const struct talk *talk, size_t turn, size_t at, size_t missing)
{
    for (size_t i = 0; i < talk->len; i++) {
        struct bytes said = text_bytes(&talk->turn[i].said);
        if (i != turn) {
            scene_hear(scene, talk->turn[i].from, said);
            continue;
        }
        if (at)
            scene_hear(scene, talk->turn[i].from, bytes_first(said, at));
        scene_gap(scene, talk->turn[i].from, missing);
        if (at + missing < said.len)
            scene_hear(scene, talk->turn[i].from, bytes_skip(said, at + missing));
    }
    scene_over(scene, FLOW_CLOSED);
}

/* A loss may hide certificates; it must never make an incomplete chain look whole, an absent one
 * look as if none was sent, or a session appear twice. */
START_TEST(a_gap_in_any_place_never_makes_a_chain_look_whole)
{
    static const size_t missing[] = {1, 2, 5, 9, 40, 150, 400};
    struct talk talk = full_talk(true);
    struct scene scene;
    scene_begin(&scene, LIMIT);
    for (size_t turn = 0; turn < talk.len; turn++) {
        size_t len = talk.turn[turn].said.len;
        for (size_t k = 0; k < sizeof missing / sizeof *missing; k++) {
            for (size_t at = 0; at < len && at + missing[k] <= len; at++) {
                scene.told = 0;
                scene_flow(&scene);
                talk_with_gap(&scene, &talk, turn, at, missing[k]);
                ck_assert_uint_le(scene.told, 1);
                for (int role = 0; scene.told && role < 2; role++) {
                    bool clear = scene.visibility[role] == VISIBLE_CLEAR;
                    bool missed = scene.visibility[role] == HIDDEN_MISSED;
                    ck_assert_msg(clear || missed, "%s: %s, turn %zu, %zu missing at %zu",
                        role_name((enum role)role), visibility_reason_name(scene.reason[role]),
                        turn, missing[k], at);
                    ck_assert_msg(!clear || scene.certificates[role] == 3,
                        "turn %zu, %zu missing at %zu", turn, missing[k], at);
                }
            }
        }
    }
    ck_assert_uint_eq(scene_end(&scene), 0);
    talk_free(&talk);
}
END_TEST

START_TEST(the_way_is_found_again_behind_a_gap)
{
    struct talk talk = full_talk(false);
    struct scene scene;
    scene_begin(&scene, LIMIT);
    scene_hear(&scene, ORIGINATOR, text_bytes(&talk.turn[0].said));
    scene_gap(&scene, RESPONDER, 3); /* of a record whose end is then heard */
    struct text flight = {0};
    tls_hex(&flight, "0102030405060708");
    text_add(&flight, text_bytes(&talk.turn[1].said));
    scene_hear(&scene, RESPONDER, text_bytes(&flight));
    for (size_t i = 2; i < talk.len; i++)
        scene_hear(&scene, talk.turn[i].from, text_bytes(&talk.turn[i].said));
    scene_over(&scene, FLOW_CLOSED);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_int_eq(scene.visibility[SERVER], VISIBLE_CLEAR);
    ck_assert_uint_eq(scene.certificates[SERVER], 3);
    ck_assert(scene.facts.established);
    text_free(&flight);
    ck_assert_uint_eq(scene_end(&scene), 0);
    talk_free(&talk);
}
END_TEST

START_TEST(a_gap_within_ciphertext_takes_nothing_away)
{
    struct talk talk = full_talk(false);
    struct scene scene;
    scene_begin(&scene, LIMIT);
    for (size_t i = 0; i < 4; i++)
        scene_hear(&scene, talk.turn[i].from, text_bytes(&talk.turn[i].said));
    scene_hear(&scene, ORIGINATOR, bytes_first(text_bytes(&talk.turn[4].said), 10));
    scene_gap(&scene, ORIGINATOR, talk.turn[4].said.len - 12);
    scene_hear(&scene, ORIGINATOR, bytes_of("xx", 2));
    scene_hear(&scene, RESPONDER, text_bytes(&talk.turn[5].said));
    scene_over(&scene, FLOW_CLOSED);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_int_eq(scene.visibility[SERVER], VISIBLE_CLEAR);
    ck_assert_int_eq(scene.reason[CLIENT], REASON_NOT_REQUESTED);
    ck_assert_int_eq(scene.facts.outcome, OUTCOME_ACCEPTED);
    ck_assert_uint_eq(scene_end(&scene), 0);
    talk_free(&talk);
}
END_TEST

/* SSL 2.0's way to say hello to servers of any version. */
static const char sslv2_hello[] = "802e 01 0301 0015 0000 0010 # type, version, lengths\n"
                                  "00002f 000035 000005 00000a 010080 0700c0 030080\n"
                                  "000102030405060708090a0b0c0d0e0f\n";

START_TEST(an_old_hello_is_followed_in_tls_records)
{
    struct talk full = full_talk(false);
    struct talk talk = {0};
    talk_say(&talk, ORIGINATOR, sslv2_hello);
    for (size_t i = 1; i < full.len; i++)
        text_add(talk_turn(&talk, full.turn[i].from), text_bytes(&full.turn[i].said));
    struct text whole = session_of(&talk, SIZE_MAX);
    must_have(&whole, "hello=1 answer=1");
    must_have(&whole, "version=0303");
    must_have(&whole, "server=clear seen 3/3");
    must_have(&whole, "client=none not-requested");
    must_have(&whole, "established=1");
    check_pieces(&talk, &whole);
    text_free(&whole);
    talk_free(&talk);
    talk_free(&full);
}
END_TEST

static const char sslv2_answer[] =
    "8014 04 00 01 0002 0000 0006 0003 # a new session, no certificate\n"
    "0700c0 010080 c0ffee\n";
static const char sslv2_master_key[] = "8010 02 010080 0001 0002 0003 # what the client chooses\n"
                                       "00 0000 000000\n";

START_TEST(in_sslv2_the_client_chooses_the_suite)
{
    struct talk talk = {0};
    talk_say(&talk, ORIGINATOR, sslv2_hello);
    talk_say(&talk, RESPONDER, sslv2_answer);
    struct text offered = session_of(&talk, SIZE_MAX);
    must_have(&offered, "version=0002");
    must_have(&offered, "suite=0700c0");
    must_have(&offered, "established=0");
    talk_say(&talk, ORIGINATOR, sslv2_master_key);
    struct text chosen = session_of(&talk, SIZE_MAX);
    must_have(&chosen, "suite=010080");
    must_have(&chosen, "established=1");
    check_pieces(&talk, &chosen);
    text_free(&offered);
    text_free(&chosen);
    talk_free(&talk);
}
END_TEST

START_TEST(alerts_stand_between_fragments_and_change_nothing)
{
    struct talk full = full_talk(false);
    struct talk talk = {0};
    struct bytes flight = bytes_skip(text_bytes(&full.turn[1].said), RECORD_HEADER);
    for (size_t i = 0; i < full.len; i++) {
        struct text *said = talk_turn(&talk, full.turn[i].from);
        if (i != 1) {
            text_add(said, text_bytes(&full.turn[i].said));
            continue;
        }
        for (; flight.len; flight = bytes_skip(flight, 100)) {
            tls_record(said, RECORD_HANDSHAKE, bytes_first(flight, 100));
            tls_record_hex(said, RECORD_ALERT, "01 70"); /* warning: unrecognized name */
            tls_record_hex(said, RECORD_HANDSHAKE, "");
        }
    }
    struct text whole = session_of(&talk, SIZE_MAX);
    must_have(&whole, "server=clear seen 3/3");
    must_have(&whole, "alert=112");
    must_have(&whole, "established=1");
    check_pieces(&talk, &whole);
    text_free(&whole);
    talk_free(&talk);
    talk_free(&full);
}
END_TEST

START_TEST(records_of_one_byte_are_put_together)
{
    struct talk full = full_talk(true);
    struct talk talk = {0};
    for (size_t i = 0; i < full.len; i++) {
        struct text *said = talk_turn(&talk, full.turn[i].from);
        struct bytes content = bytes_skip(text_bytes(&full.turn[i].said), RECORD_HEADER);
        if (i > 1) {
            text_add(said, text_bytes(&full.turn[i].said));
            continue;
        }
        for (; content.len; content = bytes_skip(content, 1))
            tls_record(said, RECORD_HANDSHAKE, bytes_first(content, 1));
    }
    struct text whole = session_of(&talk, SIZE_MAX);
    struct text as_usual = session_of(&full, SIZE_MAX);
    ck_assert_str_eq(text_string(&whole), text_string(&as_usual));
    check_pieces(&talk, &whole);
    text_free(&whole);
    text_free(&as_usual);
    talk_free(&talk);
    talk_free(&full);
}
END_TEST

START_TEST(the_beginning_is_recognised_byte_by_byte)
{
    static const struct {
        const char *hex;
        bool anywhere;
        enum look look;
    } cases[] = {
        {"'GET / HTTP/1.1'", false, LOOK_NOT_MINE},
        {"16 0301 0044 01 000040 0303", false, LOOK_MINE},
        {"16 0301 0044 02 000040 0303", false, LOOK_MINE},
        {"16 0301 0001 01", false, LOOK_MINE},
        {"16 0303 0000 16 0301 0044 01 000040 0303", false, LOOK_MINE},
        {"16 0101 0044 01 000040 0101", false, LOOK_MINE},
        {"16 0301 0044 05 000040 0303", false, LOOK_NOT_MINE},
        {"16 0303 0107 0b 000106 000103 000100 3082", false, LOOK_NOT_MINE},
        {"16 0303 010a 0b 000106 000103 000100 3082", true, LOOK_MINE},
        {"17 0303 0005 0102030405", true, LOOK_NOT_MINE},
        {"16 0200 0005 01", false, LOOK_NOT_MINE},
        {"802e 01 0301 0015 0000 0010", false, LOOK_MINE},
        {"802e 01 0301 0015 0000 0011", false, LOOK_NOT_MINE},
        {"802e 02 0301 0015 0000 0010", false, LOOK_NOT_MINE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text text = {0};
        tls_hex(&text, cases[i].hex);
        struct bytes all = text_bytes(&text);
        ck_assert_msg(tls_look(all, cases[i].anywhere) == cases[i].look, "%s", cases[i].hex);
        enum look before = LOOK_MAYBE;
        for (size_t len = 0; len <= all.len; len++) {
            enum look now = tls_look(bytes_first(all, len), cases[i].anywhere);
            ck_assert_msg(before == LOOK_MAYBE || now == before, "%s: another mind at %zu",
                cases[i].hex, len);
            before = now;
        }
        text_free(&text);
    }
}
END_TEST

START_TEST(what_is_no_tls_any_more_is_given_up)
{
    struct talk full = full_talk(false);
    struct scene scene;
    scene_begin(&scene, LIMIT);
    scene_hear(&scene, ORIGINATOR, text_bytes(&full.turn[0].said));
    scene_hear(&scene, RESPONDER, bytes_from_string("HTTP/1.1 400 Bad Request\r\n"));
    scene_over(&scene, FLOW_CLOSED);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert(scene.visibility[SERVER] != VISIBLE_CLEAR);
    ck_assert(!scene.facts.has_answer);
    ck_assert_uint_eq(scene_end(&scene), 0);
    talk_free(&full);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("tls_stream");
    TCase *c = tcase_create("tls_stream");
    tcase_set_timeout(c, 100);
    tcase_add_test(c, a_handshake_in_pieces_of_any_size_is_the_same_session);
    tcase_add_test(c, tls13_hides_what_it_hides_in_any_pieces);
    tcase_add_test(c, a_retry_with_nothing_behind_it_hides_nothing_yet);
    tcase_add_test(c, a_gap_in_any_place_never_makes_a_chain_look_whole);
    tcase_add_test(c, the_way_is_found_again_behind_a_gap);
    tcase_add_test(c, a_gap_within_ciphertext_takes_nothing_away);
    tcase_add_test(c, an_old_hello_is_followed_in_tls_records);
    tcase_add_test(c, in_sslv2_the_client_chooses_the_suite);
    tcase_add_test(c, alerts_stand_between_fragments_and_change_nothing);
    tcase_add_test(c, records_of_one_byte_are_put_together);
    tcase_add_test(c, the_beginning_is_recognised_byte_by_byte);
    tcase_add_test(c, what_is_no_tls_any_more_is_given_up);
    suite_add_tcase(s, c);
    return s;
}
