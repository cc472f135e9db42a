/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/frames.h"
#include "tests/support/hex.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

enum { HEADER_TEXT = 200 };

void
frames_begin(struct frames *f, size_t fragment_bytes)
{
    *f = (struct frames){.fragments.limit = fragment_bytes, .memory.limit = SIZE_MAX};
    f->arena.pool = &f->memory;
    f->peeler = peeler_new(&f->fragments);
}

void
frames_end(struct frames *f)
{
    peeler_free(f->peeler);
    ck_assert_uint_eq(f->fragments.used, 0);
    arena_empty(&f->arena);
}

struct bytes
put(struct frames *f, const char *header, struct bytes payload)
{
    struct bytes first = hex(header);
    uint8_t *whole = arena_take(&f->arena, first.len + payload.len + 1);
    ck_assert_ptr_nonnull(whole);
    if (first.len)
        memcpy(whole, first.at, first.len);
    if (payload.len)
        memcpy(whole + first.len, payload.at, payload.len);
    free((void *)first.at);
    return bytes_of(whole, first.len + payload.len);
}

struct bytes
put_text(struct frames *f, const char *text)
{
    return put(f, "", bytes_from_string(text));
}

struct bytes
put_ethernet(struct frames *f, uint16_t type, struct bytes payload)
{
    char header[HEADER_TEXT];
    snprintf(header, sizeof header, "020000000002 020000000001 %04x", type);
    return put(f, header, payload);
}

struct bytes
put_ipv4(struct frames *f, uint8_t protocol, struct bytes payload)
{
    char header[HEADER_TEXT];
    snprintf(header, sizeof header, "45 00 %04zx 0001 0000 40 %02x 0000 0a000001 0a000002",
        20 + payload.len, protocol);
    return put(f, header, payload);
}

struct bytes
put_ipv6(struct frames *f, uint8_t next, struct bytes payload)
{
    char header[HEADER_TEXT];
    snprintf(header, sizeof header,
        "60000000 %04zx %02x 40 20010db8000000000000000000000001 20010db8000000000000000000000002",
        payload.len, next);
    return put(f, header, payload);
}

struct bytes
put_udp(struct frames *f, uint16_t from, uint16_t to, struct bytes payload)
{
    char header[HEADER_TEXT];
    snprintf(header, sizeof header, "%04x %04x %04zx 0000", from, to, 8 + payload.len);
    return put(f, header, payload);
}

struct bytes
put_tcp(struct frames *f, struct bytes payload)
{
    return put(f, "9c40 01bb 00000001 00000002 50 18 2000 0000 0000", payload);
}

struct bytes
put_web(struct frames *f, const char *text)
{
    return put_ethernet(f, 0x0800, put_ipv4(f, 6, put_tcp(f, put_text(f, text))));
}

/* The peeler gets memory of exactly the captured size, so that reading past it is seen. */
enum peel_result
peel_cut(struct frames *f, uint16_t link, struct bytes bytes, size_t captured)
{
    struct frame frame = {
        .number = ++f->number,
        .ts_ns = f->now_ns,
        .bytes = put(f, "", bytes_first(bytes, captured)),
        .wire_len = (uint32_t)bytes.len,
        .link = link,
    };
    uint8_t *exact = malloc(captured ? captured : 1);
    ck_assert_ptr_nonnull(exact);
    memcpy(exact, frame.bytes.at, captured);
    struct frame seen = frame;
    seen.bytes.at = exact;
    enum peel_result result = peeler_peel(f->peeler, &seen, &f->packet, &f->joined);
    if (result == PEELED && !f->joined) {
        struct packet *packet = &f->packet;
        size_t at = packet->payload.len ? (size_t)(packet->payload.at - exact) : 0;
        ck_assert_uint_le(at + packet->payload.len, captured);
        packet->payload.at = frame.bytes.at + at;
        if (packet->segment.len)
            packet->segment.at = frame.bytes.at + (packet->segment.at - exact);
    }
    free(exact);
    return result;
}

enum peel_result
peel(struct frames *f, uint16_t link, struct bytes bytes)
{
    return peel_cut(f, link, bytes, bytes.len);
}

void
peel_cut_everywhere(struct frames *f, uint16_t link, struct bytes bytes)
{
    for (size_t len = 0; len < bytes.len; len++) {
        enum peel_result cut = peel_cut(f, link, bytes, len);
        ck_assert_msg(cut != PEEL_MALFORMED && cut < PEEL_RESULTS, "cut at %zu: %s", len,
            peel_result_name(cut));
        if (cut == PEELED)
            ck_assert_msg(f->packet.payload_missing > 0, "cut at %zu: nothing is missing", len);
        ck_assert_int_lt(peel(f, link, bytes_first(bytes, len)), PEEL_RESULTS);
    }
}
