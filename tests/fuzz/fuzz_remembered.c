/* SPDX-License-Identifier: Apache-2.0
 *
 * What is said to have been saved of earlier sessions.
 */
#include "rules/remembered.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>

enum { SMALL = 16 << 10 };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct kept_chains *chains = kept_chains_new(SMALL);
    struct remembered remembered = {chains, lineage_new(chains, SMALL),
        endpoints_new(chains, SMALL, 1), lookalikes_new(chains, SMALL, 1), supposed_new(SMALL)};
    bool good = remembered_load(&remembered, bytes_of(data, size));
    assert(good || !lineage_counts(remembered.lineage).kept);
    assert(lineage_counts(remembered.lineage).bytes <= SMALL);
    assert(supposed_bytes(remembered.supposed) <= SMALL);
    assert(good || !supposed_bytes(remembered.supposed));
    assert(kept_chains_bytes(chains) <= SMALL);
    lineage_free(remembered.lineage);
    endpoints_free(remembered.endpoints);
    lookalikes_free(remembered.lookalikes);
    supposed_free(remembered.supposed);
    kept_chains_free(chains);
    return 0;
}
