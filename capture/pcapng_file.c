/* SPDX-License-Identifier: Apache-2.0
 *
 * A block is its type and length, its body, padding to four bytes, and the length once more. Some
 * writers leave the padding out of the length, so lengths are rounded up.
 */
#include "capture/pcapng_file.h"

enum {
    BLOCK_SECTION = 0x0a0d0d0a, /* reads the same in both byte orders */
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
    SECRETS_TLS_KEY_LOG = 0x544c534b,

    BLOCK_HEADER = 8,
    BLOCK_LEAST = 12,
    INTERFACES_MOST = 1 << 16, /* described in one section */

    OPTION_END = 0,
    OPTION_TIME_RESOLUTION = 9,
    OPTION_TIME_OFFSET = 14,
    KNOWN_VERSION = 1,
    MICROSECONDS = 6, /* the resolution when there is no option */
};

#define NS_PER_SECOND INT64_C(1000000000)

/* How an interface counts time: in 10^-n or 2^-n seconds since 1970 plus an offset in seconds. */
struct clock {
    bool binary;
    unsigned exponent;   /* n */
    uint64_t per_second; /* decimal: ticks in a second */
    uint64_t multiply;   /* decimal: the rest of a second is ticks * multiply / divide in ns */
    uint64_t divide;
    int64_t offset;
    uint64_t plain_ticks; /* so many ticks at least are ticks * multiply in ns, and nothing else */
};

struct pcapng_interface {
    uint16_t link;
    uint32_t snap_len; /* 0: no limit */
    struct clock clock;
};

static uint64_t
power_of_ten(unsigned exponent)
{
    uint64_t power = 1;
    while (exponent--)
        power *= 10;
    return power;
}

static struct clock
clock_of(uint8_t resolution, int64_t offset)
{
    enum { NANO = 9, DECIMAL_MOST = 19 }; /* 10^19 is the last one below 2^64 */
    struct clock clock = {.offset = offset, .binary = resolution & 0x80};
    clock.exponent = resolution & 0x7f;
    if (clock.binary)
        return clock;

    /* A finer one is taken for this: its 64 bits do not reach beyond two seconds of 1970 anyhow. */
    unsigned exponent = clock.exponent < DECIMAL_MOST ? clock.exponent : DECIMAL_MOST;
    clock.per_second = power_of_ten(exponent);
    clock.multiply = exponent < NANO ? power_of_ten(NANO - exponent) : 1;
    clock.divide = exponent > NANO ? power_of_ten(exponent - NANO) : 1;
    if (clock.divide == 1 && offset == 0)
        clock.plain_ticks = INT64_MAX / clock.multiply;
    return clock;
}

/* Splits ticks of 2^-n seconds. */
static uint64_t
split_binary(unsigned n, uint64_t ticks, int64_t *ns)
{
    enum { FINE = 34 }; /* a second of 2^-34 s, times 10^9, just fits; and it is finer than 1 ns */
    uint64_t seconds = n < 64 ? ticks >> n : 0;
    uint64_t rest = n < 64 ? ticks - (seconds << n) : ticks;
    if (n > FINE)
        rest = n - FINE < 64 ? rest >> (n - FINE) : 0;
    *ns = (int64_t)(rest * (uint64_t)NS_PER_SECOND >> (n < FINE ? n : FINE));
    return seconds;
}

/* Nanoseconds since 1970. What is outside of the years 1678 to 2261 becomes the nearest end. */
static int64_t
clock_time(const struct clock *clock, uint64_t ticks)
{
    if (ticks < clock->plain_ticks)
        return (int64_t)(ticks * clock->multiply);

    const int64_t limit = INT64_MAX / NS_PER_SECOND - 1;
    uint64_t seconds;
    int64_t ns;
    if (clock->binary) {
        seconds = split_binary(clock->exponent, ticks, &ns);
    } else {
        seconds = ticks / clock->per_second;
        ns = (int64_t)(ticks % clock->per_second * clock->multiply / clock->divide);
    }
    int64_t whole = seconds < INT64_MAX / 2 ? (int64_t)seconds : INT64_MAX / 2;
    if (clock->offset > INT64_MAX / 2 || whole + clock->offset > limit)
        return INT64_MAX;
    if (whole + clock->offset < -limit)
        return INT64_MIN;
    return (whole + clock->offset) * NS_PER_SECOND + ns;
}

/* An option that is cut ends the list: without it, the frames can still be read. */
static struct clock
read_clock(struct reader options, bool swapped)
{
    uint8_t resolution = MICROSECONDS;
    int64_t offset = 0;
    while (reader_more(&options)) {
        uint16_t code = record_u16(&options, swapped);
        uint16_t len = record_u16(&options, swapped);
        struct bytes value = read_bytes(&options, len);
        if (options.bad || code == OPTION_END)
            break;
        if (reader_more(&options))
            read_bytes(&options, -(size_t)len & 3);
        struct reader r = reader_over(value);
        if (code == OPTION_TIME_RESOLUTION && value.len == 1)
            resolution = read_u8(&r);
        else if (code == OPTION_TIME_OFFSET && value.len == 8)
            offset = (int64_t)record_u64(&r, swapped);
    }
    return clock_of(resolution, offset);
}

static bool
make_room(struct pcapng_file *file)
{
    if (file->interface_count < file->interface_room)
        return true;
    size_t room = file->interface_room ? 2 * file->interface_room : 4;
    const size_t each = sizeof *file->interfaces;
    void *grown =
        pool_resize(file->pool, file->interfaces, file->interface_room * each, room * each);
    if (!grown)
        return false;
    file->interfaces = grown;
    file->interface_room = room;
    return true;
}

static enum record_step
read_interface(
    struct pcapng_file *file, struct reader r, struct frame *frame, struct record *record)
{
    (void)frame;
    struct pcapng_interface interface = {.link = record_u16(&r, file->swapped)};
    record_u16(&r, file->swapped); /* reserved */
    interface.snap_len = record_u32(&r, file->swapped);
    if (r.bad)
        return record_damaged(record, "an interface description is too short");
    if (file->interface_count == INTERFACES_MOST || !make_room(file))
        return record_damaged(record, "it describes too many interfaces");
    interface.clock = read_clock(r, file->swapped);
    file->interfaces[file->interface_count++] = interface;
    return RECORD_OTHER;
}

/* What the three kinds of frames have in common. NULL `ticks`: it has no time. */
static enum record_step
make_frame(const struct pcapng_interface *interface, const uint64_t *ticks, struct bytes bytes,
    uint32_t wire_len, struct frame *frame)
{
    frame->ts_ns = ticks ? clock_time(&interface->clock, *ticks) : 0;
    frame->bytes = bytes;
    frame->wire_len = wire_len > bytes.len ? wire_len : (uint32_t)bytes.len;
    frame->link = interface->link;
    return RECORD_FRAME;
}

/* The end of Enhanced Packet and of the older Packet blocks. */
static enum record_step
read_timed_frame(const struct pcapng_file *file, uint32_t interface, struct reader *r,
    struct frame *frame, struct record *record)
{
    uint64_t ticks = record_u32(r, file->swapped);
    ticks = ticks << 32 | record_u32(r, file->swapped);
    uint32_t captured = record_u32(r, file->swapped);
    uint32_t wire_len = record_u32(r, file->swapped);
    struct bytes bytes = read_bytes(r, captured);
    if (r->bad)
        return record_damaged(record, "a frame is longer than its block");
    if (interface >= file->interface_count)
        return record_damaged(record, "a frame is of an interface that was not described");
    return make_frame(&file->interfaces[interface], &ticks, bytes, wire_len, frame);
}

static enum record_step
read_enhanced_packet(
    struct pcapng_file *file, struct reader r, struct frame *frame, struct record *record)
{
    uint32_t interface = record_u32(&r, file->swapped);
    return read_timed_frame(file, interface, &r, frame, record);
}

static enum record_step
read_old_packet(
    struct pcapng_file *file, struct reader r, struct frame *frame, struct record *record)
{
    uint16_t interface = record_u16(&r, file->swapped);
    record_u16(&r, file->swapped); /* how many were dropped before it */
    return read_timed_frame(file, interface, &r, frame, record);
}

/* A frame of the first interface that does not even say how much of it was captured. */
static enum record_step
read_simple_packet(
    struct pcapng_file *file, struct reader r, struct frame *frame, struct record *record)
{
    uint32_t wire_len = record_u32(&r, file->swapped);
    if (r.bad)
        return record_damaged(record, "a frame is longer than its block");
    if (file->interface_count == 0)
        return record_damaged(record, "a frame is of an interface that was not described");
    const struct pcapng_interface *interface = &file->interfaces[0];
    uint32_t captured = wire_len;
    if (interface->snap_len && captured > interface->snap_len)
        captured = interface->snap_len;
    return make_frame(interface, NULL, bytes_first(reader_rest(&r), captured), wire_len, frame);
}

static enum record_step
read_secrets(struct pcapng_file *file, struct reader r, struct frame *frame, struct record *record)
{
    (void)frame;
    uint32_t kind = record_u32(&r, file->swapped);
    uint32_t len = record_u32(&r, file->swapped);
    struct bytes secrets = read_bytes(&r, len);
    if (r.bad)
        return record_damaged(record, "secrets are longer than their block");
    if (kind != SECRETS_TLS_KEY_LOG)
        return RECORD_OTHER;
    record->secrets = secrets;
    return RECORD_SECRETS;
}

static const struct block {
    uint32_t type;
    enum record_step (*read)(
        struct pcapng_file *file, struct reader body, struct frame *frame, struct record *record);
} blocks[] = {
    {6, read_enhanced_packet},
    {1, read_interface},
    {2, read_old_packet},
    {3, read_simple_packet},
    {10, read_secrets},
};

/* The byte order of a section stands behind the length of its header. */
static enum record_step
read_byte_order(struct pcapng_file *file, struct bytes there, struct record *record)
{
    if (there.len < BLOCK_LEAST)
        return record_short(record, BLOCK_LEAST);
    struct reader r = reader_over(there);
    read_bytes(&r, BLOCK_HEADER);
    uint32_t magic = record_u32(&r, false);
    if (magic != BYTE_ORDER_MAGIC && magic != bswap_32(BYTE_ORDER_MAGIC))
        return record_damaged(record, "a section header of no known byte order");
    file->swapped = magic != BYTE_ORDER_MAGIC;
    return RECORD_OTHER;
}

/* Of a section of an unknown version only the blocks' lengths can be relied on: it is passed over,
 * as the format wants it. A file that begins with one is refused. */
static enum record_step
read_section(struct pcapng_file *file, struct reader body, struct record *record)
{
    record_u32(&body, file->swapped); /* the byte order */
    uint16_t version = record_u16(&body, file->swapped);
    if (body.bad || (version != KNOWN_VERSION && !file->started))
        return record_damaged(record, "a section of another version than 1");
    file->started = true;
    file->foreign = version != KNOWN_VERSION;
    file->interface_count = 0;
    return RECORD_OTHER;
}

bool
pcapng_file_begins(struct bytes start)
{
    struct reader r = reader_over(start);
    return record_u32(&r, false) == BLOCK_SECTION;
}

enum record_step
pcapng_file_read(
    struct pcapng_file *file, struct bytes there, struct frame *frame, struct record *record)
{
    if (there.len < BLOCK_HEADER)
        return record_short(record, BLOCK_HEADER);
    bool section = pcapng_file_begins(there);
    if (!section && !file->started)
        return record_damaged(record, "no section header");
    if (section) {
        enum record_step step = read_byte_order(file, there, record);
        if (step != RECORD_OTHER)
            return step;
    }

    struct reader r = reader_over(there);
    uint32_t type = record_u32(&r, file->swapped);
    uint32_t len = record_u32(&r, file->swapped);
    if (len < BLOCK_LEAST || len > RECORD_MOST)
        return record_damaged(record, "the next block claims an impossible length");
    record->size = ((size_t)len + 3) & ~(size_t)3;
    if (there.len < record->size)
        return RECORD_SHORT;
    struct reader body = reader_over(read_bytes(&r, record->size - BLOCK_LEAST));
    uint32_t again = record_u32(&r, file->swapped);
    if (again != len && again != record->size)
        return record_damaged(record, "the lengths before and after a block differ");

    if (section)
        return read_section(file, body, record);
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        if (blocks[i].type == type && !file->foreign)
            return blocks[i].read(file, body, frame, record);
    return RECORD_OTHER;
}

void
pcapng_file_free(struct pcapng_file *file)
{
    pool_give(file->pool, file->interfaces, file->interface_room * sizeof *file->interfaces);
    file->interfaces = NULL;
    file->interface_count = file->interface_room = 0;
}
