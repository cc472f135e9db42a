/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/eap.h"

#include <stdlib.h>

enum { REQUEST = 1, RESPONSE, SUCCESS, FAILURE, LENGTH = 0x80, MORE = 0x40, START = 0x20 };

static void
add_number(struct text *out, size_t value, unsigned bytes)
{
    while (bytes-- > 0)
        text_add_char(out, (char)(value >> 8 * bytes & 0xff));
}

static struct text *
next_packet(struct eap_script *script, enum side from)
{
    if (script->len == EAP_PACKETS_MOST)
        abort();
    script->packet[script->len].from = from;
    return &script->packet[script->len++].said;
}

void
eap_say(struct eap_script *script, enum side from, uint8_t type, struct bytes data)
{
    struct text *out = next_packet(script, from);
    if (from == RESPONDER)
        script->id++;
    add_number(out, from == RESPONDER ? REQUEST : RESPONSE, 1);
    add_number(out, script->id, 1);
    add_number(out, 5 + data.len, 2);
    add_number(out, type, 1);
    text_add(out, data);
}

void
eap_say_hex(struct eap_script *script, enum side from, uint8_t type, const char *annotated)
{
    struct text data = {0};
    tls_hex(&data, annotated);
    eap_say(script, from, type, text_bytes(&data));
    text_free(&data);
}

void
eap_end_with(struct eap_script *script, bool success)
{
    struct text *out = next_packet(script, RESPONDER);
    add_number(out, success ? SUCCESS : FAILURE, 1);
    add_number(out, script->id, 1);
    add_number(out, 4, 2);
}

static void
say_fragment(struct eap_script *script, enum side from, uint8_t type, struct bytes said,
    struct bytes piece, bool first, bool last)
{
    struct text data = {0};
    bool length = first && !last;
    add_number(&data, (length ? LENGTH : 0) | (last ? 0 : MORE), 1);
    if (length)
        add_number(&data, said.len, 4);
    text_add(&data, piece);
    eap_say(script, from, type, text_bytes(&data));
    text_free(&data);
}

void
eap_carry(struct eap_script *script, uint8_t type, const struct talk *talk, size_t most)
{
    eap_say_hex(script, RESPONDER, type, "20");
    for (size_t i = 0; i < talk->len; i++) {
        enum side from = talk->turn[i].from;
        struct bytes said = text_bytes(&talk->turn[i].said);
        for (struct bytes left = said; left.len; left = bytes_skip(left, most)) {
            bool last = left.len <= most;
            say_fragment(
                script, from, type, said, bytes_first(left, most), left.at == said.at, last);
            if (!last)
                eap_say_hex(script, other_side(from), type, "00"); /* go on */
        }
    }
    if (talk->len && talk->turn[talk->len - 1].from == RESPONDER)
        eap_say_hex(script, ORIGINATOR, type, "00");
}

void
eap_whole(
    struct eap_script *script, uint8_t type, const struct talk *talk, size_t most, bool success)
{
    eap_say(script, RESPONDER, 1, (struct bytes){0});
    eap_say(script, ORIGINATOR, 1, bytes_from_string("user"));
    eap_carry(script, type, talk, most);
    eap_end_with(script, success);
}

void
eap_free(struct eap_script *script)
{
    for (size_t i = 0; i < script->len; i++)
        text_free(&script->packet[i].said);
    free(script);
}

/* ---- Carriers. */

static void
add_attribute(struct text *out, uint8_t type, struct bytes value)
{
    add_number(out, type, 1);
    add_number(out, 2 + value.len, 1);
    text_add(out, value);
}

static uint8_t
radius_code(const struct eap_packet *packet)
{
    if (packet->from == ORIGINATOR)
        return 1;
    uint8_t code = bytes_at(text_bytes(&packet->said), 0);
    return code == SUCCESS ? 2 : code == FAILURE ? 3 : 11;
}

void
radius_wrap(struct text *out, const struct eap_packet *packet, struct radius_facts *facts)
{
    enum { MESSAGE_MOST = 253, USER_NAME = 1, STATE = 24, CALLING_STATION = 31, MESSAGE = 79 };
    struct text attributes = {0};
    bool request = packet->from == ORIGINATOR;
    if (request)
        facts->identifier++;
    else
        facts->state++;
    if (facts->state)
        add_attribute(&attributes, STATE,
            bytes_of(
                (uint8_t[]){facts->state, (uint8_t)(facts->station ? strlen(facts->station) : 0)},
                2));
    if (request)
        add_attribute(&attributes, USER_NAME, bytes_from_string("user"));
    if (request && facts->station)
        add_attribute(&attributes, CALLING_STATION, bytes_from_string(facts->station));
    for (struct bytes left = text_bytes(&packet->said); left.len;
         left = bytes_skip(left, MESSAGE_MOST))
        add_attribute(&attributes, MESSAGE, bytes_first(left, MESSAGE_MOST));

    add_number(out, radius_code(packet), 1);
    add_number(out, facts->identifier, 1);
    add_number(out, 20 + attributes.len, 2);
    for (int i = 0; i < 4; i++)
        add_number(out, facts->identifier * 7919U, 4); /* the authenticator */
    text_add(out, text_bytes(&attributes));
    text_free(&attributes);
}

void
eapol_wrap(struct text *out, const struct eap_packet *packet)
{
    add_number(out, 2, 1); /* version */
    add_number(out, 0, 1); /* EAP */
    add_number(out, packet->said.len, 2);
    text_add(out, text_bytes(&packet->said));
}
