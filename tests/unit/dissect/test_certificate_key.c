/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/certificate_store.h"
#include "tests/support/asn1.h"

#include <check.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

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
read_key(struct bytes key)
{
    struct asn1_certificate parts = asn1_good(&arena);
    parts.key = key;
    const struct certificate *c = certificate_read(&arena, asn1_certificate(&arena, &parts));
    ck_assert_ptr_nonnull(c);
    ck_assert_msg(!c->broken, "%s", c->broken);
    ck_assert(bytes_equal(c->spki, key));
    return c;
}

/* Reads the key as OpenSSL writes it, and frees it. */
static const struct certificate *
read_made(EVP_PKEY *key)
{
    unsigned char *der = NULL;
    ck_assert_ptr_nonnull(key);
    int len = i2d_PUBKEY(key, &der);
    bool ok;
    ck_assert_int_gt(len, 0);
    struct bytes copy = arena_copy(&arena, bytes_of(der, (size_t)len), &ok);
    ck_assert(ok);
    OPENSSL_free(der);
    EVP_PKEY_free(key);
    return read_key(copy);
}

static void
expect(const struct certificate *c, const char *algorithm, const char *type, unsigned length)
{
    ck_assert_msg(bytes_equal_string(c->key_algorithm, algorithm), "%s: %.*s", algorithm,
        (int)c->key_algorithm.len, c->key_algorithm.at);
    ck_assert_msg(bytes_equal_string(c->key_type, type), "%s: %.*s", type, (int)c->key_type.len,
        c->key_type.at);
    ck_assert_uint_eq(c->key_length, length);
}

START_TEST(rsa)
{
    const struct certificate *c = read_made(EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024));
    expect(c, "rsaEncryption", "rsa", 1024);
    ck_assert(bytes_equal_string(c->exponent, "65537"));
    ck_assert_uint_eq(c->curve.len, 0);
}
END_TEST

START_TEST(each_curve_openssl_has)
{
    EC_builtin_curve curves[200];
    size_t count = EC_get_builtin_curves(curves, 200);
    ck_assert_uint_gt(count, 10);
    ck_assert_uint_le(count, 200);
    for (size_t i = 0; i < count; i++) {
        const char *name = OBJ_nid2sn(curves[i].nid);
        EC_GROUP *group = EC_GROUP_new_by_curve_name(curves[i].nid);
        unsigned bits = (unsigned)EC_GROUP_order_bits(group);
        bool sm2 = curves[i].nid == NID_sm2;
        bool named = EC_GROUP_get_asn1_flag(group) == OPENSSL_EC_NAMED_CURVE &&
                     OBJ_length(OBJ_nid2obj(curves[i].nid)) > 0;
        EC_GROUP_free(group);
        if (!named)
            continue; /* it has no object identifier */
        const struct certificate *c =
            read_made(EVP_PKEY_Q_keygen(NULL, NULL, sm2 ? "SM2" : "EC", name));
        expect(c, "id-ecPublicKey", sm2 ? "SM2" : "ecdsa", bits);
        ck_assert(bytes_equal_string(c->curve, name));
        ck_assert_uint_eq(c->exponent.len, 0);
    }
}
END_TEST

START_TEST(a_curve_spelt_out)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    ck_assert(EVP_PKEY_set_utf8_string_param(
        key, OSSL_PKEY_PARAM_EC_ENCODING, OSSL_PKEY_EC_ENCODING_EXPLICIT));
    const struct certificate *c = read_made(key);
    expect(c, "id-ecPublicKey", "ecdsa", 256);
    ck_assert_uint_eq(c->curve.len, 0);
}
END_TEST

START_TEST(keys_of_fixed_length)
{
    static const char *const kinds[] = {"ED25519", "ED448", "X25519", "X448"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, kinds[i]);
        unsigned bits = (unsigned)EVP_PKEY_get_bits(key);
        expect(read_made(key), kinds[i], kinds[i], bits);
    }
}
END_TEST

static EVP_PKEY *
make_prime_key(const char *kind, const OSSL_PARAM *parameters)
{
    EVP_PKEY *template = NULL;
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    ck_assert_int_eq(EVP_PKEY_paramgen_init(context), 1);
    ck_assert_int_eq(EVP_PKEY_CTX_set_params(context, parameters), 1);
    ck_assert_int_eq(EVP_PKEY_generate(context, &template), 1);
    EVP_PKEY_CTX_free(context);
    context = EVP_PKEY_CTX_new_from_pkey(NULL, template, NULL);
    ck_assert_int_eq(EVP_PKEY_keygen_init(context), 1);
    ck_assert_int_eq(EVP_PKEY_generate(context, &key), 1);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(template);
    return key;
}

START_TEST(keys_with_a_prime)
{
    size_t bits = 1024;
    char group[] = "ffdhe2048";
    OSSL_PARAM size[] = {
        OSSL_PARAM_construct_size_t(OSSL_PKEY_PARAM_FFC_PBITS, &bits), OSSL_PARAM_construct_end()};
    OSSL_PARAM named[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_end()};
    expect(read_made(make_prime_key("DSA", size)), "dsaEncryption", "dsa", 1024);
    expect(read_made(make_prime_key("DH", named)), "dhKeyAgreement", "DH", 2048);
    expect(read_made(make_prime_key("DHX", size)), "X9.42 DH", "DHX", 1024);
}
END_TEST

static struct bytes
rsa_key(const char *algorithm, const char *modulus, const char *exponent)
{
    struct bytes numbers =
        ASN1(&arena, 0x30, asn1_hex(&arena, 0x02, modulus), asn1_hex(&arena, 0x02, exponent));
    return ASN1(&arena, 0x30,
        ASN1(&arena, 0x30, asn1_hex(&arena, 0x06, algorithm), asn1_raw(&arena, "0500")),
        ASN1(&arena, 0x03, asn1_raw(&arena, "00"), numbers));
}

START_TEST(odd_rsa_keys)
{
    static const char encryption[] = "2a864886f70d010101";
    static const struct {
        const char *name, *modulus, *exponent, *printed;
        unsigned length;
    } cases[] = {
        {"zero", "00", "00", "0", 0},
        {"empty", "", "", "0", 0},
        {"three", "00ff", "03", "3", 8},
        {"no sign octet", "ff", "03", "3", 8},
        {"64 bits", "0100", "00ffffffffffffffff", "18446744073709551615", 9},
        {"65 bits", "0100", "010000000000000000", "0x010000000000000000", 9},
        {"padded", "00000100", "000000000000000000000003", "3", 9},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct certificate *c =
            read_key(rsa_key(encryption, cases[i].modulus, cases[i].exponent));
        ck_assert_msg(bytes_equal_string(c->exponent, cases[i].printed), "%s", cases[i].name);
        expect(c, "rsaEncryption", "rsa", cases[i].length);
    }
    expect(read_key(rsa_key("2a864886f70d010104", "00ff", "03")), "md5WithRSAEncryption", "rsa", 8);
    expect(read_key(rsa_key("2a864886f70d01010a", "00ff", "03")), "rsassaPss", "RSA-PSS", 8);
}
END_TEST

START_TEST(keys_that_cannot_be_read)
{
    static const struct {
        const char *name, *key, *algorithm, *type, *curve;
        unsigned length;
    } cases[] = {
        {"nothing", "", "", "", "", 0},
        {"no algorithm", "3000 0301 00", "", "", "", 0},
        {"no key", "3005 06032b6570", "ED25519", "", "", 0},
        {"empty bits", "3005 06032b6570 0300", "ED25519", "", "", 0},
        {"unknown", "3005 06032a0304 0302 00ff", "1.2.3.4", "", "", 0},
        {"no object identifier", "3005 06032a0384 0302 00ff", "#2a0384", "", "", 0},
        {"RSA that is none", "300b 06092a864886f70d010101 0302 00ff", "rsaEncryption", "", "", 0},
        {"unknown curve", "300e 06072a8648ce3d0201 06032a0304 0302 0004", "id-ecPublicKey", "ecdsa",
            "1.2.3.4", 0},
        {"no curve", "3009 06072a8648ce3d0201 0302 0004", "id-ecPublicKey", "", "", 0},
        {"curve of the issuer", "300b 06072a8648ce3d0201 0500 0302 0004", "id-ecPublicKey", "", "",
            0},
        {"no parameters", "3009 06072a8648ce380401 0302 0004", "dsaEncryption", "dsa", "", 0},
        {"lattices", "300b 0609608648016503040312 0305 0001020304", "ML-DSA-65", "ML-DSA-65", "",
            32},
        {"parameters cut", "300c 06072a8648ce3d0201 060a2a 0302 0004", "id-ecPublicKey", "", "", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct certificate *c = read_key(asn1_hex(&arena, 0x30, cases[i].key));
        ck_assert_msg(bytes_equal_string(c->curve, cases[i].curve), "%s", cases[i].name);
        expect(c, cases[i].algorithm, cases[i].type, cases[i].length);
    }
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("certificate_key");
    TCase *c = tcase_create("certificate_key");
    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, open_arena, empty_arena);
    tcase_add_test(c, rsa);
    tcase_add_test(c, each_curve_openssl_has);
    tcase_add_test(c, a_curve_spelt_out);
    tcase_add_test(c, keys_of_fixed_length);
    tcase_add_test(c, keys_with_a_prime);
    tcase_add_test(c, odd_rsa_keys);
    tcase_add_test(c, keys_that_cannot_be_read);
    suite_add_tcase(s, c);
    return s;
}
