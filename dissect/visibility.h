/* SPDX-License-Identifier: Apache-2.0
 *
 * What a passive eye could see of each side's chain, and why it could not see more. Every session
 * gets exactly one visibility and one reason for each side; there is no "unknown".
 */
#ifndef CERTTAP_DISSECT_VISIBILITY_H
#define CERTTAP_DISSECT_VISIBILITY_H

#include "dissect/handshake.h"

void visibility_conclude(struct handshake *h, bool over, enum flow_end end);

#endif
