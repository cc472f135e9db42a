/* SPDX-License-Identifier: Apache-2.0
 *
 * The configuration file: a YAML mapping of settings, each a scalar or a sequence of scalars.
 */
#include "base/yaml.h"
#include "sensor/settings.h"

#include <stdlib.h>

struct reading {
    struct options *options;
    struct yaml *yaml;
    const bool *given;         /* by the command line, which wins */
    const struct fy_node *key; /* of the setting at hand */
    struct fault *why;
};

static bool
apply(struct reading *reading, const struct setting *setting, const struct fy_node *node)
{
    struct bytes text;
    struct fault detail = {0};
    if (!yaml_scalar(node, &text))
        return yaml_fault(
            reading->yaml, node, reading->why, "%s: one value is wanted here", setting->name);
    char *value = strndup(text.at ? (const char *)text.at : "", text.len);
    if (!value)
        abort();
    bool good = setting->apply(reading->options, value, &detail);
    free(value);
    const struct fy_node *place = yaml_line(node) ? node : reading->key; /* no value, no place */
    return good ||
           yaml_fault(reading->yaml, place, reading->why, "%s: %s", setting->name, detail.text);
}

static bool
apply_all(struct reading *reading, const struct setting *setting, struct fy_node *value)
{
    void *step = NULL;
    struct fy_node *item;
    if (!yaml_is_sequence(value))
        return apply(reading, setting, value);
    while (yaml_next_item(value, &step, &item))
        if (!apply(reading, setting, item))
            return false;
    return true;
}

static char *
string_of(struct bytes text)
{
    char *copy = strndup(text.at ? (const char *)text.at : "", text.len);
    if (!copy)
        abort();
    return copy;
}

static bool
read_groups(struct reading *reading, struct fy_node *mapping, struct strings *groups)
{
    struct fy_node *key;
    struct fy_node *value;
    struct bytes name;
    struct bytes text;
    void *step = NULL;
    if (!yaml_is_mapping(mapping))
        return yaml_fault(reading->yaml, mapping, reading->why, "NAME: \"value\" is wanted here");
    while (yaml_next_pair(mapping, &step, &key, &value)) {
        if (!yaml_scalar(key, &name) || !yaml_scalar(value, &text))
            return yaml_fault(reading->yaml, key, reading->why, "NAME: \"value\" is wanted here");
        char *copies[] = {string_of(name), string_of(text)};
        settings_add_group(groups, copies[0], copies[1]);
        free(copies[0]);
        free(copies[1]);
    }
    return true;
}

/* The variables of rules, as they stand in suricata.yaml. */
static bool
read_variables(struct reading *reading, struct fy_node *mapping)
{
    struct fy_node *key;
    struct fy_node *value;
    struct bytes name;
    void *step = NULL;
    if (!yaml_is_mapping(mapping))
        return yaml_fault(reading->yaml, reading->key, reading->why,
            "address-groups and port-groups are wanted in vars");
    while (yaml_next_pair(mapping, &step, &key, &value)) {
        bool addresses = yaml_scalar(key, &name) && bytes_equal_string(name, "address-groups");
        if (!addresses && !bytes_equal_string(name, "port-groups"))
            return yaml_fault(reading->yaml, key, reading->why,
                "vars has address-groups and port-groups, nothing else");
        struct strings *groups =
            addresses ? &reading->options->address_groups : &reading->options->port_groups;
        if (!read_groups(reading, value, groups))
            return false;
    }
    return true;
}

static bool
read_pair(struct reading *reading, struct fy_node *key, struct fy_node *value)
{
    struct bytes text;
    reading->key = key;
    if (!yaml_scalar(key, &text))
        return yaml_fault(reading->yaml, key, reading->why, "a setting's name is wanted here");
    if (bytes_equal_string(text, "vars"))
        return read_variables(reading, value);
    for (const struct setting *s = settings; s->name; s++) {
        if (!bytes_equal_string(text, s->name))
            continue;
        if (s->where == ONLY_COMMAND_LINE)
            return yaml_fault(
                reading->yaml, key, reading->why, "%s is for the command line only", s->name);
        return reading->given[s - settings] || apply_all(reading, s, value);
    }
    return yaml_fault(reading->yaml, key, reading->why,
        "unknown setting '%.*s'; certtap --help lists them", (int)text.len, (const char *)text.at);
}

bool
configuration_read(struct options *options, const char *path, const bool *given, struct fault *why)
{
    struct yaml *yaml = yaml_open(path, why);
    if (!yaml)
        return false;
    struct reading reading = {.options = options, .yaml = yaml, .given = given, .why = why};
    struct fy_node *root = yaml_root(yaml);
    struct fy_node *key;
    struct fy_node *value;
    void *step = NULL;
    bool good = !root || yaml_is_mapping(root) ||
                yaml_fault(yaml, root, why, "settings are wanted here, one 'name: value' a line");
    while (good && root && yaml_next_pair(root, &step, &key, &value))
        good = read_pair(&reading, key, value);
    yaml_close(yaml);
    return good;
}
