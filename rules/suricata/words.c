/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/suricata/words.h"

static bool
is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct bytes
take_line(struct rule_lines *lines)
{
    struct bytes left = bytes_of(lines->left.at, reader_left(&lines->left));
    struct bytes line = read_bytes(&lines->left, bytes_find_byte(left, '\n'));
    if (reader_more(&lines->left))
        read_u8(&lines->left);
    if (bytes_at(line, line.len - 1) == '\r')
        line.len--;
    lines->next++;
    return line;
}

/* Without white space at its end, for a backslash there may be followed by some. */
static struct bytes
trim_end(struct bytes line)
{
    while (line.len && is_space(bytes_at(line, line.len - 1)))
        line.len--;
    return line;
}

bool
rule_lines_next(struct rule_lines *lines, struct bytes *rule)
{
    while (reader_more(&lines->left)) {
        struct bytes line = take_line(lines);
        struct bytes trimmed = bytes_trim(line);
        if (!trimmed.len || bytes_at(trimmed, 0) == '#')
            continue;
        lines->line = lines->next;
        text_clear(&lines->joined);
        line = trim_end(line);
        while (bytes_at(line, line.len - 1) == '\\') {
            text_add(&lines->joined, bytes_first(line, line.len - 1));
            text_add_char(&lines->joined, '\n');
            line = reader_more(&lines->left) ? trim_end(take_line(lines)) : (struct bytes){0};
        }
        text_add(&lines->joined, line);
        *rule = text_bytes(&lines->joined);
        return true;
    }
    return false;
}

unsigned long
rule_line_of(const struct rule_lines *lines, struct bytes rule, const uint8_t *at)
{
    unsigned long line = lines->line;
    for (size_t i = 0; i < rule.len && rule.at + i < at; i++)
        line += bytes_at(rule, i) == '\n';
    return line;
}

/* The next word of the head; brackets keep what is in them together. */
static struct bytes
head_word(struct bytes *left)
{
    int depth = 0;
    size_t end = 0;
    *left = bytes_trim(*left);
    for (; end < left->len; end++) {
        uint8_t c = bytes_at(*left, end);
        depth += (c == '[') - (c == ']');
        if (depth <= 0 && (is_space(c) || c == '('))
            break;
    }
    struct bytes word = bytes_first(*left, end);
    *left = bytes_skip(*left, end);
    return word;
}

static bool
is_arrow(struct bytes word)
{
    return bytes_equal_string(word, "->") || bytes_equal_string(word, "<>") ||
           bytes_equal_string(word, "=>");
}

bool
rule_split(struct bytes rule, struct rule_parts *parts, struct fault *complaint)
{
    struct bytes left = bytes_trim(rule);
    parts->at = rule.at;
    for (int i = 0; i < HEAD_WORDS; i++) {
        parts->head[i] = head_word(&left);
        if (!parts->head[i].len)
            return fault_set(complaint,
                "the head of a rule is: action protocol source port -> destination port");
        if (parts->head[i].at)
            parts->at = parts->head[i].at;
        if (i == 4 && !is_arrow(parts->head[i]))
            return fault_set(complaint, "\"->\" is wanted, not \"%.*s\"",
                (int)bytes_first(parts->head[i], 40).len, (const char *)parts->head[i].at);
    }
    left = bytes_trim(left);
    parts->at = left.at ? left.at : parts->at;
    if (bytes_at(left, 0) != '(')
        return fault_set(complaint, "\"(\" is wanted behind the head of a rule");
    if (left.len < 2 || bytes_at(left, left.len - 1) != ')')
        return fault_set(complaint, "\")\" is missing at the end of the rule");
    parts->options = bytes_trim(bytes_first(bytes_skip(left, 1), left.len - 2));
    return true;
}

/* Where the option ends: at a semicolon without a backslash before it. */
static size_t
option_end(struct bytes options)
{
    uint8_t before = 0;
    for (size_t i = 0; i < options.len; i++) {
        if (bytes_at(options, i) == ';' && before != '\\')
            return i;
        before = bytes_at(options, i);
    }
    return options.len;
}

bool
rule_option_next(struct bytes *options, struct rule_option *option, struct fault *complaint)
{
    *options = bytes_trim(*options);
    if (!options->len)
        return false;
    size_t end = option_end(*options);
    struct bytes whole = bytes_first(*options, end);
    size_t colon = bytes_find_byte(whole, ':');
    *option = (struct rule_option){
        .name = bytes_trim(bytes_first(whole, colon)),
        .value = bytes_trim(bytes_skip(whole, colon + 1)),
        .has_value = colon < whole.len,
    };
    if (end == options->len) {
        fault_set(complaint, "\";\" is missing behind \"%.*s\"",
            (int)bytes_first(option->name, 40).len, (const char *)option->name.at);
        return false;
    }
    *options = bytes_skip(*options, end + 1);
    return true;
}

bool
word_unquote(struct bytes *value, bool *negated, struct fault *complaint)
{
    struct bytes text = bytes_trim(*value);
    if (negated && bytes_at(text, 0) == '!') {
        *negated = true;
        text = bytes_trim(bytes_skip(text, 1));
    }
    if (bytes_at(text, 0) == '"') {
        if (text.len < 2 || bytes_at(text, text.len - 1) != '"')
            return fault_set(complaint, "a closing quote is missing (a semicolon in a text is "
                                        "written \"\\;\")");
        text = bytes_first(bytes_skip(text, 1), text.len - 2);
    }
    *value = text;
    return true;
}

bool
word_number(struct bytes text, unsigned long most, unsigned long *number)
{
    unsigned long value = 0;
    if (!text.len || text.len > 19)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = bytes_at(text, i);
        if (c < '0' || c > '9')
            return false;
        value = 10 * value + (unsigned long)(c - '0');
    }
    *number = value;
    return value <= most;
}

bool
word_signed(struct bytes text, long most, long *number)
{
    bool minus = bytes_at(text, 0) == '-';
    unsigned long value = 0;
    if (!word_number(minus ? bytes_skip(text, 1) : text, (unsigned long)most, &value))
        return false;
    *number = minus ? -(long)value : (long)value;
    return true;
}

bool
word_next(struct bytes *list, uint8_t separator, struct bytes *word)
{
    if (!list->len)
        return false;
    size_t end = bytes_find_byte(*list, separator);
    *word = bytes_trim(bytes_first(*list, end));
    *list = bytes_skip(*list, end + 1);
    return true;
}

struct bytes
word_take(struct bytes *text)
{
    size_t end = 0;
    *text = bytes_trim(*text);
    while (end < text->len && !is_space(bytes_at(*text, end)))
        end++;
    struct bytes word = bytes_first(*text, end);
    *text = bytes_trim(bytes_skip(*text, end));
    return word;
}
