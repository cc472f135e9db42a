/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/frames.h"

#include <check.h>
#include <stdlib.h>

enum { RAW = 101, ETHERNET = 1, TCP = 6, UDP = 17 };

static bool
is_address(const struct address *address, const char *text)
{
    char actual[ADDRESS_TEXT];
    address_to_text(address, actual);
    return strcmp(actual, text) == 0;
}

START_TEST(an_ipv4_tcp_segment_is_told)
{
    struct frames f;
    frames_begin(&f, 0);
    f.now_ns = 1234567890;
    struct bytes frame = put_web(&f, "hello");
    ck_assert_int_eq(peel(&f, ETHERNET, frame), PEELED);
    ck_assert(is_address(&f.packet.from, "10.0.0.1") && is_address(&f.packet.to, "10.0.0.2"));
    ck_assert_uint_eq(f.packet.from_port, 40000);
    ck_assert_uint_eq(f.packet.to_port, 443);
    ck_assert_uint_eq(f.packet.protocol, TCP);
    ck_assert_uint_eq(f.packet.tcp_flags, TCP_PSH | TCP_ACK);
    ck_assert_uint_eq(f.packet.seq, 1);
    ck_assert_uint_eq(f.packet.ack, 2);
    ck_assert_uint_eq(f.packet.segment.len, 25);
    ck_assert(bytes_equal_string(f.packet.payload, "hello"));
    ck_assert_int_eq(f.packet.checksum, CHECKSUM_UNTRIED);
    ck_assert_int_eq(f.packet.ts_ns, 1234567890);
    ck_assert(!f.joined);
    frames_end(&f);
}
END_TEST

#define V4_ADDRESSES "0a000001 0a000002"
#define V6_ADDRESSES "20010db8000000000000000000000001 20010db8000000000000000000000002"

START_TEST(padding_of_ethernet_is_no_payload)
{
    struct frames f;
    frames_begin(&f, 0);
    struct bytes padded = put(&f,
        "020000000002 020000000001 0800 4500 0028 0001 0000 40 06 0000 0a000001 0a000002"
        "9c40 01bb 00000001 00000002 50 10 2000 0000 0000  'padded'",
        (struct bytes){0});
    ck_assert_int_eq(peel(&f, ETHERNET, padded), PEELED);
    ck_assert_uint_eq(f.packet.payload.len, 0);
    ck_assert_uint_eq(f.packet.segment.len, 20);
    ck_assert_uint_eq(f.packet.payload_missing, 0);
    frames_end(&f);
}
END_TEST

START_TEST(what_the_capture_cut_off_is_missing)
{
    struct frames f;
    frames_begin(&f, 0);
    struct bytes web = put_web(&f, "hello");
    ck_assert_int_eq(peel_cut(&f, ETHERNET, web, web.len - 3), PEELED);
    ck_assert(bytes_equal_string(f.packet.payload, "he"));
    ck_assert_uint_eq(f.packet.payload_missing, 3);
    ck_assert_int_eq(f.packet.checksum, CHECKSUM_UNKNOWN);

    struct bytes options = put_ipv4(&f, TCP,
        put(&f, "9c40 01bb 00000001 00000002 60 10 2000 0000 0000 01010101",
            put_text(&f, "hello")));
    ck_assert_int_eq(peel_cut(&f, RAW, options, 42), PEELED); /* within the options of TCP */
    ck_assert_uint_eq(f.packet.payload.len, 0);
    ck_assert_uint_eq(f.packet.payload_missing, 5);
    ck_assert_int_eq(peel_cut(&f, RAW, options, 39), PEEL_CUT);

    /* The frame pretends to be whole, but the IP header knows better. */
    ck_assert_int_eq(peel(&f, ETHERNET, bytes_first(web, web.len - 3)), PEELED);
    ck_assert_uint_eq(f.packet.payload_missing, 3);
    frames_end(&f);
}
END_TEST

START_TEST(lengths_of_zero_mean_all_there_is)
{
    static const struct {
        const char *name;
        const char *packet;
        uint8_t protocol;
    } cases[] = {
        {"IPv4 total length",
            "45 00 0000 0001 0000 40 06 0000 0a000001 0a000002"
            "9c40 01bb 00000001 00000002 50 18 2000 0000 0000 'hello'",
            TCP},
        {"IPv6 payload length",
            "60000000 0000 06 40 20010db8000000000000000000000001 20010db8000000000000000000000002"
            "9c40 01bb 00000001 00000002 50 18 2000 0000 0000 'hello'",
            TCP},
        {"UDP length",
            "45 00 0021 0001 0000 40 11 0000 0a000001 0a000002 9c40 01bb 0000 0000 'hello'", UDP},
    };
    struct frames f;
    frames_begin(&f, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes packet = put(&f, cases[i].packet, (struct bytes){0});
        ck_assert_msg(peel(&f, RAW, packet) == PEELED, "%s", cases[i].name);
        ck_assert_uint_eq(f.packet.protocol, cases[i].protocol);
        ck_assert_msg(bytes_equal_string(f.packet.payload, "hello"), "%s", cases[i].name);
        ck_assert_int_eq(peel_cut(&f, RAW, packet, packet.len - 1), PEELED);
        ck_assert_msg(f.packet.payload_missing == 1, "%s", cases[i].name);
    }
    frames_end(&f);
}
END_TEST

/* As kernels hand out what they put together (BIG TCP): with the option, and lately without. */
START_TEST(packets_may_be_longer_than_their_length_field)
{
    enum { MORE = 70000 };
    static const struct {
        const char *name;
        const char *header;
        uint16_t link;
    } cases[] = {
        {"IPv4", "45 00 0000 0001 0000 40 06 0000 0a000001 0a000002", RAW},
        {"IPv6", "60000000 0000 06 40" V6_ADDRESSES, RAW},
        {"IPv6 with the option", "60000000 0000 00 40" V6_ADDRESSES "06 00 c204 0001118c", RAW},
        {"IPv6 with padding and the option",
            "60000000 0000 00 40" V6_ADDRESSES "06 01 0100 00 c204 00011194 0103000000", RAW},
        {"IPv6 with another option", "60000000 0000 00 40" V6_ADDRESSES "06 00 010400000000", RAW},
    };
    struct frames f;
    frames_begin(&f, 0);
    uint8_t *data = calloc(1, MORE);
    ck_assert_ptr_nonnull(data);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes segment =
            put(&f, "9c40 01bb 00000001 00000002 50 18 2000 0000 0000", bytes_of(data, MORE));
        struct bytes packet = put(&f, cases[i].header, segment);
        ck_assert_msg(peel(&f, cases[i].link, packet) == PEELED, "%s", cases[i].name);
        ck_assert_msg(f.packet.payload.len == MORE, "%s: %zu", cases[i].name, f.packet.payload.len);
        ck_assert_uint_eq(f.packet.payload_missing, 0);
        ck_assert_int_eq(peel_cut(&f, cases[i].link, packet, packet.len - 9), PEELED);
        ck_assert_msg(f.packet.payload_missing == 9, "%s", cases[i].name);
    }
    free(data);
    frames_end(&f);
}
END_TEST

START_TEST(jumbo_options_that_lie_are_not_believed)
{
    static const char *const headers[] = {
        "06 00 c204 00000007", /* less than the header itself */
        "06 00 c2ff 00010000",
        "06 00 c203 000100 00",
        "06 00 c204 00000000",
    };
    struct frames f;
    frames_begin(&f, 0);
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        struct bytes segment =
            put(&f, "9c40 01bb 00000001 00000002 50 18 2000 0000 0000 'hello'", (struct bytes){0});
        struct bytes options = put(&f, headers[i], segment);
        struct bytes packet = put(&f, "60000000 0000 00 40" V6_ADDRESSES, options);
        ck_assert_msg(peel(&f, RAW, packet) == PEELED, "%s", headers[i]);
        ck_assert_msg(bytes_equal_string(f.packet.payload, "hello"), "%s", headers[i]);
        peel_cut_everywhere(&f, RAW, packet);
    }
    frames_end(&f);
}
END_TEST

START_TEST(a_udp_length_shorter_than_its_packet_counts)
{
    struct frames f;
    frames_begin(&f, 0);
    struct bytes packet =
        put_ipv4(&f, UDP, put(&f, "9c40 01bb 000b 0000 'abcdef'", (struct bytes){0}));
    ck_assert_int_eq(peel(&f, RAW, packet), PEELED);
    ck_assert(bytes_equal_string(f.packet.payload, "abc"));
    ck_assert_uint_eq(f.packet.segment.len, 11);
    ck_assert_uint_eq(f.packet.payload_missing, 0);
    ck_assert_int_eq(peel_cut(&f, RAW, packet, packet.len - 4), PEELED);
    ck_assert(bytes_equal_string(f.packet.payload, "ab"));
    ck_assert_uint_eq(f.packet.payload_missing, 1);
    frames_end(&f);
}
END_TEST

/* Between an IPv6 header and TCP. */
static const struct {
    const char *name;
    uint8_t first;
    const char *headers;
    enum packet_checksum checksum;
} extensions[] = {
    {"none", TCP, "", CHECKSUM_UNTRIED},
    {"hop by hop", 0, "06 00 010400000000", CHECKSUM_UNTRIED},
    {"destination", 60, "06 01 010c000000000000 000000000000", CHECKSUM_UNTRIED},
    {"routing, at its end", 43, "06 02 0000 00000000 20010db8000000000000000000000009",
        CHECKSUM_UNTRIED},
    {"routing, under way", 43, "06 02 0001 00000000 20010db8000000000000000000000009",
        CHECKSUM_UNKNOWN},
    {"authentication", 51, "06 04 0000 00000001 00000001 000000000000000000000000",
        CHECKSUM_UNTRIED},
    {"whole fragment", 44, "06 00 0000 00000001", CHECKSUM_UNTRIED},
    {"mobility", 135, "06 00 000000000000", CHECKSUM_UNTRIED},
    {"host identity", 139, "06 00 000000000000", CHECKSUM_UNTRIED},
    {"shim6", 140, "06 00 000000000000", CHECKSUM_UNTRIED},
    {"several", 0,
        "2b 00 010400000000  3c 00 0000 00000000  2c 00 010400000000  33 00 0000 00000001"
        "06 01 0000 00000001 00000001",
        CHECKSUM_UNTRIED},
};

START_TEST(extension_headers_of_ipv6_are_passed)
{
    struct frames f;
    frames_begin(&f, 0);
    struct bytes rest = put(&f, extensions[_i].headers, put_tcp(&f, put_text(&f, "hello")));
    struct bytes packet = put_ipv6(&f, extensions[_i].first, rest);
    enum peel_result result = peel(&f, RAW, packet);
    ck_assert_msg(result == PEELED, "%s: %s", extensions[_i].name, peel_result_name(result));
    ck_assert(is_address(&f.packet.from, "2001:db8::1") && is_address(&f.packet.to, "2001:db8::2"));
    ck_assert(bytes_equal_string(f.packet.payload, "hello"));
    ck_assert_msg(f.packet.checksum == extensions[_i].checksum, "%s", extensions[_i].name);
    peel_cut_everywhere(&f, RAW, packet);
    frames_end(&f);
}
END_TEST

START_TEST(ipv4_options_and_authentication_are_passed)
{
    struct frames f;
    frames_begin(&f, 0);
    struct bytes options = put(&f, "46 00 0031 0001 4000 40 06 0000 0a000001 0a000002 94040000",
        put_tcp(&f, put_text(&f, "hello")));
    ck_assert_int_eq(peel(&f, RAW, options), PEELED);
    ck_assert(bytes_equal_string(f.packet.payload, "hello"));
    peel_cut_everywhere(&f, RAW, options);

    struct bytes signed_one = put_ipv4(&f, 51,
        put(&f, "06 04 0000 00000001 00000001 000000000000000000000000",
            put_tcp(&f, put_text(&f, "hello"))));
    ck_assert_int_eq(peel(&f, RAW, signed_one), PEELED);
    ck_assert(bytes_equal_string(f.packet.payload, "hello"));
    peel_cut_everywhere(&f, RAW, signed_one);
    frames_end(&f);
}
END_TEST

START_TEST(oddities_end_as_they_should)
{
    static const struct {
        const char *name;
        enum peel_result result;
        uint16_t link;
        const char *packet;
    } cases[] = {
        {"version 5 as IPv4", PEEL_MALFORMED, 228, "55 00 0014 0001 0000 40 06 0000 " V4_ADDRESSES},
        {"header of 16 bytes", PEEL_MALFORMED, 228,
            "44 00 0028 0001 0000 40 06 0000 " V4_ADDRESSES},
        {"total length within the header", PEEL_MALFORMED, 228,
            "46 00 0014 0001 0000 40 06 0000 " V4_ADDRESSES " 00000000"},
        {"IPv4 too short", PEEL_MALFORMED, 228, "45 00 0014 0001 0000 40 06 0000 0a000001"},
        {"ICMP", PEEL_OTHER_PROTOCOL, 228,
            "45 00 001c 0001 0000 40 01 0000 " V4_ADDRESSES " 0300 0000 00000000"},
        {"SCTP", PEEL_OTHER_PROTOCOL, 228, "45 00 0014 0001 0000 40 84 0000 " V4_ADDRESSES},
        {"ESP", PEEL_OTHER_PROTOCOL, 228, "45 00 0014 0001 0000 40 32 0000 " V4_ADDRESSES},
        {"hop-by-hop options in IPv4", PEEL_OTHER_PROTOCOL, 228,
            "45 00 001c 0001 0000 40 00 0000 " V4_ADDRESSES " 0600010400000000"},
        {"IPv6 fragment in IPv4", PEEL_OTHER_PROTOCOL, 228,
            "45 00 001c 0001 0000 40 2c 0000 " V4_ADDRESSES " 0600000100000000"},
        {"version 4 as IPv6", PEEL_MALFORMED, 229, "40000000 0000 06 40" V6_ADDRESSES},
        {"IPv6 too short", PEEL_MALFORMED, 229, "60000000 0000 06 40 20010db8"},
        {"no next header", PEEL_OTHER_PROTOCOL, 229, "60000000 0000 3b 40" V6_ADDRESSES},
        {"ICMPv6", PEEL_OTHER_PROTOCOL, 229, "60000000 0004 3a 40" V6_ADDRESSES "80000000"},
        {"TCP too short", PEEL_MALFORMED, 228,
            "45 00 0020 0001 0000 40 06 0000 " V4_ADDRESSES " 9c4001bb 00000001 00000002"},
        {"TCP header of 16 bytes", PEEL_MALFORMED, 228,
            "45 00 0028 0001 0000 40 06 0000 " V4_ADDRESSES
            " 9c40 01bb 00000001 00000002 40 18 2000 0000 0000"},
        {"TCP options past the end", PEEL_MALFORMED, 228,
            "45 00 0028 0001 0000 40 06 0000 " V4_ADDRESSES
            " 9c40 01bb 00000001 00000002 60 18 2000 0000 0000"},
        {"UDP too short", PEEL_MALFORMED, 228,
            "45 00 001a 0001 0000 40 11 0000 " V4_ADDRESSES " 9c40 01bb 0008"},
        {"UDP length within its header", PEEL_MALFORMED, 228,
            "45 00 001c 0001 0000 40 11 0000 " V4_ADDRESSES " 9c40 01bb 0007 0000"},
        {"UDP longer than its packet", PEEL_MALFORMED, 228,
            "45 00 001c 0001 0000 40 11 0000 " V4_ADDRESSES " 9c40 01bb 0009 0000"},
        {"options past the end", PEEL_MALFORMED, 229,
            "60000000 0008 3c 40" V6_ADDRESSES "0601010400000000"},
    };
    struct frames f;
    frames_begin(&f, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes packet = put(&f, cases[i].packet, (struct bytes){0});
        enum peel_result result = peel(&f, cases[i].link, packet);
        ck_assert_msg(result == cases[i].result, "%s: %s", cases[i].name, peel_result_name(result));
    }
    frames_end(&f);
}
END_TEST

START_TEST(extension_headers_without_end_are_too_deep)
{
    struct frames f;
    frames_begin(&f, 0);
    struct bytes rest = put_tcp(&f, put_text(&f, "deep"));
    rest = put(&f, "06 00 010400000000", rest);
    for (unsigned i = 0; i < 40; i++)
        rest = put(&f, "3c 00 010400000000", rest);
    ck_assert_int_eq(peel(&f, RAW, put_ipv6(&f, 60, rest)), PEEL_TOO_DEEP);
    frames_end(&f);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("ip");
    TCase *c = tcase_create("ip");
    tcase_add_test(c, an_ipv4_tcp_segment_is_told);
    tcase_add_test(c, padding_of_ethernet_is_no_payload);
    tcase_add_test(c, what_the_capture_cut_off_is_missing);
    tcase_add_test(c, lengths_of_zero_mean_all_there_is);
    tcase_add_test(c, packets_may_be_longer_than_their_length_field);
    tcase_add_test(c, jumbo_options_that_lie_are_not_believed);
    tcase_add_test(c, a_udp_length_shorter_than_its_packet_counts);
    tcase_add_loop_test(
        c, extension_headers_of_ipv6_are_passed, 0, sizeof extensions / sizeof *extensions);
    tcase_add_test(c, ipv4_options_and_authentication_are_passed);
    tcase_add_test(c, oddities_end_as_they_should);
    tcase_add_test(c, extension_headers_without_end_are_too_deep);
    suite_add_tcase(s, c);
    return s;
}
