/* SPDX-License-Identifier: Apache-2.0
 *
 * Suricata's rules and datasets.
 */
#include "lists/writers/writer.h"
#include "rules/spelling.h"

static void
nothing(struct writing *w)
{
    (void)w;
}

static void
add_pairs(struct text *out, struct bytes bytes, bool upper)
{
    struct reader r = reader_over(bytes);
    for (bool first = true; reader_more(&r); first = false)
        text_add_format(out, upper ? "%s%02X" : "%s%02x", first ? "" : ":", read_u8(&r));
}

/* Suricata's datasets have no type for SHA-1: a "string" is base64 of what a keyword shows, which
 * is the digest with colons (tls.cert_fingerprint). */
static bool
dataset_entry(struct writing *w, const struct watch *watch)
{
    const struct clause *clause = &watch->all[0];
    for (size_t i = 0; i < clause->len; i++)
        if (clause->any[i].what != WHAT_SHA1)
            return writing_leave_out(w, watch, "anything but SHA-1 digests");
    for (size_t i = 0; i < clause->len; i++) {
        struct text pairs = {0};
        add_pairs(&pairs, clause->any[i].value, false);
        base64_write(text_bytes(&pairs), w->out);
        text_add_char(w->out, '\n');
        text_free(&pairs);
    }
    return true;
}

const struct writer dataset_writer = {"dataset",
    "Suricata dataset of type string, for tls.cert_fingerprint", 0, nothing, dataset_entry,
    nothing};

enum { FIRST_SID = 9000001 };

/* The keyword whose buffer holds such a value, and the value as it stands there. */
static const char *
suricata_content(const struct value *value, struct text *out)
{
    if (value->match != MATCH_EXACT)
        return NULL;
    switch ((int)value->what) {
    case WHAT_SHA1:
        add_pairs(out, value->value, false);
        return "tls.cert_fingerprint";
    case WHAT_SERIAL:
        add_pairs(out, value->value, true);
        return "tls.cert_serial";
    case WHAT_SERVER_NAME:
        text_add(out, value->value);
        return "tls.sni";
    case WHAT_JA3:
        text_add(out, value->value);
        return "ja3.hash";
    case WHAT_JA3S:
        text_add(out, value->value);
        return "ja3s.hash";
    case WHAT_JA4:
        text_add(out, value->value);
        return "ja4.hash";
    default:
        return NULL;
    }
}

/* Inside the quotes of a rule's option. */
static void
add_option_text(struct text *out, struct bytes text)
{
    struct reader r = reader_over(text);
    while (reader_more(&r)) {
        uint8_t c = read_u8(&r);
        if (strchr("\";\\:|", c))
            text_add_char(out, '\\');
        text_add_char(out, (char)(c < ' ' ? ' ' : c));
    }
}

/* Characters that mean something in a content are written as their bytes. */
static void
add_content(struct text *out, struct bytes content)
{
    struct reader r = reader_over(content);
    while (reader_more(&r)) {
        uint8_t c = read_u8(&r);
        if (c <= ' ' || c >= 0x7f || strchr("\";\\|", c))
            text_add_format(out, "|%02x|", c);
        else
            text_add_char(out, (char)c);
    }
}

static void
add_rule(struct writing *w, const struct watch *watch, const struct value *value)
{
    static const int priorities[] = {4, 3, 2, 1}; /* by severity */
    struct text content = {0};
    const char *keyword = suricata_content(value, &content);
    text_add_format(w->out, "%s tls any any -> any any (msg:\"", watch->allow ? "pass" : "alert");
    add_option_text(w->out, bytes_from_string(watch_title(watch, w->source)));
    text_add_format(w->out, "\"; %s; content:\"", keyword);
    add_content(w->out, text_bytes(&content));
    text_add_format(w->out, "\"; bsize:%zu; %spriority:%d; sid:%zu; rev:1;)\n", content.len,
        value->what == WHAT_SERVER_NAME ? "nocase; " : "", priorities[watch->say.severity],
        FIRST_SID + w->number++);
    text_free(&content);
}

static bool
suricata_entry(struct writing *w, const struct watch *watch)
{
    const struct clause *clause = &watch->all[0];
    for (size_t i = 0; i < clause->len; i++) {
        struct text content = {0};
        const char *keyword = suricata_content(&clause->any[i], &content);
        text_free(&content);
        if (!keyword)
            return writing_leave_out(
                w, watch, "anything but SHA-1, serial numbers, server names, JA3 and JA4");
    }
    for (size_t i = 0; i < clause->len; i++)
        add_rule(w, watch, &clause->any[i]);
    return true;
}

const struct writer suricata_writer = {"suricata", "Suricata rules",
    HOLDS_DESCRIPTION | HOLDS_SEVERITY | HOLDS_ALLOW, nothing, suricata_entry, nothing};
