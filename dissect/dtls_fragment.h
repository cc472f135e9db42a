/* SPDX-License-Identifier: Apache-2.0
 *
 * Handshake messages out of DTLS fragments (RFC 6347 section 4.2, RFC 9147 section 5): in any
 * order, overlapping, sent again. One side's messages come out in the order of their numbers, each
 * once.
 *
 * Memory is taken for the bytes that came, not for what a header claims, and what is kept of a side
 * is bounded in messages, in bytes of each, and in the runs of bytes that each may be broken into.
 */
#ifndef CERTTAP_DISSECT_DTLS_FRAGMENT_H
#define CERTTAP_DISSECT_DTLS_FRAGMENT_H

#include "base/pool.h"

enum { FRAGMENT_HEADER = 12 };

struct dtls_fragment {
    uint8_t type;      /* enum message_type */
    uint16_t seq;      /* of the message */
    uint32_t whole;    /* length of the message */
    uint32_t offset;   /* of this part of it */
    uint32_t length;   /* of this part */
    struct bytes body; /* shorter than that when the capture cut it; borrowed */
};

/* The next fragment of a record, of which `cut` bytes were not captured. False when there is no
 * more, or what is left contradicts itself. */
bool dtls_fragment_next(struct reader *record, size_t cut, struct dtls_fragment *fragment);

/* Of a type and length that a handshake has in the clear? */
bool dtls_fragment_plausible(const struct dtls_fragment *fragment);

struct dtls_message;

/* The messages of one side. Zeroed, with a pool, it waits for the first. */
struct dtls_messages {
    struct pool *pool;          /* borrowed */
    struct dtls_message *first; /* under way, by number */
    struct dtls_message *told;  /* whose body is lent out */
    unsigned count;             /* of those under way */
    uint16_t next;              /* number of the message that comes next */
};

enum dtls_take {
    DTLS_TAKEN,
    DTLS_OLD,       /* of a message that was told, or another one under its number */
    DTLS_TOO_LARGE, /* longer than is kept: the message is passed over; told once */
    DTLS_NO_ROOM,
};

enum dtls_take dtls_messages_take(struct dtls_messages *messages, const struct dtls_fragment *part);

/* The next message that is whole and whose turn it is; a hello is a beginning, so it always is.
 * `flush`: no more will come, so that others need not be waited for. The body is borrowed until the
 * next call. */
bool dtls_messages_next(
    struct dtls_messages *messages, bool flush, uint8_t *type, struct bytes *body);

/* Is anything begun that was not told? */
bool dtls_messages_pending(const struct dtls_messages *messages);

/* Forgets all, and gives back the memory; begins again with any number. */
void dtls_messages_reset(struct dtls_messages *messages);

#endif
