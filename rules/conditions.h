/* SPDX-License-Identifier: Apache-2.0
 *
 * When an entry applies: each condition is a row of a table, and all must hold.
 */
#ifndef CERTTAP_RULES_CONDITIONS_H
#define CERTTAP_RULES_CONDITIONS_H

#include "dissect/ocsp.h"
#include "rules/watch.h"

/* A certificate that nobody showed: it was asked or told about by OCSP, or fetched. */
struct aside {
    const struct ocsp_single *single; /* NULL: fetched */
    bool known; /* the certificate is whole; else nothing but its serial and, perhaps, issuer */
};

/* Where in a session something was seen. */
struct sighting {
    const struct session *session;
    enum role role;
    int index; /* in the role's chain; -1: of the session, not of a certificate */
    const struct certificate *certificate; /* NULL with -1 */
    const struct recalled *recalled; /* where it comes from when it was not seen in this session */
    const struct aside *named;       /* nobody showed it; NULL: somebody did */
};

/* Is it a chain that is merely as long as the one that the client hides? */
static inline bool
sighting_is_lookalike(const struct sighting *seen)
{
    return seen->recalled && seen->role == CLIENT;
}

/* The address of the session's client or server; of the real client where a proxy named it. */
const struct address *session_address(const struct session *session, enum role role);

/* The name of the first condition that does not hold, static; NULL: all hold. */
const char *conditions_failing(const struct conditions *when, const struct sighting *seen);

#endif
