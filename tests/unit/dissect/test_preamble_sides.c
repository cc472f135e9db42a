/* SPDX-License-Identifier: Apache-2.0
 *
 * Every dialogue with a handshake behind it, from the door of the dissection on: in segments of any
 * size, with one side missing, with an answer missing.
 */
#include "tests/support/dialogues.h"
#include "tests/support/scene.h"

#include <check.h>

static struct scene scene;
static struct talk tls;

static void
setup(void)
{
    scene_begin(&scene, 4 << 20);
    talk_tls12(&tls, scene.certificate, 1, true);
}

static void
teardown(void)
{
    talk_free(&tls);
    ck_assert_uint_eq(scene_end(&scene), 0);
}

static struct talk
talk_of(const struct dialogue *dialogue)
{
    struct talk talk = {0};
    for (int i = 0; i < MOST_TURNS && dialogue->turn[i].hex; i++)
        talk_say(&talk, dialogue->turn[i].from, dialogue->turn[i].hex);
    for (size_t i = 0; i < tls.len; i++)
        text_add(talk_turn(&talk, tls.turn[i].from), text_bytes(&tls.turn[i].said));
    return talk;
}

static void
fresh_flow(void)
{
    scene_over(&scene, FLOW_OVER);
    scene_flow(&scene);
    scene.told = 0;
}

/* Sides' segments cannot overtake each other, so that the outcome is the same for all sizes. */
START_TEST(segments_of_any_size_tell_the_same)
{
    const struct dialogue *dialogue = &dialogues[_i];
    struct talk talk = talk_of(dialogue);
    struct text first = {0};
    for (size_t most = 4096; most > 0; most = most > 40 ? most / 3 : most - 1) {
        fresh_flow();
        scene_talk(&scene, &talk, most);
        ck_assert_msg(scene.told == 1, "%s, %zu bytes: told %u", dialogue->name, most, scene.told);
        ck_assert_str_eq(scene.facts.carrier, dialogue->preamble->carrier);
        if (most == 4096)
            text_add(&first, text_bytes(&scene.text));
        ck_assert_str_eq(text_string(&scene.text), text_string(&first));
    }
    text_free(&first);
    talk_free(&talk);
}
END_TEST

static void
assert_side_seen(const struct dialogue *dialogue, enum side only)
{
    enum role role = only == ORIGINATOR ? CLIENT : SERVER;
    scene_over(&scene, FLOW_OVER);
    ck_assert_msg(scene.told == 1, "%s, side %d: told %u", dialogue->name, only, scene.told);
    ck_assert_msg(scene.certificates[role] == 1, "%s, side %d", dialogue->name, only);
    ck_assert_int_eq(scene.visibility[role], VISIBLE_CLEAR);
}

START_TEST(one_side_alone_tells_its_chain)
{
    const struct dialogue *dialogue = &dialogues[_i];
    struct talk talk = talk_of(dialogue);
    for (enum side only = ORIGINATOR; only <= RESPONDER; only++) {
        fresh_flow();
        for (size_t i = 0; i < talk.len; i++)
            if (talk.turn[i].from == only)
                scene_hear(&scene, only, text_bytes(&talk.turn[i].said));
        assert_side_seen(dialogue, only);
    }
    talk_free(&talk);
}
END_TEST

/* Each turn before TLS was not captured, and the tracker says so. */
START_TEST(a_turn_that_is_missing_hides_nothing_of_tls)
{
    const struct dialogue *dialogue = &dialogues[_i];
    struct talk talk = talk_of(dialogue);
    for (size_t lost = 0; lost + tls.len < talk.len; lost++) {
        fresh_flow();
        for (size_t i = 0; i < talk.len; i++) {
            if (i == lost)
                scene_gap(&scene, talk.turn[i].from, talk.turn[i].said.len);
            else
                scene_hear(&scene, talk.turn[i].from, text_bytes(&talk.turn[i].said));
        }
        assert_side_seen(dialogue, ORIGINATOR);
        ck_assert_uint_eq(scene.certificates[SERVER], 1);
    }
    talk_free(&talk);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("preamble_sides");
    TCase *t = tcase_create("preamble_sides");
    int count = (int)dialogues_count;
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, segments_of_any_size_tell_the_same, 0, count);
    tcase_add_loop_test(t, one_side_alone_tells_its_chain, 0, count);
    tcase_add_loop_test(t, a_turn_that_is_missing_hides_nothing_of_tls, 0, count);
    suite_add_tcase(s, t);
    return s;
}
