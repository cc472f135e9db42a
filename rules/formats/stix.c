/* SPDX-License-Identifier: Apache-2.0
 *
 * STIX 2.1 bundles: the indicators in them. As with MISP, others wrote this and it has no lines: an
 * indicator that asks for what we do not see is passed over and told of.
 */
#include "rules/formats/formats.h"
#include "rules/formats/json.h"
#include "rules/formats/stix_pattern.h"
#include "rules/sensible.h"
#include "rules/spelling.h"

static bool
looks_stix(struct bytes content)
{
    static const char *const words[] = {"\"bundle\"", "\"pattern_type\"", "\"spec_version\"", NULL};
    return json_looks_like(content, words);
}

/* The markings of the Traffic Light Protocol that every producer shares (STIX 2.1 section 7.2.1.4),
 * which need not stand in the bundle. */
static const struct {
    const char *id, *tlp;
} markings[] = {
    {"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", "white"},
    {"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", "green"},
    {"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", "amber"},
    {"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "red"},
};

/* Those of the bundle by their names, so that a large bundle is gone through once. NULL when there
 * is no memory. */
static json_t *
markings_of(const json_t *objects)
{
    json_t *by_id = json_object();
    for (size_t i = 0; by_id && i < json_array_size(objects); i++) {
        json_t *object = json_array_get(objects, i);
        const char *id = json_string_value(json_object_get(object, "id"));
        if (!id || !bytes_equal_string(json_text(object, "type"), "marking-definition"))
            continue;
        if (!json_object_get(by_id, id) && json_object_set(by_id, id, object) != 0) {
            json_decref(by_id);
            return NULL;
        }
    }
    return by_id;
}

static struct bytes
marking_tlp(const json_t *by_id, const char *id)
{
    for (size_t i = 0; i < sizeof markings / sizeof *markings; i++)
        if (strcmp(id, markings[i].id) == 0)
            return bytes_from_string(markings[i].tlp);
    const json_t *object = json_object_get(by_id, id);
    struct bytes name = json_text(object, "name");
    if (bytes_start_with_nocase(name, bytes_from_string("tlp:")))
        return bytes_skip(name, 4);
    return json_text(json_object_get(object, "definition"), "tlp");
}

static struct bytes
tlp_of(const json_t *by_id, const json_t *indicator)
{
    const json_t *refs = json_object_get(indicator, "object_marking_refs");
    for (size_t i = 0; i < json_array_size(refs); i++) {
        const char *ref = json_string_value(json_array_get(refs, i));
        struct bytes tlp = ref ? marking_tlp(by_id, ref) : (struct bytes){0};
        if (tlp.len)
            return tlp;
    }
    return (struct bytes){0};
}

static struct saying
saying_of(struct list_reader *reader, const json_t *by_id, const json_t *indicator)
{
    struct saying say = list_saying(reader);
    struct bytes name = json_text(indicator, "name");
    const json_t *confidence = json_object_get(indicator, "confidence");
    const json_t *first = json_array_get(json_object_get(indicator, "external_references"), 0);
    struct bytes url = json_text(first, "url");
    json_int_t percent = json_integer_value(confidence);
    say.description = list_string(reader, name.len ? name : json_text(indicator, "description"));
    say.reference = list_string(reader, url.len ? url : json_text(indicator, "id"));
    say.tlp = list_string(reader, tlp_of(by_id, indicator));
    if (json_is_integer(confidence) && percent >= 0 && percent <= 100)
        say.confidence = (unsigned)percent;
    return say;
}

static struct moment
moment_of(const json_t *indicator, const char *name)
{
    struct moment moment = {0};
    moment.given = time_from_text(json_text(indicator, name), &moment.seconds) &&
                   moment.seconds > 0; /* 1970 is what is written where nobody knows */
    return moment;
}

static bool
add_way(struct list_reader *reader, const json_t *by_id, const json_t *indicator,
    const struct pattern_way *way, struct fault *why)
{
    struct watch watch = {
        .all = way->clauses, .len = way->len, .say = saying_of(reader, by_id, indicator)};
    struct fault complaint = {0};
    watch.when = way->when;
    watch.when.valid_from = moment_of(indicator, "valid_from");
    watch.when.valid_until = moment_of(indicator, "valid_until");
    if (way->beyond_us) {
        json_pass_over(reader, json_text(indicator, "id"), "asks for what is not seen here");
        return true;
    }
    if (!watch_is_sensible(&watch, &complaint)) {
        json_pass_over(reader, json_text(indicator, "id"), complaint.text);
        return true;
    }
    return list_add(reader, &watch, why);
}

static bool
add_indicator(
    struct list_reader *reader, const json_t *by_id, const json_t *indicator, struct fault *why)
{
    struct bytes type = json_text(indicator, "pattern_type");
    struct pattern pattern;
    struct fault complaint = {0};
    if (json_is_set(indicator, "revoked") || (type.len && !bytes_equal_string(type, "stix"))) {
        list_skip(reader);
        return true;
    }
    if (!pattern_read(json_text(indicator, "pattern"), &reader->room, &pattern, &complaint)) {
        json_pass_over(reader, json_text(indicator, "id"), complaint.text);
        return true;
    }
    for (size_t i = 0; i < pattern.len; i++)
        if (!add_way(reader, by_id, indicator, &pattern.ways[i], why))
            return false;
    return true;
}

static bool
read_stix(struct list_reader *reader, struct fault *why)
{
    json_t *root = json_read(reader, reader->content, why);
    const json_t *objects = json_is_array(root) ? root : json_object_get(root, "objects");
    bool good = root && (json_is_array(objects) ||
                            list_fault(reader, 0, why, "a bundle without \"objects\""));
    json_t *by_id = good ? markings_of(objects) : NULL;
    if (good && !by_id)
        good = list_fault(reader, 0, why, "not enough memory");
    for (size_t i = 0; good && i < json_array_size(objects); i++) {
        const json_t *object = json_array_get(objects, i);
        if (bytes_equal_string(json_text(object, "type"), "indicator"))
            good = add_indicator(reader, by_id, object, why);
        arena_empty(&reader->room);
    }
    json_decref(by_id);
    json_decref(root);
    return good;
}

const struct list_format stix_format = {
    .name = "stix", .looks_like = looks_stix, .read = read_stix};
