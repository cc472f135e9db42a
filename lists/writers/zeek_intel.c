/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of Zeek's Intelligence Framework.
 */
#include "lists/writers/writer.h"

static void
nothing(struct writing *w)
{
    (void)w;
}

static void
zeek_begin(struct writing *w)
{
    text_add_string(w->out, "#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\tmeta.url"
                            "\tmeta.whitelist\n");
}

/* Zeek compares CERT_HASH with SHA-1 alone, FILE_HASH with all three. */
static const char *
zeek_type(const struct value *value)
{
    bool network = value->match == MATCH_NETWORK && bytes_at(value->value, 16) < 128;
    if (value->match != MATCH_EXACT && value->match != MATCH_NETWORK)
        return NULL;
    switch ((int)value->what) {
    case WHAT_SHA1:
        return "Intel::CERT_HASH";
    case WHAT_SHA256:
    case WHAT_MD5:
        return "Intel::FILE_HASH";
    case WHAT_DOMAIN:
        return "Intel::DOMAIN";
    case WHAT_JA3:
        return "Intel::JA3";
    case WHAT_JA3S:
        return "Intel::JA3S";
    case WHAT_JA4:
        return "Intel::JA4";
    case WHAT_ADDRESS:
        return network ? "Intel::SUBNET" : "Intel::ADDR";
    default:
        return NULL;
    }
}

static bool
zeek_entry(struct writing *w, const struct watch *watch)
{
    const struct clause *clause = &watch->all[0];
    for (size_t i = 0; i < clause->len; i++)
        if (!zeek_type(&clause->any[i]))
            return writing_leave_out(
                w, watch, "anything but digests, whole domains, addresses and JA3");
    for (size_t i = 0; i < clause->len; i++) {
        value_write(&clause->any[i], w->out);
        text_add_format(w->out, "\t%s\t", zeek_type(&clause->any[i]));
        line_text_write(w->source, w->out);
        text_add_char(w->out, '\t');
        line_text_write(watch_title(watch, "-"), w->out);
        text_add_char(w->out, '\t');
        line_text_write(*watch->say.reference ? watch->say.reference : "-", w->out);
        text_add_format(w->out, "\t%s\n", watch->allow ? "T" : "F");
    }
    return true;
}

const struct writer zeek_intel_writer = {"zeek-intel", "Zeek's Intelligence Framework",
    HOLDS_DESCRIPTION | HOLDS_REFERENCE | HOLDS_ALLOW, zeek_begin, zeek_entry, nothing};
