/* SPDX-License-Identifier: Apache-2.0
 *
 * The text of a key log, in pieces, into a small store. The first byte is the size of a piece.
 */
#include "dissect/keys/key_store.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>

enum { SMALL = 4096, ROUNDS = 8 };

static void
keep(void *owner, const struct secret *secret)
{
    struct secret found;
    struct bytes random = bytes_of(secret->random, KEY_RANDOM);
    key_store_add(owner, secret, 3);
    assert(secret->len <= SECRET_MOST);
    bool there = key_store_find(owner, random, secret->label, 3, &found);
    assert(there && found.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes all = bytes_of(data, size);
    size_t piece = (size_t)bytes_at(all, 0) + 1;
    struct key_store *store = key_store_new(SMALL, ROUNDS);
    struct secret_listener listener = {store, keep};
    struct key_log log = {0};
    for (all = bytes_skip(all, 1); all.len; all = bytes_skip(all, piece))
        key_log_feed(&log, bytes_first(all, piece), listener);
    key_log_end(&log, listener);
    assert(key_store_counts(store).bytes <= SMALL);
    key_store_free(store);
    return 0;
}
