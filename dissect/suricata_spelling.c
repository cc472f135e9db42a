/* SPDX-License-Identifier: Apache-2.0
 *
 * Suricata prints a Name with the x509-parser library: from the country down, without escapes, with
 * short names of its own for some attributes. What an attribute is called there was found out by
 * giving Suricata 7.0 a certificate with all of them.
 */
#include "dissect/suricata_spelling.h"

#include "dissect/der.h"
#include "dissect/oids.h"

#include <time.h>

static const struct {
    const char *oid;
    const char *name;
} attributes[] = {
    {"2.5.4.3", "CN"}, {"2.5.4.10", "O"}, {"2.5.4.11", "OU"}, {"2.5.4.6", "C"}, {"2.5.4.7", "L"},
    {"2.5.4.8", "ST"}, {"0.9.2342.19200300.100.1.25", "DC"}, {"1.2.840.113549.1.9.1", "Email"},
    {"2.5.4.4", "surname"}, {"2.5.4.5", "serialNumber"}, {"2.5.4.9", "streetAddress"},
    {"2.5.4.12", "title"}, {"2.5.4.13", "description"}, {"2.5.4.15", "businessCategory"},
    {"2.5.4.17", "postalCode"}, {"2.5.4.41", "name"}, {"2.5.4.42", "givenName"},
    {"2.5.4.43", "initials"}, {"2.5.4.44", "generationQualifier"}, {"2.5.4.45", "uniqueIdentifier"},
    {"2.5.4.46", "dnQualifier"}, {"1.2.840.113549.1.9.2", "unstructuredName"},
    {"0.9.2342.19200300.100.1.1", "uid"}, {"1.3.6.1.4.1.311.60.2.1.1", "msJurisdictionLocality"},
    {"1.3.6.1.4.1.311.60.2.1.2", "msJurisdictionStateOrProvince"},
    {"1.3.6.1.4.1.311.60.2.1.3", "msJurisdictionCountry"},
    {"2.5.29.17", "subjectAltName"}, /* in a name it does not belong, but it was seen */
};

static void
add_type(struct bytes oid, struct text *out)
{
    char type[OID_TEXT];
    if (!oid_to_text(oid, type, sizeof type)) {
        text_add_string(out, "OID()");
        return;
    }
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        if (!strcmp(type, attributes[i].oid)) {
            text_add_string(out, attributes[i].name);
            return;
        }
    text_add_format(out, "OID(%s)", type);
}

static bool
is_string(uint8_t tag)
{
    static const uint8_t strings[] = {
        0x07, 0x0c, 0x12, 0x13, 0x14, 0x15, 0x16, 0x19, 0x1a, 0x1b, 0x1e};
    return memchr(strings, tag, sizeof strings) != NULL;
}

/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
static bool
is_utf8(struct bytes string)
{
    struct reader r = reader_over(string);
    while (reader_more(&r)) {
        uint8_t lead = read_u8(&r);
        if (lead < 0x80)
            continue;
        size_t more = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
        uint8_t least = (uint8_t)(lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80);
        uint8_t most = (uint8_t)(lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf);
        uint8_t next = read_u8(&r);
        if (!more || next < least || next > most)
            return false;
        for (size_t i = 1; i < more; i++)
            if ((read_u8(&r) & 0xc0) != 0x80)
                return false;
    }
    return !r.bad;
}

enum step { STEP_DONE, STEP_MALFORMED, STEP_NO_TEXT };

static enum step
add_attribute(struct reader *r, struct text *out)
{
    struct der attribute;
    struct der type;
    struct der value;
    if (!der_take(r, DER_SEQUENCE, &attribute))
        return STEP_MALFORMED;
    struct reader inner = reader_over(attribute.content);
    if (!der_take(&inner, DER_OID, &type) || !der_read(&inner, &value) || value.cut)
        return STEP_MALFORMED;
    add_type(type.content, out);
    text_add_char(out, '=');
    if (is_string(value.tag)) {
        text_add(out, value.content);
        return is_utf8(value.content) ? STEP_DONE : STEP_NO_TEXT;
    }
    struct reader octets = reader_over(value.content);
    while (reader_more(&octets))
        text_add_format(out, "%02X", read_u8(&octets));
    return STEP_DONE;
}

static enum step
add_sets(struct bytes sets, struct text *out)
{
    struct reader r = reader_over(sets);
    struct der set;
    for (bool first = true; reader_more(&r); first = false) {
        if (!der_take(&r, DER_SET, &set))
            return STEP_MALFORMED;
        struct reader inner = reader_over(set.content);
        for (bool alone = true; reader_more(&inner); alone = false) {
            if (!first || !alone)
                text_add_string(out, alone ? ", " : " + ");
            enum step step = add_attribute(&inner, out);
            if (step != STEP_DONE)
                return step;
        }
    }
    return STEP_DONE;
}

void
suricata_name(struct bytes name, struct text *out)
{
    struct reader r = reader_over(name);
    struct der sequence;
    size_t before = out->len;
    if (!der_take(&r, DER_SEQUENCE, &sequence))
        return;
    if (add_sets(sequence.content, out) == STEP_NO_TEXT) {
        out->len = before;
        text_add_string(out, "<X509Error: Invalid X.509 name>");
    }
}

void
suricata_octets(struct bytes octets, bool lower, struct text *out)
{
    const char *digits = lower ? "0123456789abcdef" : "0123456789ABCDEF";
    struct reader r = reader_over(octets);
    for (bool first = true; reader_more(&r); first = false) {
        uint8_t octet = read_u8(&r);
        if (!first)
            text_add_char(out, ':');
        text_add_char(out, digits[octet >> 4]);
        text_add_char(out, digits[octet & 15]);
    }
}

void
suricata_time(int64_t seconds, struct text *out)
{
    struct tm parts = {0};
    time_t time = (time_t)seconds;
    gmtime_r(&time, &parts);
    text_add_format(out, "%04lld-%02d-%02dT%02d:%02d:%02d", (long long)parts.tm_year + 1900,
        parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}
