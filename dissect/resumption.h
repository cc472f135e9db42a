/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: what leads from one session to another: the tickets it may be resumed by, and what was seen
 * of its server before.
 */
#ifndef CERTTAP_DISSECT_RESUMPTION_H
#define CERTTAP_DISSECT_RESUMPTION_H

#include "dissect/certificate.h"

/* A ticket that the server gave to the client, to resume the session by (RFC 5077). */
struct issued_ticket {
    struct bytes ticket;
    uint32_t lifetime; /* seconds; 0: the server does not say */
};

enum { TICKETS_MOST = 4 }; /* of one session are kept */

/* What earlier connections tell of a server whose certificates cannot be seen now. */
struct recalled {
    const struct certificate *const *at; /* what it showed then, leaf first */
    size_t len;
    const char *uid; /* of the connection in which it did so first, */
    int64_t ts_ns;   /* and when that was */
};

enum { LOOKALIKES_MOST = 4 }; /* chains of one length that are remembered */

#endif
