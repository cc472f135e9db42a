/* SPDX-License-Identifier: Apache-2.0
 *
 * Another connection between the same ends, and what only looks like one.
 */
#include "tests/support/exchange.h"

#include <check.h>

/* clang-format off */
static const struct scenario scenarios[] = {
    {.name = "again behind its end",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 one; <A 1 4 two; >FA 4 4; <FA 4 5; >A 5 5; >S 5000; <SA 70000 5001; >A 5001 70001 new; <A 70001 5004 old",
     .told = ">one <two !closed >new <old !over"},
    {.name = "again with the same numbers, behind its end",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 one; <A 1 4 two; >FA 4 4; <FA 4 5; >A 5 5; >S 0; <SA 0 1; >A 1 1; >A 1 1 one; <A 1 4 two; >FA 4 4; <FA 4 5; >A 5 5;",
     .told = ">one <two !closed >one <two !closed"},
    {.name = "again with the same numbers, three times",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 one; <A 1 4 two; >FA 4 4; <FA 4 5; >A 5 5; >S 0; <SA 0 1; >A 1 1; >A 1 1 one; <A 1 4 two; >FA 4 4; <FA 4 5; >A 5 5; >S 0; <SA 0 1; >A 1 1; >A 1 1 one; <A 1 4 two; >FA 4 4; <FA 4 5; >A 5 5;",
     .told = ">one <two !closed >one <two !closed >one <two !closed"},
    {.name = "again with the same numbers, never closed, after a while",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 one; <A 1 4 two; wait:5000; >S 0; <SA 0 1; >A 1 1; >A 1 1 one; <A 1 4 two;",
     .told = ">one <two !reused >one <two !over"},
    {.name = "again with the same numbers, never closed, from the past",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 one; <A 1 4 two; wait:-100; >S 0; <SA 0 1; >A 1 1; >A 1 1 one; <A 1 4 two;",
     .told = ">one <two !reused >one <two !over"},
    {.name = "never closed, other numbers",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 one; <A 1 4 two; >S 900000000; <SA 70000000 900000001; >A 900000001 70000001; >A 900000001 70000001 new; <A 70000001 900000004 ok",
     .told = ">one <two !reused >new <ok !over"},
    {.name = "never closed, only the SYN of the new one is captured",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 one; <A 1 4 two; >S 900000000; >A 900000001 70000001; >A 900000001 70000001 new; <A 70000001 900000004 ok",
     .told = ">one <two !reused >new <ok !over"},
    {.name = "never closed, the server speaks first",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 one; <A 1 4 two; >S 900000000; <SA 70000000 900000001; >A 900000001 70000001; <A 70000001 900000001 hi; >A 900000001 70000003 new",
     .told = ">one <two !reused <hi >new !over"},
    {.name = "never closed, the server speaks first, its SYN is not captured",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 one; <A 1 4 two; >S 900000000; >A 900000001 70000001; <A 70000001 900000001 hi; >A 900000001 70000003 new",
     .told = ">one <two !reused <hi >new !over"},
    {.name = "never closed, no SYN is captured",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 one; <A 1 4 two; >A -900000000 70000000 a; >A -899999999 70000000 b; >A -899999998 70000000 c; <A 70000000 -899999997 d",
     .told = ">one <two !reused >abc <d !over", .only = ONLY_ONCE | ONLY_WHOLE},
    {.name = "a forged SYN",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 one; <A 1 4 two; >S 900000000; >A 4 4 more",
     .told = ">one <two >more !over"},
    {.name = "a forged SYN with the answer of who is asked",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 one; <A 1 4 two; >S 900000000; <A 4 4; >A 4 4 more; <A 4 8 ok",
     .told = ">one <two >more <ok !over"},
    {.name = "forged SYN, RST, FIN",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 one; <A 1 4 two; >S 900000000; >R 900000001; >FA 900000001 4; >A 4 4 more; <A 4 8 ok",
     .told = ">one <two >more <ok !over"},
    {.name = "a SYN that comes twice",
     .script = ">S 0; <SA 0 1; >A 1 1 one; >S 0; <SA 0 1; <A 1 4 two; >S 0; <SA 0 1; >A 4 4 more",
     .told = ">one <two >more !over"},
    {.name = "reset, and again at once, near",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 one; >R 4; >S 5000; <SA 6000 5001; >A 5001 6001 new",
     .told = ">one !reset >new !over"},
    {.name = "refused, and again with the same number",
     .script = ">S 0; <RA -9000 1; wait:1000; >S 0; <SA 0 1; >A 1 1 hello",
     .told = ">hello !over"},
    {.name = "the last acknowledgement of the old one is missing",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 one; <A 1 4 two; >FA 4 4; <FA 4 5; >S 5000; <SA 70000 5001; >A 5001 70001 new",
     .told = ">one <two !closed >new !over"},
};
/* clang-format on */

START_TEST(a_receiver_would_be_given_the_same)
{
    scenario_try(&scenarios[_i]);
}
END_TEST

/* The flow begins with its SYN, even where only data confirmed it. */
START_TEST(a_connection_that_data_confirmed_began_with_its_syn)
{
    struct exchange e;
    exchange_begin(&e);
    exchange_play(&e, ">S 0; <SA 0 1; >A 1 1 one; <A 1 4 two; wait:100; >S 900000000");
    uint64_t frame = e.frame;
    int64_t ns = e.now_ns;
    exchange_play(&e, "wait:50; <SA 70000000 900000001; wait:50; >A 900000001 70000001");
    exchange_play(&e, "wait:50; >A 900000001 70000001 new; wait:400000; tick");
    ck_assert_uint_eq(e.first_frame, frame);
    ck_assert_int_eq(e.first_ns, ns);
    ck_assert(!e.guessed);
    exchange_expect(&e, "dated", ">one <two !reused >new !idle");
}
END_TEST

/* A listener that wants no more of the old connection hears the new one. */
START_TEST(behind_a_quiet_connection_the_next_is_heard)
{
    static const char *const scripts[] = {
        ">S 900000000; <SA 70000000 900000001; >A 900000001 70000001 new",
        "wait:2000; >S 0; <SA 0 1; >A 1 1 new",
        ">FA 4 4; <FA 4 5; >A 5 5; >S 0; <SA 0 1; >A 1 1 new",
        ">R 4; >S 5000; <SA 0 5001; >A 5001 1 new",
    };
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        struct exchange e;
        exchange_begin(&e);
        e.enough = "one";
        exchange_play(&e, ">S 0; <SA 0 1; >A 1 1 one; <A 1 4 two");
        ck_assert_str_eq(text_string(&e.told), ">one");
        exchange_play(&e, scripts[i]);
        ck_assert_msg(
            strstr(text_string(&e.told), " >new"), "%s: %s", scripts[i], text_string(&e.told));
        exchange_end(&e);
    }
}
END_TEST

/* What repeats the SYN or forges another does not bring a quiet connection back. */
START_TEST(a_quiet_connection_stays_quiet)
{
    static const char *const scripts[] = {
        ">S 0; <SA 0 1; >A 1 1 one; <A 1 4 two; >A 4 4 more",
        ">S 900000000; >A 4 4 more; <A 4 8 ok",
        "<SA 0 1; <A 1 4 two",
        "<SA 500000000 1; <A 1 4 two",
    };
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        struct exchange e;
        exchange_begin(&e);
        e.enough = "one";
        exchange_play(&e, ">S 0; <SA 0 1; >A 1 1 one; <A 1 4 two");
        exchange_play(&e, scripts[i]);
        ck_assert_uint_eq(tracker_counts(e.tracker).flows, 1);
        exchange_expect(&e, scripts[i], ">one !over");
    }
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("renewal");
    TCase *c = tcase_create("renewal");
    tcase_add_loop_test(
        c, a_receiver_would_be_given_the_same, 0, sizeof scenarios / sizeof *scenarios);
    tcase_add_test(c, a_connection_that_data_confirmed_began_with_its_syn);
    tcase_add_test(c, behind_a_quiet_connection_the_next_is_heard);
    tcase_add_test(c, a_quiet_connection_stays_quiet);
    suite_add_tcase(s, c);
    return s;
}
