/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates that OCSP messages name, against lists. OpenSSL writes the messages.
 */
#include "rules/named.h"
#include "tests/support/lists.h"
#include "tests/support/told.h"

#include <check.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/x509.h>

static struct verdict verdict;
static struct told told;
static struct text sample;
static X509 *certificate;
static unsigned char *message;

static void
begin(void)
{
    told_make(&told);
    sample = list_sample("certificate.der");
    const unsigned char *at = text_bytes(&sample).at;
    certificate = d2i_X509(NULL, &at, (long)sample.len);
    ck_assert_ptr_nonnull(certificate);
}

static void
end(void)
{
    verdict_free(&verdict);
    text_free(&sample);
    X509_free(certificate);
    OPENSSL_free(message);
    message = NULL;
}

static OCSP_CERTID *
id_of(const EVP_MD *hash, long serial)
{
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    ASN1_BIT_STRING *key = ASN1_BIT_STRING_new();
    ASN1_INTEGER_set(number, serial);
    ASN1_BIT_STRING_set(key, (unsigned char *)"key", 3);
    OCSP_CERTID *id = OCSP_cert_id_new(hash, X509_get_issuer_name(certificate), key, number);
    ASN1_INTEGER_free(number);
    ASN1_BIT_STRING_free(key);
    return id;
}

/* A session that is nothing but a message. */
static struct session
aside(enum ocsp_source source, int len)
{
    struct session session = told.session;
    ck_assert_int_gt(len, 0);
    session.chain[CLIENT] = session.chain[SERVER] = (struct chain){0};
    session.ocsp = source;
    session.ocsp_der = bytes_of(message, (size_t)len);
    return session;
}

static struct session
asked(const EVP_MD *hash, long serial)
{
    OCSP_REQUEST *request = OCSP_REQUEST_new();
    OCSP_request_add0_id(request, id_of(hash, serial));
    OPENSSL_free(message);
    message = NULL;
    int len = i2d_OCSP_REQUEST(request, &message);
    OCSP_REQUEST_free(request);
    return aside(OCSP_ASKED, len);
}

static struct session
answered(int status, long serial)
{
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    OCSP_CERTID *id = id_of(EVP_sha1(), serial);
    ASN1_GENERALIZEDTIME *then = ASN1_GENERALIZEDTIME_set(NULL, 1700000000);
    ck_assert_ptr_nonnull(
        OCSP_basic_add1_status(basic, id, status, 1, status == 1 ? then : NULL, then, NULL));
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    X509 *signer = X509_new();
    X509_set_pubkey(signer, key);
    ck_assert_int_gt(X509_sign(signer, key, NULL), 0);
    ck_assert_int_eq(OCSP_basic_sign(basic, signer, key, NULL, NULL, 0), 1);
    OCSP_RESPONSE *response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    OPENSSL_free(message);
    message = NULL;
    int len = i2d_OCSP_RESPONSE(response, &message);
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    OCSP_CERTID_free(id);
    ASN1_GENERALIZEDTIME_free(then);
    X509_free(signer);
    EVP_PKEY_free(key);
    return aside(OCSP_ANSWERED, len);
}

static struct ruleset *
list_of(const char *name)
{
    struct fault why = {0};
    struct text content = list_sample(name);
    struct ruleset *rules = list_load(NULL, name, text_bytes(&content), &why);
    ck_assert_msg(rules != NULL, "%s", why.text);
    text_free(&content);
    return rules;
}

static const struct hit *
only_hit(const struct ruleset *rules, const struct session *session)
{
    ruleset_judge_aside(rules, session, &verdict);
    ck_assert_uint_eq(verdict.len, 1);
    return &verdict.hits[0];
}

START_TEST(a_certificate_that_a_list_is_made_of_is_named_by_any_hash)
{
    struct ruleset *rules = list_of("certificate.der");
    const EVP_MD *hashes[] = {EVP_sha1(), EVP_sha256(), EVP_sha384(), EVP_sha512()};
    for (int i = 0; i < 4; i++) {
        struct session session = asked(hashes[i], 0x0af1);
        const struct hit *hit = only_hit(rules, &session);
        ck_assert_int_eq(hit->note, NOTE_WATCHED_CERTIFICATE);
        ck_assert_str_eq(hit->indicator_type, "sha256");
        ck_assert_ptr_nonnull(hit->certificate);
        ck_assert_str_eq(hit->certificate->sha256_hex, hit->indicator);
        ck_assert_int_eq(hit->chain_index, -1);
    }
    struct session other = asked(EVP_sha1(), 0x0af2);
    ruleset_judge_aside(rules, &other, &verdict);
    ck_assert_uint_eq(verdict.len, 0);
    ruleset_free(rules);
}
END_TEST

START_TEST(an_entry_of_a_revocation_list_is_named)
{
    struct ruleset *rules = list_of("revoked.crl");
    struct session session = asked(EVP_sha256(), 0x0af4);
    const struct hit *hit = only_hit(rules, &session);
    ck_assert_int_eq(hit->note, NOTE_REVOKED_CERTIFICATE);
    ck_assert_str_eq(hit->indicator_type, "issuer-serial");
    ck_assert_str_eq(hit->indicator, "CN=Example Test CA,O=Example serial 0AF4");
    ck_assert_ptr_null(hit->certificate);
    ruleset_free(rules);
}
END_TEST

START_TEST(the_sentence_says_who_asked_and_that_nobody_showed_it)
{
    struct ruleset *rules = list_of("certificate.der");
    struct session session = answered(V_OCSP_CERTSTATUS_REVOKED, 0x0af1);
    const struct hit *hit = only_hit(rules, &session);
    ck_assert_msg(strstr(hit->why, " told ") != NULL, "%s", hit->why);
    ck_assert_ptr_nonnull(strstr(hit->why, "the certificate \"CN=sync.vendor.example\" (SHA-256 "));
    ck_assert_ptr_nonnull(
        strstr(hit->why, ", serial 0AF1, issuer \"CN=Example Test CA,O=Example\")"));
    ck_assert_ptr_nonnull(
        strstr(hit->why, "the answer is \"revoked\" since 2023-11-14T22:13:20Z; "));
    ck_assert_ptr_nonnull(strstr(hit->why, "it was not shown here"));
    session = asked(EVP_sha1(), 0x0af1);
    ck_assert_ptr_nonnull(strstr(only_hit(rules, &session)->why, " asked "));
    ruleset_free(rules);
}
END_TEST

/* An issuer as text becomes known by its hash once a certificate of it, or its own, went by. */
START_TEST(an_issuer_as_text_is_known_once_it_was_seen)
{
    struct ruleset *rules = list_good("own.yaml",
        "entries:\n  - {issuer: \"CN=Example Test CA,O=Example\", serial: 0af1, role: client}\n");
    struct session named = asked(EVP_sha1(), 0x0af1);
    ruleset_judge_aside(rules, &named, &verdict);
    ck_assert_uint_eq(verdict.len, 0);

    const unsigned char *der;
    size_t len;
    ck_assert(X509_NAME_get0_der(X509_get_issuer_name(certificate), &der, &len));
    told.client_leaf.issuer = bytes_of(der, len);
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, 0);
    const struct hit *hit = only_hit(rules, &named);
    ck_assert_int_eq(hit->note, NOTE_WATCHED_CERTIFICATE);
    ruleset_free(rules);
}
END_TEST

/* Who showed it, from where and to whom, is not known. */
START_TEST(entries_about_who_shows_it_do_not_apply)
{
    static const char *const keys[] = {"from: [192.0.2.0/24]", "not_from: [192.0.2.0/24]",
        "to: [198.51.100.0/24]", "service: [https]", "valid_from: 2099-01-01"};
    char content[1024];
    told.session.ts_ns = 1700000000LL * 1000000000;
    for (size_t i = 0; i <= sizeof keys / sizeof *keys; i++) {
        bool applies = i == sizeof keys / sizeof *keys;
        snprintf(content, sizeof content,
            "entries:\n  - {issuer: \"CN=Example Test CA,O=Example\", serial: 0af1, %s}\n",
            applies ? "position: leaf" : keys[i]);
        struct ruleset *rules = list_good("own.yaml", content);
        const unsigned char *der;
        size_t len;
        ck_assert(X509_NAME_get0_der(X509_get_issuer_name(certificate), &der, &len));
        named_learn(&verdict.named, NAMED_MOST, bytes_of(der, len));
        struct session named = asked(EVP_sha1(), 0x0af1);
        ruleset_judge_aside(rules, &named, &verdict);
        ck_assert_uint_eq(verdict.len, applies);
        ruleset_free(rules);
    }
}
END_TEST

START_TEST(what_was_fetched_is_judged_whole)
{
    struct ruleset *rules = list_of("certificate.der");
    struct pool pool = {.limit = SIZE_MAX};
    struct arena room = {.pool = &pool};
    const struct certificate *fetched[] = {certificate_read(&room, text_bytes(&sample))};
    struct session session = told.session;
    session.ocsp = FETCHED_CERTIFICATES;
    session.chain[CLIENT] = (struct chain){0};
    session.chain[SERVER] = (struct chain){.at = fetched, .len = 1};
    const struct hit *hit = only_hit(rules, &session);
    ck_assert_int_eq(hit->note, NOTE_WATCHED_CERTIFICATE);
    ck_assert_ptr_eq(hit->certificate, fetched[0]);
    ck_assert_ptr_nonnull(strstr(hit->why, " fetched from "));
    ruleset_free(rules);
    arena_empty(&room);
}
END_TEST

/* A fingerprint says nothing of a serial number, until its certificate was shown. */
START_TEST(what_a_list_has_by_fingerprint_is_known_once_it_was_shown)
{
    char content[128];
    struct pool pool = {.limit = SIZE_MAX};
    struct arena room = {.pool = &pool};
    const struct certificate *shown[] = {certificate_read(&room, text_bytes(&sample))};
    snprintf(content, sizeof content, "%s\n", shown[0]->sha256_hex);
    struct ruleset *rules = list_good("plain.txt", content);
    struct session named = asked(EVP_sha1(), 0x0af1);
    ruleset_judge_aside(rules, &named, &verdict);
    ck_assert_uint_eq(verdict.len, 0);
    told.session.chain[CLIENT] = (struct chain){.at = shown, .len = 1};
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, 1);
    arena_empty(&room);
    const struct hit *hit = only_hit(rules, &named);
    ck_assert_str_eq(hit->indicator_type, "sha256");
    ck_assert_str_eq(hit->certificate->sha256_hex, hit->indicator);
    ruleset_free(rules);
}
END_TEST

START_TEST(of_certificates_too_the_first_kept_is_let_go_of)
{
    struct named *named = NULL;
    struct pool pool = {.limit = SIZE_MAX};
    struct arena room = {.pool = &pool};
    struct certificate some[3];
    const struct certificate *read = certificate_read(&room, text_bytes(&sample));
    for (int i = 0; i < 3; i++) {
        char *der = arena_take(&room, sample.len);
        memcpy(der, sample.at, sample.len);
        size_t at = (size_t)(read->serial.at - read->der.at);
        der[at + 1] = (char)i;
        const struct certificate *one = certificate_read(&room, bytes_of(der, sample.len));
        some[i] = *one;
        named_keep(&named, 2, one);
        named_keep(&named, 2, one);
    }
    struct named_issuer issuer = {.der = read->issuer};
    for (int i = 0; i < 3; i++) {
        const struct certificate *c = named_certificate_of(named, &issuer, some[i].serial);
        ck_assert_int_eq(c != NULL, i > 0);
    }
    named_free(named);
    arena_empty(&room);
}
END_TEST

START_TEST(what_makes_no_sense_names_nothing)
{
    struct ruleset *rules = list_of("certificate.der");
    struct session session = asked(EVP_sha1(), 0x0af1);
    struct bytes whole = session.ocsp_der;
    for (size_t len = 0; len < whole.len; len++) {
        session.ocsp_der = bytes_first(whole, len);
        ruleset_judge_aside(rules, &session, &verdict);
        ck_assert_uint_eq(verdict.len, 0);
    }
    ruleset_free(rules);
}
END_TEST

START_TEST(the_issuer_learnt_first_is_let_go_of)
{
    struct named *named = NULL;
    struct ocsp_single single = {0};
    uint8_t digest[SHA1_LEN];
    size_t digest_len = 0;
    static const uint8_t sha1[] = {0x2b, 14, 3, 2, 26};
    const char *names[] = {"0\n1\b0\006\006\003U\004\003\f", "b", "c"};
    single.hash_algorithm = bytes_of(sha1, sizeof sha1);
    for (int i = 0; i < 3; i++)
        named_learn(&named, 2, bytes_from_string(names[i]));
    for (int i = 0; i < 3; i++) {
        EVP_Q_digest(NULL, "SHA1", NULL, names[i], strlen(names[i]), digest, &digest_len);
        single.issuer_name_hash = bytes_of(digest, sizeof digest);
        const struct named_issuer *issuer = named_issuer_of(named, &single);
        ck_assert_int_eq(issuer != NULL, i > 0);
        ck_assert(!issuer || bytes_equal_string(issuer->der, names[i]));
    }
    ck_assert_ptr_null(named_issuer_of(NULL, &single));
    single.hash_algorithm = (struct bytes){0};
    ck_assert_ptr_null(named_issuer_of(named, &single));
    named_free(named);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("judge_aside");
    TCase *tcase = tcase_create("aside");
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, a_certificate_that_a_list_is_made_of_is_named_by_any_hash);
    tcase_add_test(tcase, an_entry_of_a_revocation_list_is_named);
    tcase_add_test(tcase, the_sentence_says_who_asked_and_that_nobody_showed_it);
    tcase_add_test(tcase, an_issuer_as_text_is_known_once_it_was_seen);
    tcase_add_test(tcase, entries_about_who_shows_it_do_not_apply);
    tcase_add_test(tcase, what_was_fetched_is_judged_whole);
    tcase_add_test(tcase, what_a_list_has_by_fingerprint_is_known_once_it_was_shown);
    tcase_add_test(tcase, of_certificates_too_the_first_kept_is_let_go_of);
    tcase_add_test(tcase, what_makes_no_sense_names_nothing);
    tcase_add_test(tcase, the_issuer_learnt_first_is_let_go_of);
    suite_add_tcase(s, tcase);
    return s;
}
