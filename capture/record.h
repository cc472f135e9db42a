/* SPDX-License-Identifier: Apache-2.0
 *
 * A capture file is a row of records: pcap's file header and frames, pcapng's blocks. The parser of
 * a format looks at the bytes that are there, and says what stands at their beginning; it neither
 * reads nor keeps any. Where the bytes come from is not its concern.
 */
#ifndef CERTTAP_CAPTURE_RECORD_H
#define CERTTAP_CAPTURE_RECORD_H

#include "base/bytes.h"
#include "capture/source.h"

#include <byteswap.h>

/* No record is longer: a length beyond it is damage, or an attempt on our memory. */
enum { RECORD_MOST = 64 << 20 };

enum record_step {
    RECORD_FRAME,   /* a frame */
    RECORD_OTHER,   /* whole, but nothing to hand on */
    RECORD_SECRETS, /* key material for TLS */
    RECORD_SHORT,   /* more bytes are needed to tell */
    RECORD_DAMAGED, /* it contradicts itself, and where the next one begins cannot be known */
};

struct record {
    size_t size;          /* of the whole record; RECORD_SHORT: that many bytes are needed */
    struct bytes secrets; /* RECORD_SECRETS: the text of a key log, borrowed from the bytes given */
    const char *damage;   /* RECORD_DAMAGED: what is wrong, static */
};

static inline enum record_step
record_short(struct record *record, size_t need)
{
    record->size = need;
    return RECORD_SHORT;
}

static inline enum record_step
record_damaged(struct record *record, const char *damage)
{
    record->damage = damage;
    return RECORD_DAMAGED;
}

/* Numbers in the byte order of the machine that wrote the file, which `swapped` says is not ours.
 * They are read for each frame, so they are loads and not loops. Zero when `r` is at its end. */
static inline uint16_t
record_u16(struct reader *r, bool swapped)
{
    uint16_t value = 0;
    struct bytes b = read_bytes(r, sizeof value);
    if (b.len)
        memcpy(&value, b.at, sizeof value);
    return swapped ? bswap_16(value) : value;
}

static inline uint32_t
record_u32(struct reader *r, bool swapped)
{
    uint32_t value = 0;
    struct bytes b = read_bytes(r, sizeof value);
    if (b.len)
        memcpy(&value, b.at, sizeof value);
    return swapped ? bswap_32(value) : value;
}

static inline uint64_t
record_u64(struct reader *r, bool swapped)
{
    uint64_t value = 0;
    struct bytes b = read_bytes(r, sizeof value);
    if (b.len)
        memcpy(&value, b.at, sizeof value);
    return swapped ? bswap_64(value) : value;
}

#endif
