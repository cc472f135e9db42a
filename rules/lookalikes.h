/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: chains that clients showed in the clear, by their lengths. A client of TLS 1.3 hides what
 * it shows, but not how long it is: lists that know a certificate by its digest alone can be asked
 * about those that were seen and are as long (decisions/0064).
 */
#ifndef CERTTAP_RULES_LOOKALIKES_H
#define CERTTAP_RULES_LOOKALIKES_H

#include "rules/kept_chains.h"

struct lookalikes;

/* `limit` is its budget in bytes, and that of the certificates it may make `chains` keep, which is
 * borrowed. What was shown is remembered for `keep_ns` of packet time; 0: nothing is. */
struct lookalikes *lookalikes_new(struct kept_chains *chains, size_t limit, int64_t keep_ns);

/* Of a session whose client's chain is hidden and as long as remembered ones: fills
 * session->lookalikes. Lent until lookalikes_learn(). Sessions are told in the order of the
 * capture.
 */
void lookalikes_recall(struct lookalikes *lookalikes, struct session *session);

/* Remembers what the client showed. */
void lookalikes_learn(struct lookalikes *lookalikes, struct session *session);

struct lookalikes_counts {
    uint64_t recalled; /* sessions with a chain as long as a remembered one */
    uint64_t shed;     /* chains forgotten before their time, for lack of room */
    size_t kept;       /* lengths, now */
    size_t bytes;      /* likewise; without the chains */
    size_t chains;     /* bytes of these */
};
struct lookalikes_counts lookalikes_counts(const struct lookalikes *lookalikes);

void lookalikes_free(struct lookalikes *lookalikes); /* NULL is fine */

#endif
