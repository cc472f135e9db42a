/* SPDX-License-Identifier: Apache-2.0
 *
 * What services.c and services_yaml.c share: the rows.
 */
#ifndef CERTTAP_RULES_SERVICES_TABLE_H
#define CERTTAP_RULES_SERVICES_TABLE_H

#include "base/hash.h"
#include "base/pool.h"
#include "base/text.h"
#include "base/yaml.h"
#include "rules/application.h"
#include "rules/services.h"

struct port_range {
    uint16_t first, last;
};

/* Each list that is not empty must hold, by one of its values. */
struct service_row {
    const char *service;
    struct texts
        names; /* of the server, in lower case; with "*" a pattern, else it and all below */
    struct texts carriers;
    struct texts alpn;
    struct network *networks; /* of the server */
    size_t networks_len;
    struct port_range *ports; /* likewise */
    size_t ports_len;
    struct texts applications; /* names, each with a NUL behind it */
    uint16_t *ids;             /* nDPI's numbers of these; NULL until one is needed */
};

struct answer; /* that was given before */

struct services {
    struct pool pool; /* without a limit: the table is the operator's */
    struct arena arena;
    struct service_row *rows;
    size_t len, room;
    bool wants_applications;
    bool asks_address;                 /* some row asks for the server's network */
    struct applications *applications; /* NULL: none */
    struct answer *answers;
    struct text question; /* scratch */
    struct hash_key key;
};

/* Reads all rows of a document, behind those that are there. */
bool services_read(
    struct services *services, const struct yaml *yaml, bool shipped, struct fault *why);

#endif
