/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: which session a resumed one comes from, and so whose certificates stand behind it.
 *
 * A full handshake that shows certificates plants what it can be resumed by: the session id the
 * server gave (RFC 5246 section 7.3), the tickets it issued (RFC 5077; RFC 8446 section 4.6.1 where
 * keys open them). A session that is resumed by one of these inherits the chains; tickets it is
 * given in turn extend the line to the same origin.
 *
 * Strangers may try to plant what is not so, and to fill the memory: see decisions/0060.
 */
#ifndef CERTTAP_RULES_LINEAGE_H
#define CERTTAP_RULES_LINEAGE_H

#include "rules/kept_chains.h"

struct lineage;

/* `limit` is its budget in bytes, without the chains; these stand in `chains`, which is borrowed.
 */
struct lineage *lineage_new(struct kept_chains *chains, size_t limit);

/* Of a resumed session: when its origin is known, fills resumed_from, and the chains that it could
 * not see. These are lent until lineage_learn(). Sessions are told in the order of the capture. */
void lineage_resolve(struct lineage *lineage, struct session *session);

/* Remembers what the session may be resumed by, and takes back what was lent to it. */
void lineage_learn(struct lineage *lineage, struct session *session);

struct lineage_counts {
    uint64_t resolved; /* resumed sessions whose origin was known */
    uint64_t planted;  /* ids and tickets remembered, and of these: */
    uint64_t shed;     /* forgotten before their time, for lack of room */
    size_t kept;       /* now */
    size_t bytes;      /* likewise; without the chains */
};
struct lineage_counts lineage_counts(const struct lineage *lineage);

void lineage_free(struct lineage *lineage); /* NULL is fine */

#endif
