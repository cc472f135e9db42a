/* SPDX-License-Identifier: Apache-2.0
 *
 * LDAP (RFC 4511 section 4.14): an extended request with the OID of StartTLS, answered by an
 * extended response with result code 0. Messages are BER, with lengths of any form.
 */
#include "dissect/gather.h"
#include "dissect/preamble.h"

enum {
    SEQUENCE = 0x30,
    INTEGER = 0x02,
    ENUMERATED = 0x0a,
    EXTENDED_REQUEST = 0x77,
    EXTENDED_RESPONSE = 0x78,
    REQUEST_NAME = 0x80,
    LENGTH_MOST = 8,     /* bytes of a length: with zeros in front it may have more than it needs */
    LOOK_ENOUGH = 24,    /* two headers, an identifier and a tag are never longer */
    LDAP_MOST = 1 << 20, /* a longer message is no LDAP we follow */
};

struct ldap {
    struct gather side[2];
    bool spoken[2];
    bool asked;
    uint32_t asked_id; /* message id of the request */
};

static struct bytes
read_element(struct reader *r, uint8_t *tag)
{
    *tag = read_u8(r);
    uint8_t first = read_u8(r);
    if (first < 0x80)
        return read_bytes(r, first);
    size_t bytes = first & 0x7f;
    if (bytes == 0 || bytes > LENGTH_MOST)
        r->bad = true;
    return read_bytes(r, (size_t)read_big_endian(r, bytes));
}

/* How long is the message that begins here, header and all? 0: not known yet. */
static bool
message_length(struct bytes begun, size_t *length)
{
    struct reader r = reader_over(begun);
    *length = 0;
    if (begun.len < 2)
        return bytes_at(begun, 0) == SEQUENCE || begun.len == 0;
    if (read_u8(&r) != SEQUENCE)
        return false;
    size_t value = read_u8(&r);
    size_t header = 2;
    if (value >= 0x80) {
        size_t bytes = value & 0x7f;
        if (bytes == 0 || bytes > LENGTH_MOST)
            return false;
        value = (size_t)read_big_endian(&r, bytes);
        header += bytes;
        if (r.bad)
            return true;
    }
    *length = header + value;
    return value > 0 && value < LDAP_MOST;
}

static enum look
look_ldap(struct bytes originator, struct bytes responder)
{
    size_t length;
    uint8_t tag;
    struct bytes begun = originator.len ? originator : responder;
    if (!message_length(begun, &length))
        return LOOK_NOT_MINE;
    struct reader r = reader_over(begun);
    read_u8(&r); /* tag; the length may be longer than what there is of the message */
    uint8_t first = read_u8(&r);
    read_bytes(&r, first < 0x80 ? 0 : first & 0x7f);
    struct bytes id = read_element(&r, &tag);
    uint8_t operation = read_u8(&r);
    if (r.bad)
        return begun.len < LOOK_ENOUGH ? LOOK_MAYBE : LOOK_NOT_MINE;
    bool good = tag == INTEGER && id.len > 0 && id.len <= 4 && (operation & 0x40) == 0x40;
    return good ? LOOK_MINE : LOOK_NOT_MINE;
}

/* What all messages begin with. False when it is none. */
static bool
read_message(struct bytes message, uint32_t *id, uint8_t *operation, struct bytes *body)
{
    struct reader outer = reader_over(message);
    uint8_t tag;
    struct reader r = reader_over(read_element(&outer, &tag));
    struct bytes number = read_element(&r, &tag);
    struct reader of_number = reader_over(number);
    *id = (uint32_t)read_big_endian(&of_number, number.len < 5 ? number.len : 0);
    *body = read_element(&r, operation);
    return !r.bad;
}

static bool
asks_for_tls(uint8_t operation, struct bytes body)
{
    uint8_t tag;
    struct reader request = reader_over(body);
    struct bytes name = read_element(&request, &tag);
    return operation == EXTENDED_REQUEST && tag == REQUEST_NAME &&
           bytes_equal_string(name, "1.3.6.1.4.1.1466.20037");
}

static enum preamble_step
hear_message(struct ldap *ldap, enum side from, struct bytes message)
{
    uint32_t id;
    uint8_t operation;
    uint8_t tag;
    struct bytes body;
    if (!read_message(message, &id, &operation, &body))
        return PREAMBLE_TALKING;
    if (from == ORIGINATOR) {
        if (asks_for_tls(operation, body)) {
            ldap->asked = true;
            ldap->asked_id = id;
        }
        return PREAMBLE_TALKING;
    }
    if (!ldap->asked || operation != EXTENDED_RESPONSE || id != ldap->asked_id)
        return PREAMBLE_TALKING; /* the answer to another request, or a notice */
    struct reader response = reader_over(body);
    struct bytes code = read_element(&response, &tag);
    if (tag == ENUMERATED && code.len == 1 && bytes_at(code, 0) == 0)
        return PREAMBLE_UPGRADED;
    ldap->asked = false;
    return PREAMBLE_TALKING;
}

/* Gathers a message, or passes over one that is too long to be of interest. */
static bool
next_message(struct gather *g, struct bytes *data, struct bytes *message, bool *broken)
{
    size_t length = 0;
    for (size_t need = g->len + 1; length == 0; need++) {
        if (!message_length(gathered(g), &length)) {
            *broken = true;
            return false;
        }
        if (length == 0 && !gather(g, data, need))
            return false;
    }
    if (length > GATHER_MOST) {
        gather_next(g, (uint32_t)(length - g->len));
        *message = (struct bytes){0};
        return true;
    }
    if (!gather(g, data, length))
        return false;
    *message = gathered(g);
    return true;
}

static enum preamble_step
hear_ldap(void *state, enum side from, struct bytes *data)
{
    struct ldap *ldap = state;
    bool broken = false;
    ldap->spoken[from] = true;
    while (data->len) {
        struct bytes message;
        bool believed = from == ORIGINATOR ? ldap->asked || !ldap->spoken[RESPONDER]
                                           : !ldap->spoken[ORIGINATOR];
        if (believed && ldap->side[from].len == 0 && tls_look(*data, false) == LOOK_MINE)
            return PREAMBLE_UPGRADED;
        if (!next_message(&ldap->side[from], data, &message, &broken))
            return broken ? PREAMBLE_NEVER : PREAMBLE_TALKING;
        if (!message.len)
            continue;
        if (hear_message(ldap, from, message) == PREAMBLE_UPGRADED)
            return PREAMBLE_UPGRADED;
        gather_next(&ldap->side[from], 0);
    }
    return PREAMBLE_TALKING;
}

const struct preamble ldap_preamble = {
    .carrier = "ldap-starttls",
    .look = look_ldap,
    .state_size = sizeof(struct ldap),
    .hear = hear_ldap,
};
