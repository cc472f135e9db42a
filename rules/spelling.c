/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/spelling.h"

#include <assert.h>
#include <ctype.h>
#include <time.h>

static bool
is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int
sextet(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

bool
base64_decode(struct bytes text, struct text *out)
{
    struct reader r = reader_over(text);
    uint32_t held = 0;
    unsigned bits = 0;
    unsigned padding = 0;

    while (reader_more(&r)) {
        uint8_t c = read_u8(&r);
        if (is_space(c))
            continue;
        if (c == '=' && ++padding <= 2)
            continue;
        int value = sextet(c);
        if (value < 0 || padding)
            return false;
        held = held << 6 | (uint32_t)value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            text_add_char(out, (char)(uint8_t)(held >> bits));
        }
    }
    return bits < 6 && (held & ((1U << bits) - 1)) == 0;
}

static void
add_stripped(struct text *out, struct bytes octets)
{
    text_add(out, serial_unsigned(octets));
}

struct bytes
serial_unsigned(struct bytes octets)
{
    struct reader r = reader_over(octets);
    size_t zeros = 0;
    while (reader_left(&r) > 1 && read_u8(&r) == 0)
        zeros++;
    return bytes_of(octets.at ? octets.at + zeros : NULL, octets.len - zeros);
}

bool
serial_magnitude(struct bytes octets, struct text *out)
{
    struct reader r = reader_over(octets);
    size_t start = out->len;
    if (!reader_more(&r))
        return false;
    while (reader_more(&r))
        text_add_char(out, (char)~read_u8(&r));
    struct text negated = {0};
    text_add(&negated, bytes_skip(text_bytes(out), start));
    out->len = start;

    bool carry = true; /* minus x is not-x plus one */
    for (size_t i = negated.len; i > 0 && carry; i--)
        carry = ++negated.at[i - 1] == 0;
    add_stripped(out, text_bytes(&negated));
    text_free(&negated);
    r = reader_over(octets);
    return read_u8(&r) >= 0x80;
}

bool
serial_from_text(struct bytes text, struct text *out)
{
    static const char *const prefixes[] = {"(negative)", "-", "0x"};
    struct text digits = {0};
    text = bytes_trim(text);
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (bytes_start_with_nocase(text, bytes_from_string(prefixes[i])))
            text = bytes_trim(bytes_skip(text, strlen(prefixes[i])));

    uint8_t parting = bytes_find_byte(text, ':') < text.len ? ':' : ' ';
    if (bytes_find_byte(text, parting) % 2) /* a leading zero was dropped */
        text_add_char(&digits, '0');
    text_add(&digits, text);
    uint8_t octets[64];
    size_t len = 0;
    bool good = bytes_from_hex(text_bytes(&digits), octets, sizeof octets, &len) && len > 0;
    text_free(&digits);
    if (good)
        add_stripped(out, bytes_of(octets, len));
    return good;
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

void
name_lower(struct bytes text, struct text *out)
{
    struct reader r = reader_over(text);
    while (reader_more(&r)) {
        uint8_t c = read_u8(&r);
        if (c != '.' || reader_more(&r))
            text_add_char(out, (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c));
    }
}

static bool
read_number(struct reader *r, size_t digits, int *number)
{
    int value = 0;
    for (size_t i = 0; i < digits; i++) {
        uint8_t c = read_u8(r);
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    *number = value;
    return !r->bad;
}

static bool
read_clock(struct reader *r, struct tm *tm)
{
    bool good = read_number(r, 2, &tm->tm_hour) && read_u8(r) == ':' &&
                read_number(r, 2, &tm->tm_min) && tm->tm_hour < 24 && tm->tm_min < 60;
    struct reader ahead = *r;
    if (!good || read_u8(&ahead) != ':')
        return good;
    *r = ahead;
    if (!read_number(r, 2, &tm->tm_sec) || tm->tm_sec > 60)
        return false;
    ahead = *r;
    if (read_u8(&ahead) != '.')
        return true;
    do { /* a fraction of a second does not count */
        *r = ahead;
    } while (isdigit(read_u8(&ahead)));
    return true;
}

static bool
read_zone(struct reader *r, int64_t *seconds)
{
    int hours, minutes;
    uint8_t sign = read_u8(r);
    if (sign == 'Z' || sign == 'z')
        return reader_finished(r);
    if ((sign != '+' && sign != '-') || !read_number(r, 2, &hours))
        return false;
    struct reader ahead = *r;
    if (read_u8(&ahead) == ':')
        *r = ahead;
    if (!read_number(r, 2, &minutes) || !reader_finished(r))
        return false;
    *seconds -= (sign == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
    return true;
}

bool
time_from_text(struct bytes text, int64_t *seconds)
{
    struct reader r = reader_over(bytes_trim(text));
    struct tm tm = {0};
    int year;
    if (!read_number(&r, 4, &year) || read_u8(&r) != '-' || !read_number(&r, 2, &tm.tm_mon) ||
        read_u8(&r) != '-' || !read_number(&r, 2, &tm.tm_mday))
        return false;
    tm.tm_year = year - 1900;
    tm.tm_mon--;
    struct tm day = tm;
    timegm(&day);
    if (day.tm_mon != tm.tm_mon || day.tm_mday != tm.tm_mday)
        return false; /* there is no such day */

    if (reader_more(&r)) {
        uint8_t parting = read_u8(&r);
        if ((parting != 'T' && parting != 't' && parting != ' ') || !read_clock(&r, &tm))
            return false;
    }
    *seconds = timegm(&tm);
    return reader_finished(&r) || read_zone(&r, seconds);
}

/* Goes back to the latest star only, which is enough and keeps it at text times pattern. */
bool
glob_matches(struct bytes pattern, struct bytes text)
{
    struct reader p = reader_over(pattern);
    struct reader t = reader_over(text);
    struct reader star = {0};
    struct reader behind = {0};
    bool seen = false;

    while (reader_more(&t)) {
        struct reader next = p;
        uint8_t wanted = reader_more(&p) ? read_u8(&next) : 0;
        bool more = reader_more(&p);
        if (more && wanted == '*') {
            seen = true;
            p = star = next;
            behind = t;
            continue;
        }
        uint8_t c = read_u8(&t);
        if (more && (wanted == '?' || wanted == c)) {
            p = next;
        } else if (seen) {
            read_u8(&behind);
            t = behind;
            p = star;
        } else {
            return false;
        }
    }
    while (reader_more(&p))
        if (read_u8(&p) != '*')
            return false;
    return true;
}

/* Length of the well-formed character at the reader, 0 when there is none, and which it is
 * (RFC 3629). */
static size_t
utf8_ahead(struct reader r, uint32_t *character)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t c = read_u8(&r);
    size_t len = c >= 0xf0 && c < 0xf8 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 0;
    if (len == 0 || c >= 0xf8)
        return 0;
    uint32_t value = c & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        c = read_u8(&r);
        if ((c & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (c & 0x3f);
    }
    if (r.bad || value < least[len] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
        return 0;
    *character = value;
    return len;
}

/* Characters that are not seen, or that change the order in which others are. */
static bool
is_misleading(uint32_t character)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x80, 0x9f},
        {0xad, 0xad},
        {0x61c, 0x61c},
        {0x180e, 0x180e},
        {0x200b, 0x200f},
        {0x2028, 0x202e},
        {0x2060, 0x206f},
        {0xfe00, 0xfe0f},
        {0xfeff, 0xfeff},
        {0xfff0, 0xfffb},
        {0xe0000, 0xe0fff},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (character >= ranges[i].first && character <= ranges[i].last)
            return true;
    return false;
}

static void
add_shown(struct text *out, struct bytes bytes, size_t most, bool utf8)
{
    struct reader r = reader_over(bytes);
    size_t end = out->len + most;
    while (reader_more(&r)) {
        if (out->len >= end) {
            text_add_string(out, "...");
            return;
        }
        uint32_t character = 0;
        size_t len = utf8 ? utf8_ahead(r, &character) : 0;
        if (len && !is_misleading(character)) {
            text_add(out, read_bytes(&r, len));
            continue;
        }
        uint8_t c = read_u8(&r);
        if (c >= ' ' && c < 0x7f && c != '"')
            text_add_char(out, (char)c);
        else
            text_add_format(out, "\\x%02x", c);
    }
}

void
text_add_wire(struct text *out, struct bytes wire, size_t most)
{
    add_shown(out, wire, most, false);
}

void
text_add_written(struct text *out, struct bytes written, size_t most)
{
    add_shown(out, written, most, true);
}

enum { LONGEST_WORD = 32 };

/* Levenshtein's, one row at a time. Words longer than any we know are simply far away. */
size_t
edit_distance(struct bytes a, struct bytes b)
{
    size_t row[LONGEST_WORD + 1];
    if (a.len > LONGEST_WORD || b.len > LONGEST_WORD)
        return LONGEST_WORD;
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    struct reader left = reader_over(a);
    for (size_t i = 1; i <= a.len; i++) {
        uint8_t c = read_u8(&left);
        size_t diagonal = row[0];
        struct reader right = reader_over(b);
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t changed = diagonal + (read_u8(&right) != c);
            size_t added = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = changed < added ? changed : added;
        }
    }
    return row[b.len];
}
