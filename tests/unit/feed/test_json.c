/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/spelling.h"
#include "feed/writer.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

struct row {
    struct cell_time ts;
    struct bytes string;
    const char *word;
    struct address address;
    struct cell_count port;
    uint64_t total;
    struct cell_double number;
    enum tristate truth;
    struct cells strings, words, addresses, counts;
};

#define AT(field) offsetof(struct row, field)

static const struct column columns[] = {
    {"ts", COLUMN_TIME, AT(ts)},
    {"string", COLUMN_STRING, AT(string)},
    {"word", COLUMN_WORD, AT(word)},
    {"id.orig_h", COLUMN_ADDRESS, AT(address)},
    {"id.orig_p", COLUMN_PORT, AT(port)},
    {"total", COLUMN_TOTAL, AT(total)},
    {"number", COLUMN_DOUBLE, AT(number)},
    {"truth", COLUMN_BOOL, AT(truth)},
    {"strings", COLUMN_STRINGS, AT(strings)},
    {"words", COLUMN_WORDS, AT(words)},
    {"addresses", COLUMN_ADDRESSES, AT(addresses)},
    {"counts", COLUMN_COUNTS, AT(counts)},
};

static const struct log some_kinds = {
    "some", columns, sizeof columns / sizeof *columns, sizeof(struct row)};

#define STRING(literal)                                                                            \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

START_TEST(every_kind_is_spelled_as_zeek_does)
{
    static const struct bytes strings[] = {STRING("a,b"), STRING("")};
    static const char *const words[] = {"one", "two"};
    static const struct address addresses[] = {{{0}}};
    static const uint64_t counts[] = {1, 2};
    struct row row = {
        .ts = {true, 1425932016520157},
        .string = STRING("O=Cisco\\, Inc"),
        .word = "TLSv12",
        .address = {{[10] = 0xff, [11] = 0xff, 192, 168, 0, 255}},
        .port = {true, 443},
        .total = 7,
        .number = {true, 48.5},
        .truth = NO,
        .strings = {strings, 2},
        .words = {words, 0},
        .addresses = {addresses, 1},
        .counts = {counts, 2},
    };
    struct text out = {0};
    json_writer.row(&out, &some_kinds, &row);
    ck_assert_str_eq(text_string(&out),
        "{\"ts\":1425932016.520157,\"string\":\"O=Cisco\\\\, Inc\",\"word\":\"TLSv12\","
        "\"id.orig_h\":\"192.168.0.255\",\"id.orig_p\":443,\"total\":7,\"number\":48.500000,"
        "\"truth\":false,\"strings\":[\"a,b\",\"\"],\"words\":[],\"addresses\":[\"::\"],"
        "\"counts\":[1,2]}\n");
    text_free(&out);
}
END_TEST

START_TEST(what_is_unset_is_left_out)
{
    static const struct log strings_only = {"one", columns + 1, 1, sizeof(struct row)};
    struct row row = {.number = {true, INFINITY}};
    struct text out = {0};
    json_writer.row(&out, &some_kinds, &row);
    json_writer.row(&out, &strings_only, &row);
    ck_assert_str_eq(text_string(&out), "{\"total\":0}\n{}\n");
    text_free(&out);
}
END_TEST

static const struct {
    const char *name;
    struct bytes string;
    const char *spelled;
} strings[] = {
    {"empty", STRING(""), "\"\""},
    {"dash", STRING("-"), "\"-\""},
    {"quote and slash", STRING("a\"b/c"), "\"a\\\"b/c\""},
    {"newline and NUL", STRING("a\nb\0c"), "\"a\\u000ab\\u0000c\""},
    {"delete", STRING("\x7f"), "\"\\u007f\""},
    {"UTF-8", STRING("\xc3\xa9\xf0\x9f\x98\x80"), "\"\xc3\xa9\xf0\x9f\x98\x80\""},
    {"Latin-1", STRING("caf\xe9!"), "\"caf\\\\xe9!\""},
    {"text that looks like our escape", STRING("\\xe9"), "\"\\\\x5cxe9\""},
    {"text that nearly does", STRING("\\xg9\\x"), "\"\\\\xg9\\\\x\""},
    {"right to left",
        STRING("\xe2\x80\xae"
               "exe"),
        "\"\\u202eexe\""},
    {"hidden, beyond the first plane", STRING("\xf3\xa0\x81\x81"), "\"\\udb40\\udc41\""},
    {"C1 control", STRING("\xc2\x85"), "\"\\u0085\""},
};

START_TEST(odd_strings_are_escaped)
{
    static const struct log one = {"one", columns + 1, 1, sizeof(struct row)};
    struct row row = {.string = strings[_i].string};
    struct text out = {0};
    struct text wanted = {0};
    json_writer.row(&out, &one, &row);
    text_add_format(&wanted, "{\"string\":%s}\n", strings[_i].spelled);
    ck_assert_msg(strcmp(out.at, wanted.at) == 0, "%s: %s", strings[_i].name, out.at);
    text_free(&out);
    text_free(&wanted);
}
END_TEST

static uint32_t
read_unit(struct reader *r)
{
    uint8_t two[2];
    size_t len;
    ck_assert(bytes_from_hex(read_bytes(r, 4), two, sizeof two, &len) && len == 2);
    return (uint32_t)two[0] << 8 | two[1];
}

static void
add_utf8(struct text *out, uint32_t code)
{
    if (code < 0x80) {
        text_add_char(out, (char)code);
        return;
    }
    int follow = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const uint32_t starts[] = {0, 0xc0, 0xe0, 0xf0};
    text_add_char(out, (char)(starts[follow] | code >> 6 * follow));
    while (follow-- > 0)
        text_add_char(out, (char)(0x80 | (code >> 6 * follow & 0x3f)));
}

/* Reads a JSON string as RFC 8259 says, up to and with its closing quote. */
static struct text
json_string(struct reader *r)
{
    struct text out = {0};
    text_add_string(&out, "");
    ck_assert_uint_eq(read_u8(r), '"');
    for (;;) {
        ck_assert(reader_more(r));
        struct character c = character_next(r);
        ck_assert(c.valid && c.code >= 0x20);
        if (c.code == '"')
            return out;
        if (c.code != '\\') {
            text_add(&out, c.bytes);
            continue;
        }
        uint8_t kind = read_u8(r);
        if (kind != 'u') {
            ck_assert(kind == '\\' || kind == '"');
            text_add_char(&out, (char)kind);
            continue;
        }
        uint32_t code = read_unit(r);
        if (code >= 0xd800 && code <= 0xdbff) {
            ck_assert(bytes_equal_string(read_bytes(r, 2), "\\u"));
            uint32_t low = read_unit(r);
            ck_assert(low >= 0xdc00 && low <= 0xdfff);
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
        add_utf8(&out, code);
    }
}

/* Each \xHH back to its byte, as the head of json.c says. */
static struct text
unescape(struct bytes text)
{
    struct text out = {0};
    text_add_string(&out, "");
    while (text.len) {
        uint8_t byte = 0;
        size_t len;
        bool escape = text.len >= 4 && bytes_start_with(text, bytes_from_string("\\x")) &&
                      bytes_find_byte(bytes_first(text, 4), ':') == 4 &&
                      bytes_find_byte(bytes_first(text, 4), ' ') == 4 &&
                      bytes_from_hex(bytes_first(bytes_skip(text, 2), 2), &byte, 1, &len);
        text_add(&out, escape ? bytes_of(&byte, 1) : bytes_first(text, 1));
        text = bytes_skip(text, escape ? 4 : 1);
    }
    return out;
}

static uint64_t
next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

START_TEST(any_bytes_come_back_from_a_valid_line)
{
    static const struct log one = {"one", columns + 1, 1, sizeof(struct row)};
    static const uint8_t favourites[] = {'\\', 'x', 'u', '5', 'c', '"', '\n', 0, 0xc2, 0x85, 0xe2,
        0x80, 0xae, 0xf3, 0xa0, 0x81, 0xff};
    uint64_t state = 7;
    struct text out = {0};
    for (int round = 0; round < 20000; round++) {
        uint8_t raw[12];
        size_t len = next_random(&state) % (sizeof raw + 1);
        for (size_t i = 0; i < len; i++) {
            uint64_t r = next_random(&state);
            raw[i] = (uint8_t)(r & 3 ? favourites[(r >> 2) % sizeof favourites] : r >> 2);
        }
        struct row row = {.string = bytes_of(raw, len)};
        text_clear(&out);
        json_writer.row(&out, &one, &row);

        struct reader r = reader_over(text_bytes(&out));
        ck_assert(bytes_equal_string(read_bytes(&r, 10), "{\"string\":"));
        struct text string = json_string(&r);
        ck_assert(bytes_equal_string(reader_rest(&r), "}\n"));
        struct text back = unescape(text_bytes(&string));
        ck_assert(bytes_equal(text_bytes(&back), row.string));
        text_free(&string);
        text_free(&back);
    }
    text_free(&out);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *suite = suite_create("json");
    TCase *tests = tcase_create("json");
    tcase_add_test(tests, every_kind_is_spelled_as_zeek_does);
    tcase_add_test(tests, what_is_unset_is_left_out);
    tcase_add_loop_test(tests, odd_strings_are_escaped, 0, (int)(sizeof strings / sizeof *strings));
    tcase_add_test(tests, any_bytes_come_back_from_a_valid_line);
    suite_add_tcase(suite, tests);
    return suite;
}
