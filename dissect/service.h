/* SPDX-License-Identifier: Apache-2.0
 *
 * What a connection serves, in words of the field: "https", "ldap", "m365-ews". A table, so that
 * the classes of services can grow without code.
 */
#ifndef CERTTAP_DISSECT_SERVICE_H
#define CERTTAP_DISSECT_SERVICE_H

#include "dissect/session.h"

/* The class of service; static. NULL: none that is known. */
const char *service_of(const struct session *session);

#endif
