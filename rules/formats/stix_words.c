/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/formats/stix_words.h"

#include <ctype.h>
#include <string.h>

static bool
is_word_char(uint8_t c)
{
    return isalnum(c) || strchr("-_:.'", c) || c >= 0x80;
}

/* A path may have quoted parts: x509-certificate:hashes.'SHA-256'. */
static struct bytes
read_word(struct reader *r)
{
    const uint8_t *start = r->at;
    struct reader ahead = *r;
    bool quoted = false;
    while (reader_more(&ahead)) {
        uint8_t c = read_u8(&ahead);
        if (!quoted && (!c || !is_word_char(c)))
            break;
        quoted = quoted != (c == '\'');
        *r = ahead;
    }
    return bytes_of(start, (size_t)(r->at - start));
}

static struct token
read_string(struct reader *r)
{
    const uint8_t *start = r->at;
    while (reader_more(r)) {
        const uint8_t *end = r->at;
        uint8_t c = read_u8(r);
        if (c == '\'')
            return (struct token){TOKEN_STRING, bytes_of(start, (size_t)(end - start))};
        if (c == '\\')
            read_u8(r);
    }
    return (struct token){.kind = TOKEN_BAD};
}

void
stix_next(struct stix_words *words)
{
    struct reader ahead = words->r;
    uint8_t c = ' ';
    while (reader_more(&ahead) && isspace(c = read_u8(&ahead)))
        words->r = ahead;
    if (!reader_more(&words->r)) {
        words->token = (struct token){.kind = TOKEN_END};
    } else if (c == '\'') {
        words->r = ahead;
        words->token = read_string(&words->r);
    } else if (isalnum(c)) {
        words->token = (struct token){TOKEN_WORD, read_word(&words->r)};
    } else {
        words->token = (struct token){TOKEN_SIGN, read_bytes(&words->r, 1)};
    }
}

bool
stix_next_is(const struct stix_words *words, enum token_kind kind, const char *text)
{
    return words->token.kind == kind &&
           bytes_equal_nocase(words->token.text, bytes_from_string(text));
}

bool
stix_take(struct stix_words *words, enum token_kind kind, const char *text)
{
    if (!stix_next_is(words, kind, text))
        return false;
    stix_next(words);
    return true;
}

void
stix_pass_index(struct stix_words *words)
{
    while (stix_take(words, TOKEN_SIGN, "[")) {
        while (words->token.kind != TOKEN_END && !stix_next_is(words, TOKEN_SIGN, "]"))
            stix_next(words);
        stix_next(words);
        if (words->token.kind == TOKEN_SIGN && stix_next_is(words, TOKEN_SIGN, "."))
            stix_next(words);
    }
}
