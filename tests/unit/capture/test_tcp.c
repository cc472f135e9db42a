/* SPDX-License-Identifier: Apache-2.0
 *
 * One TCP connection: order, repetition, overlap, loss, checksums.
 */
#include "tests/support/exchange.h"

#include <check.h>

/* clang-format off */
static const struct scenario scenarios[] = {
    {.name = "two sides in order",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 hello; <A 1 6 welcome; >A 6 8 bye; >FA 9 8; <FA 8 10; >A 10 9;",
     .told = ">hello <welcome >bye !closed"},
    {.name = "out of order",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 5 1 efgh; >A 9 1 ij; >A 1 1 abcd;",
     .told = ">abcdefghij !over"},
    {.name = "backwards",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 4 1 d; >A 3 1 c; >A 2 1 b; >A 1 1 a;",
     .told = ">abcd !over"},
    {.name = "sent again",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 abcd; >A 1 1 abcd; >A 5 1 ef; >A 1 1 abcdef;",
     .told = ">abcdef !over"},
    {.name = "sent again in other pieces",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 abcd; >A 3 1 cdefgh; >A 2 1 bc; >A 8 1 hij;",
     .told = ">abcdefghij !over"},
    {.name = "what waits is overlapped on both ends",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 4 1 def; >A 2 1 bcdefgh; >A 1 1 a;",
     .told = ">abcdefgh !over"},
    {.name = "overlap, the first counts",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 3 1 CDE; >A 2 1 bcdef; >A 1 1 a;",
     .told = ">abCDEf !over", .only = ONLY_WHOLE},
    {.name = "overlap, the last counts",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 3 1 CDE; >A 2 1 bcdef; >A 1 1 a;",
     .told = ">abcdef !over", .only = ONLY_WHOLE, .overlap = OVERLAP_LAST},
    {.name = "what is told is told, first",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 abc; >A 1 1 ABCDE;",
     .told = ">abcDE !over"},
    {.name = "what is told is told, last",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 abc; >A 1 1 ABCDE;",
     .told = ">abcDE !over", .overlap = OVERLAP_LAST},
    {.name = "the hole is filled by one that overlaps what waits, first",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 3 1 CD; >A 1 1 abcdef;",
     .told = ">abCDef !over", .only = ONLY_WHOLE},
    {.name = "the hole is filled by one that overlaps what waits, last",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 3 1 CD; >A 1 1 abcdef;",
     .told = ">abcdef !over", .only = ONLY_WHOLE, .overlap = OVERLAP_LAST},
    {.name = "a hole at the end of the capture",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; >A 6 1 fg;",
     .told = ">ab >-3 >fg !over"},
    {.name = "two holes",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 3 1 cd; >A 7 1 gh;",
     .told = ">-2 >cd >-2 >gh !over"},
    {.name = "a hole that is filled late, and was not acknowledged",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 3 1 cd; wait:9000; >A 5 1 ef; wait:9000; >A 1 1 ab;",
     .told = ">abcdef !over"},
    {.name = "a hole that was acknowledged",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 3 1 cd; <A 1 5; wait:2500; <A 1 5; >A 5 1 ef;",
     .told = ">-2 >cdef !over"},
    {.name = "a hole that is filled just after it was acknowledged",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 3 1 cd; <A 1 5; wait:1000; >A 1 1 ab; >A 5 1 ef;",
     .told = ">abcdef !over"},
    {.name = "an acknowledgement of nothing near does not give a hole up",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 3 1 cd; <A 1 90000000; wait:2500; <A 1 90000000; >A 1 1 ab;",
     .told = ">abcd !over"},
    {.name = "acknowledged and never captured",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; <A 1 103;",
     .told = ">ab >-99 !over"},
    {.name = "beyond the window",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; >A 700001 1 one; >A 700004 1 two; >A 700007 1 three;",
     .told = ">ab >-699998 >onetwothree !over", .only = ONLY_WHOLE},
    {.name = "beyond the window, out of order",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; >A 700004 1 two; >A 700001 1 one; >A 700007 1 three;",
     .told = ">ab >-699998 >onetwothree !over", .only = ONLY_WHOLE},
    {.name = "beyond the window, alone",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; >A 700001 1 forged; >A 3 1 cd;",
     .told = ">abcd !over", .only = ONLY_WHOLE},
    {.name = "beyond the window, the same again and again",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; >A 700001 1 forged; >A 700001 1 forged; >A 700001 1 forged; >A 3 1 cd;",
     .told = ">abcd !over", .only = ONLY_WHOLE},
    {.name = "keep-alive with a byte",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; >A 2 1 X; <A 1 3; >A 3 1 cd;",
     .told = ">abcd !over"},
    {.name = "keep-alive without",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; >A 2 1; <A 1 3; >A 3 1 cd;",
     .told = ">abcd !over"},
    {.name = "a probe of a closed window",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; <A 1 3; >A 3 1 c; <A 1 3; wait:500; >A 3 1 c; <A 1 3; wait:1000; >A 3 1 cdef; <A 1 7;",
     .told = ">abcdef !over"},
    {.name = "urgent",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; >UA 3 1 cd; >A 5 1 ef;",
     .told = ">abcdef !over"},
    {.name = "cut by the capture",
     .script = ">S 0; <SA 0 1; >A 1 1; cut:7 >A 1 1 abc; >A 11 1 next;",
     .told = ">abc >-7 >next !over"},
    {.name = "cut by the capture, out of order",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 11 1 next; cut:7 >A 1 1 abc;",
     .told = ">abc >-7 >next !over", .only = ONLY_WHOLE},
    {.name = "checksums are right",
     .script = "right >S 0; right <SA 0 1; right >A 1 1; right >A 1 1 ab; right <A 1 3 cd;",
     .told = ">ab <cd !over"},
    {.name = "a wrong checksum is refused",
     .script = "right >S 0; right <SA 0 1; right >A 1 1; wrong >A 1 1 xx; right >A 1 1 ab;",
     .told = ">ab !over"},
    {.name = "all are wrong: they prove nothing",
     .script = "wrong >S 0; wrong <SA 0 1; wrong >A 1 1 ab; wrong <A 1 3 cd;",
     .told = ">ab <cd !over"},
    {.name = "one side leaves them to its card",
     .script = "pseudo >S 0; right <SA 0 1; pseudo >A 1 1 ab; right <A 1 3 cd; wrong <A 3 3 xx; right <A 3 3 ef;",
     .told = ">ab <cdef !over"},
    {.name = "left to the card behind a right one",
     .script = "right >S 0; right <SA 0 1; pseudo >A 1 1 ab;",
     .told = ">ab !over"},
    {.name = "left empty",
     .script = "zero >S 0; right <SA 0 1; zero >A 1 1 ab; zero >A 3 1 cd;",
     .told = ">abcd !over"},
    {.name = "VLAN on one side only",
     .script = "vlan:5 >S 0; <SA 0 1; vlan:5 >A 1 1 ab; <A 1 3 cd;",
     .told = ">ab <cd !over"},
};
/* clang-format on */

START_TEST(a_receiver_would_be_given_the_same)
{
    scenario_try(&scenarios[_i]);
}
END_TEST

START_TEST(checksums_can_be_left_out_of_account)
{
    struct exchange e;
    exchange_begin(&e);
    e.options.no_checksums = true;
    exchange_play(&e, "right >S 0; right <SA 0 1; wrong >A 1 1 ab");
    ck_assert_uint_eq(tracker_counts(e.tracker).bad_checksum, 0);
    exchange_expect(&e, "no checksums", ">ab !over");
}
END_TEST

START_TEST(what_is_refused_and_offloaded_is_counted)
{
    struct exchange e;
    exchange_begin(&e);
    exchange_play(&e, "right >S 0; pseudo <SA 0 1; wrong >A 1 1 ab; pseudo <A 1 1 cd");
    struct tracker_counts counts = tracker_counts(e.tracker);
    ck_assert_uint_eq(counts.bad_checksum, 1);
    ck_assert_uint_eq(counts.offloaded, 2);
    ck_assert_uint_eq(
        counts.packets, counts.analysed + counts.bad_checksum + counts.offloaded + counts.no_flow);
    exchange_expect(&e, "counted", "<cd !over");
}
END_TEST

START_TEST(a_hole_of_a_side_that_is_heard_alone_is_given_up_later)
{
    struct exchange e;
    exchange_begin(&e);
    exchange_play(&e, ">S 0; >A 1 1; >A 1 1 ab; >A 5 1 ef; wait:9000; >A 7 1 gh;");
    ck_assert_str_eq(text_string(&e.told), ">ab");
    exchange_play(&e, "wait:2000; >A 9 1 ij");
    ck_assert_str_eq(text_string(&e.told), ">ab >-2 >efghij");
    exchange_expect(&e, "alone", ">ab >-2 >efghij !over");
}
END_TEST

/* With one hole after the other, each filled soon, none may be given up because there always is
 * one. */
START_TEST(holes_that_follow_each_other_are_each_waited_for)
{
    struct exchange e;
    exchange_begin(&e);
    exchange_play(&e, ">S 0; <SA 0 1; >A 1 1; <A 1 900");
    for (uint32_t i = 0; i < 400; i++) {
        exchange_send(&e, true, TCP_ACK, 1 + 2 * i + 1, 1, bytes_from_string("b"));
        exchange_send(&e, true, TCP_ACK, 1 + 2 * i + 3, 1, bytes_from_string("b"));
        exchange_send(&e, true, TCP_ACK, 1 + 2 * i, 1, bytes_from_string("a"));
    }
    ck_assert_uint_eq(tracker_counts(e.tracker).gaps, 0);
    exchange_end(&e);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("tcp");
    TCase *c = tcase_create("tcp");
    tcase_add_loop_test(
        c, a_receiver_would_be_given_the_same, 0, sizeof scenarios / sizeof *scenarios);
    tcase_add_test(c, checksums_can_be_left_out_of_account);
    tcase_add_test(c, what_is_refused_and_offloaded_is_counted);
    tcase_add_test(c, a_hole_of_a_side_that_is_heard_alone_is_given_up_later);
    tcase_add_test(c, holes_that_follow_each_other_are_each_waited_for);
    suite_add_tcase(s, c);
    return s;
}
