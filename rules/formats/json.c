/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/formats/json.h"

#include "rules/shown.h"

enum { LOOK_AT = 1 << 20, MOST_BYTES = 512 << 20 };

bool
json_looks_like(struct bytes content, const char *const *words)
{
    struct bytes start = bytes_first(content, LOOK_AT);
    struct bytes trimmed = bytes_trim(start);
    if (!bytes_start_with(trimmed, bytes_from_string("{")) &&
        !bytes_start_with(trimmed, bytes_from_string("[")))
        return false;
    for (size_t i = 0; words[i]; i++)
        if (bytes_find(start, bytes_from_string(words[i])) != SIZE_MAX)
            return true;
    return false;
}

json_t *
json_read(const struct list_reader *reader, struct bytes content, struct fault *why)
{
    json_error_t error;
    if (content.len > MOST_BYTES) { /* what it becomes in memory is many times larger */
        list_fault(reader, 0, why, "JSON larger than 512 MiB");
        return NULL;
    }
    json_t *root = json_loadb(
        content.len ? (const char *)content.at : "", content.len, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        fault_set(why, "%s:%d:%d: %s", reader->path, error.line, error.column, error.text);
    return root;
}

struct bytes
json_text(const json_t *object, const char *name)
{
    const json_t *text = json_object_get(object, name);
    return bytes_of(json_string_value(text), json_string_length(text));
}

bool
json_is_set(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_true(value) || json_integer_value(value) == 1 ||
           bytes_equal_string(json_text(object, name), "1");
}

void
json_pass_over(struct list_reader *reader, struct bytes id, const char *complaint)
{
    struct text shown = {0};
    list_skip(reader);
    text_add_written(&shown, id, 60);
    list_warn(reader, "%s: %s", shown.len ? text_string(&shown) : "an entry", complaint);
    text_free(&shown);
}
