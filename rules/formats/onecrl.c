/* SPDX-License-Identifier: Apache-2.0
 *
 * OneCRL, the intermediate certificates that Firefox does not trust any more: records with the
 * issuer's name and a serial number, or with a subject's name and the digest of its key.
 */
#include "rules/formats/formats.h"
#include "rules/formats/json.h"
#include "rules/shown.h"
#include "rules/spelling.h"

static bool
looks_onecrl(struct bytes content)
{
    static const char *const words[] = {"\"issuerName\"", "\"pubKeyHash\"", NULL};
    return json_looks_like(content, words);
}

static struct saying
saying_of(struct list_reader *reader, const json_t *record)
{
    struct saying say = list_saying(reader);
    const json_t *details = json_object_get(record, "details");
    struct bytes name = json_text(details, "name");
    struct bytes reason = json_text(details, "why");
    struct text description = {0};
    say.has_note = true;
    say.note = NOTE_REVOKED_CERTIFICATE;
    text_add(&description, name);
    text_add_string(&description, name.len && reason.len ? ": " : "");
    text_add(&description, reason);
    say.description = list_string(reader, text_bytes(&description));
    say.reference = list_string(reader, json_text(details, "bug"));
    text_free(&description);
    return say;
}

/* Both halves of a record; its serial is the content of an INTEGER. */
static bool
decode(const json_t *record, enum what what, struct text octets[2], struct value *value)
{
    bool serial = what == WHAT_ISSUER_SERIAL;
    struct bytes first = json_text(record, serial ? "issuerName" : "subject");
    struct bytes second = json_text(record, serial ? "serialNumber" : "pubKeyHash");
    if (!base64_decode(first, &octets[0]) || !base64_decode(second, &octets[1]))
        return false;
    *value = (struct value){.what = what, .value = text_bytes(&octets[0])};
    value->second = text_bytes(&octets[1]);
    if (serial)
        value->second = serial_canonical(value->second);
    return value->value.len && value->second.len && (serial || value->second.len == SHA256_LEN);
}

static bool
add_record(struct list_reader *reader, const json_t *record, struct fault *why)
{
    bool serial = json_text(record, "serialNumber").len > 0;
    struct text octets[2] = {{0}};
    struct value value;
    bool good = true;
    if (!serial && !json_text(record, "pubKeyHash").len) {
        json_pass_over(reader, json_text(record, "id"), "neither a serialNumber nor a pubKeyHash");
    } else if (!decode(record, serial ? WHAT_ISSUER_SERIAL : WHAT_SUBJECT_KEY, octets, &value)) {
        struct text id = {0};
        text_add_written(&id, json_text(record, "id"), 60);
        good = list_fault(reader, 0, why, "record \"%s\": %s is wrong", text_string(&id),
            serial ? "issuerName or serialNumber" : "subject or pubKeyHash");
        text_free(&id);
    } else {
        struct saying say = saying_of(reader, record);
        good = list_add_value(reader, &value, &say, 0, why);
    }
    text_free(&octets[0]);
    text_free(&octets[1]);
    arena_empty(&reader->room);
    return good;
}

static bool
read_onecrl(struct list_reader *reader, struct fault *why)
{
    json_t *root = json_read(reader, reader->content, why);
    const json_t *records = json_is_array(root) ? root : json_object_get(root, "data");
    bool good = root && (json_is_array(records) ||
                            list_fault(reader, 0, why, "no array of records in \"data\""));
    for (size_t i = 0; good && i < json_array_size(records); i++)
        good = add_record(reader, json_array_get(records, i), why);
    json_decref(root);
    return good;
}

const struct list_format onecrl_format = {
    .name = "onecrl", .looks_like = looks_onecrl, .read = read_onecrl};
