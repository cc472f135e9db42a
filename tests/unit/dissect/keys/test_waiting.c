/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys that come after the packets.
 */
#include "dissect/keys/keyring.h"

#include "tests/support/keyed.h"
#include "tests/support/scene.h"

#include <check.h>

enum { ROOM = 4 << 20, ROUND = 3 };
static const int64_t SECOND = 1000000000;

static struct keyed keyed;
static struct scene scene;
static struct talk talk;

static void
begin_with(size_t room)
{
    keyed_begin(&keyed, 0x1301);
    scene_begin(&scene, room);
    struct key_options options = {.store = keyed.store, .wait_ns = 5 * SECOND, .follow = true};
    key_store_expect(keyed.store, 0);
    dissection_use_keys(scene.dissection, &options);
    dissection_round(scene.dissection, ROUND);
    talk = (struct talk){0};
    tls_client_hello(talk_turn(&talk, ORIGINATOR));
    keyed_server_flight(&keyed, talk_turn(&talk, RESPONDER), scene.certificate, 2, true);
    keyed_client_flight(&keyed, talk_turn(&talk, ORIGINATOR), scene.certificate + 2, 1);
    keyed_say(
        &keyed, talk_turn(&talk, ORIGINATOR), CLIENT, 23, bytes_from_string("GET / and so on"));
    keyed_say(&keyed, talk_turn(&talk, RESPONDER), SERVER, 23,
        bytes_from_string("an answer of some length"));
}

static void
begin(void)
{
    begin_with(ROOM);
}

static void
end(void)
{
    ck_assert_uint_eq(scene_end(&scene), 0);
    keyed_end(&keyed);
    talk_free(&talk);
}

static void
assert_opened(void)
{
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_uint_eq(scene.certificates[SERVER], 2);
    ck_assert_uint_eq(scene.certificates[CLIENT], 1);
    ck_assert_int_eq(scene.facts.outcome, OUTCOME_ACCEPTED);
    ck_assert(scene.facts.keys_used);
}

START_TEST(in_time)
{
    static const size_t sizes[] = {SIZE_MAX, 100, 3};
    begin();
    scene_talk(&scene, &talk, sizes[_i]);
    ck_assert_uint_eq(scene.told, 0);
    keyed_come(&keyed, &scene, ROUND + 1, 2 * SECOND);
    assert_opened();
    end();
}
END_TEST

START_TEST(in_the_middle_of_the_handshake)
{
    begin();
    for (size_t i = 0; i < talk.len; i++) {
        struct bytes said = text_bytes(&talk.turn[i].said);
        size_t half = said.len / 2;
        scene_hear(&scene, talk.turn[i].from, bytes_first(said, half));
        if ((int)i == _i)
            keyed_come(&keyed, &scene, ROUND + 1, 1 * SECOND);
        scene_hear(&scene, talk.turn[i].from, bytes_skip(said, half));
    }
    assert_opened();
    end();
}
END_TEST

/* The connection is over before its keys come, and its flow is another's by then. */
START_TEST(after_the_connection)
{
    begin();
    scene_talk(&scene, &talk, SIZE_MAX);
    scene_over(&scene, FLOW_CLOSED);
    ck_assert_uint_eq(scene.told, 0);
    ck_assert_ptr_null(scene.flow.dissection);
    scene.flow.packets[0] = scene.flow.packets[1] = 0;
    keyed_come(&keyed, &scene, ROUND + 1, 4 * SECOND);
    assert_opened();
    end();
}
END_TEST

START_TEST(too_late)
{
    begin();
    scene_talk(&scene, &talk, SIZE_MAX);
    if (_i)
        scene_over(&scene, FLOW_CLOSED);
    dissection_tick(scene.dissection, scene.flow.last_ns + 4 * SECOND, 100);
    ck_assert_uint_eq(scene.told, 0);
    dissection_tick(scene.dissection, scene.flow.last_ns + 6 * SECOND, 100);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_int_eq(scene.reason[SERVER], REASON_TLS13);
    ck_assert_int_eq(scene.facts.outcome, OUTCOME_ACCEPTED);
    keyed_come(&keyed, &scene, ROUND + 1, 7 * SECOND);
    ck_assert_uint_eq(scene.told, 1);
    end();
}
END_TEST

/* Half of them is waited with; when nothing more comes it is made use of. */
START_TEST(half_of_them)
{
    begin();
    scene_talk(&scene, &talk, SIZE_MAX);
    key_store_add(keyed.store, &keyed.secret[SECRET_SERVER_HANDSHAKE], ROUND + 1);
    dissection_round(scene.dissection, ROUND + 1);
    dissection_tick(scene.dissection, scene.flow.last_ns + SECOND, 100);
    ck_assert_uint_eq(scene.told, 0);
    dissection_tick(scene.dissection, scene.flow.last_ns + 6 * SECOND, 100);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_uint_eq(scene.certificates[SERVER], 2);
    ck_assert_int_eq(scene.reason[CLIENT], REASON_TLS13);
    end();
}
END_TEST

START_TEST(the_capture_ends_first)
{
    begin();
    scene_talk(&scene, &talk, SIZE_MAX);
    scene_over(&scene, FLOW_OVER);
    dissection_finish(scene.dissection, 200);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_int_eq(scene.reason[SERVER], REASON_TLS13);
    end();
}
END_TEST

/* A gap stays where it was. */
START_TEST(with_a_gap)
{
    begin();
    struct bytes flight = text_bytes(&talk.turn[1].said);
    scene_hear(&scene, ORIGINATOR, text_bytes(&talk.turn[0].said));
    scene_hear(&scene, RESPONDER, bytes_first(flight, 300));
    scene_gap(&scene, RESPONDER, 20);
    scene_hear(&scene, RESPONDER, bytes_skip(flight, 320));
    scene_hear(&scene, ORIGINATOR, text_bytes(&talk.turn[2].said));
    keyed_come(&keyed, &scene, ROUND + 1, 1 * SECOND);
    scene_over(&scene, FLOW_CLOSED);
    ck_assert_uint_eq(scene.certificates[SERVER], 0);
    ck_assert_int_eq(scene.reason[SERVER], REASON_GAP);
    ck_assert_uint_eq(scene.certificates[CLIENT], 1);
    end();
}
END_TEST

/* More than is kept: the handshake was at the beginning. */
START_TEST(more_than_is_kept)
{
    static const uint8_t data[4000];
    begin();
    struct text *more = talk_turn(&talk, RESPONDER);
    for (int i = 0; i < 40; i++)
        keyed_say(&keyed, more, SERVER, 23, bytes_of(data, sizeof data));
    scene_talk(&scene, &talk, SIZE_MAX);
    ck_assert_uint_lt(scene.pool.used, 200 << 10);
    keyed_come(&keyed, &scene, ROUND + 1, 1 * SECOND);
    assert_opened();
    end();
}
END_TEST

START_TEST(many_at_once)
{
    begin();
    scene_talk(&scene, &talk, SIZE_MAX);
    for (int i = 0; i < 50; i++) {
        scene_over(&scene, FLOW_CLOSED);
        scene_flow(&scene);
        scene_talk(&scene, &talk, SIZE_MAX);
    }
    ck_assert_uint_eq(scene.told, 0);
    keyed_come(&keyed, &scene, ROUND + 1, 1 * SECOND);
    ck_assert_uint_eq(scene.told, 51);
    ck_assert_uint_eq(scene.certificates[CLIENT], 1);
    end();
}
END_TEST

START_TEST(when_memory_is_short_the_oldest_wait_no_longer)
{
    enum { LITTLE = 400 << 10, MANY = 200 };
    begin_with(LITTLE);
    for (int i = 0; i < MANY; i++) {
        scene_flow(&scene);
        scene_talk(&scene, &talk, SIZE_MAX);
        scene_over(&scene, FLOW_CLOSED);
        ck_assert_uint_le(scene.pool.used, LITTLE * 3 / 4);
    }
    ck_assert_uint_gt(scene.told, 0);
    ck_assert_uint_lt(scene.told, MANY);
    keyed_come(&keyed, &scene, ROUND + 1, 1 * SECOND);
    ck_assert_uint_eq(scene.told, MANY); /* none was lost, and the latest were opened */
    ck_assert_uint_eq(scene.certificates[CLIENT], 1);
    end();
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("dissect/keys/waiting");
    TCase *c = tcase_create("waiting for keys");
    tcase_add_loop_test(c, in_time, 0, 3);
    tcase_add_loop_test(c, in_the_middle_of_the_handshake, 1, 5);
    tcase_add_test(c, after_the_connection);
    tcase_add_loop_test(c, too_late, 0, 2);
    tcase_add_test(c, half_of_them);
    tcase_add_test(c, the_capture_ends_first);
    tcase_add_test(c, with_a_gap);
    tcase_add_test(c, more_than_is_kept);
    tcase_add_test(c, many_at_once);
    tcase_add_test(c, when_memory_is_short_the_oldest_wait_no_longer);
    suite_add_tcase(s, c);
    return s;
}
