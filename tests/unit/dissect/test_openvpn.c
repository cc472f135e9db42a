/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/scene.h"

#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>

enum {
    SOFT_RESET = 3,
    CONTROL = 4,
    ACKNOWLEDGE = 5,
    DATA = 9,
    CLIENT_RESET = 7,
    SERVER_RESET = 8,
    NO_NUMBER = -1,
    PACKETS_MOST = 400,
};

static struct scene scene;
static struct talk tls;

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

/* ---- Packets. */

struct script {
    struct control {
        enum side from;
        struct text said;
    } packet[PACKETS_MOST];
    size_t len;
    size_t hmac; /* bytes of it, 0: none */
    uint8_t key;
    uint8_t session[2]; /* fills the session of each side */
    uint8_t number[2];  /* of the side's next control packet */
};

static void
add(struct text *out, uint64_t value, unsigned bytes)
{
    while (bytes-- > 0)
        text_add_char(out, (char)(value >> 8 * bytes & 0xff));
}

static void
add_filled(struct text *out, uint8_t with, size_t count)
{
    while (count--)
        text_add_char(out, (char)with);
}

static void
say(struct script *s, enum side from, unsigned opcode, int acknowledges, struct bytes data)
{
    ck_assert_uint_lt(s->len, PACKETS_MOST);
    struct control *packet = &s->packet[s->len++];
    struct text *out = &packet->said;
    packet->from = from;
    add(out, opcode << 3 | s->key, 1);
    add_filled(out, s->session[from], 8);
    add_filled(out, 0xa5, s->hmac);
    if (s->hmac)
        add(out, UINT64_C(0x0000000168000000), 8);
    add(out, acknowledges >= 0, 1);
    if (acknowledges >= 0) {
        add(out, (unsigned)acknowledges, 4);
        add_filled(out, s->session[!from], 8);
    }
    if (opcode != ACKNOWLEDGE)
        add(out, s->number[from]++, 4);
    text_add(out, data);
}

static void
say_talk(struct script *s, size_t most)
{
    for (size_t i = 0; i < tls.len; i++) {
        enum side from = tls.turn[i].from;
        struct bytes said = text_bytes(&tls.turn[i].said);
        for (; said.len; said = bytes_skip(said, most)) {
            say(s, from, CONTROL, s->number[!from] - 1, bytes_first(said, most));
            say(s, !from, ACKNOWLEDGE, s->number[from] - 1, (struct bytes){0});
        }
    }
}

static struct script *
whole(size_t hmac, size_t most)
{
    struct script *s = calloc(1, sizeof *s);
    s->hmac = hmac;
    s->session[ORIGINATOR] = 0x11;
    s->session[RESPONDER] = 0x22;
    say(s, ORIGINATOR, CLIENT_RESET, NO_NUMBER, (struct bytes){0});
    say(s, RESPONDER, SERVER_RESET, 0, (struct bytes){0});
    say(s, ORIGINATOR, ACKNOWLEDGE, 0, (struct bytes){0});
    say_talk(s, most);
    return s;
}

static void
script_free(struct script *s)
{
    for (size_t i = 0; i < s->len; i++)
        text_free(&s->packet[i].said);
    free(s);
}

/* ---- Playing. */

static void
flow_of(uint8_t protocol)
{
    scene_over(&scene, FLOW_IDLE);
    scene_flow(&scene);
    scene.told = 0;
    scene.flow.protocol = protocol;
}

static void
put(const struct control *packet)
{
    scene_datagram(&scene, packet->from, text_bytes(&packet->said), 0);
}

static bool
is_acknowledgment(const struct control *packet)
{
    return bytes_at(text_bytes(&packet->said), 0) >> 3 == ACKNOWLEDGE;
}

static void
put_stream(const struct control *packet, size_t most)
{
    struct text framed = {0};
    add(&framed, packet->said.len, 2);
    text_add(&framed, text_bytes(&packet->said));
    struct bytes said = text_bytes(&framed);
    for (; said.len; said = bytes_skip(said, most))
        scene_hear(&scene, packet->from, bytes_first(said, most));
    text_free(&framed);
}

static void
assert_both_chains(void)
{
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_str_eq(scene.facts.carrier, "openvpn");
    ck_assert_uint_eq(scene.certificates[CLIENT], 2);
    ck_assert_uint_eq(scene.certificates[SERVER], 2);
    ck_assert_int_eq(scene.visibility[CLIENT], VISIBLE_CLEAR);
    ck_assert_int_eq(scene.visibility[SERVER], VISIBLE_CLEAR);
    ck_assert_int_eq(scene.facts.outcome, OUTCOME_ACCEPTED);
}

/* ---- Tests. */

static const size_t hmacs[] = {0, 16, 20, 28, 32, 48, 64};

START_TEST(any_hmac_and_packets_of_any_size)
{
    static const size_t sizes[] = {60, 100, 1000, 4000};
    for (size_t i = 0; i < 4; i++) {
        struct script *s = whole(hmacs[_i], sizes[i]);
        flow_of(IPPROTO_UDP);
        for (size_t k = 0; k < s->len; k++)
            put(&s->packet[k]);
        assert_both_chains();
        ck_assert(!scene.flow.quiet); /* the next handshake may come */
        for (size_t segment = 1; segment < 3000; segment = segment * 3 + 1) {
            flow_of(IPPROTO_TCP);
            for (size_t k = 0; k < s->len; k++)
                put_stream(&s->packet[k], segment);
            assert_both_chains();
        }
        script_free(s);
    }
}
END_TEST

START_TEST(what_is_sent_again_or_out_of_order_is_heard_once)
{
    struct script *s = whole(20, 500);
    flow_of(IPPROTO_UDP);
    for (size_t k = 0; k < s->len; k++) {
        put(&s->packet[k]);
        put(&s->packet[k / 2]);
    }
    assert_both_chains();
    flow_of(IPPROTO_UDP);
    for (size_t k = 0; k < 3; k++)
        put(&s->packet[k]);
    for (size_t k = 3; k < s->len;) { /* a flight from behind */
        size_t end = k;
        while (end < s->len &&
               (s->packet[end].from == s->packet[k].from || is_acknowledgment(&s->packet[end])))
            end++;
        for (size_t i = end; i > k; i--)
            put(&s->packet[i - 1]);
        k = end;
    }
    assert_both_chains();
    script_free(s);
}
END_TEST

START_TEST(a_lost_packet_is_told_as_such)
{
    struct script *s = whole(_i ? 64 : 0, 300);
    for (size_t lost = 0; lost < s->len; lost++) {
        flow_of(IPPROTO_UDP);
        for (size_t k = 0; k < s->len; k++)
            if (k != lost)
                put(&s->packet[k]);
        scene_over(&scene, FLOW_OVER);
        ck_assert_msg(scene.told == 1, "%zu: %u", lost, scene.told);
        for (enum role role = CLIENT; role <= SERVER; role++)
            ck_assert(scene.certificates[role] == 2 || scene.visibility[role] == HIDDEN_MISSED);
    }
    script_free(s);
}
END_TEST

START_TEST(a_soft_reset_begins_another_handshake)
{
    struct script *s = whole(32, 700);
    size_t first = s->len;
    for (uint8_t key = 1; key <= 2; key++) {
        s->key = key;
        s->number[0] = s->number[1] = 0;
        enum side begins = key == 1 ? ORIGINATOR : RESPONDER;
        say(s, begins, SOFT_RESET, NO_NUMBER, (struct bytes){0});
        say(s, !begins, SOFT_RESET, 0, (struct bytes){0});
        say_talk(s, 700);
    }
    for (int stream = 0; stream < 2; stream++) {
        flow_of(stream ? IPPROTO_TCP : IPPROTO_UDP);
        for (size_t k = 0; k < s->len; k++) {
            if (stream)
                put_stream(&s->packet[k], 100);
            else
                put(&s->packet[k]);
            if (!stream && k > first && k < first + 10)
                put(&s->packet[first - 2]); /* of the one before, late */
            if (k + 1 == first)
                assert_both_chains();
        }
        ck_assert_uint_eq(scene.told, 3);
        ck_assert_uint_eq(scene.certificates[CLIENT], 2);
        ck_assert_int_eq(scene.facts.outcome, OUTCOME_ACCEPTED);
    }
    script_free(s);
}
END_TEST

START_TEST(a_client_that_restarts_begins_another_session)
{
    struct script *s = whole(0, 700);
    flow_of(IPPROTO_UDP);
    for (size_t k = 0; k < 12; k++) /* it breaks off */
        put(&s->packet[k]);
    script_free(s);
    s = whole(0, 900);
    for (size_t k = 0; k < s->len; k++) {
        memset(s->packet[k].said.at + 1, s->packet[k].from ? 0x44 : 0x33, 8);
        put(&s->packet[k]);
    }
    ck_assert_uint_eq(scene.told, 2);
    ck_assert_int_eq(scene.facts.outcome, OUTCOME_ACCEPTED);
    ck_assert_uint_eq(scene.certificates[CLIENT], 2);
    script_free(s);
}
END_TEST

START_TEST(one_direction_alone_tells_its_own_chain)
{
    struct script *s = whole(20, 400);
    enum side only = _i ? RESPONDER : ORIGINATOR;
    flow_of(IPPROTO_UDP);
    for (size_t k = 0; k < s->len; k++)
        if (s->packet[k].from == only)
            put(&s->packet[k]);
    scene_over(&scene, FLOW_OVER);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_uint_eq(scene.certificates[only == ORIGINATOR ? CLIENT : SERVER], 2);
    ck_assert_int_eq(scene.reason[only == ORIGINATOR ? SERVER : CLIENT], REASON_ONE_WAY);
    script_free(s);
}
END_TEST

START_TEST(a_capture_that_begins_at_the_hello_is_understood)
{
    struct script *s = whole(48, 400);
    flow_of(IPPROTO_UDP);
    for (size_t k = 3; k < s->len; k++)
        put(&s->packet[k]);
    assert_both_chains();
    script_free(s);
}
END_TEST

START_TEST(packets_may_end_anywhere)
{
    struct script *s = whole(hmacs[_i], 200);
    for (size_t cut = 0; cut < 300; cut++)
        for (unsigned missing = 0; missing < 2; missing++) {
            flow_of(IPPROTO_UDP);
            for (size_t k = 0; k < s->len; k++) {
                struct bytes all = text_bytes(&s->packet[k].said);
                struct bytes part = bytes_first(all, k < 3 ? all.len : cut);
                scene_datagram(
                    &scene, s->packet[k].from, part, missing ? (uint32_t)(all.len - part.len) : 0);
            }
        }
    script_free(s);
}
END_TEST

/* Every byte of a connection is missing once, with nineteen behind it. */
START_TEST(gaps_in_a_stream_are_told)
{
    struct script *s = whole(0, 300);
    for (size_t lost = 3; lost < s->len; lost++) {
        size_t length = s->packet[lost].said.len + 2;
        for (size_t at = 0; at < length; at += 11) {
            struct text framed = {0};
            flow_of(IPPROTO_TCP);
            for (size_t k = 0; k < s->len; k++) {
                if (k != lost) {
                    put_stream(&s->packet[k], 10000);
                    continue;
                }
                add(&framed, length - 2, 2);
                text_add(&framed, text_bytes(&s->packet[k].said));
                size_t missing = length - at < 20 ? length - at : 20;
                scene_hear(&scene, s->packet[k].from, bytes_first(text_bytes(&framed), at));
                scene_gap(&scene, s->packet[k].from, missing);
                scene_hear(
                    &scene, s->packet[k].from, bytes_skip(text_bytes(&framed), at + missing));
            }
            text_free(&framed);
            scene_over(&scene, FLOW_OVER);
            ck_assert_uint_le(scene.told, 1);
            for (enum role role = CLIENT; role <= SERVER && scene.told; role++)
                ck_assert(scene.certificates[role] == 2 || scene.visibility[role] == HIDDEN_MISSED);
        }
    }
    script_free(s);
}
END_TEST

static const char *const others[] = {
    "38 1111111111111111 00 00000001",      /* a first packet has number 0 */
    "38 1111111111111111 00 00000000 00",   /* and nothing behind it */
    "39 1111111111111111 00 00000000",      /* and key 0 */
    "38 1111111111111111 09 00000000",      /* acknowledges too much */
    "38 11111111111111 00 00000000",        /* too short */
    "50 1111111111111111 00 00000000",      /* tls-crypt, version 2 */
    "38 1111111111111111 00000001 68000000" /* tls-crypt: all behind it is random */
    "0102030405060708091011121314151617181920212223242526272829303132 a1b2c3d4e5",
    "20 1111111111111111 00 00000001 1703030010", /* control without a hello */
    "48 1111111111111111 00 00000000",            /* data */
};

START_TEST(what_is_not_openvpn_is_left_alone)
{
    struct text said = {0};
    tls_hex(&said, others[_i]);
    flow_of(IPPROTO_UDP);
    scene_datagram(&scene, ORIGINATOR, text_bytes(&said), 0);
    ck_assert(!scene.flow.dissection);
    struct control packet = {.said = said};
    flow_of(IPPROTO_TCP);
    put_stream(&packet, 10000);
    scene_over(&scene, FLOW_OVER);
    ck_assert_uint_eq(scene.told, 0);
    text_free(&said);
}
END_TEST

START_TEST(what_waits_is_bounded)
{
    struct script *s = whole(0, 1000);
    struct text big = {0};
    add_filled(&big, 0x16, 3000);
    flow_of(IPPROTO_UDP);
    for (size_t k = 0; k < 5; k++)
        put(&s->packet[k]);
    for (unsigned i = 0; i < 2000; i++) {
        struct script *one = calloc(1, sizeof *one);
        *one = (struct script){.session = {0x11, 0x22}, .number = {(uint8_t)(i * 7)}};
        say(one, ORIGINATOR, CONTROL, NO_NUMBER, text_bytes(&big));
        put(&one->packet[0]);
        script_free(one);
        ck_assert_uint_lt(scene.pool.used, 200000);
    }
    text_free(&big);
    script_free(s);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    enum { HMACS = sizeof hmacs / sizeof *hmacs, OTHERS = sizeof others / sizeof *others };
    Suite *s = suite_create("openvpn");
    TCase *t = tcase_create("openvpn");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, any_hmac_and_packets_of_any_size, 0, HMACS);
    tcase_add_test(t, what_is_sent_again_or_out_of_order_is_heard_once);
    tcase_add_loop_test(t, a_lost_packet_is_told_as_such, 0, 2);
    tcase_add_test(t, a_soft_reset_begins_another_handshake);
    tcase_add_test(t, a_client_that_restarts_begins_another_session);
    tcase_add_loop_test(t, one_direction_alone_tells_its_own_chain, 0, 2);
    tcase_add_test(t, a_capture_that_begins_at_the_hello_is_understood);
    tcase_add_loop_test(t, packets_may_end_anywhere, 0, HMACS);
    tcase_add_test(t, gaps_in_a_stream_are_told);
    tcase_add_loop_test(t, what_is_not_openvpn_is_left_alone, 0, OTHERS);
    tcase_add_test(t, what_waits_is_bounded);
    suite_add_tcase(s, t);
    return s;
}
