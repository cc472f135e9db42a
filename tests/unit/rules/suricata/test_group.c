/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/suricata/group.h"

#include "tests/support/told.h"

#include <check.h>

static struct pool pool;
static struct arena arena;
static struct groups groups;

static void
set_up(void)
{
    pool = (struct pool){.limit = 1 << 20};
    arena = (struct arena){.pool = &pool};
    groups = (struct groups){.arena = &arena};
}

static void
tear_down(void)
{
    arena_empty(&arena);
}

static const struct group *
read_good(enum group_kind kind, const char *text)
{
    struct fault complaint = {0};
    const struct group *group =
        group_read(&groups, kind, bytes_from_string(text), NULL, &complaint);
    ck_assert_msg(group != NULL, "%s: %s", text, complaint.text);
    return group;
}

static const struct {
    const char *group, *address;
    bool has;
} addresses[] = {
    {"any", "192.0.2.1", true},
    {"192.0.2.1", "192.0.2.1", true},
    {"192.0.2.1", "192.0.2.2", false},
    {"!192.0.2.1", "192.0.2.2", true},
    {"192.0.2.77/24", "192.0.2.1", true},
    {"192.0.2.0/255.255.255.0", "192.0.2.200", true},
    {"192.0.2.0/255.255.255.0", "192.0.3.200", false},
    {"192.0.2.5-192.0.2.9", "192.0.2.9", true},
    {"192.0.2.5 - 192.0.2.9", "192.0.2.10", false},
    {"0.0.0.0/0", "203.0.113.9", true},
    {"0.0.0.0/0", "2001:db8::1", false},
    {"::/0", "2001:db8::1", true},
    {"2001:db8::/32", "2001:db8:ffff::1", true},
    {"2001:db8::/32", "2001:db9::1", false},
    {"[192.0.2.0/24,!192.0.2.7]", "192.0.2.8", true},
    {"[192.0.2.0/24,!192.0.2.7]", "192.0.2.7", false},
    {"[!192.0.2.7]", "192.0.2.8", true},
    {"![192.0.2.7,192.0.2.8]", "192.0.2.8", false},
    {"[192.0.2.0/24,![192.0.2.0/25,!192.0.2.5]]", "192.0.2.5", true},
    {"[192.0.2.0/24,![192.0.2.0/25,!192.0.2.5]]", "192.0.2.6", false},
    {"$HOME_NET", "10.1.1.1", true},
    {"$HOME_NET", "fd00::1", true},
    {"$EXTERNAL_NET", "10.1.1.1", false},
    {"$EXTERNAL_NET", "198.51.100.1", true},
    {"[$EXTERNAL_NET,10.1.1.1]", "10.1.1.1", true},
    {"!$AIM_SERVERS", "10.1.1.1", true},
};

START_TEST(a_group_has_its_addresses)
{
    struct address address = told_address(addresses[_i].address);
    const struct group *group = read_good(GROUP_OF_ADDRESSES, addresses[_i].group);
    ck_assert_msg(group_has_address(group, &address) == addresses[_i].has, "%s in %s",
        addresses[_i].address, addresses[_i].group);
}
END_TEST

static const struct {
    const char *group;
    uint16_t port;
    bool has;
} ports[] = {
    {"any", 0, true},
    {"443", 443, true},
    {"443", 444, false},
    {"80:90", 90, true},
    {"80:90", 91, false},
    {"1024:", 65535, true},
    {":1024", 0, true},
    {"!443", 443, false},
    {"[80,443,1000:2000,!1500]", 1500, false},
    {"[80,443,1000:2000,!1500]", 1501, true},
    {"[$HTTP_PORTS,8080]", 80, true},
    {"$FILE_DATA_PORTS", 143, true},
};

START_TEST(a_group_has_its_ports)
{
    const struct group *group = read_good(GROUP_OF_PORTS, ports[_i].group);
    ck_assert_msg(group_has_port(group, ports[_i].port) == ports[_i].has, "%s", ports[_i].group);
}
END_TEST

static const struct {
    enum group_kind kind;
    const char *text, *complaint;
} bad[] = {
    {GROUP_OF_ADDRESSES, "nowhere", "\"nowhere\" is no address"},
    {GROUP_OF_ADDRESSES, "10.0.0.0/33", "\"10.0.0.0/33\" is no network"},
    {GROUP_OF_ADDRESSES, "10.0.0.0/255.0.255.0", "\"10.0.0.0/255.0.255.0\" is no network"},
    {GROUP_OF_ADDRESSES, "10.0.0.9-10.0.0.1", "\"10.0.0.9-10.0.0.1\" is no range of addresses"},
    {GROUP_OF_ADDRESSES, "10.0.0.9-::1", "\"10.0.0.9-::1\" is no range of addresses"},
    {GROUP_OF_ADDRESSES, "!any", "\"any\" is nothing at all: \"!any\""},
    {GROUP_OF_ADDRESSES, "[10.0.0.1", "\"[10.0.0.1\" is a group without its closing bracket"},
    {GROUP_OF_ADDRESSES, "[]", "\"\" is a group without members, or with too many"},
    {GROUP_OF_ADDRESSES, "$NONE", "\"NONE\" is a variable that is not set"},
    {GROUP_OF_ADDRESSES, "[[[[[[[[[[[[[[[[[[::1]]]]]]]]]]]]]]]]]]",
        "groups or variables stand in each other too deeply"},
    {GROUP_OF_PORTS, "65536", "\"65536\" is no port"},
    {GROUP_OF_PORTS, "90:80", "\"90:80\" is no port"},
    {GROUP_OF_PORTS, ":", "\":\" is no port"},
};

START_TEST(a_group_that_is_none_is_named)
{
    struct fault complaint = {0};
    ck_assert_ptr_null(
        group_read(&groups, bad[_i].kind, bytes_from_string(bad[_i].text), NULL, &complaint));
    ck_assert_str_eq(complaint.text, bad[_i].complaint);
}
END_TEST

START_TEST(variables_that_lead_to_each_other_end)
{
    static const struct rule_variable circle[] = {{"A", "[$B]"}, {"B", "!$A"}};
    struct rule_variables variables = {.addresses = circle, .addresses_len = 2};
    struct fault complaint = {0};
    ck_assert_ptr_null(
        group_read(&groups, GROUP_OF_ADDRESSES, bytes_from_string("$A"), &variables, &complaint));
    ck_assert_str_eq(complaint.text, "groups or variables stand in each other too deeply");
}
END_TEST

START_TEST(the_same_text_is_one_group)
{
    ck_assert_ptr_eq(
        read_good(GROUP_OF_ADDRESSES, "$HOME_NET"), read_good(GROUP_OF_ADDRESSES, " $HOME_NET "));
    struct address unset = {0};
    ck_assert(group_has_address(read_good(GROUP_OF_ADDRESSES, "any"), &unset));
    ck_assert(!group_has_address(read_good(GROUP_OF_ADDRESSES, "!10.0.0.1"), &unset));
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/suricata/group");
    TCase *t = tcase_create("group");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_loop_test(
        t, a_group_has_its_addresses, 0, (int)(sizeof addresses / sizeof *addresses));
    tcase_add_loop_test(t, a_group_has_its_ports, 0, (int)(sizeof ports / sizeof *ports));
    tcase_add_loop_test(t, a_group_that_is_none_is_named, 0, (int)(sizeof bad / sizeof *bad));
    tcase_add_test(t, variables_that_lead_to_each_other_end);
    tcase_add_test(t, the_same_text_is_one_group);
    suite_add_tcase(s, t);
    return s;
}
