/* SPDX-License-Identifier: Apache-2.0
 *
 * Community ID, version 1: one short text for a flow that every tool computes alike, whichever side
 * it saw first (github.com/corelight/community-id-spec). The seed is 0.
 */
#ifndef CERTTAP_FEED_COMMUNITY_ID_H
#define CERTTAP_FEED_COMMUNITY_ID_H

#include "base/address.h"

enum { COMMUNITY_ID_TEXT = 2 + 28 + 1 }; /* "1:", base64 of a SHA-1, NUL */

/* False, and an empty text, for what is neither TCP nor UDP or has no addresses. */
bool community_id(const struct address address[2], const uint16_t port[2], uint8_t protocol,
    char out[COMMUNITY_ID_TEXT]);

#endif
