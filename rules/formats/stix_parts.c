/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/formats/stix_parts.h"

#include "rules/spelling.h"

static const struct {
    const char *path;
    enum part { PART_MODULUS, PART_EXPONENT, PART_ALGORITHM, PART_BEGIN, PART_END } part;
} parts[] = {
    {"x509-certificate:subject_public_key_modulus", PART_MODULUS},
    {"x509-certificate:subject_public_key_exponent", PART_EXPONENT},
    {"x509-certificate:subject_public_key_algorithm", PART_ALGORITHM},
    {"x509-certificate:validity_not_before", PART_BEGIN},
    {"x509-certificate:validity_not_after", PART_END},
};
enum { PARTS = sizeof parts / sizeof *parts };

/* A text in quotes, or a timestamp: t'2021-01-12T00:00:00Z'. */
static bool
moment_of(const struct token *token, int64_t *seconds)
{
    struct bytes text = token->text;
    struct bytes mark = bytes_from_string("t'");
    if (token->kind == TOKEN_WORD && bytes_start_with_nocase(text, mark) && text.len > mark.len)
        text = bytes_first(bytes_skip(text, mark.len), text.len - mark.len - 1);
    return time_from_text(text, seconds);
}

/* From when on, and until before. */
static bool
set_span(struct moment *from, struct moment *until, uint8_t sign, bool equal, int64_t seconds)
{
    if (sign != '<')
        *from = (struct moment){true, seconds + (sign == '>' && !equal)};
    if (sign != '>')
        *until = (struct moment){true, seconds + equal};
    return true;
}

static void
take_value(
    const struct token *token, enum part part, uint8_t sign, bool equal, struct pattern_way *way)
{
    struct conditions *when = &way->when;
    int64_t seconds = 0;
    switch (part) {
    case PART_MODULUS:
        way->modulus = token->text;
        break;
    case PART_EXPONENT:
        way->exponent = token->text;
        break;
    case PART_ALGORITHM: /* that a key is of RSA says its modulus already */
        way->beyond_us = !bytes_start_with_nocase(token->text, bytes_from_string("rsa"));
        break;
    case PART_BEGIN:
        way->beyond_us = !moment_of(token, &seconds) ||
                         !set_span(&when->begins_after, &when->begins_before, sign, equal, seconds);
        break;
    case PART_END:
        way->beyond_us = !moment_of(token, &seconds) ||
                         !set_span(&when->ends_after, &when->ends_before, sign, equal, seconds);
        break;
    }
}

/* '=' (or "=="), and of times '<' and '>' too, with '=' behind them or not. */
static bool
take_operator(struct stix_words *words, bool ordered, uint8_t *sign, bool *equal)
{
    *sign = stix_next_is(words, TOKEN_SIGN, "=")   ? '='
            : stix_next_is(words, TOKEN_SIGN, "<") ? '<'
            : stix_next_is(words, TOKEN_SIGN, ">") ? '>'
                                                   : 0;
    if (!*sign || (!ordered && *sign != '='))
        return false;
    stix_next(words);
    *equal = stix_take(words, TOKEN_SIGN, "=") || *sign == '=';
    return true;
}

enum part_read
stix_part_read(struct stix_words *words, struct pattern_way *way)
{
    size_t i = 0;
    uint8_t sign;
    bool equal;
    while (i < PARTS && !bytes_equal_nocase(words->token.text, bytes_from_string(parts[i].path)))
        i++;
    if (i == PARTS)
        return PART_NOT_OURS;
    stix_next(words);
    stix_pass_index(words);
    if (!take_operator(words, parts[i].part >= PART_BEGIN, &sign, &equal))
        return PART_BEYOND_US;
    if (words->token.kind != TOKEN_STRING && words->token.kind != TOKEN_WORD)
        return PART_WRONG;
    *way = (struct pattern_way){0};
    take_value(&words->token, parts[i].part, sign, equal, way);
    stix_next(words);
    return PART_READ;
}

static void
later(struct moment *ours, const struct moment *other)
{
    if (other->given && (!ours->given || other->seconds > ours->seconds))
        *ours = *other;
}

static void
earlier(struct moment *ours, const struct moment *other)
{
    if (other->given && (!ours->given || other->seconds < ours->seconds))
        *ours = *other;
}

void
stix_parts_join(struct pattern_way *way, const struct pattern_way *other)
{
    way->beyond_us = way->beyond_us || other->beyond_us ||
                     (way->modulus.len && other->modulus.len) ||
                     (way->exponent.len && other->exponent.len);
    if (!way->modulus.len)
        way->modulus = other->modulus;
    if (!way->exponent.len)
        way->exponent = other->exponent;
    later(&way->when.begins_after, &other->when.begins_after);
    earlier(&way->when.begins_before, &other->when.begins_before);
    later(&way->when.ends_after, &other->when.ends_after);
    earlier(&way->when.ends_before, &other->when.ends_before);
}
