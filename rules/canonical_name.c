/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/canonical_name.h"

#include "rules/spelling.h"

#include <ctype.h>

static bool
is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* One "type=value" of a distinguished name, and what parts it from the one before. */
struct attribute {
    size_t at, len; /* in the folded text */
    bool joined;    /* by '+', to the one before */
};

enum { MOST_ATTRIBUTES = 64 };

struct folded {
    struct text text;
    struct attribute attributes[MOST_ATTRIBUTES];
    size_t len;
};

static bool
is_type_char(uint8_t c)
{
    return isalnum(c) || c == '.' || c == '-' || c == '_';
}

/* Does "type=" stand at the beginning, and how long is the type? */
static bool
type_ahead(struct bytes text, struct bytes *type, struct bytes *rest)
{
    struct reader r = reader_over(bytes_trim(text));
    const uint8_t *start = r.at;
    size_t len = 0;
    uint8_t c = 0;
    while (reader_more(&r) && is_type_char(c = read_u8(&r)))
        len++;
    while (c == ' ' && reader_more(&r))
        c = read_u8(&r);
    if (len == 0 || c != '=')
        return false;
    *type = bytes_of(start, len);
    *rest = reader_rest(&r);
    return true;
}

static struct bytes
usual_type(struct bytes type)
{
    static const struct {
        const char *written, *usual;
    } others[] = {
        {"e", "emailaddress"},
        {"email", "emailaddress"},
        {"s", "st"},
        {"sp", "st"},
        {"2.5.4.3", "cn"},
        {"2.5.4.6", "c"},
        {"2.5.4.7", "l"},
        {"2.5.4.8", "st"},
        {"2.5.4.10", "o"},
        {"2.5.4.11", "ou"},
        {"commonname", "cn"},
        {"organizationname", "o"},
        {"countryname", "c"},
        {"organizationalunitname", "ou"},
        {"localityname", "l"},
        {"stateorprovincename", "st"},
        {"domaincomponent", "dc"},
        {"1.2.840.113549.1.9.1", "emailaddress"},
    };
    if (bytes_start_with_nocase(type, bytes_from_string("oid.")))
        type = bytes_skip(type, 4);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (bytes_equal_nocase(type, bytes_from_string(others[i].written)))
            return bytes_from_string(others[i].usual);
    return type;
}

/* Characters below the space are written as \NN, so that no value can look like two. */
static void
add_folded(struct text *out, uint8_t c)
{
    if (c < ' ' || c == '\\' || c == 0x7f)
        text_add_format(out, "\\%02x", c);
    else
        text_add_char(out, (char)tolower(c));
}

static uint8_t
unescaped(struct reader *r)
{
    struct reader two = *r;
    uint8_t octet;
    size_t len;
    if (bytes_from_hex(read_bytes(&two, 2), &octet, 1, &len) && len == 1) {
        *r = two;
        return octet;
    }
    return read_u8(r);
}

/* Reads one value up to what parts it from the next attribute. */
static uint8_t
fold_value(struct reader *r, uint8_t separator, struct text *out)
{
    bool quoted = false;
    size_t start = out->len;
    size_t solid = out->len; /* behind the last character that is no plain space */
    while (reader_more(r)) {
        uint8_t c = read_u8(r);
        struct bytes type, rest;
        struct bytes ahead = bytes_of(r->at, reader_left(r));
        if (c == '"' && separator == ',') {
            quoted = !quoted;
            continue;
        }
        if (!quoted && (c == separator || c == '+') && type_ahead(ahead, &type, &rest)) {
            out->len = solid;
            return c;
        }
        if (is_space(c) && out->len == start)
            continue;
        if (c == '\\' && reader_more(r))
            add_folded(out, unescaped(r));
        else
            add_folded(out, c);
        if (!is_space(c) || quoted)
            solid = out->len;
    }
    out->len = solid;
    return 0;
}

static bool
fold_name(struct bytes text, struct folded *folded)
{
    struct bytes type, rest;
    uint8_t separator = ',';
    text = bytes_trim(text);
    if (bytes_start_with(text, bytes_from_string("/"))) {
        separator = '/';
        text = bytes_skip(text, 1);
    }
    for (uint8_t parted = separator; parted;) {
        if (folded->len == MOST_ATTRIBUTES || !type_ahead(text, &type, &rest))
            return false;
        struct attribute *a = &folded->attributes[folded->len++];
        *a = (struct attribute){.at = folded->text.len, .joined = parted == '+'};
        name_lower(usual_type(type), &folded->text);
        text_add_char(&folded->text, '=');
        struct reader r = reader_over(rest);
        parted = fold_value(&r, separator, &folded->text);
        a->len = folded->text.len - a->at;
        text = reader_rest(&r);
    }
    return true;
}

/* Copies the attributes from `first` on up to the next that is not joined; gives that one. */
static size_t
add_joined(const struct folded *folded, size_t first, struct text *out)
{
    size_t i = first;
    do {
        const struct attribute *a = &folded->attributes[i];
        text_add_char(out, i > first ? '\2' : '\1');
        text_add(out, bytes_of(folded->text.at + a->at, a->len));
    } while (++i < folded->len && folded->attributes[i].joined);
    return i;
}

static void
add_in_order(const struct folded *folded, bool backwards, struct text *out)
{
    if (!backwards) {
        for (size_t i = 0; i < folded->len;)
            i = add_joined(folded, i, out);
        return;
    }
    for (size_t i = folded->len; i > 0; i--)
        if (!folded->attributes[i - 1].joined || i == 1)
            add_joined(folded, i - 1, out);
}

/* Of the two orders the one that sorts first stands for both. */
bool
name_canonical(struct bytes text, struct text *out)
{
    struct folded folded = {0};
    struct text ways[2] = {{0}};
    bool good = fold_name(text, &folded);
    if (good) {
        add_in_order(&folded, false, &ways[0]);
        add_in_order(&folded, true, &ways[1]);
        bool first = bytes_compare(text_bytes(&ways[0]), text_bytes(&ways[1])) <= 0;
        text_add(out, text_bytes(&ways[first ? 0 : 1]));
    }
    text_free(&folded.text);
    text_free(&ways[0]);
    text_free(&ways[1]);
    return good;
}
