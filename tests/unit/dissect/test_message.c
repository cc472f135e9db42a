/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/message.h"
#include "tests/support/tls.h"

#include <check.h>

enum { MANY = 5 };

/* Messages of several sizes in a row: empty, small, larger than the first room. */
static const size_t sizes[MANY] = {0, 5, 9000, 1, 300};

static void
make_messages(struct text *out)
{
    static uint8_t body[9000];
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = (uint8_t)(i * 31 >> 3);
    for (uint8_t i = 0; i < MANY; i++)
        tls_message(out, (uint8_t)(i + 1), bytes_of(body, sizes[i]));
}

struct heard {
    size_t messages, large, no_room;
    struct text text; /* type and length of each, and its bytes */
};

static void
hear(struct message_collector *collector, struct bytes data, struct heard *heard)
{
    for (;;) {
        uint8_t type = 0;
        struct bytes body = {0};
        enum message_step step = message_next(collector, &data, &type, &body);
        heard->large += step == MESSAGE_TOO_LARGE;
        heard->no_room += step == MESSAGE_NO_ROOM;
        if (step == MESSAGE_NONE) {
            ck_assert_uint_eq(data.len, 0);
            return;
        }
        if (step != MESSAGE_WHOLE)
            continue;
        heard->messages++;
        tls_message(&heard->text, type, body);
    }
}

static void
hear_in_pieces(
    struct message_collector *collector, struct bytes data, size_t most, struct heard *heard)
{
    while (data.len) {
        hear(collector, bytes_first(data, most), heard);
        data = bytes_skip(data, most);
    }
}

START_TEST(whole_messages_are_handed_out_in_place)
{
    struct pool pool = {.limit = 0}; /* no room is needed */
    struct message_collector collector = {.pool = &pool};
    struct text all = {0};
    struct heard heard = {0};
    make_messages(&all);
    hear(&collector, text_bytes(&all), &heard);
    ck_assert_uint_eq(heard.messages, MANY);
    ck_assert(bytes_equal(text_bytes(&heard.text), text_bytes(&all)));
    ck_assert(!message_unfinished(&collector));
    ck_assert_uint_eq(pool.peak, 0);
    text_free(&all);
    text_free(&heard.text);
}
END_TEST

START_TEST(pieces_of_any_size_give_the_same_messages)
{
    static const size_t most[] = {1, 2, 3, 4, 5, 7, 64, 1000, 4096, 4097, 9003};
    struct text all = {0};
    make_messages(&all);
    for (size_t i = 0; i < sizeof most / sizeof *most; i++) {
        struct pool pool = {.limit = 16384};
        struct message_collector collector = {.pool = &pool};
        struct heard heard = {0};
        hear_in_pieces(&collector, text_bytes(&all), most[i], &heard);
        ck_assert_uint_eq(heard.messages, MANY);
        ck_assert(bytes_equal(text_bytes(&heard.text), text_bytes(&all)));
        message_reset(&collector);
        ck_assert_uint_eq(pool.used, 0);
        ck_assert_uint_le(pool.peak, 9000);
        text_free(&heard.text);
    }
    text_free(&all);
}
END_TEST

START_TEST(a_split_at_every_byte_gives_the_same_messages)
{
    struct text all = {0};
    make_messages(&all);
    for (size_t at = 0; at <= all.len; at += at < 40 || at > all.len - 340 ? 1 : 97) {
        struct pool pool = {.limit = 16384};
        struct message_collector collector = {.pool = &pool};
        struct heard heard = {0};
        hear(&collector, bytes_first(text_bytes(&all), at), &heard);
        hear(&collector, bytes_skip(text_bytes(&all), at), &heard);
        ck_assert(bytes_equal(text_bytes(&heard.text), text_bytes(&all)));
        message_reset(&collector);
        ck_assert_uint_eq(pool.used, 0);
        text_free(&heard.text);
    }
    text_free(&all);
}
END_TEST

START_TEST(a_few_bytes_that_claim_much_take_little)
{
    static const struct {
        uint8_t bytes[9];
        size_t large;
    } claims[] = {
        {{11, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc, 0x30, 0x82}, 1}, /* 16 MB */
        {{11, 0x1f, 0xff, 0xff, 0x1f, 0xff, 0xfc, 0x30, 0x82}, 0}, /* 2 MB, which is kept */
        {{1, 0x01, 0x00, 0x00, 0x03, 0x03, 0xaa, 0xbb, 0xcc}, 0},  /* 64 KB */
    };
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        struct pool pool = {.limit = 1 << 30};
        struct message_collector collector = {.pool = &pool};
        struct heard heard = {0};
        hear(&collector, bytes_of(claims[i].bytes, 9), &heard);
        ck_assert_uint_eq(heard.messages, 0);
        ck_assert_uint_eq(heard.large, claims[i].large);
        ck_assert_uint_le(pool.peak, 4096);
        message_reset(&collector);
        ck_assert_uint_eq(pool.used, 0);
    }
}
END_TEST

static void
add_long_message(struct text *out, size_t length)
{
    static const uint8_t some[4096] = {1};
    text_add_char(out, 11);
    for (int shift = 16; shift >= 0; shift -= 8)
        text_add_char(out, (char)(length >> shift & 0xff));
    for (size_t left = length; left;) {
        struct bytes part = bytes_of(some, left < sizeof some ? left : sizeof some);
        text_add(out, part);
        left -= part.len;
    }
}

START_TEST(a_message_too_large_is_told_once_and_the_next_is_heard)
{
    struct pool pool = {.limit = 1 << 30};
    struct message_collector collector = {.pool = &pool};
    struct text all = {0};
    struct heard heard = {0};
    add_long_message(&all, MESSAGE_MOST + 1);
    tls_message(&all, 14, (struct bytes){0});
    hear_in_pieces(&collector, text_bytes(&all), 16384, &heard);
    ck_assert_uint_eq(heard.large, 1);
    ck_assert_uint_eq(heard.no_room, 0);
    ck_assert_uint_eq(heard.messages, 1);
    ck_assert_uint_eq(pool.peak, 0);
    text_free(&all);
    text_free(&heard.text);
}
END_TEST

START_TEST(the_largest_message_is_kept)
{
    struct pool pool = {.limit = MESSAGE_MOST};
    struct message_collector collector = {.pool = &pool};
    struct text all = {0};
    struct heard heard = {0};
    add_long_message(&all, MESSAGE_MOST);
    hear_in_pieces(&collector, text_bytes(&all), 16384, &heard);
    ck_assert_uint_eq(heard.messages, 1);
    ck_assert(bytes_equal(text_bytes(&heard.text), text_bytes(&all)));
    message_reset(&collector);
    ck_assert_uint_eq(pool.used, 0);
    text_free(&all);
    text_free(&heard.text);
}
END_TEST

START_TEST(without_room_a_message_is_passed_over_and_the_next_is_heard)
{
    struct text all = {0};
    make_messages(&all);
    for (size_t most = 1; most < 600; most += most < 8 ? 1 : 83) {
        struct pool pool = {.limit = 5000};
        struct message_collector collector = {.pool = &pool};
        struct heard heard = {0};
        hear_in_pieces(&collector, text_bytes(&all), most, &heard);
        ck_assert_uint_eq(heard.no_room, 1);
        ck_assert_uint_eq(heard.large, 0);
        ck_assert_uint_eq(heard.messages, MANY - 1);
        message_reset(&collector);
        ck_assert_uint_eq(pool.used, 0);
        text_free(&heard.text);
    }
    text_free(&all);
}
END_TEST

START_TEST(a_message_begun_is_unfinished_until_it_is_forgotten)
{
    struct pool pool = {.limit = 16384};
    struct message_collector collector = {.pool = &pool};
    struct heard heard = {0};
    ck_assert(!message_unfinished(&collector));
    hear(&collector, bytes_of("\x01\x00", 2), &heard);
    ck_assert(message_unfinished(&collector));
    hear(&collector, bytes_of("\x00\x05pq", 4), &heard);
    ck_assert(message_unfinished(&collector));
    message_reset(&collector);
    ck_assert(!message_unfinished(&collector));
    ck_assert_uint_eq(pool.used, 0);
    hear(&collector, bytes_of("\x0e\x00\x00\x00", 4), &heard);
    ck_assert_uint_eq(heard.messages, 1);
    text_free(&heard.text);
}
END_TEST

START_TEST(only_what_looks_like_a_message_is_plausible)
{
    static const struct {
        const char *hex;
        bool plausible;
    } cases[] = {
        {"", false},
        {"01", true},
        {"02 00", true},
        {"0b", false},
        {"01 000040 0303", true},
        {"01 000040 0303 aabbcc", true},
        {"01 000040 0503", false},
        {"01 000010 0303", false},
        {"01 020000 0303", false},
        {"01 000040 7f1c", true},
        {"01 000040 0101", true},
        {"0b 000106 000103 000100 30", true},
        {"0b 000106 000103 000100 31", false},
        {"0b 000106 000104 000100 30", false},
        {"0b 000106 000103 000101 30", false},
        {"0b 000106 000103 000000 30", false},
        {"0b 000106 000103", false},
        {"0e 000000", true},
        {"0e 000001 00", false},
        {"00 000000", true},
        {"0c 000000", false},
        {"0c 000010 03", true},
        {"10 010000 03", false},
        {"63 000010 03", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text text = {0};
        tls_hex(&text, cases[i].hex);
        ck_assert_msg(
            message_plausible(text_bytes(&text)) == cases[i].plausible, "%s", cases[i].hex);
        text_free(&text);
    }
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("message");
    TCase *c = tcase_create("message");
    tcase_set_timeout(c, 60);
    tcase_add_test(c, whole_messages_are_handed_out_in_place);
    tcase_add_test(c, pieces_of_any_size_give_the_same_messages);
    tcase_add_test(c, a_split_at_every_byte_gives_the_same_messages);
    tcase_add_test(c, a_few_bytes_that_claim_much_take_little);
    tcase_add_test(c, a_message_too_large_is_told_once_and_the_next_is_heard);
    tcase_add_test(c, the_largest_message_is_kept);
    tcase_add_test(c, without_room_a_message_is_passed_over_and_the_next_is_heard);
    tcase_add_test(c, a_message_begun_is_unfinished_until_it_is_forgotten);
    tcase_add_test(c, only_what_looks_like_a_message_is_plausible);
    suite_add_tcase(s, c);
    return s;
}
