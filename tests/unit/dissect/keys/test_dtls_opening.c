/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/keys/dtls_opening.h"

#include "dissect/message.h"
#include "tests/support/keyed.h"
#include "tests/support/scene.h"

#include <check.h>
#include <netinet/in.h>

enum { ROOM = 4 << 20, PIECES = 32, ROUND = 3 };
static const int64_t SECOND = 1000000000;

static struct keyed keyed;
static struct scene scene;
static struct sealing sealing[2];
static struct text datagram[PIECES]; /* what both say, in order */
static enum role sender[PIECES];
static size_t said;
static uint64_t number[2]; /* of records and of messages, by role */
static uint16_t sequence[2];

static void
begin(uint16_t cipher)
{
    static const enum secret_label labels[2] = {SECRET_CLIENT_HANDSHAKE, SECRET_SERVER_HANDSHAKE};
    keyed_begin(&keyed, cipher);
    scene_begin(&scene, ROOM);
    scene.flow.protocol = IPPROTO_UDP;
    struct key_options options = {.store = keyed.store, .wait_ns = 5 * SECOND};
    dissection_use_keys(scene.dissection, &options);
    for (int role = 0; role < 2; role++) {
        const struct secret *secret = &keyed.secret[labels[role]];
        struct bytes bytes = bytes_of(secret->at, secret->len);
        ck_assert(sealing_derive(keyed.opener, keyed.suite, KEYS_DTLS, bytes, &sealing[role]));
        number[role] = sequence[role] = 0;
    }
    said = 0;
}

static void
clear(void)
{
    ck_assert_uint_eq(scene_end(&scene), 0);
    keyed_end(&keyed);
    for (size_t i = 0; i < PIECES; i++)
        text_free(&datagram[i]);
}

static void
end(void)
{
    scene_over(&scene, FLOW_IDLE);
    clear();
}

static void
add_number(struct text *out, uint64_t value, unsigned bytes)
{
    while (bytes--)
        text_add_char(out, (char)(value >> 8 * bytes));
}

static struct text *
new_datagram(enum role from)
{
    ck_assert_uint_lt(said, PIECES);
    sender[said] = from;
    return &datagram[said++];
}

static void
add_fragment(
    struct text *out, uint8_t type, uint16_t seq, struct bytes body, size_t from, size_t to)
{
    add_number(out, type, 1);
    add_number(out, body.len, 3);
    add_number(out, seq, 2);
    add_number(out, from, 3);
    add_number(out, to - from, 3);
    text_add(out, bytes_first(bytes_skip(body, from), to - from));
}

static void
say_hello(enum role from, uint8_t type, const char *annotated)
{
    struct text body = {0}, fragment = {0}, *out = new_datagram(from);
    tls_hex(&body, annotated);
    add_fragment(&fragment, type, sequence[from]++, text_bytes(&body), 0, body.len);
    tls_hex(out, "16 fefd 0000 000000000000");
    add_number(out, fragment.len, 2);
    text_add(out, text_bytes(&fragment));
    text_free(&body);
    text_free(&fragment);
}

/* A record of epoch 2 with a part of a message. */
static void
say_part(enum role from, uint8_t type, struct bytes body, size_t begins, size_t ends)
{
    struct text inner = {0}, header = {0}, *out = new_datagram(from);
    add_fragment(&inner, type, sequence[from], body, begins, ends);
    text_add_char(&inner, 22);
    add_number(&header, 0x2e, 1); /* a number of two bytes, a length, epoch 2 */
    add_number(&header, number[from], 2);
    add_number(&header, inner.len + sealing[from].suite->tag, 2);
    text_add(out, text_bytes(&header));
    seal(out, &sealing[from], number[from]++, text_bytes(&header), text_bytes(&inner));
    uint8_t mask[NUMBER_MASK];
    ck_assert(opener_number_mask(
        keyed.opener, &sealing[from], bytes_of(out->at + header.len, NUMBER_SAMPLE), mask));
    out->at[1] = (char)(out->at[1] ^ mask[0]);
    out->at[2] = (char)(out->at[2] ^ mask[1]);
    text_free(&inner);
    text_free(&header);
}

static void
say(enum role from, uint8_t type, struct bytes body)
{
    enum { PART = 400 };
    for (size_t at = 0; at < body.len; at += PART)
        say_part(from, type, body, at, at + PART < body.len ? at + PART : body.len);
    sequence[from]++;
}

static void
say_certificates(enum role from, size_t first, size_t count)
{
    struct text body = {0};
    keyed_certificates(&body, scene.certificate + first, count);
    say(from, MESSAGE_CERTIFICATE, text_bytes(&body));
    text_free(&body);
}

static void
say_handshake(void)
{
    say_hello(CLIENT, MESSAGE_CLIENT_HELLO,
        "fefd 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 00 00\n"
        "0002 1301 01 00 0007 002b 0003 02 fefc");
    const char *answer =
        keyed.suite->cipher == 0x1303
            ? "fefd 404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f 00"
              " 1303 00 0006 002b 0002 fefc"
            : "fefd 404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f 00"
              " 1301 00 0006 002b 0002 fefc";
    say_hello(SERVER, MESSAGE_SERVER_HELLO, answer);
    say(SERVER, MESSAGE_ENCRYPTED_EXTENSIONS, bytes_of("\0\0", 2));
    say(SERVER, MESSAGE_CERTIFICATE_REQUEST, bytes_of("\0\0\10\0\15\0\4\0\2\4\3", 11));
    say_certificates(SERVER, 0, 2);
    say(SERVER, MESSAGE_FINISHED, bytes_from_string("finished"));
    say_certificates(CLIENT, 2, 1);
    say(CLIENT, MESSAGE_FINISHED, bytes_from_string("finished"));
}

static void
hear(size_t i)
{
    enum side from = sender[i] == CLIENT ? ORIGINATOR : RESPONDER;
    scene.flow.packets[from]++;
    if (!scene.flow.quiet)
        scene.listener.datagram(
            scene.listener.owner, &scene.flow, from, text_bytes(&datagram[i]), 0);
}

static const uint16_t ciphers[] = {0x1301, 0x1303};

static void
assert_opened(void)
{
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_uint_eq(scene.certificates[SERVER], 2);
    ck_assert_uint_eq(scene.certificates[CLIENT], 1);
    ck_assert_int_eq(scene.reason[SERVER], REASON_KEYS);
    ck_assert_int_eq(scene.reason[CLIENT], REASON_KEYS);
    ck_assert(scene.facts.keys_used);
}

START_TEST(both_chains)
{
    begin(ciphers[_i]);
    keyed_give_all(&keyed);
    say_handshake();
    for (size_t i = 0; i < said; i++)
        hear(i);
    scene_over(&scene, FLOW_IDLE);
    assert_opened();
    end();
}
END_TEST

/* The flight behind the hellos comes backwards, and all of it twice. */
START_TEST(in_any_order)
{
    begin(0x1301);
    keyed_give_all(&keyed);
    say_handshake();
    hear(0);
    hear(1);
    for (int round = 0; round < 2; round++)
        for (size_t i = said; i > 2; i--)
            hear(i - 1);
    scene_over(&scene, FLOW_IDLE);
    ck_assert_uint_eq(scene.certificates[SERVER], 2);
    ck_assert_uint_eq(scene.certificates[CLIENT], 1);
    end();
}
END_TEST

START_TEST(each_datagram_lost)
{
    begin(0x1301);
    say_handshake();
    size_t count = said;
    end();
    for (size_t lost = 2; lost < count; lost++) {
        begin(0x1301);
        keyed_give_all(&keyed);
        say_handshake();
        for (size_t i = 0; i < said; i++)
            if (i != lost)
                hear(i);
        scene_over(&scene, FLOW_IDLE);
        ck_assert_uint_eq(scene.told, 1);
        ck_assert(scene.certificates[SERVER] == 2 || scene.certificates[SERVER] == 0);
        end();
    }
}
END_TEST

START_TEST(other_keys_and_none)
{
    begin(0x1301);
    keyed.secret[SECRET_CLIENT_HANDSHAKE].at[0] ^= 1;
    keyed.secret[SECRET_SERVER_HANDSHAKE].at[0] ^= 1;
    if (_i)
        keyed_give_all(&keyed);
    say_handshake();
    for (size_t i = 0; i < said; i++)
        hear(i);
    scene_over(&scene, FLOW_IDLE);
    ck_assert_int_eq(scene.reason[SERVER], _i ? REASON_UNOPENED : REASON_TLS13);
    ck_assert_uint_eq(scene.certificates[SERVER], 0);
    ck_assert(!scene.facts.keys_used);
    end();
}
END_TEST

/* ---- Keys that come after the packets. */

static void
begin_waiting(void)
{
    begin(0x1301);
    key_store_expect(keyed.store, 0);
    dissection_round(scene.dissection, ROUND);
    say_handshake();
}

/* Wherever they come in the handshake, and in whatever order it is heard. */
START_TEST(late_at_each_datagram)
{
    begin_waiting();
    size_t count = said;
    end();
    for (size_t when = 2; when < count; when++) {
        begin_waiting();
        hear(0);
        hear(1);
        for (size_t i = 2; i < said; i++) {
            hear(_i ? said + 1 - i : i);
            if (i == when)
                keyed_come(&keyed, &scene, ROUND + 1, 1 * SECOND);
        }
        scene_over(&scene, FLOW_IDLE);
        assert_opened();
        end();
    }
}
END_TEST

START_TEST(late_behind_the_flow)
{
    begin_waiting();
    for (size_t i = 0; i < said; i++)
        hear(i);
    scene_over(&scene, FLOW_IDLE);
    ck_assert_uint_eq(scene.told, 0);
    ck_assert_ptr_null(scene.flow.dissection);
    keyed_come(&keyed, &scene, ROUND + 1, 4 * SECOND);
    assert_opened();
    clear();
}
END_TEST

START_TEST(too_late)
{
    begin_waiting();
    for (size_t i = 0; i < said; i++)
        hear(i);
    if (_i)
        scene_over(&scene, FLOW_IDLE);
    dissection_tick(scene.dissection, scene.flow.last_ns + 4 * SECOND, 100);
    ck_assert_uint_eq(scene.told, 0);
    dissection_tick(scene.dissection, scene.flow.last_ns + 6 * SECOND, 100);
    if (!_i)
        scene_over(&scene, FLOW_IDLE);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_int_eq(scene.reason[SERVER], REASON_TLS13);
    keyed_come(&keyed, &scene, ROUND + 1, 7 * SECOND);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert(!scene.facts.keys_used);
    clear();
}
END_TEST

/* Half of them is waited with, and made use of when nothing more comes. */
START_TEST(late_and_half)
{
    begin_waiting();
    for (size_t i = 0; i < said; i++)
        hear(i);
    key_store_add(keyed.store, &keyed.secret[SECRET_SERVER_HANDSHAKE], ROUND + 1);
    dissection_round(scene.dissection, ROUND + 1);
    scene_over(&scene, FLOW_IDLE);
    dissection_tick(scene.dissection, scene.flow.last_ns + SECOND, 100);
    ck_assert_uint_eq(scene.told, 0);
    dissection_finish(scene.dissection, 100);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_uint_eq(scene.certificates[SERVER], 2);
    ck_assert_uint_eq(scene.certificates[CLIENT], 0);
    clear();
}
END_TEST

/* Another handshake begins in the flow while this one waits. */
START_TEST(the_next_handshake_begins)
{
    begin_waiting();
    for (size_t i = 0; i < said; i++)
        hear(i);
    sequence[CLIENT] = 0;
    say_hello(CLIENT, MESSAGE_CLIENT_HELLO,
        "fefd 100102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 00 00\n"
        "0002 1301 01 00 0007 002b 0003 02 fefc");
    ck_assert_uint_eq(scene.told, 0);
    hear(said - 1);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_int_eq(scene.reason[SERVER], REASON_TLS13);
    keyed_come(&keyed, &scene, ROUND + 1, 1 * SECOND);
    end();
}
END_TEST

/* What is said again and again is kept once the room allows, and no more. */
START_TEST(more_than_is_kept)
{
    begin_waiting();
    for (int round = 0; round < 200; round++)
        for (size_t i = 0; i < said; i++)
            hear(i);
    ck_assert_uint_lt(scene.pool.used, 128 << 10);
    keyed_come(&keyed, &scene, ROUND + 1, 1 * SECOND);
    scene_over(&scene, FLOW_IDLE);
    assert_opened();
    end();
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("dissect/keys/dtls_opening");
    TCase *c = tcase_create("dtls opening");
    tcase_add_loop_test(c, both_chains, 0, sizeof ciphers / sizeof *ciphers);
    tcase_add_test(c, in_any_order);
    tcase_add_test(c, each_datagram_lost);
    tcase_add_loop_test(c, other_keys_and_none, 0, 2);
    tcase_add_loop_test(c, late_at_each_datagram, 0, 2);
    tcase_add_test(c, late_behind_the_flow);
    tcase_add_loop_test(c, too_late, 0, 2);
    tcase_add_test(c, late_and_half);
    tcase_add_test(c, the_next_handshake_begins);
    tcase_add_test(c, more_than_is_kept);
    suite_add_tcase(s, c);
    return s;
}
