/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: what is remembered of sessions that are over, on its way to a file and back.
 */
#ifndef CERTTAP_RULES_REMEMBERED_H
#define CERTTAP_RULES_REMEMBERED_H

#include "base/snapshot.h"
#include "rules/endpoints.h"
#include "rules/lineage.h"
#include "rules/lookalikes.h"
#include "rules/supposed.h"

struct remembered {
    struct kept_chains *chains;
    struct lineage *lineage;
    struct endpoints *endpoints;
    struct lookalikes *lookalikes;
    struct supposed *supposed;
};

/* Of what remembered_save() puts. */
enum { REMEMBERED_VERSION = 3 };

/* All but what is over at `now_ns` of packet time. Tickets and ids are put as the keyed digests
 * that they are known by, beside the keys. */
void remembered_save(
    const struct remembered *remembered, struct snapshot_writer *out, int64_t now_ns);

/* Takes over what was saved, into empty ones; of what is more than their budgets allow the oldest
 * is left out. False when it is not what remembered_save() puts: then nothing is taken over. */
bool remembered_load(const struct remembered *remembered, struct bytes saved);

#endif
