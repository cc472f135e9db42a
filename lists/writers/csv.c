/* SPDX-License-Identifier: Apache-2.0
 *
 * A table with a header (RFC 4180). Each value is a row of its own where one column cannot hold
 * several.
 */
#include "lists/writers/writer.h"

#include <string.h>

/* Columns by what stands in them; fingerprints of the certificate share the first. */
static const struct {
    const char *name;
    enum what what;
    bool words; /* several values may stand there, parted by spaces */
} columns[] = {
    {"certificate", WHAT_SHA256, true},
    {"spki", WHAT_SPKI, true},
    {"serial", WHAT_SERIAL, false},
    {"issuer", WHAT_ISSUER, false},
    {"issuer_spki", WHAT_ISSUER_KEY, true},
    {"subject", WHAT_SUBJECT, false},
    {"common_name", WHAT_COMMON_NAME, false},
    {"san", WHAT_SAN, false},
    {"domain", WHAT_DOMAIN, true},
    {"server_name", WHAT_SERVER_NAME, true},
    {"ja3", WHAT_JA3, true},
    {"ja3s", WHAT_JA3S, true},
    {"ja4", WHAT_JA4, true},
    {"address", WHAT_ADDRESS, true},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

static void
begin(struct writing *w)
{
    for (size_t i = 0; i < COLUMNS; i++)
        text_add_format(w->out, "%s,", columns[i].name);
    text_add_string(w->out, "role,position,from,not_from,to,service,valid_from,valid_until,"
                            "used_after,used_before,begins_after,begins_before,ends_after,ends_"
                            "before,allow,description,reference,tlp,severity,"
                            "confidence,revoked\n");
}

/* What looks like nothing to a reader is written as a space and nothing. */
static void
add_field(struct text *out, struct bytes field)
{
    struct reader r = reader_over(field);
    bool quotes =
        bytes_find_byte(field, ',') < field.len || bytes_find_byte(field, '"') < field.len ||
        bytes_find_byte(field, '\n') < field.len || bytes_start_with(field, bytes_from_string("#"));
    text_add_string(out, quotes ? "\"" : "");
    while (reader_more(&r)) {
        uint8_t c = read_u8(&r);
        if (c == '"')
            text_add_char(out, '"');
        text_add_char(out, (char)(c == '\r' || c == '\n' ? ' ' : c));
    }
    text_add_string(out, quotes ? "\"" : "");
}

static size_t
column_of(enum what what)
{
    size_t i = 0;
    while (i < COLUMNS && columns[i].what != (what <= WHAT_MD5 ? WHAT_SHA256 : what))
        i++;
    return i;
}

static void
add_values(struct text *out, const struct clause *clause)
{
    struct text field = {0};
    for (size_t i = 0; i < clause->len; i++) {
        text_add_string(&field, i ? " " : "");
        value_write(&clause->any[i], &field);
    }
    add_field(out, text_bytes(&field));
    text_free(&field);
}

static void
add_networks(struct text *out, const struct networks *networks)
{
    for (size_t i = 0; i < networks->len; i++) {
        text_add_string(out, i ? " " : "");
        network_write(&networks->at[i], out);
    }
    text_add_char(out, ',');
}

static void
add_moment(struct text *out, const struct moment *moment)
{
    if (moment->given)
        time_write(moment->seconds, out);
    text_add_char(out, ',');
}

static void
add_when(struct text *out, const struct watch *watch)
{
    static const char *const roles[] = {"", "client", "server"};
    static const char *const positions[] = {"", "leaf", "intermediate"};
    const struct conditions *when = &watch->when;
    text_add_format(out, "%s,%s,", roles[when->role], positions[when->position]);
    add_networks(out, &when->from);
    add_networks(out, &when->not_from);
    add_networks(out, &when->to);
    struct text services = {0};
    for (size_t i = 0; i < when->services.len; i++) {
        text_add_string(&services, i ? " " : "");
        text_add(&services, when->services.at[i]);
    }
    add_field(out, text_bytes(&services));
    text_free(&services);
    text_add_char(out, ',');
    add_moment(out, &when->valid_from);
    add_moment(out, &when->valid_until);
    add_moment(out, &when->used_after);
    add_moment(out, &when->used_before);
    add_moment(out, &when->begins_after);
    add_moment(out, &when->begins_before);
    add_moment(out, &when->ends_after);
    add_moment(out, &when->ends_before);
    text_add_string(out, watch->allow ? "true," : ",");
}

static void
add_saying(struct text *out, const struct saying *say)
{
    const char *const texts[] = {say->description, say->reference, say->tlp};
    for (size_t i = 0; i < 3; i++) {
        add_field(out, bytes_from_string(texts[i]));
        text_add_char(out, ',');
    }
    text_add_format(out, "%s,%u,", severity_name(say->severity), say->confidence);
    if (say->revoked.given)
        time_write(say->revoked.seconds, out);
    else if (say->has_note)
        text_add_string(out, "true");
    text_add_char(out, '\n');
}

static void
add_row(struct writing *w, const struct watch *watch, const struct clause *clauses, size_t len)
{
    for (size_t column = 0; column < COLUMNS; column++) {
        for (size_t i = 0; i < len; i++)
            if (column_of(clauses[i].any[0].what) == column)
                add_values(w->out, &clauses[i]);
        text_add_char(w->out, ',');
    }
    add_when(w->out, watch);
    add_saying(w->out, &watch->say);
}

/* A row for each value, for there is but one thing that is asked for. */
static void
add_rows(struct writing *w, const struct watch *watch)
{
    const struct clause *clause = &watch->all[0];
    for (size_t i = 0; i < clause->len; i++) {
        const struct value *value = &clause->any[i];
        struct value halves[2] = {*value, *value};
        struct clause both[2] = {{&halves[0], 1}, {&halves[1], 1}};
        bool two = value->second.len > 0;
        struct text name = {0};
        if (two) {
            halves[1] = (struct value){.value = value->second};
            halves[1].what = what_kind(value->what)->halves[1];
            value_write_folded(value, &name); /* stands as a text that needs no escapes */
            halves[0] = (struct value){.value = text_bytes(&name), .match = MATCH_GLOB};
            halves[0].what = what_kind(value->what)->halves[0];
        }
        add_row(w, watch, both, two ? 2 : 1);
        text_free(&name);
    }
}

static bool
entry(struct writing *w, const struct watch *watch)
{
    bool fingerprint = false, key = false;
    if (watch->len == 1) {
        add_rows(w, watch);
        return true;
    }
    for (size_t i = 0; i < watch->len; i++) {
        const struct clause *clause = &watch->all[i];
        size_t column = column_of(clause->any[0].what);
        if (column == COLUMNS || (clause->len > 1 && !columns[column].words))
            return writing_leave_out(w, watch, "several values of one kind among others");
        fingerprint = fingerprint || clause->any[0].what <= WHAT_MD5;
        key = key || clause->any[0].what == WHAT_SPKI;
    }
    if (fingerprint && key) /* in one row they are alternatives */
        return writing_leave_out(w, watch, "a certificate and its key at once");
    add_row(w, watch, watch->all, watch->len);
    return true;
}

static void
end(struct writing *w)
{
    (void)w;
}

const struct writer csv_writer = {"csv", "a table with a header", HOLDS_ALL, begin, entry, end};
