/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/flows/strays.h"

static void
forget_oldest(struct strays *strays, struct pool *pool)
{
    strays->bytes -= strays->at[0].data.len;
    pool_give(pool, (void *)strays->at[0].data.at, strays->at[0].data.len);
    strays->len--;
    memmove(strays->at, strays->at + 1, strays->len * sizeof *strays->at);
}

static bool
kept_already(const struct strays *strays, const struct stray *stray)
{
    for (unsigned i = 0; i < strays->len; i++)
        if (strays->at[i].seq == stray->seq && bytes_equal(strays->at[i].data, stray->data))
            return true;
    return false;
}

bool
strays_keep(struct strays **strays, const struct stray *stray, size_t most, struct pool *pool)
{
    if (!*strays)
        *strays = pool_take(pool, sizeof **strays);
    struct strays *kept = *strays;
    if (!kept)
        return false;
    if (kept_already(kept, stray))
        return true;
    while (kept->len && (kept->len == STRAYS_MOST || kept->bytes + stray->data.len > most))
        forget_oldest(kept, pool);
    uint8_t *copy = pool_take(pool, stray->data.len);
    if (!copy)
        return false;
    memcpy(copy, stray->data.at, stray->data.len);
    kept->at[kept->len] = *stray;
    kept->at[kept->len++].data = bytes_of(copy, stray->data.len);
    kept->bytes += stray->data.len;
    return true;
}

/* Lengthens `run` by a segment that touches it; false when it does not, or lies in it. */
static bool
lengthen(struct run *run, const struct stray *stray)
{
    uint32_t end = stray->seq + (uint32_t)stray->data.len + stray->missing;
    int32_t before = (int32_t)(run->first - stray->seq);
    int32_t behind = (int32_t)(end - run->end);
    if ((int32_t)(stray->seq - run->end) > 0 || (int32_t)(run->first - end) > 0 ||
        (before <= 0 && behind <= 0))
        return false;
    run->first -= before > 0 ? (uint32_t)before : 0;
    run->end += behind > 0 ? (uint32_t)behind : 0;
    run->segments++;
    return true;
}

struct run
strays_run(const struct strays *strays, uint32_t seq, size_t len)
{
    struct run run = {seq, seq + (uint32_t)len, 1};
    bool longer = strays != NULL;
    while (longer) {
        longer = false;
        for (unsigned i = 0; i < strays->len; i++)
            longer |= lengthen(&run, &strays->at[i]);
    }
    return run;
}

void
strays_drop(struct strays **strays, struct pool *pool)
{
    if (!*strays)
        return;
    while ((*strays)->len)
        forget_oldest(*strays, pool);
    pool_give(pool, *strays, sizeof **strays);
    *strays = NULL;
}
