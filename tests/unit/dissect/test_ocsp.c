/* SPDX-License-Identifier: Apache-2.0
 *
 * OpenSSL writes the responses that are read here.
 */
#include "dissect/ocsp.h"
#include "tests/support/hex.h"

#include <check.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/x509.h>
#include <stdlib.h>

/* Bytes that live as long as the test. */
static struct bytes lent[64];
static size_t lent_len;

static struct bytes
bytes_in(const char *annotated)
{
    ck_assert_uint_lt(lent_len, sizeof lent / sizeof *lent);
    return lent[lent_len++] = hex(annotated);
}

static void
take_back(void)
{
    while (lent_len)
        free((void *)lent[--lent_len].at);
}

static const time_t begin = 1700000000;

static ASN1_GENERALIZEDTIME *
at(time_t seconds)
{
    return ASN1_GENERALIZEDTIME_set(NULL, seconds);
}

static OCSP_CERTID *
id_of(long serial)
{
    X509_NAME *name = X509_NAME_new();
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"CA", -1, -1, 0);
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    ASN1_INTEGER_set(number, serial);
    ASN1_BIT_STRING *key = ASN1_BIT_STRING_new();
    ASN1_BIT_STRING_set(key, (unsigned char *)"key", 3);
    OCSP_CERTID *id = OCSP_cert_id_new(EVP_sha1(), name, key, number);
    X509_NAME_free(name);
    ASN1_INTEGER_free(number);
    ASN1_BIT_STRING_free(key);
    return id;
}

static void
add(OCSP_BASICRESP *basic, long serial, int status, int reason, bool next)
{
    OCSP_CERTID *id = id_of(serial);
    ASN1_GENERALIZEDTIME *revoked = at(begin - 100);
    ASN1_GENERALIZEDTIME *this_update = at(begin);
    ASN1_GENERALIZEDTIME *next_update = next ? at(begin + 3600) : NULL;
    ck_assert_ptr_nonnull(OCSP_basic_add1_status(basic, id, status, reason,
        status == V_OCSP_CERTSTATUS_REVOKED ? revoked : NULL, this_update, next_update));
    OCSP_CERTID_free(id);
    ASN1_GENERALIZEDTIME_free(revoked);
    ASN1_GENERALIZEDTIME_free(this_update);
    ASN1_GENERALIZEDTIME_free(next_update);
}

/* Signed by a key that was just made; the caller frees it. */
static unsigned char *
make(OCSP_BASICRESP *basic, int *len)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    X509 *signer = X509_new();
    X509_set_pubkey(signer, key);
    ASN1_INTEGER_set(X509_get_serialNumber(signer), 1);
    X509_gmtime_adj(X509_getm_notBefore(signer), 0);
    X509_gmtime_adj(X509_getm_notAfter(signer), 3600);
    ck_assert_int_gt(X509_sign(signer, key, NULL), 0);
    ck_assert_int_eq(OCSP_basic_sign(basic, signer, key, NULL, NULL, 0), 1);
    OCSP_RESPONSE *response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    unsigned char *der = NULL;
    *len = i2d_OCSP_RESPONSE(response, &der);
    ck_assert_int_gt(*len, 0);
    OCSP_RESPONSE_free(response);
    X509_free(signer);
    EVP_PKEY_free(key);
    return der;
}

static unsigned char *
make_three(int *len)
{
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    add(basic, 0x1234, V_OCSP_CERTSTATUS_GOOD, 0, true);
    add(basic, 5, V_OCSP_CERTSTATUS_REVOKED, 1, true);
    add(basic, 6, V_OCSP_CERTSTATUS_UNKNOWN, 0, false);
    unsigned char *der = make(basic, len);
    OCSP_BASICRESP_free(basic);
    return der;
}

START_TEST(each_single_response_is_read)
{
    int len;
    unsigned char *der = make_three(&len);
    struct ocsp_response response;
    struct ocsp_single single;
    ck_assert(ocsp_read(bytes_of(der, (size_t)len), &response));
    ck_assert_uint_eq(response.status, 0);
    ck_assert_int_gt(response.produced_at, begin);

    ck_assert(ocsp_next(&response.singles, &single));
    ck_assert_int_eq(single.status, OCSP_GOOD);
    ck_assert(bytes_equal(single.serial, bytes_in("12 34")));
    ck_assert(bytes_equal(single.hash_algorithm, bytes_in("2b 0e 03 02 1a")));
    ck_assert_uint_eq(single.issuer_name_hash.len, 20);
    ck_assert_uint_eq(single.issuer_key_hash.len, 20);
    ck_assert_int_eq(single.this_update, begin);
    ck_assert(single.has_next_update && single.next_update == begin + 3600);

    ck_assert(ocsp_next(&response.singles, &single));
    ck_assert_int_eq(single.status, OCSP_REVOKED);
    ck_assert_int_eq(single.revoked_at, begin - 100);
    ck_assert(single.has_reason);
    ck_assert_str_eq(ocsp_reason_name(single.reason), "keyCompromise");
    ck_assert_str_eq(ocsp_status_name(single.status), "revoked");

    ck_assert(ocsp_next(&response.singles, &single));
    ck_assert_int_eq(single.status, OCSP_UNKNOWN);
    ck_assert(!single.has_next_update && !single.has_reason);
    ck_assert(!ocsp_next(&response.singles, &single));
    OPENSSL_free(der);
}
END_TEST

START_TEST(a_revocation_may_have_no_reason)
{
    int len;
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    add(basic, 5, V_OCSP_CERTSTATUS_REVOKED, OCSP_REVOKED_STATUS_NOSTATUS, true);
    unsigned char *der = make(basic, &len);
    struct ocsp_response response;
    struct ocsp_single single;
    ck_assert(ocsp_read(bytes_of(der, (size_t)len), &response));
    ck_assert(ocsp_next(&response.singles, &single));
    ck_assert(single.status == OCSP_REVOKED && !single.has_reason);
    OCSP_BASICRESP_free(basic);
    OPENSSL_free(der);
}
END_TEST

START_TEST(a_response_may_be_cut_or_changed_anywhere)
{
    int len;
    unsigned char *der = make_three(&len);
    struct ocsp_response response;
    struct ocsp_single single;
    for (int cut = 0; cut < len; cut++) {
        ck_assert(!ocsp_read(bytes_of(der, (size_t)cut), &response));
        der[cut] ^= 0x81;
        if (ocsp_read(bytes_of(der, (size_t)len), &response))
            for (int i = 0; ocsp_next(&response.singles, &single); i++)
                ck_assert_int_lt(i, 1000);
        der[cut] ^= 0x81;
    }
    OPENSSL_free(der);
}
END_TEST

START_TEST(a_refusal_says_nothing_more)
{
    struct ocsp_response response;
    ck_assert(ocsp_read(bytes_in("30 03 0a 01 06"), &response)); /* unauthorized */
    ck_assert_uint_eq(response.status, 6);
    ck_assert_uint_eq(response.singles.len, 0);
    ck_assert(!ocsp_read(bytes_in("30 03 0a 01 00"), &response)); /* successful, and no more */
    ck_assert(!ocsp_read(bytes_in("30 03 02 01 06"), &response));
}
END_TEST

START_TEST(a_message_holds_one_or_several)
{
    ck_assert(bytes_equal_string(ocsp_of_certificate_status(bytes_in("01 00 00 03 'abc'")), "abc"));
    ck_assert(bytes_equal_string(
        ocsp_of_certificate_status(bytes_in("02 00 00 09 00 00 03 'abc' 00 00 00")), "abc"));
    ck_assert_uint_eq(ocsp_of_certificate_status(bytes_in("01 00 00 04 'abc'")).len, 0);
    ck_assert_uint_eq(ocsp_of_certificate_status(bytes_in("02 00 00 03 00 00 03")).len, 0);
    ck_assert_uint_eq(ocsp_of_certificate_status(bytes_in("03 00 00 03 'abc'")).len, 0);
    ck_assert_uint_eq(ocsp_of_certificate_status((struct bytes){0}).len, 0);
    ck_assert_ptr_null(ocsp_reason_name(7));
    ck_assert_ptr_null(ocsp_reason_name(200));
}
END_TEST

START_TEST(a_request_names_certificates)
{
    OCSP_REQUEST *request = OCSP_REQUEST_new();
    OCSP_request_add0_id(request, id_of(0x1234));
    OCSP_request_add0_id(request, id_of(-5));
    OCSP_request_add1_nonce(request, NULL, -1);
    unsigned char *der = NULL;
    int len = i2d_OCSP_REQUEST(request, &der);
    struct bytes singles;
    struct ocsp_single single;
    ck_assert(ocsp_request_read(bytes_of(der, (size_t)len), &singles));
    ck_assert(ocsp_request_next(&singles, &single));
    ck_assert(bytes_equal(single.serial, bytes_in("12 34")));
    ck_assert_str_eq(ocsp_hash_name(single.hash_algorithm), "sha1");
    ck_assert_uint_eq(single.issuer_key_hash.len, 20);
    ck_assert(ocsp_request_next(&singles, &single));
    ck_assert(bytes_equal(single.serial, bytes_in("fb")));
    ck_assert(!ocsp_request_next(&singles, &single));
    for (int cut = 0; cut < len; cut++)
        ck_assert(!ocsp_request_read(bytes_of(der, (size_t)cut), &singles));
    OPENSSL_free(der);
    OCSP_REQUEST_free(request);
}
END_TEST

START_TEST(a_key_is_what_stands_in_its_bit_string)
{
    ck_assert(bytes_equal(
        ocsp_key_of(bytes_in("30 0b 30 03 06 01 2a 03 04 00 'key'")), bytes_in("'key'")));
    ck_assert_uint_eq(ocsp_key_of(bytes_in("30 0b 30 03 06 01 2a 04 04 00 'key'")).len, 0);
    ck_assert_uint_eq(ocsp_key_of(bytes_in("30 0b 30 03 06 01 2a 03 05 00 'key'")).len, 0);
    ck_assert_uint_eq(ocsp_key_of((struct bytes){0}).len, 0);
    ck_assert_ptr_null(ocsp_hash_name(bytes_in("2a")));
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("ocsp");
    TCase *c = tcase_create("ocsp");
    tcase_add_checked_fixture(c, NULL, take_back);
    tcase_add_test(c, each_single_response_is_read);
    tcase_add_test(c, a_revocation_may_have_no_reason);
    tcase_add_test(c, a_response_may_be_cut_or_changed_anywhere);
    tcase_add_test(c, a_refusal_says_nothing_more);
    tcase_add_test(c, a_message_holds_one_or_several);
    tcase_add_test(c, a_request_names_certificates);
    tcase_add_test(c, a_key_is_what_stands_in_its_bit_string);
    suite_add_tcase(s, c);
    return s;
}
