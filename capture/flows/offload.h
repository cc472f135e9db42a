/* SPDX-License-Identifier: Apache-2.0
 *
 * Checksum offload: a host that captures its own traffic sees segments before its network card has
 * filled the checksum in. What stands there instead is recognised.
 */
#ifndef CERTTAP_CAPTURE_OFFLOAD_H
#define CERTTAP_CAPTURE_OFFLOAD_H

#include "capture/packet.h"

/* The field holds the sum of the pseudo header alone, as hosts leave it for their card. */
bool packet_checksum_left_out(const struct packet *packet);

#endif
