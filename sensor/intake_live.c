/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/intake.h"

#include "sensor/clock.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

enum {
    LIVE_TURN = 64, /* frames of one interface before the next has its turn */
    LIVE_WAIT_MS = 100,
};
static const int64_t SECOND_NS = 1000000000;
static const int64_t DRAIN_NS = 300000000; /* at most, after a stop was asked for */

static struct source *
open_interface(const struct intake *in, size_t i, struct fault *why)
{
    struct live_options live = {
        .snap_len = in->options->snap_length,
        .buffer_bytes = (uint32_t)in->options->ring_bytes,
        .promiscuous = in->options->promiscuous,
    };
    return source_open_live(in->options->interfaces.at[i], in->options->filter, &live, why);
}

bool
intake_open_interfaces(struct intake *in)
{
    if (in->options->interfaces.len > LIVE_MOST)
        return fault_set(in->why, "at most %d interfaces can be captured at once", LIVE_MOST);
    for (; in->live_len < in->options->interfaces.len; in->live_len++) {
        struct source *source = open_interface(in, in->live_len, in->why);
        if (!source)
            return false;
        in->live[in->live_len] = (struct interface){source, INTERFACE_UP};
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

/* ---- Interfaces come and go. */

/* Each change is told once. False when the round has no room for it: then it is told later. */
static bool
tell(struct intake *in, size_t i, enum round_event event)
{
    struct round *round = in->round;
    if (event == in->live[i].told || round->news_len == ROUND_NEWS_MOST)
        return event == in->live[i].told;
    struct round_news *news = &round->news[round->news_len++];
    news->event = event;
    snprintf(news->name, sizeof news->name, "%s", in->options->interfaces.at[i]);
    in->live[i].told = event;
    return true;
}

static void
watch(struct intake *in, size_t i)
{
    const struct source *source = in->live[i].source;
    int fd = source ? source_descriptor(source) : -1; /* poll() passes over it */
    in->poll[i] = (struct pollfd){.fd = fd, .events = POLLIN};
}

/* Frames that were taken from it are copied, and stay. */
static void
lose(struct intake *in, size_t i)
{
    struct source_counts counts = source_counts(in->live[i].source);
    intake_add_counts(&in->closed, &counts);
    source_close(in->live[i].source);
    in->live[i].source = NULL;
    watch(in, i);
}

static void
find_again(struct intake *in, size_t i)
{
    struct fault unused = {0};
    if (!tell(in, i, INTERFACE_LOST))
        return;
    in->live[i].source = open_interface(in, i, &unused);
    if (!in->live[i].source)
        return;
    watch(in, i);
    tell(in, i, INTERFACE_BACK);
}

static void
look_at(struct intake *in, size_t i)
{
    if (!in->live[i].source) {
        find_again(in, i);
        return;
    }
    switch (source_link(in->live[i].source)) {
    case SOURCE_LINK_UP:
        if (in->live[i].told == INTERFACE_DOWN)
            tell(in, i, INTERFACE_UP);
        break;
    case SOURCE_LINK_DOWN:
        tell(in, i, INTERFACE_DOWN);
        break;
    case SOURCE_LINK_GONE:
        lose(in, i);
        tell(in, i, INTERFACE_LOST);
        break;
    }
}

/* A sensor that sees nothing any more must not look as if it did. */
static void
look_at_all(struct intake *in)
{
    size_t there = 0;
    if (in->clock_ns - in->looked_ns < SECOND_NS)
        return;
    in->looked_ns = in->clock_ns;
    for (size_t i = 0; i < in->live_len; i++) {
        look_at(in, i);
        there += in->live[i].source != NULL;
    }
    if (there)
        return;
    intake_fail(in, "no interface is left to capture from");
    in->requests->stop = 1;
}

/* ---- Frames. */

/* One turn over all interfaces. False when none has anything for now. */
static bool
read_turn(struct intake *in)
{
    bool any = false;
    for (size_t i = 0; i < in->live_len; i++) {
        struct frame frame;
        enum source_step step = in->live[i].source ? SOURCE_FRAME : SOURCE_QUIET;
        for (int k = 0; k < LIVE_TURN && step == SOURCE_FRAME; k++) {
            step = source_next(in->live[i].source, &frame);
            if (step != SOURCE_FRAME)
                break;
            intake_take_frame(in, &frame, false);
            any = true;
        }
        if (step == SOURCE_BROKEN || step == SOURCE_END)
            lose(in, i);
    }
    return any;
}

/* Frames that came before the stop may wait in the kernel for their block to be full, or old
 * enough.
 */
static void
drain(struct intake *in)
{
    int64_t end_ns = monotonic_ns() + DRAIN_NS;
    while (monotonic_ns() < end_ns)
        if (!read_turn(in) && poll(in->poll, in->live_len, LIVE_WAIT_MS) == 0)
            return;
}

void
intake_live(struct intake *in)
{
    for (size_t i = 0; i < in->live_len; i++)
        watch(in, i);
    while (!in->requests->stop) {
        bool any = read_turn(in);
        look_at_all(in);
        if (any)
            continue;
        intake_advance_clock(in, wall_clock_ns());
        intake_send_round(in, false, false);
        if (poll(in->poll, in->live_len, LIVE_WAIT_MS) < 0 && errno != EINTR) {
            intake_fail(in, strerror(errno));
            return;
        }
    }
    drain(in);
    for (size_t i = 0; i < in->live_len; i++)
        if (!in->live[i].source)
            intake_fail(in, "an interface was lost and did not come back");
}
