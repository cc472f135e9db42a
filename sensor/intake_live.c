/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/intake.h"

#include <errno.h>
#include <time.h>

enum {
    LIVE_TURN = 64, /* frames of one interface before the next has its turn */
    LIVE_WAIT_MS = 100,
};
static const int64_t SECOND_NS = 1000000000;

bool
intake_open_interfaces(struct intake *in)
{
    struct live_options live = {
        .snap_len = in->options->snap_length,
        .buffer_bytes = (uint32_t)in->options->ring_bytes,
        .promiscuous = in->options->promiscuous,
    };
    if (in->options->interfaces.len > LIVE_MOST)
        return fault_set(in->why, "at most %d interfaces can be captured at once", LIVE_MOST);
    for (size_t i = 0; i < in->options->interfaces.len; i++) {
        struct source *source =
            source_open_live(in->options->interfaces.at[i], in->options->filter, &live, in->why);
        if (!source)
            return false;
        in->live[in->live_len++] = source;
    }
    return true;
}

static int64_t
wall_clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * SECOND_NS + now.tv_nsec;
}

/* One turn over all interfaces. False when none has anything for now. */
static bool
read_turn(struct intake *in)
{
    bool any = false;
    for (size_t i = 0; i < in->live_len; i++) {
        struct frame frame;
        enum source_step step = SOURCE_FRAME;
        for (int k = 0; k < LIVE_TURN && step == SOURCE_FRAME; k++) {
            step = source_next(in->live[i], &frame);
            if (step != SOURCE_FRAME)
                break;
            intake_take_frame(in, &frame, false);
            any = true;
        }
        if (step == SOURCE_BROKEN || step == SOURCE_END) {
            intake_fail(in, source_fault(in->live[i])->text);
            in->requests->stop = 1;
        }
    }
    return any;
}

void
intake_live(struct intake *in)
{
    for (size_t i = 0; i < in->live_len; i++)
        in->poll[i] = (struct pollfd){.fd = source_descriptor(in->live[i]), .events = POLLIN};
    while (!in->requests->stop) {
        if (read_turn(in))
            continue;
        intake_advance_clock(in, wall_clock_ns());
        intake_send_round(in, false, false);
        if (poll(in->poll, in->live_len, LIVE_WAIT_MS) < 0 && errno != EINTR)
            intake_fail(in, strerror(errno));
    }
}
