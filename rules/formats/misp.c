/* SPDX-License-Identifier: Apache-2.0
 *
 * MISP: events, what its searches answer, and feeds (a folder of events with a manifest).
 * Attributes count when they are meant for detection; of an x509 object the certificate itself,
 * where it is given, says more than the fingerprints beside it.
 *
 * Others wrote this and it has no lines: an attribute that makes no sense is passed over and told
 * of, for one such must not take the whole feed away.
 */
#include "dissect/certificate_store.h"
#include "rules/formats/formats.h"
#include "rules/formats/json.h"
#include "rules/formats/outline.h"
#include "rules/rsa_key.h"
#include "rules/sensible.h"
#include "rules/spelling.h"
#include "rules/value.h"

enum { MOST_DEPTH = 6 };

static const struct {
    const char *name;
    enum what what;
} types[] = {
    {"x509-fingerprint-sha256", WHAT_SHA256},
    {"x509-fingerprint-sha1", WHAT_SHA1},
    {"x509-fingerprint-md5", WHAT_MD5},
    {"ja3-fingerprint-md5", WHAT_JA3},
    {"domain", WHAT_DOMAIN},
    {"hostname", WHAT_DOMAIN},
    {"domain|ip", WHAT_DOMAIN},
    {"ip-src", WHAT_ADDRESS},
    {"ip-dst", WHAT_ADDRESS},
};
enum { TYPES = sizeof types / sizeof *types };

/* What is known of the event or object around an attribute. */
struct context {
    struct bytes info, event, object, tlp;
    enum severity severity;
};

static bool
looks_misp(struct bytes content)
{
    static const char *const words[] = {"\"Attribute\"", "\"Event\"", "\"Object\"", NULL};
    return json_looks_like(content, words);
}

static struct bytes
tlp_of(const json_t *tags, struct bytes otherwise)
{
    for (size_t i = 0; i < json_array_size(tags); i++) {
        struct bytes name = json_text(json_array_get(tags, i), "name");
        if (bytes_start_with_nocase(name, bytes_from_string("tlp:")))
            return bytes_skip(name, 4);
    }
    return otherwise;
}

static enum severity
severity_of(const json_t *event, enum severity otherwise)
{
    static const struct {
        const char *level;
        enum severity severity;
    } levels[] = {{"1", SEVERITY_HIGH}, {"2", SEVERITY_MEDIUM}, {"3", SEVERITY_LOW}};
    struct bytes level = json_text(event, "threat_level_id");
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (bytes_equal_string(level, levels[i].level))
            return levels[i].severity;
    return otherwise;
}

static struct context
context_of(const json_t *event, struct context around)
{
    struct bytes info = json_text(event, "info");
    struct bytes uuid = json_text(event, "uuid");
    around.info = info.len ? info : around.info;
    around.event = uuid.len ? uuid : around.event;
    around.tlp = tlp_of(json_object_get(event, "Tag"), around.tlp);
    around.severity = severity_of(event, around.severity);
    return around;
}

static struct saying
saying_of(struct list_reader *reader, const json_t *attribute, const struct context *context)
{
    struct saying say = list_saying(reader);
    struct bytes comment = json_text(attribute, "comment");
    struct text text = {0};
    text_add(&text, context->info);
    text_add_string(&text, context->info.len && comment.len ? ". " : "");
    text_add(&text, comment);
    say.description = list_string(reader, text_bytes(&text));
    text_clear(&text);
    if (context->event.len) {
        text_add_string(&text, "MISP event ");
        text_add(&text, context->event);
    }
    if (context->object.len) {
        text_add_string(&text, ", object ");
        text_add(&text, context->object);
    }
    say.reference = list_string(reader, text_bytes(&text));
    text_free(&text);
    say.tlp = list_string(reader, tlp_of(json_object_get(attribute, "Tag"), context->tlp));
    say.severity = context->severity;
    return say;
}

/* Is it meant for detection, and not taken back? */
static bool
counts(const json_t *attribute)
{
    bool meant = !json_object_get(attribute, "to_ids") || json_is_set(attribute, "to_ids");
    return meant && !json_is_set(attribute, "deleted");
}

static bool
add_clauses(struct list_reader *reader, const struct clause *clauses, size_t len,
    const struct saying *say, struct bytes id, struct fault *why)
{
    struct watch watch = {.all = clauses, .len = len, .say = *say};
    struct fault complaint = {0};
    if (!watch_is_sensible(&watch, &complaint)) {
        json_pass_over(reader, id, complaint.text);
        return true;
    }
    return list_add(reader, &watch, why);
}

static bool
add_value(struct list_reader *reader, struct value value, const struct saying *say, struct bytes id,
    struct fault *why)
{
    struct clause clause = {.any = &value, .len = 1};
    return add_clauses(reader, &clause, 1, say, id, why);
}

/* A certificate that stands there whole: itself and its key, and not what others say it is. */
static bool
add_certificate(struct list_reader *reader, const json_t *attribute, const struct context *context,
    struct fault *why)
{
    struct saying say = saying_of(reader, attribute, context);
    struct bytes written = json_text(attribute, "value");
    struct lines lines = lines_of(written);
    struct pem_block block;
    struct text der = {0};
    bool good = true;
    struct bytes base64 = pem_next(&lines, &block) ? block.body : written;
    if (!base64_decode(base64, &der) || outline_of(text_bytes(&der)) != OUTLINE_CERTIFICATE) {
        json_pass_over(reader, json_text(attribute, "uuid"), "no certificate in it");
    } else {
        const struct certificate *c = certificate_read(&reader->room, text_bytes(&der));
        if (!c)
            good = list_fault(reader, 0, why, "not enough memory");
        else
            good = add_value(reader, value_of_digest(WHAT_SHA256, c->sha256), &say,
                       json_text(attribute, "uuid"), why) &&
                   (!c->spki.len || add_value(reader, value_of_digest(WHAT_SPKI, c->spki_sha256),
                                        &say, json_text(attribute, "uuid"), why));
    }
    text_free(&der);
    return good;
}

static bool
is_whole_certificate(const json_t *attribute)
{
    struct bytes relation = json_text(attribute, "object_relation");
    return bytes_equal_string(relation, "pem") || bytes_equal_string(relation, "raw-base64");
}

static bool
add_attribute(struct list_reader *reader, const json_t *attribute, const struct context *around,
    struct fault *why)
{
    struct context context = context_of(json_object_get(attribute, "Event"), *around);
    struct bytes type = json_text(attribute, "type");
    struct bytes text = json_text(attribute, "value");
    struct fault complaint = {0};
    struct value value;
    size_t i = 0;
    if (context.object.len && is_whole_certificate(attribute))
        return add_certificate(reader, attribute, &context, why);
    while (i < TYPES && !bytes_equal_string(type, types[i].name))
        i++;
    if (i == TYPES || !counts(attribute)) {
        list_skip(reader);
        return true;
    }
    text = bytes_first(text, bytes_find_byte(text, '|'));
    if (!value_from_text(types[i].what, text, &reader->room, &value, &complaint)) {
        json_pass_over(reader, json_text(attribute, "uuid"), complaint.text);
        return true;
    }
    struct saying say = saying_of(reader, attribute, &context);
    return add_value(reader, value, &say, json_text(attribute, "uuid"), why);
}

static const json_t *
related(const json_t *attributes, const char *relation)
{
    for (size_t i = 0; i < json_array_size(attributes); i++) {
        const json_t *attribute = json_array_get(attributes, i);
        if (bytes_equal_string(json_text(attribute, "object_relation"), relation) &&
            !json_is_set(attribute, "deleted"))
            return attribute;
    }
    return NULL;
}

/* An issuer and a serial number name a certificate only together. */
static bool
add_issuer_serial(struct list_reader *reader, const json_t *attributes,
    const struct context *context, struct fault *why)
{
    const json_t *serial = related(attributes, "serial-number");
    const json_t *issuer = related(attributes, "issuer");
    struct fault complaint = {0};
    struct value values[2];
    if (!serial || !issuer)
        return true;
    if (!value_from_text(
            WHAT_SERIAL, json_text(serial, "value"), &reader->room, &values[0], &complaint) ||
        !value_from_text(
            WHAT_ISSUER, json_text(issuer, "value"), &reader->room, &values[1], &complaint)) {
        json_pass_over(reader, context->object, complaint.text);
        return true;
    }
    struct clause clauses[] = {{&values[0], 1}, {&values[1], 1}};
    struct saying say = saying_of(reader, NULL, context);
    return add_clauses(reader, clauses, 2, &say, context->object, why);
}

/* A key that is written as its numbers, unless the certificate stands beside them. */
static bool
add_key(struct list_reader *reader, const json_t *attributes, const struct context *context,
    struct fault *why)
{
    const json_t *modulus = related(attributes, "pubkey-info-modulus");
    const json_t *exponent = related(attributes, "pubkey-info-exponent");
    struct fault complaint = {0};
    uint8_t digest[SHA256_LEN];
    if (!modulus || related(attributes, "pem") || related(attributes, "raw-base64"))
        return true;
    if (!rsa_key_digest(
            json_text(modulus, "value"), json_text(exponent, "value"), digest, &complaint)) {
        json_pass_over(reader, context->object, complaint.text);
        return true;
    }
    struct saying say = saying_of(reader, modulus, context);
    return add_value(reader, value_of_digest(WHAT_SPKI, digest), &say, context->object, why);
}

static bool add_all(struct list_reader *reader, const json_t *value, const struct context *around,
    unsigned depth, struct fault *why);

static bool
add_object(struct list_reader *reader, const json_t *object, const struct context *around,
    unsigned depth, struct fault *why)
{
    struct context context = context_of(json_object_get(object, "Event"), *around);
    const json_t *attributes = json_object_get(object, "Attribute");
    if (json_is_set(object, "deleted"))
        return true;
    context.object = json_text(object, "uuid");
    if (bytes_equal_string(json_text(object, "name"), "x509") &&
        (!add_issuer_serial(reader, attributes, &context, why) ||
            !add_key(reader, attributes, &context, why)))
        return false;
    return add_all(reader, object, &context, depth, why);
}

static bool
add_members(struct list_reader *reader, const json_t *value, const struct context *around,
    unsigned depth, struct fault *why)
{
    const json_t *attributes = json_object_get(value, "Attribute");
    const json_t *objects = json_object_get(value, "Object");
    for (size_t i = 0; i < json_array_size(attributes); i++)
        if (!add_attribute(reader, json_array_get(attributes, i), around, why))
            return false;
    for (size_t i = 0; i < json_array_size(objects); i++)
        if (!add_object(reader, json_array_get(objects, i), around, depth + 1, why))
            return false;
    if (json_is_object(objects))
        return add_object(reader, objects, around, depth + 1, why);
    return true;
}

/* An answer holds events, an event objects, an object attributes; searches leave levels out. */
static bool
add_all(struct list_reader *reader, const json_t *value, const struct context *around,
    unsigned depth, struct fault *why)
{
    if (!value)
        return true;
    if (depth == MOST_DEPTH) {
        json_pass_over(reader, around->event, "nested too deep to be an event");
        return true;
    }
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!add_all(reader, json_array_get(value, i), around, depth + 1, why))
            return false;
    const json_t *event = json_object_get(value, "Event");
    struct context context = context_of(event, *around);
    return add_members(reader, value, around, depth, why) &&
           (!event || add_all(reader, event, &context, depth + 1, why)) &&
           add_all(reader, json_object_get(value, "response"), around, depth + 1, why);
}

static bool
read_events(struct list_reader *reader, struct bytes content, struct fault *why)
{
    struct context context = {.severity = list_saying(reader).severity};
    json_t *root = json_read(reader, content, why);
    bool good = root && add_all(reader, root, &context, 0, why);
    json_decref(root);
    arena_empty(&reader->room);
    return good;
}

static bool
read_misp(struct list_reader *reader, struct fault *why)
{
    return read_events(reader, reader->content, why);
}

const struct list_format misp_format = {
    .name = "misp", .looks_like = looks_misp, .read = read_misp};

/* Names of files come from the manifest: only what a UUID may look like is taken. */
static bool
is_uuid(const char *name)
{
    return strlen(name) == 36 && strspn(name, "0123456789abcdefABCDEF-") == 36;
}

static bool
read_event_file(struct list_reader *reader, const char *uuid, struct fault *why)
{
    struct list_reader one = *reader; /* so that complaints name the event's file */
    struct text path = {0};
    struct text content = {0};
    text_add_format(&path, "%s/%s.json", reader->path, uuid);
    one.path = text_string(&path);
    bool good =
        list_read_file(one.path, &content, why) && read_events(&one, text_bytes(&content), why);
    one.path = reader->path;
    *reader = one;
    text_free(&content);
    text_free(&path);
    return good;
}

static bool
read_feed(struct list_reader *reader, struct fault *why)
{
    struct text path = {0};
    struct text manifest = {0};
    const char *uuid;
    json_t *ignored;
    text_add_format(&path, "%s/manifest.json", reader->path);
    json_t *root = list_read_file(text_string(&path), &manifest, why)
                       ? json_read(reader, text_bytes(&manifest), why)
                       : NULL;
    bool good = root != NULL;
    if (good && !json_is_object(root))
        good = list_fault(reader, 0, why, "manifest.json is no manifest of a MISP feed");
    json_object_foreach(root, uuid, ignored)
    {
        if (good && !is_uuid(uuid))
            good = list_fault(reader, 0, why, "manifest.json names an event that has no UUID");
        good = good && read_event_file(reader, uuid, why);
    }
    json_decref(root);
    text_free(&manifest);
    text_free(&path);
    return good;
}

static bool
looks_like_nothing(struct bytes content)
{
    (void)content;
    return false; /* it is a folder */
}

const struct list_format misp_feed_format = {
    .name = "misp", .looks_like = looks_like_nothing, .read = read_feed};
