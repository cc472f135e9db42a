/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes recorded connections apart. A SYN without ACK begins a new one. The captures are our own,
 * so what does not fit is a fault and not an oddity.
 */
#include "tests/bench/template.h"

#include <pcap/pcap.h>

enum { FIN = 1, SYN = 2, ACK = 16, RANDOM_AT = 11, RANDOM_LEN = 32 };

struct segment {
    uint16_t from_port, to_port;
    uint32_t seq, ack;
    uint8_t flags;
    struct bytes payload;
};

/* First sequence number of each side's stream, of the connection that is being read. */
struct beginning {
    uint32_t seq[2];
    uint16_t client_port;
};

static bool
read_segment(struct bytes frame, struct segment *out)
{
    struct reader r = reader_over(frame);

    read_bytes(&r, 12);
    bool ipv4 = read_u16(&r) == 0x0800 && read_u8(&r) == 0x45;
    read_u8(&r);
    size_t total = read_u16(&r);
    read_bytes(&r, 5);
    bool tcp = read_u8(&r) == 6;
    read_bytes(&r, 10);
    *out = (struct segment){.from_port = read_u16(&r), .to_port = read_u16(&r)};
    out->seq = read_u32(&r);
    out->ack = read_u32(&r);
    size_t head = 4u * (size_t)(read_u8(&r) >> 4);
    out->flags = read_u8(&r);
    read_bytes(&r, head - 14);
    out->payload = read_bytes(&r, total - 20 - head);
    return ipv4 && tcp && !r.bad;
}

static bool
add_segment(struct template *t, struct beginning *began, const struct segment *s)
{
    uint8_t side = s->from_port != began->client_port;
    if (s->flags & SYN)
        began->seq[side] = s->seq + 1;
    uint32_t at = s->flags & SYN ? 0 : s->seq - began->seq[side];
    if (t->len == SEGMENTS_ROOM || at > STREAM_ROOM || s->payload.len > STREAM_ROOM - at)
        return false;
    if (s->flags & FIN && t->closing == SEGMENTS_ROOM)
        t->closing = t->len;
    if (s->payload.len)
        memcpy(t->stream[side] + at, s->payload.at, s->payload.len);
    uint32_t end = at + (uint32_t)s->payload.len;
    if (end > t->stream_len[side])
        t->stream_len[side] = end;
    if (t->closing == SEGMENTS_ROOM)
        t->before_closing[side] = t->stream_len[side];
    t->segments[t->len++] = (struct template_segment){
        .side = side,
        .flags = s->flags,
        .at = at,
        .len = (uint32_t)s->payload.len,
        .heard = s->flags & ACK ? s->ack - began->seq[!side] : 0,
    };
    return true;
}

static bool
add_spot(struct template *t, uint8_t side, size_t at, size_t len)
{
    if (t->spots_len == SPOTS_ROOM || at + len > t->stream_len[side])
        return false;
    t->spots[t->spots_len++] = (struct template_spot){side, (uint32_t)at, (uint32_t)len};
    return true;
}

static bool
find_spots(struct template *t, struct bytes unique)
{
    for (uint8_t side = 0; side < 2; side++) {
        if (!add_spot(t, side, RANDOM_AT, RANDOM_LEN))
            return false;
        size_t at = 0, found;
        struct bytes stream = bytes_of(t->stream[side], t->stream_len[side]);
        while (unique.len && (found = bytes_find(bytes_skip(stream, at), unique)) != SIZE_MAX) {
            if (!add_spot(t, side, at + found, unique.len))
                return false;
            at += found + unique.len;
        }
    }
    if (t->closing > t->len)
        t->closing = t->len;
    return true;
}

static bool
read_packets(pcap_t *file, struct template *templates, size_t room, size_t *len)
{
    struct pcap_pkthdr *head;
    const u_char *at;
    struct beginning began = {0};
    struct segment segment;

    while (pcap_next_ex(file, &head, &at) == 1) {
        if (!read_segment(bytes_of(at, head->caplen), &segment))
            return false;
        if ((segment.flags & (SYN | ACK)) == SYN) {
            if (*len == room)
                return false;
            began = (struct beginning){.client_port = segment.from_port};
            templates[*len] =
                (struct template){.closing = SEGMENTS_ROOM, .server_port = segment.to_port};
            ++*len;
        }
        if (*len == 0 || !add_segment(&templates[*len - 1], &began, &segment))
            return false;
    }
    return true;
}

bool
templates_read(const char *path, struct bytes unique, struct template *templates, size_t room,
    size_t *len, struct fault *why)
{
    char error[PCAP_ERRBUF_SIZE];
    size_t before = *len;

    pcap_t *file = pcap_open_offline(path, error);
    if (!file)
        return fault_set(why, "%s: %s", path, error);
    bool good = read_packets(file, templates, room, len) && *len > before;
    pcap_close(file);
    for (size_t i = before; good && i < *len; i++)
        good = find_spots(&templates[i], unique);
    return good || fault_set(why, "%s: no plain TLS connections, or too many", path);
}
