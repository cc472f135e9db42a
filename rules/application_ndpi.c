/* SPDX-License-Identifier: Apache-2.0
 *
 * The only file that knows nDPI.
 */
#include "rules/application.h"

#include <assert.h>
#include <ndpi/ndpi_api.h>
#include <strings.h>

enum { HOST_MOST = 255 }; /* RFC 1035 section 2.3.4: a longer name is none */

struct applications {
    struct ndpi_detection_module_struct *module;
};

static_assert((int)APPLICATION_UNKNOWN == (int)NDPI_PROTOCOL_UNKNOWN, "nDPI's number for nothing");

bool
applications_built(void)
{
    return true;
}

struct applications *
applications_new(void)
{
    struct applications *applications = calloc(1, sizeof *applications);
    if (!applications)
        abort();
    applications->module =
        ndpi_init_detection_module(ndpi_dont_load_tor_hosts | ndpi_dont_init_libgcrypt);
    if (!applications->module)
        abort();
    ndpi_finalize_initialization(applications->module);
    return applications;
}

bool
application_named(struct applications *applications, const char *name, uint16_t *id)
{
    u_int count = ndpi_get_num_supported_protocols(applications->module);
    for (u_int i = NDPI_PROTOCOL_UNKNOWN + 1; i < count; i++) {
        const char *known = ndpi_get_proto_name(applications->module, (u_int16_t)i);
        if (known && !strcasecmp(known, name)) {
            *id = (uint16_t)i;
            return true;
        }
    }
    return false;
}

uint16_t
application_of_name(struct applications *applications, struct bytes host)
{
    ndpi_protocol_match_result match;
    char name[HOST_MOST + 1];
    if (host.len == 0 || host.len > HOST_MOST)
        return APPLICATION_UNKNOWN;
    memcpy(name, host.at, host.len); /* nDPI wants to be able to write, and may look for a NUL */
    name[host.len] = '\0';
    int id = ndpi_match_string_subprotocol(applications->module, name, (u_int)host.len, &match);
    return id > 0 ? (uint16_t)id : APPLICATION_UNKNOWN;
}

uint16_t
application_of_address(struct applications *applications, const struct address *address)
{
    struct in_addr v4;
    if (!address_is_v4(address))
        return APPLICATION_UNKNOWN;
    memcpy(&v4, address->at + 12, sizeof v4);
    return ndpi_network_ptree_match(applications->module, &v4);
}

void
applications_free(struct applications *applications)
{
    if (!applications)
        return;
    ndpi_exit_detection_module(applications->module);
    free(applications);
}
