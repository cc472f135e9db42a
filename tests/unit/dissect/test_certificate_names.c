/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/certificate_store.h"
#include "tests/support/asn1.h"

#include <check.h>
#include <openssl/x509.h>
#include <stdlib.h>

static struct pool pool;
static struct arena arena;

static void
open_arena(void)
{
    pool = (struct pool){.limit = 64 << 20};
    arena = (struct arena){.pool = &pool};
}

static void
empty_arena(void)
{
    arena_empty(&arena);
    ck_assert_uint_eq(pool.used, 0);
}

static const struct certificate *
read_subject(struct bytes name)
{
    struct asn1_certificate parts = asn1_good(&arena);
    parts.subject = name;
    const struct certificate *c = certificate_read(&arena, asn1_certificate(&arena, &parts));
    ck_assert_ptr_nonnull(c);
    return c;
}

/* What OpenSSL makes of a name; the empty slice when it refuses it. The caller frees `out`. */
static bool
ask_openssl(struct bytes name, BIO **out)
{
    const unsigned char *at = name.at;
    X509_NAME *read = d2i_X509_NAME(NULL, &at, (long)name.len);
    *out = BIO_new(BIO_s_mem());
    bool printed = read && X509_NAME_print_ex(*out, read, 0, XN_FLAG_RFC2253) >= 0;
    X509_NAME_free(read);
    return printed;
}

/* Is the name one that OpenSSL reads? Then it must read the same here. */
static bool
compare(struct bytes name)
{
    const struct certificate *c = read_subject(name);
    char *text;
    BIO *bio;
    bool known = ask_openssl(name, &bio);
    if (known) {
        size_t len = (size_t)BIO_get_mem_data(bio, &text);
        ck_assert_msg(bytes_equal(c->subject_text, bytes_of(text, len)), "%.*s and %.*s", (int)len,
            text, (int)c->subject_text.len, c->subject_text.at);
    }
    BIO_free(bio);
    return known;
}

static const uint8_t string_tags[] = {0x0c, 0x12, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1a, 0x1c, 0x1e};

START_TEST(each_byte_in_each_string_is_printed_as_openssl_does)
{
    size_t compared = 0;
    for (size_t i = 0; i < sizeof string_tags; i++)
        for (unsigned byte = 0; byte < 256; byte++) {
            const uint8_t b = (uint8_t)byte;
            const uint8_t strings[][8] = {
                {b}, {b, 'a'}, {'a', b}, {'a', b, 'c'}, {0, 0, 0, b, 0, 0, b, 1}};
            static const size_t lens[] = {1, 2, 2, 3, 8};
            for (size_t j = 0; j < sizeof lens / sizeof *lens; j++) {
                struct bytes value = ASN1(&arena, string_tags[i], bytes_of(strings[j], lens[j]));
                compared += compare(asn1_name(&arena, "550403", value));
            }
            arena_empty(&arena);
        }
    ck_assert_uint_gt(compared, 6000); /* some of them it refuses */
}
END_TEST

START_TEST(values_that_are_no_strings_are_printed_as_openssl_does)
{
    for (unsigned tag = 1; tag < 0x1f; tag++)
        compare(asn1_name(&arena, "550403", asn1_text(&arena, (uint8_t)tag, "ab")));
    ck_assert(compare(asn1_name(&arena, "550403", asn1_hex(&arena, 0x30, "0500"))));
    ck_assert(compare(asn1_name(&arena, "55042d", asn1_hex(&arena, 0x03, "00ff"))));
    ck_assert(compare(asn1_name(&arena, "2b06010401876701", asn1_text(&arena, 0x0c, "unknown"))));
}
END_TEST

static struct bytes
attribute(const char *type, const char *value)
{
    return ASN1(&arena, 0x30, asn1_hex(&arena, 0x06, type), asn1_text(&arena, 0x0c, value));
}

START_TEST(several_attributes_are_printed_from_the_last)
{
    struct bytes name = ASN1(&arena, 0x30, ASN1(&arena, 0x31, attribute("550406", "DE")),
        ASN1(&arena, 0x31, attribute("55040a", "A, B"), attribute("55040b", "C+D")),
        asn1_none(&arena, 0x31), ASN1(&arena, 0x31, attribute("550403", "one")),
        ASN1(&arena, 0x31, attribute("2a864886f70d010901", "x@y"), attribute("550403", "two")));
    const struct certificate *c = read_subject(name);
    ck_assert(bytes_equal_string(
        c->subject_text, "CN=two+emailAddress=x@y,CN=one,OU=C\\+D+O=A\\, B,C=DE"));
    ck_assert_uint_eq(c->common_names.len, 2);
    ck_assert(bytes_equal_string(c->common_names.at[1], "two"));
    ck_assert_uint_eq(c->odd, 0);
    ck_assert(compare(name));
}
END_TEST

START_TEST(an_empty_name_is_empty)
{
    const struct certificate *c = read_subject(asn1_none(&arena, 0x30));
    ck_assert(!c->broken);
    ck_assert_uint_eq(c->subject_text.len, 0);
    ck_assert_uint_eq(c->subject.len, 2);
    ck_assert_uint_eq(c->common_names.len, 0);
}
END_TEST

START_TEST(oddities)
{
    static const struct {
        const char *name;
        uint8_t tag;
        const char *value, *text;
        unsigned odd;
    } cases[] = {
        {"NUL", 0x0c, "'a' 00 'b'", "CN=a\\00b", ODD_NAME_NUL},
        {"line feed", 0x0c, "'a' 0a 'b'", "CN=a\\0Ab", 0},
        {"good UTF-8", 0x0c, "c3a9", "CN=\\C3\\A9", 0},
        {"UTF-8 cut", 0x0c, "'a' c3", "CN=a\\C3", ODD_NAME_ENCODING},
        {"UTF-8 longer than need be", 0x0c, "c080", "CN=\\C0\\80", ODD_NAME_ENCODING},
        {"surrogate in UTF-8", 0x0c, "eda080", "CN=\\ED\\A0\\80", ODD_NAME_ENCODING},
        {"beyond Unicode", 0x0c, "f4908080", "CN=\\F4\\90\\80\\80", ODD_NAME_ENCODING},
        {"stray octet", 0x0c, "80", "CN=\\80", ODD_NAME_ENCODING},
        {"Latin-1", 0x14, "e9", "CN=\\C3\\A9", 0},
        {"two-byte characters", 0x1e, "0061 20ac", "CN=a\\E2\\82\\AC", 0},
        {"two-byte characters, odd length", 0x1e, "0061 00", "CN=#1E03006100", ODD_NAME_ENCODING},
        {"half a pair", 0x1e, "d83d", "CN=#1E02D83D", ODD_NAME_ENCODING},
        {"the other half", 0x1e, "de00", "CN=#1E02DE00", ODD_NAME_ENCODING},
        {"four-byte characters", 0x1c, "0001f600", "CN=\\F0\\9F\\98\\80", 0},
        {"beyond Unicode in four bytes", 0x1c, "00110000", "CN=#1C0400110000", ODD_NAME_ENCODING},
        {"star where none may be", 0x13, "'*'", "CN=*", ODD_NAME_ENCODING},
        {"high bit in ASCII", 0x16, "80", "CN=\\C2\\80", ODD_NAME_ENCODING},
        {"empty", 0x0c, "", "CN=", 0},
        {"in segments", 0x2c, "04 01 'a' 04 01 'b'", "CN=ab", ODD_NOT_DER},
        {"in broken segments", 0x2c, "04 05 'a'", "CN=#2C03040561", ODD_NOT_DER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes value = asn1_hex(&arena, cases[i].tag, cases[i].value);
        const struct certificate *c = read_subject(asn1_name(&arena, "550403", value));
        ck_assert_msg(bytes_equal_string(c->subject_text, cases[i].text), "%s: %.*s", cases[i].name,
            (int)c->subject_text.len, c->subject_text.at);
        ck_assert_msg(c->odd == cases[i].odd, "%s: %x", cases[i].name, c->odd);
    }
}
END_TEST

/* What stands where an attribute should be is shown, so that no two such names look the same. */
START_TEST(names_that_make_no_sense_do_not_look_alike)
{
    static const char *const names[] = {
        "31 0b 30 09 0603550403 0c02 'ab'",
        "31 0b 30 09 0603550403 0c02 'ab' ff",
        "31 0b 30 09 0603550403 0c02 'ab' fe",
        "31 0b 30 09 0603550403 0c02 'ab' 0500",
        "31 0b 30 09 0603550403 0c02 'ab' 3000",
        "31 0b 30 09 0603550403 0c03 'ab'",
        "31 0b 31 09 0603550403 0c02 'ab'",
        "31 0b 30 09 0203550403 0c02 'ab'",
        "31 0b 30 09 0603558003 0c02 'ab'",
        "31 0b 30 09 0603550483 0c02 'ab'",
        "31 0b 30 09 0603550403 2402 'ab'",
        "31 0d 30 0b 0603550403 0c02 'ab' 0500",
        "31 0d 30 0b 0603550403 0c02 'ab' 0501",
        "30 00",
        "31 02 30 00",
        "31 02 30 01",
    };
    enum { COUNT = sizeof names / sizeof *names };
    struct bytes texts[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        const struct certificate *c = read_subject(asn1_hex(&arena, 0x30, names[i]));
        texts[i] = c->subject_text;
        for (size_t j = 0; j < i; j++)
            ck_assert_msg(!bytes_equal(texts[i], texts[j]), "%s and %s: %.*s", names[i], names[j],
                (int)texts[i].len, texts[i].at);
    }
}
END_TEST

START_TEST(long_names_are_cut_in_print_only)
{
    const struct certificate *c =
        read_subject(asn1_name(&arena, "550403", asn1_fill(&arena, 0x0c, 'x', 100000)));
    ck_assert(!c->broken && c->odd == ODD_TRUNCATED);
    ck_assert_uint_eq(c->subject_text.len, 4096);
    ck_assert_uint_eq(c->common_names.at[0].len, 100000);

    enum { MANY = 3000 };
    struct bytes *sets = arena_take(&arena, MANY * sizeof *sets);
    for (size_t i = 0; i < MANY; i++)
        sets[i] = ASN1(&arena, 0x31, attribute("550403", i + 1 < MANY ? "x" : "last"));
    c = read_subject(asn1_join(&arena, 0x30, sets, MANY));
    ck_assert(!c->broken && c->odd == ODD_TRUNCATED);
    ck_assert(bytes_start_with(c->subject_text, bytes_from_string("CN=last,CN=x,")));
    ck_assert_uint_eq(c->common_names.len, 1024);
    ck_assert(bytes_equal_string(c->common_names.at[1023], "last"));
}
END_TEST

START_TEST(alternative_names_of_each_kind_are_told_apart)
{
    struct asn1_certificate parts = asn1_good(&arena);
    struct bytes names = ASN1(&arena, 0x30, asn1_text(&arena, 0x82, "a.example"),
        asn1_text(&arena, 0x81, "b@example"), asn1_text(&arena, 0x86, "https://c"),
        asn1_hex(&arena, 0x87, "c0000201"), asn1_hex(&arena, 0x88, "2a03"),
        asn1_hex(&arena, 0xa4, "3000"), asn1_hex(&arena, 0xa0, "06012a a003 0c0178"),
        asn1_hex(&arena, 0x87, "20010db8000000000000000000000001"),
        asn1_hex(&arena, 0x87, "c00002"), asn1_hex(&arena, 0x82, ""),
        asn1_hex(&arena, 0x82, "'d' 00 80"));
    struct bytes second = ASN1(&arena, 0x30, asn1_text(&arena, 0x82, "second.example"));
    struct bytes extensions[] = {
        asn1_extension(&arena, "551d11", names), asn1_extension(&arena, "551d11", second)};
    parts.extensions = asn1_extensions(&arena, extensions, 2);
    const struct certificate *c = certificate_read(&arena, asn1_certificate(&arena, &parts));

    ck_assert_uint_eq(c->dns.len, 4);
    ck_assert(bytes_equal_string(c->dns.at[0], "a.example"));
    ck_assert_uint_eq(c->dns.at[1].len, 0);
    ck_assert_uint_eq(c->dns.at[2].len, 3);
    ck_assert(bytes_equal_string(c->dns.at[3], "second.example"));
    ck_assert(c->email.len == 1 && bytes_equal_string(c->email.at[0], "b@example"));
    ck_assert(c->uri.len == 1 && bytes_equal_string(c->uri.at[0], "https://c"));
    char text[ADDRESS_TEXT];
    ck_assert_uint_eq(c->ip_len, 2);
    address_to_text(&c->ip[0], text);
    ck_assert_str_eq(text, "192.0.2.1");
    address_to_text(&c->ip[1], text);
    ck_assert_str_eq(text, "2001:db8::1");
    ck_assert_uint_eq(c->odd, ODD_DUPLICATE_EXTENSION | ODD_NAME_NUL | ODD_NAME_ENCODING);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("certificate_names");
    TCase *c = tcase_create("certificate_names");
    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, open_arena, empty_arena);
    tcase_add_test(c, each_byte_in_each_string_is_printed_as_openssl_does);
    tcase_add_test(c, values_that_are_no_strings_are_printed_as_openssl_does);
    tcase_add_test(c, several_attributes_are_printed_from_the_last);
    tcase_add_test(c, an_empty_name_is_empty);
    tcase_add_test(c, oddities);
    tcase_add_test(c, names_that_make_no_sense_do_not_look_alike);
    tcase_add_test(c, long_names_are_cut_in_print_only);
    tcase_add_test(c, alternative_names_of_each_kind_are_told_apart);
    suite_add_tcase(s, c);
    return s;
}
