/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/gather.h"

#include <assert.h>

bool
gather(struct gather *gather, struct bytes *data, size_t need)
{
    assert(need <= GATHER_MOST);
    size_t skip = gather->skip < data->len ? gather->skip : data->len;
    gather->skip -= (uint32_t)skip;
    *data = bytes_skip(*data, skip);
    if (gather->skip)
        return false;
    if (gather->len < need) {
        struct bytes part = bytes_first(*data, need - gather->len);
        if (part.len)
            memcpy(gather->at + gather->len, part.at, part.len);
        gather->len = (uint16_t)(gather->len + part.len);
        *data = bytes_skip(*data, part.len);
    }
    return gather->len >= need;
}
