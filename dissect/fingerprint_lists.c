/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of numbers for fingerprints. A hello can hold tens of thousands of them, so everything here
 * takes time in proportion to their number and no more.
 */
#include "dissect/extensions.h"
#include "dissect/fingerprinter.h"

enum { ROOM_AT_FIRST = 256, FEW = 48, DIGITS = 256 };

static bool
lists_reserve(struct lists *lists, size_t more)
{
    size_t room = lists->room ? lists->room : ROOM_AT_FIRST;
    while (room < lists->len + more)
        room *= 2;
    if (room == lists->room)
        return true;
    uint16_t *at = pool_resize(lists->pool, lists->at, lists->room * sizeof *at, room * sizeof *at);
    if (!at)
        return false;
    lists->at = at;
    lists->room = room;
    return true;
}

void
lists_open(struct lists *lists, size_t most)
{
    if (!lists_reserve(lists, most + 1)) {
        lists->spoilt = true;
        return;
    }
    lists->open = lists->len++;
    lists->at[lists->open] = 0;
}

size_t
lists_length(const struct lists *lists)
{
    return lists->spoilt ? 0 : lists->at[lists->open];
}

void
lists_add_numbers(struct lists *lists, struct bytes numbers, size_t width)
{
    struct reader r = reader_over(numbers);
    lists_open(lists, numbers.len / width);
    while (reader_left(&r) >= width) {
        uint16_t number = (uint16_t)read_big_endian(&r, width);
        if (!is_grease(number))
            lists_add(lists, number);
    }
}

void
lists_add_extensions(struct lists *lists, struct bytes extensions)
{
    enum { SHORTEST = 4 };
    struct reader r = reader_over(extensions);
    uint16_t type;
    struct bytes body;
    lists_open(lists, extensions.len / SHORTEST);
    while (reader_more(&r) && extension_next(&r, &type, &body))
        if (!is_grease(type))
            lists_add(lists, type);
}

void
lists_drop_empty(struct lists *lists)
{
    if (lists_length(lists) == 0 && !lists->spoilt)
        lists->len = lists->open;
}

static void
sort_few(uint16_t *at, size_t len)
{
    for (size_t i = 1; i < len; i++) {
        uint16_t number = at[i];
        size_t place = i;
        for (; place > 0 && at[place - 1] > number; place--)
            at[place] = at[place - 1];
        at[place] = number;
    }
}

/* Numbers in the order of the eight bits at `shift`; equal ones stay in the order they were in. */
static void
sort_by_digit(const uint16_t *from, uint16_t *to, size_t len, unsigned shift)
{
    size_t starts[DIGITS + 1] = {0};
    for (size_t i = 0; i < len; i++)
        starts[(from[i] >> shift & 0xff) + 1]++;
    for (size_t digit = 1; digit <= DIGITS; digit++)
        starts[digit] += starts[digit - 1];
    for (size_t i = 0; i < len; i++)
        to[starts[from[i] >> shift & 0xff]++] = from[i];
}

void
lists_sort(struct lists *lists)
{
    size_t len = lists_length(lists);
    if (len > FEW && !lists_reserve(lists, len))
        lists->spoilt = true;
    if (lists->spoilt)
        return;
    uint16_t *numbers = lists->at + lists->open + 1;
    if (len <= FEW) {
        sort_few(numbers, len);
    } else {
        sort_by_digit(numbers, numbers + len, len, 0);
        sort_by_digit(numbers + len, numbers, len, 8);
    }
}
