/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/frames.h"

#include <check.h>
#include <stdio.h>

enum { RAW = 101, ETHERNET = 1, UDP = 17, BUDGET = 1 << 20 };

static const int64_t second = 1000000000;

/* A fragment of an IPv4 packet with UDP: so much of `whole`. */
static struct bytes
piece(struct frames *f, unsigned id, struct bytes whole, size_t offset, size_t len, bool more)
{
    char header[100];
    struct bytes bytes = bytes_first(bytes_skip(whole, offset), len);
    snprintf(header, sizeof header, "45 00 %04zx %04x %04zx 40 11 0000 0a000001 0a000002",
        20 + bytes.len, id, offset / 8 | (more ? 0x2000u : 0u));
    return put(f, header, bytes);
}

static struct bytes
piece_v6(struct frames *f, unsigned id, uint8_t next, struct bytes whole, size_t offset, size_t len,
    bool more)
{
    char header[100];
    struct bytes bytes = bytes_first(bytes_skip(whole, offset), len);
    snprintf(header, sizeof header, "%02x 00 %04zx %08x", next, offset | (more ? 1u : 0u), id);
    return put_ipv6(f, 44, put(f, header, bytes));
}

/* A UDP datagram of 32 bytes: four fragments of eight. */
static const char text[] = "abcdefghijklmnopqrstuvwx";

static struct bytes
datagram(struct frames *f)
{
    return put_udp(f, 40000, 443, put_text(f, text));
}

static void
assert_joined(struct frames *f, const char *payload)
{
    ck_assert(f->joined);
    ck_assert(bytes_equal_string(f->packet.payload, payload));
    ck_assert_uint_eq(f->packet.to_port, 443);
    ck_assert_uint_eq(f->packet.frame, f->number);
    ck_assert_int_eq(f->packet.checksum, CHECKSUM_UNTRIED);
}

START_TEST(fragments_are_joined_in_every_order)
{
    static const uint8_t orders[24][4] = {{0, 1, 2, 3}, {0, 1, 3, 2}, {0, 2, 1, 3}, {0, 2, 3, 1},
        {0, 3, 1, 2}, {0, 3, 2, 1}, {1, 0, 2, 3}, {1, 0, 3, 2}, {1, 2, 0, 3}, {1, 2, 3, 0},
        {1, 3, 0, 2}, {1, 3, 2, 0}, {2, 0, 1, 3}, {2, 0, 3, 1}, {2, 1, 0, 3}, {2, 1, 3, 0},
        {2, 3, 0, 1}, {2, 3, 1, 0}, {3, 0, 1, 2}, {3, 0, 2, 1}, {3, 1, 0, 2}, {3, 1, 2, 0},
        {3, 2, 0, 1}, {3, 2, 1, 0}};
    struct frames f;
    frames_begin(&f, BUDGET);
    struct bytes whole = datagram(&f);
    for (unsigned v6 = 0; v6 < 2; v6++) {
        for (size_t i = 0; i < 4; i++) {
            size_t n = orders[_i][i];
            struct bytes packet = v6 ? piece_v6(&f, 7, UDP, whole, n * 8, 8, n < 3)
                                     : piece(&f, 7, whole, n * 8, 8, n < 3);
            ck_assert_int_eq(peel(&f, RAW, packet), i < 3 ? PEEL_FRAGMENT : PEELED);
        }
        assert_joined(&f, text);
    }
    ck_assert_uint_eq(peeler_fragments(f.peeler).joined, 2);
    ck_assert_uint_eq(peeler_fragments(f.peeler).given_up, 0);
    ck_assert_uint_eq(peeler_fragments(f.peeler).ambiguous, 0);
    frames_end(&f);
}
END_TEST

START_TEST(packets_are_told_apart_by_what_they_share)
{
    struct frames f;
    frames_begin(&f, BUDGET);
    struct bytes whole = datagram(&f);
    struct bytes first = piece(&f, 7, whole, 0, 16, true);
    struct bytes last = piece(&f, 7, whole, 16, 16, false);
    static const char *const others[] = {
        "45 00 0024 0008 0002 40 11 0000 0a000001 0a000002", /* another id */
        "45 00 0024 0007 0002 40 06 0000 0a000001 0a000002", /* another protocol */
        "45 00 0024 0007 0002 40 11 0000 0a000003 0a000002", /* another sender */
        "45 00 0024 0007 0002 40 11 0000 0a000001 0a000003", /* another receiver */
    };
    ck_assert_int_eq(peel(&f, RAW, first), PEEL_FRAGMENT);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_int_eq(peel(&f, RAW, put(&f, others[i], bytes_skip(whole, 16))), PEEL_FRAGMENT);
    struct bytes vlan = put(&f, "020000000002 020000000001 8100 0007 0800", last);
    ck_assert_int_eq(peel(&f, ETHERNET, vlan), PEEL_FRAGMENT);
    struct bytes tunnel = put_ipv4(&f, 47, put(&f, "2000 0800 00000001", last));
    ck_assert_int_eq(peel(&f, RAW, tunnel), PEEL_FRAGMENT);
    ck_assert_int_eq(peel(&f, RAW, last), PEELED);
    assert_joined(&f, text);
    frames_end(&f);
}
END_TEST

START_TEST(of_overlapping_bytes_the_first_count)
{
    struct frames f;
    frames_begin(&f, BUDGET);
    struct bytes whole = datagram(&f);
    struct bytes other = put_udp(&f, 40000, 443, put_text(&f, "ABCDEFGHIJKLMNOPQRSTUVWX"));

    ck_assert_int_eq(peel(&f, RAW, piece(&f, 1, whole, 8, 8, true)), PEEL_FRAGMENT);
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 1, whole, 8, 8, true)), PEEL_FRAGMENT);
    ck_assert_uint_eq(peeler_fragments(f.peeler).ambiguous, 0); /* sent again, but the same */
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 1, other, 0, 24, true)), PEEL_FRAGMENT);
    ck_assert_uint_eq(peeler_fragments(f.peeler).ambiguous, 1);
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 1, whole, 24, 8, false)), PEELED);
    assert_joined(&f, "abcdefghIJKLMNOPqrstuvwx");

    ck_assert_int_eq(peel(&f, RAW, piece(&f, 2, whole, 0, 8, true)), PEEL_FRAGMENT);
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 2, whole, 16, 8, true)), PEEL_FRAGMENT);
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 2, other, 8, 24, false)), PEELED);
    assert_joined(&f, "ABCDEFGHijklmnopQRSTUVWX");
    ck_assert_uint_eq(peeler_fragments(f.peeler).ambiguous, 2);
    frames_end(&f);
}
END_TEST

START_TEST(a_second_end_is_not_believed)
{
    struct frames f;
    frames_begin(&f, BUDGET);
    struct bytes whole = datagram(&f);
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 1, whole, 24, 8, false)), PEEL_FRAGMENT);
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 1, whole, 8, 8, false)), PEEL_FRAGMENT);
    struct bytes beyond = piece(&f, 1, whole, 24, 8, true);
    uint8_t *offset = (uint8_t *)beyond.at + 7; /* moved eight bytes on */
    *offset = 4;
    ck_assert_int_eq(peel(&f, RAW, beyond), PEEL_FRAGMENT);
    ck_assert_uint_eq(peeler_fragments(f.peeler).ambiguous, 2);
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 1, whole, 0, 24, true)), PEELED);
    assert_joined(&f, text);
    frames_end(&f);
}
END_TEST

START_TEST(an_end_before_what_was_seen_is_not_believed)
{
    struct frames f;
    frames_begin(&f, BUDGET);
    struct bytes whole = datagram(&f);
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 1, whole, 16, 8, true)), PEEL_FRAGMENT);
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 1, whole, 8, 8, false)), PEEL_FRAGMENT);
    ck_assert_uint_eq(peeler_fragments(f.peeler).ambiguous, 1);
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 1, whole, 0, 16, true)), PEEL_FRAGMENT);
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 1, whole, 24, 8, false)), PEELED);
    assert_joined(&f, text);
    frames_end(&f);
}
END_TEST

START_TEST(a_rest_that_comes_too_late_is_another_packet)
{
    struct frames f;
    frames_begin(&f, BUDGET);
    struct bytes whole = datagram(&f);
    f.now_ns = 100 * second;
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 1, whole, 0, 16, true)), PEEL_FRAGMENT);
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 2, whole, 0, 16, true)), PEEL_FRAGMENT);
    f.now_ns += 30 * second;
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 1, whole, 16, 16, false)), PEELED);
    assert_joined(&f, text);
    f.now_ns++;
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 2, whole, 16, 16, false)), PEEL_FRAGMENT);
    ck_assert_uint_eq(peeler_fragments(f.peeler).given_up, 1);
    f.now_ns = INT64_MIN; /* absurd, and before everything: nothing has timed out */
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 2, whole, 0, 16, true)), PEELED);
    frames_end(&f);
}
END_TEST

START_TEST(what_the_capture_cut_off_is_missing)
{
    struct frames f;
    frames_begin(&f, BUDGET);
    struct bytes whole = datagram(&f);
    struct bytes first = piece(&f, 1, whole, 0, 16, true);
    ck_assert_int_eq(peel_cut(&f, RAW, first, first.len - 2), PEEL_FRAGMENT);
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 1, whole, 16, 16, false)), PEELED);
    ck_assert(f.joined && bytes_equal_string(f.packet.payload, "abcdef"));
    ck_assert_uint_eq(f.packet.payload_missing, 18);
    ck_assert_int_eq(f.packet.checksum, CHECKSUM_UNKNOWN);
    frames_end(&f);
}
END_TEST

START_TEST(oddities_end_as_they_should)
{
    static const struct {
        const char *name;
        enum peel_result result;
        const char *packet;
    } cases[] = {
        {"empty", PEEL_MALFORMED, "45 00 0014 0001 2000 40 11 0000 0a000001 0a000002"},
        {"seven bytes, and more", PEEL_MALFORMED,
            "45 00 001b 0001 2000 40 11 0000 0a000001 0a000002 01020304050607"},
        {"past 64 KiB", PEEL_MALFORMED,
            "45 00 001c 0001 1fff 40 11 0000 0a000001 0a000002 0102030405060708"},
        {"up to 64 KiB", PEEL_FRAGMENT,
            "45 00 001b 0001 1fff 40 11 0000 0a000001 0a000002 01020304050607"},
        {"twelve bytes, and more: eight count", PEEL_FRAGMENT,
            "45 00 0020 0002 2000 40 11 0000 0a000001 0a000002 9c4001bb000a0000 01020304"},
        {"… the rest", PEELED, "45 00 0016 0002 0001 40 11 0000 0a000001 0a000002 0102"},
    };
    struct frames f;
    frames_begin(&f, BUDGET);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes packet = put(&f, cases[i].packet, (struct bytes){0});
        enum peel_result result = peel(&f, RAW, packet);
        ck_assert_msg(result == cases[i].result, "%s: %s", cases[i].name, peel_result_name(result));
    }
    ck_assert_uint_eq(f.packet.payload.len, 2);
    frames_end(&f);
}
END_TEST

START_TEST(the_budget_holds_and_the_oldest_are_given_up)
{
    enum { PACKETS = 5000, SMALL = 64 << 10 };
    struct frames f;
    frames_begin(&f, SMALL);
    struct bytes whole = datagram(&f);
    for (unsigned id = 0; id < PACKETS; id++) {
        ck_assert_int_eq(peel(&f, RAW, piece(&f, id, whole, 0, 16, true)), PEEL_FRAGMENT);
        ck_assert_uint_le(f.fragments.used, SMALL);
    }
    ck_assert_uint_gt(peeler_fragments(f.peeler).given_up, PACKETS / 2);
    struct bytes newest = piece(&f, PACKETS - 1, whole, 16, 16, false);
    ck_assert_int_eq(peel(&f, RAW, newest), PEELED);
    assert_joined(&f, text);
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 0, whole, 16, 16, false)), PEEL_FRAGMENT);
    frames_end(&f);
}
END_TEST

START_TEST(without_a_budget_nothing_is_kept)
{
    struct frames f;
    frames_begin(&f, 100);
    struct bytes whole = datagram(&f);
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 1, whole, 0, 16, true)), PEEL_FRAGMENT);
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 1, whole, 16, 16, false)), PEEL_FRAGMENT);
    ck_assert_uint_eq(peeler_fragments(f.peeler).given_up, 2);
    frames_end(&f);
}
END_TEST

/* Every second piece of eight bytes: each is a range of its own. */
START_TEST(a_packet_in_too_many_pieces_is_given_up)
{
    struct frames f;
    frames_begin(&f, BUDGET);
    static uint8_t zeros[4096];
    struct bytes whole = bytes_of(zeros, sizeof zeros);
    for (size_t i = 0; i < 64; i++)
        ck_assert_int_eq(peel(&f, RAW, piece(&f, 1, whole, i * 16, 8, true)), PEEL_FRAGMENT);
    ck_assert_uint_eq(peeler_fragments(f.peeler).given_up, 0);
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 1, whole, 64 * 16, 8, true)), PEEL_FRAGMENT);
    ck_assert_uint_eq(peeler_fragments(f.peeler).given_up, 1);

    for (size_t i = 0; i < 1025; i++) /* the same piece over and over */
        ck_assert_int_eq(peel(&f, RAW, piece(&f, 2, whole, 0, 8, true)), PEEL_FRAGMENT);
    ck_assert_uint_eq(peeler_fragments(f.peeler).given_up, 2);
    frames_end(&f);
}
END_TEST

START_TEST(the_largest_packet_is_joined)
{
    enum { WHOLE = 65528, PIECE = 1480 };
    struct frames f;
    frames_begin(&f, BUDGET);
    static uint8_t zeros[WHOLE - 8];
    struct bytes whole = put_udp(&f, 40000, 443, bytes_of(zeros, sizeof zeros));
    ck_assert_uint_eq(whole.len, WHOLE);
    for (size_t at = 0; at < WHOLE; at += PIECE) {
        bool more = at + PIECE < WHOLE;
        struct bytes packet = piece(&f, 1, whole, at, PIECE, more);
        ck_assert_int_eq(peel(&f, RAW, packet), more ? PEEL_FRAGMENT : PEELED);
    }
    ck_assert_uint_eq(f.packet.payload.len, sizeof zeros);
    frames_end(&f);
}
END_TEST

START_TEST(the_first_fragment_of_ipv6_says_what_is_carried)
{
    struct frames f;
    frames_begin(&f, BUDGET);
    struct bytes whole = datagram(&f);
    ck_assert_int_eq(peel(&f, RAW, piece_v6(&f, 1, 6, whole, 16, 16, false)), PEEL_FRAGMENT);
    ck_assert_int_eq(peel(&f, RAW, piece_v6(&f, 1, UDP, whole, 0, 16, true)), PEELED);
    ck_assert_uint_eq(f.packet.protocol, UDP);
    frames_end(&f);
}
END_TEST

START_TEST(fragments_in_and_around_tunnels_are_joined)
{
    struct frames f;
    frames_begin(&f, BUDGET);
    struct bytes whole = datagram(&f);
    struct bytes inside = put_ipv4(&f, 47, put(&f, "0000 0800", piece(&f, 1, whole, 0, 16, true)));
    ck_assert_int_eq(peel(&f, RAW, inside), PEEL_FRAGMENT);

    /* The tunnel's own packet comes in two fragments, and completes the one inside it. */
    struct bytes frame = put_ethernet(&f, 0x0800, piece(&f, 1, whole, 16, 16, false));
    struct bytes outer = put(&f, "0000 0800", piece(&f, 1, whole, 16, 16, false));
    struct bytes vxlan = put_udp(&f, 50000, 4789, put(&f, "08000000 00000100", frame));
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 2, vxlan, 0, 24, true)), PEEL_FRAGMENT);
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 2, vxlan, 24, 100, false)), PEEL_FRAGMENT);
    ck_assert_uint_eq(peeler_fragments(f.peeler).joined, 1); /* the outer; the inner is another's */
    ck_assert_int_eq(peel(&f, RAW, put_ipv4(&f, 47, outer)), PEELED);
    assert_joined(&f, text);
    ck_assert_str_eq(f.packet.path.tunnel, "gre");

    struct bytes first = put_ethernet(&f, 0x0800, piece(&f, 1, whole, 0, 16, true));
    vxlan = put_udp(&f, 50000, 4789, put(&f, "08000000 00000100", first));
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 3, vxlan, 24, 100, false)), PEEL_FRAGMENT);
    ck_assert_int_eq(peel(&f, RAW, piece(&f, 3, vxlan, 0, 24, true)), PEELED);
    assert_joined(&f, text);
    ck_assert_str_eq(f.packet.path.tunnel, "vxlan");
    ck_assert_uint_eq(f.packet.path.tunnel_id, 1);
    frames_end(&f);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("fragments");
    TCase *c = tcase_create("fragments");
    tcase_add_loop_test(c, fragments_are_joined_in_every_order, 0, 24);
    tcase_add_test(c, packets_are_told_apart_by_what_they_share);
    tcase_add_test(c, of_overlapping_bytes_the_first_count);
    tcase_add_test(c, a_second_end_is_not_believed);
    tcase_add_test(c, an_end_before_what_was_seen_is_not_believed);
    tcase_add_test(c, a_rest_that_comes_too_late_is_another_packet);
    tcase_add_test(c, what_the_capture_cut_off_is_missing);
    tcase_add_test(c, oddities_end_as_they_should);
    tcase_add_test(c, the_budget_holds_and_the_oldest_are_given_up);
    tcase_add_test(c, without_a_budget_nothing_is_kept);
    tcase_add_test(c, a_packet_in_too_many_pieces_is_given_up);
    tcase_add_test(c, the_largest_packet_is_joined);
    tcase_add_test(c, the_first_fragment_of_ipv6_says_what_is_carried);
    tcase_add_test(c, fragments_in_and_around_tunnels_are_joined);
    suite_add_tcase(s, c);
    return s;
}
