/* SPDX-License-Identifier: Apache-2.0
 *
 * QUIC version 1, version 2 and the drafts (RFC 9000, RFC 9001, RFC 9369): the two hellos, out of
 * the Initial packets, whose keys anyone can derive who saw the client's first. What follows the
 * ServerHello is protected with keys that are secret.
 */
#ifndef CERTTAP_DISSECT_QUIC_H
#define CERTTAP_DISSECT_QUIC_H

#include "dissect/talk.h"

extern const struct talk_kind quic_talk;

#endif
