/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/eap.h"

#include <check.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#define SUPPLICANT "\x02\x00\x00\x00\x00\x0a"
#define OTHER "\x02\x00\x00\x00\x00\x0b"
#define SWITCH "\x02\x00\x00\x00\x00\x51"
#define GROUP "\x01\x80\xc2\x00\x00\x03"

enum carrier { RADIUS, EAPOL };

static struct scene scene;

static void
setup(void)
{
    scene_begin(&scene, 4 << 20);
}

static void
teardown(void)
{
    ck_assert_uint_eq(scene_end(&scene), 0);
    ck_assert_uint_eq(scene.arena_pool.used, 0);
}

/* ---- Playing. */

static void
flow_of(enum carrier carrier)
{
    scene_over(&scene, FLOW_IDLE);
    scene_flow(&scene);
    scene.told = 0;
    scene.flow.protocol = carrier == RADIUS ? IPPROTO_UDP : 0;
    scene.flow.link_protocol = carrier == RADIUS ? 0 : 0x888e;
    scene.flow.port[RESPONDER] = 1812;
    if (carrier == EAPOL)
        scene.flow.address[0] = scene.flow.address[1] = (struct address){0};
}

static void
put_frame(const struct eap_packet *packet, const char *from, const char *to)
{
    struct text frame = {0};
    memcpy(scene.flow.path.l2[0], from, 6);
    memcpy(scene.flow.path.l2[1], to, 6);
    eapol_wrap(&frame, packet);
    scene_datagram(&scene, ORIGINATOR, text_bytes(&frame), 0);
    text_free(&frame);
}

static void
put_radius(const struct eap_packet *packet, struct radius_facts *facts)
{
    struct text datagram = {0};
    radius_wrap(&datagram, packet, facts);
    scene_datagram(&scene, packet->from, text_bytes(&datagram), 0);
    text_free(&datagram);
}

static void
put(enum carrier carrier, const struct eap_packet *packet, struct radius_facts *facts)
{
    if (carrier == RADIUS)
        put_radius(packet, facts);
    else if (packet->from == ORIGINATOR)
        put_frame(packet, SUPPLICANT, GROUP);
    else
        put_frame(packet, SWITCH, GROUP);
}

static struct radius_facts
facts_of_one(void)
{
    return (struct radius_facts){.station = "02-00-00-00-00-0A:lobby"};
}

static void
play(enum carrier carrier, const struct eap_script *script)
{
    struct radius_facts facts = facts_of_one();
    for (size_t i = 0; i < script->len; i++)
        put(carrier, &script->packet[i], &facts);
}

static struct eap_script *
mutual(uint8_t type, size_t most)
{
    struct talk talk = {0};
    struct eap_script *script = calloc(1, sizeof *script);
    talk_tls12(&talk, scene.certificate, 2, true);
    eap_whole(script, type, &talk, most, true);
    talk_free(&talk);
    return script;
}

static void
assert_both_chains(const char *carrier)
{
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_str_eq(scene.facts.carrier, carrier);
    ck_assert_uint_eq(scene.certificates[CLIENT], 2);
    ck_assert_uint_eq(scene.certificates[SERVER], 2);
    ck_assert_int_eq(scene.visibility[CLIENT], VISIBLE_CLEAR);
    ck_assert_int_eq(scene.visibility[SERVER], VISIBLE_CLEAR);
    ck_assert_int_eq(scene.facts.outcome, OUTCOME_ACCEPTED);
    ck_assert_int_eq(scene.facts.client_side, ORIGINATOR);
    ck_assert(scene.facts.established);
    ck_assert_mem_eq(scene.facts.path.l2[ORIGINATOR], SUPPLICANT, 6);
}

/* ---- Tests. */

static const uint8_t methods[] = {EAP_TLS, EAP_TTLS, EAP_PEAP, EAP_FAST, EAP_TEAP};
static const size_t sizes[] = {7, 100, 249, 1000, 4000};

START_TEST(every_method_in_packets_of_every_size_tells_both_chains)
{
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct eap_script *script = mutual(methods[_i], sizes[i]);
        flow_of(RADIUS);
        play(RADIUS, script);
        assert_both_chains("eap-radius");
        flow_of(EAPOL);
        play(EAPOL, script);
        assert_both_chains("eap-8021x");
        ck_assert_mem_eq(scene.facts.path.l2[RESPONDER], SWITCH, 6);
        eap_free(script);
    }
}
END_TEST

START_TEST(what_is_sent_again_is_heard_once)
{
    struct eap_script *script = mutual(EAP_TLS, 250);
    for (enum carrier carrier = RADIUS; carrier <= EAPOL; carrier++) {
        struct radius_facts facts = facts_of_one();
        flow_of(carrier);
        for (size_t i = 0; i + 1 < script->len; i++) {
            struct radius_facts same = facts;
            put(carrier, &script->packet[i], &facts);
            put(carrier, &script->packet[i], &same);
        }
        put(carrier, &script->packet[script->len - 1], &facts);
        assert_both_chains(carrier == RADIUS ? "eap-radius" : "eap-8021x");
    }
    eap_free(script);
}
END_TEST

/* What was seen is right, and what was not seen is not made up. */
START_TEST(a_lost_packet_is_told_as_such)
{
    struct eap_script *script = mutual(EAP_PEAP, 250);
    for (enum carrier carrier = RADIUS; carrier <= EAPOL; carrier++) {
        for (size_t lost = 0; lost < script->len; lost++) {
            struct radius_facts facts = facts_of_one();
            struct text nothing = {0};
            flow_of(carrier);
            for (size_t i = 0; i < script->len; i++) {
                if (i != lost)
                    put(carrier, &script->packet[i], &facts);
                else if (carrier == RADIUS)
                    radius_wrap(&nothing, &script->packet[i], &facts);
            }
            text_free(&nothing);
            scene_over(&scene, FLOW_OVER);
            ck_assert_msg(scene.told == 1, "%d %zu: %u", carrier, lost, scene.told);
            for (enum role role = CLIENT; role <= SERVER; role++) {
                ck_assert(scene.certificates[role] == 2 || scene.certificates[role] == 0);
                ck_assert_int_eq(scene.visibility[role],
                    scene.certificates[role] ? VISIBLE_CLEAR : HIDDEN_MISSED);
            }
        }
    }
    eap_free(script);
}
END_TEST

START_TEST(supplicants_that_ask_at_once_are_kept_apart)
{
    struct eap_script *one = mutual(EAP_TLS, 500);
    struct eap_script *two = mutual(EAP_TTLS, 500);
    struct radius_facts facts[2] = {facts_of_one(), {.station = "0200.0000.000b"}};
    flow_of(RADIUS);
    for (size_t i = 0; i < one->len || i < two->len; i++) {
        uint8_t identifier = facts[0].identifier;
        if (i < one->len) {
            facts[0].identifier = (uint8_t)(identifier & 0x7f);
            put_radius(&one->packet[i], &facts[0]);
        }
        if (i < two->len) {
            facts[1].identifier |= 0x80;
            put_radius(&two->packet[i], &facts[1]);
        }
        ck_assert_uint_eq(scene.told, i + 1 < one->len ? 0 : 2);
    }
    ck_assert_mem_eq(scene.facts.path.l2[ORIGINATOR], OTHER, 6);
    ck_assert_uint_eq(scene.certificates[CLIENT], 2);
    flow_of(EAPOL);
    for (size_t i = 0; i < one->len; i++) {
        bool asks = one->packet[i].from == RESPONDER;
        put_frame(&one->packet[i], asks ? SWITCH : SUPPLICANT, asks ? SUPPLICANT : SWITCH);
        put_frame(&two->packet[i], asks ? SWITCH : OTHER, asks ? OTHER : GROUP);
    }
    ck_assert_uint_eq(scene.told, 2);
    ck_assert_mem_eq(scene.facts.path.l2[ORIGINATOR], OTHER, 6);
    ck_assert_mem_eq(scene.facts.path.l2[RESPONDER], SWITCH, 6);
    ck_assert_uint_eq(scene.certificates[CLIENT], 2);
    eap_free(one);
    eap_free(two);
}
END_TEST

/* Both to the group, or one of them to the other's own address. */
START_TEST(whatever_addresses_a_wire_uses_both_directions_meet)
{
    static const char *const to[][2] = {
        {GROUP, GROUP}, {GROUP, SUPPLICANT}, {SWITCH, GROUP}, {SWITCH, SUPPLICANT}};
    struct eap_script *script = mutual(EAP_TLS, 1000);
    flow_of(EAPOL);
    for (size_t i = 0; i < script->len; i++) {
        bool asks = script->packet[i].from == RESPONDER;
        put_frame(&script->packet[i], asks ? SWITCH : SUPPLICANT, to[_i][asks]);
    }
    assert_both_chains("eap-8021x");
    ck_assert_mem_eq(scene.facts.path.l2[RESPONDER], SWITCH, 6);
    eap_free(script);
}
END_TEST

START_TEST(a_method_that_is_refused_is_followed_by_another)
{
    struct eap_script *script = calloc(1, sizeof *script);
    struct talk talk = {0};
    talk_tls12(&talk, scene.certificate, 1, true);
    eap_say(script, RESPONDER, 1, (struct bytes){0});
    eap_say_hex(script, ORIGINATOR, 1, "'user'");
    eap_say_hex(script, RESPONDER, EAP_PEAP, "20");
    eap_say_hex(script, ORIGINATOR, 3, "0d"); /* rather TLS */
    eap_carry(script, EAP_TLS, &talk, 300);
    eap_carry(script, EAP_TTLS, &talk, 1000); /* and TTLS behind it */
    eap_end_with(script, false);
    flow_of(RADIUS);
    play(RADIUS, script);
    ck_assert_uint_eq(scene.told, 2);
    ck_assert_int_eq(scene.facts.outcome, OUTCOME_REJECTED);
    ck_assert_uint_eq(scene.certificates[CLIENT], 1);
    talk_free(&talk);
    eap_free(script);
}
END_TEST

START_TEST(a_password_method_tells_nothing)
{
    struct eap_script *script = calloc(1, sizeof *script);
    eap_say(script, RESPONDER, 1, (struct bytes){0});
    eap_say_hex(script, ORIGINATOR, 1, "'user'");
    eap_say_hex(script, RESPONDER, 4, "10 000102030405060708090a0b0c0d0e0f");
    eap_say_hex(script, ORIGINATOR, 4, "10 000102030405060708090a0b0c0d0e0f");
    eap_end_with(script, true);
    flow_of(RADIUS);
    play(RADIUS, script);
    flow_of(EAPOL);
    play(EAPOL, script);
    ck_assert_uint_eq(scene.told, 0);
    eap_free(script);
}
END_TEST

START_TEST(teap_has_more_behind_the_tls_data)
{
    struct eap_script *script = calloc(1, sizeof *script);
    struct text data = {0};
    tls_hex(&data, "10 00000006"); /* O, six bytes */
    tls_client_hello(&data);
    tls_hex(&data, "0001 0002 'id'");
    eap_say_hex(script, RESPONDER, EAP_TEAP, "31 00000006 0001 0002 'me'");
    eap_say(script, ORIGINATOR, EAP_TEAP, text_bytes(&data));
    eap_end_with(script, false);
    flow_of(RADIUS);
    play(RADIUS, script);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_str_eq(scene.facts.history, "C");
    ck_assert(scene.facts.has_hello);
    text_free(&data);
    eap_free(script);
}
END_TEST

START_TEST(an_expanded_type_says_the_same)
{
    struct eap_script *script = calloc(1, sizeof *script);
    struct text data = {0};
    tls_hex(&data, "000000 0000000d 00");
    tls_client_hello(&data);
    eap_say_hex(script, RESPONDER, 254, "000000 0000000d 20");
    eap_say(script, ORIGINATOR, 254, text_bytes(&data));
    flow_of(EAPOL);
    play(EAPOL, script);
    scene_over(&scene, FLOW_OVER);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_str_eq(scene.facts.history, "C");
    text_free(&data);
    eap_free(script);
}
END_TEST

/* An Accept or Reject without an EAP packet says enough. */
START_TEST(the_code_of_radius_is_a_verdict)
{
    struct eap_script *script = mutual(EAP_TLS, 1000);
    struct radius_facts facts = facts_of_one();
    flow_of(RADIUS);
    for (size_t i = 0; i + 1 < script->len; i++)
        put_radius(&script->packet[i], &facts);
    uint8_t reject[] = {
        3, facts.identifier, 0, 22, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 18, 2};
    scene_datagram(&scene, RESPONDER, bytes_of(reject, sizeof reject), 0);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_int_eq(scene.facts.outcome, OUTCOME_REJECTED);
    eap_free(script);
}
END_TEST

START_TEST(one_direction_alone_tells_its_own_chain)
{
    struct eap_script *script = mutual(EAP_TLS, 400);
    for (enum carrier carrier = RADIUS; carrier <= EAPOL; carrier++) {
        struct radius_facts facts = facts_of_one();
        struct text nothing = {0};
        enum side only = _i ? RESPONDER : ORIGINATOR;
        flow_of(carrier);
        for (size_t i = 0; i < script->len; i++) {
            if (script->packet[i].from == only)
                put(carrier, &script->packet[i], &facts);
            else if (carrier == RADIUS)
                radius_wrap(&nothing, &script->packet[i], &facts);
        }
        text_free(&nothing);
        scene_over(&scene, FLOW_OVER);
        enum role seen = only == ORIGINATOR ? CLIENT : SERVER;
        ck_assert_uint_eq(scene.told, 1);
        ck_assert_uint_eq(scene.certificates[seen], 2);
        ck_assert_int_eq(scene.visibility[seen], VISIBLE_CLEAR);
        ck_assert_int_eq(scene.reason[!seen], REASON_ONE_WAY);
    }
    eap_free(script);
}
END_TEST

START_TEST(tls13_hides_the_certificates)
{
    struct talk talk = {0};
    struct eap_script *script = calloc(1, sizeof *script);
    talk_tls13(&talk, true);
    eap_whole(script, EAP_TLS, &talk, 200, true);
    flow_of(RADIUS);
    play(RADIUS, script);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_int_eq(scene.visibility[SERVER], HIDDEN_ENCRYPTED);
    ck_assert_int_eq(scene.visibility[CLIENT], HIDDEN_ENCRYPTED);
    ck_assert_int_eq(scene.facts.outcome, OUTCOME_ACCEPTED);
    talk_free(&talk);
    eap_free(script);
}
END_TEST

/* Cut by the capture, and by its sender; the answer to either is not a crash. */
START_TEST(packets_may_end_anywhere)
{
    struct eap_script *script = mutual(EAP_TLS, 300);
    for (size_t cut = 0; cut < 380; cut++) {
        for (unsigned missing = 0; missing < 2; missing++) {
            struct radius_facts facts = facts_of_one();
            flow_of(RADIUS);
            for (size_t i = 0; i < script->len; i++) {
                struct text datagram = {0};
                radius_wrap(&datagram, &script->packet[i], &facts);
                struct bytes whole = text_bytes(&datagram);
                struct bytes part = bytes_first(whole, cut);
                scene_datagram(&scene, script->packet[i].from, part,
                    missing ? (uint32_t)(whole.len - part.len) : 0);
                text_free(&datagram);
            }
        }
    }
    eap_free(script);
}
END_TEST

START_TEST(a_capture_that_is_cut_says_so)
{
    struct eap_script *script = mutual(EAP_TLS, 1000);
    struct radius_facts facts = facts_of_one();
    flow_of(RADIUS);
    for (size_t i = 0; i < script->len; i++) {
        struct text datagram = {0};
        radius_wrap(&datagram, &script->packet[i], &facts);
        struct bytes part = bytes_first(text_bytes(&datagram), 300);
        scene_datagram(&scene, script->packet[i].from, part, (uint32_t)(datagram.len - part.len));
        text_free(&datagram);
    }
    scene_over(&scene, FLOW_OVER);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert(scene.facts.has_hello);
    ck_assert_int_eq(scene.reason[SERVER], REASON_CUT);
    eap_free(script);
}
END_TEST

static const struct {
    const char *name;
    const char *hex;
    bool searched; /* RADIUS without EAP, behind which EAP may come */
} others[] = {
    {"a query for a name", "0101 0100 0001 0000 0000 0000 03 'www' 00 0001 0001", false},
    {"an attribute of no length", "01 01 0018 00112233445566778899aabbccddeeff 4f 00 0000", false},
    {"an attribute of length one", "01 01 0018 00112233445566778899aabbccddeeff 4f 01 0000", false},
    {"an attribute too long", "01 01 0018 00112233445566778899aabbccddeeff 4f 05 0000", false},
    {"longer than its datagram", "01 01 0019 00112233445566778899aabbccddeeff 4f 04 0000", false},
    {"longer than any", "01 01 1001 00112233445566778899aabbccddeeff 4f 04 0000", false},
    {"another code", "04 01 0018 00112233445566778899aabbccddeeff 4f 04 0200", false},
    {"no EAP", "01 01 0018 00112233445566778899aabbccddeeff 01 04 'me'", true},
    {"EAP that is none", "01 01 0018 00112233445566778899aabbccddeeff 4f 04 0900", true},
};

START_TEST(what_is_not_radius_is_left_alone)
{
    struct text datagram = {0};
    tls_hex(&datagram, others[_i].hex);
    flow_of(RADIUS);
    for (int i = 0; i < 100; i++)
        scene_datagram(&scene, ORIGINATOR, text_bytes(&datagram), 0);
    ck_assert_msg(!scene.flow.dissection, "%s", others[_i].name);
    ck_assert_msg(scene.flow.quiet != others[_i].searched, "%s", others[_i].name);
    text_free(&datagram);
}
END_TEST

/* Thousands of supplicants that never end: what is kept of them is bounded. */
START_TEST(conversations_without_an_end_make_room)
{
    struct eap_script *script = mutual(EAP_TLS, 1000);
    size_t most = 0;
    flow_of(RADIUS);
    for (unsigned i = 0; i < 2000; i++) {
        char station[32];
        snprintf(station, sizeof station, "02-00-00-00-%02X-%02X", i >> 8, i & 0xff);
        struct radius_facts facts = {.identifier = (uint8_t)i, .station = station};
        for (size_t p = 1; p < 6; p++)
            put_radius(&script->packet[p], &facts);
        most = scene.pool.used > most ? scene.pool.used : most;
    }
    scene_over(&scene, FLOW_OVER);
    ck_assert_uint_gt(scene.told, 1900);
    ck_assert_uint_lt(most, 2 << 20);
    eap_free(script);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("eap");
    TCase *t = tcase_create("eap");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, every_method_in_packets_of_every_size_tells_both_chains, 0,
        sizeof methods / sizeof *methods);
    tcase_add_test(t, what_is_sent_again_is_heard_once);
    tcase_add_test(t, a_lost_packet_is_told_as_such);
    tcase_add_test(t, supplicants_that_ask_at_once_are_kept_apart);
    tcase_add_loop_test(t, whatever_addresses_a_wire_uses_both_directions_meet, 0, 4);
    tcase_add_test(t, a_method_that_is_refused_is_followed_by_another);
    tcase_add_test(t, a_password_method_tells_nothing);
    tcase_add_test(t, teap_has_more_behind_the_tls_data);
    tcase_add_test(t, an_expanded_type_says_the_same);
    tcase_add_test(t, the_code_of_radius_is_a_verdict);
    tcase_add_loop_test(t, one_direction_alone_tells_its_own_chain, 0, 2);
    tcase_add_test(t, tls13_hides_the_certificates);
    tcase_add_test(t, packets_may_end_anywhere);
    tcase_add_test(t, a_capture_that_is_cut_says_so);
    tcase_add_loop_test(t, what_is_not_radius_is_left_alone, 0, sizeof others / sizeof *others);
    tcase_add_test(t, conversations_without_an_end_make_room);
    suite_add_tcase(s, t);
    return s;
}
