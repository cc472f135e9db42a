/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: which class of service a connection serves ("m365-ews", "ldap", …), by a table of rows that
 * the operator may extend. Rows are asked from the first to the last, the operator's own before
 * those that certtap ships; the first that fits names the service. docs/services.md has the keys.
 *
 * One thread asks a table: it remembers what it said.
 */
#ifndef CERTTAP_RULES_SERVICES_H
#define CERTTAP_RULES_SERVICES_H

#include "base/fault.h"
#include "dissect/session.h"

struct services;

/* An empty table. `applications`: rows may ask nDPI which application a name or an address belongs
 * to; without, such rows fit nothing. */
struct services *services_new(bool applications);

/* Adds the rows of a YAML file. False with `why` ("FILE:LINE:COLUMN: …") when it cannot be read or
 * a row is wrong: then the table must not be used. */
bool services_add_file(struct services *services, const char *path, struct fault *why);

/* Adds the shipped rows. After this the rows never change. */
void services_finish(struct services *services);

size_t services_rows(const struct services *services);

/* The class; lives as long as the table. NULL: no row fits. */
const char *services_of(struct services *services, const struct session *session);

void services_free(struct services *services); /* NULL is fine */

#endif
