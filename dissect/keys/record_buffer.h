/* SPDX-License-Identifier: Apache-2.0
 *
 * Records that must be whole before they can be opened. One that lies whole in its packet is not
 * copied; memory is taken as bytes arrive.
 */
#ifndef CERTTAP_DISSECT_KEYS_RECORD_BUFFER_H
#define CERTTAP_DISSECT_KEYS_RECORD_BUFFER_H

#include "base/pool.h"
#include "dissect/tls_record.h"

/* A zeroed one is empty. */
struct record_buffer {
    uint8_t *at;
    size_t have, room;
};

enum buffered { BUFFERED_PART, BUFFERED_WHOLE, BUFFERED_NO_ROOM };

/* The record is valid until the next call. */
enum buffered record_buffer_take(struct record_buffer *buffer, struct pool *pool,
    const struct record_piece *piece, struct bytes *record);

void record_buffer_drop(struct record_buffer *buffer, struct pool *pool);

#endif
