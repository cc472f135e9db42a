/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: which servers showed a certificate that is watched for. A later connection to the same
 * address, port and server name whose certificates cannot be seen (TLS 1.3, a resumption) is likely
 * to meet the same one.
 */
#ifndef CERTTAP_RULES_ENDPOINTS_H
#define CERTTAP_RULES_ENDPOINTS_H

#include "rules/kept_chains.h"
#include "rules/ruleset.h"

struct endpoints;

/* `limit` is its budget in bytes, without the chains; these stand in `chains`, which is borrowed.
 * What was shown is remembered for `keep_ns` of packet time; 0: nothing is. */
struct endpoints *endpoints_new(struct kept_chains *chains, size_t limit, int64_t keep_ns);

/* Of a session whose server's chain is hidden: fills session->recalled when its endpoint is
 * remembered. Lent until endpoints_learn(). Sessions are told in the order of the capture. */
void endpoints_recall(struct endpoints *endpoints, struct session *session);

/* Remembers the endpoint of a session that was judged, or forgets it: it shows another certificate
 * now. */
void endpoints_learn(
    struct endpoints *endpoints, struct session *session, const struct verdict *verdict);

struct endpoints_counts {
    uint64_t recalled; /* sessions whose endpoint was remembered */
    uint64_t shed;     /* forgotten before their time, for lack of room */
    size_t kept;       /* now */
    size_t bytes;      /* likewise; without the chains */
};
struct endpoints_counts endpoints_counts(const struct endpoints *endpoints);

void endpoints_free(struct endpoints *endpoints); /* NULL is fine */

#endif
