/* SPDX-License-Identifier: Apache-2.0
 *
 * One MISP event: an attribute for each value.
 */
#include "lists/writers/writer.h"

static void
begin(struct writing *w)
{
    text_add_string(w->out, "{\"Event\":{\"uuid\":\"");
    uuid_write(bytes_from_string(w->name), w->out);
    text_add_string(w->out, "\",\"info\":");
    quoted_write(bytes_from_string(w->name), w->out);
    text_add_string(w->out, ",\"Attribute\":[");
}

static const char *
type_of(const struct value *value)
{
    if (value->match != MATCH_EXACT && value->match != MATCH_NETWORK)
        return NULL;
    switch ((int)value->what) {
    case WHAT_SHA256:
        return "x509-fingerprint-sha256";
    case WHAT_SHA1:
        return "x509-fingerprint-sha1";
    case WHAT_MD5:
        return "x509-fingerprint-md5";
    case WHAT_JA3:
        return "ja3-fingerprint-md5";
    case WHAT_DOMAIN:
        return "domain";
    case WHAT_ADDRESS:
        return "ip-dst";
    default:
        return NULL;
    }
}

static void
add_attribute(struct writing *w, const struct watch *watch, const struct value *value)
{
    struct text written = {0};
    value_write(value, &written);
    text_add_format(w->out,
        "%s\n{\"type\":\"%s\",\"category\":\"Network activity\",\"to_ids\":true,"
        "\"uuid\":\"",
        w->number++ ? "," : "", type_of(value));
    struct text name = {0}; /* what two attributes of the same value differ in is their type */
    text_add_format(&name, "%s %s", type_of(value), text_string(&written));
    uuid_write(text_bytes(&name), w->out);
    text_free(&name);
    text_add_string(w->out, "\",\"value\":");
    quoted_write(text_bytes(&written), w->out);
    text_add_string(w->out, ",\"comment\":");
    quoted_write(bytes_from_string(watch->say.description), w->out);
    if (*watch->say.tlp) {
        text_clear(&written);
        text_add_format(&written, "tlp:%s", watch->say.tlp);
        text_add_string(w->out, ",\"Tag\":[{\"name\":");
        quoted_write(text_bytes(&written), w->out);
        text_add_string(w->out, "}]");
    }
    text_add_char(w->out, '}');
    text_free(&written);
}

static bool
entry(struct writing *w, const struct watch *watch)
{
    const struct clause *clause = &watch->all[0];
    for (size_t i = 0; i < clause->len; i++)
        if (!type_of(&clause->any[i]))
            return writing_leave_out(
                w, watch, "anything but digests, whole domains, addresses and JA3");
    for (size_t i = 0; i < clause->len; i++)
        add_attribute(w, watch, &clause->any[i]);
    return true;
}

static void
end(struct writing *w)
{
    text_add_string(w->out, "\n]}}\n");
}

const struct writer misp_writer = {
    "misp", "MISP event", HOLDS_DESCRIPTION | HOLDS_TLP, begin, entry, end};
