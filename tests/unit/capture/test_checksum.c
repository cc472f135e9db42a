/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/frames.h"

#include <check.h>

enum { RAW = 101, TCP = 6, UDP = 17 };

/* Made with another implementation of RFC 1071. */
static const struct {
    const char *name;
    uint8_t protocol;
    const char *header;
    const char *payload;
    const char *ipv4, *ipv6; /* the checksum over either */
} segments[] = {
    {"TCP, empty", TCP, "9c40 01bb 00000001 00000002 50 18 2000", "", "ddcb", "9659"},
    {"TCP, odd", TCP, "9c40 01bb 00000001 00000002 50 18 2000", "hello", "99f4", "5282"},
    {"TCP, even", TCP, "9c40 01bb 00000001 00000002 50 18 2000", "hello, world", "9d73", "5601"},
    {"UDP, empty", UDP, "9c40 01bb 0008", "", "4de0", "066e"},
    {"UDP, odd", UDP, "9c40 01bb 000d", "hello", "0a04", "c291"},
    {"UDP, even", UDP, "9c40 01bb 0014", "hello, world", "0d7c", "c609"},
};

/* The packet with a checksum, and the urgent pointer for TCP. */
static struct bytes
segment(struct frames *f, size_t i, const char *checksum)
{
    struct bytes rest = put_text(f, segments[i].payload);
    if (segments[i].protocol == TCP)
        rest = put(f, "0000", rest);
    return put(f, segments[i].header, put(f, checksum, rest));
}

START_TEST(a_right_checksum_is_good)
{
    struct frames f;
    frames_begin(&f, 0);
    struct bytes packets[] = {
        put_ipv4(&f, segments[_i].protocol, segment(&f, (size_t)_i, segments[_i].ipv4)),
        put_ipv6(&f, segments[_i].protocol, segment(&f, (size_t)_i, segments[_i].ipv6)),
    };
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(peel(&f, RAW, packets[i]), PEELED);
        ck_assert_int_eq(f.packet.checksum, CHECKSUM_UNTRIED);
        ck_assert_msg(packet_checksum_good(&f.packet), "%s in %zu", segments[_i].name, i);
    }
    frames_end(&f);
}
END_TEST

/* Flips each bit that the checksum covers: addresses, ports, everything behind. */
START_TEST(a_flipped_bit_is_found)
{
    struct frames f;
    frames_begin(&f, 0);
    struct bytes packet =
        put_ipv4(&f, segments[_i].protocol, segment(&f, (size_t)_i, segments[_i].ipv4));
    for (size_t bit = 12 * 8; bit < packet.len * 8; bit++) {
        struct bytes copy = put(&f, "", packet);
        uint8_t *flipped = (uint8_t *)copy.at;
        flipped[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (peel(&f, RAW, copy) == PEELED && f.packet.segment.len + 20 == packet.len)
            ck_assert_msg(!packet_checksum_good(&f.packet), "%s: bit %zu", segments[_i].name, bit);
    }
    frames_end(&f);
}
END_TEST

START_TEST(padding_behind_the_packet_does_not_count)
{
    struct frames f;
    frames_begin(&f, 0);
    struct bytes packet = put(&f,
        "020000000002 020000000001 0800 45 00 0021 0001 0000 40 11 0000 0a000001 0a000002"
        "9c40 01bb 000d 0a04 'hello' deadbeef",
        (struct bytes){0});
    ck_assert_int_eq(peel(&f, 1, packet), PEELED);
    ck_assert(packet_checksum_good(&f.packet));
    frames_end(&f);
}
END_TEST

START_TEST(udp_may_have_none)
{
    struct frames f;
    frames_begin(&f, 0);
    ck_assert_int_eq(
        peel(&f, RAW, put_ipv4(&f, UDP, put_udp(&f, 1, 2, put_text(&f, "x")))), PEELED);
    ck_assert(packet_checksum_good(&f.packet));
    ck_assert_int_eq(peel(&f, RAW, put_ipv4(&f, TCP, put_tcp(&f, put_text(&f, "x")))), PEELED);
    ck_assert(!packet_checksum_good(&f.packet));
    frames_end(&f);
}
END_TEST

START_TEST(udp_writes_ffff_for_a_sum_of_zero)
{
    struct frames f;
    frames_begin(&f, 0);
    struct bytes packet = put_ipv4(&f, UDP, put(&f, "9c40 01bb 000a ffff 4ddc", (struct bytes){0}));
    ck_assert_int_eq(peel(&f, RAW, packet), PEELED);
    ck_assert(packet_checksum_good(&f.packet));
    frames_end(&f);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("checksum");
    TCase *c = tcase_create("checksum");
    size_t count = sizeof segments / sizeof *segments;
    tcase_add_loop_test(c, a_right_checksum_is_good, 0, (int)count);
    tcase_add_loop_test(c, a_flipped_bit_is_found, 0, (int)count);
    tcase_add_test(c, padding_behind_the_packet_does_not_count);
    tcase_add_test(c, udp_may_have_none);
    tcase_add_test(c, udp_writes_ffff_for_a_sum_of_zero);
    suite_add_tcase(s, c);
    return s;
}
