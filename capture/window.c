/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/window.h"

#include "capture/inflate.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum {
    BLOCK = 256 << 10, /* what is read at once */
    PATIENCE_MS = 200, /* how long a pipe may be silent before the caller is asked */
};

struct buffer {
    uint8_t *at;
    size_t begin, end, room; /* what is not yet used is from begin to end */
};

struct window {
    struct pool *pool;
    int fd;
    bool waits;
    bool settled; /* it is known whether the bytes are packed */
    bool ended;   /* the descriptor yields no more */
    uint64_t read;
    struct buffer bytes;
    struct buffer packed; /* only where there is an inflater */
    const struct packing *packing;
    struct inflater *inflater;
    bool damaged; /* and nothing more can be unpacked */
};

static struct bytes
buffer_bytes(const struct buffer *buffer)
{
    return bytes_of(buffer->at + buffer->begin, buffer->end - buffer->begin);
}

/* Room for `wanted` bytes in a row, those that are there included. */
static bool
buffer_reserve(struct buffer *buffer, struct pool *pool, size_t wanted)
{
    size_t len = buffer->end - buffer->begin;
    if (buffer->begin && len)
        memmove(buffer->at, buffer->at + buffer->begin, len);
    buffer->begin = 0;
    buffer->end = len;

    size_t room = buffer->room ? buffer->room : BLOCK;
    while (room < wanted)
        room *= 2;
    if (room == buffer->room)
        return true;
    void *grown = pool_resize(pool, buffer->at, buffer->room, room);
    if (!grown)
        return false;
    buffer->at = grown;
    buffer->room = room;
    return true;
}

static enum window_step
no_memory(struct fault *why)
{
    fault_set(why, "no memory to read it");
    return WINDOW_BROKEN;
}

struct window *
window_new(struct pool *pool, int fd, bool waits)
{
    struct window *window = pool_take(pool, sizeof *window);
    if (!window)
        return NULL;
    *window = (struct window){.pool = pool, .fd = fd, .waits = waits};
    return window;
}

/* One read, into what room is left in `into`. */
static enum window_step
read_block(struct window *window, struct buffer *into, struct fault *why)
{
    if (window->ended)
        return WINDOW_END;
    struct pollfd readable = {.fd = window->fd, .events = POLLIN};
    if (window->waits && poll(&readable, 1, PATIENCE_MS) <= 0)
        return WINDOW_QUIET;

    ssize_t n = read(window->fd, into->at + into->end, into->room - into->end);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return WINDOW_QUIET;
    if (n < 0) {
        fault_set(why, "%s", strerror(errno));
        return WINDOW_BROKEN;
    }
    into->end += (size_t)n;
    window->read += (size_t)n;
    window->ended = n == 0;
    return window->ended ? WINDOW_END : WINDOW_READY;
}

/* Looks at the first bytes. What was read turns out to be packed, or is the window's beginning. */
static enum window_step
settle(struct window *window, struct fault *why)
{
    struct buffer *bytes = &window->bytes;
    if (!buffer_reserve(bytes, window->pool, BLOCK))
        return no_memory(why);
    while (!window->ended && bytes->end - bytes->begin < PACKING_START) {
        enum window_step step = read_block(window, bytes, why);
        if (step == WINDOW_QUIET || step == WINDOW_BROKEN)
            return step;
    }
    window->settled = true;
    window->packing = packing_find(buffer_bytes(bytes));
    if (!window->packing)
        return WINDOW_READY;

    window->inflater = inflater_new(window->packing);
    window->packed = *bytes;
    window->bytes = (struct buffer){0};
    if (window->inflater && buffer_reserve(&window->bytes, window->pool, BLOCK))
        return WINDOW_READY;
    return no_memory(why);
}

/* Unpacks something, or reads something to unpack. */
static enum window_step
unpack(struct window *window, struct fault *why)
{
    struct buffer *out = &window->bytes;
    struct buffer *packed = &window->packed;
    struct bytes in = buffer_bytes(packed);
    size_t before = in.len;
    struct inflater_space space = {.at = out->at + out->end, .room = out->room - out->end};
    if (!window->damaged)
        window->damaged = !inflater_feed(window->inflater, &in, &space);
    packed->begin = packed->end - in.len;
    out->end += space.made; /* also what stood before the damage */
    if (window->damaged && !space.made) {
        fault_set(why, "damaged %s data: %s", packing_name(window->packing),
            inflater_damage(window->inflater));
        return WINDOW_BROKEN;
    }
    if (space.made || in.len < before)
        return WINDOW_READY;

    if (!buffer_reserve(packed, window->pool, packed->room))
        return no_memory(why);
    enum window_step step = read_block(window, packed, why);
    if (step == WINDOW_END && !inflater_whole(window->inflater)) {
        fault_set(why, "its %s data end too early", packing_name(window->packing));
        return WINDOW_BROKEN;
    }
    return step;
}

enum window_step
window_want(struct window *window, size_t wanted, struct fault *why)
{
    enum window_step step = window->settled ? WINDOW_READY : settle(window, why);
    if (step == WINDOW_READY && !buffer_reserve(&window->bytes, window->pool, wanted))
        return no_memory(why);
    while (step == WINDOW_READY && window->bytes.end - window->bytes.begin < wanted)
        step = window->inflater ? unpack(window, why) : read_block(window, &window->bytes, why);
    return step;
}

struct bytes
window_bytes(const struct window *window)
{
    return buffer_bytes(&window->bytes);
}

void
window_skip(struct window *window, size_t n)
{
    assert(n <= window->bytes.end - window->bytes.begin);
    window->bytes.begin += n;
}

uint64_t
window_read(const struct window *window)
{
    return window->read;
}

void
window_free(struct window *window)
{
    if (!window)
        return;
    inflater_free(window->inflater);
    pool_give(window->pool, window->bytes.at, window->bytes.room);
    pool_give(window->pool, window->packed.at, window->packed.room);
    pool_give(window->pool, window, sizeof *window);
}
