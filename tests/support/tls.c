/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/tls.h"

#include "dissect/message.h"
#include "dissect/tls_record.h"
#include "tests/support/hex.h"

#include <stdlib.h>

struct text *
talk_turn(struct talk *talk, enum side from)
{
    if (talk->len == TURNS_MOST)
        abort();
    talk->turn[talk->len].from = from;
    return &talk->turn[talk->len++].said;
}

void
talk_say(struct talk *talk, enum side from, const char *annotated)
{
    tls_hex(talk_turn(talk, from), annotated);
}

void
talk_free(struct talk *talk)
{
    for (size_t i = 0; i < talk->len; i++)
        text_free(&talk->turn[i].said);
    *talk = (struct talk){0};
}

void
tls_hex(struct text *out, const char *annotated)
{
    struct bytes bytes = hex(annotated);
    text_add(out, bytes);
    free((void *)(uintptr_t)bytes.at);
}

static void
add_number(struct text *out, size_t value, unsigned bytes)
{
    while (bytes-- > 0)
        text_add_char(out, (char)(value >> 8 * bytes & 0xff));
}

void
tls_message(struct text *out, uint8_t type, struct bytes body)
{
    add_number(out, type, 1);
    add_number(out, body.len, 3);
    text_add(out, body);
}

void
tls_record(struct text *out, uint8_t type, struct bytes content)
{
    add_number(out, type, 1);
    add_number(out, 0x0303, 2);
    add_number(out, content.len, 2);
    text_add(out, content);
}

void
tls_record_hex(struct text *out, uint8_t type, const char *annotated)
{
    struct bytes content = hex(annotated);
    tls_record(out, type, content);
    free((void *)(uintptr_t)content.at);
}

static void
message_hex(struct text *out, uint8_t type, const char *annotated)
{
    struct bytes body = hex(annotated);
    tls_message(out, type, body);
    free((void *)(uintptr_t)body.at);
}

void
tls_certificates(struct text *out, const struct bytes *certificates, size_t count)
{
    struct text list = {0};
    struct text body = {0};
    for (size_t i = 0; i < count; i++) {
        add_number(&list, certificates[i].len, 3);
        text_add(&list, certificates[i]);
    }
    add_number(&body, list.len, 3);
    text_add(&body, text_bytes(&list));
    tls_message(out, MESSAGE_CERTIFICATE, text_bytes(&body));
    text_free(&list);
    text_free(&body);
}

static void
hello_record(struct text *out, uint8_t type, const char *annotated)
{
    struct text message = {0};
    message_hex(&message, type, annotated);
    tls_record(out, RECORD_HANDSHAKE, text_bytes(&message));
    text_free(&message);
}

void
tls_client_hello(struct text *out)
{
    hello_record(out, MESSAGE_CLIENT_HELLO,
        "0303                                             # version\n"
        "000102030405060708090a0b0c0d0e0f                 # random\n"
        "101112131415161718191a1b1c1d1e1f\n"
        "00                                               # session id\n"
        "0006 1301 c02f 002f                              # ciphers\n"
        "01 00                                            # compressions\n"
        "0057                                             # extensions\n"
        "  0000 000c 000a 00 0007 'subject'               # server name\n"
        "  000a 0004 0002 001d                            # groups\n"
        "  000b 0002 01 00                                # point formats\n"
        "  0017 0000                                      # extended master secret\n"
        "  0023 0000                                      # a ticket is wanted\n"
        "  002b 0003 02 0304                              # versions\n"
        "  0033 0026 0024 001d 0020                       # key share\n"
        "    202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f\n");
}

static const char answer12[] = "0303                               # version\n"
                               "404142434445464748494a4b4c4d4e4f   # random\n"
                               "505152535455565758595a5b5c5d5e5f\n"
                               "00                                 # session id\n"
                               "c02f 00                            # cipher, compression\n"
                               "0004 0017 0000                     # extended master secret\n";

void
tls_server_hello(struct text *out)
{
    hello_record(out, MESSAGE_SERVER_HELLO, answer12);
}

void
tls_server_hello_13(struct text *out)
{
    hello_record(out, MESSAGE_SERVER_HELLO,
        "0303 404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f 00\n"
        "1301 00\n"
        "002e 002b 0002 0304                              # version\n"
        "     0033 0024 001d 0020                         # key share\n"
        "    606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f\n");
}

static void
add_retry(struct text *out)
{
    hello_record(out, MESSAGE_SERVER_HELLO,
        "0303                                             # a random that says what it is\n"
        "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c 00\n"
        "1301 00\n"
        "000c 002b 0002 0304 0033 0002 001d               # version, group\n");
}

static void
add_data(struct text *out)
{
    tls_record_hex(out, RECORD_APPLICATION_DATA,
        "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf");
}

/* ChangeCipherSpec and an encrypted Finished. */
static void
add_finish(struct text *out)
{
    tls_record_hex(out, RECORD_CHANGE_CIPHER_SPEC, "01");
    tls_record_hex(out, RECORD_HANDSHAKE,
        "c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7");
}

static void
add_server_flight(struct text *out, const struct bytes *certificates, size_t count, bool mutual)
{
    struct text messages = {0};
    message_hex(&messages, MESSAGE_SERVER_HELLO, answer12);
    tls_certificates(&messages, certificates, count);
    message_hex(&messages, MESSAGE_SERVER_KEY_EXCHANGE, "03 001d 04 01020304 0401 0002 aabb");
    if (mutual)
        message_hex(&messages, MESSAGE_CERTIFICATE_REQUEST, "01 40 0002 0403 0000");
    message_hex(&messages, MESSAGE_SERVER_HELLO_DONE, "");
    tls_record(out, RECORD_HANDSHAKE, text_bytes(&messages));
    text_free(&messages);
}

static void
add_client_flight(struct text *out, const struct bytes *certificates, size_t count, bool mutual)
{
    struct text messages = {0};
    if (mutual)
        tls_certificates(&messages, certificates, count);
    message_hex(&messages, MESSAGE_CLIENT_KEY_EXCHANGE, "04 01020304");
    if (mutual && count)
        message_hex(&messages, MESSAGE_CERTIFICATE_VERIFY, "0403 0002 ccdd");
    tls_record(out, RECORD_HANDSHAKE, text_bytes(&messages));
    add_finish(out);
    text_free(&messages);
}

void
talk_tls12(struct talk *talk, const struct bytes *certificates, size_t count, bool mutual)
{
    tls_client_hello(talk_turn(talk, ORIGINATOR));
    add_server_flight(talk_turn(talk, RESPONDER), certificates, count, mutual);
    add_client_flight(talk_turn(talk, ORIGINATOR), certificates, count, mutual);
    add_finish(talk_turn(talk, RESPONDER));
    add_data(talk_turn(talk, ORIGINATOR));
    add_data(talk_turn(talk, RESPONDER));
}

void
talk_tls13(struct talk *talk, bool retry)
{
    tls_client_hello(talk_turn(talk, ORIGINATOR));
    if (retry) {
        add_retry(talk_turn(talk, RESPONDER));
        struct text *again = talk_turn(talk, ORIGINATOR);
        tls_record_hex(again, RECORD_CHANGE_CIPHER_SPEC, "01");
        tls_client_hello(again);
    }
    struct text *answer = talk_turn(talk, RESPONDER);
    tls_server_hello_13(answer);
    tls_record_hex(answer, RECORD_CHANGE_CIPHER_SPEC, "01");
    add_data(answer);
    struct text *finish = talk_turn(talk, ORIGINATOR);
    add_data(finish);
    add_data(finish);
    add_data(talk_turn(talk, RESPONDER));
}

static void
describe_chain(const struct session *s, enum role role, struct text *out)
{
    const struct chain *chain = &s->chain[role];
    text_add_format(out, "%s=%s %s %zu/%zu\n", role_name(role), visibility_name(chain->visibility),
        visibility_reason_name(chain->reason), chain->len, (size_t)chain->sent);
    for (size_t i = 0; i < chain->len; i++)
        text_add_format(out, "%s.%zu=%s\n", role_name(role), i, chain->at[i]->sha256_hex);
}

void
session_describe(const struct session *session, struct text *out)
{
    const struct session *s = session;
    char client[ADDRESS_TEXT] = "";
    if (s->has_client_address)
        address_to_text(&s->client_address, client);
    text_add_format(out, "carrier=%s %s\nside=%d\nhello=%d answer=%d\nversion=%04x\n", s->carrier,
        client, s->client_side, s->has_hello, s->has_answer, s->version);
    if (s->answer.sslv2)
        text_add_format(out, "sslv2 suite=%06x\n", s->answer.sslv2_cipher);
    text_add_format(out, "name=%.*s\ncurve=%d %04x\n", (int)s->hello.server_name.len,
        s->hello.server_name.len ? (const char *)s->hello.server_name.at : "", s->has_curve,
        s->curve);
    text_add_format(out, "resumed=%d %s\nestablished=%d\nalert=%d\nhistory=%s\n", s->resumed,
        visibility_reason_name(s->resumed_by), s->established, s->last_alert, s->history);
    describe_chain(s, CLIENT, out);
    describe_chain(s, SERVER, out);
    text_add_format(out, "requested=%d\noutcome=%s\nmatches=%d\nmissed=%zu\n",
        s->client_cert_requested, outcome_name(s->outcome), s->sni_matches,
        (size_t)s->missed_bytes);
    text_add_format(out, "ja3=%s\nja3s=%s\nja4=%s\n", s->ja3, s->ja3s, s->ja4);
}
