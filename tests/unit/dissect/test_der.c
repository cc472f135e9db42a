/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/der.h"
#include "tests/support/hex.h"

#include <check.h>
#include <stdlib.h>

static const char nested[] = "30 80                # a SEQUENCE without a length\n"
                             "   02 01 05          # an INTEGER\n"
                             "   24 80             # a string in segments\n"
                             "      04 02 'ab'\n"
                             "      24 03 04 01 'c'\n"
                             "   00 00\n"
                             "00 00\n";

START_TEST(values_are_read_one_by_one)
{
    struct bytes b = hex("02 01 05   30 03 01 01 ff   1f 85 11 01 'x'   04 81 80 # and no more");
    struct reader r = reader_over(b);
    struct der value;

    ck_assert(der_next_is(&r, DER_INTEGER) && !der_next_is(&r, DER_SEQUENCE));
    ck_assert(der_take(&r, DER_INTEGER, &value));
    ck_assert_uint_eq(value.whole.len, 3);
    ck_assert_uint_eq(value.content.len, 1);
    ck_assert(der_read(&r, &value) && value.tag == DER_SEQUENCE && value.content.len == 3);
    ck_assert(der_read(&r, &value) && value.tag == 0x1f);
    ck_assert(bytes_equal_string(value.content, "x") && !value.lenient);

    ck_assert(der_read(&r, &value) && value.cut && value.content.len == 0);
    ck_assert(reader_finished(&r) && !der_read(&r, &value) && r.bad);
    free((void *)b.at);
}
END_TEST

START_TEST(an_indefinite_value_ends_where_its_end_is)
{
    struct bytes b = hex(nested);
    struct reader r = reader_over(b);
    struct der value;
    ck_assert(der_take(&r, DER_SEQUENCE, &value) && value.lenient);
    ck_assert_uint_eq(value.whole.len, b.len);
    ck_assert_uint_eq(value.content.len, b.len - 4);
    ck_assert(reader_finished(&r));

    struct reader inner = reader_over(value.content);
    ck_assert(der_take(&inner, DER_INTEGER, &value));
    ck_assert(der_take(&inner, DER_OCTET_STRING | DER_CONSTRUCTED, &value));
    ck_assert(reader_finished(&inner));

    uint8_t *room = malloc(value.content.len);
    struct bytes joined;
    ck_assert(der_join(&value, room, &joined));
    ck_assert(bytes_equal_string(joined, "abc"));
    free(room);
    free((void *)b.at);
}
END_TEST

/* Each cut stands in memory of its own, so that a byte read behind it is noticed. */
START_TEST(a_value_cut_anywhere_is_read_as_far_as_it_goes)
{
    struct bytes whole = hex(nested);
    for (size_t len = 0; len < whole.len; len++) {
        uint8_t *part = malloc(len ? len : 1);
        memcpy(part, whole.at, len);
        struct reader r = reader_over(bytes_of(part, len));
        struct der value;
        if (der_read(&r, &value)) {
            ck_assert_msg(value.cut, "cut after %zu", len);
            ck_assert(value.content.len <= len);
        }
        ck_assert(!der_read(&r, &value));
        free(part);
    }
    free((void *)whole.at);
}
END_TEST

START_TEST(oddities)
{
    static const struct {
        const char *name;
        const char *bytes;
        bool read, lenient, cut;
        size_t content;
    } cases[] = {
        {"shortest", "0500", true, false, false, 0},
        {"length in one octet too many", "04 81 01 aa", true, true, false, 1},
        {"length with zeros in front", "04 84 00000001 aa", true, true, false, 1},
        {"length of many zeros", "04 8a 00000000000000000001 aa", true, true, false, 1},
        {"length beyond any memory", "04 89 010000000000000000 aa", false, false, false, 0},
        {"length of everything", "04 88 ffffffffffffffff aa", true, false, true, 1},
        {"length kept for later", "04 ff aa", false, false, false, 0},
        {"length missing", "04", false, false, false, 0},
        {"length cut", "04 82 01", false, false, false, 0},
        {"nothing", "", false, false, false, 0},
        {"indefinite and primitive", "04 80 00 00", false, false, false, 0},
        {"indefinite and empty", "30 80 00 00", true, true, false, 0},
        {"indefinite without an end", "30 80 02 01 05", true, true, true, 3},
        {"number that does not end", "1f ffffffffffffff 00", false, false, false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes b = hex(cases[i].bytes);
        struct reader r = reader_over(b);
        struct der value;
        bool read = der_read(&r, &value);
        ck_assert_msg(read == cases[i].read, "%s", cases[i].name);
        ck_assert_msg(read || r.bad, "%s", cases[i].name);
        if (read) {
            ck_assert_msg(value.lenient == cases[i].lenient, "%s", cases[i].name);
            ck_assert_msg(value.cut == cases[i].cut, "%s", cases[i].name);
            ck_assert_msg(value.content.len == cases[i].content, "%s", cases[i].name);
        }
        free((void *)b.at);
    }
}
END_TEST

START_TEST(depth_has_an_end)
{
    enum { LEVELS = 3000 };
    uint8_t *deep = malloc(4 * LEVELS);
    struct der value;
    for (size_t i = 0; i < LEVELS; i++)
        memcpy(deep + 2 * i, "\x24\x80", 2);
    memset(deep + 2 * LEVELS, 0, 2 * LEVELS);

    struct reader r = reader_over(bytes_of(deep, 4 * LEVELS));
    ck_assert(!der_read(&r, &value) && r.bad);

    size_t shallow = LEVELS - DER_DEPTH;
    r = reader_over(bytes_of(deep + 2 * shallow, 4 * DER_DEPTH));
    ck_assert(der_read(&r, &value) && !value.cut && reader_finished(&r));

    struct bytes joined;
    uint8_t room[4 * DER_DEPTH];
    ck_assert(der_join(&value, room, &joined) && joined.len == 0);
    free(deep);
}
END_TEST

START_TEST(bits_of_a_number)
{
    static const struct {
        const char *number;
        size_t bits;
    } cases[] = {{"", 0}, {"00", 0}, {"01", 1}, {"80", 8}, {"0080", 8}, {"010000", 17}, {"7f", 7}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes b = hex(cases[i].number);
        ck_assert_uint_eq(der_bits(b), cases[i].bits);
        free((void *)b.at);
    }
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("der");
    TCase *c = tcase_create("der");
    tcase_add_test(c, values_are_read_one_by_one);
    tcase_add_test(c, an_indefinite_value_ends_where_its_end_is);
    tcase_add_test(c, a_value_cut_anywhere_is_read_as_far_as_it_goes);
    tcase_add_test(c, oddities);
    tcase_add_test(c, depth_has_an_end);
    tcase_add_test(c, bits_of_a_number);
    suite_add_tcase(s, c);
    return s;
}
