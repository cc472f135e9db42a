/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/suricata/dataset_json.h"

#include "rules/watchlist.h"

#include <jansson.h>

enum { MOST_BYTES = 512 << 20, MOST_KEYS = 16 };

struct reading {
    const struct dataset_json *json;
    const char *path;
    void *owner;
    dataset_take *take;
    size_t values;
};

bool
dataset_json_named(struct bytes format, struct dataset_json *json)
{
    json->lines = bytes_equal_string(format, "ndjson") || bytes_equal_string(format, "jsonline");
    json->given = json->lines || bytes_equal_string(format, "json");
    return json->given || bytes_equal_string(format, "csv");
}

/* What stands at a path of keys; NULL: nothing. */
static const json_t *
at_path(const json_t *value, struct bytes path)
{
    for (size_t keys = 0; value && path.len; keys++) {
        struct bytes key = line_field(&path, '.');
        value = keys < MOST_KEYS ? json_object_getn(value, (const char *)key.at, key.len) : NULL;
    }
    return value;
}

static json_t *
parse(const struct reading *reading, struct bytes text, unsigned long line, struct fault *why)
{
    json_error_t error;
    json_t *root = json_loadb(text.len ? (const char *)text.at : "", text.len, 0, &error);
    if (!root && line)
        fault_set(why, "%s:%lu: %s", reading->path, line, error.text);
    else if (!root)
        fault_set(why, "%s:%d:%d: %s", reading->path, error.line, error.column, error.text);
    return root;
}

static bool
take_object(struct reading *reading, const json_t *object, unsigned long line, struct fault *why)
{
    struct fault complaint = {0};
    const json_t *value = at_path(object, reading->json->value_key);
    if (!json_is_string(value))
        return true;
    reading->values++;
    struct bytes text = bytes_of(json_string_value(value), json_string_length(value));
    if (reading->take(reading->owner, text, line, &complaint))
        return true;
    if (line)
        return fault_set(why, "%s:%lu: %s", reading->path, line, complaint.text);
    return fault_set(why, "%s: value %zu: %s", reading->path, reading->values, complaint.text);
}

static bool
read_lines(struct reading *reading, struct bytes content, struct fault *why)
{
    struct lines lines = lines_of(content);
    struct bytes line;
    bool good = true;
    while (good && lines_next(&lines, &line)) {
        if (!bytes_trim(line).len)
            continue;
        json_t *object = parse(reading, line, lines.number, why);
        good = object && take_object(reading, object, lines.number, why);
        json_decref(object);
    }
    return good;
}

static bool
read_document(struct reading *reading, struct bytes content, struct fault *why)
{
    json_t *root = parse(reading, content, 0, why);
    const json_t *array = at_path(root, reading->json->array_key);
    bool good = root != NULL;
    if (good && !json_is_array(array))
        good = fault_set(why, "%s: no array of objects%s", reading->path,
            reading->json->array_key.len ? " at array_key" : ": where is it? say array_key");
    for (size_t i = 0; good && i < json_array_size(array); i++)
        good = take_object(reading, json_array_get(array, i), 0, why);
    json_decref(root);
    return good;
}

bool
dataset_json_read(const struct dataset_json *json, struct bytes content, const char *path,
    void *owner, dataset_take *take, struct fault *why)
{
    struct reading reading = {.json = json, .path = path, .owner = owner, .take = take};
    if (!json->value_key.len)
        return fault_set(why, "%s: a dataset in JSON wants a value_key", path);
    if (content.len > MOST_BYTES)
        return fault_set(why, "%s: JSON larger than 512 MiB", path);
    bool good =
        json->lines ? read_lines(&reading, content, why) : read_document(&reading, content, why);
    return good &&
           (reading.values || fault_set(why, "%s: no object has a text at value_key", path));
}
