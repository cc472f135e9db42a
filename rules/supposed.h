/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: what a session that is resumed by a PSK may come from, where nobody gave keys. The ticket
 * is not seen when it is given, only how long its record is; an identity of that length, shown to
 * the same server, may be it. That is a guess, and is told as one (decisions/0065).
 */
#ifndef CERTTAP_RULES_SUPPOSED_H
#define CERTTAP_RULES_SUPPOSED_H

#include "base/pool.h"
#include "dissect/session.h"

struct supposed;

struct supposed *supposed_new(size_t limit); /* its budget in bytes */

/* Of a resumed session whose origin is not known: fills session->supposed_from, and what sizes told
 * of the client's chain there. Sessions are told in the order of the capture. */
void supposed_resolve(struct supposed *supposed, struct session *session);

/* Remembers how long a ticket was that the server gave, and what sizes told of the client. */
void supposed_learn(struct supposed *supposed, const struct session *session);

size_t supposed_bytes(const struct supposed *supposed);
size_t supposed_kept(const struct supposed *supposed); /* lengths of tickets */

void supposed_free(struct supposed *supposed); /* NULL is fine */

#endif
