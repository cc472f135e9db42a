/* SPDX-License-Identifier: Apache-2.0
 *
 * When a server counts as having taken its client, in TLS 1.3 without keys: by what goes by behind
 * the encryption, in which order.
 */
#include "tests/support/scene.h"

#include "dissect/message.h"
#include "dissect/tls_record.h"

#include <check.h>

enum { ROOM = 1 << 20, FLIGHT = 900, FINISHED = 4 + 32 + 1 + 16, TICKET = 250, ALERT = 19 };

static struct scene scene;

static void
say(enum side from, size_t length)
{
    static const uint8_t sealed[FLIGHT];
    struct text record = {0};
    tls_record(&record, RECORD_APPLICATION_DATA, bytes_of(sealed, length));
    scene_hear(&scene, from, text_bytes(&record));
    text_free(&record);
}

static void
begin(bool early)
{
    struct text hellos[2] = {{0}, {0}}, body = {0}, message = {0};
    scene_begin(&scene, ROOM);
    tls_hex(&body, "0303 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 00\n"
                   "0002 1301 01 00\n"
                   "000b 002b 0003 02 0304 002a 0000                 # versions, early data\n");
    tls_message(&message, MESSAGE_CLIENT_HELLO, text_bytes(&body));
    if (early)
        tls_record(&hellos[0], RECORD_HANDSHAKE, text_bytes(&message));
    else
        tls_client_hello(&hellos[0]);
    tls_server_hello_13(&hellos[1]);
    scene_hear(&scene, ORIGINATOR, text_bytes(&hellos[0]));
    if (early)
        say(ORIGINATOR, 100);
    scene_hear(&scene, RESPONDER, text_bytes(&hellos[1]));
    text_free(&hellos[0]);
    text_free(&hellos[1]);
    text_free(&message);
    text_free(&body);
}

static enum outcome
outcome(void)
{
    scene_over(&scene, FLOW_CLOSED);
    ck_assert_uint_eq(scene.told, 1);
    enum outcome told = scene.facts.outcome;
    ck_assert_uint_eq(scene_end(&scene), 0);
    return told;
}

/* Tickets that a server gives with its flight, as Go's does, say nothing of a client that was not
 * heard yet. */
START_TEST(tickets_before_the_client_spoke)
{
    begin(false);
    say(RESPONDER, FLIGHT);
    say(RESPONDER, TICKET);
    if (_i)
        say(ORIGINATOR, FINISHED);
    ck_assert_int_eq(outcome(), OUTCOME_UNKNOWN);
}
END_TEST

START_TEST(an_answer_behind_what_the_client_said)
{
    begin(false);
    say(RESPONDER, FLIGHT);
    say(ORIGINATOR, FINISHED);
    say(RESPONDER, _i ? ALERT : TICKET);
    ck_assert_int_eq(outcome(), _i ? OUTCOME_UNKNOWN : OUTCOME_ACCEPTED);
}
END_TEST

/* The server's own flight comes behind early data, and is no answer to what comes later. */
START_TEST(the_flight_behind_early_data)
{
    begin(true);
    say(ORIGINATOR, 100);
    say(RESPONDER, FLIGHT);
    say(RESPONDER, TICKET);
    say(ORIGINATOR, 100);
    say(RESPONDER, TICKET); /* data, sent early too */
    if (_i == 0) {
        ck_assert_int_eq(outcome(), OUTCOME_UNKNOWN);
        return;
    }
    say(ORIGINATOR, FINISHED);
    if (_i == 2)
        say(RESPONDER, TICKET);
    ck_assert_int_eq(outcome(), _i == 2 ? OUTCOME_ACCEPTED : OUTCOME_UNKNOWN);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("dissect/acceptance");
    TCase *c = tcase_create("acceptance");
    tcase_add_loop_test(c, tickets_before_the_client_spoke, 0, 2);
    tcase_add_loop_test(c, an_answer_behind_what_the_client_said, 0, 2);
    tcase_add_loop_test(c, the_flight_behind_early_data, 0, 3);
    suite_add_tcase(s, c);
    return s;
}
