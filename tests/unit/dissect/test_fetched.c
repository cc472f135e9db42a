/* SPDX-License-Identifier: Apache-2.0
 *
 * Revocation lists and certificates that are fetched in clear HTTP.
 */
#include "dissect/fetched.h"
#include "tests/support/lists.h"
#include "tests/support/scene.h"

#include <check.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

static struct text certificate, crl;

static void
begin(void)
{
    certificate = list_sample("certificate.der");
    crl = list_sample("revoked.crl");
}

static void
end(void)
{
    text_free(&certificate);
    text_free(&crl);
}

/* The certificate twice, in PKCS #7; the caller frees it. */
static unsigned char *
make_bag(int *len)
{
    unsigned char *der = NULL;
    const unsigned char *at = text_bytes(&certificate).at;
    X509 *read = d2i_X509(NULL, &at, (long)certificate.len);
    PKCS7 *bag = PKCS7_new();
    ck_assert(PKCS7_set_type(bag, NID_pkcs7_signed) && PKCS7_content_new(bag, NID_pkcs7_data));
    PKCS7_add_certificate(bag, read);
    PKCS7_add_certificate(bag, read);
    *len = i2d_PKCS7(bag, &der);
    ck_assert_int_gt(*len, 0);
    PKCS7_free(bag);
    X509_free(read);
    return der;
}

START_TEST(the_head_of_a_revocation_list_is_read)
{
    struct crl head;
    struct bytes der = text_bytes(&crl);
    ck_assert(crl_read(der, &head));
    ck_assert_int_eq(head.this_update, 1795516200);
    ck_assert(head.has_next_update && head.next_update == 2110876200);
    ck_assert_uint_eq(head.issuer.len, 46);
    ck_assert(!crl_read(text_bytes(&certificate), &head));
    size_t least = 0;
    for (size_t len = 0; len < der.len; len++) {
        if (crl_read(bytes_first(der, len), &head) && !least)
            least = len;
        ck_assert_int_eq(crl_read(bytes_first(der, len), &head), least != 0);
    }
    ck_assert_uint_eq(least, 83);
}
END_TEST

START_TEST(certificates_are_taken_out_of_what_holds_them)
{
    int len;
    unsigned char *bag = make_bag(&len);
    struct bytes all[] = {text_bytes(&certificate), bytes_of(bag, (size_t)len)};
    struct bytes rest;
    struct bytes one;
    for (unsigned i = 0; i < 2; i++) {
        ck_assert(fetched_certificates(all[i], &rest));
        for (unsigned k = 0; k <= i; k++) {
            ck_assert(fetched_next(&rest, &one));
            ck_assert(bytes_equal(one, text_bytes(&certificate)));
        }
        ck_assert(!fetched_next(&rest, &one));
        for (size_t cut = 0; cut < all[i].len; cut++)
            ck_assert(!fetched_certificates(bytes_first(all[i], cut), &rest));
    }
    ck_assert(!fetched_certificates(text_bytes(&crl), &rest));
    OPENSSL_free(bag);
}
END_TEST

static const struct fetch {
    const char *request;
    enum ocsp_source source;
    size_t certificates;
} fetches[] = {
    {"GET /a.crl HTTP/1.1\r\nHost: a\r\n\r\n", FETCHED_CRL, 0},
    {"GET /a.crt HTTP/1.1\r\nHost: a\r\n\r\n", FETCHED_CERTIFICATES, 1},
    {"GET /a HTTP/1.1\r\nUser-Agent: Microsoft-CryptoAPI/10.0\r\n\r\n", FETCHED_CERTIFICATES, 2},
};

static struct bytes
body_of(const struct fetch *fetch, struct bytes bag)
{
    return fetch->source == FETCHED_CRL ? text_bytes(&crl)
           : fetch->certificates == 1   ? text_bytes(&certificate)
                                        : bag;
}

static void
hear_in_pieces(struct scene *scene, enum side from, struct bytes data, size_t most)
{
    while (data.len && !scene->flow.quiet) {
        struct bytes piece = bytes_first(data, most < data.len ? most : data.len);
        data = bytes_skip(data, piece.len);
        scene_hear(scene, from, piece);
    }
}

START_TEST(what_is_fetched_is_told_however_it_is_split)
{
    const struct fetch *fetch = &fetches[_i];
    int len;
    unsigned char *bag = make_bag(&len);
    struct bytes body = body_of(fetch, bytes_of(bag, (size_t)len));
    struct text answer = {0};
    struct scene scene;
    text_add_format(&answer, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", body.len);
    text_add(&answer, body);
    scene_begin(&scene, SIZE_MAX);
    for (size_t most = 1; most <= answer.len; most++) {
        scene.told = 0;
        hear_in_pieces(&scene, ORIGINATOR, bytes_from_string(fetch->request), most);
        hear_in_pieces(&scene, RESPONDER, text_bytes(&answer), most);
        ck_assert_uint_eq(scene.told, 1);
        ck_assert_int_eq(scene.facts.ocsp, fetch->source);
        ck_assert_uint_eq(scene.certificates[SERVER], fetch->certificates);
        scene_over(&scene, FLOW_OVER);
        scene_flow(&scene);
    }
    /* Cut off, nothing is told that is not whole; of a list its head is enough. */
    for (size_t cut = 0; cut < answer.len; cut++) {
        scene.told = 0;
        scene_hear(&scene, ORIGINATOR, bytes_from_string(fetch->request));
        scene_hear(&scene, RESPONDER, bytes_first(text_bytes(&answer), cut));
        scene_over(&scene, FLOW_OVER);
        ck_assert_uint_eq(scene.told, 0);
        scene_flow(&scene);
    }
    ck_assert_uint_eq(scene_end(&scene), 0);
    text_free(&answer);
    OPENSSL_free(bag);
}
END_TEST

START_TEST(of_a_long_revocation_list_the_head_is_told)
{
    struct scene scene;
    struct text answer = {0};
    struct bytes der = text_bytes(&crl);
    text_add_string(&answer, "HTTP/1.1 200 OK\r\nContent-Length: 16777220\r\n\r\n");
    /* The lengths of the list and of what is signed in it, as if they were 16 MB */
    struct reader r = reader_over(der);
    read_bytes(&r, 7); /* 30 82 xx xx 30 81 xx */
    text_add(&answer, bytes_of("\x30\x84\x01\x00\x00\x00\x30\x84\x00\xff\xff\xf0", 12));
    text_add(&answer, reader_rest(&r));
    while (answer.len < 100000)
        text_add_char(&answer, '\0');
    scene_begin(&scene, SIZE_MAX);
    hear_in_pieces(&scene, ORIGINATOR, bytes_from_string(fetches[0].request), 1000);
    hear_in_pieces(&scene, RESPONDER, text_bytes(&answer), 1400);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_int_eq(scene.facts.ocsp, FETCHED_CRL);
    ck_assert(scene.flow.quiet);
    ck_assert_uint_eq(scene_end(&scene), 0);
    text_free(&answer);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("fetched");
    TCase *t = tcase_create("fetched");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, the_head_of_a_revocation_list_is_read);
    tcase_add_test(t, certificates_are_taken_out_of_what_holds_them);
    tcase_add_loop_test(
        t, what_is_fetched_is_told_however_it_is_split, 0, sizeof fetches / sizeof *fetches);
    tcase_add_test(t, of_a_long_revocation_list_the_head_is_told);
    suite_add_tcase(s, t);
    return s;
}
