/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/frames.h"

#include <check.h>

enum { RAW = 101, ETHERNET = 1, TCP = 6, UDP = 17, GRE = 47 };

enum outer {
    IN_IPV4,  /* `number` is the protocol */
    IN_IPV6,  /* the same */
    IN_UDP,   /* `number` is the receiver's port */
    FROM_UDP, /* `number` is the sender's port */
    IN_TYPE,  /* `number` is the EtherType */
};

enum inner { V4, V6, FRAME, TAGGED };

/* Each around TCP that says "hello". */
static const struct tunnel {
    const char *name; /* as path.tunnel has it */
    enum outer outer;
    unsigned number;
    const char *header;
    enum inner inner;
    uint32_t id;
} tunnels[] = {
    {"ipip", IN_IPV4, 4, "", V4, 0},
    {"6in4", IN_IPV4, 41, "", V6, 0},
    {"4in6", IN_IPV6, 4, "", V4, 0},
    {"6in6", IN_IPV6, 41, "", V6, 0},
    {"etherip", IN_IPV4, 97, "3000", FRAME, 0},
    {"pbb", IN_TYPE, 0x88e7, "00 0abcde # service", TAGGED, 0x0abcde},

    {"gre", IN_IPV4, GRE, "0000 0800", V4, 0},
    {"gre", IN_IPV6, GRE, "0000 86dd", V6, 0},
    {"gre", IN_IPV4, GRE, "2000 0800 0000abcd # key", V4, 0xabcd},
    {"gre", IN_IPV4, GRE, "b000 0800 # checksum, key and sequence\n ffff 0000 00000007 00000001",
        V4, 7},
    {"gre", IN_IPV4, GRE, "2000 6558 00123456 # NVGRE", FRAME, 0x123456},
    {"gre", IN_IPV4, GRE, "0000 8847 000101ff # MPLS", V4, 0},
    {"gre", IN_IPV4, GRE,
        "4000 0800 # routing\n 0000 0000"
        "0800 00 04 0a000009 # one route\n 0000 00 00 # the end\n",
        V4, 0},
    {"pptp", IN_IPV4, GRE,
        "3001 880b # key, sequence\n 0031 0005 # length, call\n 00000001 ff03 0021", V4, 5},
    {"pptp", IN_IPV4, GRE, "3081 880b 0031 0005 00000001 00000002 # acknowledges\n 21", V4, 5},
    {"gre-udp", IN_UDP, 4754, "2000 86dd 00000001", V6, 1},

    {"erspan", IN_IPV4, GRE, "0000 88be # type I", FRAME, 0},
    {"erspan", IN_IPV4, GRE,
        "1000 88be 00000001 # GRE with a sequence number\n"
        "1007 0864 # type II, VLAN 7, session 100\n 00000000",
        FRAME, 100},
    {"erspan", IN_IPV4, GRE,
        "1000 22eb 00000001"
        "2007 0864 # type III, session 100\n 00000000 0000 8000",
        TAGGED, 100},
    {"erspan", IN_IPV4, GRE,
        "1000 22eb 00000001"
        "2007 03ff 00000000 0000 8001 # a subheader follows\n 0102030405060708",
        FRAME, 1023},
    {"erspan", IN_IPV4, GRE, "1000 22eb 00000001 2007 0001 00000000 0000 0800 # IP", V4, 1},

    {"vxlan", IN_UDP, 4789, "08 000000 # flags\n 00002a 00 # VNI", FRAME, 42},
    {"vxlan", IN_UDP, 8472, "08 000000 00002a 00", TAGGED, 42},
    {"vxlan", IN_UDP, 4789, "88 08 0001 # group policy\n ffffff 00", FRAME, 0xffffff},
    {"vxlan-gpe", IN_UDP, 4790, "0c 0000 01 00002a 00", V4, 42},
    {"vxlan-gpe", IN_UDP, 4790, "0c 0000 02 00002a 00", V6, 42},
    {"vxlan-gpe", IN_UDP, 4789, "0c 0000 03 00002a 00", FRAME, 42},
    {"vxlan-gpe", IN_UDP, 4790, "0c 0000 04 00002a 00 0fc2 02 01 00000001 # NSH", V4, 42},
    {"vxlan-gpe", IN_UDP, 4790, "0c 0000 05 00002a 00 000101ff # MPLS", V4, 42},

    {"geneve", IN_UDP, 6081, "00 00 6558 00002a 00", FRAME, 42},
    {"geneve", IN_UDP, 6081, "02 40 0800 00002a 00 # critical options\n 0102 80 01 00000000", V4,
        42},
    {"geneve", IN_UDP, 6081, "00 00 86dd 00002a 00", V6, 42},

    {"gtpu", IN_UDP, 2152, "30 ff 002d 0000abcd # TEID", V4, 0xabcd},
    {"gtpu", IN_UDP, 2152, "32 ff 0031 0000abcd 0001 00 00 # sequence number", V4, 0xabcd},
    {"gtpu", FROM_UDP, 2152,
        "34 ff 004d 0000abcd 0000 00 85 # an extension follows\n 01 1001 85 01 1001 00", V6,
        0xabcd},

    {"teredo", IN_UDP, 3544, "", V6, 0},
    {"teredo", FROM_UDP, 3544, "0000 f000 f5fffffe # origin", V6, 0},
    {"teredo", IN_UDP, 3544, "0001 00 00 0102030405060708 00 # authentication", V6, 0},
    {"teredo", FROM_UDP, 3544,
        "0001 02 01 aaaa bb 0102030405060708 00 # authentication with names\n"
        "0000 f000 f5fffffe",
        V6, 0},

    {"l2tp", IN_UDP, 1701, "0002 0001 0002 ff03 0021", V4, 0x10002},
    {"l2tp", FROM_UDP, 1701,
        "4a02 0041 # length, sequence, offset\n 0001 0002 0000 0000 0002 0000 ff03 0021", V4,
        0x10002},
    {"mpls-udp", IN_UDP, 6635, "000100ff 000201ff", V4, 0},
};

static struct bytes
inner_of(struct frames *f, enum inner inner)
{
    struct bytes segment = put_tcp(f, put_text(f, "hello"));
    switch (inner) {
    case V4:
        return put_ipv4(f, TCP, segment);
    case V6:
        return put_ipv6(f, TCP, segment);
    case FRAME:
        return put_ethernet(f, 0x0800, put_ipv4(f, TCP, segment));
    case TAGGED:
        return put_ethernet(f, 0x8100, put(f, "0007 0800", put_ipv4(f, TCP, segment)));
    }
    ck_abort();
}

/* In a frame with other hardware addresses and VLAN than those inside. */
static struct bytes
outer_of(struct frames *f, enum outer outer, unsigned number, struct bytes rest)
{
    uint16_t port = (uint16_t)number;
    static const char ipv4[] = "0f0f0f0f0f0f 0e0e0e0e0e0e 8100 0009 0800";
    switch (outer) {
    case IN_IPV4:
        return put(f, ipv4, put_ipv4(f, (uint8_t)number, rest));
    case IN_IPV6:
        return put(
            f, "0f0f0f0f0f0f 0e0e0e0e0e0e 8100 0009 86dd", put_ipv6(f, (uint8_t)number, rest));
    case IN_UDP:
        return put(f, ipv4, put_ipv4(f, UDP, put_udp(f, 50000, port, rest)));
    case FROM_UDP:
        return put(f, ipv4, put_ipv4(f, UDP, put_udp(f, port, 50000, rest)));
    case IN_TYPE:
        return put_ethernet(f, port, rest);
    }
    ck_abort();
}

static struct bytes
frame_of(struct frames *f, const struct tunnel *tunnel)
{
    struct bytes rest = put(f, tunnel->header, inner_of(f, tunnel->inner));
    return outer_of(f, tunnel->outer, tunnel->number, rest);
}

START_TEST(what_a_tunnel_carries_is_told)
{
    const struct tunnel *tunnel = &tunnels[_i];
    struct frames f;
    frames_begin(&f, 0);
    enum peel_result result = peel(&f, ETHERNET, frame_of(&f, tunnel));
    ck_assert_msg(result == PEELED, "%s: %s", tunnel->name, peel_result_name(result));
    const struct packet *packet = &f.packet;
    ck_assert_msg(packet->path.tunnel, "%s was not believed", tunnel->name);
    ck_assert_str_eq(packet->path.tunnel, tunnel->name);
    ck_assert_uint_eq(packet->path.tunnel_id, tunnel->id);
    ck_assert_uint_eq(packet->path.tunnels, 1);
    ck_assert_uint_eq(packet->protocol, TCP);
    ck_assert_uint_eq(packet->to_port, 443);
    ck_assert(bytes_equal_string(packet->payload, "hello"));
    ck_assert_int_eq(address_is_v4(&packet->from), tunnel->inner != V6);

    bool frame = tunnel->inner == FRAME || tunnel->inner == TAGGED;
    ck_assert_uint_eq(packet->path.l2[0][0], frame ? 0x02 : 0x0e);
    unsigned vlan = frame ? 0 : 9;
    ck_assert_uint_eq(packet->path.vlan[0], tunnel->inner == TAGGED ? 7 : vlan);
    frames_end(&f);
}
END_TEST

START_TEST(a_tunnel_may_be_cut_after_every_byte)
{
    struct frames f;
    frames_begin(&f, 0);
    peel_cut_everywhere(&f, ETHERNET, frame_of(&f, &tunnels[_i]));
    frames_end(&f);
}
END_TEST

/* Ports are anybody's: what is not a tunnel's header to the bit stays a datagram. */
START_TEST(on_a_tunnels_port_other_things_stay_datagrams)
{
    static const struct {
        const char *name;
        unsigned port;
        const char *header;
        enum inner inner;
    } cases[] = {
        {"VXLAN without VNI", 4789, "00 000000 00002a 00", FRAME},
        {"VXLAN with another flag", 4789, "18 000000 00002a 00", FRAME},
        {"VXLAN with reserved bits", 4789, "08 000001 00002a 00", FRAME},
        {"VXLAN with a reserved byte", 4789, "08 000000 00002a 01", FRAME},
        {"VXLAN with unknown policy flags", 4789, "88 010000 00002a 00", FRAME},
        {"VXLAN around IP", 4789, "08 000000 00002a 00", V4},
        {"VXLAN-GPE without protocol", 4790, "08 000000 00002a 00", FRAME},
        {"VXLAN-GPE of another version", 4790, "1c 000003 00002a 00", FRAME},
        {"VXLAN-GPE with an unknown protocol", 4790, "0c 000077 00002a 00", FRAME},
        {"GENEVE of another version", 6081, "40 00 6558 00002a 00", FRAME},
        {"GENEVE with reserved flags", 6081, "00 01 6558 00002a 00", FRAME},
        {"GENEVE with a reserved byte", 6081, "00 00 6558 00002a 01", FRAME},
        {"GENEVE with options past the end", 6081, "3f 00 6558 00002a 00", FRAME},
        {"GENEVE with an unknown type", 6081, "00 00 1234 00002a 00", FRAME},
        {"GENEVE whose frame is none", 6081, "00 00 6558 00002a 00", V4},
        {"GTP'", 2152, "20 ff 002d 0000abcd", V4},
        {"GTP version 2", 2152, "50 ff 002d 0000abcd", V4},
        {"GTP echo", 2152, "30 01 002d 0000abcd", V4},
        {"GTP of another length", 2152, "30 ff 002c 0000abcd", V4},
        {"GTP with an extension of no length", 2152, "34 ff 0035 0000abcd 0000 00 85 00 100100",
            V4},
        {"GTP with extensions without end", 2152, "34 ff 0031 0000abcd 0000 00 85", V4},
        {"GTP around a frame", 2152, "30 ff 003b 0000abcd", FRAME},
        {"Teredo around IPv4", 3544, "", V4},
        {"Teredo with authentication past the end", 3544, "0001 ff ff", V6},
        {"L2TP control", 1701, "c002 0001 0002 ff03 0021", V4},
        {"L2TP version 3", 1701, "0003 0001 0002 ff03 0021", V4},
        {"L2TP with reserved bits", 1701, "0012 0001 0002 ff03 0021", V4},
        {"L2TP longer than its packet", 1701, "4002 ffff 0001 0002 ff03 0021", V4},
        {"L2TP around unknown PPP", 1701, "0002 0001 0002 ff03 1233", V4},
        {"MPLS without an end", 6635, "00010000", V4},
        {"MPLS around nothing we know", 6635, "000101ff 7777", V4},
        {"GRE in UDP with routing", 4754, "4000 0800 00000000", V4},
        {"GRE in UDP, version 1", 4754, "3001 880b 002d 0005 00000001", V4},
        {"GRE in UDP around an unknown type", 4754, "0000 1234", V4},
        {"IPv6 on another port, not of Teredo", 50001, "", V6},
        {"a DTLS record", 4789, "16 fefd 0000 000000000000 0010", V4},
        {"a QUIC packet", 2152, "c0 00000001 08 0102030405060708 00", V4},
    };
    struct frames f;
    frames_begin(&f, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes rest = put(&f, cases[i].header, inner_of(&f, cases[i].inner));
        ck_assert_int_eq(peel(&f, ETHERNET, outer_of(&f, IN_UDP, cases[i].port, rest)), PEELED);
        ck_assert_msg(f.packet.protocol == UDP, "%s was believed", cases[i].name);
        ck_assert_msg(bytes_equal(f.packet.payload, rest), "%s: payload", cases[i].name);
        ck_assert_uint_eq(f.packet.to_port, cases[i].port);
        ck_assert_uint_eq(f.packet.path.tunnels, 0);
        ck_assert_ptr_null(f.packet.path.tunnel);
        ck_assert_uint_eq(f.packet.path.vlan[0], 9);
    }
    frames_end(&f);
}
END_TEST

START_TEST(oddities_end_as_they_should)
{
    static const struct {
        const char *name;
        enum peel_result result;
        unsigned protocol;
        const char *header;
        enum inner inner;
    } cases[] = {
        {"GRE version 2", PEEL_MALFORMED, GRE, "0002 0800", V4},
        {"GRE around ARP", PEEL_NOT_IP, GRE, "0000 0806", V4},
        {"GRE keepalive", PEEL_NOT_IP, GRE, "0000 0000", V4},
        {"GRE for WCCP", PEEL_NOT_IP, GRE, "0000 883e 00000000", V4},
        {"GRE with routes without end", PEEL_MALFORMED, GRE,
            "4000 0800 0000 0000 0800 00 00 0800 00 00 0800 00 00 0800 00 00 0800 00 00 0800 00 00"
            "0800 00 00 0800 00 00 0800 00 00 0800 00 00 0800 00 00 0800 00 00 0800 00 00"
            "0800 00 00 0800 00 00 0800 00 00 0800 00 00 0000 00 00",
            V4},
        {"PPTP without a call", PEEL_MALFORMED, GRE, "1001 880b 00000001", V4},
        {"PPTP around what is not PPP", PEEL_MALFORMED, GRE, "3001 0800 002d 0005 00000001", V4},
        {"PPTP acknowledgment", PEEL_NOT_IP, GRE, "2081 880b 0000 0005 00000001", V4},
        {"ERSPAN of an unknown version", PEEL_MALFORMED, GRE,
            "1000 88be 00000001 3007 0064 00000000", FRAME},
        {"EtherIP of another version", PEEL_MALFORMED, 97, "2000", FRAME},
        {"IPv6 as IPv4", PEEL_MALFORMED, 4, "", V6},
    };
    struct frames f;
    frames_begin(&f, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes rest = put(&f, cases[i].header, inner_of(&f, cases[i].inner));
        struct bytes frame = outer_of(&f, IN_IPV4, cases[i].protocol, rest);
        enum peel_result result = peel(&f, ETHERNET, frame);
        ck_assert_msg(result == cases[i].result, "%s: %s", cases[i].name, peel_result_name(result));
    }
    frames_end(&f);
}
END_TEST

START_TEST(a_shortened_packet_in_a_tunnel_misses_its_rest)
{
    struct frames f;
    frames_begin(&f, 0);
    struct bytes inner = inner_of(&f, V4);
    struct bytes rest = put(&f, "30 ff 002b 00000001", bytes_first(inner, inner.len - 2));
    ck_assert_int_eq(peel(&f, ETHERNET, outer_of(&f, IN_UDP, 2152, rest)), PEELED);
    ck_assert_str_eq(f.packet.path.tunnel, "gtpu");
    ck_assert(bytes_equal_string(f.packet.payload, "hel"));
    ck_assert_uint_eq(f.packet.payload_missing, 2);
    ck_assert_int_eq(f.packet.checksum, CHECKSUM_UNKNOWN);
    frames_end(&f);
}
END_TEST

START_TEST(teredo_clients_speak_on_any_port)
{
    struct frames f;
    frames_begin(&f, 0);
    struct bytes inner = put(&f,
        "60000000 0019 06 40 20010000000000000000000000000001 20010db8000000000000000000000002",
        put_tcp(&f, put_text(&f, "hello")));
    ck_assert_int_eq(peel(&f, ETHERNET, outer_of(&f, IN_UDP, 50001, inner)), PEELED);
    ck_assert_str_eq(f.packet.path.tunnel, "teredo");
    ck_assert(bytes_equal_string(f.packet.payload, "hello"));
    peel_cut_everywhere(&f, ETHERNET, outer_of(&f, IN_UDP, 50001, inner));
    struct bytes longer = put(&f, "", bytes_of(inner.at, inner.len - 1));
    ck_assert_int_eq(peel(&f, ETHERNET, outer_of(&f, IN_UDP, 50001, longer)), PEELED);
    ck_assert_uint_eq(f.packet.protocol, UDP);
    frames_end(&f);
}
END_TEST

START_TEST(tunnels_nest_to_a_bounded_depth)
{
    struct frames f;
    frames_begin(&f, 0);
    struct bytes vxlan =
        put_udp(&f, 50000, 4789, put(&f, "08000000 00002a 00", inner_of(&f, TAGGED)));
    struct bytes gre = put_ipv4(&f, GRE, put(&f, "2000 0800 00000001", put_ipv4(&f, UDP, vxlan)));
    ck_assert_int_eq(peel(&f, RAW, gre), PEELED);
    ck_assert_str_eq(f.packet.path.tunnel, "vxlan");
    ck_assert_uint_eq(f.packet.path.tunnel_id, 42);
    ck_assert_uint_eq(f.packet.path.tunnels, 2);
    ck_assert_uint_eq(f.packet.path.vlan[0], 7);
    ck_assert(bytes_equal_string(f.packet.payload, "hello"));
    peel_cut_everywhere(&f, RAW, gre);

    struct bytes four = put_ipv4(&f, 4, put_ipv4(&f, 4, gre));
    ck_assert_int_eq(peel(&f, RAW, four), PEELED);
    ck_assert_uint_eq(f.packet.path.tunnels, 4);
    ck_assert_int_eq(peel(&f, RAW, put_ipv4(&f, 4, four)), PEEL_TOO_DEEP);
    frames_end(&f);
}
END_TEST

START_TEST(an_802_1x_frame_in_a_tunnel_has_no_addresses)
{
    struct frames f;
    frames_begin(&f, 0);
    struct bytes frame = put_ethernet(&f, 0x888e, put(&f, "01 01 0000", (struct bytes){0}));
    struct bytes rest = put(&f, "08000000 00002a 00", frame);
    ck_assert_int_eq(peel(&f, ETHERNET, outer_of(&f, IN_UDP, 4789, rest)), PEELED);
    ck_assert_uint_eq(f.packet.link_protocol, 0x888e);
    ck_assert_uint_eq(f.packet.protocol, 0);
    ck_assert_uint_eq(f.packet.to_port, 0);
    ck_assert(!address_is_set(&f.packet.from) && !address_is_set(&f.packet.to));
    frames_end(&f);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("tunnels");
    TCase *c = tcase_create("tunnels");
    int count = sizeof tunnels / sizeof *tunnels;
    tcase_add_loop_test(c, what_a_tunnel_carries_is_told, 0, count);
    tcase_add_loop_test(c, a_tunnel_may_be_cut_after_every_byte, 0, count);
    tcase_add_test(c, on_a_tunnels_port_other_things_stay_datagrams);
    tcase_add_test(c, oddities_end_as_they_should);
    tcase_add_test(c, a_shortened_packet_in_a_tunnel_misses_its_rest);
    tcase_add_test(c, teredo_clients_speak_on_any_port);
    tcase_add_test(c, tunnels_nest_to_a_bounded_depth);
    tcase_add_test(c, an_802_1x_frame_in_a_tunnel_has_no_addresses);
    suite_add_tcase(s, c);
    return s;
}
