/* SPDX-License-Identifier: Apache-2.0
 *
 * Built without nDPI.
 */
#include "rules/application.h"

bool
applications_built(void)
{
    return false;
}

struct applications *
applications_new(void)
{
    return NULL;
}

bool
application_named(struct applications *applications, const char *name, uint16_t *id)
{
    (void)applications;
    (void)name;
    (void)id;
    return false;
}

uint16_t
application_of_name(struct applications *applications, struct bytes host)
{
    (void)applications;
    (void)host;
    return APPLICATION_UNKNOWN;
}

uint16_t
application_of_address(struct applications *applications, const struct address *address)
{
    (void)applications;
    (void)address;
    return APPLICATION_UNKNOWN;
}

void
applications_free(struct applications *applications)
{
    (void)applications;
}
