/* SPDX-License-Identifier: Apache-2.0
 *
 * Collects one handshake message after the other, whatever carries it (RFC 8446 section 4). Behind
 * this, a parser gets a whole message or nothing.
 *
 * Memory is taken as bytes arrive, not by what the message's length claims: nine bytes must not
 * make us take sixteen megabytes.
 */
#ifndef CERTTAP_DISSECT_MESSAGE_H
#define CERTTAP_DISSECT_MESSAGE_H

#include "base/pool.h"

enum message_type {
    MESSAGE_HELLO_REQUEST = 0,
    MESSAGE_CLIENT_HELLO = 1,
    MESSAGE_SERVER_HELLO = 2,
    MESSAGE_HELLO_VERIFY_REQUEST = 3,
    MESSAGE_NEW_SESSION_TICKET = 4,
    MESSAGE_END_OF_EARLY_DATA = 5,
    MESSAGE_HELLO_RETRY_REQUEST = 6, /* drafts of TLS 1.3 only */
    MESSAGE_ENCRYPTED_EXTENSIONS = 8,
    MESSAGE_CERTIFICATE = 11,
    MESSAGE_SERVER_KEY_EXCHANGE = 12,
    MESSAGE_CERTIFICATE_REQUEST = 13,
    MESSAGE_SERVER_HELLO_DONE = 14,
    MESSAGE_CERTIFICATE_VERIFY = 15,
    MESSAGE_CLIENT_KEY_EXCHANGE = 16,
    MESSAGE_FINISHED = 20,
    MESSAGE_CERTIFICATE_URL = 21,
    MESSAGE_CERTIFICATE_STATUS = 22,
    MESSAGE_SUPPLEMENTAL_DATA = 23,
    MESSAGE_KEY_UPDATE = 24,
    MESSAGE_COMPRESSED_CERTIFICATE = 25,
    MESSAGE_HASH = 254,
};

enum {
    MESSAGE_HEADER = 4,
    MESSAGE_MOST = 2 << 20, /* longest that is kept; a longer one is passed over */
};

struct message_collector {
    struct pool *pool; /* borrowed; the message's budget */
    uint8_t header[MESSAGE_HEADER];
    uint8_t header_len;
    bool skipping; /* the message is not kept: too long, or no room */
    uint8_t *body; /* NULL while the message lies whole in what was given */
    size_t have, room;
    size_t left; /* of a message that is being skipped */
};

enum message_step {
    MESSAGE_NONE,      /* no whole message in the data; all of it was taken */
    MESSAGE_WHOLE,     /* `type` and `body` are set; the body is borrowed until the next call */
    MESSAGE_TOO_LARGE, /* one is passed over because of its size; told once */
    MESSAGE_NO_ROOM,   /* one is passed over because the pool is used up; told once */
};

/* Takes the next message off the front of `data`. */
enum message_step message_next(
    struct message_collector *collector, struct bytes *data, uint8_t *type, struct bytes *body);

/* Is a message begun and not yet whole? */
bool message_unfinished(const struct message_collector *collector);

/* Forgets a message that is not whole, and gives back its memory. */
void message_reset(struct message_collector *collector);

/* Could `data` begin a handshake message, as far as the bytes there are can tell? Hellos and
 * certificates are looked into, others must be of a known type and a reasonable length. */
bool message_plausible(struct bytes data);

#endif
