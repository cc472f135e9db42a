/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: names and numbers of certificates as Suricata spells them, for rules that were written
 * against its buffers and for its EVE events.
 */
#ifndef CERTTAP_DISSECT_SURICATA_SPELLING_H
#define CERTTAP_DISSECT_SURICATA_SPELLING_H

#include "base/text.h"

/* A DER Name: "C=US, ST=California, O=Example, CN=example.com", in the order in which it stands
 * there, values as their bytes are. A name with a value that is no UTF-8 is, as there,
 * "<X509Error: Invalid X.509 name>"; what cannot be read ends it. Appends. */
void suricata_name(struct bytes name, struct text *out);

/* "5C:19:B7" of octets; "5c:19:b7" where `lower`. Appends. */
void suricata_octets(struct bytes octets, bool lower, struct text *out);

/* "2021-01-12T10:00:00" of seconds since 1970. Appends. */
void suricata_time(int64_t seconds, struct text *out);

#endif
