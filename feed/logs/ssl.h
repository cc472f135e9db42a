/* SPDX-License-Identifier: Apache-2.0
 *
 * ssl.log: a row for each TLS handshake. Zeek's columns, then ours.
 */
#ifndef CERTTAP_FEED_LOGS_SSL_H
#define CERTTAP_FEED_LOGS_SSL_H

#include "dissect/names.h"
#include "feed/community_id.h"
#include "feed/log.h"

enum { L2_TEXT = 18, TUNNEL_TEXT = 48 };

struct ssl_row {
    struct cell_time ts;
    const char *uid;
    struct address orig_h, resp_h;
    struct cell_count orig_p, resp_p;
    const char *version, *cipher, *curve;
    struct bytes server_name;
    enum tristate resumed;
    const char *last_alert;
    struct bytes next_protocol;
    enum tristate established;
    const char *history;
    struct cells fingerprints[2]; /* of words, by enum role */
    enum tristate sni_matches;

    const char *ja3, *ja3s, *ja4, *community_id;
    struct bytes service;
    const char *visibility[2]; /* by enum role */
    enum tristate client_cert_requested;
    const char *possession, *outcome, *resumed_from;
    enum tristate keys_used;
    const char *carrier, *tunnel;
    struct cells vlans; /* of counts */
    const char *l2[2];  /* by enum side */
    struct cell_count missed_bytes;

    /* Where the words stand that are made for this row. */
    char version_text[NAME_BUFFER], cipher_text[NAME_BUFFER], curve_text[NAME_BUFFER];
    char alert_text[NAME_BUFFER];
    char community_id_text[COMMUNITY_ID_TEXT];
    char tunnel_text[TUNNEL_TEXT], l2_text[2][L2_TEXT];
    uint64_t vlan_ids[PACKET_VLANS];
};

extern const struct log ssl_log;

/* Lists that are made anew for each row; grown as needed. */
struct ssl_scratch {
    const char **words[2]; /* by enum role */
    size_t room[2];
};

/* Fills a row of the session's; it borrows from the session, from `scratch` and from itself, so it
 * must not be moved. */
void ssl_row_fill(struct ssl_row *row, const struct session *session, struct ssl_scratch *scratch);

void ssl_scratch_free(struct ssl_scratch *scratch);

#endif
