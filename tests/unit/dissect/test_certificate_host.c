/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/certificate_store.h"
#include "tests/support/asn1.h"

#include <check.h>

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

/* A certificate for these names, parted by spaces; "uri:" and "cn:" in front of other kinds. */
static const struct certificate *
certificate_for(const char *names)
{
    struct bytes alternative[32];
    struct bytes common[32];
    size_t alternatives = 0;
    size_t commons = 0;
    struct reader r = reader_over(bytes_from_string(names));
    while (reader_more(&r)) {
        struct bytes left = bytes_of(r.at, reader_left(&r));
        struct bytes word = read_bytes(&r, bytes_find_byte(left, ' '));
        if (reader_more(&r))
            read_bytes(&r, 1);
        if (bytes_start_with(word, bytes_from_string("cn:"))) {
            struct bytes value = ASN1(&arena, 0x0c, bytes_skip(word, 3));
            struct bytes type = asn1_hex(&arena, 0x06, "550403");
            common[commons++] = ASN1(&arena, 0x31, ASN1(&arena, 0x30, type, value));
        } else if (bytes_start_with(word, bytes_from_string("uri:"))) {
            alternative[alternatives++] = ASN1(&arena, 0x86, bytes_skip(word, 4));
        } else {
            alternative[alternatives++] = ASN1(&arena, 0x82, word);
        }
    }

    struct asn1_certificate parts = asn1_good(&arena);
    struct bytes extension =
        asn1_extension(&arena, "551d11", asn1_join(&arena, 0x30, alternative, alternatives));
    parts.subject = asn1_join(&arena, 0x30, common, commons);
    parts.extensions = asn1_extensions(&arena, &extension, alternatives > 0);
    const struct certificate *c = certificate_read(&arena, asn1_certificate(&arena, &parts));
    ck_assert_ptr_nonnull(c);
    ck_assert_msg(!c->broken, "%s", c->broken);
    return c;
}

START_TEST(hosts)
{
    static const struct {
        const char *names, *host;
        bool named;
    } cases[] = {
        {"www.example.com", "www.example.com", true},
        {"www.example.com", "WWW.Example.COM", true},
        {"www.example.com", "example.com", false},
        {"www.example.com", "xwww.example.com", false},
        {"a.example b.example", "b.example", true},
        {"*.example.com", "www.example.com", true},
        {"*.example.com", "WWW.EXAMPLE.COM", true},
        {"*.example.com", "a.b.example.com", false},
        {"*.example.com", "example.com", false},
        {"*.example.com", ".example.com", false},
        {"*.com", "example.com", false},
        {"*", "example", false},
        {"*.", "a.", false},
        {"*.a.b", "x.a.b", true},
        {"foo*.example.com", "foobar.example.com", true},
        {"foo*.example.com", "FOO1.example.com", true},
        {"foo*.example.com", "bar.example.com", false},
        {"*foo.example.com", "barfoo.example.com", false},
        {"f*o.example.com", "fo.example.com", false},
        {"www.*.example.com", "www.a.example.com", false},
        {"*.*.example.com", "a.b.example.com", false},
        {"**.example.com", "a.example.com", false},
        {"*.example.com", "*.example.com", true},
        {"cn:example.com", "example.com", true},
        {"cn:first.example cn:last.example", "last.example", true},
        {"cn:first.example cn:last.example", "first.example", false},
        {"cn:*.example.com", "www.example.com", true},
        {"cn:a.example b.example", "a.example", false},
        {"cn:a.example uri:https://b.example", "a.example", true},
        {"uri:a.example", "a.example", false},
        {"", "example.com", false},
        {"www.example.com", "", false},
        {"cn:", "", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct certificate *c = certificate_for(cases[i].names);
        bool named = certificate_names_host(c, bytes_from_string(cases[i].host));
        ck_assert_msg(named == cases[i].named, "%s by %s", cases[i].host, cases[i].names);
    }
}
END_TEST

START_TEST(a_nul_does_not_end_a_name)
{
    struct asn1_certificate parts = asn1_good(&arena);
    struct bytes name = asn1_hex(&arena, 0x82, "'bank.example' 00 '.evil.example'");
    struct bytes extension = asn1_extension(&arena, "551d11", ASN1(&arena, 0x30, name));
    parts.extensions = asn1_extensions(&arena, &extension, 1);
    const struct certificate *c = certificate_read(&arena, asn1_certificate(&arena, &parts));
    ck_assert(c->odd & ODD_NAME_NUL);
    ck_assert(!certificate_names_host(c, bytes_from_string("bank.example")));
}
END_TEST

/* Only so many names are kept, but all of them count. */
START_TEST(of_very_many_names_each_one_counts)
{
    enum { MANY = 10000 };
    struct bytes *names = arena_take(&arena, MANY * sizeof *names);
    ck_assert_ptr_nonnull(names);
    for (unsigned i = 0; i < MANY; i++) {
        char name[] = "h0000.example";
        for (unsigned digit = 0, left = i; digit < 4; digit++, left /= 10)
            name[4 - digit] = (char)('0' + left % 10);
        names[i] = asn1_text(&arena, i < 5000 ? 0x86 : 0x82, name);
    }
    struct asn1_certificate parts = asn1_good(&arena);
    struct bytes extension = asn1_extension(&arena, "551d11", asn1_join(&arena, 0x30, names, MANY));
    parts.extensions = asn1_extensions(&arena, &extension, 1);
    const struct certificate *c = certificate_read(&arena, asn1_certificate(&arena, &parts));

    ck_assert(!c->broken && c->odd & ODD_TRUNCATED);
    ck_assert_uint_eq(c->uri.len, 1024);
    ck_assert_uint_eq(c->dns.len, 0);
    ck_assert(certificate_names_host(c, bytes_from_string("h9999.example")));
    ck_assert(!certificate_names_host(c, bytes_from_string("h4999.example")));
    ck_assert(!certificate_names_host(c, bytes_from_string("subject")));
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("certificate_host");
    TCase *c = tcase_create("certificate_host");
    tcase_add_checked_fixture(c, open_arena, empty_arena);
    tcase_add_test(c, hosts);
    tcase_add_test(c, a_nul_does_not_end_a_name);
    tcase_add_test(c, of_very_many_names_each_one_counts);
    suite_add_tcase(s, c);
    return s;
}
