/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/frames.h"

#include <check.h>

enum { ETHERNET = 1 };

/* Around IPv4, TCP and "hello". Each row is a link type, or an EtherType below Ethernet. */
static const struct {
    const char *name;
    uint16_t link;
    const char *header;
    uint16_t vlan[2];
    bool from, to; /* hardware addresses are known */
} links[] = {
    {"Ethernet II", 1, "020000000002 020000000001 0800", {0}, true, true},
    {"802.3, LLC, SNAP", 1, "020000000002 020000000001 0035 aaaa03 000000 0800", {0}, true, true},
    {"802.3, LLC", 1, "020000000002 020000000001 0030 060603", {0}, true, true},
    {"802.1Q", 1, "020000000002 020000000001 8100 0007 0800", {7}, true, true},
    {"802.1Q with priority", 1, "020000000002 020000000001 8100 e007 0800", {7}, true, true},
    {"priority tag only", 1, "020000000002 020000000001 8100 e000 0800", {0}, true, true},
    {"802.1ad", 1, "020000000002 020000000001 88a8 0064 8100 0fff 0800", {100, 4095}, true, true},
    {"QinQ 9100", 1, "020000000002 020000000001 9100 0064 9100 0007 0800", {100, 7}, true, true},
    {"QinQ 9200", 1, "020000000002 020000000001 9200 0064 8100 0007 0800", {100, 7}, true, true},
    {"three tags", 1, "020000000002 020000000001 88a8 0001 8100 0002 8100 0003 0800", {1, 2}, true,
        true},
    {"VLAN and SNAP", 1, "020000000002 020000000001 8100 0007 0035 aaaa03 000000 0800", {7}, true,
        true},
    {"VNTAG", 1, "020000000002 020000000001 8926 80000001 8100 0009 0800", {9}, true, true},
    {"E-TAG", 1, "020000000002 020000000001 893f 000000000001 0800", {0}, true, true},
    {"FabricPath", 1,
        "0f0f0f0f0f0f 0e0e0e0e0e0e 8903 0401 020000000002 020000000001 8100 0007 0800", {7}, true,
        true},
    {"MPLS", 1, "020000000002 020000000001 8847 000100ff 000201ff", {0}, true, true},
    {"MPLS with control word", 1,
        "0f0f0f0f0f0f 0e0e0e0e0e0e 8847 000101ff 00000000 020000000002 020000000001 0800", {0},
        true, true},
    {"MPLS without control word", 1,
        "0f0f0f0f0f0f 0e0e0e0e0e0e 8848 000101ff 020000000002 020000000001 0800", {0}, true, true},
    {"NSH", 1, "020000000002 020000000001 894f 0fc20201 00000001", {0}, true, true},
    {"PPPoE", 1, "020000000002 020000000001 8864 11 00 0001 002f 0021", {0}, true, true},
    {"PPPoE, short protocol", 1, "020000000002 020000000001 8864 11 00 0001 002e 21", {0}, true,
        true},
    {"PPP", 9, "ff03 0021", {0}, false, false},
    {"PPP, bare", 9, "0021", {0}, false, false},
    {"PPP, short protocol", 9, "21", {0}, false, false},
    {"PPP, bridged", 9, "ff03 0031 00 01 020000000002 020000000001 0800", {0}, true, true},
    {"PPP, MPLS", 9, "ff03 0281 000101ff", {0}, false, false},
    {"PPP in HDLC", 50, "ff03 0021", {0}, false, false},
    {"Cisco HDLC as PPP", 50, "0f00 0800", {0}, false, false},
    {"PPPoE alone", 51, "11 00 0001 002f 0021", {0}, false, false},
    {"pppd", 166, "01 03 0021", {0}, false, false},
    {"PPP with direction", 204, "00 ff03 0021", {0}, false, false},
    {"Cisco HDLC", 104, "8f00 0800", {0}, false, false},
    {"Cisco HDLC with direction", 205, "01 0f00 0800", {0}, false, false},
    {"ATM", 100, "aaaa03 000000 0800", {0}, false, false},
    {"raw", 101, "", {0}, false, false},
    {"raw 12", 12, "", {0}, false, false},
    {"raw 14", 14, "", {0}, false, false},
    {"IPv4", 228, "", {0}, false, false},
    {"null, little end first", 0, "02000000", {0}, false, false},
    {"null, big end first", 0, "00000002", {0}, false, false},
    {"loop", 108, "00000002", {0}, false, false},
    {"Linux cooked", 113, "0000 0001 0006 020000000001 0000 0800", {0}, true, false},
    {"Linux cooked, VLAN", 113, "0000 0001 0006 020000000001 0000 8100 0007 0800", {7}, true,
        false},
    {"Linux cooked, no address", 113, "0000 fffe 0000 0000000000000000 0800", {0}, false, false},
    {"Linux cooked 2", 276, "0800 0000 00000003 0001 00 06 020000000001 0000", {0}, true, false},
    {"nflog", 239, "02000001 0800 0100 08000001 3100 0900", {0}, false, false},
    {"nflog, big end first", 239, "02000001 0008 0001 08000001 0031 0009", {0}, false, false},
    {"pflog", 117,
        "3d 02 00 00 000000000000000000000000000000000000000000000000000000000000"
        "0000000000000000000000000000000000000000000000000000 00000000",
        {0}, false, false},
    {"enc", 109, "02000000 00000001 00000000", {0}, false, false},
    {"ipnet", 226, "01 02 0000 00000000 00000000 00000000 00000000 00000000", {0}, false, false},
    {"802.11 to station", 105,
        "08 02 0000 020000000002 0e0e0e0e0e0e 020000000001 0000 aaaa03 000000 0800", {0}, true,
        true},
    {"802.11 from station", 105,
        "08 01 0000 0e0e0e0e0e0e 020000000001 020000000002 1000 aaaa03 000000 0800", {0}, true,
        true},
    {"802.11 among stations", 105,
        "08 00 0000 020000000002 020000000001 0e0e0e0e0e0e 0000 aaaa03 000000 0800", {0}, true,
        true},
    {"802.11 between bridges", 105,
        "88 03 0000 0e0e0e0e0e0e 0f0f0f0f0f0f 020000000002 0000 020000000001 0000"
        "aaaa03 000000 0800",
        {0}, true, true},
    {"802.11 aggregate", 105,
        "88 02 0000 0f0f0f0f0f0f 0e0e0e0e0e0e 0d0d0d0d0d0d 0000 8000"
        "020000000002 020000000001 0035 aaaa03 000000 0800",
        {0}, true, true},
    {"radiotap", 127,
        "00 00 0900 02000000 00"
        "08 02 0000 020000000002 0e0e0e0e0e0e 020000000001 0000 aaaa03 000000 0800",
        {0}, true, true},
    {"radiotap with time and padding", 127,
        "00 00 1900 030000a0 00000000 00000000 0000000000000000 20"
        "88 02 0000 020000000002 0e0e0e0e0e0e 020000000001 0000 0000 0000 aaaa03 000000 0800",
        {0}, true, true},
    {"AVS", 163,
        "80211001 0000000c 00000000"
        "08 02 0000 020000000002 0e0e0e0e0e0e 020000000001 0000 aaaa03 000000 0800",
        {0}, true, true},
    {"Prism", 119,
        "44000000 0c000000 00000000"
        "08 02 0000 020000000002 0e0e0e0e0e0e 020000000001 0000 aaaa03 000000 0800",
        {0}, true, true},
    {"AVS as Prism", 119,
        "80211001 0000000c 00000000"
        "08 02 0000 020000000002 0e0e0e0e0e0e 020000000001 0000 aaaa03 000000 0800",
        {0}, true, true},
    {"PPI", 192,
        "00 00 0800 69000000"
        "08 02 0000 020000000002 0e0e0e0e0e0e 020000000001 0000 aaaa03 000000 0800",
        {0}, true, true},
};

static bool
is_mac(const uint8_t mac[6], uint8_t last)
{
    const uint8_t wanted[6] = {last ? 2 : 0, 0, 0, 0, 0, last};
    return memcmp(mac, wanted, sizeof wanted) == 0;
}

START_TEST(what_is_below_ip_is_peeled)
{
    struct frames f;
    frames_begin(&f, 1 << 20);
    struct bytes ip = put_ipv4(&f, 6, put_tcp(&f, put_text(&f, "hello")));
    struct bytes frame = put(&f, links[_i].header, ip);
    const char *name = links[_i].name;
    enum peel_result result = peel(&f, links[_i].link, frame);
    ck_assert_msg(result == PEELED, "%s: %s", name, peel_result_name(result));

    const struct packet *packet = &f.packet;
    ck_assert_msg(bytes_equal_string(packet->payload, "hello"), "%s: payload", name);
    ck_assert_uint_eq(packet->protocol, 6);
    ck_assert_uint_eq(packet->from_port, 40000);
    ck_assert_uint_eq(packet->payload_missing, 0);
    ck_assert_uint_eq(packet->frame, 1);
    ck_assert_uint_eq(packet->wire_len, frame.len);
    ck_assert_uint_eq(packet->path.tunnels, 0);
    ck_assert_ptr_null(packet->path.tunnel);
    ck_assert_msg(packet->path.vlan[0] == links[_i].vlan[0], "%s: outer VLAN", name);
    ck_assert_msg(packet->path.vlan[1] == links[_i].vlan[1], "%s: inner VLAN", name);
    ck_assert_msg(is_mac(packet->path.l2[0], links[_i].from ? 1 : 0), "%s: sender", name);
    ck_assert_msg(is_mac(packet->path.l2[1], links[_i].to ? 2 : 0), "%s: receiver", name);
    frames_end(&f);
}
END_TEST

START_TEST(what_is_below_ip_is_peeled_with_ipv6_in_it)
{
    static const struct {
        uint16_t link;
        const char *header;
    } cases[] = {
        {1, "020000000002 020000000001 86dd"},
        {101, ""},
        {229, ""},
        {0, "1e000000"},
        {0, "18000000"},
        {0, "0000001c"},
        {108, "0000000a"},
        {9, "ff03 0057"},
        {276, "86dd 0000 00000003 0001 00 06"
              "020000000001 0000"},
        {1, "020000000002 020000000001 8847 000101ff"},
        {1, "020000000002 020000000001 894f 0fc20202 00000001"},
        {239, "0a000001 4500 0900"},
    };
    struct frames f;
    frames_begin(&f, 1 << 20);
    struct bytes ip = put_ipv6(&f, 6, put_tcp(&f, put_text(&f, "hello")));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum peel_result result = peel(&f, cases[i].link, put(&f, cases[i].header, ip));
        ck_assert_msg(result == PEELED, "%zu: %s", i, peel_result_name(result));
        ck_assert(bytes_equal_string(f.packet.payload, "hello"));
        ck_assert(!address_is_v4(&f.packet.from));
    }
    frames_end(&f);
}
END_TEST

START_TEST(it_may_be_cut_after_every_byte)
{
    struct frames f;
    frames_begin(&f, 1 << 20);
    struct bytes ip = put_ipv4(&f, 6, put_tcp(&f, put_text(&f, "hello")));
    peel_cut_everywhere(&f, links[_i].link, put(&f, links[_i].header, ip));
    frames_end(&f);
}
END_TEST

START_TEST(oddities_end_as_they_should)
{
    static const struct {
        const char *name;
        enum peel_result result;
        uint16_t link;
        const char *frame;
    } cases[] = {
        {"no such link", PEEL_UNKNOWN_LINK, 9999, "00"},
        {"empty", PEEL_MALFORMED, 1, ""},
        {"ARP", PEEL_NOT_IP, 1, "ffffffffffff 020000000001 0806 0001080006040001"},
        {"LLDP", PEEL_NOT_IP, 1, "0180c200000e 020000000001 88cc 0207"},
        {"spanning tree", PEEL_NOT_IP, 1, "0180c2000000 020000000001 0026 424203 00000000"},
        {"SNAP of another organization", PEEL_NOT_IP, 1,
            "01000ccccccc 020000000001 0020 aaaa03 00000c 2000 00"},
        {"SNAP that is a length again", PEEL_NOT_IP, 1,
            "020000000002 020000000001 0020 aaaa03 000000 0020"},
        {"VLAN without its type", PEEL_MALFORMED, 1, "020000000002 020000000001 8100 0001"},
        {"MPLS without an end", PEEL_MALFORMED, 1, "020000000002 020000000001 8847 00010000"},
        {"MPLS of nine labels", PEEL_TOO_DEEP, 1,
            "020000000002 020000000001 8847 00010000 00010000 00010000 00010000 00010000 00010000"
            "00010000 00010000 00010100"},
        {"MPLS around nothing we know", PEEL_NOT_IP, 1,
            "020000000002 020000000001 8847 000101ff 10000021 00000000"},
        {"NSH shorter than itself", PEEL_MALFORMED, 1,
            "020000000002 020000000001 894f 0fc10101 00000001 00"},
        {"NSH around nothing we know", PEEL_NOT_IP, 1,
            "020000000002 020000000001 894f 0fc20177 00000001 00000000 00"},
        {"PPPoE discovery", PEEL_NOT_IP, 1, "020000000002 020000000001 8864 11 09 0000 0000"},
        {"PPPoE of another version", PEEL_MALFORMED, 1,
            "020000000002 020000000001 8864 21 00 0001 0002 0021"},
        {"PPP link control", PEEL_NOT_IP, 9, "ff03 c021 01010004"},
        {"PPP, token ring bridged", PEEL_NOT_IP, 9, "ff03 0031 00 03 00"},
        {"null of another family", PEEL_NOT_IP, 0, "07000000 45"},
        {"raw, neither 4 nor 6", PEEL_NOT_IP, 101, "55"},
        {"netlink", PEEL_NOT_IP, 113, "0000 0338 0000 0000000000000000 0000"},
        {"Novell, cooked", PEEL_NOT_IP, 113, "0000 0001 0006 0200000000010000 0001 ffff"},
        {"nflog without payload", PEEL_NOT_IP, 239, "02000001 0800 0100 08000001"},
        {"nflog with an attribute of no length", PEEL_NOT_IP, 239, "02000001 0000 0000"},
        {"pflog shorter than itself", PEEL_MALFORMED, 117, "03 02 00"},
        {"802.11 beacon", PEEL_NOT_IP, 105, "80 00 0000 ffffffffffff"},
        {"802.11 without data", PEEL_NOT_IP, 105, "48 01 0000 020000000002"},
        {"802.11 encrypted", PEEL_NOT_IP, 105, "08 41 0000 020000000002"},
        {"802.11 fragment", PEEL_NOT_IP, 105,
            "08 06 0000 020000000002 0e0e0e0e0e0e 020000000001 0000 aaaa03 000000 0800 45"},
        {"radiotap shorter than itself", PEEL_MALFORMED, 127, "00 00 0700 00000000 08"},
        {"radiotap with endless words", PEEL_NOT_IP, 127, "00 00 0c00 000000a0 000000a0 80 00"},
        {"AVS of another magic", PEEL_MALFORMED, 163, "80211101 0000000c 00000000"},
        {"Prism shorter than itself", PEEL_MALFORMED, 119, "44000000 04000000"},
        {"PPI shorter than itself", PEEL_MALFORMED, 192, "00 00 0400 69000000"},
        {"PPI in PPI in PPI …", PEEL_MALFORMED, 192, "00 00 0800 c0000000 00 00 0800 c0000000"},
    };
    struct frames f;
    frames_begin(&f, 1 << 20);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes frame = put(&f, cases[i].frame, (struct bytes){0});
        enum peel_result result = peel(&f, cases[i].link, frame);
        ck_assert_msg(result == cases[i].result, "%s: %s", cases[i].name, peel_result_name(result));
    }
    frames_end(&f);
}
END_TEST

START_TEST(layers_are_followed_to_a_bounded_depth)
{
    struct frames f;
    frames_begin(&f, 1 << 20);
    struct bytes ip = put_ipv4(&f, 6, put_tcp(&f, put_text(&f, "deep")));
    struct bytes tagged = put(&f, "0800", ip);
    for (unsigned i = 0; i < 29; i++)
        tagged = put(&f, "8100 0001", tagged);
    struct bytes frame = put(&f, "020000000002 020000000001", tagged);
    ck_assert_int_eq(peel(&f, ETHERNET, frame), PEELED);
    frame = put(&f, "020000000002 020000000001 8100 0001", tagged);
    ck_assert_int_eq(peel(&f, ETHERNET, frame), PEEL_TOO_DEEP);
    frames_end(&f);
}
END_TEST

START_TEST(an_802_1x_frame_is_told_without_addresses)
{
    struct frames f;
    frames_begin(&f, 1 << 20);
    struct bytes frame = put(&f,
        "0180c2000003 020000000001 888e" /* to the group of authenticators */
        "01 00 0005  02 01 0005 0d"      /* an EAP packet */
        "00000000",                      /* padding of Ethernet */
        (struct bytes){0});
    ck_assert_int_eq(peel(&f, ETHERNET, frame), PEELED);
    ck_assert_uint_eq(f.packet.protocol, 0);
    ck_assert_uint_eq(f.packet.link_protocol, 0x888e);
    ck_assert(!address_is_set(&f.packet.from) && !address_is_set(&f.packet.to));
    ck_assert(is_mac(f.packet.path.l2[0], 1));
    ck_assert_uint_eq(f.packet.payload.len, 9);
    ck_assert_uint_eq(f.packet.payload_missing, 0);
    ck_assert_int_eq(peel_cut(&f, ETHERNET, frame, 20), PEELED);
    ck_assert_uint_eq(f.packet.payload.len, 6);
    ck_assert_uint_eq(f.packet.payload_missing, 3);
    ck_assert_int_eq(peel_cut(&f, ETHERNET, frame, 17), PEEL_CUT);

    struct bytes wireless = put(&f,
        "08 01 0000 0e0e0e0e0e0e 020000000001 020000000002 0000 aaaa03 000000 888e 01 01 0000",
        (struct bytes){0});
    ck_assert_int_eq(peel(&f, 105, wireless), PEELED);
    ck_assert_uint_eq(f.packet.link_protocol, 0x888e);
    ck_assert_uint_eq(f.packet.payload.len, 4);
    frames_end(&f);
}
END_TEST

START_TEST(both_directions_go_to_one_shard)
{
    struct packet there = {.protocol = 6, .from_port = 40000, .to_port = 443};
    ck_assert(address_from_text(bytes_from_string("10.0.0.1"), &there.from));
    ck_assert(address_from_text(bytes_from_string("2001:db8::2"), &there.to));
    struct packet back = there;
    back.from = there.to;
    back.to = there.from;
    back.from_port = there.to_port;
    back.to_port = there.from_port;
    uint32_t hash = packet_shard_hash(&there);
    ck_assert_uint_eq(packet_shard_hash(&back), hash);

    back.to_port = 40001;
    ck_assert_uint_ne(packet_shard_hash(&back), hash);
    there.protocol = 17;
    ck_assert_uint_ne(packet_shard_hash(&there), hash);
    struct packet crossed = there; /* the ports belong to the other addresses */
    crossed.protocol = 6;
    crossed.from_port = there.to_port;
    crossed.to_port = there.from_port;
    ck_assert_uint_ne(packet_shard_hash(&crossed), hash);
}
END_TEST

START_TEST(shards_are_of_like_size)
{
    enum { SHARDS = 8, FLOWS = 8000 };
    unsigned count[SHARDS] = {0};
    struct packet packet = {.protocol = 6, .to_port = 443};
    ck_assert(address_from_text(bytes_from_string("10.0.0.1"), &packet.from));
    ck_assert(address_from_text(bytes_from_string("10.0.0.2"), &packet.to));
    for (unsigned i = 0; i < FLOWS; i++) {
        packet.from_port = (uint16_t)(32768 + i);
        count[packet_shard_hash(&packet) % SHARDS]++;
    }
    for (unsigned i = 0; i < SHARDS; i++)
        ck_assert_msg(count[i] > 850 && count[i] < 1150, "shard %u has %u", i, count[i]);
}
END_TEST

START_TEST(every_result_has_a_name)
{
    for (unsigned i = 0; i < PEEL_RESULTS; i++)
        ck_assert_uint_gt(strlen(peel_result_name((enum peel_result)i)), 2);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("layers");
    TCase *c = tcase_create("layers");
    tcase_add_loop_test(c, what_is_below_ip_is_peeled, 0, sizeof links / sizeof *links);
    tcase_add_loop_test(c, it_may_be_cut_after_every_byte, 0, sizeof links / sizeof *links);
    tcase_add_test(c, what_is_below_ip_is_peeled_with_ipv6_in_it);
    tcase_add_test(c, oddities_end_as_they_should);
    tcase_add_test(c, layers_are_followed_to_a_bounded_depth);
    tcase_add_test(c, an_802_1x_frame_is_told_without_addresses);
    tcase_add_test(c, both_directions_go_to_one_shard);
    tcase_add_test(c, shards_are_of_like_size);
    tcase_add_test(c, every_result_has_a_name);
    suite_add_tcase(s, c);
    return s;
}
