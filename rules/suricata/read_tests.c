/* SPDX-License-Identifier: Apache-2.0
 *
 * Keywords that say what must stand in a buffer.
 */
#include "rules/suricata/reader.h"
#include "rules/suricata/regex.h"
#include "rules/suricata/words.h"

enum { FARTHEST = 1 << 24 };

struct rule_test *
reader_test(struct rule_reader *r, enum test_kind kind)
{
    struct look_draft *look = r->looks_len ? &r->looks[r->looks_len - 1] : NULL;
    if (!look || r->tests_len == MOST_TESTS) {
        read_wrong(r, "a rule has %d tests at most", MOST_TESTS);
        return NULL;
    }
    struct rule_test *test = &r->tests[r->tests_len++];
    *test = (struct rule_test){.kind = kind};
    look->len++;
    return test;
}

/* Begins to look into a buffer. */
static enum reading
reader_look(struct rule_reader *r, const struct buffer *buffer)
{
    if (r->looks_len == MOST_LOOKS)
        return read_wrong(r, "a rule looks into %d buffers at most", MOST_LOOKS);
    r->looks[r->looks_len++] =
        (struct look_draft){.slot = {.buffer = buffer}, .first = r->tests_len};
    r->of_tls |= !buffer->of_head;
    return READ_GOOD;
}

static bool
in_payload(const struct rule_reader *r)
{
    return r->looks_len && r->looks[r->looks_len - 1].slot.buffer == &the_names;
}

/* Is what follows looked for in a buffer, not in the payload? */
static bool
in_buffer(const struct rule_reader *r)
{
    return r->looks_len && !r->looks[r->looks_len - 1].closed && !in_payload(r);
}

bool
content_begins_name(struct bytes content)
{
    return content.len >= 3 && bytes_start_with(content, bytes_from_string("\x55\x04"));
}

/* Of the payload there are the names of certificates. What is asked of them is known in the end. */
static enum reading
look_into_payload(struct rule_reader *r, struct bytes content, bool negated)
{
    if (in_payload(r))
        return READ_GOOD;
    if (negated || !content_begins_name(content))
        return read_skip(r, "content of the payload");
    return reader_look(r, &the_names);
}

enum reading
read_buffer(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    (void)value;
    return reader_look(r, buffer_named(bytes_from_string(keyword->name)));
}

enum reading
read_transform(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    struct look_draft *look = in_buffer(r) ? &r->looks[r->looks_len - 1] : NULL;
    (void)value;
    if (!look)
        return read_skip(r, "%s of the payload", keyword->name);
    if (look->len)
        return read_wrong(r, "%s stands before what is looked for", keyword->name);
    if (look->slot.len == SLOT_TRANSFORMS)
        return read_wrong(r, "a buffer goes through %d changes at most", SLOT_TRANSFORMS);
    look->slot.transforms[look->slot.len++] = (enum transform)keyword->detail;
    return READ_GOOD;
}

/* The hexadecimal bytes up to the next "|", which is left. */
static bool
take_hex(struct rule_reader *r, struct bytes *left, struct text *out)
{
    struct bytes hex = bytes_first(*left, bytes_find_byte(*left, '|'));
    size_t digits = 0;
    unsigned byte = 0;
    if (hex.len == left->len)
        return fault_set(&r->complaint, "\"|\" is missing behind hexadecimal bytes");
    for (size_t i = 0; i < hex.len; i++) {
        uint8_t c = bytes_at(hex, i);
        unsigned digit = c >= '0' && c <= '9' ? c - 0U - '0' : (c | 0x20U) - 'a' + 10U;
        if (c == ' ')
            continue;
        if (digit > 15)
            return fault_set(&r->complaint, "'%c' is no hexadecimal digit", c);
        byte = byte << 4 | digit;
        if (++digits % 2 == 0)
            text_add_char(out, (char)byte);
        byte &= 0xff;
    }
    *left = bytes_skip(*left, hex.len + 1);
    return digits % 2 == 0 && digits
               ? true
               : fault_set(&r->complaint, "hexadecimal bytes have two digits each");
}

/* What a content stands for: "|41 42|" and escapes resolved. */
static bool
take_content(struct rule_reader *r, struct bytes value, struct text *out)
{
    while (value.len) {
        uint8_t c = bytes_at(value, 0);
        value = bytes_skip(value, 1);
        if (c == '|') {
            if (!take_hex(r, &value, out))
                return false;
            continue;
        }
        if (c == '"')
            return fault_set(&r->complaint, "a quote in a text is written \\\"");
        if (c == '\\') {
            c = bytes_at(value, 0);
            value = bytes_skip(value, 1);
            if (c != '\\' && c != '"' && c != ';' && c != ':')
                return fault_set(&r->complaint, "a backslash stands before \\ \" ; or : only");
        }
        text_add_char(out, (char)c);
    }
    return out->len || fault_set(&r->complaint, "there is nothing in this content");
}

/* Copies it as the buffer is spelled. */
static bool
keep_content(struct rule_reader *r, const struct slot *slot, struct bytes text, struct bytes *kept)
{
    struct text spelled = {0};
    bool ok = true;
    enum buffer_spelling how = slot->len ? SPELLED_AS_IS : slot->buffer->spelled;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = bytes_at(text, i);
        if ((how == SPELLED_LOWER || how == SPELLED_HEX) && c >= 'A' && c <= 'Z')
            c = (uint8_t)(c + 'a' - 'A');
        if (how == SPELLED_UPPER && c >= 'a' && c <= 'z')
            c = (uint8_t)(c + 'A' - 'a');
        if (how != SPELLED_HEX || (c != ':' && c != ' '))
            text_add_char(&spelled, (char)c);
    }
    *kept = arena_copy(r->book->arena, text_bytes(&spelled), &ok);
    text_free(&spelled);
    return ok;
}

static enum reading
add_content(struct rule_reader *r, struct bytes text, bool negated)
{
    struct rule_test *test = reader_test(r, TEST_CONTENT);
    if (!test)
        return READ_WRONG;
    test->of.content.negated = negated;
    if (!keep_content(r, &r->looks[r->looks_len - 1].slot, text, &test->of.content.text))
        return read_no_memory(r);
    return test->of.content.text.len ? READ_GOOD
                                     : read_wrong(r, "there is nothing in this content");
}

enum reading
read_content(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    struct text text = {0};
    bool negated = false;
    (void)keyword;
    if (!word_unquote(&value, &negated, &r->complaint))
        return READ_WRONG;
    enum reading reading = READ_WRONG;
    if (take_content(r, value, &text))
        reading = in_buffer(r) ? READ_GOOD : look_into_payload(r, text_bytes(&text), negated);
    if (reading == READ_GOOD)
        reading = add_content(r, text_bytes(&text), negated);
    text_free(&text);
    return reading;
}

/* tls.subject:"…": a buffer and a content in one. What follows belongs to neither. */
enum reading
read_inline_content(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    static const struct {
        const char *keyword, *buffer;
    } buffers[] = {
        {"tls.subject", "tls.cert_subject"},
        {"tls.issuerdn", "tls.cert_issuer"},
        {"tls.fingerprint", "tls.cert_fingerprint"},
    };
    bool negated = false;
    size_t row = 0;
    while (strcmp(buffers[row].keyword, keyword->name) != 0)
        row++;
    if (!word_unquote(&value, &negated, &r->complaint))
        return READ_WRONG;
    enum reading reading = reader_look(r, buffer_named(bytes_from_string(buffers[row].buffer)));
    if (reading != READ_GOOD)
        return reading;
    r->looks[r->looks_len - 1].closed = true;
    return add_content(r, value, negated);
}

enum reading
read_pcre(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    struct regex regex = {0};
    char modifier = 0;
    (void)keyword;
    if (!in_buffer(r))
        return read_skip(r, "pcre of the payload");
    if (!word_unquote(&value, &regex.negated, &r->complaint))
        return READ_WRONG;
    switch (regex_read(value, &regex, &modifier, &r->complaint)) {
    case REGEX_WRONG:
        return READ_WRONG;
    case REGEX_OTHER:
        return read_skip(r, "pcre modifier %c", modifier);
    case REGEX_GOOD:
        break;
    }
    if (!book_keep_code(r->book, regex.code))
        return read_no_memory(r);
    struct rule_test *test = reader_test(r, TEST_REGEX);
    if (!test)
        return READ_WRONG;
    test->of.regex = regex;
    return READ_GOOD;
}

bool
read_number_test(struct bytes text, struct number_test *test)
{
    static const struct {
        const char *sign;
        enum comparison how;
        int64_t more;
    } signs[] = {
        {"<=", COMPARE_LESS, 1},
        {">=", COMPARE_MORE, -1},
        {"<", COMPARE_LESS, 0},
        {">", COMPARE_MORE, 0},
        {"!", COMPARE_NOT, 0},
        {"=", COMPARE_EQUAL, 0},
        {"", COMPARE_EQUAL, 0},
    };
    unsigned long a;
    unsigned long b;
    text = bytes_trim(text);
    size_t between = bytes_find(text, bytes_from_string("<>"));
    if (between != SIZE_MAX) {
        if (!word_number(bytes_trim(bytes_first(text, between)), FARTHEST, &a) ||
            !word_number(bytes_trim(bytes_skip(text, between + 2)), FARTHEST, &b) || a >= b)
            return false;
        *test = (struct number_test){COMPARE_BETWEEN, (int64_t)a, (int64_t)b};
        return true;
    }
    size_t row = 0;
    while (!bytes_start_with(text, bytes_from_string(signs[row].sign)))
        row++;
    if (!word_number(bytes_trim(bytes_skip(text, strlen(signs[row].sign))), FARTHEST, &a))
        return false;
    *test = (struct number_test){signs[row].how, (int64_t)a + signs[row].more, 0};
    return true;
}

enum reading
read_size(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    struct number_test size;
    (void)keyword;
    if (!in_buffer(r))
        return read_skip(r, "bsize of the payload");
    if (!read_number_test(value, &size))
        return read_wrong(r, "\"%.*s\" is no size", SHOWN(value));
    struct rule_test *test = reader_test(r, TEST_SIZE);
    if (!test)
        return READ_WRONG;
    test->of.size = size;
    return READ_GOOD;
}

enum reading
read_is_data_at(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    struct data_at at = {0};
    struct bytes word = {0};
    unsigned long offset;
    (void)keyword;
    if (!in_buffer(r))
        return read_skip(r, "isdataat of the payload");
    struct bytes rest = value;
    word_next(&rest, ',', &word);
    if (bytes_at(word, 0) == '!') {
        at.negated = true;
        word = bytes_trim(bytes_skip(word, 1));
    }
    if (!word_number(word, FARTHEST, &offset))
        return read_wrong(r, "\"%.*s\" is no place for isdataat", SHOWN(value));
    while (word_next(&rest, ',', &word)) {
        at.relative |= bytes_equal_string(word, "relative");
        if (!bytes_equal_string(word, "relative") && !bytes_equal_string(word, "rawbytes"))
            return read_wrong(r, "isdataat knows relative and rawbytes, not \"%.*s\"", SHOWN(word));
    }
    at.offset = (long)offset;
    struct rule_test *test = reader_test(r, TEST_DATA_AT);
    if (!test)
        return READ_WRONG;
    test->of.data_at = at;
    return READ_GOOD;
}

enum reading
read_absent(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    (void)keyword;
    if (!in_buffer(r) || r->looks[r->looks_len - 1].len)
        return read_wrong(r, "absent stands behind a buffer, before what is looked for");
    if (value.len && !bytes_equal_string(value, "or_else"))
        return read_wrong(r, "absent knows or_else, not \"%.*s\"", SHOWN(value));
    struct rule_test *test = reader_test(r, TEST_ABSENT);
    if (!test)
        return READ_WRONG;
    test->of.or_else = value.len > 0;
    return READ_GOOD;
}

/* The content that a modifier belongs to; NULL: there is none, and that is wrong. */
static struct content *
last_content(struct rule_reader *r, const struct keyword *keyword)
{
    const struct look_draft *look = r->looks_len ? &r->looks[r->looks_len - 1] : NULL;
    for (size_t i = look ? look->len : 0; i-- > 0;)
        if (r->tests[look->first + i].kind == TEST_CONTENT)
            return &r->tests[look->first + i].of.content;
    read_wrong(r, "%s stands behind a content", keyword->name);
    return NULL;
}

enum reading
read_nocase(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    struct content *content = last_content(r, keyword);
    struct text lower = {0};
    bool ok = true;
    (void)value;
    if (!content)
        return READ_WRONG;
    content->nocase = true;
    transform_apply(TRANSFORM_LOWER, content->text, &lower);
    content->text = arena_copy(r->book->arena, text_bytes(&lower), &ok);
    text_free(&lower);
    return ok ? READ_GOOD : read_no_memory(r);
}

enum reading
read_anchor(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    struct content *content = last_content(r, keyword);
    (void)value;
    if (!content)
        return READ_WRONG;
    if (keyword->detail == ANCHOR_END) {
        content->at_end = true;
        return READ_GOOD;
    }
    if (content->has_offset || content->has_depth || content->has_distance || content->has_within)
        return read_wrong(r, "startswith does not go with offset, depth, distance or within");
    content->has_offset = content->has_depth = true;
    content->depth = (long)content->text.len;
    return READ_GOOD;
}

enum reading
read_offset(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    struct content *content = last_content(r, keyword);
    long number;
    if (!content)
        return READ_WRONG;
    struct {
        bool *has;
        long *at;
    } places[] = {
        [OFFSET_OFFSET] = {&content->has_offset, &content->offset},
        [OFFSET_DEPTH] = {&content->has_depth, &content->depth},
        [OFFSET_DISTANCE] = {&content->has_distance, &content->distance},
        [OFFSET_WITHIN] = {&content->has_within, &content->within},
    };
    bool may_be_negative = keyword->detail == OFFSET_DISTANCE;
    if (!word_signed(value, FARTHEST, &number) || (number < 0 && !may_be_negative))
        return read_wrong(r, "\"%.*s\" is no number for %s", SHOWN(value), keyword->name);
    if (*places[keyword->detail].has)
        return read_wrong(r, "this content has more than one %s", keyword->name);
    if (keyword->detail == OFFSET_WITHIN && number < (long)content->text.len)
        return read_wrong(
            r, "within:%ld leaves no room for a content of %zu bytes", number, content->text.len);
    if (keyword->detail == OFFSET_DEPTH && number < (long)content->text.len)
        number = (long)content->text.len;
    *places[keyword->detail].has = true;
    *places[keyword->detail].at = number;
    return READ_GOOD;
}
