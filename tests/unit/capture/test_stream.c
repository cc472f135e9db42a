/* SPDX-License-Identifier: Apache-2.0
 *
 * A receiver that is simple, slow and surely right (RFC 9293 section 3.10.7.4, with a window that
 * takes all) beside the tracker: thousands of connections whose segments are cut, repeated,
 * overlapped, shuffled and lost by chance. Each is made of its number, which is told when it fails.
 */
#include "capture/flow.h"

#include <check.h>
#include <netinet/in.h>

enum {
    LONGEST = 3000,  /* bytes of one side */
    SEGMENTS = 600,  /* of both sides, at most */
    A_SEGMENT = 200, /* bytes of one, at most */
    ROUNDS = 40,     /* tests of each kind; */
    A_ROUND = 50,    /* connections of each */
    CLIENT_PORT = 40000,
};
static const int64_t SECOND = 1000000000;

struct chance {
    uint64_t state;
};

/* Below `limit`. (The generator is Marsaglia's xorshift.) */
static uint32_t
draw(struct chance *chance, uint32_t limit)
{
    chance->state ^= chance->state << 13;
    chance->state ^= chance->state >> 7;
    chance->state ^= chance->state << 17;
    return (uint32_t)(chance->state >> 16) % limit;
}

/* One side: what it says, and what a receiver and the listener have of it. */
struct speaker {
    uint8_t text[LONGEST];
    uint32_t length, base;
    bool arrived[LONGEST];
    uint32_t given; /* bytes the receiver has given to its user */
    uint32_t at;    /* where the listener is */
    uint64_t told, missing;
};

struct segment {
    bool client;
    uint8_t flags;
    uint32_t from, len; /* of the text; a SYN stands at 0 */
};

struct contest {
    struct chance chance;
    unsigned number;
    struct pool pool;
    struct tracker_options options;
    struct tracker *tracker;
    struct speaker side[2]; /* 0: the client */
    struct segment segments[SEGMENTS];
    size_t count;
    uint64_t frame;
    int64_t now_ns;
    bool acknowledges; /* as the receiver would */
};

static struct speaker *
speaker_of(struct contest *c, const struct flow *flow, enum side from)
{
    return &c->side[flow->port[from] != CLIENT_PORT];
}

static void
hear_bytes(void *owner, struct flow *flow, enum side from, struct bytes data)
{
    struct contest *c = owner;
    struct speaker *s = speaker_of(c, flow, from);
    ck_assert_msg(s->at + data.len <= s->length, "%u: told more than was said", c->number);
    ck_assert_msg(bytes_equal(data, bytes_of(s->text + s->at, data.len)),
        "%u: told other bytes than were said, at %u", c->number, s->at);
    s->at += (uint32_t)data.len;
    s->told += data.len;
}

static void
hear_gap(void *owner, struct flow *flow, enum side from, uint64_t missing)
{
    struct contest *c = owner;
    struct speaker *s = speaker_of(c, flow, from);
    for (uint32_t i = s->at; i < s->at + missing && i < s->length; i++)
        ck_assert_msg(!s->arrived[i] || c->acknowledges, "%u: %u was captured", c->number, i);
    s->at += (uint32_t)missing;
    s->missing += missing;
}

static void
hear_datagram(void *owner, struct flow *flow, enum side from, struct bytes data, uint32_t missing)
{
    (void)owner, (void)flow, (void)from, (void)data, (void)missing;
    ck_abort_msg("no datagrams");
}

static void
hear_end(void *owner, struct flow *flow, enum flow_end why)
{
    (void)owner, (void)flow, (void)why;
    ck_abort_msg("nothing hangs on the flow");
}

static void
contest_begin(struct contest *c, unsigned number)
{
    memset(c, 0, sizeof *c);
    c->number = number;
    c->chance.state = (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
    c->pool.limit = 64 << 20;
    c->options = (struct tracker_options){
        .opening_timeout_ns = 30 * SECOND,
        .idle_timeout_ns = 300 * SECOND,
        .closed_timeout_ns = 5 * SECOND,
        .stream_bytes = 256 << 10,
        .flows = 10,
    };
    c->now_ns = SECOND;
    for (int i = 0; i < 2; i++) {
        struct speaker *s = &c->side[i];
        s->length = 1 + draw(&c->chance, LONGEST);
        s->base =
            draw(&c->chance, 2) ? 0U - draw(&c->chance, LONGEST) : draw(&c->chance, UINT32_MAX);
        for (uint32_t k = 0; k < s->length; k++)
            s->text[k] = (uint8_t)draw(&c->chance, 256);
    }
    struct flow_listener listener = {c, hear_bytes, hear_gap, hear_datagram, hear_end};
    c->tracker = tracker_new(&c->pool, &c->options, listener);
}

static void
contest_end(struct contest *c)
{
    tracker_free(c->tracker);
    ck_assert_msg(c->pool.used == 0, "%u: memory was left behind", c->number);
}

static void
add(struct contest *c, bool client, uint8_t flags, uint32_t from, uint32_t len)
{
    ck_assert_uint_lt(c->count, SEGMENTS);
    c->segments[c->count++] = (struct segment){client, flags, from, len};
}

/* Cuts what a side says into segments; some are sent again, or in other pieces. */
static void
speak(struct contest *c, bool client)
{
    struct speaker *s = &c->side[!client];
    uint32_t most = 1 + draw(&c->chance, A_SEGMENT);
    most = most < s->length / 100 + 1 ? s->length / 100 + 1 : most;
    for (uint32_t at = 0; at < s->length;) {
        uint32_t len = 1 + draw(&c->chance, most);
        len = len < s->length - at ? len : s->length - at;
        len = c->count + 20 > SEGMENTS / (client ? 2U : 1U) ? s->length - at : len;
        add(c, client, TCP_ACK, at, len);
        if (draw(&c->chance, 4) == 0 && c->count + 30 < SEGMENTS / (client ? 2U : 1U)) {
            uint32_t again = draw(&c->chance, at + len);
            add(c, client, TCP_ACK, again, 1 + draw(&c->chance, s->length - again));
        }
        at += len;
    }
}

/* Moves segments by at most `far` places. */
static void
shuffle(struct contest *c, size_t first, uint32_t far)
{
    for (size_t i = c->count; i-- > first + 1;) {
        size_t room = i - first < far ? i - first : far;
        size_t k = i - draw(&c->chance, (uint32_t)room + 1);
        struct segment moved = c->segments[i];
        c->segments[i] = c->segments[k];
        c->segments[k] = moved;
    }
}

static void
receive(struct speaker *s, const struct segment *segment)
{
    for (uint32_t i = 0; i < segment->len; i++)
        s->arrived[segment->from + i] = true;
    while (s->given < s->length && s->arrived[s->given])
        s->given++;
}

static void
take(struct contest *c, bool client, uint8_t flags, uint32_t seq, uint32_t ack, struct bytes data)
{
    static const uint8_t ends[2][4] = {{10, 0, 0, 1}, {10, 0, 0, 2}};
    struct packet packet = {
        .frame = ++c->frame,
        .ts_ns = c->now_ns,
        .from = address_v4(bytes_of(ends[!client], 4)),
        .to = address_v4(bytes_of(ends[client], 4)),
        .from_port = client ? CLIENT_PORT : 443,
        .to_port = client ? 443 : CLIENT_PORT,
        .protocol = IPPROTO_TCP,
        .tcp_flags = flags,
        .seq = seq,
        .ack = flags & TCP_ACK ? ack : 0,
        .payload = data,
    };
    const struct packet *one = &packet;
    tracker_take(c->tracker, &one, 1);
}

/* Both see it. */
static void
pass(struct contest *c, const struct segment *segment)
{
    bool client = segment->client;
    struct speaker *s = &c->side[!client];
    const struct speaker *other = &c->side[client];
    receive(s, segment);
    take(c, client, segment->flags, s->base + segment->from + !(segment->flags & TCP_SYN),
        other->base + 1 + (c->acknowledges ? other->given : 0),
        bytes_of(s->text + segment->from, segment->len));
}

static void
shake_hands(struct contest *c)
{
    pass(c, &(struct segment){true, TCP_SYN, 0, 0});
    pass(c, &(struct segment){false, TCP_SYN | TCP_ACK, 0, 0});
    pass(c, &(struct segment){true, TCP_ACK, 0, 0});
}

static void
expect_all(struct contest *c)
{
    for (int i = 0; i < 2; i++)
        ck_assert_msg(c->side[i].told == c->side[i].length && !c->side[i].missing,
            "%u: side %d: %lu of %u were told, %lu missing", c->number, i,
            (unsigned long)c->side[i].told, c->side[i].length, (unsigned long)c->side[i].missing);
}

/* After each segment the listener has what the receiver has, neither more nor less. */
static void
step_by_step(struct contest *c)
{
    c->acknowledges = draw(&c->chance, 2);
    speak(c, true);
    speak(c, false);
    shuffle(c, 0, draw(&c->chance, 2) ? SEGMENTS : 1 + draw(&c->chance, 10));
    shake_hands(c);
    for (size_t i = 0; i < c->count; i++) {
        pass(c, &c->segments[i]);
        for (int k = 0; k < 2; k++)
            ck_assert_msg(c->side[k].at == c->side[k].given, "%u: side %d is at %u, not at %u",
                c->number, k, c->side[k].at, c->side[k].given);
    }
    expect_all(c);
}

/* Each side's packets in order, but one side's before the other's by any time: two taps whose
 * clocks differ. */
static void
two_taps(struct contest *c)
{
    c->acknowledges = true;
    add(c, true, TCP_SYN, 0, 0);
    speak(c, true);
    add(c, true, TCP_ACK | TCP_FIN, c->side[0].length, 0);
    size_t middle = c->count;
    add(c, false, TCP_SYN | TCP_ACK, 0, 0);
    speak(c, false);
    add(c, false, TCP_ACK | TCP_FIN, c->side[1].length, 0);
    size_t next[2] = {0, middle};
    uint32_t bias = draw(&c->chance, 101);
    while (next[0] < middle || next[1] < c->count) {
        bool second = next[0] == middle || (next[1] < c->count && draw(&c->chance, 100) < bias);
        pass(c, &c->segments[next[second]++]);
    }
    tracker_finish(c->tracker);
    expect_all(c);
}

/* What the capture lost, and only that, is told as missing. */
static void
with_losses(struct contest *c)
{
    speak(c, true);
    speak(c, false);
    shuffle(c, 0, 1 + draw(&c->chance, 20));
    shake_hands(c);
    uint32_t lost = 1 + draw(&c->chance, 60);
    for (size_t i = 0; i < c->count; i++)
        if (draw(&c->chance, 100) >= lost)
            pass(c, &c->segments[i]);
    tracker_finish(c->tracker);
    for (int k = 0; k < 2; k++) {
        const struct speaker *s = &c->side[k];
        uint32_t captured = 0, last = 0;
        for (uint32_t i = 0; i < s->length; i++) {
            captured += s->arrived[i];
            last = s->arrived[i] ? i + 1 : last;
        }
        ck_assert_msg(s->told == captured && s->missing == last - captured,
            "%u: side %d: %lu of %u told, %lu of %u missing", c->number, k, (unsigned long)s->told,
            captured, (unsigned long)s->missing, last - captured);
    }
}

/* Time passes, and acknowledgements tell what was lost: what is told is right and in its place. */
static void
with_losses_in_time(struct contest *c)
{
    speak(c, true);
    speak(c, false);
    shuffle(c, 0, 1 + draw(&c->chance, 20));
    if (draw(&c->chance, 4))
        shake_hands(c);
    uint32_t lost = 1 + draw(&c->chance, 60);
    c->acknowledges = true;
    for (size_t i = 0; i < c->count; i++) {
        c->now_ns += draw(&c->chance, 2) ? 0 : draw(&c->chance, 1500) * (SECOND / 1000);
        if (draw(&c->chance, 100) >= lost)
            pass(c, &c->segments[i]);
        else
            receive(&c->side[!c->segments[i].client], &c->segments[i]);
    }
    tracker_finish(c->tracker);
}

/* As step by step, but without a SYN: from the first segment on. */
static void
from_the_middle(struct contest *c)
{
    speak(c, true);
    for (size_t i = 0; i < c->count; i++)
        pass(c, &c->segments[i]);
    tracker_finish(c->tracker);
    ck_assert_msg(c->side[0].told == c->side[0].length, "%u: %lu of %u were told", c->number,
        (unsigned long)c->side[0].told, c->side[0].length);
}

/* Somebody who does not see the connection forges a segment. */
static void
forge(struct contest *c)
{
    static const uint8_t flags[] = {
        TCP_SYN, TCP_SYN | TCP_ACK, TCP_RST, TCP_RST | TCP_ACK, TCP_FIN | TCP_ACK, TCP_ACK};
    uint8_t chosen = flags[draw(&c->chance, sizeof flags)];
    bool client = draw(&c->chance, 2);
    uint32_t away = (1U << 26) + draw(&c->chance, 0U - (1U << 27));
    uint8_t junk[20];
    memset(junk, 0xee, sizeof junk);
    bool data = draw(&c->chance, 2) && !(chosen & TCP_RST);
    take(c, client, chosen, c->side[!client].base + away, draw(&c->chance, UINT32_MAX),
        bytes_of(junk, data ? sizeof junk : 0));
}

static void
with_forgeries(struct contest *c)
{
    static const struct segment hands[] = {
        {true, TCP_SYN, 0, 0}, {false, TCP_SYN | TCP_ACK, 0, 0}, {true, TCP_ACK, 0, 0}};
    c->acknowledges = draw(&c->chance, 2);
    speak(c, true);
    speak(c, false);
    shuffle(c, 0, 1 + draw(&c->chance, 10));
    for (size_t i = 0; i < 3 + c->count; i++) {
        if (draw(&c->chance, i < 6 ? 2 : 100) == 0)
            forge(c);
        pass(c, i < 3 ? &hands[i] : &c->segments[i - 3]);
    }
    tracker_finish(c->tracker);
    expect_all(c);
}

static void (*const kinds[])(struct contest *c) = {
    step_by_step, two_taps, with_losses, from_the_middle, with_forgeries};

START_TEST(the_listener_hears_what_a_receiver_is_given)
{
    static struct contest contest;
    unsigned kind = (unsigned)_i / ROUNDS;
    for (unsigned i = 0; i < A_ROUND; i++) {
        contest_begin(&contest, (unsigned)_i * A_ROUND + i);
        kinds[kind](&contest);
        contest_end(&contest);
    }
}
END_TEST

/* Where no SYN fixes the beginning, the listener's place cannot be known. */
START_TEST(holes_are_given_up_in_time_and_nothing_is_misplaced)
{
    static struct contest contest;
    for (unsigned i = 0; i < A_ROUND; i++) {
        contest_begin(&contest, 1000000 + (unsigned)_i * A_ROUND + i);
        shake_hands(&contest);
        with_losses_in_time(&contest);
        contest_end(&contest);
    }
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("stream");
    TCase *c = tcase_create("stream");
    tcase_add_loop_test(c, the_listener_hears_what_a_receiver_is_given, 0,
        ROUNDS * (int)(sizeof kinds / sizeof *kinds));
    tcase_add_loop_test(c, holes_are_given_up_in_time_and_nothing_is_misplaced, 0, ROUNDS);
    suite_add_tcase(s, c);
    return s;
}
