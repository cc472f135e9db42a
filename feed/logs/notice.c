/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/logs/notice.h"

#include <assert.h>
#include <netinet/in.h>

#define AT(field) offsetof(struct notice_row, field)

static const struct column columns[] = {
    {"ts", COLUMN_TIME, AT(ts)},
    {"uid", COLUMN_WORD, AT(uid)},
    {"id.orig_h", COLUMN_ADDRESS, AT(orig_h)},
    {"id.orig_p", COLUMN_PORT, AT(orig_p)},
    {"id.resp_h", COLUMN_ADDRESS, AT(resp_h)},
    {"id.resp_p", COLUMN_PORT, AT(resp_p)},
    {"fuid", COLUMN_STRING, AT(fuid)},
    {"file_mime_type", COLUMN_STRING, AT(file_mime_type)},
    {"file_desc", COLUMN_STRING, AT(file_desc)},
    {"proto", COLUMN_ENUM, AT(proto)},
    {"note", COLUMN_ENUM, AT(note)},
    {"msg", COLUMN_STRING, AT(msg)},
    {"sub", COLUMN_STRING, AT(sub)},
    {"src", COLUMN_ADDRESS, AT(src)},
    {"dst", COLUMN_ADDRESS, AT(dst)},
    {"p", COLUMN_PORT, AT(p)},
    {"n", COLUMN_COUNT, AT(n)},
    {"peer_descr", COLUMN_STRING, AT(peer_descr)},
    {"actions", COLUMN_ENUM_SET, AT(actions)},
    {"email_dest", COLUMN_STRING_SET, AT(email_dest)},
    {"suppress_for", COLUMN_INTERVAL, AT(suppress_for)},
    {"remote_location.country_code", COLUMN_STRING, AT(country)},
    {"remote_location.region", COLUMN_STRING, AT(region)},
    {"remote_location.city", COLUMN_STRING, AT(city)},
    {"remote_location.latitude", COLUMN_DOUBLE, AT(latitude)},
    {"remote_location.longitude", COLUMN_DOUBLE, AT(longitude)},
    {"role", COLUMN_ENUM, AT(role)},
    {"chain_index", COLUMN_COUNT, AT(chain_index)},
    {"indicator", COLUMN_STRING, AT(indicator)},
    {"indicator_type", COLUMN_STRING, AT(indicator_type)},
    {"list", COLUMN_STRING, AT(list)},
    {"list_line", COLUMN_COUNT, AT(list_line)},
    {"visibility", COLUMN_ENUM, AT(visibility)},
    {"possession", COLUMN_ENUM, AT(possession)},
    {"outcome", COLUMN_ENUM, AT(outcome)},
    {"service", COLUMN_STRING, AT(service)},
    {"severity", COLUMN_ENUM, AT(severity)},
    {"confidence", COLUMN_COUNT, AT(confidence)},
    {"reference", COLUMN_STRING, AT(reference)},
    {"fingerprint", COLUMN_WORD, AT(fingerprint)},
    {"spki_sha256", COLUMN_WORD, AT(spki_sha256)},
    {"why", COLUMN_STRING, AT(why)},
    {"list_generation", COLUMN_COUNT, AT(list_generation)},
    {"evidence", COLUMN_STRING, AT(evidence)},
};

const struct log notice_log = {
    "notice", columns, sizeof columns / sizeof *columns, sizeof(struct notice_row)};

/* What a notice says first. */
static const char *const headlines[NOTES] = {
    [NOTE_WATCHED_CERTIFICATE] = "Watched certificate",
    [NOTE_WATCHED_KEY] = "Certificate with a watched key",
    [NOTE_WATCHED_ISSUER] = "Certificate of a watched issuer",
    [NOTE_WATCHED_NAME] = "Watched name",
    [NOTE_WATCHED_FINGERPRINT] = "Watched TLS fingerprint",
    [NOTE_WATCHED_ADDRESS] = "Watched address",
    [NOTE_POSSIBLE_WATCHED_CERTIFICATE] = "Hidden chain as long as a watched one",
    [NOTE_REVOKED_CERTIFICATE] = "Revoked certificate",
    [NOTE_UNEXPECTED_SOURCE] = "Certificate from an unexpected source",
    [NOTE_WATCHED_ENDPOINT] = "Server that showed a watched certificate before hides its own now",
    [NOTE_RULE_MATCH] = "Rule matched",
};

/* What was done with a certificate that nobody showed. */
static const char *const asides[] = {
    [OCSP_ASKED] = ", asked about by OCSP",
    [OCSP_ANSWERED] = ", told about by OCSP",
    [FETCHED_CRL] = ", in a revocation list that was fetched",
    [FETCHED_CERTIFICATES] = ", fetched",
};

/* Of a certificate that nobody showed: how it came to be seen. NULL: somebody showed it. */
static const char *
seen_aside(const struct session *session)
{
    if (session_is_tls(session))
        return NULL;
    return session->ocsp == FETCHED_CERTIFICATES ? "fetched" : "ocsp";
}

/* How the certificate is that side's. */
static const char *
link_of(const struct session *session, const struct hit *hit)
{
    if (!hit->certificate)
        return ", ";
    bool inherited = session->chain[hit->role].visibility == VISIBLE_INHERITED;
    return inherited ? ", sent in the session this one resumes by the " : ", sent by the ";
}

/* "Watched certificate, sent by the client: stolen from Example Inc" */
static struct bytes
message_of(const struct session *session, const struct hit *hit, struct text *words)
{
    assert(hit->note < NOTES);
    text_clear(words);
    text_add_string(words, headlines[hit->note]);
    if (!session_is_tls(session)) {
        text_add_string(words, asides[session->ocsp]);
    } else if (hit->note != NOTE_WATCHED_ENDPOINT) {
        text_add_string(words, link_of(session, hit));
        text_add_string(words, role_name(hit->role));
    }
    if (hit->description[0]) {
        text_add_string(words, ": ");
        text_add_string(words, hit->description);
    }
    return text_bytes(words);
}

static const char *
protocol_name(uint8_t protocol)
{
    if (protocol == IPPROTO_TCP)
        return "tcp";
    return protocol == IPPROTO_UDP ? "udp" : NULL;
}

/* Zeek's source and destination are the connection's ends; but where a proxy said on whose behalf
 * it connects, the source is whom it named. */
static void
fill_endpoints(struct notice_row *row, const struct session *session)
{
    row->orig_h = row->src = session->address[ORIGINATOR];
    row->resp_h = row->dst = session->address[RESPONDER];
    if (address_is_set(&row->orig_h))
        row->orig_p = cell_count_of(session->port[ORIGINATOR]);
    if (address_is_set(&row->resp_h))
        row->resp_p = row->p = cell_count_of(session->port[RESPONDER]);
    if (session->has_client_address && session->client_side == ORIGINATOR)
        row->src = session->client_address;
}

static void
fill_actions(struct notice_row *row)
{
    static const char *const actions[] = {"Notice::ACTION_LOG"};
    static const struct bytes nobody[1];
    row->actions = (struct cells){.at = actions, .len = 1};
    row->email_dest = (struct cells){.at = nobody, .len = 0};
}

static struct bytes
string_of(const char *string)
{
    return cell_string_unless_empty(bytes_from_string(string));
}

static void
fill_hit(struct notice_row *row, const struct hit *hit)
{
    if (hit->chain_index >= 0)
        row->chain_index = cell_count_of((uint64_t)hit->chain_index);
    row->indicator = string_of(hit->indicator);
    row->indicator_type = string_of(hit->indicator_type);
    row->list = string_of(hit->list);
    row->list_line = (struct cell_count){.is_set = hit->line != 0, .value = hit->line};
    row->severity = severity_name(hit->severity);
    row->confidence = cell_count_of(hit->confidence);
    row->reference = string_of(hit->reference);
    row->why = string_of(hit->why);
    if (!hit->certificate)
        return;
    row->sub = cell_string_unless_empty(hit->certificate->subject_text);
    row->fingerprint = hit->certificate->sha256_hex;
    row->spki_sha256 = cell_word_unless_empty(hit->certificate->spki_sha256_hex);
}

void
notice_row_fill(struct notice_row *row, const struct session *session, const struct hit *hit,
    const struct notice_options *options, struct text *words)
{
    *row = (struct notice_row){
        .ts = cell_time_of_ns(session->ts_ns),
        .n = cell_count_of(1),
        .msg = message_of(session, hit, words),
        .peer_descr = string_of(options->sensor),
        .suppress_for = cell_time_of_ns(options->suppress_ns),
        .visibility = visibility_name(session->chain[hit->role].visibility),
        .possession = possession_name(session->possession[hit->role]),
        .outcome = outcome_name(session_outcome(session, hit->role)),
        .service = string_of(session->service),
    };
    if (session_is_tls(session))
        row->role = role_name(hit->role);
    else
        row->visibility = seen_aside(session);
    fill_endpoints(row, session);
    row->uid = session->uid;
    row->proto = protocol_name(session->protocol);
    row->note = note_name(hit->note);
    fill_actions(row);
    fill_hit(row, hit);
}

void
notice_row_of_news(struct notice_row *row, const struct news *news, int64_t now_ns,
    const struct notice_options *options)
{
    *row = (struct notice_row){
        .ts = cell_time_of_ns(now_ns),
        .n = cell_count_of(1),
        .note = news->note,
        .msg = string_of(news->message),
        .sub = string_of(news->detail),
        .peer_descr = string_of(options->sensor),
        .list_generation = (struct cell_count){news->list_generation != 0, news->list_generation},
    };
    fill_actions(row);
}
