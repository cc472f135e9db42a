/* SPDX-License-Identifier: Apache-2.0
 *
 * DTLS 1.0, 1.2 and 1.3 (RFC 4347, RFC 6347, RFC 9147) in the datagrams of a flow, among whatever
 * else they carry. Only what is sent in epoch 0 is in the clear.
 *
 * One flow may see several handshakes, one after the other: a hello with a random of its own begins
 * the next.
 */
#ifndef CERTTAP_DISSECT_DTLS_H
#define CERTTAP_DISSECT_DTLS_H

#include "dissect/talk.h"

extern const struct talk_kind dtls_talk;

#endif
