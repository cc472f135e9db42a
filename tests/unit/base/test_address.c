/* SPDX-License-Identifier: Apache-2.0 */
#include "base/address.h"

#include <check.h>

START_TEST(addresses_are_read_and_written_in_their_normal_form)
{
    static const struct {
        const char *text;
        const char *normal; /* NULL: no address */
    } cases[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"::", "::"},
        {"::1", "::1"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"::ffff:c000:201", "192.0.2.1"},
        {"ff02::1:ff00:0", "ff02::1:ff00:0"},
        {"", NULL},
        {"192.0.2", NULL},
        {"192.0.2.256", NULL},
        {"192.0.2.1 ", NULL},
        {" 192.0.2.1", NULL},
        {"192.0.2.1.5", NULL},
        {"2001:db8::1::2", NULL},
        {"2001:db8::12345", NULL},
        {"fe80::1%eth0", NULL},
        {"example.org", NULL},
        {"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct address address;
        char text[ADDRESS_TEXT];
        bool good = address_from_text(bytes_from_string(cases[i].text), &address);
        ck_assert_msg(good == (cases[i].normal != NULL), "'%s'", cases[i].text);
        if (!good)
            continue;
        address_to_text(&address, text);
        ck_assert_str_eq(text, cases[i].normal);
    }
}
END_TEST

START_TEST(a_nul_within_the_text_is_no_address)
{
    struct address address;
    ck_assert(!address_from_text(bytes_of("192.0.2.1\0x", 11), &address));
    ck_assert(!address_from_text((struct bytes){0}, &address));
}
END_TEST

START_TEST(both_kinds_are_kept_as_one)
{
    struct address none = {0};
    struct address v4 = address_v4(bytes_of("\xc0\x00\x02\x01", 4));
    struct address v6 = address_v6(bytes_of(v4.at, sizeof v4.at));
    ck_assert(address_is_v4(&v4) && address_is_v4(&v6) && !address_is_v4(&none));
    ck_assert(address_is_set(&v4) && !address_is_set(&none));
    ck_assert_mem_eq(v4.at, v6.at, sizeof v4.at);
    struct address zero = address_v4(bytes_of("\0\0\0\0", 4));
    ck_assert(address_is_set(&zero));
}
END_TEST

START_TEST(networks_hold_their_addresses_and_no_others)
{
    static const struct {
        const char *network, *address;
        bool has;
    } cases[] = {
        {"10.0.0.0/8", "10.255.0.1", true},
        {"10.0.0.0/8", "11.0.0.1", false},
        {"192.0.2.0/25", "192.0.2.127", true},
        {"192.0.2.0/25", "192.0.2.128", false},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"192.0.2.1", "192.0.2.1", true},
        {"192.0.2.1", "192.0.2.2", false},
        {"192.0.2.1/32", "192.0.2.1", true},
        {"2001:db8::/32", "2001:db8:ffff::1", true},
        {"2001:db8::/32", "2001:db9::1", false},
        {"2001:db8::/127", "2001:db8::1", true},
        {"2001:db8::/127", "2001:db8::2", false},
        {"::/0", "192.0.2.1", true},
        {"::ffff:192.0.2.0/120", "192.0.2.77", true},
        {"::ffff:192.0.2.0/120", "192.0.3.77", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct network network;
        struct address address;
        ck_assert_msg(network_from_text(bytes_from_string(cases[i].network), &network), "%s",
            cases[i].network);
        ck_assert(address_from_text(bytes_from_string(cases[i].address), &address));
        ck_assert_msg(network_has(&network, &address) == cases[i].has, "%s in %s", cases[i].address,
            cases[i].network);
    }
}
END_TEST

START_TEST(what_is_no_network_is_refused)
{
    static const char *const cases[] = {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8",
        "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0.0/8 ", "10.0.0.0/+8", "10.0.0.0/0008",
        "2001:db8::/129", "2001:db8::1/64", "10.0.0.0/a", "host/8", "10.0.0.0/255.0.0.0",
        "::ffff:192.0.2.1/120"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct network network;
        ck_assert_msg(!network_from_text(bytes_from_string(cases[i]), &network), "%s", cases[i]);
    }
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("address");
    TCase *c = tcase_create("address");
    tcase_add_test(c, addresses_are_read_and_written_in_their_normal_form);
    tcase_add_test(c, a_nul_within_the_text_is_no_address);
    tcase_add_test(c, both_kinds_are_kept_as_one);
    tcase_add_test(c, networks_hold_their_addresses_and_no_others);
    tcase_add_test(c, what_is_no_network_is_refused);
    suite_add_tcase(s, c);
    return s;
}
