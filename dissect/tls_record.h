/* SPDX-License-Identifier: Apache-2.0
 *
 * TLS records out of a stream (RFC 8446 section 5.1). Records are not collected: what of a record
 * lies in one run of bytes is handed out as a piece, in place, and whoever needs a whole message
 * collects that.
 */
#ifndef CERTTAP_DISSECT_TLS_RECORD_H
#define CERTTAP_DISSECT_TLS_RECORD_H

#include "base/bytes.h"

enum record_type {
    RECORD_CHANGE_CIPHER_SPEC = 20,
    RECORD_ALERT = 21,
    RECORD_HANDSHAKE = 22,
    RECORD_APPLICATION_DATA = 23,
    RECORD_HEARTBEAT = 24,
    RECORD_CONNECTION_ID = 25, /* RFC 9146, DTLS only */
    RECORD_ACK = 26,           /* RFC 9147, DTLS only */
};

enum {
    RECORD_HEADER = 5,
    RECORD_MOST = 16384 + 2048, /* RFC 5246 section 6.2.3: the longest ciphertext */
    VERSION_TLCP = 0x0101,      /* GB/T 38636 */
};

struct record_framer {
    uint8_t header[RECORD_HEADER]; /* of a record whose header is not whole yet */
    uint8_t header_len;
    bool lost;    /* what came is no record; the framer stays so until it is reset */
    bool inside;  /* a record has begun and `left` bytes of it are to come */
    uint8_t type; /* of that record, as the next two */
    uint16_t version;
    uint16_t length;
    uint32_t left;
};

struct record_piece {
    uint8_t type;
    uint16_t version;
    uint16_t length;    /* of the whole record */
    bool first, last;   /* of the record's pieces */
    struct bytes bytes; /* borrowed from the data; empty for an empty record */
};

/* Takes the next piece off the front of `data`. False when there is no more in it, or the framer is
 * lost. */
bool record_next(struct record_framer *framer, struct bytes *data, struct record_piece *piece);

/* `missing` bytes were lost. True when they all lie in the record that is being read, so that the
 * next one will be found where it should be. False: the framer no longer knows where it is. */
bool record_skip(struct record_framer *framer, uint64_t missing);

/* Could `header` (5 bytes at least) begin a record? */
bool record_plausible(struct bytes header);

/* Where in `data` a handshake record begins that can only be one: its messages' lengths fit. For
 * finding the way again behind a gap. SIZE_MAX when there is none. */
size_t record_find_handshake(struct bytes data);

/* Does `data` begin with a record that begins with a handshake message of `type`, as far as the
 * bytes there are can tell? */
bool record_begins_message(struct bytes data, uint8_t type);

#endif
