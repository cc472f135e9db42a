/* SPDX-License-Identifier: Apache-2.0
 *
 * The pcap file format (draft-ietf-opsawg-pcap), in both byte orders, with microseconds or
 * nanoseconds, and the variant of old patched kernels whose frames carry eight more bytes.
 */
#ifndef CERTTAP_CAPTURE_PCAP_FILE_H
#define CERTTAP_CAPTURE_PCAP_FILE_H

#include "capture/record.h"

/* What the file header said. Zeroed: the file header comes next. */
struct pcap_file {
    bool started;
    bool swapped;
    uint16_t link;
    uint32_t fraction_ns; /* what one unit below the second is worth */
    uint32_t header_size; /* of a frame's record */
    uint32_t most;        /* a frame is not longer */
};

/* Does a file that begins with `start` look like pcap? */
bool pcap_file_begins(struct bytes start);

/* Reads the record at the beginning of `there`. `frame` borrows from `there`. */
enum record_step pcap_file_read(
    struct pcap_file *file, struct bytes there, struct frame *frame, struct record *record);

#endif
