/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/scene.h"

#include <check.h>

enum { PRELOGIN = 0x12, RESULT = 0x04, LOGIN = 0x10, LAST = 1, PACKET_HEADER = 8 };

#define OPTIONS "00 0010 0006 01 0016 0001 04 0017 0001 ff"
#define ASKS OPTIONS "0f000000 0000 01 00"
#define AGREES OPTIONS "0f000fa0 0000 01 00"

static struct scene scene;
static struct talk tls; /* what is wrapped: see talk_tls12 */

static void
setup(void)
{
    scene_begin(&scene, 4 << 20);
    talk_tls12(&tls, scene.certificate, 2, true);
}

static void
teardown(void)
{
    talk_free(&tls);
    ck_assert_uint_eq(scene_end(&scene), 0);
}

static void
add_packet(struct text *out, uint8_t type, struct bytes payload, bool last)
{
    size_t length = PACKET_HEADER + payload.len;
    const uint8_t header[PACKET_HEADER] = {
        type, last, (uint8_t)(length >> 8), (uint8_t)length, 0, 0, 1, 0};
    text_add(out, bytes_of(header, sizeof header));
    text_add(out, payload);
}

static void
add_packet_hex(struct text *out, uint8_t type, const char *annotated)
{
    struct text payload = {0};
    tls_hex(&payload, annotated);
    add_packet(out, type, text_bytes(&payload), true);
    text_free(&payload);
}

static void
add_wrapped(struct text *out, struct bytes said, size_t most)
{
    for (; said.len; said = bytes_skip(said, most))
        add_packet(out, PRELOGIN, bytes_first(said, most), said.len <= most);
}

/* The handshake in packets of at most `most` bytes, the data behind it bare. */
static struct talk
wrapped(size_t most)
{
    struct talk talk = {0};
    add_packet_hex(talk_turn(&talk, ORIGINATOR), PRELOGIN, ASKS);
    add_packet_hex(talk_turn(&talk, RESPONDER), RESULT, AGREES);
    for (size_t i = 0; i < tls.len; i++) {
        struct bytes said = text_bytes(&tls.turn[i].said);
        struct text *turn = talk_turn(&talk, tls.turn[i].from);
        if (i < 4)
            add_wrapped(turn, said, most);
        else
            text_add(turn, said);
    }
    return talk;
}

static void
assert_both_chains(void)
{
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_str_eq(scene.facts.carrier, "tds");
    ck_assert_uint_eq(scene.certificates[CLIENT], 2);
    ck_assert_uint_eq(scene.certificates[SERVER], 2);
    ck_assert_int_eq(scene.visibility[CLIENT], VISIBLE_CLEAR);
    ck_assert_int_eq(scene.visibility[SERVER], VISIBLE_CLEAR);
    ck_assert_int_eq(scene.facts.outcome, OUTCOME_ACCEPTED);
}

static const size_t packets[] = {1, 5, 100, 512, 4096, 20000};

START_TEST(packets_and_segments_of_any_size)
{
    static const size_t segments[] = {1, 2, 7, 8, 9, 100, 1460, 100000};
    struct talk talk = wrapped(packets[_i]);
    for (size_t i = 0; i < sizeof segments / sizeof *segments; i++) {
        scene.told = 0;
        scene_flow(&scene);
        scene_talk(&scene, &talk, segments[i]);
        assert_both_chains();
        ck_assert(scene.flow.quiet);
    }
    talk_free(&talk);
}
END_TEST

/* Only the login is encrypted: what the server says behind it is TDS again. */
START_TEST(behind_the_login_packets_may_come_back)
{
    struct talk talk = wrapped(4096);
    struct turn *last = &talk.turn[talk.len - 1];
    text_clear(&last->said);
    add_packet_hex(&last->said, RESULT, "e3 1b00 0106 'master'");
    add_packet_hex(&last->said, RESULT, "fd 1000 c100 01000000");
    scene_talk(&scene, &talk, 100);
    ck_assert_uint_eq(scene.told, 0);
    scene_over(&scene, FLOW_CLOSED);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_uint_eq(scene.certificates[SERVER], 2);
    ck_assert(scene.facts.established);
    talk_free(&talk);
}
END_TEST

START_TEST(a_login_without_tls_is_left_alone)
{
    struct talk talk = {0};
    add_packet_hex(talk_turn(&talk, ORIGINATOR), PRELOGIN, ASKS);
    add_packet_hex(talk_turn(&talk, RESPONDER), RESULT, AGREES);
    add_packet_hex(talk_turn(&talk, ORIGINATOR), LOGIN, "e2000000 00000071");
    scene_talk(&scene, &talk, 10000);
    ck_assert(scene.flow.quiet);
    ck_assert_uint_eq(scene.told, 0);
    talk_free(&talk);
}
END_TEST

START_TEST(one_side_alone_tells_its_chain)
{
    enum side only = _i ? RESPONDER : ORIGINATOR;
    struct talk talk = wrapped(1000);
    for (size_t i = 0; i < talk.len; i++)
        if (talk.turn[i].from == only)
            scene_hear(&scene, only, text_bytes(&talk.turn[i].said));
    scene_over(&scene, FLOW_OVER);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_uint_eq(scene.certificates[only == ORIGINATOR ? CLIENT : SERVER], 2);
    talk_free(&talk);
}
END_TEST

/* A chain is whole or missed, whatever is lost. */
START_TEST(gaps_are_told)
{
    struct talk talk = wrapped(300);
    for (size_t turn = 0; turn < talk.len; turn++) {
        struct bytes said = text_bytes(&talk.turn[turn].said);
        for (size_t at = 0; at < said.len; at += 37) {
            size_t lost = said.len - at < 50 ? said.len - at : 50;
            scene_over(&scene, FLOW_OVER);
            scene_flow(&scene);
            scene.told = 0;
            for (size_t i = 0; i < talk.len; i++) {
                struct bytes all = text_bytes(&talk.turn[i].said);
                if (i != turn) {
                    scene_hear(&scene, talk.turn[i].from, all);
                    continue;
                }
                scene_hear(&scene, talk.turn[i].from, bytes_first(all, at));
                scene_gap(&scene, talk.turn[i].from, lost);
                scene_hear(&scene, talk.turn[i].from, bytes_skip(all, at + lost));
            }
            scene_over(&scene, FLOW_OVER);
            for (enum role role = CLIENT; role <= SERVER && scene.told; role++)
                ck_assert(scene.certificates[role] == 2 || scene.visibility[role] == HIDDEN_MISSED);
        }
    }
    talk_free(&talk);
}
END_TEST

START_TEST(it_may_end_anywhere)
{
    struct talk talk = wrapped(700);
    for (size_t turn = 0; turn < talk.len; turn++)
        for (size_t end = 0; end < talk.turn[turn].said.len; end++) {
            scene_flow(&scene);
            for (size_t i = 0; i < turn; i++)
                scene_hear(&scene, talk.turn[i].from, text_bytes(&talk.turn[i].said));
            scene_hear(
                &scene, talk.turn[turn].from, bytes_first(text_bytes(&talk.turn[turn].said), end));
            scene_over(&scene, FLOW_OVER);
        }
    talk_free(&talk);
}
END_TEST

static const char *const others[] = {
    "12 02 002f 0000 01 00" OPTIONS,              /* a status that is none */
    "12 01 0008 0000 01 00 00 0010 0006 01",      /* too short for its options */
    "12 01 002f 0000 01 00 01 0010 0006 01 0016", /* no version first */
    "12 01 002f 0000 01 00 00 0010 0005 01 0016", /* of another length */
    "04 01 0025 0000 01 00 00 0010 0006 01 0016", /* what a server would say */
};

START_TEST(what_is_not_tds_is_left_alone)
{
    struct text said = {0};
    tls_hex(&said, others[_i]);
    scene_hear(&scene, ORIGINATOR, text_bytes(&said));
    add_wrapped(&said, text_bytes(&tls.turn[0].said), 4096);
    scene_hear(&scene, ORIGINATOR, text_bytes(&said));
    scene_over(&scene, FLOW_OVER);
    ck_assert_uint_eq(scene.told, 0);
    text_free(&said);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("tds");
    TCase *t = tcase_create("tds");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, packets_and_segments_of_any_size, 0, sizeof packets / sizeof *packets);
    tcase_add_test(t, behind_the_login_packets_may_come_back);
    tcase_add_test(t, a_login_without_tls_is_left_alone);
    tcase_add_loop_test(t, one_side_alone_tells_its_chain, 0, 2);
    tcase_add_test(t, gaps_are_told);
    tcase_add_test(t, it_may_end_anywhere);
    tcase_add_loop_test(t, what_is_not_tds_is_left_alone, 0, sizeof others / sizeof *others);
    suite_add_tcase(s, t);
    return s;
}
