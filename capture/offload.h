/* SPDX-License-Identifier: Apache-2.0
 *
 * A host that leaves checksums to its network card shows its own captures segments whose checksum
 * is not there yet. What stands in its place is known, so that such segments can be told from
 * those that are broken, or forged for a sensor to see and an endpoint to drop.
 */
#ifndef CERTTAP_CAPTURE_OFFLOAD_H
#define CERTTAP_CAPTURE_OFFLOAD_H

#include "capture/packet.h"

/* Is the checksum of this TCP packet what a sending host leaves for its card to complete: the sum
 * of the pseudo header alone (with or, for large sends, without the length), or nothing? */
bool packet_checksum_partial(const struct packet *packet);

#endif
