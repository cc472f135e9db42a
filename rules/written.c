/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/written.h"

#include "dissect/certificate_store.h"
#include "rules/canonical_name.h"
#include "rules/shown.h"
#include "rules/spelling.h"

#include <ctype.h>
#include <time.h>

enum { MOST_SHOWN = 4096 };

void
network_write(const struct network *network, struct text *out)
{
    char address[ADDRESS_TEXT];
    unsigned base = address_is_v4(&network->address) && network->prefix >= 96 ? 96 : 0;
    address_to_text(&network->address, address);
    text_add_string(out, address);
    if (network->prefix < 128)
        text_add_format(out, "/%u", network->prefix - base);
}

void
time_write(int64_t seconds, struct text *out)
{
    time_t when = (time_t)seconds;
    struct tm tm;
    if (gmtime_r(&when, &tm))
        text_add_format(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
            tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* The one form of a name, in which \1 and \2 stand before its parts, as RFC 4514 has it. What would
 * part it otherwise is escaped; what is escaped stays so. */
static void
write_name(struct bytes canonical, struct text *out)
{
    struct reader r = reader_over(canonical);
    bool first = true;
    bool type = false;
    while (reader_more(&r)) {
        uint8_t c = read_u8(&r);
        if (c == '\1' || c == '\2') {
            text_add_string(out, first ? "" : c == '\1' ? "," : "+");
            first = false;
            type = true;
        } else if (type) {
            text_add_char(out, (char)toupper(c));
            type = c != '=';
        } else if (strchr(",+\";<>#=", c) || c >= 0x7f) {
            text_add_format(out, "\\%02x", c);
        } else {
            text_add_char(out, (char)c);
        }
    }
}

static void
write_der_name(struct bytes name, struct text *out)
{
    struct pool pool = {.limit = SIZE_MAX};
    struct arena arena = {.pool = &pool};
    text_add(out, name_read(&arena, name));
    arena_empty(&arena);
}

static void
write_network(struct bytes value, struct text *out)
{
    struct network network = {
        .address = address_v6(bytes_first(value, 16)), .prefix = bytes_at(value, 16)};
    network_write(&network, out);
}

static void
write_exact(const struct value *value, struct text *out)
{
    if (value->what == WHAT_ISSUER_SERIAL || value->what == WHAT_SUBJECT_KEY)
        write_der_name(value->value, out);
    else if (value->what == WHAT_ISSUER || value->what == WHAT_SUBJECT)
        write_name(value->value, out);
    else if (value->what == WHAT_SERIAL)
        serial_write(value->value, out);
    else if (what_kind(value->what)->digest_len || value->what == WHAT_ISSUER_KEY_SERIAL)
        text_add_hex(out, value->value);
    else
        text_add(out, value->value);
}

void
value_write(const struct value *value, struct text *out)
{
    switch (value->match) {
    case MATCH_EXACT:
        write_exact(value, out);
        break;
    case MATCH_SUFFIX:
        text_add_string(out, "*.");
        text_add(out, value->value);
        break;
    case MATCH_GLOB:
        text_add(out, value->value);
        break;
    case MATCH_NETWORK:
        write_network(value->value, out);
        break;
    case MATCH_REGEX:
        text_add_char(out, '/');
        text_add(out, value->value);
        text_add_char(out, '/');
        break;
    }
}

void
value_write_folded(const struct value *value, struct text *out)
{
    struct text name = {0};
    struct text folded = {0};
    value_write(value, &name);
    if (value->second.len && name_canonical(text_bytes(&name), &folded))
        write_name(text_bytes(&folded), out);
    else
        text_add(out, text_bytes(&name));
    text_free(&name);
    text_free(&folded);
}

void
value_write_second(const struct value *value, struct text *out)
{
    if (what_kind(value->what)->halves[1] == WHAT_SERIAL)
        serial_write(value->second, out);
    else
        text_add_hex(out, value->second);
}

void
shown_write(struct bytes written, struct text *out)
{
    text_add_shown(out, written, MOST_SHOWN);
}

void
quoted_write(struct bytes written, struct text *out)
{
    text_add_quoted(out, written);
}
