/* SPDX-License-Identifier: Apache-2.0
 *
 * Distinguished names (RFC 4514) as text: every tool writes them in another way, and half of them
 * backwards. Here a name gets one form, which is then compared byte by byte.
 */
#ifndef CERTTAP_RULES_CANONICAL_NAME_H
#define CERTTAP_RULES_CANONICAL_NAME_H

#include "base/bytes.h"
#include "base/text.h"

/* A distinguished name as RFC 4514, OpenSSL ("/C=US/CN=x" and "C = US, CN = x"), Suricata and
 * Windows write it, in either order, in one form. Appends. False when it is none. */
bool name_canonical(struct bytes text, struct text *out);

#endif
