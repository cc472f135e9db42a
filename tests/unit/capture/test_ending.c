/* SPDX-License-Identifier: Apache-2.0
 *
 * How connections end: FIN, RST, silence; and what only looks like an end.
 */
#include "tests/support/exchange.h"

#include <check.h>
#include <netinet/in.h>

/* clang-format off */
static const struct scenario scenarios[] = {
    {.name = "closed",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; >FA 3 1; <FA 1 4; >A 4 2",
     .told = ">ab !closed"},
    {.name = "closed with data in the FIN",
     .script = ">S 0; <SA 0 1; >A 1 1; >FA 1 1 ab; <FA 1 4 cd; >A 4 4",
     .told = ">ab <cd !closed"},
    {.name = "half closed, the other side goes on",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; >FA 3 1; <A 1 4 cd; <A 3 4 ef; <FA 5 4; >A 4 6",
     .told = ">ab <cdef !closed"},
    {.name = "a FIN before the data",
     .script = ">S 0; <SA 0 1; >A 1 1; >FA 3 1; >A 1 1 ab; <FA 1 4; >A 4 2",
     .told = ">ab !closed"},
    {.name = "both FINs before the data",
     .script = ">S 0; <SA 0 1; >A 1 1; >FA 3 1; <FA 3 4; >A 1 1 ab; <A 1 4 cd; >A 4 4; <A 4 4",
     .told = ">ab <cd !closed"},
    {.name = "data behind an acknowledged FIN",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; >FA 3 1; <A 1 4; >A 4 1 xx; >A 3 1 xx;",
     .told = ">ab !over"},
    {.name = "a forged FIN far away",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; >FA 500000000 1; <FA 500000000 3; >A 3 1 cd",
     .told = ">abcd !over"},
    {.name = "a forged FIN in place does not stop what follows",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; >FA 3 1; <FA 1 3; >A 3 1 cd; <A 1 5 ef",
     .told = ">abcd <ef !over"},
    {.name = "reset",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; >R 3",
     .told = ">ab !reset"},
    {.name = "reset by the server",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; <RA 1 3",
     .told = ">ab !reset"},
    {.name = "reset before any data",
     .script = ">S 0; <RA -9000 1",
     .told = "", .only = ONLY_ONCE},
    {.name = "a reset far away",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; >R 500000000; >A 3 1 cd",
     .told = ">abcd !over"},
    {.name = "a forged reset in place before the data",
     .script = ">S 0; <SA 0 1; >A 1 1; >R 1; >A 1 1 hello; <A 1 6 welcome",
     .told = ">hello <welcome !over"},
    {.name = "a forged reset in place; its sender acknowledges",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; >R 3; <A 1 3 cd; >A 3 3",
     .told = ">ab <cd !over"},
    {.name = "a forged reset of the other side",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; <R 1; <A 1 3 cd; >A 3 3 ef",
     .told = ">ab <cd >ef !over"},
    {.name = "a forged reset, and long silence",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; >R 3; >A 3 1 cd; wait:60000; tick; <A 1 5 ef",
     .told = ">abcd <ef !over"},
    {.name = "a reset near, and long silence",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; >R 500; wait:60000; tick; >A 3 1 cd",
     .told = ">abcd !reset"},
    {.name = "data that was late is no sign of life",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 3 1 cd; >R 5; >A 1 1 ab",
     .told = ">abcd !reset"},
    {.name = "silent",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; wait:400000; tick",
     .told = ">ab !idle"},
    {.name = "one side only, closed",
     .script = ">S 0; >A 1 1; >A 1 1 ab; >FA 3 1; wait:6000; tick",
     .told = ">ab !closed"},
    {.name = "one side only, closed; the other comes late",
     .script = ">S 0; >A 1 1; >A 1 1 ab; >FA 3 1; wait:3000; tick; <SA 0 1; wait:3000; tick; <A 1 4 cd",
     .told = ">ab <cd !over"},
    {.name = "one side only, closed, at the end",
     .script = ">S 0; >A 1 1; >A 1 1 ab; >FA 3 1",
     .told = ">ab !closed"},
    {.name = "the last acknowledgement is missing",
     .script = ">S 0; <SA 0 1; >A 1 1; >A 1 1 ab; >FA 3 1; <FA 1 4; wait:6000; tick",
     .told = ">ab !closed"},
};
/* clang-format on */

START_TEST(a_receiver_would_be_given_the_same)
{
    scenario_try(&scenarios[_i]);
}
END_TEST

/* What of a flow is shed by the packet of another: the end is dated by that packet. */
START_TEST(the_end_of_a_flow_that_is_shed_has_the_frame_that_shed_it)
{
    struct exchange e;
    exchange_begin(&e);
    e.options.flows = 1;
    exchange_play(&e, ">S 0; <SA 0 1; >A 1 1 ab");
    struct packet packet = {.protocol = IPPROTO_TCP, .tcp_flags = TCP_SYN, .frame = 77};
    const struct packet *one = &packet;
    tracker_take(e.tracker, &one, 1);
    ck_assert_uint_eq(e.end_frame, 77);
    exchange_expect(&e, "shed", ">ab !shed");
}
END_TEST

START_TEST(floods_do_not_shed_what_both_sides_speak_in)
{
    for (int kind = 0; kind < 3; kind++) {
        struct exchange e;
        exchange_begin(&e);
        e.options.flows = 20;
        exchange_play(&e, ">S 0; <SA 0 1; >A 1 1 ab; <A 1 3 cd");
        for (uint16_t port = 1; port < 2000; port++) {
            struct packet packet = {.from_port = port, .protocol = IPPROTO_TCP, .frame = port};
            const struct packet *one = &packet;
            packet.tcp_flags = kind ? TCP_ACK : TCP_SYN;
            packet.seq = port;
            packet.payload = bytes_from_string(kind ? "flood" : "");
            packet.protocol = kind == 2 ? IPPROTO_UDP : IPPROTO_TCP;
            tracker_take(e.tracker, &one, 1);
        }
        ck_assert_uint_ge(tracker_counts(e.tracker).shed, 1900);
        struct text *told = &e.told;
        text_clear(told);
        exchange_play(&e, ">A 3 3 ef");
        ck_assert_str_eq(text_string(told), ">ef");
        exchange_end(&e);
    }
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("ending");
    TCase *c = tcase_create("ending");
    tcase_add_loop_test(
        c, a_receiver_would_be_given_the_same, 0, sizeof scenarios / sizeof *scenarios);
    tcase_add_test(c, the_end_of_a_flow_that_is_shed_has_the_frame_that_shed_it);
    tcase_add_test(c, floods_do_not_shed_what_both_sides_speak_in);
    suite_add_tcase(s, c);
    return s;
}
