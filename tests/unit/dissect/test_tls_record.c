/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/tls_record.h"
#include "tests/support/tls.h"

#include <check.h>

static const char three_records[] = "16 0301 0006 010203040506   # handshake\n"
                                    "15 0303 0000                # an empty alert\n"
                                    "17 0303 0003 aabbcc         # data\n"
                                    "14 0303 0001 01             # change of ciphers\n";

struct heard {
    unsigned first, last;
    struct text records; /* the records as they were, their headers made from the pieces */
};

static void
hear(struct record_framer *framer, struct bytes data, struct heard *heard)
{
    struct record_piece piece;
    while (record_next(framer, &data, &piece)) {
        if (piece.first)
            text_add_format(
                &heard->records, "%02x %04x %04x ", piece.type, piece.version, piece.length);
        text_add_hex(&heard->records, piece.bytes);
        if (piece.last)
            text_add_char(&heard->records, '\n');
        heard->first += piece.first;
        heard->last += piece.last;
    }
    ck_assert(framer->lost || data.len == 0);
}

START_TEST(a_split_at_every_byte_gives_the_same_records)
{
    static const char wanted[] = "16 0301 0006 010203040506\n"
                                 "15 0303 0000 \n"
                                 "17 0303 0003 aabbcc\n"
                                 "14 0303 0001 01\n";
    struct text all = {0};
    tls_hex(&all, three_records);
    for (size_t one = 0; one <= all.len; one++) {
        for (size_t two = one; two <= all.len; two++) {
            struct record_framer framer = {0};
            struct heard heard = {0};
            struct bytes data = text_bytes(&all);
            hear(&framer, bytes_first(data, one), &heard);
            hear(&framer, bytes_skip(bytes_first(data, two), one), &heard);
            hear(&framer, bytes_skip(data, two), &heard);
            ck_assert_str_eq(text_string(&heard.records), wanted);
            ck_assert_uint_eq(heard.first, 4);
            ck_assert_uint_eq(heard.last, 4);
            ck_assert(!framer.inside && !framer.lost);
            text_free(&heard.records);
        }
    }
    text_free(&all);
}
END_TEST

START_TEST(what_is_no_record_loses_the_framer_for_good)
{
    struct record_framer framer = {0};
    struct heard heard = {0};
    struct text all = {0};
    tls_hex(&all, "14 0303 0001 01  'HTTP/1.1'");
    hear(&framer, text_bytes(&all), &heard);
    ck_assert(framer.lost);
    text_clear(&all);
    tls_hex(&all, three_records);
    hear(&framer, text_bytes(&all), &heard);
    ck_assert_uint_eq(heard.first, 1);
    ck_assert(!record_skip(&framer, 1));
    text_free(&all);
    text_free(&heard.records);
}
END_TEST

START_TEST(headers_are_told_from_other_bytes)
{
    static const struct {
        const char *hex;
        bool plausible;
    } cases[] = {
        {"16 0301 0005", true},
        {"14 0303 0001", true},
        {"18 0300 0000", true},
        {"16 0305 0005", true},
        {"16 0101 0005", true},
        {"17 0303 4800", true},
        {"17 0303 4801", false},
        {"13 0303 0001", false},
        {"19 0303 0001", false},
        {"16 0203 0005", false},
        {"16 0102 0005", false},
        {"16 0303 00", false},
        {"", false},
        {"'GET /'", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text text = {0};
        tls_hex(&text, cases[i].hex);
        ck_assert_msg(
            record_plausible(text_bytes(&text)) == cases[i].plausible, "%s", cases[i].hex);
        text_free(&text);
    }
}
END_TEST

/* Loses `missing` bytes after the first `at`; are the records behind it found? */
static bool
skips(size_t at, size_t missing, unsigned *lasts)
{
    struct record_framer framer = {0};
    struct heard heard = {0};
    struct text all = {0};
    tls_hex(&all, three_records);
    hear(&framer, bytes_first(text_bytes(&all), at), &heard);
    bool kept = record_skip(&framer, missing);
    if (kept)
        hear(&framer, bytes_skip(text_bytes(&all), at + missing), &heard);
    ck_assert(!kept || !framer.lost);
    *lasts = heard.last;
    text_free(&all);
    text_free(&heard.records);
    return kept;
}

START_TEST(what_is_missing_within_a_record_is_skipped_and_nothing_else)
{
    unsigned lasts;
    for (size_t at = 0; at < 11; at++) {
        for (size_t missing = 1; missing < 8; missing++) {
            bool within = at >= 5 && at + missing <= 11;
            ck_assert_msg(skips(at, missing, &lasts) == within, "%zu+%zu", at, missing);
            /* A record whose end is missing has no last piece. */
            ck_assert(!within || lasts == (at + missing == 11 ? 3 : 4));
        }
    }
    ck_assert(!skips(5, SIZE_MAX, &lasts));
}
END_TEST

START_TEST(a_handshake_is_found_behind_other_bytes)
{
    struct text text = {0};
    tls_hex(&text, "ff16 1616 0303 160303 17 0303 0002 1603");
    size_t before = text.len;
    ck_assert_uint_eq(record_find_handshake(text_bytes(&text)), SIZE_MAX);
    tls_client_hello(&text);
    ck_assert_uint_eq(record_find_handshake(text_bytes(&text)), before);
    for (size_t len = 0; len <= text.len; len++) {
        size_t at = record_find_handshake(bytes_first(text_bytes(&text), len));
        ck_assert(at == before || at == SIZE_MAX);
        ck_assert(at == before || len < before + 16);
    }
    ck_assert_uint_eq(record_find_handshake((struct bytes){0}), SIZE_MAX);
    ck_assert_uint_eq(record_find_handshake(bytes_skip(text_bytes(&text), before + 1)), SIZE_MAX);
    text_free(&text);
}
END_TEST

START_TEST(the_message_at_a_records_beginning_is_recognised)
{
    static const struct {
        const char *hex;
        uint8_t type;
        bool begins;
    } cases[] = {
        {"16 0301 0044 01 000040 0303 aa", 1, true},
        {"16 0301 0044 01 000040 0303 aa", 2, false},
        {"16 0301 0001 01", 1, true},
        {"16 0301 0000 01", 1, false},
        {"17 0301 0044 01 000040 0303 aa", 1, false},
        {"16 0301 0004 0e 000000", 14, true},
        {"16 0301 0004 0e 000001", 14, false},
        {"16 0301 0044", 1, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text text = {0};
        tls_hex(&text, cases[i].hex);
        ck_assert_msg(record_begins_message(text_bytes(&text), cases[i].type) == cases[i].begins,
            "%s", cases[i].hex);
        text_free(&text);
    }
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("tls_record");
    TCase *c = tcase_create("tls_record");
    tcase_add_test(c, a_split_at_every_byte_gives_the_same_records);
    tcase_add_test(c, what_is_no_record_loses_the_framer_for_good);
    tcase_add_test(c, headers_are_told_from_other_bytes);
    tcase_add_test(c, what_is_missing_within_a_record_is_skipped_and_nothing_else);
    tcase_add_test(c, a_handshake_is_found_behind_other_bytes);
    tcase_add_test(c, the_message_at_a_records_beginning_is_recognised);
    suite_add_tcase(s, c);
    return s;
}
