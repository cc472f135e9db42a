/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/certificate_store.h"
#include "tests/support/folder.h"
#include "tests/support/lists.h"
#include "tests/support/told.h"

#include <check.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

/* An authority, and a revocation list that it signed. */
struct authority {
    EVP_PKEY *key;
    X509 *certificate;
};

static X509_NAME *
new_name(const char *common)
{
    X509_NAME *name = X509_NAME_new();
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common, -1, -1, 0);
    return name;
}

static void
add_extension(X509 *certificate, X509_CRL *crl, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, crl, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    ck_assert_ptr_nonnull(extension);
    if (crl)
        X509_CRL_add_ext(crl, extension, -1);
    else
        X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

static struct authority
new_authority(const char *common, bool identified)
{
    struct authority a = {.key = EVP_EC_gen("P-256"), .certificate = X509_new()};
    X509_NAME *name = new_name(common);
    X509_set_version(a.certificate, X509_VERSION_3);
    X509_set_subject_name(a.certificate, name);
    X509_set_issuer_name(a.certificate, name);
    ASN1_INTEGER_set(X509_get_serialNumber(a.certificate), 7);
    X509_gmtime_adj(X509_getm_notBefore(a.certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(a.certificate), 1000);
    X509_set_pubkey(a.certificate, a.key);
    add_extension(a.certificate, NULL, a.certificate, NID_basic_constraints, "critical,CA:TRUE");
    if (identified)
        add_extension(a.certificate, NULL, a.certificate, NID_subject_key_identifier, "hash");
    ck_assert_int_gt(X509_sign(a.certificate, a.key, EVP_sha256()), 0);
    X509_NAME_free(name);
    return a;
}

static void
free_authority(struct authority *a)
{
    EVP_PKEY_free(a->key);
    X509_free(a->certificate);
}

/* Writes a PEM file. */
static void
write_certificate(const struct folder *folder, const char *name, const struct authority *a)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem;
    PEM_write_bio_X509(bio, a->certificate);
    long len = BIO_get_mem_data(bio, &pem);
    folder_write_bytes(folder, name, bytes_of(pem, (size_t)len));
    BIO_free(bio);
}

/* One entry, 010A, of `subject` where the list is an indirect one. */
static void
add_revoked(X509_CRL *crl, const char *subject)
{
    X509_REVOKED *revoked = X509_REVOKED_new();
    ASN1_INTEGER *serial = ASN1_INTEGER_new();
    ASN1_TIME *now = X509_gmtime_adj(NULL, 0);
    ASN1_INTEGER_set(serial, 0x010a);
    X509_REVOKED_set_serialNumber(revoked, serial);
    X509_REVOKED_set_revocationDate(revoked, now);
    if (subject) {
        GENERAL_NAMES *names = GENERAL_NAMES_new();
        GENERAL_NAME *name = GENERAL_NAME_new();
        GENERAL_NAME_set0_value(name, GEN_DIRNAME, new_name(subject));
        sk_GENERAL_NAME_push(names, name);
        X509_REVOKED_add1_ext_i2d(revoked, NID_certificate_issuer, names, 1, 0);
        GENERAL_NAMES_free(names);
    }
    X509_CRL_add0_revoked(crl, revoked);
    ASN1_INTEGER_free(serial);
    ASN1_TIME_free(now);
}

static void
write_crl(const struct folder *folder, const char *name, const struct authority *a,
    const EVP_PKEY *key, const char *subject)
{
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *now = X509_gmtime_adj(NULL, 0);
    unsigned char *der = NULL;
    X509_CRL_set_version(crl, X509_CRL_VERSION_2);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(a->certificate));
    X509_CRL_set1_lastUpdate(crl, now);
    if (X509_get0_subject_key_id(a->certificate))
        add_extension(
            a->certificate, crl, a->certificate, NID_authority_key_identifier, "keyid:always");
    add_revoked(crl, subject);
    ck_assert_int_gt(X509_CRL_sign(crl, (EVP_PKEY *)key, EVP_sha256()), 0);
    int len = i2d_X509_CRL(crl, &der);
    folder_write_bytes(folder, name, bytes_of(der, (size_t)len));
    OPENSSL_free(der);
    ASN1_TIME_free(now);
    X509_CRL_free(crl);
}

/* Loads a list; `issuers` is the file of its option, or NULL. */
static bool
add(struct ruleset *rules, const struct folder *folder, const char *issuers, const char *list,
    struct fault *why)
{
    struct text path = {0};
    if (issuers)
        text_add_format(&path, "crl,issuers=%s/%s:", folder->path, issuers);
    text_add_format(&path, "%s/%s", folder->path, list);
    *why = (struct fault){0};
    bool good = ruleset_add_list(rules, text_string(&path), why);
    folder_leave_out(folder, why);
    text_free(&path);
    return good;
}

/* Whose key signs the list, whether keys have identifiers, and what comes of it when the
 * certificate was loaded before, or is named. */
static const struct {
    bool identified, forged;
    const char *loaded, *warning, *named;
} cases[] = {
    {true, false, "", NULL, ""},
    {false, false, "", NULL, ""},
    {true, true, "x.crl: a revocation list whose signature is not that of its issuer", NULL,
        "x.crl: a revocation list whose signature is not that of its issuer"},
    {false, true, "",
        "the certificates of its issuer that were loaded did not sign it: they may be of another "
        "key",
        "x.crl: a revocation list whose signature is not that of its issuer"},
};

START_TEST(issuers_at_hand_check_a_list)
{
    struct folder folder = folder_new();
    struct authority a = new_authority("Vendor CA", cases[_i].identified);
    struct authority other = new_authority("Vendor CA", cases[_i].identified);
    struct ruleset *rules = ruleset_new(1);
    struct fault why;
    write_certificate(&folder, "a.pem", &a);
    write_certificate(&folder, "other.pem", &other);
    write_crl(&folder, "x.crl", &a, cases[_i].forged ? other.key : a.key, NULL);

    ck_assert(add(rules, &folder, NULL, "a.pem", &why));
    ck_assert_int_eq(add(rules, &folder, NULL, "x.crl", &why), !*cases[_i].loaded);
    ck_assert_str_eq(why.text, cases[_i].loaded);
    if (!*cases[_i].loaded)
        ck_assert_pstr_eq(ruleset_report(rules, 1).warning, cases[_i].warning);
    ck_assert_int_eq(add(rules, &folder, "a.pem", "x.crl", &why), !*cases[_i].named);
    ck_assert_str_eq(why.text, cases[_i].named);
    ruleset_free(rules);
    free_authority(&a);
    free_authority(&other);
    folder_remove(&folder);
}
END_TEST

START_TEST(a_renewed_key_is_no_forgery)
{
    struct folder folder = folder_new();
    struct authority a = new_authority("Vendor CA", true);
    struct authority older = new_authority("Vendor CA", true);
    struct ruleset *rules = ruleset_new(1);
    struct fault why;
    write_certificate(&folder, "older.pem", &older);
    write_certificate(&folder, "none.pem", &older);
    folder_write(&folder, "empty.pem", "nothing\n");
    write_crl(&folder, "x.crl", &a, a.key, NULL);
    ck_assert(add(rules, &folder, NULL, "older.pem", &why));
    ck_assert(add(rules, &folder, NULL, "x.crl", &why));
    ck_assert_ptr_null(ruleset_report(rules, 1).warning);
    ck_assert(!add(rules, &folder, "empty.pem", "x.crl", &why));
    ck_assert_str_eq(why.text, "empty.pem: no certificate of an issuer in it");
    ck_assert(!add(rules, &folder, "missing.pem", "x.crl", &why));
    ck_assert_str_eq(why.text, "missing.pem: No such file or directory");
    struct authority stranger = new_authority("Stranger", true);
    write_certificate(&folder, "stranger.pem", &stranger);
    ck_assert(!add(rules, &folder, "stranger.pem", "x.crl", &why));
    ck_assert_str_eq(why.text, "x.crl: no certificate of its issuer in stranger.pem");
    ruleset_free(rules);
    free_authority(&a);
    free_authority(&older);
    free_authority(&stranger);
    folder_remove(&folder);
}
END_TEST

START_TEST(an_indirect_list_is_checked_by_who_signed_it)
{
    struct folder folder = folder_new();
    struct authority signer = new_authority("Revocation Service", true);
    struct ruleset *rules = ruleset_new(1);
    struct verdict verdict = {0};
    struct fault why;
    struct told told;
    X509_NAME *name = new_name("Vendor CA");
    unsigned char *der = NULL;
    int len = i2d_X509_NAME(name, &der);
    write_certificate(&folder, "signer.pem", &signer);
    write_crl(&folder, "x.crl", &signer, signer.key, "Vendor CA");
    ck_assert_msg(add(rules, &folder, "signer.pem", "x.crl", &why), "%s", why.text);
    ruleset_finish(rules);
    told_make(&told);
    told.client_leaf.issuer = bytes_of(der, (size_t)len);
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, 1);
    ck_assert_str_eq(verdict.hits[0].indicator_type, "issuer-serial");
    verdict_free(&verdict);
    ruleset_free(rules);
    OPENSSL_free(der);
    X509_NAME_free(name);
    free_authority(&signer);
    folder_remove(&folder);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/formats/crl_issuers");
    TCase *t = tcase_create("crl_issuers");
    tcase_add_loop_test(t, issuers_at_hand_check_a_list, 0, sizeof cases / sizeof *cases);
    tcase_add_test(t, a_renewed_key_is_no_forgery);
    tcase_add_test(t, an_indirect_list_is_checked_by_who_signed_it);
    suite_add_tcase(s, t);
    return s;
}
