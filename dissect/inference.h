/* SPDX-License-Identifier: Apache-2.0
 *
 * What the sizes of encrypted records tell of a TLS 1.3 handshake that nobody gave keys for (RFC
 * 8446 section 5.2: the length of a record is that of what it hides, one byte and the tag). Stacks
 * do not pad, so it shows whether a client certificate was asked for, refused or sent, and mostly
 * how long the chain is. docs/inference.md says how sure that is, stack by stack.
 */
#ifndef CERTTAP_DISSECT_INFERENCE_H
#define CERTTAP_DISSECT_INFERENCE_H

#include "dissect/handshake.h"

/* A record that may belong to a flight was heard. */
void flight_add(struct flight *flight, size_t length);

/* Reads both flights, once the handshake is over, into session.inferred and
 * session.client_cert_requested. Only of what was wholly seen. */
void inference_conclude(struct handshake *h);

#endif
