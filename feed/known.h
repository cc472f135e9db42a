/* SPDX-License-Identifier: Apache-2.0
 *
 * Which certificates x509.log has told of lately: one row for each certificate and role per day, or
 * whatever the operator wants. Bounded: the one told longest ago is forgotten first.
 */
#ifndef CERTTAP_FEED_KNOWN_H
#define CERTTAP_FEED_KNOWN_H

#include "dissect/session.h"

struct known;

enum { KNOWN_FETCHED = SERVER + 1 }; /* beside the roles: nobody showed it */

struct known *known_new(int64_t relog_ns, size_t most);

/* Is it time to tell of this certificate in this role? If so, it counts as told from now on. */
bool known_is_due(
    struct known *known, const struct certificate *certificate, unsigned role, int64_t now_ns);

size_t known_count(const struct known *known);

void known_free(struct known *known); /* NULL is fine */

#endif
