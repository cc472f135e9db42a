/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/writer.h"

#include <check.h>
#include <stdlib.h>

/* A row of every kind, so that a log is not needed to test its writer. */
struct row {
    struct cell_time ts, length;
    struct bytes string;
    const char *word, *name;
    struct address address;
    struct cell_count port, count;
    uint64_t total;
    struct cell_double number;
    enum tristate truth;
    struct cells strings, words, addresses, counts, string_set, enum_set;
};

#define AT(field) offsetof(struct row, field)

static const struct column columns[] = {
    {"ts", COLUMN_TIME, AT(ts)},
    {"length", COLUMN_INTERVAL, AT(length)},
    {"string", COLUMN_STRING, AT(string)},
    {"word", COLUMN_WORD, AT(word)},
    {"name", COLUMN_ENUM, AT(name)},
    {"id.h", COLUMN_ADDRESS, AT(address)},
    {"id.p", COLUMN_PORT, AT(port)},
    {"count", COLUMN_COUNT, AT(count)},
    {"total", COLUMN_TOTAL, AT(total)},
    {"number", COLUMN_DOUBLE, AT(number)},
    {"truth", COLUMN_BOOL, AT(truth)},
    {"strings", COLUMN_STRINGS, AT(strings)},
    {"words", COLUMN_WORDS, AT(words)},
    {"addresses", COLUMN_ADDRESSES, AT(addresses)},
    {"counts", COLUMN_COUNTS, AT(counts)},
    {"string_set", COLUMN_STRING_SET, AT(string_set)},
    {"enum_set", COLUMN_ENUM_SET, AT(enum_set)},
};

enum { COLUMNS = sizeof columns / sizeof *columns };

static const struct log every_kind = {"every", columns, COLUMNS, sizeof(struct row)};

START_TEST(the_header_is_what_zeek_writes)
{
    static const struct log small = {"small", columns, 3, sizeof(struct row)};
    struct text out = {0};
    tsv_writer.begin(&out, &small, 951868798);
    tsv_writer.end(&out, &small, 951868800);
    ck_assert_str_eq(text_string(&out), "#separator \\x09\n"
                                        "#set_separator\t,\n"
                                        "#empty_field\t(empty)\n"
                                        "#unset_field\t-\n"
                                        "#path\tsmall\n"
                                        "#open\t2000-02-29-23-59-58\n"
                                        "#fields\tts\tlength\tstring\n"
                                        "#types\ttime\tinterval\tstring\n"
                                        "#close\t2000-03-01-00-00-00\n");
    text_free(&out);
}
END_TEST

START_TEST(every_kind_is_spelled_as_zeek_does)
{
    static const struct bytes strings[] = {{(const uint8_t *)"a,b", 3}, {(const uint8_t *)"", 0}};
    static const char *const words[] = {"one", "two"};
    static const struct address addresses[] = {{{0}}, {{[10] = 0xff, [11] = 0xff, 10, 0, 0, 1}}};
    static const uint64_t counts[] = {1, UINT64_MAX};
    struct row row = {
        .ts = {true, 1425932016520157},
        .length = {true, 3600000000},
        .string = {(const uint8_t *)"O=Cisco\\, Inc", 13},
        .word = "TLSv12",
        .name = "clear",
        .address = {{[10] = 0xff, [11] = 0xff, 192, 168, 0, 255}},
        .port = {true, 443},
        .count = {true, 0},
        .total = 7,
        .number = {true, 48.5},
        .truth = YES,
        .strings = {strings, 2},
        .words = {words, 2},
        .addresses = {addresses, 2},
        .counts = {counts, 2},
        .string_set = {strings, 0},
        .enum_set = {words, 1},
    };
    struct text out = {0};
    tsv_writer.row(&out, &every_kind, &row);
    ck_assert_str_eq(text_string(&out),
        "1425932016.520157\t3600.000000\tO=Cisco\\\\, "
        "Inc\tTLSv12\tclear\t192.168.0.255\t443\t0\t7\t"
        "48.500000\tT\ta\\x2cb,(empty)\tone,two\t::,10.0.0.1\t1,18446744073709551615\t(empty)\t"
        "one\n");
    text_free(&out);
}
END_TEST

START_TEST(a_zeroed_row_is_unset)
{
    struct row row = {.truth = UNKNOWN};
    struct text out = {0};
    tsv_writer.row(&out, &every_kind, &row);
    ck_assert_str_eq(text_string(&out), "-\t-\t-\t-\t-\t-\t-\t-\t0\t-\t-\t-\t-\t-\t-\t-\t-\n");
    text_free(&out);
}
END_TEST

static const struct {
    const char *name;
    struct cell_time time;
    const char *spelled;
} times[] = {
    {"epoch", {true, 0}, "0.000000"},
    {"before 1970", {true, -1500000}, "-1.500000"},
    {"a microsecond before 1970", {true, -1}, "-0.000001"},
    {"year 9999", {true, INT64_C(253402300799000000)}, "253402300799.000000"},
    {"the least", {true, INT64_MIN}, "-9223372036854.775808"},
};

START_TEST(odd_times_are_told)
{
    static const struct log only_time = {"only", columns, 1, sizeof(struct row)};
    struct row row = {.ts = times[_i].time};
    struct text out = {0};
    tsv_writer.row(&out, &only_time, &row);
    out.at[out.len - 1] = '\0';
    ck_assert_msg(strcmp(out.at, times[_i].spelled) == 0, "%s: %s", times[_i].name, out.at);
    text_free(&out);
}
END_TEST

#define STRING(literal)                                                                            \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

static const struct {
    const char *name;
    struct bytes string;
    const char *alone, *in_vector; /* NULL: the same */
} strings[] = {
    {"plain", STRING("abc"), "abc", NULL},
    {"unset", {NULL, 0}, "-", ""},
    {"empty", STRING(""), "(empty)", ""},
    {"looks unset", STRING("-"), "\\x2d", NULL},
    {"looks empty", STRING("(empty)"), "\\x28empty)", NULL},
    {"begins as unset", STRING("-a"), "-a", NULL},
    {"tab and newline", STRING("a\tb\nc\rd"), "a\\x09b\\x0ac\\x0dd", NULL},
    {"NUL", STRING("a\0b"), "a\\x00b", NULL},
    {"delete", STRING("\x7f"), "\\x7f", NULL},
    {"backslash", STRING("\\x41"), "\\\\x41", NULL},
    {"comma", STRING("a,b"), "a,b", "a\\x2cb"},
    {"quote", STRING("\"#"), "\"#", NULL},
    {"UTF-8 of 2, 3 and 4 bytes", STRING("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
        "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", NULL},
    {"cut UTF-8", STRING("\xe2\x82"), "\\xe2\\x82", NULL},
    {"a letter within UTF-8", STRING("\xe2\x82z"), "\\xe2\\x82z", NULL},
    {"overlong", STRING("\xc0\xaf\xe0\x80\xaf"), "\\xc0\\xaf\\xe0\\x80\\xaf", NULL},
    {"surrogate", STRING("\xed\xa0\x80"), "\\xed\\xa0\\x80", NULL},
    {"past the last code point", STRING("\xf4\x90\x80\x80\xf5"), "\\xf4\\x90\\x80\\x80\\xf5", NULL},
    {"Latin-1", STRING("caf\xe9"), "caf\\xe9", NULL},
    {"C1 control",
        STRING("\xc2\x9b"
               "31m"),
        "\\xc2\\x9b31m", NULL},
    {"escape", STRING("\x1b[31m"), "\\x1b[31m", NULL},
    {"right to left",
        STRING("\xe2\x80\xae"
               "exe"),
        "\\xe2\\x80\\xaeexe", NULL},
    {"zero width",
        STRING("a\xe2\x80\x8b"
               "b"),
        "a\\xe2\\x80\\x8bb", NULL},
    {"line separator", STRING("\xe2\x80\xa8"), "\\xe2\\x80\\xa8", NULL},
};

START_TEST(odd_strings_are_escaped)
{
    static const struct column alone_and_not[] = {
        {"alone", COLUMN_STRING, AT(string)},
        {"vector", COLUMN_STRINGS, AT(strings)},
    };
    static const struct log two = {"two", alone_and_not, 2, sizeof(struct row)};
    struct row row = {
        .string = strings[_i].string, .strings = {.at = &strings[_i].string, .len = 1}};
    const char *in_vector = strings[_i].in_vector ? strings[_i].in_vector : strings[_i].alone;
    struct text out = {0};
    struct text wanted = {0};
    tsv_writer.row(&out, &two, &row);
    text_add_format(&wanted, "%s\t%s\n", strings[_i].alone, in_vector);
    ck_assert_msg(strcmp(out.at, wanted.at) == 0, "%s: %s", strings[_i].name, out.at);
    text_free(&out);
    text_free(&wanted);
}
END_TEST

/* Undoes escapes, as Zeek's reader does. */
static struct text
unescape(struct bytes field)
{
    struct text out = {0};
    struct reader r = reader_over(field);
    text_add_string(&out, "");
    while (reader_more(&r)) {
        uint8_t byte = read_u8(&r);
        if (byte != '\\') {
            text_add_char(&out, (char)byte);
            continue;
        }
        uint8_t next = read_u8(&r);
        uint8_t value = next;
        size_t len = 1;
        if (next == 'x')
            ck_assert(bytes_from_hex(read_bytes(&r, 2), &value, 1, &len) && len == 1);
        else
            ck_assert_uint_eq(next, '\\');
        text_add_char(&out, (char)value);
    }
    ck_assert(reader_finished(&r));
    return out;
}

static uint64_t
next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

/* Few different bytes, so that the special ones meet. */
static size_t
random_bytes(uint64_t *state, uint8_t *out, size_t most)
{
    static const uint8_t favourites[] = {
        '\\', 'x', '-', ',', '(', 'e', '0', '\t', '\n', 0, '"', 0xc2, 0x80, 0xe2, 0xf0, 0x9f, 0xff};
    size_t len = next_random(state) % (most + 1);
    for (size_t i = 0; i < len; i++) {
        uint64_t r = next_random(state);
        out[i] = (uint8_t)(r & 1 ? favourites[(r >> 1) % sizeof favourites] : r >> 1);
    }
    return len;
}

static void
check_field(struct bytes field, struct bytes original)
{
    if (bytes_equal_string(field, "(empty)")) {
        ck_assert_uint_eq(original.len, 0);
        return;
    }
    ck_assert(!bytes_equal_string(field, "-"));
    struct text back = unescape(field);
    ck_assert(bytes_equal(text_bytes(&back), original));
    text_free(&back);
}

START_TEST(any_bytes_come_back_from_a_row_of_one_line)
{
    static const struct column with_strings[] = {
        {"string", COLUMN_STRING, AT(string)},
        {"strings", COLUMN_STRINGS, AT(strings)},
        {"total", COLUMN_TOTAL, AT(total)},
    };
    static const struct log three = {"three", with_strings, 3, sizeof(struct row)};
    uint64_t state = 1;
    struct text out = {0};
    for (int round = 0; round < 20000; round++) {
        uint8_t raw[3][12];
        struct bytes values[3];
        for (size_t i = 0; i < 3; i++)
            values[i] = bytes_of(raw[i], random_bytes(&state, raw[i], sizeof raw[i]));
        struct row row = {.string = values[0], .strings = {values + 1, 2}};
        text_clear(&out);
        tsv_writer.row(&out, &three, &row);

        struct bytes line = text_bytes(&out);
        ck_assert_uint_eq(bytes_find_byte(line, '\n'), line.len - 1);
        size_t first = bytes_find_byte(line, '\t');
        struct bytes vector = bytes_skip(line, first + 1);
        size_t second = bytes_find_byte(vector, '\t');
        ck_assert(bytes_equal_string(bytes_skip(vector, second), "\t0\n"));
        vector = bytes_first(vector, second);
        size_t comma = bytes_find_byte(vector, ',');
        ck_assert_uint_lt(comma, vector.len);
        check_field(bytes_first(line, first), values[0]);
        check_field(bytes_first(vector, comma), values[1]);
        check_field(bytes_skip(vector, comma + 1), values[2]);
    }
    text_free(&out);
}
END_TEST

START_TEST(vectors_of_little_are_told_apart)
{
    static const struct column only_strings[] = {{"strings", COLUMN_STRINGS, AT(strings)}};
    static const struct log one = {"one", only_strings, 1, sizeof(struct row)};
    static const struct bytes empties[] = {STRING(""), STRING("")};
    static const struct bytes dash[] = {STRING("-")};
    static const struct bytes word[] = {STRING("(empty)")};
    static const struct {
        struct cells cells;
        const char *line;
    } cases[] = {
        {{NULL, 0}, "-\n"},
        {{empties, 0}, "(empty)\n"},
        {{empties, 1}, "\n"},
        {{empties, 2}, "(empty),(empty)\n"},
        {{dash, 1}, "\\x2d\n"},
        {{word, 1}, "\\x28empty)\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct row row = {.strings = cases[i].cells};
        struct text out = {0};
        tsv_writer.row(&out, &one, &row);
        ck_assert_str_eq(text_string(&out), cases[i].line);
        text_free(&out);
    }
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *suite = suite_create("tsv");
    TCase *tests = tcase_create("tsv");
    tcase_add_test(tests, the_header_is_what_zeek_writes);
    tcase_add_test(tests, every_kind_is_spelled_as_zeek_does);
    tcase_add_test(tests, a_zeroed_row_is_unset);
    tcase_add_loop_test(tests, odd_times_are_told, 0, (int)(sizeof times / sizeof *times));
    tcase_add_loop_test(tests, odd_strings_are_escaped, 0, (int)(sizeof strings / sizeof *strings));
    tcase_add_test(tests, any_bytes_come_back_from_a_row_of_one_line);
    tcase_add_test(tests, vectors_of_little_are_told_apart);
    suite_add_tcase(suite, tests);
    return suite;
}
