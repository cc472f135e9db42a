/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/certificate_store.h"
#include "tests/support/asn1.h"

#include <check.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <time.h>

static struct pool pool;
static struct arena arena;

static void
open_arena(void)
{
    pool = (struct pool){.limit = 256 << 20};
    arena = (struct arena){.pool = &pool};
}

static void
empty_arena(void)
{
    arena_empty(&arena);
    ck_assert_uint_eq(pool.used, 0);
}

static const struct certificate *
read_der(struct bytes der)
{
    const struct certificate *c = certificate_read(&arena, der);
    ck_assert_ptr_nonnull(c);
    return c;
}

static const struct certificate *
read_parts(const struct asn1_certificate *parts)
{
    return read_der(asn1_certificate(&arena, parts));
}

static void
expect_text(const char *what, struct bytes found, struct bytes wanted)
{
    ck_assert_msg(bytes_equal(found, wanted), "%s: %.*s, not %.*s", what, (int)found.len, found.at,
        (int)wanted.len, wanted.at);
}

static void
expect_digests(const struct certificate *c, struct bytes der)
{
    static const char *const names[] = {"SHA256", "SHA1", "MD5"};
    const uint8_t *const found[] = {c->sha256, c->sha1, c->md5};
    uint8_t digest[EVP_MAX_MD_SIZE];
    size_t len;
    for (size_t i = 0; i < 3; i++) {
        ck_assert(
            EVP_Q_digest(NULL, names[i], NULL, der.len ? der.at : digest, der.len, digest, &len));
        ck_assert_mem_eq(found[i], digest, len);
    }
    ck_assert(bytes_equal(c->der, der));
}

/* What is made with OpenSSL, and then read by it and by us. */

static void
add_entry(X509_NAME *name, const char *field, int type, const char *value, int set)
{
    ck_assert(
        X509_NAME_add_entry_by_txt(name, field, type, (const unsigned char *)value, -1, -1, set));
}

static void
add_extension(X509 *x, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    ck_assert_ptr_nonnull(extension);
    ck_assert(X509_add_ext(x, extension, -1));
    X509_EXTENSION_free(extension);
}

static const char all_kinds[] = "DNS:example.com,DNS:*.example.org,IP:192.0.2.1,IP:2001:db8::1,"
                                "email:a@example.com,URI:https://example.com/,RID:1.2.3.4,"
                                "otherName:1.2.3.4;UTF8:other";

static struct bytes
make_with_openssl(EVP_PKEY *key, const EVP_MD *digest, const char *not_before, const char *serial)
{
    X509 *x = X509_new();
    BIGNUM *number = NULL;
    ck_assert(X509_set_version(x, X509_VERSION_3) && BN_hex2bn(&number, serial));
    ck_assert_ptr_nonnull(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x)));
    BN_free(number);
    ck_assert(ASN1_TIME_set_string(X509_getm_notBefore(x), not_before));
    ck_assert(ASN1_TIME_set_string(X509_getm_notAfter(x), "20991231235959Z"));

    X509_NAME *name = X509_get_subject_name(x);
    add_entry(name, "C", MBSTRING_ASC, "DE", 0);
    add_entry(name, "O", MBSTRING_UTF8, "M\xc3\xbcller, S\xc3\xb6hne + Co.", 0);
    add_entry(name, "OU", V_ASN1_T61STRING, "caf\xe9", -1);
    add_entry(name, "emailAddress", V_ASN1_IA5STRING, "#a@b", 0);
    add_entry(name, "CN", MBSTRING_UTF8, " two ", 0);
    add_entry(name, "CN", MBSTRING_UTF8, "example.com", 0);
    add_entry(X509_get_issuer_name(x), "CN", MBSTRING_UTF8, "Test CA", 0);

    ck_assert(X509_set_pubkey(x, key));
    add_extension(x, NID_basic_constraints, "critical,CA:TRUE,pathlen:3");
    add_extension(x, NID_key_usage, "keyCertSign");
    add_extension(x, NID_subject_alt_name, all_kinds);
    ck_assert_int_gt(X509_sign(x, key, digest), 0);

    unsigned char *der = NULL;
    int len = i2d_X509(x, &der);
    bool ok;
    ck_assert_int_gt(len, 0);
    struct bytes copy = arena_copy(&arena, bytes_of(der, (size_t)len), &ok);
    OPENSSL_free(der);
    X509_free(x);
    return copy;
}

static void
expect_name(const char *what, struct bytes found, const X509_NAME *name)
{
    char *text;
    BIO *bio = BIO_new(BIO_s_mem());
    X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
    size_t len = (size_t)BIO_get_mem_data(bio, &text);
    expect_text(what, found, bytes_of(text, len));
    BIO_free(bio);
}

static void
expect_time(bool has, int64_t found, const ASN1_TIME *time)
{
    struct tm tm;
    ck_assert(has && ASN1_TIME_to_tm(time, &tm));
    ck_assert_int_eq(found, timegm(&tm));
}

static void
expect_alternative_names(const struct certificate *c, const X509 *x)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
    ck_assert_ptr_nonnull(names);
    size_t seen[4] = {0};
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        int kind;
        const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &kind);
        if (kind == GEN_IPADD) {
            struct bytes octets =
                bytes_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
            struct address address = octets.len == 4 ? address_v4(octets) : address_v6(octets);
            ck_assert_mem_eq(&c->ip[seen[0]++], &address, sizeof address);
        }
        const struct texts *texts = kind == GEN_DNS     ? &c->dns
                                    : kind == GEN_URI   ? &c->uri
                                    : kind == GEN_EMAIL ? &c->email
                                                        : NULL;
        if (texts)
            expect_text("alternative name",
                texts->at[seen[1 + (texts == &c->uri) + 2 * (texts == &c->email)]++],
                bytes_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)));
        if (texts == &c->email)
            ck_assert_uint_eq(c->email.len, 1);
    }
    ck_assert_uint_eq(c->ip_len, seen[0]);
    ck_assert_uint_eq(c->dns.len, seen[1]);
    ck_assert_uint_eq(c->uri.len, seen[2]);
    GENERAL_NAMES_free(names);
}

static void
expect_as_openssl(const struct certificate *c, struct bytes der)
{
    const unsigned char *at = der.at;
    X509 *x = d2i_X509(NULL, &at, (long)der.len);
    ck_assert_ptr_nonnull(x);
    ck_assert_msg(!c->broken, "%s", c->broken);
    ck_assert_int_eq((int)c->version, X509_get_version(x) + 1);
    expect_name("subject", c->subject_text, X509_get_subject_name(x));
    expect_name("issuer", c->issuer_text, X509_get_issuer_name(x));
    expect_time(c->has_not_before, c->not_before, X509_get0_notBefore(x));
    expect_time(c->has_not_after, c->not_after, X509_get0_notAfter(x));
    expect_text("signature", c->signature_algorithm,
        bytes_from_string(OBJ_nid2ln(X509_get_signature_nid(x))));
    ck_assert_int_eq((int)c->key_length, EVP_PKEY_get_bits(X509_get0_pubkey(x)));

    char *text;
    BIO *bio = BIO_new(BIO_s_mem());
    i2a_ASN1_INTEGER(bio, X509_get0_serialNumber(x));
    size_t len = (size_t)BIO_get_mem_data(bio, &text);
    expect_text("serial", c->serial_text, bytes_of(text, len));
    BIO_free(bio);

    expect_alternative_names(c, x);
    ck_assert(c->has_basic_constraints && c->ca);
    ck_assert_int_eq(c->path_len, X509_get_pathlen(x));
    expect_digests(c, der);
    X509_free(x);
}

static EVP_PKEY *
make_dsa(void)
{
    EVP_PKEY *parameters = NULL;
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "DSA", NULL);
    ck_assert(EVP_PKEY_paramgen_init(context) == 1 &&
              EVP_PKEY_CTX_set_dsa_paramgen_bits(context, 1024) == 1 &&
              EVP_PKEY_generate(context, &parameters) == 1);
    EVP_PKEY_CTX_free(context);
    context = EVP_PKEY_CTX_new_from_pkey(NULL, parameters, NULL);
    ck_assert(EVP_PKEY_keygen_init(context) == 1 && EVP_PKEY_generate(context, &key) == 1);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(parameters);
    return key;
}

START_TEST(what_openssl_writes_is_read_as_it_reads_it)
{
    const struct {
        EVP_PKEY *key;
        const EVP_MD *digest;
        const char *not_before, *serial;
    } cases[] = {
        {EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048), EVP_sha256(), "20240229000000Z", "01"},
        {EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"), EVP_sha384(), "19500101000000Z", "00ff"},
        {EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), NULL, "19491231235959Z", "-80"},
        {make_dsa(), EVP_sha1(), "00010101000000Z", "7fffffffffffffffffffffffffffffffffffffff"},
        {EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-521"), EVP_sha512(), "19700101000000Z", "-0100"},
        {EVP_PKEY_Q_keygen(NULL, NULL, "ED448"), NULL, "20500101000000Z", "00"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes der =
            make_with_openssl(cases[i].key, cases[i].digest, cases[i].not_before, cases[i].serial);
        expect_as_openssl(read_der(der), der);
        EVP_PKEY_free(cases[i].key);
    }
}
END_TEST

/* Cut anywhere, changed anywhere. */

static struct bytes
typical_certificate(void)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    struct bytes der = make_with_openssl(key, EVP_sha256(), "20240229000000Z", "1234");
    EVP_PKEY_free(key);
    return der;
}

START_TEST(a_certificate_cut_anywhere_is_read_as_far_as_it_goes)
{
    struct bytes whole = typical_certificate();
    const struct certificate *c = read_der(whole);
    size_t subjects = 0;
    size_t names = 0;
    for (size_t len = 0; len < whole.len; len++) {
        struct arena scratch = {.pool = &pool};
        uint8_t *part = malloc(len ? len : 1); /* so that a byte read behind it is noticed */
        memcpy(part, whole.at, len);
        const struct certificate *cut = certificate_read(&scratch, bytes_of(part, len));
        ck_assert_ptr_nonnull(cut);
        ck_assert_msg(cut->broken, "cut after %zu", len);
        expect_digests(cut, bytes_of(part, len));
        ck_assert(!cut->subject_text.len || bytes_equal(cut->subject_text, c->subject_text));
        ck_assert(!cut->serial_text.len || bytes_equal(cut->serial_text, c->serial_text));
        ck_assert_uint_eq(cut->spki_sha256_hex[0] != 0, cut->spki.len > 0);
        subjects += cut->subject_text.len > 0;
        names += cut->dns.len == 2;
        free(part);
        arena_empty(&scratch);
    }
    ck_assert_uint_gt(subjects, whole.len / 2);
    ck_assert_uint_gt(names, 64); /* the signature behind them takes more */
}
END_TEST

START_TEST(a_certificate_changed_anywhere_is_read_or_not)
{
    static const uint8_t changes[] = {0x01, 0x80, 0xff, 0x20};
    struct bytes whole = typical_certificate();
    for (size_t at = 0; at < whole.len; at++)
        for (size_t i = 0; i < sizeof changes; i++) {
            struct arena scratch = {.pool = &pool};
            uint8_t *changed = malloc(whole.len);
            memcpy(changed, whole.at, whole.len);
            changed[at] ^= changes[i];
            const struct certificate *c = certificate_read(&scratch, bytes_of(changed, whole.len));
            ck_assert_ptr_nonnull(c);
            expect_digests(c, bytes_of(changed, whole.len));
            certificate_names_host(c, bytes_from_string("www.example.org"));
            free(changed);
            arena_empty(&scratch);
        }
}
END_TEST

/* Oddities. */

START_TEST(a_good_one_is_not_odd)
{
    struct asn1_certificate parts = asn1_good(&arena);
    const struct certificate *c = read_parts(&parts);
    ck_assert_msg(!c->broken && !c->odd, "%s %x", c->broken, c->odd);
    ck_assert_uint_eq(c->version, 3);
    ck_assert(bytes_equal_string(c->serial_text, "1234"));
    ck_assert(bytes_equal_string(c->issuer_text, "CN=issuer") && !c->self_issued);
    ck_assert(c->has_not_before && c->not_before == 1704164645);
    ck_assert(c->has_not_after && c->not_after == 2524705445);
    ck_assert(!c->has_basic_constraints && c->path_len == -1);

    parts.issuer = parts.subject;
    ck_assert(read_parts(&parts)->self_issued);
}
END_TEST

START_TEST(serial_numbers)
{
    static const struct {
        const char *serial, *text;
        unsigned odd;
    } cases[] = {
        {"02 01 01", "01", 0},
        {"02 02 00ff", "FF", 0},
        {"02 00", "", ODD_SERIAL},
        {"02 01 00", "00", ODD_SERIAL},
        {"02 02 0001", "0001", ODD_SERIAL},
        {"02 03 0000ff", "0000FF", ODD_SERIAL},
        {"02 01 ff", "-01", ODD_SERIAL},
        {"02 01 80", "-80", ODD_SERIAL},
        {"02 02 ff00", "-0100", ODD_SERIAL},
        {"02 02 ffff", "-0001", ODD_SERIAL},
        {"02 03 800000", "-800000", ODD_SERIAL},
        {"02 81 01 05", "05", ODD_NOT_DER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct asn1_certificate parts = asn1_good(&arena);
        parts.serial = asn1_raw(&arena, cases[i].serial);
        const struct certificate *c = read_parts(&parts);
        ck_assert_msg(!c->broken, "%s", c->broken);
        expect_text(cases[i].serial, c->serial_text, bytes_from_string(cases[i].text));
        ck_assert_msg(c->odd == cases[i].odd, "%s: %x", cases[i].serial, c->odd);
    }
}
END_TEST

START_TEST(a_huge_serial_number_is_printed_in_part)
{
    struct asn1_certificate parts = asn1_good(&arena);
    parts.serial = asn1_fill(&arena, 0x02, 0x41, 512);
    const struct certificate *c = read_parts(&parts);
    ck_assert(c->serial_text.len == 1024 && !c->odd);

    parts.serial = asn1_fill(&arena, 0x02, 0x41, 65536);
    c = read_parts(&parts);
    ck_assert_uint_eq(c->serial.len, 65536);
    ck_assert(c->serial_text.len == 1024 && c->odd == ODD_TRUNCATED && !c->broken);
}
END_TEST

START_TEST(versions)
{
    static const struct {
        const char *name, *version;
        bool extensions;
        unsigned read, odd;
    } cases[] = {
        {"1 by default", "", false, 1, 0},
        {"1", "a003 020100", false, 1, 0},
        {"2", "a003 020101", false, 2, 0},
        {"99", "a003 020162", false, 99, ODD_VERSION},
        {"4", "a003 020103", true, 4, ODD_VERSION},
        {"negative", "a003 0201ff", false, 0, ODD_VERSION},
        {"empty", "a000", false, 0, ODD_VERSION},
        {"no number", "a002 0500", false, 0, ODD_VERSION},
        {"huge", "a00a 0208 0102030405060708", false, 0, ODD_VERSION},
        {"1 with extensions", "", true, 1, ODD_VERSION},
        {"2 with extensions", "a003 020101", true, 2, ODD_VERSION},
        {"3 with extensions", "a003 020102", true, 3, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct asn1_certificate parts = asn1_good(&arena);
        struct bytes names = ASN1(&arena, 0x30, asn1_text(&arena, 0x82, "a.example"));
        struct bytes extension = asn1_extension(&arena, "551d11", names);
        parts.version = asn1_raw(&arena, cases[i].version);
        if (cases[i].extensions)
            parts.extensions = asn1_extensions(&arena, &extension, 1);
        const struct certificate *c = read_parts(&parts);
        ck_assert_msg(!c->broken, "%s: %s", cases[i].name, c->broken);
        ck_assert_msg(c->version == cases[i].read, "%s: %u", cases[i].name, c->version);
        ck_assert_msg(c->odd == cases[i].odd, "%s: %x", cases[i].name, c->odd);
        ck_assert_uint_eq(c->dns.len, cases[i].extensions);
    }
}
END_TEST

START_TEST(validities)
{
    static const struct {
        const char *name, *validity;
        bool before, after;
        int64_t not_before;
        unsigned odd;
    } cases[] = {
        {"before 1970", "170d'500101000000Z' 170d'491231235959Z'", true, true, -631152000, 0},
        {"30 February", "170d'240230000000Z' 170d'491231235959Z'", false, true, 0, ODD_TIME},
        {"no seconds", "170b'2402290000Z' 170d'491231235959Z'", true, true, 1709164800,
            ODD_NOT_DER},
        {"no text", "1700 170d'491231235959Z'", false, true, 0, ODD_TIME},
        {"another type", "0c0d'240229000000Z' 170d'491231235959Z'", false, true, 0, ODD_TIME},
        {"none", "", false, false, 0, ODD_TIME},
        {"one", "170d'240229000000Z'", true, false, 1709164800, ODD_TIME},
        {"cut", "170d'240229000000Z' 170d'49'", true, false, 1709164800, ODD_TIME},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct asn1_certificate parts = asn1_good(&arena);
        parts.validity = asn1_hex(&arena, 0x30, cases[i].validity);
        const struct certificate *c = read_parts(&parts);
        ck_assert_msg(!c->broken, "%s: %s", cases[i].name, c->broken);
        ck_assert_msg(c->has_not_before == cases[i].before, "%s", cases[i].name);
        ck_assert_msg(c->has_not_after == cases[i].after, "%s", cases[i].name);
        ck_assert_msg(c->not_before == cases[i].not_before, "%s", cases[i].name);
        ck_assert_msg(c->odd == cases[i].odd, "%s: %x", cases[i].name, c->odd);
    }
}
END_TEST

START_TEST(basic_constraints)
{
    static const struct {
        const char *name, *value;
        bool has, ca;
        int path_len;
    } cases[] = {
        {"none", "3000", true, false, -1},
        {"authority", "3003 0101ff", true, true, -1},
        {"authority, leniently", "3003 010101", true, true, -1},
        {"said to be none", "3003 010100", true, false, -1},
        {"of length 0", "3006 0101ff 020100", true, true, 0},
        {"of length 255", "3007 0101ff 020200ff", true, true, 255},
        {"huge", "300a 0101ff 02050100000000", true, true, INT32_MAX},
        {"negative", "3006 0101ff 0201ff", false, false, -1},
        {"length alone", "3003 020105", true, false, 5},
        {"trailing", "3006 0101ff 0101ff", false, false, -1},
        {"empty truth", "3002 0100", false, false, -1},
        {"no sequence", "0101ff", false, false, -1},
        {"nothing", "", false, false, -1},
        {"cut", "3005 0101ff", false, false, -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct asn1_certificate parts = asn1_good(&arena);
        struct bytes extension = asn1_extension(&arena, "551d13", asn1_raw(&arena, cases[i].value));
        parts.extensions = asn1_extensions(&arena, &extension, 1);
        const struct certificate *c = read_parts(&parts);
        ck_assert_msg(c->has_basic_constraints == cases[i].has, "%s", cases[i].name);
        ck_assert_msg(c->ca == cases[i].ca, "%s", cases[i].name);
        ck_assert_msg(c->path_len == cases[i].path_len, "%s", cases[i].name);
    }
}
END_TEST

START_TEST(forms_that_are_not_der)
{
    struct asn1_certificate parts = asn1_good(&arena);
    struct bytes der = asn1_certificate(&arena, &parts);
    struct reader r = reader_over(der);
    read_bytes(&r, 3); /* 30 81 xx */
    struct bytes content = reader_rest(&r);
    bool ok;

    uint8_t *longer = arena_take(&arena, content.len + 8);
    memcpy(longer, "\x30\x82\0", 3);
    longer[3] = (uint8_t)content.len;
    memcpy(longer + 4, content.at, content.len);
    const struct certificate *c = read_der(bytes_of(longer, content.len + 4));
    ck_assert(!c->broken && c->odd == ODD_NOT_DER);
    ck_assert(bytes_equal_string(c->subject_text, "CN=subject"));

    longer[1] = 0x80;
    memmove(longer + 2, longer + 4, content.len);
    memset(longer + 2 + content.len, 0, 2);
    c = read_der(bytes_of(longer, content.len + 4));
    ck_assert(!c->broken && c->odd == ODD_NOT_DER);
    expect_digests(c, bytes_of(longer, content.len + 4));

    struct bytes trailing = arena_copy(&arena, bytes_of(longer, content.len + 6), &ok);
    c = read_der(trailing);
    ck_assert(ok && !c->broken && c->odd == (ODD_NOT_DER | ODD_TRAILING));
}
END_TEST

/* RFC 7250: a key stands in place of a certificate. */
START_TEST(a_key_alone_is_read_as_one)
{
    struct bytes key = asn1_good(&arena).key;
    const struct certificate *c = read_der(key);
    ck_assert(c->raw_key);
    ck_assert_ptr_null(c->broken);
    ck_assert(bytes_equal(c->spki, key));
    ck_assert_str_eq(c->spki_sha256_hex, c->sha256_hex);
    expect_text("type", c->key_type, bytes_from_string("ED25519"));
    ck_assert_uint_eq(c->subject_text.len, 0);
    for (size_t i = 0; i < key.len; i++)
        ck_assert_ptr_nonnull(certificate_read(&arena, bytes_first(key, i)));
    struct asn1_certificate parts = asn1_good(&arena);
    ck_assert(!read_parts(&parts)->raw_key);
}
END_TEST

START_TEST(what_is_no_certificate)
{
    static const struct {
        const char *bytes, *broken;
    } cases[] = {
        {"", "it is no SEQUENCE"},
        {"30", "it is no SEQUENCE"},
        {"0500", "it is no SEQUENCE"},
        {"3000", "its first part is no SEQUENCE"},
        {"3002 0500", "its first part is no SEQUENCE"},
        {"3002 3000", "the serial number cannot be read"},
        {"30ff", "it is no SEQUENCE"},
        {"3005 3000", "it ends before its length says"},
        {"'GET / HTTP/1.1'", "it is no SEQUENCE"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes der = asn1_raw(&arena, cases[i].bytes);
        const struct certificate *c = read_der(der);
        ck_assert_msg(c->broken && strcmp(c->broken, cases[i].broken) == 0, "%s: %s",
            cases[i].bytes, c->broken);
        expect_digests(c, der);
    }
}
END_TEST

START_TEST(what_was_read_before_it_broke_stands)
{
    struct asn1_certificate parts = asn1_good(&arena);
    parts.key = asn1_raw(&arena, "0500");
    const struct certificate *c = read_parts(&parts);
    ck_assert_str_eq(c->broken, "the public key cannot be read");
    ck_assert(bytes_equal_string(c->subject_text, "CN=subject") && c->has_not_after);
    ck_assert(bytes_equal_string(c->signature_algorithm, "ED25519"));

    parts = asn1_good(&arena);
    struct bytes names = ASN1(&arena, 0x30, asn1_text(&arena, 0x82, "a.example"));
    struct bytes extensions[] = {
        asn1_extension(&arena, "551d11", names), asn1_raw(&arena, "3003 0500")};
    parts.extensions = asn1_extensions(&arena, extensions, 2);
    c = read_parts(&parts);
    ck_assert_str_eq(c->broken, "the extensions cannot be read");
    ck_assert_uint_eq(c->dns.len, 1);

    parts = asn1_good(&arena);
    parts.extensions = asn1_raw(&arena, "8100 8200 a3023000");
    ck_assert_ptr_null((void *)read_parts(&parts)->broken);
    parts.extensions = asn1_raw(&arena, "a3023000 0500");
    ck_assert_str_eq(read_parts(&parts)->broken, "there is more in it than a certificate has");
}
END_TEST

/* Work is in proportion to the bytes, whatever they are. */

enum { LARGE = 4 << 20 };

static struct bytes
filling(struct arena *scratch, uint8_t first, uint8_t second)
{
    uint8_t *filled = arena_take(scratch, LARGE);
    ck_assert_ptr_nonnull(filled);
    for (size_t i = 0; i < LARGE; i += 2) {
        filled[i] = first;
        filled[i + 1] = second;
    }
    return bytes_of(filled, LARGE);
}

/* A certificate with the filling in one of its parts. */
static struct bytes
fill_part(struct arena *scratch, unsigned part, struct bytes fill)
{
    struct asn1_certificate parts = asn1_good(scratch);
    struct bytes sequence = ASN1(scratch, 0x30, fill);
    struct bytes extension = asn1_extension(scratch, "551d11", sequence);
    switch (part) {
    case 0:
        parts.subject = sequence;
        break;
    case 1:
        parts.subject = asn1_name(scratch, "550403", ASN1(scratch, 0x2c, fill));
        break;
    case 2:
        parts.key = sequence;
        break;
    case 3:
        parts.extensions = asn1_extensions(scratch, &extension, 1);
        break;
    case 4:
        parts.extensions = asn1_extensions(scratch, &fill, 1);
        break;
    default:
        parts.serial = fill;
        break;
    }
    return asn1_certificate(scratch, &parts);
}

START_TEST(large_ones_take_their_time_and_no_more)
{
    static const uint8_t fillings[][2] = {{0x30, 0x80}, {0x24, 0x80}, {0x31, 0x00}, {0x82, 0x00},
        {0x06, 0x00}, {0x30, 0x00}, {0x00, 0x00}, {0xff, 0xff}};
    for (size_t i = 0; i < sizeof fillings / sizeof *fillings; i++)
        for (unsigned part = 0; part < 6; part++) {
            struct arena scratch = {.pool = &pool};
            struct bytes fill = filling(&scratch, fillings[i][0], fillings[i][1]);
            struct bytes der = fill_part(&scratch, part, fill);
            clock_t start = clock();
            ck_assert_ptr_nonnull(certificate_read(&scratch, der));
            ck_assert_msg(clock() - start < 4 * CLOCKS_PER_SEC, "filling %zu, part %u", i, part);
            arena_empty(&scratch);
        }
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("certificate");
    TCase *c = tcase_create("certificate");
    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, open_arena, empty_arena);
    tcase_add_test(c, what_openssl_writes_is_read_as_it_reads_it);
    tcase_add_test(c, a_certificate_cut_anywhere_is_read_as_far_as_it_goes);
    tcase_add_test(c, a_certificate_changed_anywhere_is_read_or_not);
    tcase_add_test(c, a_good_one_is_not_odd);
    tcase_add_test(c, serial_numbers);
    tcase_add_test(c, a_huge_serial_number_is_printed_in_part);
    tcase_add_test(c, versions);
    tcase_add_test(c, validities);
    tcase_add_test(c, basic_constraints);
    tcase_add_test(c, forms_that_are_not_der);
    tcase_add_test(c, a_key_alone_is_read_as_one);
    tcase_add_test(c, what_is_no_certificate);
    tcase_add_test(c, what_was_read_before_it_broke_stands);
    tcase_add_test(c, large_ones_take_their_time_and_no_more);
    suite_add_tcase(s, c);
    return s;
}
