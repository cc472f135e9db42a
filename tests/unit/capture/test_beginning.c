/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the data of a side begins, whatever is forged, lost or late before it.
 */
#include "tests/support/exchange.h"

#include <check.h>

/* clang-format off */
static const struct scenario scenarios[] = {
    {.name = "a forged segment before the first data",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 500000000 1 junk; >A 1 1 hello; <A 1 6 welcome",
     .told = ">hello <welcome !over", .only = ONLY_WHOLE},
    {.name = "a forged segment behind the server's SYN",
     .script = ">S 0; <SA 0 1; >A 1 1; <A -500000000 1 junk; >A 1 1 hello; <A 1 6 welcome",
     .told = ">hello <welcome !over", .only = ONLY_WHOLE},
    {.name = "a forged segment before any acknowledgement",
     .script = ">S 0; >A 500000000 1 junk; >A 1 1 hello; >A 6 1 more",
     .told = ">hellomore !over", .only = ONLY_WHOLE},
    {.name = "a forged SYN before the true one",
     .script = ">S 77777777; >S 0; <SA 0 1; >A 1 1; >A 1 1 hello",
     .told = ">hello !over", .only = ONLY_ONCE},
    {.name = "a forged SYN behind the true one",
     .script = ">S 0; >S 77777777; <SA 0 1; >A 1 1; >A 1 1 hello",
     .told = ">hello !over", .only = ONLY_ONCE},
    {.name = "forged SYNs on both sides of the true one",
     .script = ">S 77777777; >S 0; <SA 0 1; >S 88888888; >S 99999999; >A 1 1; >A 1 1 hello",
     .told = ">hello !over", .only = ONLY_ONCE},
    {.name = "a forged SYN with data, before",
     .script = ">S 77777777 - junk; >S 0; <SA 0 1; >A 1 1; >A 1 1 hello",
     .told = ">hello !over", .only = ONLY_ONCE | ONLY_WHOLE},
    {.name = "a forged SYN with data, behind",
     .script = ">S 0; >S 77777777 - junk; <SA 0 1; >A 1 1; >A 1 1 hello",
     .told = ">hello !over", .only = ONLY_ONCE | ONLY_WHOLE},
    {.name = "a forged SYN and data behind it, before the answer",
     .script = ">S 77777777; >A 77777778 1 junk; >S 0; <SA 0 1; >A 1 1; >A 1 1 hello",
     .told = ">junk !reused >hello !over", .only = ONLY_ONCE | ONLY_WHOLE},
    {.name = "two SYNs, data behind each, before the answer",
     .script = ">S 0; >S 77777777; >A 77777778 1 junk; <SA 0 1; >A 1 1; >A 1 1 hello",
     .told = ">hello !over", .only = ONLY_ONCE | ONLY_WHOLE},
    {.name = "of two answers the acknowledgement says which was taken",
     .script = ">S 0; <SA 5000000 1; <SA 0 1; >A 1 1; <A 5000001 1 wrong; <A 1 1 right",
     .told = "<right !over", .only = ONLY_WHOLE},
    {.name = "of two answers the data says which was meant",
     .script = ">S 0; <SA 0 1; <SA 5000000 1; <A 5000001 1 this; <A 5000005 1 one",
     .told = "<thisone !over"},
    {.name = "data in the SYN, acknowledged",
     .script = ">S 0 - hello; <SA 0 6; >A 6 1; >A 6 1 more",
     .told = ">hellomore !over"},
    {.name = "data in the SYN, not acknowledged, is sent again",
     .script = ">S 0 - hello; <SA 0 1; >A 1 1 hello; >A 6 1 more",
     .told = ">hellomore !over"},
    {.name = "data in the SYN, and other data at its place",
     .script = ">S 0 - junk!; <SA 0 1; >A 1 1 hello; >A 6 1 more",
     .told = ">hellomore !over"},
    {.name = "data in the SYN of a side that is heard alone",
     .script = ">S 0 - hello; >A 6 1; >A 6 1 more",
     .told = ">hellomore !over"},
    {.name = "nothing but a SYN with data",
     .script = ">S 0 - hello",
     .told = ">hello !over"},
    {.name = "data in the SYN of the server",
     .script = ">S 0; <SA 0 1 hello; >A 1 6; <A 6 1 more",
     .told = "<hellomore !over"},
    {.name = "the SYN comes behind the data",
     .script = ">A 1 1 hello; >S 0; <SA 0 1; <A 1 6 welcome",
     .told = ">hello <welcome !over", .only = ONLY_WHOLE},
    {.name = "the server's packets all come first",
     .script = "<SA 0 1; <A 1 6 welcome; <FA 8 6; >S 0; >A 1 1 hello; >FA 6 8; <A 9 7; >A 7 9",
     .told = "<welcome >hello !closed"},
    {.name = "the client's packets all come first",
     .script = ">S 0; >A 1 1 hello; >FA 6 8; >A 7 9; <SA 0 1; <A 1 6 welcome; <FA 8 6; <A 9 7",
     .told = ">hello <welcome !closed"},
    {.name = "from the middle",
     .script = "<A 4001 1 from; >A 1 4005 the; <A 4005 4 middle",
     .told = "<from >the <middle !over"},
    {.name = "from the middle, a forged segment first",
     .script = ">A 500000000 1 junk; >A 1 4001 hello; >A 6 4001 more; <A 4001 10 ok",
     .told = ">hellomore <ok !over", .only = ONLY_WHOLE},
    {.name = "from the middle, a forged segment first, then an acknowledgement",
     .script = ">A 500000000 1 junk; >A 1 4001 hello; <A 4001 6 ok",
     .told = ">hello <ok !over", .only = ONLY_WHOLE},
    {.name = "from the middle, out of order",
     .script = ">A 4 1 def; >A 1 1 abc; >A 7 1 ghi",
     .told = ">abcdefghi !over", .only = ONLY_WHOLE},
    {.name = "from the middle, one segment only",
     .script = ">A 1 1 hello",
     .told = ">hello !over"},
    {.name = "from the middle, one side only",
     .script = ">A 1 1 one; >A 4 1 two; >A 7 1 three",
     .told = ">onetwothree !over"},
    {.name = "a keep-alive before the first data",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 0 1 x; <A 1 1; >A 1 1 hello",
     .told = ">hello !over"},
    {.name = "a keep-alive in the middle",
     .script = "<A 1 100; >A 99 1 x; <A 1 100; >A 100 1 hello",
     .told = ">hello !over"},
    {.name = "an acknowledgement, then the SYN",
     .script = "<A 50 60; >S 0; <SA 0 1; >A 1 1 hello; <A 1 6 welcome",
     .told = ">hello <welcome !over"},
    {.name = "both open at once",
     .script = ">S 0; <S 0; >SA 0 1; <SA 0 1; >A 1 1 hello; <A 1 6 welcome",
     .told = ">hello <welcome !over"},
    {.name = "half open, then asked back, reset, and opened again",
     .script = ">S 0; <A 70000 123456; >R 123456; wait:1000; >S 0; <SA 0 1; >A 1 1; >A 1 1 hello",
     .told = ">hello !over"},
    {.name = "the first segment is lost",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 6 1 more; <A 1 10; wait:3000; <A 1 10",
     .told = ">-5 >more !over"},
};
/* clang-format on */

START_TEST(a_receiver_would_be_given_the_same)
{
    scenario_try(&scenarios[_i]);
}
END_TEST

/* Who opened it, when the first packet was no SYN. */
START_TEST(a_syn_corrects_who_is_taken_for_the_originator)
{
    static const char *const scripts[] = {
        "<A 50 60 ; >S 0; <SA 0 1; >A 1 1 hello",
        "<A 50 60; <SA 0 1; >A 1 1 hello",
        ">A 50 60; >S 0; >A 1 1 hello",
        "<SA 0 1; >A 1 1 hello",
        ">S 0; >A 1 1 hello",
    };
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        struct exchange e;
        exchange_begin(&e);
        exchange_play(&e, scripts[i]);
        exchange_play(&e, "wait:400000; tick");
        ck_assert_msg(e.originator_port == 40000, "%s", scripts[i]);
        ck_assert_msg(!e.guessed, "%s", scripts[i]);
        exchange_expect(&e, scripts[i], ">hello !idle");
    }
}
END_TEST

/* The well-known port is taken for the server's, until a SYN says otherwise. */
START_TEST(a_syn_from_the_well_known_port_makes_it_the_originator)
{
    struct exchange e;
    exchange_begin(&e);
    exchange_play(
        &e, "<A 50000000 60000000; >A 60000000 9; <S 0; >SA 0 1; <A 1 1; <A 1 1 hello; >A 1 6 hi");
    exchange_play(&e, "wait:400000; tick");
    ck_assert_uint_eq(e.originator_port, 443);
    ck_assert(!e.guessed);
    exchange_expect(&e, "active mode", "<hello >hi !idle");
}
END_TEST

START_TEST(without_a_syn_the_originator_is_a_guess)
{
    struct exchange e;
    exchange_begin(&e);
    exchange_play(&e, "<A 50 60 a; >A 60 51 b; wait:400000; tick");
    ck_assert_uint_eq(e.originator_port, 40000);
    ck_assert(e.guessed);
    exchange_expect(&e, "guessed", "<a >b !idle");
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("beginning");
    TCase *c = tcase_create("beginning");
    tcase_add_loop_test(
        c, a_receiver_would_be_given_the_same, 0, sizeof scenarios / sizeof *scenarios);
    tcase_add_test(c, a_syn_corrects_who_is_taken_for_the_originator);
    tcase_add_test(c, a_syn_from_the_well_known_port_makes_it_the_originator);
    tcase_add_test(c, without_a_syn_the_originator_is_a_guess);
    suite_add_tcase(s, c);
    return s;
}
