/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/shown.h"

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
add_shown(struct text *out, struct bytes bytes, size_t most, bool utf8, bool quotes)
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
        if (c >= ' ' && c < 0x7f && (quotes || c != '"'))
            text_add_char(out, (char)c);
        else
            text_add_format(out, "\\x%02x", c);
    }
}

void
text_add_wire(struct text *out, struct bytes wire, size_t most)
{
    add_shown(out, wire, most, false, false);
}

void
text_add_written(struct text *out, struct bytes written, size_t most)
{
    add_shown(out, written, most, true, false);
}

void
text_add_shown(struct text *out, struct bytes written, size_t most)
{
    add_shown(out, written, most, true, true);
}

/* Characters beyond the first plane that mislead would need two escapes, which JSON and YAML write
 * differently: a question mark stands for them. */
void
text_add_quoted(struct text *out, struct bytes written)
{
    struct reader r = reader_over(written);
    text_add_char(out, '"');
    while (reader_more(&r)) {
        uint32_t character = 0;
        size_t len = utf8_ahead(r, &character);
        bool misleads = len && is_misleading(character);
        if (len && !misleads) {
            text_add(out, read_bytes(&r, len));
            continue;
        }
        uint8_t c = read_u8(&r);
        if (misleads && character > 0xffff)
            text_add_char(out, '?');
        else if (misleads)
            text_add_format(out, "\\u%04x", (unsigned)character);
        else if (c == '"' || c == '\\')
            text_add_format(out, "\\%c", c);
        else if (c >= ' ' && c < 0x7f)
            text_add_char(out, (char)c);
        else
            text_add_format(out, "\\u%04x", c);
        if (misleads)
            read_bytes(&r, len - 1);
    }
    text_add_char(out, '"');
}

bool
shown_fault(struct fault *complaint, struct bytes text, const char *what)
{
    enum { MOST = 80 };
    struct text shown = {0};
    text_add_written(&shown, text, MOST);
    fault_set(complaint, "\"%s\" %s", text_string(&shown), what);
    text_free(&shown);
    return false;
}
