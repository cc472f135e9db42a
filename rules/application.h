/* SPDX-License-Identifier: Apache-2.0
 *
 * The fence around nDPI: which application a server's name or address belongs to. Only its string
 * and network matchers are used, never its engine; certificates are none of its business. Where
 * certtap is built without nDPI, nothing is ever recognised.
 */
#ifndef CERTTAP_RULES_APPLICATION_H
#define CERTTAP_RULES_APPLICATION_H

#include "base/address.h"

enum { APPLICATION_UNKNOWN = 0 };

struct applications;

bool applications_built(void);

/* Takes some milliseconds and megabytes. NULL when certtap is built without nDPI. */
struct applications *applications_new(void);

/* nDPI's number for an application's name, without regard to case. False: it knows none of that
 * name. */
bool application_named(struct applications *applications, const char *name, uint16_t *id);

/* APPLICATION_UNKNOWN when it is none's. */
uint16_t application_of_name(struct applications *applications, struct bytes host);
uint16_t application_of_address(struct applications *applications, const struct address *address);

void applications_free(struct applications *applications); /* NULL is fine */

#endif
