/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

int
bytes_compare(struct bytes a, struct bytes b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared ? memcmp(a.at, b.at, shared) : 0;
    if (order)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

static uint8_t
lower(uint8_t c)
{
    return (uint8_t)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool
bytes_equal_nocase(struct bytes a, struct bytes b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.at[i]) != lower(b.at[i]))
            return false;
    return true;
}

bool
bytes_start_with_nocase(struct bytes b, struct bytes start)
{
    return b.len >= start.len && bytes_equal_nocase(bytes_first(b, start.len), start);
}

size_t
bytes_find_byte(struct bytes b, uint8_t byte)
{
    const uint8_t *found = b.len ? memchr(b.at, byte, b.len) : NULL;
    return found ? (size_t)(found - b.at) : b.len;
}

size_t
bytes_find(struct bytes b, struct bytes what)
{
    if (what.len == 0)
        return 0;
    if (b.len < what.len)
        return SIZE_MAX;
    const uint8_t *found = memmem(b.at, b.len, what.at, what.len);
    return found ? (size_t)(found - b.at) : SIZE_MAX;
}

static bool
is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct bytes
bytes_trim(struct bytes b)
{
    while (b.len && is_space(b.at[0]))
        b = bytes_skip(b, 1);
    while (b.len && is_space(b.at[b.len - 1]))
        b.len--;
    return b;
}

void
bytes_to_hex(struct bytes b, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < b.len; i++) {
        *out++ = digits[b.at[i] >> 4];
        *out++ = digits[b.at[i] & 15];
    }
    *out = '\0';
}

/* A table, for the digits of ten million digests are guessed wrong by every branch. What is no
 * digit has bits above the fourth. */
static unsigned
digit_value(uint8_t c)
{
    enum { N = 0x10 };
    static const uint8_t values['f' - '0' + 1] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, N, N, N, N, N, N, N,
        10, 11, 12, 13, 14, 15, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
        N, N, N, 10, 11, 12, 13, 14, 15};
    unsigned place = c - (unsigned)'0';
    return place < sizeof values ? values[place] : N;
}

bool
bytes_from_hex(struct bytes text, uint8_t *out, size_t room, size_t *len)
{
    *len = 0;
    for (size_t i = 0; i < text.len;) {
        if (*len && (text.at[i] == ':' || text.at[i] == ' '))
            i++;
        if (i + 1 >= text.len || *len == room)
            return false;
        unsigned high = digit_value(text.at[i]);
        unsigned low = digit_value(text.at[i + 1]);
        if ((high | low) > 15)
            return false;
        out[(*len)++] = (uint8_t)(high << 4 | low);
        i += 2;
    }
    return true;
}
