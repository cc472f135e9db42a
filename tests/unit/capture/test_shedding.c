/* SPDX-License-Identifier: Apache-2.0
 *
 * Which flow goes when there is room for no more: the order that docs/operating.md states.
 */
#include "base/text.h"
#include "capture/flows/tracker.h"

#include <check.h>
#include <netinet/in.h>

enum { FLOWS = 7, CLIENT_ISN = 1000, SERVER_ISN = 9000 };

struct shedding {
    struct pool pool;
    struct tracker_options options;
    struct tracker *tracker;
    struct text shed; /* the clients' ports of flows that somebody listened to */
    uint64_t frame;
    int64_t now_ns;
};

static void
hear(void *owner, struct flow *flow, enum side from, struct bytes data)
{
    (void)from;
    flow->dissection = owner;
    flow->quiet = flow->quiet || bytes_equal_string(data, "enough");
}

static void
hear_gap(void *owner, struct flow *flow, enum side from, uint64_t missing)
{
    (void)owner, (void)flow, (void)from, (void)missing;
}

static void
hear_datagram(void *owner, struct flow *flow, enum side from, struct bytes data, uint32_t missing)
{
    (void)missing;
    hear(owner, flow, from, data);
}

static void
hear_end(void *owner, struct flow *flow, enum flow_end why)
{
    struct shedding *s = owner;
    flow->dissection = NULL;
    if (why == FLOW_SHED)
        text_add_format(&s->shed, "%u ", flow->port[ORIGINATOR]);
}

static void
begin(struct shedding *s)
{
    const int64_t second = 1000000000;
    *s = (struct shedding){.pool = {.limit = 64 << 20}, .now_ns = 1000 * second};
    s->options = (struct tracker_options){
        .opening_timeout_ns = 300 * second,
        .idle_timeout_ns = 300 * second,
        .closed_timeout_ns = 300 * second,
        .stream_bytes = 256 << 10,
        .flows = FLOWS,
        .no_checksums = true,
    };
    struct flow_listener listener = {s, hear, hear_gap, hear_datagram, hear_end};
    s->tracker = tracker_new(&s->pool, &s->options, listener);
}

static void
end(struct shedding *s)
{
    tracker_free(s->tracker);
    ck_assert_uint_eq(s->pool.used, 0);
    text_free(&s->shed);
}

static void
say(struct shedding *s, uint16_t port, enum side from, uint8_t flags, uint32_t offset,
    const char *data)
{
    static const uint32_t isn[] = {CLIENT_ISN, SERVER_ISN};
    struct address ends[] = {
        address_v4(bytes_of("\x0a\0\0\1", 4)), address_v4(bytes_of("\x0a\0\0\2", 4))};
    struct packet packet = {
        .frame = ++s->frame,
        .ts_ns = s->now_ns += 1000,
        .from = ends[from],
        .to = ends[other_side(from)],
        .from_port = from == ORIGINATOR ? port : 443,
        .to_port = from == ORIGINATOR ? 443 : port,
        .protocol = IPPROTO_TCP,
        .tcp_flags = flags,
        .seq = isn[from] + offset,
        .ack = flags & TCP_ACK ? isn[other_side(from)] + 1 : 0,
        .payload = bytes_from_string(data),
    };
    const struct packet *one = &packet;
    tracker_take(s->tracker, &one, 1);
}

static void
open_and_say(struct shedding *s, uint16_t port, const char *data)
{
    say(s, port, ORIGINATOR, TCP_SYN, 0, "");
    say(s, port, RESPONDER, TCP_SYN | TCP_ACK, 0, "");
    say(s, port, ORIGINATOR, TCP_ACK, 1, data);
}

static uint64_t
count_of(const struct shedding *s, enum age_list list)
{
    return s->tracker->table.ages[list].count;
}

/* The flow that matters most is the oldest, so that age alone would take them the other way. */
START_TEST(what_matters_least_goes_first)
{
    struct shedding s;
    begin(&s);
    open_and_say(&s, 5, "a hello");
    open_and_say(&s, 4, "another");
    open_and_say(&s, 3, "enough");
    say(&s, 2, ORIGINATOR, TCP_ACK, 1, "of one side alone");
    open_and_say(&s, 1, "bye");
    say(&s, 1, ORIGINATOR, TCP_RST | TCP_ACK, 4, "");
    say(&s, 6, ORIGINATOR, TCP_SYN, 0, "");
    say(&s, 7, ORIGINATOR, TCP_SYN, 0, "");
    ck_assert_uint_eq(count_of(&s, LIST_OPENING), 2);
    ck_assert_uint_eq(count_of(&s, LIST_CLOSED), 1);
    ck_assert_uint_eq(count_of(&s, LIST_ALONE), 1);
    ck_assert_uint_eq(count_of(&s, LIST_OPEN), 3);

    static const struct {
        uint64_t opening, closed;
        const char *shed;
    } after[] = {
        {1, 1, ""},
        {0, 1, ""},
        {0, 0, ""},
        {0, 0, "2 "},
        {0, 0, "2 3 "},
        {0, 0, "2 3 5 "},
        {0, 0, "2 3 5 4 "},
    };
    for (size_t i = 0; i < sizeof after / sizeof *after; i++) {
        open_and_say(&s, (uint16_t)(100 + i), "newer than all");
        ck_assert_uint_eq(tracker_counts(s.tracker).shed, i + 1);
        ck_assert_uint_eq(count_of(&s, LIST_OPENING), after[i].opening);
        ck_assert_uint_eq(count_of(&s, LIST_CLOSED), after[i].closed);
        ck_assert_str_eq(text_string(&s.shed), after[i].shed);
    }
    end(&s);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *suite = suite_create("shedding");
    TCase *c = tcase_create("shedding");
    tcase_add_test(c, what_matters_least_goes_first);
    suite_add_tcase(suite, c);
    return suite;
}
