/* SPDX-License-Identifier: Apache-2.0
 *
 * What is said in the clear before TLS begins: STARTTLS, HTTP CONNECT, SOCKS, a PROXY header, … One
 * file and one row of preambles[] each.
 *
 * A preamble hears both sides' bytes in the order they came, in pieces of any size, and keeps what
 * it must remember in a state of its own. It may see data of one side only.
 *
 * Some protocols go on wrapping: TLS comes inside packets of their own (TDS, OpenVPN). Their rows
 * have `carry` instead of `hear`, and tell what they unwrap.
 */
#ifndef CERTTAP_DISSECT_PREAMBLE_H
#define CERTTAP_DISSECT_PREAMBLE_H

#include "dissect/session.h"
#include "dissect/tls_stream.h"

struct carried;

enum preamble_step {
    PREAMBLE_TALKING,  /* all of the data was taken; go on */
    PREAMBLE_UPGRADED, /* what is left of the data, and all that follows, is something new: TLS,
                          or another preamble */
    PREAMBLE_NEVER,    /* this flow will not come to TLS */
};

struct preamble {
    const char *carrier; /* "smtp-starttls", as ssl.log has it */

    /* Do these beginnings of the two sides belong to it? Either may be empty. NOT_MINE is final. */
    enum look (*look)(struct bytes originator, struct bytes responder);

    size_t state_size; /* bytes, zeroed at first */

    /* Takes from the front of `data` what belongs to it. NULL: it carries TLS, see below. */
    enum preamble_step (*hear)(void *state, enum side from, struct bytes *data);

    /* Bytes of this side were lost. NULL: nothing can be said any more, which is NEVER. */
    enum preamble_step (*gap)(void *state, enum side from, uint64_t missing);

    /* The real client's address, when the preamble names one (PROXY protocol). NULL: it never does.
     */
    bool (*client_address)(const void *state, struct address *address);

    /* Takes all of the data and tells what of TLS was in it. False: no more TLS will come. */
    bool (*carry)(void *state, struct carried *tls, enum side from, struct bytes data);
    bool (*carry_gap)(void *state, struct carried *tls, enum side from, uint64_t missing);

    bool repeats; /* it carries one handshake after the other, so that the flow never goes quiet */

    /* Tells what still waits to be told, and gives back what else the state holds. NULL: nothing.
     */
    void (*finish)(void *state, struct carried *tls);
};

enum { PREAMBLE_LOOK_MOST = 512 }; /* bytes of each side that a look may need */

extern const struct preamble *const preambles[]; /* ends with NULL */

/* preambles/NAME.c */
extern const struct preamble ftp_preamble, http_connect_preamble, http_ocsp_preamble, imap_preamble,
    irc_preamble, ldap_preamble, mysql_preamble, nntp_preamble, openvpn_preamble, pop3_preamble,
    postgres_preamble, proxy_preamble, rdp_preamble, sieve_preamble, smtp_preamble, socks_preamble,
    tds_preamble, xmpp_preamble;

#endif
