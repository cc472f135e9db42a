/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/keys/quic_opening.h"

#include "dissect/message.h"
#include "tests/support/keyed.h"
#include "tests/support/scene.h"

#include <check.h>

/* Of dissect/conversation.h, whose talks are not those of tests/support/tls.h. */
struct handshake *handshake_new(struct dissection *dissection, struct flow *flow);

enum { V1 = 1, V2 = 0x6b3343cf, ROOM = 4 << 20 };
static const int64_t SECOND = 1000000000;

static struct keyed keyed;
static struct scene scene;
static struct keyring *ring;
static struct handshake *handshake;
static struct quic_opening *opening;
static uint32_t version;
static struct sealing sealing[2];
static struct text flight[2]; /* what each role says in its Handshake packets */

static void
hear_hello(struct text *record, enum side from)
{
    struct bytes message = bytes_skip(text_bytes(record), 5);
    handshake_hear(handshake, from, bytes_at(message, 0), bytes_skip(message, 4));
}

static void
make_flights(void)
{
    struct text body = {0};
    tls_hex(&body, "0009 0010 0005 0003 02 'h3'");
    tls_message(&flight[SERVER], MESSAGE_ENCRYPTED_EXTENSIONS, text_bytes(&body));
    text_clear(&body);
    tls_hex(&body, "00 0008 000d 0004 0002 0403");
    tls_message(&flight[SERVER], MESSAGE_CERTIFICATE_REQUEST, text_bytes(&body));
    text_clear(&body);
    keyed_certificates(&body, scene.certificate, 2);
    tls_message(&flight[SERVER], MESSAGE_CERTIFICATE, text_bytes(&body));
    tls_message(&flight[SERVER], MESSAGE_FINISHED, bytes_from_string("finished"));
    text_clear(&body);
    keyed_certificates(&body, scene.certificate + 2, 1);
    tls_message(&flight[CLIENT], MESSAGE_CERTIFICATE, text_bytes(&body));
    tls_message(&flight[CLIENT], MESSAGE_FINISHED, bytes_from_string("finished"));
    text_free(&body);
}

static void
begin(uint16_t cipher, uint32_t which, int64_t wait_ns)
{
    static const enum secret_label labels[2] = {SECRET_CLIENT_HANDSHAKE, SECRET_SERVER_HANDSHAKE};
    version = which;
    keyed_begin(&keyed, cipher);
    scene_begin(&scene, ROOM);
    struct key_options options = {.store = keyed.store, .wait_ns = wait_ns};
    ring = keyring_new(&options);
    handshake = handshake_new(scene.dissection, &scene.flow);
    opening = quic_opening_new(ring, &scene.pool);
    for (int role = 0; role < 2; role++) {
        const struct secret *secret = &keyed.secret[labels[role]];
        ck_assert(sealing_derive(keyed.opener, keyed.suite, which == V2 ? KEYS_QUIC2 : KEYS_QUIC,
            bytes_of(secret->at, secret->len), &sealing[role]));
    }
    struct text hello = {0}, answer = {0};
    tls_client_hello(&hello);
    tls_server_hello_13(&answer);
    answer.at[5 + 4 + 2 + 32 + 1] = (char)(cipher >> 8);
    answer.at[5 + 4 + 2 + 32 + 2] = (char)cipher;
    hear_hello(&hello, ORIGINATOR);
    hear_hello(&answer, RESPONDER);
    text_free(&hello);
    text_free(&answer);
    make_flights();
}

static void
end(void)
{
    if (opening)
        quic_opening_end(opening);
    opening = NULL;
    session_release(&handshake->session);
    keyring_free(ring);
    ck_assert_uint_eq(scene_end(&scene), 0);
    keyed_end(&keyed);
    text_free(&flight[0]);
    text_free(&flight[1]);
}

/* A Handshake packet with a part of a flight, as it goes over the wire. */
static void
make_packet(struct text *out, enum role role, uint32_t number, size_t from, size_t to)
{
    enum { NUMBER = 4, TAG = 16 };
    struct text frame = {0};
    text_add_char(&frame, 0x06);
    text_add_char(&frame, (char)(0x40 | from >> 8));
    text_add_char(&frame, (char)from);
    text_add_char(&frame, (char)(0x40 | (to - from) >> 8));
    text_add_char(&frame, (char)(to - from));
    text_add(&frame, bytes_first(bytes_skip(text_bytes(&flight[role]), from), to - from));
    size_t length = NUMBER + frame.len + sealing[role].suite->tag;
    text_add_char(out, (char)(version == V2 ? 0xf3 : 0xe3));
    for (int shift = 24; shift >= 0; shift -= 8)
        text_add_char(out, (char)(version >> shift));
    text_add(out, bytes_of("\4abcd\0", 6)); /* connection ids */
    text_add_char(out, (char)(0x40 | length >> 8));
    text_add_char(out, (char)length);
    size_t at = out->len;
    for (int shift = 24; shift >= 0; shift -= 8)
        text_add_char(out, (char)(number >> shift));
    struct text header = {0};
    text_add(&header, text_bytes(out));
    seal(out, &sealing[role], number, text_bytes(&header), text_bytes(&frame));

    uint8_t mask[NUMBER_MASK];
    struct bytes sample = bytes_of(out->at + at + 4, NUMBER_SAMPLE);
    ck_assert(opener_number_mask(keyed.opener, &sealing[role], sample, mask));
    out->at[0] = (char)(out->at[0] ^ (mask[0] & 0x0f));
    for (size_t i = 0; i < NUMBER; i++)
        out->at[at + i] = (char)(out->at[at + i] ^ mask[i + 1]);
    text_free(&frame);
    text_free(&header);
}

static void
hear(enum role role, uint32_t number, size_t from, size_t to)
{
    struct text datagram = {0};
    struct quic_packet packet;
    make_packet(&datagram, role, number, from, to);
    struct bytes bytes = text_bytes(&datagram);
    ck_assert(quic_packet_next(&bytes, &packet));
    ck_assert_int_eq(packet.kind, QUIC_HANDSHAKE);
    quic_opening_take(opening, role == CLIENT ? ORIGINATOR : RESPONDER, &packet);
    text_free(&datagram);
}

static void
hear_flights(void)
{
    hear(SERVER, 0, 0, 300);
    hear(SERVER, 1, 300, flight[SERVER].len);
    hear(CLIENT, 0, 0, flight[CLIENT].len);
}

static void
assert_opened(void)
{
    const struct session *s = &handshake->session;
    ck_assert_uint_eq(s->chain[SERVER].len, 2);
    ck_assert_uint_eq(s->chain[CLIENT].len, 1);
    ck_assert(s->chain[CLIENT].opened && s->keys_used && s->established);
    ck_assert_int_eq(s->client_cert_requested, YES);
    ck_assert(bytes_equal_string(s->answer.alpn, "h3"));
    ck_assert(quic_opening_done(opening));
}

static const uint16_t ciphers[] = {0x1301, 0x1302, 0x1303, 0x1304};

START_TEST(both_chains)
{
    static const uint32_t versions[] = {V1, V2};
    for (int i = 0; i < 2; i++) {
        begin(ciphers[_i], versions[i], 0);
        keyed_give_all(&keyed);
        ck_assert(!quic_opening_find(opening, handshake, version, false));
        hear_flights();
        assert_opened();
        end();
    }
}
END_TEST

/* Before the hellos, or before the keys. */
START_TEST(packets_that_wait)
{
    begin(0x1301, V1, 5 * SECOND);
    key_store_expect(keyed.store, 0);
    hear_flights();
    ck_assert(quic_opening_find(opening, handshake, version, false));
    keyed_give_all(&keyed);
    ck_assert(!quic_opening_find(opening, handshake, version, false));
    assert_opened();
    end();
}
END_TEST

START_TEST(any_order_and_twice)
{
    begin(0x1303, V1, 0);
    keyed_give_all(&keyed);
    ck_assert(!quic_opening_find(opening, handshake, version, false));
    hear(SERVER, 7, 300, flight[SERVER].len);
    hear(SERVER, 3, 0, 100);
    hear(SERVER, 5, 0, 100);
    hear(SERVER, 4, 50, 310);
    hear(CLIENT, 1, 0, flight[CLIENT].len);
    assert_opened();
    end();
}
END_TEST

START_TEST(a_packet_is_lost)
{
    begin(0x1301, V1, 0);
    keyed_give_all(&keyed);
    quic_opening_find(opening, handshake, version, false);
    hear(SERVER, 0, 0, 100);
    hear(SERVER, 2, 300, flight[SERVER].len);
    hear(CLIENT, 0, 0, flight[CLIENT].len);
    ck_assert(!quic_opening_done(opening));
    quic_opening_end(opening);
    opening = NULL;
    ck_assert_int_eq(handshake->side[RESPONDER].trouble, REASON_GAP);
    ck_assert_uint_eq(handshake->session.chain[SERVER].len, 0);
    ck_assert_uint_eq(handshake->session.chain[CLIENT].len, 1);
    end();
}
END_TEST

START_TEST(other_keys)
{
    begin(0x1301, V1, 0);
    keyed.secret[SECRET_CLIENT_HANDSHAKE].at[0] ^= 1;
    keyed.secret[SECRET_SERVER_HANDSHAKE].at[0] ^= 1;
    keyed_give_all(&keyed);
    quic_opening_find(opening, handshake, version, false);
    hear_flights();
    ck_assert_uint_eq(ring->counts.failed, 3);
    quic_opening_end(opening);
    opening = NULL;
    ck_assert_int_eq(handshake->side[RESPONDER].trouble, REASON_UNOPENED);
    ck_assert(!handshake->session.keys_used);
    end();
}
END_TEST

START_TEST(no_keys)
{
    begin(0x1301, V1, 0);
    hear_flights();
    ck_assert(!quic_opening_find(opening, handshake, version, false));
    ck_assert(quic_opening_done(opening));
    end();
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("dissect/keys/quic_opening");
    TCase *c = tcase_create("quic opening");
    tcase_add_loop_test(c, both_chains, 0, sizeof ciphers / sizeof *ciphers);
    tcase_add_test(c, packets_that_wait);
    tcase_add_test(c, any_order_and_twice);
    tcase_add_test(c, a_packet_is_lost);
    tcase_add_test(c, other_keys);
    tcase_add_test(c, no_keys);
    suite_add_tcase(s, c);
    return s;
}
