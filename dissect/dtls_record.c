/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/dtls_record.h"

#include "dissect/dtls_fragment.h"
#include "dissect/tls_record.h"

enum {
    /* The header of DTLS 1.3 ciphertext: 001, then these and two bits of the epoch. */
    UNIFIED = 0x20,
    UNIFIED_MASK = 0xe0,
    UNIFIED_CONNECTION_ID = 0x10,
    UNIFIED_LONG_SEQUENCE = 0x08,
    UNIFIED_LENGTH = 0x04,
    UNIFIED_EPOCH = 0x03,

    STUN_HEADER = 20,
    STUN_SEND = 0x0016, /* indications that carry a datagram for, or of, the peer */
    STUN_DATA = 0x0017,
    STUN_ATTRIBUTE_DATA = 0x0013,
};
static const uint32_t STUN_COOKIE = 0x2112a442;

static bool
version_known(uint16_t version)
{
    return version == 0xfeff || version == 0xfefd || version == 0xfefc ||
           version == 0x0100; /* OpenSSL's own before 0.9.8f, still spoken by AnyConnect */
}

/* ---- Wrapping. */

bool
datagram_is_stun(struct bytes datagram)
{
    struct reader r = reader_over(datagram);
    uint16_t type = read_u16(&r);
    read_u16(&r); /* length */
    return read_u32(&r) == STUN_COOKIE && type >> 14 == 0;
}

static struct bytes
unwrap_stun(struct bytes datagram, uint32_t *missing)
{
    struct reader r = reader_over(bytes_skip(datagram, STUN_HEADER));
    while (reader_more(&r)) {
        uint16_t type = read_u16(&r);
        size_t length = read_u16(&r);
        size_t there = length < reader_left(&r) ? length : reader_left(&r);
        if (type == STUN_ATTRIBUTE_DATA) {
            *missing = (uint32_t)(length - there);
            return read_bytes(&r, there);
        }
        read_bytes(&r, (length + 3) & ~(size_t)3);
    }
    return datagram;
}

static struct bytes
unwrap_channel(struct bytes datagram, uint32_t *missing)
{
    struct reader r = reader_over(datagram);
    read_u16(&r); /* channel */
    size_t length = read_u16(&r);
    size_t there = reader_left(&r);
    if (r.bad || length > there + *missing)
        return datagram;
    if (length < there)
        there = length; /* padded */
    *missing = (uint32_t)(length - there);
    return read_bytes(&r, there);
}

struct bytes
dtls_unwrap(struct bytes datagram, uint32_t *missing)
{
    static const uint8_t capwap[] = {1, 0, 0, 0}; /* version 0, what follows is DTLS */
    uint8_t first = bytes_at(datagram, 0);
    if (first >= RECORD_CHANGE_CIPHER_SPEC && first < UNIFIED + UNIFIED)
        return datagram;
    if (first >= 0x40 && first < 0x80)
        return unwrap_channel(datagram, missing);
    uint16_t type = (uint16_t)(first << 8 | bytes_at(datagram, 1));
    if ((type == STUN_SEND || type == STUN_DATA) && datagram_is_stun(datagram))
        return unwrap_stun(datagram, missing);
    if (bytes_start_with(datagram, bytes_of(capwap, sizeof capwap)))
        return bytes_skip(datagram, sizeof capwap);
    return datagram;
}

/* ---- Records. */

/* Takes `length` bytes that follow the header, or as many of them as were captured. */
static bool
take_body(struct reader *r, uint32_t missing, size_t length, struct dtls_record *record)
{
    size_t there = reader_left(r);
    if (r->bad || length > RECORD_MOST || length > there + missing)
        return false;
    record->length = length;
    record->body = read_bytes(r, length < there ? length : there);
    return true;
}

static bool
read_unified(struct reader *r, uint32_t missing, int id_length, struct dtls_record *record)
{
    struct reader start = *r;
    uint8_t flags = read_u8(r);
    *record = (struct dtls_record){.unified = true, .epoch = flags & UNIFIED_EPOCH};
    if (flags & UNIFIED_CONNECTION_ID && id_length < 0)
        return take_body(r, missing, reader_left(r) + missing, record);
    size_t id = flags & UNIFIED_CONNECTION_ID ? (size_t)id_length : 0;
    read_bytes(r, id);
    record->number_at = 1 + id;
    record->number_len = flags & UNIFIED_LONG_SEQUENCE ? 2 : 1;
    read_bytes(r, record->number_len);
    size_t length = flags & UNIFIED_LENGTH ? read_u16(r) : reader_left(r) + missing;
    record->header = read_bytes(&start, reader_left(&start) - reader_left(r));
    return take_body(r, missing, length, record);
}

static bool
read_record(struct reader *r, uint32_t missing, int id_length, struct dtls_record *record)
{
    enum { SEQUENCE = 6 };
    uint8_t type = read_u8(r);
    uint16_t version = read_u16(r);
    *record = (struct dtls_record){.type = type, .epoch = read_u16(r)};
    read_bytes(r, SEQUENCE);
    if (r->bad || type < RECORD_CHANGE_CIPHER_SPEC || type > RECORD_ACK || !version_known(version))
        return false;
    if (type == RECORD_CONNECTION_ID && !record->epoch)
        return false;
    if (type == RECORD_CONNECTION_ID && id_length < 0)
        return take_body(r, missing, reader_left(r) + missing, record);
    read_bytes(r, type == RECORD_CONNECTION_ID ? (size_t)id_length : 0);
    return take_body(r, missing, read_u16(r), record);
}

bool
dtls_record_next(struct bytes *data, uint32_t missing, int id_length, struct dtls_record *record)
{
    struct reader r = reader_over(*data);
    if (data->len == 0)
        return false;
    bool unified = (bytes_at(*data, 0) & UNIFIED_MASK) == UNIFIED;
    bool good = unified ? read_unified(&r, missing, id_length, record)
                        : read_record(&r, missing, id_length, record);
    *data = good ? reader_rest(&r) : (struct bytes){0};
    return good;
}

bool
dtls_begins_handshake(struct bytes data, uint32_t missing)
{
    struct dtls_record record;
    struct dtls_fragment fragment;
    if (bytes_at(data, 0) != RECORD_HANDSHAKE || data.len < DTLS_RECORD_HEADER + FRAGMENT_HEADER)
        return false;
    if (!dtls_record_next(&data, missing, CONNECTION_ID_UNKNOWN, &record) || record.epoch)
        return false;
    struct reader r = reader_over(record.body);
    size_t cut = record.length - record.body.len;
    return dtls_fragment_next(&r, cut, &fragment) && dtls_fragment_plausible(&fragment);
}
