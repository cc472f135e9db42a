/* SPDX-License-Identifier: Apache-2.0
 *
 * The `alert` event: of a rule what the rule says of itself, of a list's entry numbers of our own,
 * which never change. Who an alert is about is its source: the side that showed the certificate.
 */
#include "feed/eve.h"
#include "feed/json_text.h"

#include <netinet/in.h>

enum { OUR_GENERATOR = 7468 }; /* gid of what no rule found */

/* What each note is in Suricata's numbers; signature_id and category. */
static const struct signature {
    enum note note;
    unsigned id;
    const char *category;
} signatures[] = {
    {NOTE_WATCHED_CERTIFICATE, 1, "Watched certificate"},
    {NOTE_WATCHED_KEY, 2, "Watched key"},
    {NOTE_WATCHED_ISSUER, 3, "Watched issuer"},
    {NOTE_WATCHED_NAME, 4, "Watched name"},
    {NOTE_WATCHED_FINGERPRINT, 5, "Watched TLS fingerprint"},
    {NOTE_WATCHED_ADDRESS, 6, "Watched address"},
    {NOTE_REVOKED_CERTIFICATE, 7, "Revoked certificate"},
    {NOTE_UNEXPECTED_SOURCE, 8, "Certificate from an unexpected source"},
    {NOTE_RULE_MATCH, 9, "Rule match"},
    {NOTE_POSSIBLE_WATCHED_CERTIFICATE, 12, "Possible watched certificate"},
};

static const struct signature *
signature_of(const char *note)
{
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++)
        if (!strcmp(note_name(signatures[i].note), note))
            return &signatures[i];
    return NULL;
}

/* 1 is the highest. */
static unsigned
severity_of(const char *severity)
{
    static const unsigned numbers[] = {
        [SEVERITY_LOW] = 3, [SEVERITY_MEDIUM] = 2, [SEVERITY_HIGH] = 1, [SEVERITY_CRITICAL] = 1};
    for (enum severity s = SEVERITY_LOW; s <= SEVERITY_CRITICAL; s++)
        if (severity && !strcmp(severity_name(s), severity))
            return numbers[s];
    return 3;
}

/* Metadata are lists of texts, whatever they are elsewhere. */
static void
add_metadata_cell(struct text *out, const struct column *column, const void *row)
{
    const void *cell = column_cell(column, row);
    struct bytes text = {0};
    char number[24];
    if (column->kind == COLUMN_STRING)
        text = *(const struct bytes *)cell;
    else if (column->kind == COLUMN_WORD || column->kind == COLUMN_ENUM)
        text = *(const char *const *)cell ? bytes_from_string(*(const char *const *)cell) : text;
    else if (column->kind == COLUMN_COUNT && ((const struct cell_count *)cell)->is_set) {
        struct text digits = {0};
        text_add_unsigned(&digits, ((const struct cell_count *)cell)->value);
        memcpy(number, text_string(&digits), digits.len + 1);
        text = bytes_from_string(number);
        text_free(&digits);
    }
    if (!text.at)
        return;
    json_open(out, column->name, '[');
    json_bytes(out, NULL, text);
    json_close(out, ']');
}

/* Of the columns of notice.log those that are no part of the event otherwise. */
static void
add_metadata(struct text *out, const struct notice_row *row)
{
    bool ours = false;
    json_open(out, "metadata", '{');
    for (size_t i = 0; i < notice_log.len; i++) {
        const struct column *column = &notice_log.columns[i];
        ours |= !strcmp(column->name, "role");
        if (ours || !strcmp(column->name, "uid") || !strcmp(column->name, "note") ||
            !strcmp(column->name, "n") || !strcmp(column->name, "peer_descr"))
            add_metadata_cell(out, column, row);
    }
    json_close(out, '}');
}

static void
add_alert(struct text *out, const struct signature *signature, const struct notice_row *row)
{
    json_open(out, "alert", '{');
    json_string(out, "action", "allowed");
    json_number(out, "gid", OUR_GENERATOR);
    json_number(out, "signature_id", signature->id);
    json_number(out, "rev", 1);
    json_bytes(out, "signature", row->msg);
    json_string(out, "category", signature->category);
    json_number(out, "severity", severity_of(row->severity));
    if (row->reference.len) {
        json_open(out, "references", '[');
        json_bytes(out, NULL, row->reference);
        json_close(out, ']');
    }
    add_metadata(out, row);
    json_close(out, '}');
}

static void
add_pairs(struct text *out, const struct rule_pairs *pairs)
{
    json_open(out, "metadata", '{');
    for (size_t i = 0; i < pairs->len; i++) {
        bool before = false; /* a name that comes again stands with its first value */
        for (size_t k = 0; k < i && !before; k++)
            before = !strcmp(pairs->at[k].name, pairs->at[i].name);
        if (before)
            continue;
        struct text name = {0};
        json_value(&name, bytes_from_string(pairs->at[i].name));
        if (i)
            text_add_char(out, ',');
        text_add(out, text_bytes(&name));
        text_add_string(out, ":[");
        const char *comma = "";
        for (size_t k = i; k < pairs->len; k++)
            if (!strcmp(pairs->at[k].name, pairs->at[i].name)) {
                text_add_string(out, comma);
                json_value(out, bytes_from_string(pairs->at[k].value));
                comma = ",";
            }
        text_add_char(out, ']');
        text_free(&name);
    }
    json_close(out, '}');
}

/* What a rule says of itself, as Suricata tells it. */
static void
add_rule(struct text *out, const struct rule_facts *rule)
{
    json_open(out, "alert", '{');
    json_string(out, "action", "allowed");
    json_number(out, "gid", rule->gid);
    json_number(out, "signature_id", rule->sid);
    json_number(out, "rev", rule->rev);
    json_string(out, "signature", rule->msg);
    json_string(out, "category", rule->category);
    json_number(out, "severity", rule->priority);
    if (rule->references.len) {
        json_open(out, "references", '[');
        for (size_t i = 0; i < rule->references.len; i++) {
            struct text reference = {0};
            const struct rule_pair *pair = &rule->references.at[i];
            bool url = !strcmp(pair->name, "url");
            bool whole = !strncmp(pair->value, "http", 4);
            text_add_string(&reference, !url ? pair->name : whole ? "" : "http://");
            text_add_string(&reference, url ? "" : ":");
            text_add_string(&reference, pair->value);
            json_bytes(out, NULL, text_bytes(&reference));
            text_free(&reference);
        }
        json_close(out, ']');
    }
    if (rule->metadata.len)
        add_pairs(out, &rule->metadata);
    json_close(out, '}');
}

static struct eve_envelope
envelope_of(const struct session *session, const struct notice_row *row)
{
    bool is_client = !row->role || !strcmp(row->role, role_name(CLIENT)); /* nobody's: who asked */
    bool flipped = session && session->client_side == RESPONDER;
    struct eve_envelope e = {.type = "alert", .ts_us = row->ts.us, .uid = row->uid};
    bool from_originator = is_client != flipped;
    e.from = from_originator ? row->orig_h : row->resp_h;
    e.from_port = from_originator ? row->orig_p : row->resp_p;
    e.to = from_originator ? row->resp_h : row->orig_h;
    e.to_port = from_originator ? row->resp_p : row->orig_p;
    if (row->proto)
        e.protocol = !strcmp(row->proto, "tcp") ? IPPROTO_TCP : IPPROTO_UDP;
    if (session) {
        e.frame = session->frame;
        e.path = &session->path;
    }
    return e;
}

static void
add_flow(struct text *out, const struct notice_row *row)
{
    if (!address_is_set(&row->orig_h))
        return;
    json_open(out, "flow", '{');
    json_name(out, "src_ip");
    eve_address(out, &row->orig_h);
    json_name(out, "dest_ip");
    eve_address(out, &row->resp_h);
    json_number(out, "src_port", row->orig_p.value);
    json_number(out, "dest_port", row->resp_p.value);
    json_close(out, '}');
}

static void
add_session(struct eve *eve, const struct session *session, const struct notice_row *row)
{
    struct text *out = &eve->event;
    bool quic = session->carrier && !strcmp(session->carrier, "quic");
    if (session->has_client_address) {
        json_name(out, "xff");
        eve_address(out, &session->client_address);
    }
    eve_add_tls(eve, session);
    json_string(out, "app_proto", quic ? "quic" : "tls");
    json_string(out, "direction",
        !row->role || !strcmp(row->role, role_name(CLIENT)) ? "to_server" : "to_client");
    add_flow(out, row);
}

/* News of the sensor itself. */
static void
add_news(struct text *out, const struct notice_row *row)
{
    json_open(out, "certtap", '{');
    json_columns(out, &notice_log, 1, row);
    json_close(out, '}');
}

void
eve_notice(struct eve *eve, const struct session *session, const struct hit *hit,
    const struct notice_row *row, int64_t now)
{
    const struct signature *signature = signature_of(row->note);
    char community_id_text[COMMUNITY_ID_TEXT];
    if (!signature) {
        eve_begin(eve, &(struct eve_envelope){.type = "certtap", .ts_us = row->ts.us});
        add_news(&eve->event, row);
        eve_end(eve, now);
        return;
    }
    struct eve_envelope e = envelope_of(session, row);
    if (community_id((const struct address[]){row->orig_h, row->resp_h},
            (const uint16_t[]){(uint16_t)row->orig_p.value, (uint16_t)row->resp_p.value},
            e.protocol, community_id_text))
        e.community_id = community_id_text;
    eve_begin(eve, &e);
    if (session && eve->file)
        json_string(&eve->event, "pcap_filename", eve->file);
    if (hit && hit->rule)
        add_rule(&eve->event, hit->rule);
    else
        add_alert(&eve->event, signature, row);
    if (session)
        add_session(eve, session, row);
    eve_end(eve, now);
}
