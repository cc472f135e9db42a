/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/flows/past.h"

enum { SHELF_MOST = 64 };

/* Sizes that the allocator has at hand, but for the last. */
static const uint32_t rooms[] = {256 - sizeof(struct past), 1024 - sizeof(struct past), PAST_BYTES};

static struct past *
take(struct past_shelf *shelf, size_t want)
{
    const uint32_t *room = rooms;
    while (*room < want && *room < PAST_BYTES)
        room++;
    struct past *past = *room == PAST_BYTES ? shelf->first : NULL;
    if (past) {
        shelf->first = past->next;
        shelf->len--;
        past->len = 0;
        return past;
    }
    past = pool_take(shelf->pool, sizeof *past + *room);
    if (past)
        past->room = *room;
    return past;
}

/* Makes room for `want` bytes more, as far as there is any. */
static void
widen(struct past **place, size_t want, struct past_shelf *shelf)
{
    struct past *narrow = *place;
    size_t len = narrow ? narrow->len : 0;
    if (narrow && (len + want <= narrow->room || narrow->room == PAST_BYTES))
        return;
    struct past *wide = take(shelf, len + want);
    if (!wide)
        return;
    *place = wide;
    if (!narrow)
        return;
    wide->end_seq = narrow->end_seq;
    wide->len = narrow->len;
    memcpy(wide->bytes, narrow->bytes, len);
    past_drop(&narrow, shelf);
}

void
past_add(struct past **place, uint32_t end_seq, struct bytes data, struct past_shelf *shelf)
{
    if (*place && (*place)->end_seq != end_seq - (uint32_t)data.len)
        (*place)->len = 0; /* a gap: what lies before it is over */
    widen(place, data.len, shelf);
    struct past *past = *place;
    if (!past || !data.len)
        return;
    struct bytes last = bytes_skip(data, data.len > past->room ? data.len - past->room : 0);
    size_t keep = past->room - last.len;
    if (past->len > keep) {
        keep /= 2; /* so that not every byte is moved each time */
        memmove(past->bytes, past->bytes + past->len - keep, keep);
        past->len = (uint32_t)keep;
    }
    memcpy(past->bytes + past->len, last.at, last.len);
    past->len += (uint32_t)last.len;
    past->end_seq = end_seq;
}

bool
past_differs(const struct past *past, uint32_t seq, struct bytes data)
{
    if (!past || !past->len)
        return false;
    int64_t at = (int32_t)(seq - past->end_seq) + (int64_t)past->len; /* of `data` in the past */
    if (at < 0)
        data = bytes_skip(data, (size_t)-at);
    size_t from = at < 0 ? 0 : (size_t)at;
    if (from >= past->len)
        return false;
    data = bytes_first(data, past->len - from);
    return data.len && memcmp(past->bytes + from, data.at, data.len) != 0;
}

void
past_drop(struct past **place, struct past_shelf *shelf)
{
    struct past *past = *place;
    *place = NULL;
    if (!past)
        return;
    if (past->room < PAST_BYTES || shelf->len == SHELF_MOST) {
        pool_give(shelf->pool, past, sizeof *past + past->room);
        return;
    }
    past->next = shelf->first;
    shelf->first = past;
    shelf->len++;
}

void
past_shelf_clear(struct past_shelf *shelf)
{
    while (shelf->first) {
        struct past *past = shelf->first;
        shelf->first = past->next;
        pool_give(shelf->pool, past, sizeof *past + past->room);
    }
    shelf->len = 0;
}
