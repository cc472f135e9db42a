/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/lines.h"

enum look
look_closer(struct bytes begun, struct bytes wanted)
{
    if (begun.len == 0)
        return LOOK_MAYBE;
    if (bytes_start_with_nocase(begun, wanted))
        return LOOK_MINE;
    return bytes_start_with_nocase(wanted, begun) ? LOOK_MAYBE : LOOK_NOT_MINE;
}

bool
line_begins(struct bytes line, const char *word)
{
    struct bytes wanted = bytes_from_string(word);
    if (!bytes_start_with_nocase(line, wanted))
        return false;
    return line.len == wanted.len || bytes_at(line, wanted.len) == ' ';
}

struct bytes
line_rest(struct bytes line)
{
    return bytes_trim(bytes_skip(line, bytes_find_byte(line, ' ')));
}

enum preamble_step
lines_ask(struct lines *lines, enum side asker)
{
    lines->asked = true;
    lines->asker = asker;
    return PREAMBLE_TALKING;
}

/* Moves bytes up to the end of a line from `data`. True when the line is whole. */
static bool
collect(struct lines *lines, enum side from, struct bytes *data)
{
    size_t end = bytes_find_byte(*data, '\n');
    bool whole = end < data->len;
    struct bytes part = bytes_first(*data, end);
    size_t room = LINE_MOST - lines->side[from].len;
    struct bytes kept = bytes_first(part, room);
    if (kept.len)
        memcpy(lines->side[from].at + lines->side[from].len, kept.at, kept.len);
    lines->side[from].len = (uint16_t)(lines->side[from].len + kept.len);
    *data = bytes_skip(*data, whole ? end + 1 : end);
    return whole;
}

bool
lines_end_here(const struct lines *lines, enum side from, struct bytes data)
{
    bool believed = lines->asked ? from == lines->asker : !lines->spoken[other_side(from)];
    return lines->side[from].len == 0 && believed && tls_look(data, false) == LOOK_MINE;
}

enum preamble_step
lines_hear(struct lines *lines, enum side from, struct bytes *data, hear_line *hear)
{
    lines->heard += (uint32_t)(data->len < TALK_MOST ? data->len : TALK_MOST);
    if (lines->heard > TALK_MOST)
        return PREAMBLE_NEVER;
    lines->spoken[from] = true;
    while (data->len) {
        if (lines_end_here(lines, from, *data))
            return PREAMBLE_UPGRADED;
        if (!collect(lines, from, data))
            break;
        struct bytes line = bytes_trim(bytes_of(lines->side[from].at, lines->side[from].len));
        lines->side[from].len = 0;
        enum preamble_step step = hear(lines, from, line);
        if (step != PREAMBLE_TALKING)
            return step;
    }
    return PREAMBLE_TALKING;
}
