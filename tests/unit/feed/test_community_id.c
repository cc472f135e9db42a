/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/community_id.h"
#include "tests/support/told.h"

#include <check.h>
#include <netinet/in.h>

/* The first three are published with the specification. */
static const struct {
    const char *from, *to;
    uint16_t from_port, to_port;
    uint8_t protocol;
    const char *id;
} cases[] = {
    {"128.232.110.120", "66.35.250.204", 34855, 80, IPPROTO_TCP, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
    {"192.168.1.52", "8.8.8.8", 54585, 53, IPPROTO_UDP, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
    {"2001:470:e5bf:dead:4957:2174:e82c:4887", "2607:f8b0:400c:c03::1a", 63943, 25, IPPROTO_TCP,
        "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="},
};

START_TEST(both_directions_have_the_published_identifier)
{
    struct address address[] = {told_address(cases[_i].from), told_address(cases[_i].to)};
    struct address turned[] = {address[1], address[0]};
    uint16_t port[] = {cases[_i].from_port, cases[_i].to_port};
    uint16_t turned_port[] = {port[1], port[0]};
    char out[COMMUNITY_ID_TEXT];

    ck_assert(community_id(address, port, cases[_i].protocol, out));
    ck_assert_str_eq(out, cases[_i].id);
    ck_assert(community_id(turned, turned_port, cases[_i].protocol, out));
    ck_assert_str_eq(out, cases[_i].id);
}
END_TEST

START_TEST(between_equal_addresses_the_ports_decide)
{
    struct address address[] = {told_address("127.0.0.1"), told_address("127.0.0.1")};
    char one[COMMUNITY_ID_TEXT], other[COMMUNITY_ID_TEXT];
    ck_assert(community_id(address, (uint16_t[]){1, 2}, IPPROTO_TCP, one));
    ck_assert(community_id(address, (uint16_t[]){2, 1}, IPPROTO_TCP, other));
    ck_assert_str_eq(one, other);
}
END_TEST

START_TEST(what_has_no_ports_or_addresses_has_no_identifier)
{
    struct address address[] = {told_address("127.0.0.1"), {{0}}};
    struct address both[] = {address[0], address[0]};
    uint16_t port[] = {1, 2};
    char out[COMMUNITY_ID_TEXT] = "x";
    ck_assert(!community_id(address, port, IPPROTO_TCP, out));
    ck_assert_str_eq(out, "");
    ck_assert(!community_id(both, port, 0, out));
    ck_assert(!community_id(both, port, IPPROTO_ICMP, out));
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *suite = suite_create("community_id");
    TCase *tests = tcase_create("community_id");
    tcase_add_loop_test(tests, both_directions_have_the_published_identifier, 0,
        (int)(sizeof cases / sizeof *cases));
    tcase_add_test(tests, between_equal_addresses_the_ports_decide);
    tcase_add_test(tests, what_has_no_ports_or_addresses_has_no_identifier);
    suite_add_tcase(suite, tests);
    return suite;
}
