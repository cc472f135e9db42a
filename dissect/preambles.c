/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of what TLS may begin behind. Order matters only where two could claim the same bytes.
 */
#include "dissect/preamble.h"

const struct preamble *const preambles[] = {
    &proxy_preamble,
    &http_ocsp_preamble,
    &http_connect_preamble,
    &socks_preamble,
    &smtp_preamble,
    &ftp_preamble,
    &imap_preamble,
    &pop3_preamble,
    &nntp_preamble,
    &irc_preamble,
    &sieve_preamble,
    &xmpp_preamble,
    &ldap_preamble,
    &mysql_preamble,
    &postgres_preamble,
    &rdp_preamble,
    &tds_preamble,
    &openvpn_preamble,
    NULL,
};
