/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/formats/stix_pattern.h"
#include "rules/spelling.h"
#include "rules/value.h"

#include <assert.h>
#include <ctype.h>

enum { MOST_DEPTH = 16, MOST_IN = 256 };

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_STRING, TOKEN_SIGN, TOKEN_BAD };

struct token {
    enum token_kind kind;
    struct bytes text; /* of a string, without its quotes; escapes stay */
};

struct parser {
    struct reader r;
    struct token token; /* the next one */
    struct arena *room;
    struct fault *complaint;
    unsigned depth;
};

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

static void
next_token(struct parser *p)
{
    struct reader ahead = p->r;
    uint8_t c = ' ';
    while (reader_more(&ahead) && isspace(c = read_u8(&ahead)))
        p->r = ahead;
    if (!reader_more(&p->r)) {
        p->token = (struct token){.kind = TOKEN_END};
    } else if (c == '\'') {
        p->r = ahead;
        p->token = read_string(&p->r);
    } else if (isalnum(c)) {
        p->token = (struct token){TOKEN_WORD, read_word(&p->r)};
    } else {
        p->token = (struct token){TOKEN_SIGN, read_bytes(&p->r, 1)};
    }
}

static bool
next_is(const struct parser *p, enum token_kind kind, const char *text)
{
    return p->token.kind == kind && bytes_equal_nocase(p->token.text, bytes_from_string(text));
}

static bool
take(struct parser *p, enum token_kind kind, const char *text)
{
    if (!next_is(p, kind, text))
        return false;
    next_token(p);
    return true;
}

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
        if (p->token.kind != TOKEN_STRING)
            return complain(p, "a text in quotes is missing");
        if (*len == MOST_IN)
            return complain(p, "too many values");
        if (path < sizeof paths / sizeof *paths &&
            !make_value(p, path, p->token.text, how, &values[*len]))
            return false;
        ++*len;
        if (path < sizeof paths / sizeof *paths && !add_other_sign(p, p->token.text, values, len))
            return false;
        next_token(p);
    } while (take(p, TOKEN_SIGN, ","));
    return true;
}

/* Passes over a literal that is no string: a number, a word, t'…', b'…' or h'…'. */
static bool
pass_literal(struct parser *p)
{
    if (p->token.kind != TOKEN_STRING && p->token.kind != TOKEN_WORD)
        return complain(p, "a value is missing");
    next_token(p);
    return true;
}

static bool
pass_comparison(struct parser *p, struct pattern *out)
{
    while (take(p, TOKEN_SIGN, "!") || take(p, TOKEN_SIGN, "<") || take(p, TOKEN_SIGN, ">") ||
           take(p, TOKEN_SIGN, "="))
        continue;
    while (take(p, TOKEN_WORD, "NOT") || take(p, TOKEN_WORD, "IN") || take(p, TOKEN_WORD, "LIKE") ||
           take(p, TOKEN_WORD, "MATCHES") || take(p, TOKEN_WORD, "ISSUBSET") ||
           take(p, TOKEN_WORD, "ISSUPERSET"))
        continue;
    bool many = take(p, TOKEN_SIGN, "(");
    do {
        if (!pass_literal(p))
            return false;
    } while (many && take(p, TOKEN_SIGN, ","));
    if (many && !take(p, TOKEN_SIGN, ")"))
        return complain(p, "a parenthesis is missing");
    out->len = 1;
    out->ways[0] = (struct pattern_way){.beyond_us = true};
    return true;
}

/* Paths may have indexes: "[*]" and "[0]" do not change what is compared. */
static void
pass_index(struct parser *p)
{
    while (take(p, TOKEN_SIGN, "[")) {
        while (p->token.kind != TOKEN_END && !next_is(p, TOKEN_SIGN, "]"))
            next_token(p);
        next_token(p);
        if (p->token.kind == TOKEN_SIGN && next_is(p, TOKEN_SIGN, "."))
            next_token(p);
    }
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
        if (next_is(p, words[i].kind, words[i].text))
            return words[i].how;
    return COMPARES_OTHERWISE;
}

static bool
read_comparison(struct parser *p, struct pattern *out)
{
    struct value values[MOST_IN];
    size_t len = 0;
    size_t path = 0;
    if (take(p, TOKEN_WORD, "EXISTS") || p->token.kind != TOKEN_WORD)
        return complain(p, "a comparison is missing");
    while (path < sizeof paths / sizeof *paths &&
           !bytes_equal_nocase(p->token.text, bytes_from_string(paths[path].path)))
        path++;
    next_token(p);
    pass_index(p);
    bool known = path < sizeof paths / sizeof *paths;
    enum comparison how = comparison_ahead(p);
    bool in = how == COMPARES_IN;
    if (!known || how == COMPARES_OTHERWISE)
        return pass_comparison(p, out);
    next_token(p);
    take(p, TOKEN_SIGN, "="); /* "==" is another way to write it */
    if (in && !take(p, TOKEN_SIGN, "("))
        return complain(p, "a parenthesis is missing");
    if (!read_values(p, path, how, values, &len) || (in && !take(p, TOKEN_SIGN, ")")))
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
    if (!take(p, TOKEN_SIGN, "("))
        return read_comparison(p, out);
    if (++p->depth > MOST_DEPTH)
        return complain(p, "too deep");
    bool good =
        read_or(p, out) && (take(p, TOKEN_SIGN, ")") || complain(p, "a parenthesis is missing"));
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
            way.beyond_us = way.beyond_us || other->beyond_us;
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
    while (take(p, TOKEN_WORD, "AND")) {
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
    while (take(p, TOKEN_WORD, "OR")) {
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
    if (!take(p, TOKEN_SIGN, "["))
        return complain(p, "it does not begin with [");
    if (!read_or(p, one))
        return false;
    return (take(p, TOKEN_SIGN, "]") || complain(p, "it does not end with ]")) &&
           append(p, out, one);
}

/* Observations joined by OR are alternatives; anything else between them is about several
 * connections, or about time. */
bool
pattern_read(
    struct bytes text, struct arena *room, struct pattern *pattern, struct fault *complaint)
{
    struct parser p = {.r = reader_over(text), .room = room, .complaint = complaint};
    *pattern = (struct pattern){0};
    next_token(&p);
    do {
        if (!read_observation(&p, pattern))
            return false;
    } while (take(&p, TOKEN_WORD, "OR"));
    return p.token.kind == TOKEN_END || complain(&p, "it is about more than one connection");
}
