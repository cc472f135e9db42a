/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/remembered_parts.h"

#include <ctype.h>

void
saved_put_uid(struct snapshot_writer *out, const char uid[UID_TEXT])
{
    size_t len = strnlen(uid, UID_TEXT - 1);
    snapshot_put_number(out, len, 1);
    snapshot_put(out, bytes_of(uid, len));
}

/* It goes into logs: nothing but letters and digits. */
bool
saved_read_uid(struct reader *r, char uid[UID_TEXT])
{
    struct bytes read = read_bytes(r, read_u8(r));
    r->bad |= !read.len || read.len >= UID_TEXT;
    for (size_t i = 0; !r->bad && i < read.len; i++)
        r->bad |= !isalnum(bytes_at(read, i));
    if (r->bad)
        return false;
    memset(uid, 0, UID_TEXT);
    memcpy(uid, read.at, read.len);
    return true;
}

void
remembered_save(const struct remembered *remembered, struct snapshot_writer *out, int64_t now_ns)
{
    kept_chains_save(remembered->chains, out);
    lineage_save(remembered->lineage, out, now_ns);
    endpoints_save(remembered->endpoints, out, now_ns);
    lookalikes_save(remembered->lookalikes, out, now_ns);
    supposed_save(remembered->supposed, out, now_ns);
}

bool
remembered_load(const struct remembered *remembered, struct bytes saved)
{
    struct reader r = reader_over(saved);
    struct saved_chains *chains = saved_chains_read(&r);
    if (!chains)
        return false;
    lineage_load(remembered->lineage, chains, &r);
    endpoints_load(remembered->endpoints, chains, &r);
    lookalikes_load(remembered->lookalikes, chains, &r);
    supposed_load(remembered->supposed, &r);
    saved_chains_free(chains);
    bool good = reader_finished(&r);
    if (!good) {
        lineage_clear(remembered->lineage);
        endpoints_clear(remembered->endpoints);
        lookalikes_clear(remembered->lookalikes);
        supposed_clear(remembered->supposed);
    }
    return good;
}
