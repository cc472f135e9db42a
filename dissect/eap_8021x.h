/* SPDX-License-Identifier: Apache-2.0
 *
 * EAP in 802.1X (IEEE 802.1X-2010 section 11): between a machine that wants to join a network and
 * the switch or access point that lets it in. There are no IP addresses yet: who it is stands in
 * the hardware addresses.
 */
#ifndef CERTTAP_DISSECT_EAP_8021X_H
#define CERTTAP_DISSECT_EAP_8021X_H

#include "dissect/talk.h"

extern const struct talk_kind eap_8021x_talk;

#endif
