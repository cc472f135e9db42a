/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/flows/past.h"

enum { SHELF_MOST = 64 };

static struct past *
take(struct past_shelf *shelf)
{
    struct past *past = shelf->first;
    if (!past)
        return pool_take(shelf->pool, sizeof *past);
    shelf->first = past->next;
    shelf->len--;
    past->len = 0;
    return past;
}

void
past_add(struct past **place, uint32_t end_seq, struct bytes data, struct past_shelf *shelf)
{
    if (!*place)
        *place = take(shelf);
    struct past *past = *place;
    if (!past || !data.len)
        return;
    if (past->end_seq != end_seq - (uint32_t)data.len)
        past->len = 0; /* a gap: what lies before it is over */
    struct bytes last = bytes_skip(data, data.len > PAST_BYTES ? data.len - PAST_BYTES : 0);
    size_t keep = PAST_BYTES - last.len;
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
    if (shelf->len == SHELF_MOST) {
        pool_give(shelf->pool, past, sizeof *past);
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
        pool_give(shelf->pool, past, sizeof *past);
    }
    shelf->len = 0;
}
