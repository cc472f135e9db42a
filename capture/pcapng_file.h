/* SPDX-License-Identifier: Apache-2.0
 *
 * The pcapng file format (draft-ietf-opsawg-pcapng): sections of either byte order, in each of them
 * interfaces of different link types and clocks, frames of these, and keys for TLS.
 */
#ifndef CERTTAP_CAPTURE_PCAPNG_FILE_H
#define CERTTAP_CAPTURE_PCAPNG_FILE_H

#include "base/pool.h"
#include "capture/record.h"

struct pcapng_interface;

/* The section we are in. Zeroed but for the pool: the first section's header comes next. */
struct pcapng_file {
    struct pool *pool; /* borrowed: the budget for what is known of interfaces */
    bool started;
    bool swapped;
    bool foreign; /* of a version that we do not know */
    struct pcapng_interface *interfaces;
    size_t interface_count;
    size_t interface_room;
};

/* Does a file that begins with `start` look like pcapng? */
bool pcapng_file_begins(struct bytes start);

/* Reads the block at the beginning of `there`. `frame` and `record` borrow from `there`. */
enum record_step pcapng_file_read(
    struct pcapng_file *file, struct bytes there, struct frame *frame, struct record *record);

/* Gives back to the pool what the parser took. */
void pcapng_file_free(struct pcapng_file *file);

#endif
