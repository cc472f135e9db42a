/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/canonical_name.h"

#include <check.h>

/* All of one row are the same name, and no name of another row. */
START_TEST(names_have_one_form)
{
    static const char *const names[][7] = {
        {"CN=Example CA,O=Example\\, Inc.,C=US", "C=US, O=Example, Inc., CN=Example CA",
            "/C=US/O=Example, Inc./CN=Example CA", "C = US, O = \"Example, Inc.\", CN = Example CA",
            "cn=EXAMPLE CA,o=example\\2C inc.,c=us", "commonName=Example CA,O=Example\\, Inc.,C=US",
            " 2.5.4.3=Example CA , OID.2.5.4.10=Example\\, Inc. , C=US "},
        {"CN=Example CA,C=US,O=Example\\, Inc."},
        {"CN=Example CA"},
        {"CN=Example\\01CA"},
        {"O=Example CA"},
        {"CN=a+OU=b,O=c", "O=c,CN=a+OU=b", "/O=c/CN=a+OU=b"},
        {"CN=a,OU=b,O=c"},
        {"CN=a\\,OU=b,O=c"},
        {"emailAddress=x@y.example", "E=x@y.example", "1.2.840.113549.1.9.1=X@y.example"},
        {"CN="},
        {"CN=\\c3\\a4", "CN=\xc3\xa4"},
    };
    enum { NAMES = sizeof names / sizeof *names };
    struct text forms[NAMES] = {{0}};
    for (size_t i = 0; i < NAMES; i++) {
        ck_assert(name_canonical(bytes_from_string(names[i][0]), &forms[i]));
        for (size_t k = 1; k < 7 && names[i][k]; k++) {
            struct text form = {0};
            ck_assert_msg(name_canonical(bytes_from_string(names[i][k]), &form), "%s", names[i][k]);
            ck_assert_msg(bytes_equal(text_bytes(&form), text_bytes(&forms[i])), "%s is %s, not %s",
                names[i][k], text_string(&form), text_string(&forms[i]));
            text_free(&form);
        }
        for (size_t k = 0; k < i; k++)
            ck_assert_msg(!bytes_equal(text_bytes(&forms[k]), text_bytes(&forms[i])), "%s is %s",
                names[i][0], names[k][0]);
    }
    for (size_t i = 0; i < NAMES; i++)
        text_free(&forms[i]);
}
END_TEST

START_TEST(what_is_no_name_is_told)
{
    static const char *const cases[] = {"", " ", "Vendor", "=x", "/", "/x", ",CN=x", "CN x"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text form = {0};
        ck_assert_msg(!name_canonical(bytes_from_string(cases[i]), &form), "%s", cases[i]);
        text_free(&form);
    }
    struct text many = {0};
    struct text form = {0};
    for (int i = 0; i < 100; i++)
        text_add_string(&many, "CN=x,");
    ck_assert(!name_canonical(text_bytes(&many), &form));
    text_free(&many);
    text_free(&form);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/canonical_name");
    TCase *t = tcase_create("canonical_name");
    tcase_add_test(t, names_have_one_form);
    tcase_add_test(t, what_is_no_name_is_told);
    suite_add_tcase(s, t);
    return s;
}
