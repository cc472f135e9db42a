/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/logs/ssl.h"

#include <stdlib.h>

#define AT(field) offsetof(struct ssl_row, field)

static const struct column columns[] = {
    {"ts", COLUMN_TIME, AT(ts)},
    {"uid", COLUMN_WORD, AT(uid)},
    {"id.orig_h", COLUMN_ADDRESS, AT(orig_h)},
    {"id.orig_p", COLUMN_PORT, AT(orig_p)},
    {"id.resp_h", COLUMN_ADDRESS, AT(resp_h)},
    {"id.resp_p", COLUMN_PORT, AT(resp_p)},
    {"version", COLUMN_WORD, AT(version)},
    {"cipher", COLUMN_WORD, AT(cipher)},
    {"curve", COLUMN_WORD, AT(curve)},
    {"server_name", COLUMN_STRING, AT(server_name)},
    {"resumed", COLUMN_BOOL, AT(resumed)},
    {"last_alert", COLUMN_WORD, AT(last_alert)},
    {"next_protocol", COLUMN_STRING, AT(next_protocol)},
    {"established", COLUMN_BOOL, AT(established)},
    {"ssl_history", COLUMN_WORD, AT(history)},
    {"cert_chain_fps", COLUMN_WORDS, AT(fingerprints[SERVER])},
    {"client_cert_chain_fps", COLUMN_WORDS, AT(fingerprints[CLIENT])},
    {"sni_matches_cert", COLUMN_BOOL, AT(sni_matches)},
    {"ja3", COLUMN_WORD, AT(ja3)},
    {"ja3s", COLUMN_WORD, AT(ja3s)},
    {"ja4", COLUMN_WORD, AT(ja4)},
    {"community_id", COLUMN_WORD, AT(community_id)},
    {"service", COLUMN_STRING, AT(service)},
    {"cert_visibility", COLUMN_ENUM, AT(visibility[SERVER])},
    {"client_cert_visibility", COLUMN_ENUM, AT(visibility[CLIENT])},
    {"client_cert_requested", COLUMN_BOOL, AT(client_cert_requested)},
    {"possession", COLUMN_ENUM, AT(possession)},
    {"outcome", COLUMN_ENUM, AT(outcome)},
    {"resumed_from", COLUMN_WORD, AT(resumed_from)},
    {"keys_used", COLUMN_BOOL, AT(keys_used)},
    {"carrier", COLUMN_WORD, AT(carrier)},
    {"tunnel", COLUMN_WORD, AT(tunnel)},
    {"vlan", COLUMN_COUNTS, AT(vlans)},
    {"orig_l2_addr", COLUMN_WORD, AT(l2[ORIGINATOR])},
    {"resp_l2_addr", COLUMN_WORD, AT(l2[RESPONDER])},
    {"missed_bytes", COLUMN_COUNT, AT(missed_bytes)},
};

const struct log ssl_log = {
    "ssl", columns, sizeof columns / sizeof *columns, sizeof(struct ssl_row)};

static void
fill_endpoints(struct ssl_row *row, const struct session *session)
{
    row->orig_h = session->address[ORIGINATOR];
    row->resp_h = session->address[RESPONDER];
    if (address_is_set(&row->orig_h))
        row->orig_p = cell_count_of(session->port[ORIGINATOR]);
    if (address_is_set(&row->resp_h))
        row->resp_p = cell_count_of(session->port[RESPONDER]);
}

static void
fill_hellos(struct ssl_row *row, const struct session *session)
{
    if (session->has_answer && session->version)
        row->version = version_name(session->version, row->version_text);
    const struct server_hello *answer = &session->answer;
    uint32_t cipher = answer->sslv2 ? answer->sslv2_cipher : answer->cipher;
    if (session->has_answer && (cipher || !answer->sslv2)) /* SSL 2.0: none when it is resumed */
        row->cipher = cipher_name(cipher, row->cipher_text);
    if (session->has_curve)
        row->curve = group_name(session->curve, row->curve_text);
    if (session->has_hello && session->hello.has_server_name)
        row->server_name = cell_string_of(session->hello.server_name);
    if (session->has_answer && session->answer.has_alpn)
        row->next_protocol = cell_string_of(session->answer.alpn);
    if (session->last_alert != NO_ALERT)
        row->last_alert = alert_name((uint8_t)session->last_alert, row->alert_text);
    row->resumed = cell_bool_of(session->resumed);
    row->established = cell_bool_of(session->established);
    row->history = cell_word_unless_empty(session->history);
}

static void
fill_fingerprints(
    struct ssl_row *row, const struct session *session, struct ssl_scratch *scratch, enum role role)
{
    const struct chain *chain = &session->chain[role];
    if (scratch->room[role] <= chain->len) {
        size_t room = chain->len + 16;
        const char **grown = realloc(scratch->words[role], room * sizeof *grown);
        if (!grown)
            abort();
        scratch->words[role] = grown;
        scratch->room[role] = room;
    }
    for (size_t i = 0; i < chain->len; i++)
        scratch->words[role][i] = chain->at[i]->sha256_hex;
    row->fingerprints[role] = (struct cells){.at = scratch->words[role], .len = chain->len};
}

/* Once either side's Certificate was seen, or its chain is known, the other's is empty and not
 * unset, as in Zeek. */
static void
fill_chains(struct ssl_row *row, const struct session *session, struct ssl_scratch *scratch)
{
    const struct chain *client = &session->chain[CLIENT];
    const struct chain *server = &session->chain[SERVER];
    if (client->seen || server->seen || client->len || server->len) {
        fill_fingerprints(row, session, scratch, CLIENT);
        fill_fingerprints(row, session, scratch, SERVER);
    }
    row->sni_matches = session->sni_matches;
    row->visibility[CLIENT] = visibility_name(client->visibility);
    row->visibility[SERVER] = visibility_name(server->visibility);
    row->client_cert_requested = session->client_cert_requested;
    row->possession = possession_name(session_possession(session));
    row->outcome = outcome_name(session->outcome);
    row->resumed_from = cell_word_unless_empty(session->resumed_from);
    row->keys_used = cell_bool_of(session->keys_used);
}

/* "vxlan:5001"; the name alone when the tunnel has no number. */
static const char *
tunnel_text(const struct path *path, char out[TUNNEL_TEXT])
{
    char digits[10];
    size_t first = sizeof digits;
    if (!path->tunnel || !path->tunnel_id)
        return path->tunnel;
    for (uint32_t id = path->tunnel_id; id; id /= 10)
        digits[--first] = (char)('0' + id % 10);
    struct bytes number = bytes_of(digits + first, sizeof digits - first);
    struct bytes name =
        bytes_first(bytes_from_string(path->tunnel), (size_t)TUNNEL_TEXT - 2 - sizeof digits);
    memcpy(out, name.at, name.len);
    out[name.len] = ':';
    memcpy(out + name.len + 1, number.at, number.len);
    out[name.len + 1 + number.len] = '\0';
    return out;
}

/* "aa:bb:cc:dd:ee:ff" of a hardware address, NULL when it is unknown (all zero). */
static const char *
l2_text(const uint8_t address[6], char out[L2_TEXT])
{
    static const uint8_t unknown[6];
    static const char digits[] = "0123456789abcdef";
    if (memcmp(address, unknown, sizeof unknown) == 0)
        return NULL;
    for (size_t i = 0; i < sizeof unknown; i++) {
        out[3 * i] = digits[address[i] >> 4];
        out[3 * i + 1] = digits[address[i] & 15];
        out[3 * i + 2] = ':';
    }
    out[L2_TEXT - 1] = '\0';
    return out;
}

static void
fill_path(struct ssl_row *row, const struct path *path)
{
    size_t vlans = 0;
    for (size_t i = 0; i < PACKET_VLANS; i++)
        if (path->vlan[i])
            row->vlan_ids[vlans++] = path->vlan[i];
    row->vlans = cells_unless_empty(row->vlan_ids, vlans);
    row->tunnel = tunnel_text(path, row->tunnel_text);
    for (size_t side = ORIGINATOR; side <= RESPONDER; side++)
        row->l2[side] = l2_text(path->l2[side], row->l2_text[side]);
}

void
ssl_row_fill(struct ssl_row *row, const struct session *session, struct ssl_scratch *scratch)
{
    *row = (struct ssl_row){
        .ts = cell_time_of_ns(session->ts_ns),
        .uid = session->uid,
        .ja3 = cell_word_unless_empty(session->ja3),
        .ja3s = cell_word_unless_empty(session->ja3s),
        .ja4 = cell_word_unless_empty(session->ja4),
        .service = cell_string_unless_empty(bytes_from_string(session->service)),
        .carrier = session->carrier,
        .missed_bytes = cell_count_of(session->missed_bytes),
    };
    fill_endpoints(row, session);
    fill_hellos(row, session);
    fill_chains(row, session, scratch);
    fill_path(row, &session->path);
    if (community_id(session->address, session->port, session->protocol, row->community_id_text))
        row->community_id = row->community_id_text;
}

void
ssl_scratch_free(struct ssl_scratch *scratch)
{
    free(scratch->words[CLIENT]);
    free(scratch->words[SERVER]);
    *scratch = (struct ssl_scratch){0};
}
