/* SPDX-License-Identifier: Apache-2.0
 *
 * A STIX 2.1 bundle: an indicator for each entry, with a pattern of what is watched for.
 */
#include "lists/writers/writer.h"

#include <strings.h>

/* Object paths, and whether texts are compared there (else "=" alone has a meaning). */
static const struct {
    const char *path;
    bool text;
} paths[WHATS] = {
    [WHAT_SHA256] = {"x509-certificate:hashes.'SHA-256'", false},
    [WHAT_SHA1] = {"x509-certificate:hashes.'SHA-1'", false},
    [WHAT_MD5] = {"x509-certificate:hashes.MD5", false},
    [WHAT_ISSUER_SERIAL] = {"x509-certificate:issuer", true},
    [WHAT_SERIAL] = {"x509-certificate:serial_number", false},
    [WHAT_ISSUER] = {"x509-certificate:issuer", true},
    [WHAT_SUBJECT] = {"x509-certificate:subject", true},
    [WHAT_SAN] = {"x509-certificate:x509_v3_extensions.subject_alternative_name", true},
    [WHAT_DOMAIN] = {"domain-name:value", true},
    [WHAT_ADDRESS] = {"ipv4-addr:value", false},
};

static void
begin(struct writing *w)
{
    text_add_string(w->out, "{\"type\":\"bundle\",\"id\":\"bundle--");
    uuid_write(bytes_from_string(w->name), w->out);
    text_add_string(w->out, "\",\"objects\":[");
}

static void
add_string(struct text *out, struct bytes string, bool like)
{
    struct reader r = reader_over(string);
    text_add_char(out, '\'');
    while (reader_more(&r)) {
        uint8_t c = read_u8(&r);
        if (c == '\'' || c == '\\' || (like && (c == '%' || c == '_')))
            text_add_char(out, '\\');
        text_add_char(out, (char)(like && c == '*' ? '%' : like && c == '?' ? '_' : c));
    }
    text_add_char(out, '\'');
}

static bool
is_v6(const struct value *value)
{
    if (value->what != WHAT_ADDRESS)
        return false;
    struct address address = address_v6(bytes_first(value->value, 16));
    return !address_is_v4(&address);
}

/* An octet of zero says that the number is not less: without it, either sign could be meant. */
static void
add_sign(struct bytes serial, struct text *out)
{
    if (!(bytes_at(serial, 0) & 0x80))
        text_add_string(out, "00");
}

static void
add_comparison(const struct value *value, struct text *out)
{
    static const char *const operators[] = {
        [MATCH_EXACT] = "=",
        [MATCH_SUFFIX] = "LIKE",
        [MATCH_GLOB] = "LIKE",
        [MATCH_NETWORK] = "=",
        [MATCH_REGEX] = "MATCHES",
    };
    struct text written = {0};
    bool like = value->match == MATCH_SUFFIX || value->match == MATCH_GLOB;
    if (value->what == WHAT_SERIAL)
        add_sign(value->value, &written);
    if (value->match == MATCH_REGEX)
        text_add(&written, value->value);
    else
        value_write(value, &written);
    text_add_format(out, "%s %s ", is_v6(value) ? "ipv6-addr:value" : paths[value->what].path,
        operators[value->match]);
    add_string(out, text_bytes(&written), like);
    text_free(&written);
    if (!value->second.len)
        return;
    text_add_string(out, " AND x509-certificate:serial_number = '");
    add_sign(value->second, out);
    value_write_second(value, out);
    text_add_char(out, '\'');
}

static void
add_clause(const struct clause *clause, bool alone, struct text *out)
{
    bool parted = clause->len > 1 && !alone;
    text_add_string(out, parted ? "(" : "");
    for (size_t i = 0; i < clause->len; i++) {
        bool halves = clause->any[i].second.len && clause->len > 1;
        text_add_string(out, i ? " OR " : "");
        text_add_string(out, halves ? "(" : "");
        add_comparison(&clause->any[i], out);
        text_add_string(out, halves ? ")" : "");
    }
    text_add_string(out, parted ? ")" : "");
}

static const char *
marking_of(const char *tlp)
{
    static const char *const markings[][2] = {
        {"white", "613f2e26-407d-48c7-9eca-b8e91df99dc9"},
        {"clear", "613f2e26-407d-48c7-9eca-b8e91df99dc9"},
        {"green", "34098fce-860f-48ae-8e50-ebd3cc5e41da"},
        {"amber", "f88d31f6-486f-44da-b317-01333bde0b82"},
        {"red", "5e57c739-391a-4eb3-b6be-7d15ca92d5ed"},
    };
    for (size_t i = 0; i < sizeof markings / sizeof *markings; i++)
        if (strcasecmp(tlp, markings[i][0]) == 0)
            return markings[i][1];
    return NULL;
}

/* What is not known is said as the earliest time, so that no use is too early. */
static void
add_times(const struct watch *watch, struct text *out)
{
    const struct conditions *when = &watch->when;
    const char *created = "1970-01-01T00:00:00.000Z";
    text_add_format(
        out, ",\"created\":\"%s\",\"modified\":\"%s\",\"valid_from\":\"", created, created);
    time_write(when->valid_from.given ? when->valid_from.seconds : 0, out);
    if (when->valid_until.given) {
        text_add_string(out, "\",\"valid_until\":\"");
        time_write(when->valid_until.seconds, out);
    }
    text_add_char(out, '"');
}

static void
add_saying(struct writing *w, const struct watch *watch)
{
    const char *marking = marking_of(watch->say.tlp);
    text_add_string(w->out, ",\"name\":");
    quoted_write(bytes_from_string(watch_title(watch, w->source)), w->out);
    if (watch->say.confidence < 100)
        text_add_format(w->out, ",\"confidence\":%u", watch->say.confidence);
    if (marking)
        text_add_format(w->out, ",\"object_marking_refs\":[\"marking-definition--%s\"]", marking);
    else if (*watch->say.tlp)
        writing_lose(w, watch, "a TLP without a marking of its own");
    if (!*watch->say.reference)
        return;
    text_add_string(w->out, ",\"external_references\":[{\"source_name\":");
    quoted_write(bytes_from_string(w->source), w->out);
    text_add_string(w->out, ",\"url\":");
    quoted_write(bytes_from_string(watch->say.reference), w->out);
    text_add_string(w->out, "}]");
}

static bool
entry(struct writing *w, const struct watch *watch)
{
    struct text pattern = {0};
    for (size_t i = 0; i < watch->len; i++)
        for (size_t k = 0; k < watch->all[i].len; k++)
            if (!paths[watch->all[i].any[k].what].path)
                return writing_leave_out(
                    w, watch, "keys by their digest, common and server names, JA3 and JA4");
    text_add_char(&pattern, '[');
    for (size_t i = 0; i < watch->len; i++) {
        text_add_string(&pattern, i ? " AND " : "");
        add_clause(&watch->all[i], watch->len == 1, &pattern);
    }
    text_add_char(&pattern, ']');
    text_add_format(w->out,
        "%s\n{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--",
        w->written ? "," : "");
    uuid_write(text_bytes(&pattern), w->out);
    text_add_string(w->out, "\",\"pattern_type\":\"stix\",\"pattern\":");
    quoted_write(text_bytes(&pattern), w->out);
    add_times(watch, w->out);
    add_saying(w, watch);
    text_add_char(w->out, '}');
    text_free(&pattern);
    return true;
}

static void
end(struct writing *w)
{
    text_add_string(w->out, "\n]}\n");
}

const struct writer stix_writer = {"stix", "STIX 2.1 bundle",
    HOLDS_VALIDITY | HOLDS_SEVERAL | HOLDS_REFERENCE | HOLDS_CONFIDENCE | HOLDS_TLP |
        HOLDS_DESCRIPTION,
    begin, entry, end};
