/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/spelling.h"

#include <time.h>

void
spell_microseconds(struct text *out, int64_t us)
{
    uint64_t size = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
    if (us < 0)
        text_add_char(out, '-');
    text_add_unsigned(out, size / 1000000);
    char decimals[7] = ".000000";
    uint64_t rest = size % 1000000;
    for (size_t i = 6; rest; i--, rest /= 10)
        decimals[i] = (char)('0' + rest % 10);
    text_add(out, bytes_of(decimals, sizeof decimals));
}

static size_t
spell_octet(char *at, unsigned octet)
{
    size_t n = 0;
    if (octet >= 100)
        at[n++] = (char)('0' + octet / 100);
    if (octet >= 10)
        at[n++] = (char)('0' + octet / 10 % 10);
    at[n++] = (char)('0' + octet % 10);
    return n;
}

void
spell_address(struct text *out, const struct address *address)
{
    char buffer[ADDRESS_TEXT];
    if (!address_is_v4(address)) {
        address_to_text(address, buffer);
        text_add_string(out, buffer);
        return;
    }
    size_t n = 0;
    for (size_t i = 12; i < 16; i++) {
        n += spell_octet(buffer + n, address->at[i]);
        buffer[n++] = '.';
    }
    text_add(out, bytes_of(buffer, n - 1));
}

void
spell_date(struct text *out, int64_t seconds)
{
    time_t when = (time_t)seconds;
    struct tm tm;
    char date[64];
    if (!gmtime_r(&when, &tm)) /* a year that no int holds */
        tm = (struct tm){.tm_mday = 1, .tm_year = 70};
    text_add(out, bytes_of(date, strftime(date, sizeof date, "%Y-%m-%d-%H-%M-%S", &tm)));
}

void
spell_byte(struct text *out, uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";
    const char escape[] = {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    text_add(out, bytes_of(escape, sizeof escape));
}

void
spell_double(struct text *out, double value)
{
    text_add_format(out, "%.6f", value);
}

/* Controls, and what Unicode calls format characters where they hide or reorder text or end a line:
 * a log that is read on a terminal must show what stands in it. */
static bool
code_is_safe(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } unsafe[] = {
        {0x00, 0x1f},
        {0x7f, 0x9f},
        {0xad, 0xad},
        {0x61c, 0x61c},
        {0x180e, 0x180e},
        {0x200b, 0x200f},
        {0x2028, 0x202e},
        {0x2060, 0x206f},
        {0xfeff, 0xfeff},
        {0xfff9, 0xfffb},
        {0xe0000, 0xe007f},
    };
    for (size_t i = 0; i < sizeof unsafe / sizeof *unsafe; i++)
        if (code >= unsafe[i].first && code <= unsafe[i].last)
            return false;
    return true;
}

/* How many bytes follow the first one of a character; -1 when none begins so. */
static int
bytes_that_follow(uint8_t first)
{
    if (first < 0x80)
        return 0;
    if (first >= 0xc2 && first <= 0xdf)
        return 1;
    if (first >= 0xe0 && first <= 0xef)
        return 2;
    return first >= 0xf0 && first <= 0xf4 ? 3 : -1;
}

struct character
character_next(struct reader *text)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    struct reader ahead = *text;
    uint8_t first = read_u8(&ahead);
    int follow = bytes_that_follow(first);
    struct character c = {.code = follow > 0 ? first & (0x3fU >> follow) : first};

    for (int i = 0; i < follow && !ahead.bad; i++) {
        uint8_t byte = read_u8(&ahead);
        if ((byte & 0xc0) != 0x80)
            ahead.bad = true;
        c.code = c.code << 6 | (byte & 0x3fU);
    }
    c.valid = follow >= 0 && !ahead.bad && c.code >= least[follow] && c.code <= 0x10ffff &&
              (c.code < 0xd800 || c.code > 0xdfff);
    c.safe = c.valid && code_is_safe(c.code);
    c.bytes = read_bytes(text, c.valid ? (size_t)follow + 1 : 1);
    return c;
}
