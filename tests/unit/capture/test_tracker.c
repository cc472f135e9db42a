/* SPDX-License-Identifier: Apache-2.0
 *
 * Flows and streams, by what a listener is told of hand-made packets.
 */
#include "base/text.h"
#include "capture/flow.h"

#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>

enum { CLIENT_ISN = 1000, SERVER_ISN = 9000 };
static const int64_t SECOND = 1000000000;

/* What the listener was told: "o:abc" the originator's bytes, "r:…" the responder's, "o-12" a gap,
 * "!closed" an end. */
struct scene {
    struct pool pool;
    struct tracker_options options;
    struct tracker *tracker;
    struct text told;
    bool want_end; /* hang something on each flow, so that its end is told */
    bool quiet_at_once;
    uint64_t frame;
    int64_t now_ns;
};

static void
tell_bytes(void *owner, struct flow *flow, enum side from, struct bytes data)
{
    struct scene *scene = owner;
    flow->dissection = scene->want_end ? scene : NULL;
    text_add_format(&scene->told, "%c:", from == ORIGINATOR ? 'o' : 'r');
    text_add(&scene->told, data);
    text_add_char(&scene->told, ' ');
    flow->quiet = scene->quiet_at_once;
}

static void
tell_gap(void *owner, struct flow *flow, enum side from, uint64_t missing)
{
    struct scene *scene = owner;
    (void)flow;
    text_add_format(
        &scene->told, "%c-%llu ", from == ORIGINATOR ? 'o' : 'r', (unsigned long long)missing);
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
    struct scene *scene = owner;
    flow->dissection = NULL;
    text_add_format(&scene->told, "!%s ", ends[why]);
}

static struct scene
scene_open(void)
{
    return (struct scene){
        .pool = {.limit = 64 << 20},
        .options =
            {
                .opening_timeout_ns = 30 * SECOND,
                .idle_timeout_ns = 300 * SECOND,
                .closed_timeout_ns = 5 * SECOND,
                .stream_bytes = 256 << 10,
                .flows = 1000,
            },
        .want_end = true,
        .now_ns = 1000 * SECOND,
    };
}

static void
scene_start(struct scene *scene)
{
    struct flow_listener listener = {scene, tell_bytes, tell_gap, tell_datagram, tell_end};
    scene->tracker = tracker_new(&scene->pool, &scene->options, listener);
}

/* Ends the capture, compares all that was told, and sees to it that nothing is left behind. */
static void
scene_expect(struct scene *scene, const char *told)
{
    tracker_free(scene->tracker);
    ck_assert_str_eq(text_string(&scene->told), told);
    ck_assert_uint_eq(scene->pool.used, 0);
    text_free(&scene->told);
}

static struct packet
packet_from(enum side from, uint16_t client_port)
{
    static const uint8_t client[4] = {10, 0, 0, 1};
    static const uint8_t server[4] = {10, 0, 0, 2};
    struct address ends[2] = {address_v4(bytes_of(client, 4)), address_v4(bytes_of(server, 4))};
    bool up = from == ORIGINATOR;
    return (struct packet){
        .from = ends[!up],
        .to = ends[up],
        .from_port = up ? client_port : 443,
        .to_port = up ? 443 : client_port,
        .protocol = IPPROTO_TCP,
    };
}

static void
send_packet(struct scene *scene, struct packet packet)
{
    const struct packet *one = &packet;
    packet.frame = ++scene->frame;
    packet.ts_ns = scene->now_ns;
    tracker_take(scene->tracker, &one, 1);
}

static void
send_tcp(struct scene *scene, enum side from, uint8_t flags, uint32_t seq, uint32_t ack,
    const char *data)
{
    struct packet packet = packet_from(from, 40000);
    packet.tcp_flags = flags;
    packet.seq = seq;
    packet.ack = ack;
    packet.payload = bytes_from_string(data);
    send_packet(scene, packet);
}

static void
shake_hands(struct scene *scene)
{
    send_tcp(scene, ORIGINATOR, TCP_SYN, CLIENT_ISN, 0, "");
    send_tcp(scene, RESPONDER, TCP_SYN | TCP_ACK, SERVER_ISN, CLIENT_ISN + 1, "");
    send_tcp(scene, ORIGINATOR, TCP_ACK, CLIENT_ISN + 1, SERVER_ISN + 1, "");
}

/* Client's data at this offset behind its SYN. */
static void
say(struct scene *scene, uint32_t offset, const char *data)
{
    send_tcp(scene, ORIGINATOR, TCP_ACK, CLIENT_ISN + 1 + offset, SERVER_ISN + 1, data);
}

START_TEST(both_sides_are_told_in_order_and_the_end_once)
{
    struct scene scene = scene_open();
    scene_start(&scene);
    shake_hands(&scene);
    say(&scene, 0, "hello");
    send_tcp(&scene, RESPONDER, TCP_ACK, SERVER_ISN + 1, CLIENT_ISN + 6, "welcome");
    send_tcp(&scene, ORIGINATOR, TCP_FIN | TCP_ACK, CLIENT_ISN + 6, SERVER_ISN + 8, "");
    send_tcp(&scene, RESPONDER, TCP_FIN | TCP_ACK, SERVER_ISN + 8, CLIENT_ISN + 7, "");
    send_tcp(&scene, ORIGINATOR, TCP_ACK, CLIENT_ISN + 7, SERVER_ISN + 9, "");
    scene_expect(&scene, "o:hello r:welcome !closed ");
}
END_TEST

/* The n-th order of five things. */
static void
permute(unsigned n, unsigned order[5])
{
    unsigned left[5] = {0, 1, 2, 3, 4};
    for (unsigned i = 0; i < 5; i++) {
        unsigned pick = n % (5 - i);
        n /= 5 - i;
        order[i] = left[pick];
        memmove(left + pick, left + pick + 1, (4 - pick) * sizeof *left);
    }
}

START_TEST(five_segments_in_any_order_are_one_text)
{
    static const char *const parts[] = {"ab", "cd", "ef", "gh", "ij"};
    unsigned order[5];
    struct scene scene = scene_open();
    scene_start(&scene);
    shake_hands(&scene);
    permute((unsigned)_i, order);
    for (int i = 0; i < 5; i++)
        say(&scene, 2 * order[i], parts[order[i]]);
    struct text whole = {0};
    for (const char *c = text_string(&scene.told); *c; c++)
        if (*c != 'o' && *c != ':' && *c != ' ')
            text_add_char(&whole, *c);
    ck_assert_str_eq(text_string(&whole), "abcdefghij");
    text_free(&whole);
    tracker_free(scene.tracker);
    ck_assert_uint_eq(scene.pool.used, 0);
    text_free(&scene.told);
}
END_TEST

START_TEST(single_bytes_backwards_and_twice_are_one_text)
{
    static const char text[] = "the quick brown fox";
    struct scene scene = scene_open();
    scene_start(&scene);
    shake_hands(&scene);
    for (size_t i = sizeof text - 1; i-- > 0;) {
        char one[2] = {text[i], '\0'};
        say(&scene, (uint32_t)i, one);
        say(&scene, (uint32_t)i, one);
    }
    scene_expect(&scene, "o:t o:he quick brown fox !over ");
}
END_TEST

START_TEST(of_two_overlapping_segments_the_policy_chooses)
{
    static const struct {
        enum overlap_policy policy;
        const char *told;
    } cases[] = {
        {OVERLAP_FIRST, "o:a o:bCDEf !over "},
        {OVERLAP_LAST, "o:a o:bcdef !over "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scene scene = scene_open();
        scene.options.overlap = cases[i].policy;
        scene_start(&scene);
        shake_hands(&scene);
        say(&scene, 2, "CDE");
        say(&scene, 1, "bcdef");
        say(&scene, 0, "a");
        ck_assert_uint_eq(tracker_counts(scene.tracker).overlap_conflicts, 1);
        scene_expect(&scene, cases[i].told);
    }
}
END_TEST

START_TEST(sequence_numbers_wrap)
{
    struct scene scene = scene_open();
    scene_start(&scene);
    send_tcp(&scene, ORIGINATOR, TCP_SYN, UINT32_MAX - 2, 0, "");
    send_tcp(&scene, ORIGINATOR, TCP_ACK, 2, 0, "efgh");
    send_tcp(&scene, ORIGINATOR, TCP_ACK, UINT32_MAX - 1, 0, "abcd");
    scene_expect(&scene, "o:abcd o:efgh !over ");
}
END_TEST

START_TEST(a_hole_is_told_as_a_gap_when_the_capture_ends)
{
    struct scene scene = scene_open();
    scene_start(&scene);
    shake_hands(&scene);
    say(&scene, 0, "ab");
    say(&scene, 5, "fg");
    ck_assert_str_eq(text_string(&scene.told), "o:ab ");
    scene_expect(&scene, "o:ab o-3 o:fg !over ");
}
END_TEST

START_TEST(a_hole_that_was_acknowledged_is_given_up_in_time)
{
    struct scene scene = scene_open();
    scene_start(&scene);
    shake_hands(&scene);
    say(&scene, 5, "fg");
    send_tcp(&scene, RESPONDER, TCP_ACK, SERVER_ISN + 1, CLIENT_ISN + 8, "");
    ck_assert_str_eq(text_string(&scene.told), "");
    scene.now_ns += 3 * SECOND;
    send_tcp(&scene, RESPONDER, TCP_ACK, SERVER_ISN + 1, CLIENT_ISN + 8, "");
    ck_assert_str_eq(text_string(&scene.told), "o-5 o:fg ");
    ck_assert_uint_eq(tracker_counts(scene.tracker).gap_bytes, 5);
    scene_expect(&scene, "o-5 o:fg !over ");
}
END_TEST

START_TEST(what_was_acknowledged_and_never_captured_is_missing)
{
    struct scene scene = scene_open();
    scene_start(&scene);
    shake_hands(&scene);
    say(&scene, 0, "ab");
    send_tcp(&scene, RESPONDER, TCP_ACK, SERVER_ISN + 1, CLIENT_ISN + 103, "");
    scene_expect(&scene, "o:ab o-99 !over ");
}
END_TEST

START_TEST(bytes_cut_off_by_the_capture_are_a_gap)
{
    struct scene scene = scene_open();
    scene_start(&scene);
    shake_hands(&scene);
    struct packet packet = packet_from(ORIGINATOR, 40000);
    packet.tcp_flags = TCP_ACK;
    packet.seq = CLIENT_ISN + 1;
    packet.payload = bytes_from_string("abc");
    packet.payload_missing = 7;
    send_packet(&scene, packet);
    say(&scene, 10, "next");
    scene_expect(&scene, "o:abc o-7 o:next !over ");
}
END_TEST

START_TEST(a_forged_syn_or_reset_does_not_stop_a_flow)
{
    struct scene scene = scene_open();
    scene_start(&scene);
    shake_hands(&scene);
    say(&scene, 0, "ab");
    send_tcp(&scene, ORIGINATOR, TCP_SYN, 777777777, 0, "");
    send_tcp(&scene, ORIGINATOR, TCP_RST, 3333333333, 0, "");
    say(&scene, 2, "cd");
    send_tcp(&scene, ORIGINATOR, TCP_RST, CLIENT_ISN + 5, 0, "");
    say(&scene, 4, "ef");
    scene_expect(&scene, "o:ab o:cd o:ef !over ");
}
END_TEST

START_TEST(a_syn_on_a_closed_flow_begins_another)
{
    struct scene scene = scene_open();
    scene_start(&scene);
    shake_hands(&scene);
    say(&scene, 0, "ab");
    send_tcp(&scene, ORIGINATOR, TCP_FIN | TCP_ACK, CLIENT_ISN + 3, SERVER_ISN + 1, "");
    send_tcp(&scene, RESPONDER, TCP_FIN | TCP_ACK, SERVER_ISN + 1, CLIENT_ISN + 4, "");
    send_tcp(&scene, ORIGINATOR, TCP_SYN, 500000, 0, "");
    send_tcp(&scene, ORIGINATOR, TCP_ACK, 500001, 1, "again");
    ck_assert_uint_eq(tracker_counts(scene.tracker).flows, 2);
    scene_expect(&scene, "o:ab !closed o:again !over ");
}
END_TEST

START_TEST(data_behind_a_new_syn_confirms_that_ports_were_reused)
{
    struct scene scene = scene_open();
    scene_start(&scene);
    shake_hands(&scene);
    say(&scene, 0, "old");
    send_tcp(&scene, ORIGINATOR, TCP_SYN, 900000000, 0, "");
    send_tcp(&scene, RESPONDER, TCP_SYN | TCP_ACK, 70000000, 900000001, "");
    send_tcp(&scene, ORIGINATOR, TCP_ACK, 900000001, 70000001, "new");
    send_tcp(&scene, RESPONDER, TCP_ACK, 70000001, 900000004, "answer");
    scene_expect(&scene, "o:old !reused o:new r:answer !over ");
}
END_TEST

START_TEST(of_two_syn_acks_the_data_says_which_was_meant)
{
    struct scene scene = scene_open();
    scene_start(&scene);
    send_tcp(&scene, ORIGINATOR, TCP_SYN, CLIENT_ISN, 0, "");
    send_tcp(&scene, RESPONDER, TCP_SYN | TCP_ACK, SERVER_ISN, CLIENT_ISN + 1, "");
    send_tcp(&scene, RESPONDER, TCP_SYN | TCP_ACK, 123456789, CLIENT_ISN + 1, "");
    send_tcp(&scene, RESPONDER, TCP_ACK, 123456790, CLIENT_ISN + 1, "this");
    scene_expect(&scene, "r:this !over ");
}
END_TEST

START_TEST(without_a_syn_the_well_known_port_is_the_server)
{
    struct scene scene = scene_open();
    scene_start(&scene);
    send_tcp(&scene, RESPONDER, TCP_ACK, 5000, 100, "from the middle");
    send_tcp(&scene, ORIGINATOR, TCP_ACK, 100, 5015, "of it");
    scene_expect(&scene, "r:from the middle o:of it !over ");
}
END_TEST

START_TEST(a_silent_flow_times_out_and_an_unanswered_one_sooner)
{
    struct scene scene = scene_open();
    scene_start(&scene);
    shake_hands(&scene);
    say(&scene, 0, "ab");
    send_packet(
        &scene, (struct packet){.from_port = 1, .protocol = IPPROTO_TCP, .tcp_flags = TCP_SYN});
    ck_assert_uint_eq(tracker_open_flows(scene.tracker), 2);
    tracker_tick(scene.tracker, scene.now_ns + 40 * SECOND, scene.frame);
    ck_assert_uint_eq(tracker_open_flows(scene.tracker), 1);
    tracker_tick(scene.tracker, scene.now_ns + 400 * SECOND, scene.frame);
    ck_assert_uint_eq(tracker_open_flows(scene.tracker), 0);
    scene_expect(&scene, "o:ab !idle ");
}
END_TEST

START_TEST(a_quiet_flow_is_only_counted)
{
    struct scene scene = scene_open();
    scene.quiet_at_once = true;
    scene_start(&scene);
    shake_hands(&scene);
    say(&scene, 0, "ab");
    say(&scene, 2, "cd");
    ck_assert_uint_eq(tracker_counts(scene.tracker).analysed, 5);
    scene_expect(&scene, "o:ab !over ");
}
END_TEST

START_TEST(beyond_the_limit_the_flow_that_matters_least_is_shed)
{
    struct scene scene = scene_open();
    scene.options.flows = 3;
    scene_start(&scene);
    shake_hands(&scene);
    say(&scene, 0, "kept");
    for (uint16_t port = 1; port <= 20; port++) {
        struct packet packet = packet_from(ORIGINATOR, port);
        packet.tcp_flags = TCP_SYN;
        send_packet(&scene, packet);
    }
    say(&scene, 4, " on");
    ck_assert_uint_eq(tracker_counts(scene.tracker).shed, 18);
    scene_expect(&scene, "o:kept o: on !over ");
}
END_TEST

START_TEST(a_budget_that_runs_out_is_survived_and_counted)
{
    struct scene scene = scene_open();
    scene.pool.limit = (size_t)_i * 4096;
    scene_start(&scene);
    for (uint16_t port = 1; port < 400; port++) {
        struct packet packet = packet_from(ORIGINATOR, port);
        packet.tcp_flags = TCP_ACK;
        packet.seq = port % 3 ? 1 : 50;
        packet.payload = bytes_from_string("some bytes");
        send_packet(&scene, packet);
    }
    struct tracker_counts counts = tracker_counts(scene.tracker);
    ck_assert_uint_eq(counts.packets, 399);
    ck_assert_uint_eq(
        counts.packets, counts.analysed + counts.bad_checksum + counts.offloaded + counts.no_flow);
    ck_assert_uint_le(scene.pool.peak, scene.pool.limit);
    tracker_free(scene.tracker);
    ck_assert_uint_eq(scene.pool.used, 0);
    text_free(&scene.told);
}
END_TEST

START_TEST(far_data_alone_is_not_believed_but_a_run_of_it_is)
{
    struct scene scene = scene_open();
    scene_start(&scene);
    shake_hands(&scene);
    say(&scene, 0, "ab");
    say(&scene, 500000, "forged");
    say(&scene, 2, "cd");
    say(&scene, 600000, "x");
    say(&scene, 600001, "y");
    say(&scene, 600002, "z");
    scene_expect(&scene, "o:ab o:cd o-599996 o:x o:y o:z !over ");
}
END_TEST

/* Random segments of a random text, some twice, in an order that is random within a window: what is
 * told must be the text. */
START_TEST(random_segments_come_out_as_the_text)
{
    enum { LENGTH = 4000, SEGMENTS = 600, LONGEST = 40 };
    static char text[LENGTH + 1];
    unsigned seed = 20260000U + (unsigned)_i;
    struct {
        uint32_t at, len;
    } segments[SEGMENTS + LENGTH / LONGEST + 1];
    size_t count = 0;
    srandom(seed);
    for (size_t i = 0; i < LENGTH; i++)
        text[i] = (char)('a' + random() % 26);
    for (uint32_t at = 0; at < LENGTH; at += LONGEST, count++) {
        segments[count].at = at;
        segments[count].len = LENGTH - at < LONGEST ? LENGTH - at : LONGEST;
    }
    for (size_t i = 0; i < SEGMENTS; i++, count++) {
        segments[count].at = (uint32_t)random() % LENGTH;
        uint32_t most = LENGTH - segments[count].at;
        segments[count].len = 1 + (uint32_t)random() % (most < LONGEST ? most : LONGEST);
    }
    for (size_t i = count; i > 1; i--) {
        size_t k = (size_t)random() % i;
        uint32_t at = segments[i - 1].at, len = segments[i - 1].len;
        segments[i - 1] = segments[k];
        segments[k].at = at;
        segments[k].len = len;
    }
    struct scene scene = scene_open();
    scene_start(&scene);
    shake_hands(&scene);
    for (size_t i = 0; i < count; i++) {
        char part[LONGEST + 1];
        memcpy(part, text + segments[i].at, segments[i].len);
        part[segments[i].len] = '\0';
        say(&scene, segments[i].at, part);
    }
    struct text whole = {0};
    struct bytes told = text_bytes(&scene.told);
    for (size_t i = 0; i < told.len; i++)
        if (told.at[i] == 'o' && i + 1 < told.len && told.at[i + 1] == ':')
            i++;
        else if (told.at[i] != ' ')
            text_add_char(&whole, (char)told.at[i]);
    ck_assert_msg(whole.len == LENGTH && !strcmp(text_string(&whole), text), "seed %u", seed);
    text_free(&whole);
    tracker_free(scene.tracker);
    ck_assert_uint_eq(scene.pool.used, 0);
    text_free(&scene.told);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("tracker");
    TCase *c = tcase_create("tracker");
    tcase_add_test(c, both_sides_are_told_in_order_and_the_end_once);
    tcase_add_loop_test(c, five_segments_in_any_order_are_one_text, 0, 120);
    tcase_add_test(c, single_bytes_backwards_and_twice_are_one_text);
    tcase_add_test(c, of_two_overlapping_segments_the_policy_chooses);
    tcase_add_test(c, sequence_numbers_wrap);
    tcase_add_test(c, a_hole_is_told_as_a_gap_when_the_capture_ends);
    tcase_add_test(c, a_hole_that_was_acknowledged_is_given_up_in_time);
    tcase_add_test(c, what_was_acknowledged_and_never_captured_is_missing);
    tcase_add_test(c, bytes_cut_off_by_the_capture_are_a_gap);
    tcase_add_test(c, a_forged_syn_or_reset_does_not_stop_a_flow);
    tcase_add_test(c, a_syn_on_a_closed_flow_begins_another);
    tcase_add_test(c, data_behind_a_new_syn_confirms_that_ports_were_reused);
    tcase_add_test(c, of_two_syn_acks_the_data_says_which_was_meant);
    tcase_add_test(c, without_a_syn_the_well_known_port_is_the_server);
    tcase_add_test(c, a_silent_flow_times_out_and_an_unanswered_one_sooner);
    tcase_add_test(c, a_quiet_flow_is_only_counted);
    tcase_add_test(c, beyond_the_limit_the_flow_that_matters_least_is_shed);
    tcase_add_loop_test(c, a_budget_that_runs_out_is_survived_and_counted, 0, 40);
    tcase_add_test(c, far_data_alone_is_not_believed_but_a_run_of_it_is);
    tcase_add_loop_test(c, random_segments_come_out_as_the_text, 0, 30);
    suite_add_tcase(s, c);
    return s;
}
