/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of services as YAML: a sequence of rows under "services", each a mapping of the keys
 * below to one value or several.
 */
#include "rules/services_table.h"

#include <stdlib.h>

enum { SERVICE_MOST = 63 }; /* bytes of a class's name */

struct reading {
    struct services *services;
    const struct yaml *yaml;
    bool shipped;
    struct service_row row; /* under way */
    struct fault *why;
};

static void *
room_for(struct reading *reading, void *at, size_t len, size_t size)
{
    uint8_t *grown = arena_take(&reading->services->arena, (len + 1) * size);
    if (!grown)
        abort();
    if (len)
        memcpy(grown, at, len * size);
    return grown;
}

static struct bytes
kept(struct reading *reading, struct bytes text)
{
    uint8_t *copy = arena_take(&reading->services->arena, text.len + 1); /* with a NUL behind it */
    if (!copy)
        abort();
    if (text.len)
        memcpy(copy, text.at, text.len);
    return bytes_of(copy, text.len);
}

static bool
refuse(struct reading *reading, const struct fy_node *node, const char *what, struct bytes text)
{
    return yaml_fault(reading->yaml, node, reading->why, "'%.*s' is %s", (int)text.len,
        text.at ? (const char *)text.at : "", what);
}

static void
add_text(struct reading *reading, struct texts *texts, struct bytes text)
{
    struct bytes *at = room_for(reading, (void *)(uintptr_t)texts->at, texts->len, sizeof *at);
    at[texts->len] = kept(reading, text);
    texts->at = at;
    texts->len++;
}

static bool
read_service(struct reading *reading, const struct fy_node *node, struct bytes text)
{
    struct reader r = reader_over(text);
    while (reader_more(&r)) {
        uint8_t c = read_u8(&r);
        bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!good)
            return refuse(
                reading, node, "no class of service: letters a to z, digits, - and _", text);
    }
    if (text.len > SERVICE_MOST)
        return refuse(reading, node, "too long for a class of service", text);
    reading->row.service = (const char *)kept(reading, text).at;
    return true;
}

/* In lower case, without the dot that may stand at the end. */
static bool
read_name(struct reading *reading, const struct fy_node *node, struct bytes text)
{
    struct bytes name =
        text.len && bytes_at(text, text.len - 1) == '.' ? bytes_first(text, text.len - 1) : text;
    bool tells = false;
    uint8_t *copy = (uint8_t *)(uintptr_t)kept(reading, name).at;
    for (size_t i = 0; i < name.len; i++) {
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] = (uint8_t)(copy[i] - 'A' + 'a');
        tells = tells || (copy[i] != '*' && copy[i] != '.' && copy[i] != '?');
    }
    if (!tells)
        return refuse(reading, node, "a name that every server has", text);
    add_text(reading, &reading->row.names, bytes_of(copy, name.len));
    return true;
}

static bool
read_carrier(struct reading *reading, const struct fy_node *node, struct bytes text)
{
    (void)node;
    add_text(reading, &reading->row.carriers, text);
    return true;
}

static bool
read_alpn(struct reading *reading, const struct fy_node *node, struct bytes text)
{
    (void)node;
    add_text(reading, &reading->row.alpn, text);
    return true;
}

static bool
read_network(struct reading *reading, const struct fy_node *node, struct bytes text)
{
    struct service_row *row = &reading->row;
    struct network network;
    if (!network_from_text(text, &network))
        return refuse(reading, node, "no network", text);
    row->networks = room_for(reading, row->networks, row->networks_len, sizeof *row->networks);
    row->networks[row->networks_len++] = network;
    reading->services->asks_address = true;
    return true;
}

static bool
port_of(struct bytes text, uint16_t *port)
{
    unsigned value = 0;
    struct reader r = reader_over(text);
    while (reader_more(&r)) {
        uint8_t c = read_u8(&r);
        if (c < '0' || c > '9' || (value = value * 10 + (c - '0')) > UINT16_MAX)
            return false;
    }
    *port = (uint16_t)value;
    return text.len && value;
}

/* "443", or "8000-8100". */
static bool
read_port(struct reading *reading, const struct fy_node *node, struct bytes text)
{
    struct service_row *row = &reading->row;
    struct port_range range;
    size_t dash = bytes_find_byte(text, '-');
    bool good = port_of(bytes_first(text, dash), &range.first);
    range.last = range.first;
    if (good && dash < text.len)
        good = port_of(bytes_skip(text, dash + 1), &range.last) && range.first <= range.last;
    if (!good)
        return refuse(reading, node, "neither a port nor a range of ports", text);
    row->ports = room_for(reading, row->ports, row->ports_len, sizeof *row->ports);
    row->ports[row->ports_len++] = range;
    return true;
}

/* nDPI takes a while to wake up: the operator's names are asked for at once, so that a wrong one is
 * told; those that are shipped only when a session comes to such a row. */
static bool
read_application(struct reading *reading, const struct fy_node *node, struct bytes text)
{
    struct services *services = reading->services;
    struct texts *names = &reading->row.applications;
    uint16_t id;
    add_text(reading, names, text);
    if (reading->shipped)
        return true;
    if (!services->wants_applications)
        return yaml_fault(reading->yaml, node, reading->why, "applications: %s",
            applications_built() ? "nDPI is switched off" : "certtap was built without nDPI");
    if (!services->applications)
        services->applications = applications_new();
    return application_named(
               services->applications, (const char *)names->at[names->len - 1].at, &id) ||
           refuse(reading, node, "no application that nDPI knows", text);
}

static const struct key {
    const char *name;
    bool many;
    bool (*read)(struct reading *reading, const struct fy_node *node, struct bytes text);
} keys[] = {
    {"service", false, read_service},
    {"names", true, read_name},
    {"networks", true, read_network},
    {"ports", true, read_port},
    {"carriers", true, read_carrier},
    {"alpn", true, read_alpn},
    {"applications", true, read_application},
};

static bool
read_value(struct reading *reading, const struct key *key, const struct fy_node *place,
    const struct fy_node *node)
{
    struct bytes text;
    if (!yaml_scalar(node, &text) || text.len == 0)
        return yaml_fault(
            reading->yaml, place, reading->why, "%s: a value is wanted here", key->name);
    return key->read(reading, node, text);
}

static bool
read_pair(struct reading *reading, struct fy_node *name, struct fy_node *value)
{
    struct bytes text = {0};
    const struct key *key = NULL;
    yaml_scalar(name, &text);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (bytes_equal_string(text, keys[i].name))
            key = &keys[i];
    if (!key)
        return refuse(reading, name,
            "no key of a service; there are service, names, networks, ports, carriers, alpn, "
            "applications",
            text);
    if (!key->many || !yaml_is_sequence(value))
        return read_value(reading, key, name, value);

    void *step = NULL;
    struct fy_node *item;
    bool any = false;
    while (yaml_next_item(value, &step, &item)) {
        if (!read_value(reading, key, name, item))
            return false;
        any = true;
    }
    return any ||
           yaml_fault(reading->yaml, name, reading->why, "%s: a value is wanted here", key->name);
}

static void
add_row(struct services *services, const struct service_row *row)
{
    services->rows = pool_grow(
        &services->pool, services->rows, &services->room, services->len, sizeof *services->rows);
    if (!services->rows)
        abort();
    services->rows[services->len++] = *row;
}

static bool
read_row(struct reading *reading, struct fy_node *node)
{
    void *step = NULL;
    struct fy_node *name;
    struct fy_node *value;
    struct service_row *row = &reading->row;
    *row = (struct service_row){0};
    if (!yaml_is_mapping(node))
        return yaml_fault(reading->yaml, node, reading->why,
            "a row is wanted here, such as {service: ldap, ports: 636}");
    while (yaml_next_pair(node, &step, &name, &value))
        if (!read_pair(reading, name, value))
            return false;
    if (!row->service)
        return yaml_fault(reading->yaml, node, reading->why, "a row without its service");
    if (!row->names.len && !row->networks_len && !row->ports_len && !row->carriers.len &&
        !row->alpn.len && !row->applications.len)
        return yaml_fault(reading->yaml, node, reading->why,
            "a row that every connection would fit: nothing but its service");
    add_row(reading->services, row);
    return true;
}

bool
services_read(struct services *services, const struct yaml *yaml, bool shipped, struct fault *why)
{
    struct reading reading = {.services = services, .yaml = yaml, .shipped = shipped, .why = why};
    struct fy_node *root = yaml_root(yaml);
    struct fy_node *rows = NULL;
    struct fy_node *key;
    struct fy_node *value;
    void *step = NULL;
    bool ours = false;
    while (yaml_is_mapping(root) && yaml_next_pair(root, &step, &key, &value)) {
        struct bytes name = {0};
        struct bytes kind = {0};
        yaml_scalar(key, &name);
        if (bytes_equal_string(name, "services"))
            rows = value;
        else if (bytes_equal_string(name, "certtap") && yaml_scalar(value, &kind))
            ours = bytes_equal_string(kind, "services");
        else
            return refuse(&reading, key, "no key of a table of services", name);
    }
    if (!ours || !yaml_is_sequence(rows))
        return yaml_fault(yaml, root, why,
            "no table of services: 'certtap: services' and 'services:' with rows are wanted");
    step = NULL;
    while (yaml_next_item(rows, &step, &value))
        if (!read_row(&reading, value))
            return false;
    return true;
}
