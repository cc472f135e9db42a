/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/pcap_file.h"

enum {
    FILE_HEADER = 24,
    FRAME_HEADER = 16,
    LONG_FRAME_HEADER = 24, /* with the index of the interface, the protocol and the packet type */
    USUAL_MOST = 256 << 10, /* frames may be as long, even if the file header promised less */
};

static const struct magic {
    uint32_t value;
    uint32_t fraction_ns;
    uint32_t header_size;
} magics[] = {
    {0xa1b2c3d4, 1000, FRAME_HEADER}, {0xa1b23c4d, 1, FRAME_HEADER},
    {0xa1b2cd34, 1000, LONG_FRAME_HEADER}, /* A. Kuznetzov's patch to Linux and libpcap */
};

static const struct magic *
find_magic(struct bytes start, bool *swapped)
{
    struct reader r = reader_over(start);
    uint32_t value = record_u32(&r, false);
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
        *swapped = value == bswap_32(magics[i].value);
        if (value == magics[i].value || *swapped)
            return &magics[i];
    }
    return NULL;
}

bool
pcap_file_begins(struct bytes start)
{
    bool swapped;
    return find_magic(start, &swapped) != NULL;
}

static enum record_step
read_file_header(struct pcap_file *file, struct bytes there, struct record *record)
{
    if (there.len < FILE_HEADER)
        return record_short(record, FILE_HEADER);
    const struct magic *magic = find_magic(there, &file->swapped);
    if (!magic)
        return record_damaged(record, "no pcap header");

    struct reader r = reader_over(there);
    read_bytes(&r, 4 + 2 + 2 + 4 + 4); /* magic, version, time zone and accuracy, always zero */
    uint32_t snap_len = record_u32(&r, file->swapped);
    uint32_t link = record_u32(&r, file->swapped);

    file->link = (uint16_t)link; /* the upper half tells of frame check sequences */
    file->fraction_ns = magic->fraction_ns;
    file->header_size = magic->header_size;
    file->most = snap_len < USUAL_MOST ? USUAL_MOST : snap_len;
    if (file->most > RECORD_MOST)
        file->most = RECORD_MOST;
    file->started = true;
    record->size = FILE_HEADER;
    return RECORD_OTHER;
}

/* What stands before each frame, in the byte order of the machine that wrote it. */
struct frame_header {
    uint32_t seconds, fraction;
    uint32_t captured, wire_len;
};

_Static_assert(sizeof(struct frame_header) == FRAME_HEADER, "as in the file");

static void
swap(struct frame_header *header)
{
    header->seconds = bswap_32(header->seconds);
    header->fraction = bswap_32(header->fraction);
    header->captured = bswap_32(header->captured);
    header->wire_len = bswap_32(header->wire_len);
}

enum record_step
pcap_file_read(
    struct pcap_file *file, struct bytes there, struct frame *frame, struct record *record)
{
    if (!file->started)
        return read_file_header(file, there, record);
    if (there.len < file->header_size)
        return record_short(record, file->header_size);

    struct frame_header header; /* read for each frame, hence not through a reader */
    memcpy(&header, there.at, sizeof header);
    if (file->swapped)
        swap(&header);
    size_t captured = header.captured;
    if (captured > file->most)
        return record_damaged(record, "the next frame claims an impossible length");

    record->size = file->header_size + captured;
    if (there.len < record->size)
        return RECORD_SHORT;
    frame->ts_ns =
        (int64_t)header.seconds * 1000000000 + (int64_t)header.fraction * file->fraction_ns;
    frame->bytes = bytes_of(there.at + file->header_size, captured);
    frame->wire_len = header.wire_len > captured ? header.wire_len : header.captured;
    frame->link = file->link;
    return RECORD_FRAME;
}
