/* SPDX-License-Identifier: Apache-2.0
 *
 * EAP in RADIUS (RFC 2865, RFC 3579): what an access point or switch (the flow's client) hands on
 * between supplicants and an authentication server.
 */
#ifndef CERTTAP_DISSECT_EAP_RADIUS_H
#define CERTTAP_DISSECT_EAP_RADIUS_H

#include "dissect/talk.h"

extern const struct talk_kind eap_radius_talk;

#endif
