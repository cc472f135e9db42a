/* SPDX-License-Identifier: Apache-2.0
 *
 * Chains that are remembered beyond the session they were seen in. The certificates of a session
 * belong to its shard and go with it; here stand copies, each chain and each certificate once.
 */
#ifndef CERTTAP_RULES_KEPT_CHAINS_H
#define CERTTAP_RULES_KEPT_CHAINS_H

#include "base/pool.h"
#include "dissect/session.h"

struct kept_chain;
struct kept_chains;

/* `limit` is the budget of all that is kept, in bytes. */
struct kept_chains *kept_chains_new(size_t limit);

/* Is it a chain that can be kept: neither empty nor larger than any honest one? */
bool kept_chain_fits(const struct chain *chain);

/* The chain as a kept one; the caller owns a reference. NULL: it does not fit, or there is no room
 * left. */
struct kept_chain *kept_chain_find(struct kept_chains *kept, const struct chain *chain);

void kept_chain_unref(struct kept_chains *kept, struct kept_chain *chain); /* NULL is fine */

/* The certificates of `chain`, valid as long as the caller's reference, in `out`, of which nothing
 * else is changed. */
void kept_chain_lend(const struct kept_chain *chain, struct chain *out);

/* Are these the same certificates? */
bool kept_chain_is(const struct kept_chain *kept, const struct chain *chain);

size_t kept_chains_bytes(const struct kept_chains *kept);

/* All references must have been given back. */
void kept_chains_free(struct kept_chains *kept);

#endif
