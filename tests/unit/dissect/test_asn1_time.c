/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/asn1_time.h"

#include "dissect/der.h"

#include <check.h>
#include <stdio.h>
#include <time.h>

START_TEST(times_are_read_in_every_form)
{
    static const struct {
        uint8_t tag;
        const char *text;
        int64_t seconds;
        bool strict;
    } cases[] = {
        {DER_UTC_TIME, "700101000000Z", 0, true},
        {DER_UTC_TIME, "691231235959Z", -1, true},
        {DER_UTC_TIME, "500101000000Z", -631152000, true},
        {DER_UTC_TIME, "491231235959Z", 2524607999, true},
        {DER_UTC_TIME, "240229120000Z", 1709208000, true},
        {DER_UTC_TIME, "2402291200Z", 1709208000, false},
        {DER_UTC_TIME, "240229140000+0200", 1709208000, false},
        {DER_UTC_TIME, "240229083000-0330", 1709208000, false},
        {DER_GENERALIZED_TIME, "20240229120000Z", 1709208000, true},
        {DER_GENERALIZED_TIME, "20240229120000", 1709208000, false},
        {DER_GENERALIZED_TIME, "20240229120000.999Z", 1709208000, false},
        {DER_GENERALIZED_TIME, "202402291130.5Z", 1709206230, false},
        {DER_GENERALIZED_TIME, "2024022911,5Z", 1709206200, false},
        {DER_GENERALIZED_TIME, "2024022912Z", 1709208000, false},
        {DER_GENERALIZED_TIME, "2024022914+02", 1709208000, false},
        {DER_GENERALIZED_TIME, "20240229120000.00000000000000000000000001Z", 1709208000, false},
        {DER_GENERALIZED_TIME, "00000101000000Z", -62167219200, true},
        {DER_GENERALIZED_TIME, "99991231235959Z", 253402300799, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct asn1_time time;
        bool read = asn1_time_read(cases[i].tag, bytes_from_string(cases[i].text), &time);
        ck_assert_msg(read, "%s", cases[i].text);
        ck_assert_msg(
            time.seconds == cases[i].seconds, "%s: %lld", cases[i].text, (long long)time.seconds);
        ck_assert_msg(time.strict == cases[i].strict, "%s", cases[i].text);
    }
}
END_TEST

START_TEST(what_is_no_time_is_none)
{
    static const char *const generalized[] = {"", "Z", "2024", "20240230120000Z", "20230229000000Z",
        "19000229000000Z", "20241301000000Z", "20240001000000Z", "20240100000000Z",
        "20240101240000Z", "20240101006000Z", "20240101000060Z", "20240101000000Zx",
        "20240101000000.Z", "20240101000000*0200", "20240101000000+2400", "20240101000000+0260",
        "2024010100000Z", "2024-01-01", "-0240101000000Z", "20240101000000+"};
    static const char *const utc[] = {"240101000000", "2401010000.5Z", "24010100Z", "2401010Z"};
    struct asn1_time time;
    for (size_t i = 0; i < sizeof generalized / sizeof *generalized; i++)
        ck_assert_msg(
            !asn1_time_read(DER_GENERALIZED_TIME, bytes_from_string(generalized[i]), &time), "%s",
            generalized[i]);
    for (size_t i = 0; i < sizeof utc / sizeof *utc; i++)
        ck_assert_msg(
            !asn1_time_read(DER_UTC_TIME, bytes_from_string(utc[i]), &time), "%s", utc[i]);
    ck_assert(!asn1_time_read(DER_UTF8_STRING, bytes_from_string("240101000000Z"), &time));
    ck_assert_int_eq(time.seconds, 0);
}
END_TEST

START_TEST(every_day_is_where_the_calendar_has_it)
{
    for (int64_t day = -800000; day < 3000000; day += 61) {
        time_t seconds = (time_t)(day * 86400 + day % 86399);
        struct tm tm;
        char text[64];
        gmtime_r(&seconds, &tm);
        if (tm.tm_year < -1900 || tm.tm_year > 9999 - 1900)
            continue;
        snprintf(text, sizeof text, "%04d%02d%02d%02d%02d%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
            tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
        struct asn1_time read;
        ck_assert(asn1_time_read(DER_GENERALIZED_TIME, bytes_from_string(text), &read));
        ck_assert_int_eq(read.seconds, seconds);
    }
}
END_TEST

START_TEST(a_time_cut_anywhere_is_read_or_not)
{
    const char *whole = "20240229120000.123+0200";
    for (size_t len = 0; len <= strlen(whole); len++) {
        struct asn1_time time;
        bool read = asn1_time_read(DER_GENERALIZED_TIME, bytes_of(whole, len), &time);
        ck_assert(!read || (time.seconds >= 1709200800 && time.seconds <= 1709208000));
        ck_assert(read || len < strlen(whole));
    }
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("asn1_time");
    TCase *c = tcase_create("asn1_time");
    tcase_add_test(c, times_are_read_in_every_form);
    tcase_add_test(c, what_is_no_time_is_none);
    tcase_add_test(c, every_day_is_where_the_calendar_has_it);
    tcase_add_test(c, a_time_cut_anywhere_is_read_or_not);
    suite_add_tcase(s, c);
    return s;
}
