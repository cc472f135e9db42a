/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/exchange.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>

enum { CLIENT_PORT = 40000, SERVER_PORT = 443, SEGMENT_MOST = 2048, TCP_HEADER = 20 };
static const int64_t SECOND = 1000000000;

enum sum { SUM_UNKNOWN, SUM_RIGHT, SUM_WRONG, SUM_ZERO, SUM_PSEUDO };

/* What stands before a segment's arrow. */
struct manner {
    enum sum sum;
    uint32_t cut;
    uint16_t vlan;
};

static void
tell_word(struct exchange *e, enum side from, const struct flow *flow, bool bytes)
{
    bool client = flow->port[from] == CLIENT_PORT;
    struct bytes told = text_bytes(&e->told);
    size_t at = told.len;
    while (at && told.at[at - 1] != ' ')
        at--;
    bool goes_on =
        bytes && at < told.len && told.at[at] == (client ? '>' : '<') && told.at[at + 1] != '-';
    if (goes_on)
        return;
    if (told.len)
        text_add_char(&e->told, ' ');
    text_add_char(&e->told, client ? '>' : '<');
}

static void
tell_bytes(void *owner, struct flow *flow, enum side from, struct bytes data)
{
    struct exchange *e = owner;
    ck_assert(!flow->quiet);
    ck_assert_uint_gt(data.len, 0);
    flow->dissection = e;
    tell_word(e, from, flow, true);
    text_add(&e->told, data);
    flow->quiet = e->enough && bytes_equal_string(data, e->enough);
}

static void
tell_gap(void *owner, struct flow *flow, enum side from, uint64_t missing)
{
    struct exchange *e = owner;
    ck_assert(!flow->quiet);
    ck_assert_uint_gt(missing, 0);
    flow->dissection = e;
    tell_word(e, from, flow, false);
    text_add_format(&e->told, "-%llu", (unsigned long long)missing);
}

static void
tell_datagram(void *owner, struct flow *flow, enum side from, struct bytes data, uint32_t missing)
{
    (void)missing;
    tell_bytes(owner, flow, from, data);
}

static void
tell_end(void *owner, struct flow *flow, enum flow_end why)
{
    static const char *const ends[] = {"closed", "reset", "idle", "reused", "shed", "over"};
    struct exchange *e = owner;
    flow->dissection = NULL;
    text_add_format(&e->told, "%s!%s", text_bytes(&e->told).len ? " " : "", ends[why]);
    e->first_frame = flow->first_frame;
    e->first_ns = flow->first_ns;
    e->end_frame = flow->frame;
    e->guessed = flow->guessed;
    e->originator_port = flow->port[ORIGINATOR];
}

void
exchange_begin(struct exchange *e)
{
    *e = (struct exchange){
        .pool = {.limit = 64 << 20},
        .options =
            {
                .opening_timeout_ns = 30 * SECOND,
                .idle_timeout_ns = 300 * SECOND,
                .closed_timeout_ns = 5 * SECOND,
                .stream_bytes = 256 << 10,
                .flows = 1000,
            },
        .base = {1000, 9000},
        .now_ns = 1000 * SECOND,
    };
}

static uint16_t
folded(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

static uint32_t
words_of(struct bytes bytes)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < bytes.len; i++)
        sum += (uint32_t)bytes.at[i] << (i % 2 ? 0 : 8);
    return sum;
}

/* The segment as it stood in the frame, for its checksum. */
static void
put_segment(struct packet *packet, enum sum sum, uint8_t *room)
{
    size_t len = TCP_HEADER + packet->payload.len;
    uint16_t ports[2] = {htons(packet->from_port), htons(packet->to_port)};
    uint32_t numbers[2] = {htonl(packet->seq), htonl(packet->ack)};
    ck_assert_uint_le(len, SEGMENT_MOST);
    memset(room, 0, TCP_HEADER);
    memcpy(room, ports, sizeof ports);
    memcpy(room + 4, numbers, sizeof numbers);
    room[12] = 5 << 4;
    room[13] = packet->tcp_flags;
    if (packet->payload.len)
        memcpy(room + TCP_HEADER, packet->payload.at, packet->payload.len);
    uint32_t pseudo = words_of(bytes_of(packet->from.at + 12, 4)) +
                      words_of(bytes_of(packet->to.at + 12, 4)) + IPPROTO_TCP + (uint32_t)len;
    uint16_t right = (uint16_t)~folded(pseudo + words_of(bytes_of(room, len)));
    uint16_t field = sum == SUM_RIGHT    ? right
                     : sum == SUM_WRONG  ? (uint16_t)(right ^ 0x5a5a)
                     : sum == SUM_PSEUDO ? folded(pseudo)
                                         : 0;
    field = htons(field);
    memcpy(room + 16, &field, sizeof field);
    packet->segment = bytes_of(room, len);
    packet->checksum = CHECKSUM_UNTRIED;
}

static void
send_one(struct exchange *e, struct packet packet, const struct manner *manner)
{
    uint8_t room[SEGMENT_MOST];
    if (manner->sum)
        put_segment(&packet, manner->sum, room);
    packet.payload_missing = manner->cut;
    packet.path.vlan[0] = manner->vlan;
    for (int i = 0; i <= e->each_twice; i++) {
        const struct packet *one = &packet;
        packet.frame = ++e->frame;
        packet.ts_ns = e->now_ns;
        tracker_take(e->tracker, &one, 1);
    }
}

static void
send_in_manner(struct exchange *e, struct packet packet, const struct manner *manner)
{
    struct bytes data = packet.payload;
    uint8_t flags = packet.tcp_flags;
    bool split = e->byte_by_byte && data.len > 1 && !(flags & TCP_SYN) && !manner->cut;
    for (size_t i = 0; split && i + 1 < data.len; i++) {
        packet.payload = bytes_of(data.at + i, 1);
        packet.tcp_flags = flags & (uint8_t)~TCP_FIN;
        send_one(e, packet, manner);
        packet.seq++;
    }
    if (split)
        packet.payload = bytes_of(data.at + data.len - 1, 1);
    packet.tcp_flags = flags;
    send_one(e, packet, manner);
}

static struct packet
packet_of(bool client, uint8_t flags, uint32_t seq, uint32_t ack, struct bytes data)
{
    static const uint8_t ends[2][4] = {{10, 0, 0, 1}, {10, 0, 0, 2}};
    return (struct packet){
        .from = address_v4(bytes_of(ends[!client], 4)),
        .to = address_v4(bytes_of(ends[client], 4)),
        .from_port = client ? CLIENT_PORT : SERVER_PORT,
        .to_port = client ? SERVER_PORT : CLIENT_PORT,
        .protocol = IPPROTO_TCP,
        .tcp_flags = flags,
        .seq = seq,
        .ack = ack,
        .payload = data,
    };
}

static void
start(struct exchange *e)
{
    struct flow_listener listener = {e, tell_bytes, tell_gap, tell_datagram, tell_end};
    if (!e->tracker)
        e->tracker = tracker_new(&e->pool, &e->options, listener);
}

void
exchange_send(
    struct exchange *e, bool client, uint8_t flags, uint32_t seq, uint32_t ack, struct bytes data)
{
    struct manner manner = {0};
    start(e);
    send_in_manner(e,
        packet_of(client, flags, e->base[!client] + seq,
            flags & TCP_ACK ? e->base[client] + ack : 0, data),
        &manner);
}

static struct bytes
next_word(const char **at)
{
    while (**at == ' ' || **at == '\n')
        (*at)++;
    const char *begin = *at;
    while (**at && !strchr(" \n;", **at))
        (*at)++;
    return bytes_of(begin, (size_t)(*at - begin));
}

static uint8_t
flags_of(struct bytes letters)
{
    static const char known[] = "FSRPAU";
    uint8_t flags = 0;
    for (size_t i = 0; i < letters.len; i++) {
        const char *found = strchr(known, letters.at[i]);
        ck_assert_msg(found != NULL, "no flag '%c'", letters.at[i]);
        flags |= (uint8_t)(1U << (found - known));
    }
    return flags;
}

static void
play_segment(struct exchange *e, struct bytes arrow, const char **at, const struct manner *manner)
{
    bool client = arrow.at[0] == '>';
    uint8_t flags = flags_of(bytes_skip(arrow, 1));
    uint32_t seq = e->base[!client] + (uint32_t)strtoll((const char *)next_word(at).at, NULL, 10);
    struct bytes word = next_word(at);
    uint32_t ack = word.len && word.at[0] != '-'
                       ? e->base[client] + (uint32_t)strtoll((const char *)word.at, NULL, 10)
                       : 0;
    send_in_manner(e, packet_of(client, flags, seq, ack, next_word(at)), manner);
}

static const char *
argument_of(struct bytes word, const char *name)
{
    struct bytes prefix = bytes_from_string(name);
    return bytes_start_with(word, prefix) ? (const char *)word.at + prefix.len : NULL;
}

/* One word before an arrow. */
static void
play_word(struct exchange *e, struct bytes word, struct manner *manner)
{
    static const char *const sums[] = {"unknown", "right", "wrong", "zero", "pseudo"};
    const char *argument;
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
        if (bytes_equal_string(word, sums[i])) {
            manner->sum = (enum sum)i;
            return;
        }
    if ((argument = argument_of(word, "wait:")))
        e->now_ns += strtoll(argument, NULL, 10) * (SECOND / 1000);
    else if ((argument = argument_of(word, "cut:")))
        manner->cut = (uint32_t)strtoul(argument, NULL, 10);
    else if ((argument = argument_of(word, "vlan:")))
        manner->vlan = (uint16_t)strtoul(argument, NULL, 10);
    else if (bytes_equal_string(word, "tick"))
        tracker_tick(e->tracker, e->now_ns, e->frame);
    else
        ck_abort_msg("no such word: %.*s", (int)word.len, (const char *)word.at);
}

void
exchange_play(struct exchange *e, const char *script)
{
    struct manner manner = {0};
    start(e);
    while (*script) {
        struct bytes word = next_word(&script);
        if (word.len && (word.at[0] == '>' || word.at[0] == '<')) {
            play_segment(e, word, &script, &manner);
            manner = (struct manner){0};
        } else if (word.len) {
            play_word(e, word, &manner);
        }
        script += *script == ';';
    }
}

void
exchange_end(struct exchange *e)
{
    start(e);
    tracker_free(e->tracker);
    ck_assert_uint_eq(e->pool.used, 0);
    text_free(&e->told);
}

void
exchange_expect(struct exchange *e, const char *name, const char *told)
{
    start(e);
    tracker_finish(e->tracker);
    ck_assert_msg(!strcmp(text_string(&e->told), told), "%s: told \"%s\", not \"%s\"", name,
        text_string(&e->told), told);
    exchange_end(e);
}

void
scenario_try(const struct scenario *scenario)
{
    static const uint32_t bases[][2] = {{1000, 9000}, {UINT32_MAX - 2, UINT32_MAX - 9},
        {UINT32_MAX, INT32_MAX - 3}, {0, UINT32_MAX - 300}};
    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++) {
        for (unsigned way = 0; way < 4; way++) {
            if (way & scenario->only)
                continue;
            struct exchange e;
            exchange_begin(&e);
            e.options.overlap = scenario->overlap;
            e.base[0] = bases[i][0];
            e.base[1] = bases[i][1];
            e.each_twice = way & ONLY_ONCE;
            e.byte_by_byte = way & ONLY_WHOLE;
            exchange_play(&e, scenario->script);
            exchange_expect(&e, scenario->name, scenario->told);
        }
    }
}
