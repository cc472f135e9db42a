/* SPDX-License-Identifier: Apache-2.0
 *
 * Packets of a few flows, from the door of the tracker on. The input is the budget in KiB and the
 * options (one byte each), then packets: what it is (one byte: side, which flow, how its numbers
 * are meant, UDP), its flags, its numbers above where the flow begins (two bytes each, or four),
 * how long it is (one byte) and how much time goes by before (one byte, in tenths of a second; the
 * highest bit: back).
 */
#include "capture/flow.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <netinet/in.h>

enum { FROM_SERVER = 1, FLOW = 6, WIDE = 8, IS_UDP = 16, UNTRIED = 32, CUT = 64, TICK = 128 };
enum { LAST_WINS = 1, NO_CHECKSUMS = 2, BY_PATH = 4, FEW_FLOWS = 8, GOES_QUIET = 16, LONG = 32 };
static const int64_t SECOND = 1000000000;

struct world {
    struct pool pool, hearing;
    bool goes_quiet;
    uint64_t told, ended;
};

/* What hangs on each flow: its end must be told, once. */
struct heard {
    uint64_t bytes[2];
};

static struct heard *
heard_of(struct world *world, struct flow *flow)
{
    assert(!flow->quiet);
    if (!flow->dissection) {
        flow->dissection = pool_take(&world->hearing, sizeof(struct heard));
        world->told++;
    }
    return flow->dissection;
}

static void
hear_bytes(void *owner, struct flow *flow, enum side from, struct bytes data)
{
    struct world *world = owner;
    struct heard *heard = heard_of(world, flow);
    assert(data.len > 0);
    heard->bytes[from] += data.len;
    flow->quiet = world->goes_quiet && heard->bytes[from] > 300;
}

static void
hear_gap(void *owner, struct flow *flow, enum side from, uint64_t missing)
{
    heard_of(owner, flow);
    assert(missing > 0 && flow->missing[from] >= missing);
}

static void
hear_datagram(void *owner, struct flow *flow, enum side from, struct bytes data, uint32_t missing)
{
    heard_of(owner, flow)->bytes[from] += data.len + missing;
}

static void
hear_end(void *owner, struct flow *flow, enum flow_end why)
{
    struct world *world = owner;
    assert(why <= FLOW_OVER);
    pool_give(&world->hearing, flow->dissection, sizeof(struct heard));
    flow->dissection = NULL;
    world->ended++;
}

static struct packet
read_packet(struct reader *r, uint8_t what, bool longer)
{
    static const uint8_t content[255 * 64] = "what is said is of no matter here";
    uint32_t bases[2] = {UINT32_MAX - 1000, 70000};
    bool server = what & FROM_SERVER;
    struct packet packet = {
        .protocol = what & IS_UDP ? IPPROTO_UDP : IPPROTO_TCP,
        .tcp_flags = read_u8(r),
        .checksum = what & UNTRIED ? CHECKSUM_UNTRIED : CHECKSUM_UNKNOWN,
        .payload_missing = what & CUT ? 10 : 0,
        .path = {.vlan = {what >> 6}},
    };
    uint16_t port = (uint16_t)(1000 + (what & FLOW));
    packet.from_port = server ? 443 : port;
    packet.to_port = server ? port : 443;
    packet.from.at[15] = server;
    packet.to.at[15] = !server;
    packet.seq = bases[server] + (what & WIDE ? read_u32(r) : read_u16(r));
    packet.ack = bases[!server] + (what & WIDE ? read_u32(r) : read_u16(r));
    packet.payload = bytes_of(content, (size_t)read_u8(r) * (longer ? 64 : 1));
    packet.segment = packet.payload;
    return packet;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = reader_over(bytes_of(data, size));
    size_t kilobytes = read_u8(&r);
    uint8_t how = read_u8(&r);
    struct world world = {
        .pool = {.limit = kilobytes << 12},
        .hearing = {.limit = 1 << 20},
        .goes_quiet = how & GOES_QUIET,
    };
    struct tracker_options options = {
        .overlap = how & LAST_WINS ? OVERLAP_LAST : OVERLAP_FIRST,
        .no_checksums = how & NO_CHECKSUMS,
        .by_path = how & BY_PATH,
        .opening_timeout_ns = 3 * SECOND,
        .idle_timeout_ns = 30 * SECOND,
        .closed_timeout_ns = SECOND,
        .stream_bytes = 64 << 10,
        .flows = how & FEW_FLOWS ? 2 : 100,
    };
    struct flow_listener listener = {&world, hear_bytes, hear_gap, hear_datagram, hear_end};
    struct tracker *tracker = tracker_new(&world.pool, &options, listener);
    uint64_t frame = 0;
    int64_t now_ns = 100 * SECOND;
    while (reader_more(&r)) {
        uint8_t what = read_u8(&r);
        struct packet packet = read_packet(&r, what, how & LONG);
        const struct packet *one = &packet;
        uint8_t time = read_u8(&r);
        now_ns += (time & 0x80 ? -1 : 1) * (int64_t)(time & 0x7f) * (SECOND / 10);
        packet.frame = ++frame;
        packet.ts_ns = now_ns;
        tracker_take(tracker, &one, 1);
        if (what & TICK)
            tracker_tick(tracker, now_ns, frame);
    }
    struct tracker_counts counts = tracker_counts(tracker);
    assert(counts.packets ==
           counts.analysed + counts.bad_checksum + counts.offloaded + counts.no_flow);
    tracker_free(tracker);
    assert(world.told == world.ended);
    assert(world.pool.used == 0 && world.hearing.used == 0);
    assert(world.pool.peak <= world.pool.limit);
    return 0;
}
