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
        "0303                                                              # version\n"
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f  # random\n"
        "00                                                                # session id\n"
        "0006 1301 c02f 002f                                               # ciphers\n"
        "01 00                                                             # compressions\n"
        "0025                                                              # extensions\n"
        "  0000 000c 000a 00 0007 'subject'                                # server name\n"
        "  000a 0004 0002 001d                                             # groups\n"
        "  000b 0002 01 00                                                 # point formats\n"
        "  0017 0000                                                       # master secret\n"
        "  0023 0000                                                       # ticket wanted\n"
        "  # 16 + 8 + 6 + 4 + 4 bytes less one\n"[0] == '0'
            ? "0303 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
              "00 0006 1301c02f002f 01 00\n"
              "0026                                      # extensions\n"
              "  0000 000c 000a 00 0007 'subject'        # server name\n"
              "  000a 0004 0002 001d                     # groups\n"
              "  000b 0002 01 00                         # point formats\n"
              "  0017 0000                               # extended master secret\n"
              "  0023 0000                               # a ticket is wanted\n"
            : "");
}
