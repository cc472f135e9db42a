/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/signature.h"

#include "dissect/certificate_store.h"
#include "tests/support/asn1.h"
#include "tests/support/signing.h"

#include <check.h>

static struct pool pool;
static struct arena arena;
static struct verifier *verifier;

static void
begin(void)
{
    pool = (struct pool){.limit = 8 << 20};
    arena = (struct arena){.pool = &pool};
    verifier = verifier_new();
}

static void
end(void)
{
    verifier_free(verifier);
    arena_empty(&arena);
}

static const struct certificate *
certificate_of(const char *kind, unsigned nth)
{
    return certificate_read(&arena, signer_certificate(signer_find(kind, nth), &arena));
}

static const struct way {
    const char *kind;
    uint16_t code;
    const char *digest;
    bool pss;
} ways[] = {
    {"RSA", 0x0101, "MD5", false},
    {"RSA", 0x0201, "SHA1", false},
    {"RSA", 0x0301, "SHA224", false},
    {"RSA", 0x0401, "SHA256", false},
    {"RSA", 0x0501, "SHA384", false},
    {"RSA", 0x0601, "SHA512", false},
    {"RSA", 0x0804, "SHA256", true},
    {"RSA", 0x0805, "SHA384", true},
    {"RSA-PSS", 0x0809, "SHA256", true},
    {"RSA-PSS", 0x080a, "SHA384", true},
    {"P-256", 0x0203, "SHA1", false},
    {"P-256", 0x0403, "SHA256", false},
    {"P-384", 0x0503, "SHA384", false},
    {"P-521", 0x0603, "SHA512", false},
    {"P-384", 0x081b, "SHA384", false},
    {"ED25519", 0x0807, NULL, false},
    {"ED448", 0x0808, NULL, false},
    {"DSA", 0x0202, "SHA1", false},
    {"DSA", 0x0402, "SHA256", false},
    {"SM2", 0x0708, "SM3", false},
};

static enum signature_result
check(
    const struct way *way, const struct certificate *key, struct bytes what, struct bytes signature)
{
    struct signature_scheme scheme;
    ck_assert(signature_scheme_find(way->code, &scheme));
    return signature_check(verifier, key, &scheme, what, signature);
}

START_TEST(tells_right_from_wrong)
{
    const struct way *way = &ways[_i];
    struct bytes what = bytes_from_string("what was said"),
                 other = bytes_from_string("what was not");
    const struct certificate *own = certificate_of(way->kind, 0);
    const struct certificate *others = certificate_of(way->kind, 1);
    struct bytes signature =
        signer_sign(signer_find(way->kind, 0), &arena, way->digest, way->pss, what);
    ck_assert_int_eq(check(way, own, what, signature), SIGNATURE_GOOD);
    ck_assert_int_eq(check(way, own, other, signature), SIGNATURE_WRONG);
    ck_assert_int_eq(check(way, others, what, signature), SIGNATURE_WRONG);
    ck_assert_int_eq(check(way, own, what, signature), SIGNATURE_GOOD);
    ck_assert_int_eq(check(way, own, what, bytes_first(signature, 5)), SIGNATURE_WRONG);
    ck_assert_int_eq(check(way, own, what, (struct bytes){0}), SIGNATURE_WRONG);
    uint8_t *bit = (uint8_t *)(uintptr_t)(signature.at + signature.len / 2);
    *bit ^= 1;
    ck_assert_int_eq(check(way, own, what, signature), SIGNATURE_WRONG);
}
END_TEST

/* Another kind of key than the certificate has signed. */
START_TEST(tells_kinds_apart)
{
    struct bytes what = bytes_from_string("what was said");
    struct bytes signature = signer_sign(signer_find("P-256", 0), &arena, "SHA256", false, what);
    static const struct way ecdsa = {.code = 0x0403};
    ck_assert_int_eq(check(&ecdsa, certificate_of("RSA", 0), what, signature), SIGNATURE_WRONG);
    ck_assert_int_eq(check(&ecdsa, certificate_of("P-256", 0), what, signature), SIGNATURE_GOOD);
}
END_TEST

START_TEST(knows_what_goes_without_saying)
{
    struct signature_scheme scheme;
    struct bytes what = bytes_from_string("what was said");
    static const char *const implied[][2] = {
        {"RSA", "MD5-SHA1"}, {"DSA", "SHA1"}, {"P-256", "SHA1"}};
    for (size_t i = 0; i < 3; i++) {
        const struct certificate *key = certificate_of(implied[i][0], 0);
        ck_assert(signature_scheme_implied(key, &scheme));
        struct bytes signature =
            signer_sign(signer_find(implied[i][0], 0), &arena, implied[i][1], false, what);
        ck_assert_int_eq(signature_check(verifier, key, &scheme, what, signature), SIGNATURE_GOOD);
    }
    ck_assert(!signature_scheme_implied(certificate_of("ED25519", 0), &scheme));
    ck_assert(!signature_scheme_find(0x0000, &scheme));
    ck_assert(!signature_scheme_find(0x0904, &scheme)); /* ML-DSA */
    ck_assert(!signature_scheme_find(0x0404, &scheme));
    ck_assert(!signature_scheme_find(0xffff, &scheme));
}
END_TEST

static const struct certificate *
certificate_with_key(const char *hex)
{
    struct asn1_certificate parts = asn1_good(&arena);
    parts.key = asn1_raw(&arena, hex);
    return certificate_read(&arena, asn1_certificate(&arena, &parts));
}

/* Keys that are none, or would cost too much. */
START_TEST(refuses_keys)
{
    static const char *const keys[] = {
        "3009 3005 0603 2b6577 0300", /* X25519's kin, unknown */
        "300d 3009 0607 2a8648ce3d0201 0300",
        "302a 3005 0603 2b656e 0321 00 0102030405060708090a0b0c0d0e0f10"
        "1112131415161718191a1b1c1d1e1f20", /* X25519 */
        "3013 300d 0609 2a864886f70d010101 0500 0302 0000",
    };
    struct signature_scheme scheme = {KEY_RSA, "SHA256", false};
    struct bytes what = bytes_from_string("what was said");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        ck_assert_int_eq(
            signature_check(verifier, certificate_with_key(keys[i]), &scheme, what, what),
            SIGNATURE_UNABLE);

    struct certificate large = *certificate_of("RSA", 0);
    large.key_length = 16384;
    ck_assert_int_eq(signature_check(verifier, &large, &scheme, what, what), SIGNATURE_UNABLE);
    large.key_length = 2048;
    large.exponent = bytes_from_string("0x0123456789ABCDEF01");
    ck_assert_int_eq(signature_check(verifier, &large, &scheme, what, what), SIGNATURE_UNABLE);
}
END_TEST

/* However many come in a second, they do not cost more than so much; in the next there is time
 * again. */
START_TEST(is_bounded)
{
    struct signature_scheme scheme = {KEY_RSA, "SHA256", false};
    struct bytes what = bytes_from_string("what was said");
    const struct certificate *key = certificate_of("RSA", 0);
    unsigned checked = 0;
    verifier_tick(verifier, 1000000000);
    while (signature_check(verifier, key, &scheme, what, what) != SIGNATURE_SKIPPED)
        checked++;
    ck_assert_uint_gt(checked, 1000);
    ck_assert_uint_lt(checked, 5000);
    verifier_tick(verifier, 1900000000);
    ck_assert_int_eq(signature_check(verifier, key, &scheme, what, what), SIGNATURE_SKIPPED);
    verifier_tick(verifier, 2000000000);
    ck_assert_int_eq(signature_check(verifier, key, &scheme, what, what), SIGNATURE_WRONG);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("signature");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_unchecked_fixture(t, NULL, signers_free);
    tcase_add_loop_test(t, tells_right_from_wrong, 0, sizeof ways / sizeof *ways);
    tcase_add_test(t, tells_kinds_apart);
    tcase_add_test(t, knows_what_goes_without_saying);
    tcase_add_test(t, refuses_keys);
    tcase_add_test(t, is_bounded);
    suite_add_tcase(s, t);
    return s;
}
