/* SPDX-License-Identifier: Apache-2.0
 *
 * services.yaml, which the build puts into the program.
 */
#ifndef CERTTAP_RULES_SERVICES_SHIPPED_H
#define CERTTAP_RULES_SERVICES_SHIPPED_H

#include <stddef.h>

extern const unsigned char services_shipped[];
extern const size_t services_shipped_len;

#endif
