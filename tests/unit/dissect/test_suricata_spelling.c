/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/suricata_spelling.h"
#include "tests/support/asn1.h"

#include <check.h>

static struct pool pool;
static struct arena arena;
static struct text text;

static void
begin(void)
{
    pool = (struct pool){.limit = 1 << 20};
    arena = (struct arena){.pool = &pool};
}

static void
end(void)
{
    arena_empty(&arena);
    text_free(&text);
}

static struct bytes
attribute(const char *type, struct bytes value)
{
    return ASN1(&arena, 0x30, asn1_hex(&arena, 0x06, type), value);
}

static struct bytes
one(const char *type, const char *value)
{
    return ASN1(&arena, 0x31, attribute(type, asn1_text(&arena, 0x0c, value)));
}

static void
must_be(struct bytes name, const char *wanted)
{
    text_clear(&text);
    suricata_name(name, &text);
    ck_assert_str_eq(text_string(&text), wanted);
}

/* As Suricata 7.0.10 wrote it of a certificate with these attributes. */
START_TEST(names_are_as_suricata_writes_them)
{
    must_be(ASN1(&arena, 0x30, one("55 04 06", "US"), one("55 04 08", "California"),
                one("55 04 07", "San Jose"), one("55 04 09", "1 Main St"), one("55 04 11", "95110"),
                one("55 04 0a", "Example, Inc"),
                ASN1(&arena, 0x31, attribute("55 04 0b", asn1_text(&arena, 0x13, "Unit A")),
                    attribute("55 04 03", asn1_text(&arena, 0x13, "plus.example"))),
                one("55 04 05", "12345"), one("55 04 0f", "Private Organization"),
                one("2b 06 01 04 01 82 37 3c 02 01 03", "US"),
                one("2a 86 48 86 f7 0d 01 09 01", "a@b.example"),
                one("09 92 26 89 93 f2 2c 64 01 01", "uid1"),
                one("09 92 26 89 93 f2 2c 64 01 19", "example"), one("55 04 41", "ps"),
                one("2b 06 01 04 01 86 8d 1f 01", "custom")),
        "C=US, ST=California, L=San Jose, streetAddress=1 Main St, postalCode=95110, "
        "O=Example, Inc, OU=Unit A + CN=plus.example, serialNumber=12345, "
        "businessCategory=Private Organization, msJurisdictionCountry=US, Email=a@b.example, "
        "uid=uid1, DC=example, OID(2.5.4.65)=ps, OID(1.3.6.1.4.1.99999.1)=custom");
}
END_TEST

START_TEST(what_is_no_string_is_hexadecimal)
{
    must_be(ASN1(&arena, 0x30,
                ASN1(&arena, 0x31, attribute("55 04 2d", asn1_hex(&arena, 0x03, "00 ab cd")))),
        "uniqueIdentifier=00ABCD");
    must_be(asn1_none(&arena, 0x30), "");
}
END_TEST

static const char *const no_texts[] = {
    "ff", "c3", "c0 80", "ed a0 80", "f5 80 80 80", "e4 61 62", "f0 80 80 80", "80"};

START_TEST(what_is_no_utf8_spoils_the_name)
{
    must_be(ASN1(&arena, 0x30, one("55 04 06", "US"),
                ASN1(&arena, 0x31, attribute("55 04 0a", asn1_hex(&arena, 0x14, no_texts[_i])))),
        "<X509Error: Invalid X.509 name>");
}
END_TEST

START_TEST(utf8_stays_as_it_is)
{
    must_be(ASN1(&arena, 0x30, one("55 04 0a", "Ex\xc3\xa4mple \xe2\x82\xac \xf0\x9f\x98\x80")),
        "O=Ex\xc3\xa4mple \xe2\x82\xac \xf0\x9f\x98\x80");
}
END_TEST

/* Nothing is read behind the end. */
START_TEST(a_name_may_be_cut_anywhere)
{
    struct bytes name = ASN1(&arena, 0x30, one("55 04 06", "US"), one("55 04 0a", "Example"));
    for (size_t len = 0; len < name.len; len++) {
        text_clear(&text);
        suricata_name(bytes_first(name, len), &text);
    }
    must_be(asn1_raw(&arena, "30 05 31 03 02 01 00"), "");
}
END_TEST

START_TEST(octets_and_times)
{
    static const uint8_t octets[] = {0x0c, 0x00, 0xfe};
    suricata_octets(bytes_of(octets, sizeof octets), false, &text);
    text_add_char(&text, ' ');
    suricata_octets(bytes_of(octets, sizeof octets), true, &text);
    text_add_char(&text, ' ');
    suricata_octets((struct bytes){0}, true, &text);
    suricata_time(1483526923, &text);
    ck_assert_str_eq(text_string(&text), "0C:00:FE 0c:00:fe 2017-01-04T10:48:43");
    text_clear(&text);
    suricata_time(-1, &text);
    ck_assert_str_eq(text_string(&text), "1969-12-31T23:59:59");
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("suricata_spelling");
    TCase *c = tcase_create("suricata_spelling");
    tcase_add_checked_fixture(c, begin, end);
    tcase_add_test(c, names_are_as_suricata_writes_them);
    tcase_add_test(c, what_is_no_string_is_hexadecimal);
    tcase_add_loop_test(c, what_is_no_utf8_spoils_the_name, 0, sizeof no_texts / sizeof *no_texts);
    tcase_add_test(c, utf8_stays_as_it_is);
    tcase_add_test(c, a_name_may_be_cut_anywhere);
    tcase_add_test(c, octets_and_times);
    suite_add_tcase(s, c);
    return s;
}
