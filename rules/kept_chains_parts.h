/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of kept chains share: kept_chains.c keeps them, kept_chains_saved.c brings them
 * over a restart.
 */
#ifndef CERTTAP_RULES_KEPT_CHAINS_PARTS_H
#define CERTTAP_RULES_KEPT_CHAINS_PARTS_H

#include "base/table.h"
#include "dissect/certificate_store.h"
#include "rules/kept_chains.h"

struct kept_chain {
    struct entry entry;
    size_t references;
    uint32_t number; /* while they are saved */
    size_t len;
    const struct certificate *at[];
};

struct kept_chains {
    struct pool lists;
    struct pool certificates; /* of the store */
    struct certificate_store *store;
    struct table table;
};

#endif
