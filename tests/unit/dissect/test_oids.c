/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/oids.h"
#include "tests/support/hex.h"

#include <check.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/objects.h>
#include <stdlib.h>

START_TEST(the_table_is_in_order)
{
    for (size_t row = 1; oid_at(row); row++)
        ck_assert_msg(
            strcmp(oid_at(row - 1)->text, oid_at(row)->text) < 0, "%s", oid_at(row)->text);
}
END_TEST

/* A newer OpenSSL may know more than this one, never otherwise. */
START_TEST(the_names_are_those_of_openssl)
{
    size_t compared = 0;
    for (size_t row = 0; oid_at(row); row++) {
        const struct oid *oid = oid_at(row);
        ck_assert_ptr_eq(oid_find(oid->text), oid);
        int nid = OBJ_txt2nid(oid->text);
        if (nid == NID_undef)
            continue;
        ck_assert_str_eq(oid->brief, OBJ_nid2sn(nid));
        ck_assert_str_eq(oid->name, OBJ_nid2ln(nid));
        EC_GROUP *group = EC_GROUP_new_by_curve_name(nid);
        if (group)
            ck_assert_int_eq((int)oid->curve_bits, BN_num_bits(EC_GROUP_get0_order(group)));
        EC_GROUP_free(group);
        compared++;
    }
    ck_assert_uint_gt(compared, 300);
}
END_TEST

START_TEST(the_bytes_are_those_of_openssl)
{
    for (size_t row = 0; oid_at(row); row++) {
        char text[OID_TEXT];
        ASN1_OBJECT *object = OBJ_txt2obj(oid_at(row)->text, 1);
        ck_assert(
            oid_to_text(bytes_of(OBJ_get0_data(object), OBJ_length(object)), text, sizeof text));
        ck_assert_str_eq(text, oid_at(row)->text);
        ASN1_OBJECT_free(object);
    }
}
END_TEST

START_TEST(oddities)
{
    static const struct {
        const char *name;
        const char *bytes;
        const char *text; /* NULL: none */
    } cases[] = {
        {"empty", "", NULL},
        {"shortest", "00", "0.0"},
        {"top arc 2 has no limit", "88 37", "2.999"},
        {"last of arc 1", "4f", "1.39"},
        {"first of arc 2", "50", "2.0"},
        {"cut within an arc", "55 84", NULL},
        {"padded arc", "55 80 04", NULL},
        {"largest arc", "55 81ffffffffffffffff7f", "2.5.18446744073709551615"},
        {"arc of 65 bits", "55 83ffffffffffffffff7f", NULL},
        {"unknown", "2b 06 01 04 01 87 67", "1.3.6.1.4.1.999"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[OID_TEXT];
        struct bytes b = hex(cases[i].bytes);
        bool made = oid_to_text(b, text, sizeof text);
        ck_assert_msg(made == (cases[i].text != NULL), "%s", cases[i].name);
        if (made)
            ck_assert_str_eq(text, cases[i].text);
        free((void *)b.at);
    }
    ck_assert_ptr_null(oid_find("1.3.6.1.4.1.999"));
    ck_assert_ptr_null(oid_find(""));
}
END_TEST

START_TEST(an_endless_one_has_no_text)
{
    enum { LEN = 100000 };
    uint8_t *bytes = malloc(LEN);
    char text[OID_TEXT];
    memset(bytes, 1, LEN);
    ck_assert(!oid_to_text(bytes_of(bytes, LEN), text, sizeof text));
    ck_assert(oid_to_text(bytes_of(bytes, 126), text, sizeof text));
    ck_assert(!oid_to_text(bytes_of(bytes, 126), text, 252));
    ck_assert_uint_lt(strlen(text), 252);
    free(bytes);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("oids");
    TCase *c = tcase_create("oids");
    tcase_add_test(c, the_table_is_in_order);
    tcase_add_test(c, the_names_are_those_of_openssl);
    tcase_add_test(c, the_bytes_are_those_of_openssl);
    tcase_add_test(c, oddities);
    tcase_add_test(c, an_endless_one_has_no_text);
    suite_add_tcase(s, c);
    return s;
}
