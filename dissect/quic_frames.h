/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames of QUIC (RFC 9000 section 19), as far as they may stand in Initial and Handshake packets.
 */
#ifndef CERTTAP_DISSECT_QUIC_FRAMES_H
#define CERTTAP_DISSECT_QUIC_FRAMES_H

#include "base/bytes.h"

enum quic_frame_kind { QUIC_CRYPTO, QUIC_CLOSE };

struct quic_frame {
    enum quic_frame_kind kind;
    uint64_t offset;   /* QUIC_CRYPTO, as the next */
    struct bytes data; /* borrowed */
    uint64_t error;    /* QUIC_CLOSE */
};

/* The next frame that says something of the handshake; others are passed over. False when there is
 * none, or what is left is no frame that may be there. */
bool quic_frame_next(struct reader *frames, struct quic_frame *frame);

#endif
