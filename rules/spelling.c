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

void
base64_write(struct bytes bytes, struct text *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct reader r = reader_over(bytes);
    while (reader_more(&r)) {
        size_t len = reader_left(&r) < 3 ? reader_left(&r) : 3;
        uint32_t held = (uint32_t)read_big_endian(&r, len) << 8 * (3 - len);
        for (size_t i = 0; i < 4; i++)
            text_add_char(out, i <= len ? digits[held >> (18 - 6 * i) & 63] : '=');
    }
}

struct bytes
serial_canonical(struct bytes octets)
{
    struct reader r = reader_over(octets);
    uint8_t first = reader_more(&r) ? read_u8(&r) : 0;
    while (reader_more(&r) && (first == 0 || first == 0xff)) {
        struct reader ahead = r;
        uint8_t next = read_u8(&ahead);
        if ((next & 0x80) != (first & 0x80))
            break;
        octets = bytes_skip(octets, 1);
        r = ahead;
        first = next;
    }
    return octets;
}

/* Minus x is not-x plus one. One octet more makes room for the sign of the lowest number. */
void
serial_negate(struct bytes octets, struct text *out)
{
    struct text made = {0};
    struct reader r = reader_over(octets);
    text_add_char(&made, (char)(uint8_t)(bytes_at(octets, 0) & 0x80 ? 0 : 0xff));
    while (reader_more(&r))
        text_add_char(&made, (char)(uint8_t)~read_u8(&r));
    bool carry = true;
    for (size_t i = made.len; i > 0 && carry; i--)
        carry = ++made.at[i - 1] == 0;
    text_add(out, serial_canonical(text_bytes(&made)));
    text_free(&made);
}

void
serial_write(struct bytes octets, struct text *out)
{
    struct text magnitude = {0};
    struct bytes left = octets;
    if (bytes_at(octets, 0) & 0x80) {
        text_add_char(out, '-');
        serial_negate(octets, &magnitude);
        left = text_bytes(&magnitude);
    }
    if (left.len > 1 && bytes_at(left, 0) == 0)
        left = bytes_skip(left, 1);
    text_add_hex(out, left);
    text_free(&magnitude);
}

/* Takes what says "less than zero", and "0x". */
static bool
take_sign(struct bytes *text)
{
    static const char *const prefixes[] = {"(negative)", "-", "0x"};
    bool negative = false;
    *text = bytes_trim(*text);
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (bytes_start_with_nocase(*text, bytes_from_string(prefixes[i]))) {
            *text = bytes_trim(bytes_skip(*text, strlen(prefixes[i])));
            negative = negative || i < 2;
        }
    return negative;
}

bool
serial_from_text(struct bytes text, struct text *out)
{
    struct text digits = {0};
    bool negative = take_sign(&text);
    uint8_t parting = bytes_find_byte(text, ':') < text.len ? ':' : ' ';
    if (bytes_find_byte(text, parting) % 2) /* a leading zero was dropped */
        text_add_char(&digits, '0');
    text_add(&digits, text);
    uint8_t octets[1 + 64] = {0}; /* the first one is the sign */
    size_t len = 0;
    bool good = bytes_from_hex(text_bytes(&digits), octets + 1, sizeof octets - 1, &len) && len > 0;
    text_free(&digits);
    struct bytes number = serial_canonical(bytes_of(octets, len + 1));
    if (good && negative)
        serial_negate(number, out);
    else if (good)
        text_add(out, number);
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

/* Does the text begin with this piece of a glob, which has no star? */
static bool
begins_like(struct bytes text, struct bytes piece)
{
    struct reader p = reader_over(piece);
    struct reader t = reader_over(text);
    while (reader_more(&p) && reader_more(&t)) {
        uint8_t wanted = read_u8(&p);
        if (wanted != read_u8(&t) && wanted != '?')
            return false;
    }
    return !reader_more(&p);
}

static size_t
find_piece(struct bytes text, struct bytes piece)
{
    if (bytes_find_byte(piece, '?') == piece.len)
        return bytes_find(text, piece);
    for (size_t at = 0; at + piece.len <= text.len; at++)
        if (begins_like(bytes_skip(text, at), piece))
            return at;
    return SIZE_MAX;
}

/* Each piece between stars is taken where it first stands, which is enough: what stars stand for
 * may be longer instead. */
bool
glob_matches(struct bytes pattern, struct bytes text)
{
    size_t star = bytes_find_byte(pattern, '*');
    if (star == pattern.len)
        return pattern.len == text.len && begins_like(text, pattern);
    if (!begins_like(text, bytes_first(pattern, star)))
        return false;
    text = bytes_skip(text, star);
    for (;;) {
        pattern = bytes_skip(pattern, star + 1);
        star = bytes_find_byte(pattern, '*');
        if (star == pattern.len)
            break;
        size_t at = find_piece(text, bytes_first(pattern, star));
        if (at == SIZE_MAX)
            return false;
        text = bytes_skip(text, at + star);
    }
    return pattern.len <= text.len &&
           begins_like(bytes_skip(text, text.len - pattern.len), pattern);
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
