/* SPDX-License-Identifier: Apache-2.0
 *
 * A session made by hand, for those who are told of sessions: TLS 1.2 with certificates of both
 * sides, all of it made up.
 */
#ifndef CERTTAP_TESTS_SUPPORT_TOLD_H
#define CERTTAP_TESTS_SUPPORT_TOLD_H

#include "dissect/session.h"

struct told {
    struct session session;
    struct certificate server_leaf, server_ca, client_leaf;
    const struct certificate *server_chain[2];
    const struct certificate *client_chain[1];
    struct bytes dns[2];
    struct address ip[1];
};

/* It points to itself: do not move it. */
void told_make(struct told *told);

/* Gives a certificate the digests (all bytes `tag`) and the texts of them. */
void told_digests(struct certificate *certificate, uint8_t tag);

struct address told_address(const char *text);

#endif
