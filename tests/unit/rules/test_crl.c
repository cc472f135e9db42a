/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/certificate_store.h"
#include "tests/support/lists.h"
#include "tests/support/told.h"

#include <check.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

static struct ruleset *
load_sample(const char *name)
{
    struct text content = list_sample(name);
    struct fault why;
    struct ruleset *rules = list_load(NULL, name, text_bytes(&content), &why);
    ck_assert_msg(rules != NULL, "%s", why.text);
    ck_assert_str_eq(ruleset_report(rules, 0).format, "crl");
    text_free(&content);
    return rules;
}

START_TEST(revocations_that_tell_of_lost_trust_count)
{
    static const char *const names[] = {"revoked.crl", "revoked.pem"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct ruleset *rules = load_sample(names[i]);
        struct list_report report = ruleset_report(rules, 0);
        ck_assert_uint_eq(report.entries, 2);
        ck_assert_uint_eq(report.skipped, 1); /* superseded */
        ruleset_free(rules);
    }
}
END_TEST

START_TEST(a_certificate_is_found_by_issuer_and_serial)
{
    struct pool pool = {.limit = 1 << 20};
    struct arena arena = {.pool = &pool};
    struct text der = list_sample("certificate.der");
    struct ruleset *rules = load_sample("revoked.crl");
    struct verdict verdict = {0};
    struct told told;
    told_make(&told);
    struct certificate shown = *certificate_read(&arena, text_bytes(&der));
    told.client_chain[0] = &shown;
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, 1);
    ck_assert_int_eq(verdict.hits[0].note, NOTE_REVOKED_CERTIFICATE);
    ck_assert_str_eq(verdict.hits[0].indicator_type, "issuer-serial");
    ck_assert_str_eq(verdict.hits[0].indicator, "CN=Example Test CA,O=Example serial 0AF1");
    ck_assert_ptr_eq(strstr(verdict.hits[0].description, "revoked 2026-11-24: keyCompromise"),
        verdict.hits[0].description);
    ck_assert_ptr_nonnull(strstr(verdict.hits[0].why, " revoked by list revoked.crl (\"revoked"));

    ck_assert_ptr_nonnull(
        strstr(verdict.hits[0].why, "; this use came before its revocation at 2026-11-24T"));
    told.session.ts_ns = INT64_C(1900000000) * 1000000000;
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_ptr_nonnull(
        strstr(verdict.hits[0].why, "; this use came after its revocation at 2026-11-24T"));

    shown.serial = bytes_of("\x0a\xf2", 2); /* the superseded one */
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, 0);
    verdict_free(&verdict);
    ruleset_free(rules);
    arena_empty(&arena);
    text_free(&der);
}
END_TEST

START_TEST(what_is_no_list_is_refused)
{
    list_bad("x.crl", "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n",
        "x.crl:1: no revocation list (RFC 5280)");
    list_bad("x.crl", "-----BEGIN X509 CRL-----\n", "x.crl:1: BEGIN X509 CRL without its END");
    list_bad("x.crl", "-----BEGIN X509 CRL-----\n*\n-----END X509 CRL-----\n",
        "x.crl:1: not base64 in X509 CRL");
    struct fault why;
    struct text key = list_sample("key.der");
    ck_assert_ptr_null(list_load("crl", "key.der", text_bytes(&key), &why));
    ck_assert_str_eq(why.text, "key.der: no revocation list (RFC 5280)");
    text_free(&key);
}
END_TEST

/* A key pair and a certificate of the sample's issuer, by which the sample was not signed. */
static void
add_other_issuer(struct text *out)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *issuer = X509_new();
    X509_NAME *name = X509_NAME_new();
    const unsigned char *example = (const unsigned char *)"Example";
    const unsigned char *authority = (const unsigned char *)"Example Test CA";
    X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, example, -1, -1, 0);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, authority, -1, -1, 0);
    X509_set_subject_name(issuer, name);
    X509_set_issuer_name(issuer, name);
    X509_gmtime_adj(X509_getm_notBefore(issuer), 0);
    X509_gmtime_adj(X509_getm_notAfter(issuer), 1000);
    X509_set_pubkey(issuer, key);
    ck_assert_int_gt(X509_sign(issuer, key, EVP_sha256()), 0);
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem;
    PEM_write_bio_X509(bio, issuer);
    long len = BIO_get_mem_data(bio, &pem);
    text_add(out, bytes_of(pem, (size_t)len));
    BIO_free(bio);
    X509_NAME_free(name);
    X509_free(issuer);
    EVP_PKEY_free(key);
}

START_TEST(a_list_that_its_issuer_did_not_sign_is_refused)
{
    struct fault why;
    struct text file = {0};
    struct text crl = list_sample("revoked.pem");
    add_other_issuer(&file);
    text_add(&file, text_bytes(&crl));
    ck_assert_ptr_null(list_load(NULL, "x.pem", text_bytes(&file), &why));
    ck_assert_ptr_nonnull(
        strstr(why.text, ": a revocation list whose signature is not that of its issuer"));
    text_free(&file);
    text_free(&crl);
}
END_TEST

START_TEST(every_beginning_of_a_list_is_read_without_harm)
{
    static const char *const names[] = {"revoked.crl", "revoked.pem"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct text content = list_sample(names[i]);
        list_cut("crl", names[i], text_bytes(&content));
        text_free(&content);
    }
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/formats/crl");
    TCase *t = tcase_create("crl");
    tcase_add_test(t, revocations_that_tell_of_lost_trust_count);
    tcase_add_test(t, a_certificate_is_found_by_issuer_and_serial);
    tcase_add_test(t, what_is_no_list_is_refused);
    tcase_add_test(t, a_list_that_its_issuer_did_not_sign_is_refused);
    tcase_add_test(t, every_beginning_of_a_list_is_read_without_harm);
    suite_add_tcase(s, t);
    return s;
}
