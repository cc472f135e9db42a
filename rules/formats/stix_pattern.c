/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/formats/stix_pattern.h"
#include "rules/formats/stix_parts.h"
#include "rules/formats/stix_words.h"
#include "rules/rsa_key.h"
#include "rules/spelling.h"
#include "rules/value.h"

#include <assert.h>

enum { MOST_DEPTH = 16, MOST_IN = 256 };

struct parser {
    struct stix_words words;
    struct arena *room;
    struct fault *complaint;
    unsigned depth;
};

static bool
complain(struct parser *p, const char *what)
{
    return fault_set(p->complaint, "the pattern is not understood: %s", what);
}

static const struct {
    const char *path;
    enum what what;
} paths[] = {
    {"x509-certificate:hashes.'SHA-256'", WHAT_SHA256},
    {"x509-certificate:hashes.SHA-256", WHAT_SHA256},
    {"x509-certificate:hashes.'SHA-1'", WHAT_SHA1},
    {"x509-certificate:hashes.SHA-1", WHAT_SHA1},
    {"x509-certificate:hashes.MD5", WHAT_MD5},
    {"x509-certificate:hashes.'MD5'", WHAT_MD5},
    {"x509-certificate:serial_number", WHAT_SERIAL},
    {"x509-certificate:issuer", WHAT_ISSUER},
    {"x509-certificate:subject", WHAT_SUBJECT},
    {"x509-certificate:x509_v3_extensions.subject_alternative_name", WHAT_SAN},
    {"domain-name:value", WHAT_DOMAIN},
    {"ipv4-addr:value", WHAT_ADDRESS},
    {"ipv6-addr:value", WHAT_ADDRESS},
};

enum comparison {
    COMPARES_EQUAL,
    COMPARES_IN,
    COMPARES_LIKE,
    COMPARES_MATCHES,
    COMPARES_OTHERWISE
};

/* Escapes are taken out; for LIKE, "%" and "_" become our wildcards. A regular expression keeps
 * those that are its own. */
static struct bytes
string_text(struct parser *p, struct bytes string, enum comparison how)
{
    struct text made = {0};
    struct reader r = reader_over(string);
    bool ok;
    while (reader_more(&r)) {
        uint8_t c = read_u8(&r);
        bool escaped = c == '\\' && reader_more(&r);
        if (escaped)
            c = read_u8(&r);
        if (how == COMPARES_LIKE && !escaped && (c == '%' || c == '_'))
            c = c == '%' ? '*' : '?';
        if (how == COMPARES_MATCHES && escaped && c != '\'' && c != '\\')
            text_add_char(&made, '\\');
        text_add_char(&made, (char)c);
    }
    struct bytes kept = arena_copy(p->room, text_bytes(&made), &ok);
    text_free(&made);
    assert(ok);
    return kept;
}

/* A star in a text that is compared with "=" is a star, which our exact texts cannot say. */
static bool
make_value(
    struct parser *p, size_t path, struct bytes string, enum comparison how, struct value *value)
{
    struct bytes text = string_text(p, string, how);
    if (how == COMPARES_MATCHES)
        return value_from_regex(paths[path].what, text, p->room, value, p->complaint);
    struct bytes kind = bytes_from_string("DNS:"); /* as OpenSSL prints alternative names */
    if (paths[path].what == WHAT_SAN && bytes_start_with_nocase(text, kind))
        text = bytes_skip(text, kind.len);
    return value_from_text(paths[path].what, text, p->room, value, p->complaint);
}

/* Producers leave out the sign of a serial number, as OpenSSL prints it: the other one may be meant
 * as well. An octet of zero in front is a sign. */
static bool
add_other_sign(struct parser *p, struct bytes text, struct value values[MOST_IN], size_t *len)
{
    const struct value *value = &values[*len - 1];
    struct text other = {0};
    bool ok = true;
    if (value->what != WHAT_SERIAL || bytes_at(value->value, 0) & 0x80 ||
        bytes_start_with(text, bytes_from_string("00")))
        return true;
    if (*len == MOST_IN)
        return complain(p, "too many values");
    serial_negate(value->value, &other);
    struct value negative = {.what = WHAT_SERIAL};
    negative.value = arena_copy(p->room, text_bytes(&other), &ok);
    text_free(&other);
    assert(ok);
    if (!bytes_equal(negative.value, value->value)) /* zero has no other */
        values[(*len)++] = negative;
    return true;
}

static bool
read_values(
    struct parser *p, size_t path, enum comparison how, struct value values[MOST_IN], size_t *len)
{
    do {
        if (p->words.token.kind != TOKEN_STRING)
            return complain(p, "a text in quotes is missing");
        if (*len == MOST_IN)
            return complain(p, "too many values");
        if (path < sizeof paths / sizeof *paths &&
            !make_value(p, path, p->words.token.text, how, &values[*len]))
            return false;
        ++*len;
        if (path < sizeof paths / sizeof *paths &&
            !add_other_sign(p, p->words.token.text, values, len))
            return false;
        stix_next(&p->words);
    } while (stix_take(&p->words, TOKEN_SIGN, ","));
    return true;
}

/* Passes over a literal that is no string: a number, a word, t'…', b'…' or h'…'. */
static bool
pass_literal(struct parser *p)
{
    if (p->words.token.kind != TOKEN_STRING && p->words.token.kind != TOKEN_WORD)
        return complain(p, "a value is missing");
    stix_next(&p->words);
    return true;
}

static bool
pass_comparison(struct parser *p, struct pattern *out)
{
    while (stix_take(&p->words, TOKEN_SIGN, "!") || stix_take(&p->words, TOKEN_SIGN, "<") ||
           stix_take(&p->words, TOKEN_SIGN, ">") || stix_take(&p->words, TOKEN_SIGN, "="))
        continue;
    while (stix_take(&p->words, TOKEN_WORD, "NOT") || stix_take(&p->words, TOKEN_WORD, "IN") ||
           stix_take(&p->words, TOKEN_WORD, "LIKE") ||
           stix_take(&p->words, TOKEN_WORD, "MATCHES") ||
           stix_take(&p->words, TOKEN_WORD, "ISSUBSET") ||
           stix_take(&p->words, TOKEN_WORD, "ISSUPERSET"))
        continue;
    bool many = stix_take(&p->words, TOKEN_SIGN, "(");
    do {
        if (!pass_literal(p))
            return false;
    } while (many && stix_take(&p->words, TOKEN_SIGN, ","));
    if (many && !stix_take(&p->words, TOKEN_SIGN, ")"))
        return complain(p, "a parenthesis is missing");
    out->len = 1;
    out->ways[0] = (struct pattern_way){.beyond_us = true};
    return true;
}

/* What the next token says; it stays there. */
static enum comparison
comparison_ahead(const struct parser *p)
{
    static const struct {
        enum token_kind kind;
        const char *text;
        enum comparison how;
    } words[] = {
        {TOKEN_SIGN, "=", COMPARES_EQUAL},
        {TOKEN_WORD, "IN", COMPARES_IN},
        {TOKEN_WORD, "LIKE", COMPARES_LIKE},
        {TOKEN_WORD, "MATCHES", COMPARES_MATCHES},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (stix_next_is(&p->words, words[i].kind, words[i].text))
            return words[i].how;
    return COMPARES_OTHERWISE;
}

/* True when the next comparison was one of those that are no thing by themselves. */
static bool
read_part(struct parser *p, struct pattern *out, bool *good)
{
    enum part_read read = stix_part_read(&p->words, &out->ways[0]);
    out->len = 1;
    *good = read == PART_READ || (read == PART_BEYOND_US && pass_comparison(p, out)) ||
            (read == PART_WRONG && complain(p, "a value is missing"));
    return read != PART_NOT_OURS;
}

static bool
read_comparison(struct parser *p, struct pattern *out)
{
    struct value values[MOST_IN];
    size_t len = 0;
    size_t path = 0;
    if (stix_take(&p->words, TOKEN_WORD, "EXISTS") || p->words.token.kind != TOKEN_WORD)
        return complain(p, "a comparison is missing");
    while (path < sizeof paths / sizeof *paths &&
           !bytes_equal_nocase(p->words.token.text, bytes_from_string(paths[path].path)))
        path++;
    bool good;
    if (read_part(p, out, &good))
        return good;
    stix_next(&p->words);
    stix_pass_index(&p->words);
    bool known = path < sizeof paths / sizeof *paths;
    enum comparison how = comparison_ahead(p);
    bool in = how == COMPARES_IN;
    if (!known || how == COMPARES_OTHERWISE)
        return pass_comparison(p, out);
    stix_next(&p->words);
    stix_take(&p->words, TOKEN_SIGN, "="); /* "==" is another way to write it */
    if (in && !stix_take(&p->words, TOKEN_SIGN, "("))
        return complain(p, "a parenthesis is missing");
    if (!read_values(p, path, how, values, &len) || (in && !stix_take(&p->words, TOKEN_SIGN, ")")))
        return complain(p, "a comparison does not end");
    struct value *kept = arena_take(p->room, len * sizeof *kept);
    assert(kept);
    memcpy(kept, values, len * sizeof *kept);
    out->len = 1;
    out->ways[0] = (struct pattern_way){.clauses = {{kept, len}}, .len = 1};
    return true;
}

static bool read_or(struct parser *p, struct pattern *out);

static bool
read_factor(struct parser *p, struct pattern *out)
{
    if (!stix_take(&p->words, TOKEN_SIGN, "("))
        return read_comparison(p, out);
    if (++p->depth > MOST_DEPTH)
        return complain(p, "too deep");
    bool good = read_or(p, out) &&
                (stix_take(&p->words, TOKEN_SIGN, ")") || complain(p, "a parenthesis is missing"));
    p->depth--;
    return good;
}

/* Every way of one with every way of the other. */
static bool
join(struct parser *p, struct pattern *out, const struct pattern *more)
{
    struct pattern *both = arena_take(p->room, sizeof *both);
    assert(both);
    for (size_t i = 0; i < out->len; i++)
        for (size_t k = 0; k < more->len; k++) {
            struct pattern_way way = out->ways[i];
            const struct pattern_way *other = &more->ways[k];
            if (both->len == PATTERN_WAYS || way.len + other->len > PATTERN_CLAUSES)
                return complain(p, "too large");
            for (size_t c = 0; c < other->len; c++)
                way.clauses[way.len++] = other->clauses[c];
            stix_parts_join(&way, other);
            both->ways[both->len++] = way;
        }
    *out = *both;
    return true;
}

static bool
read_and(struct parser *p, struct pattern *out)
{
    if (!read_factor(p, out))
        return false;
    while (stix_take(&p->words, TOKEN_WORD, "AND")) {
        struct pattern *more = arena_take(p->room, sizeof *more);
        assert(more);
        if (!read_factor(p, more) || !join(p, out, more))
            return false;
    }
    return true;
}

static bool
append(struct parser *p, struct pattern *out, const struct pattern *more)
{
    for (size_t i = 0; i < more->len; i++) {
        if (out->len == PATTERN_WAYS)
            return complain(p, "too large");
        out->ways[out->len++] = more->ways[i];
    }
    return true;
}

static bool
read_or(struct parser *p, struct pattern *out)
{
    if (!read_and(p, out))
        return false;
    while (stix_take(&p->words, TOKEN_WORD, "OR")) {
        struct pattern *more = arena_take(p->room, sizeof *more);
        assert(more);
        if (!read_and(p, more) || !append(p, out, more))
            return false;
    }
    return true;
}

static bool
read_observation(struct parser *p, struct pattern *out)
{
    struct pattern *one = arena_take(p->room, sizeof *one);
    assert(one);
    if (!stix_take(&p->words, TOKEN_SIGN, "["))
        return complain(p, "it does not begin with [");
    if (!read_or(p, one))
        return false;
    return (stix_take(&p->words, TOKEN_SIGN, "]") || complain(p, "it does not end with ]")) &&
           append(p, out, one);
}

/* Makes a clause of what a way says of a key. One that says nothing else is beyond us. */
static bool
settle_key(struct parser *p, struct pattern_way *way)
{
    uint8_t digest[SHA256_LEN];
    bool ok;
    way->beyond_us = way->beyond_us || (!way->modulus.len && (way->exponent.len || !way->len));
    if (way->beyond_us || !way->modulus.len)
        return true;
    if (way->len == PATTERN_CLAUSES)
        return complain(p, "too large");
    if (!rsa_key_digest(way->modulus, way->exponent, digest, p->complaint))
        return false;
    struct value *value = arena_take(p->room, sizeof *value);
    assert(value);
    *value = (struct value){.what = WHAT_SPKI};
    value->value = arena_copy(p->room, bytes_of(digest, sizeof digest), &ok);
    assert(ok);
    way->clauses[way->len++] = (struct clause){value, 1};
    return true;
}

/* Observations joined by OR are alternatives; anything else between them is about several
 * connections, or about time. */
bool
pattern_read(
    struct bytes text, struct arena *room, struct pattern *pattern, struct fault *complaint)
{
    struct parser p = {.words.r = reader_over(text), .room = room, .complaint = complaint};
    *pattern = (struct pattern){0};
    stix_next(&p.words);
    do {
        if (!read_observation(&p, pattern))
            return false;
    } while (stix_take(&p.words, TOKEN_WORD, "OR"));
    for (size_t i = 0; i < pattern->len; i++)
        if (!settle_key(&p, &pattern->ways[i]))
            return false;
    return p.words.token.kind == TOKEN_END || complain(&p, "it is about more than one connection");
}
