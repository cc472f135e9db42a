/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: a session is what we tell of one TLS handshake, once, when it is over: who spoke to whom,
 * what the hellos said, both certificate chains, and what could not be seen and why.
 */
#ifndef CERTTAP_DISSECT_SESSION_H
#define CERTTAP_DISSECT_SESSION_H

#include "capture/flow.h"
#include "dissect/certificate.h"
#include "dissect/fingerprint.h"
#include "dissect/hello.h"
#include "dissect/resumption.h"

/* Whose chain: the TLS roles. Which side of the flow is the client stands in session.client_side.
 */
enum role { CLIENT, SERVER };

/* How much of a side's chain could be seen: cert_visibility and client_cert_visibility. */
enum visibility {
    VISIBLE_CLEAR,     /* read off the wire */
    VISIBLE_DECRYPTED, /* read with given keys */
    VISIBLE_INHERITED, /* resumed from a connection whose chain is known */
    VISIBLE_INFERRED,  /* hidden, but its presence follows from record sizes */
    HIDDEN_ENCRYPTED,  /* TLS 1.3, or behind a renegotiation */
    HIDDEN_NONE,       /* the side sent no certificate */
    HIDDEN_RESUMED,    /* resumed, origin unknown */
    HIDDEN_MISSED,     /* loss, truncation or one-way capture */
    VISIBILITIES,
};

/* Why a visibility is what it is: the words of the summary and of stats.log. */
enum visibility_reason {
    REASON_SEEN,
    REASON_KEYS,                /* decrypted */
    REASON_TLS13,               /* encrypted */
    REASON_UNOPENED,            /* encrypted: the keys that were given do not open it */
    REASON_RENEGOTIATION,       /* encrypted */
    REASON_SIZES,               /* inferred */
    REASON_SIZES_NOT_REQUESTED, /* none: as sizes tell, the server asked for none */
    REASON_SIZES_DECLINED,      /* none: as sizes tell, it was asked and sent an empty list */
    REASON_SESSION_ID,          /* resumed */
    REASON_TICKET,              /* resumed */
    REASON_PSK,                 /* resumed */
    REASON_ANONYMOUS,           /* none: the cipher suite has no certificate */
    REASON_NOT_REQUESTED,       /* none: the server asked for no client certificate */
    REASON_DECLINED,            /* none: asked, and an empty list was sent */
    REASON_ENDED_BEFORE,        /* none: the handshake ended before it was due */
    REASON_ONE_WAY,             /* missed: only one direction was captured */
    REASON_MIDSTREAM,           /* missed: the capture began after it */
    REASON_GAP,                 /* missed: packets are missing from the capture */
    REASON_CAPTURE_OVER,        /* missed: the capture ended, or the flow went idle, before it */
    REASON_CUT,                 /* missed: the capture holds only the first bytes of packets */
    REASON_SHED,                /* missed: given up for lack of room */
    REASON_TOO_LARGE,           /* missed: a message larger than is kept */
    REASON_MALFORMED,           /* missed: the handshake contradicts itself */
    REASONS,
};

enum possession { POSSESSION_UNCHECKED, POSSESSION_VERIFIED, POSSESSION_FAILED };
enum outcome { OUTCOME_UNKNOWN, OUTCOME_ACCEPTED, OUTCOME_REJECTED };
enum tristate { UNKNOWN, NO, YES };

/* A chain as it was sent, leaf first. */
struct chain {
    const struct certificate *const *at;
    size_t len;
    uint64_t sent; /* entries in the message; more than `len` when not all were kept */
    enum visibility visibility;
    enum visibility_reason reason;
    bool seen;   /* a Certificate message was seen, if only an empty one */
    bool opened; /* and it was behind the encryption */
};

/* What the sizes of encrypted records tell of a chain (TLS 1.3 without keys). */
enum presence { PRESENCE_UNKNOWN, PRESENCE_NOT_REQUESTED, PRESENCE_DECLINED, PRESENCE_SENT };

struct inferred {
    enum presence presence;
    uint32_t chain;      /* bytes of the sent chain's entries: five and the certificate each; 0:
                            unknown */
    uint32_t with_proof; /* where these cannot be told from the CertificateVerify behind them:
                            both together; else 0 */
    bool uncertain;      /* it may be compressed, or more may travel with it */
};

/* An OCSP message (RFC 6960), or the like, that came with a session, or instead of one. */
enum ocsp_source {
    OCSP_UNSEEN,
    OCSP_IN_HANDSHAKE,    /* the server's answer about its own certificate came with it */
    OCSP_ASKED,           /* no TLS at all: somebody asked in clear HTTP */
    OCSP_ANSWERED,        /* likewise: the answer */
    FETCHED_CRL,          /* likewise: a revocation list was fetched */
    FETCHED_CERTIFICATES, /* likewise: certificates, which are chain[SERVER] */
};

enum { UID_TEXT = 20, HISTORY_TEXT = 101, NO_ALERT = -1 };

struct session {
    uint64_t frame;       /* number of the frame that completed it: the order of telling */
    uint64_t first_frame; /* of its flow, which breaks ties */
    unsigned nth;         /* and this too: of several that one frame completed */
    char uid[UID_TEXT];   /* of the connection; the same in every run over the same capture */
    int64_t ts_ns;        /* first sign of TLS */
    int64_t end_ns;       /* when it was told */

    struct address address[2]; /* by enum side */
    uint16_t port[2];
    uint8_t protocol;
    struct path path;
    enum side client_side; /* which side is the TLS client */

    const char *carrier; /* what the TLS was inside: "tcp", "udp", "smtp-starttls", …; static */
    bool has_client_address; /* a PROXY header named the real client */
    struct address client_address;

    bool has_hello, has_answer;
    struct client_hello hello;
    struct server_hello answer;
    uint16_t version; /* the server's choice; 0: unknown */
    bool has_curve;
    uint16_t curve; /* named group of the key exchange */
    bool resumed;
    enum visibility_reason resumed_by; /* REASON_SESSION_ID, _TICKET or _PSK; else REASON_SEEN */
    struct issued_ticket issued[TICKETS_MOST]; /* those that could be read, oldest first */
    size_t issued_len;
    uint16_t answered; /* TLS 1.3: the length of the record with which the server answered the
                          client's Finished: usually a ticket, unless keys say */
    bool established;
    bool went_on;   /* both sides were seen to go on behind a handshake that was seen whole: nobody
                       else could have made it up who cannot read and answer what they say */
    int last_alert; /* NO_ALERT, or the description */
    char history[HISTORY_TEXT]; /* Zeek's ssl_history */

    struct chain chain[2];       /* by enum role */
    struct inferred inferred[2]; /* likewise */
    enum tristate client_cert_requested;
    enum possession possession[2]; /* by enum role: does it hold the key of its leaf? */
    const char *unproven[2];       /* static: why that is unchecked; NULL: nobody asked */
    enum outcome outcome;
    bool refused[2];           /* by role: it ended the handshake with a fatal alert */
    enum tristate sni_matches; /* UNKNOWN without a server name or a certificate */
    uint64_t missed_bytes;     /* of both directions, up to its end */

    char ja3[JA3_TEXT], ja3s[JA3_TEXT], ja4[JA4_TEXT]; /* empty: none */
    char resumed_from[UID_TEXT];                       /* empty: none or unknown */
    bool ftp_data; /* it resumes a control connection of FTP at another port. Known to the judge
                      only, as the next */
    const struct recalled *recalled;   /* of the server. NULL: nothing */
    const struct recalled *lookalikes; /* chains that clients showed, as long as the hidden one, */
    size_t lookalikes_len;             /* the latest first */
    char supposed_from[UID_TEXT];      /* what a PSK without keys may come from, by its length */
    enum ocsp_source ocsp;             /* what `ocsp_der` is; see session_is_tls() */
    struct bytes ocsp_der;             /* ask ocsp.h */
    bool keys_used;
    struct trace *trace; /* its frames; NULL: none were kept */
    const char *service; /* class of service: the judge fills it in, out of the table of
                            services, which outlives the session; NULL: unknown */
};

/* False: it is nothing but an OCSP message, or something fetched, on its way in clear HTTP. */
static inline bool
session_is_tls(const struct session *session)
{
    return session->ocsp < OCSP_ASKED;
}

const char *visibility_name(enum visibility visibility);      /* "clear"; static, as the next */
const char *visibility_reason_name(enum visibility_reason r); /* "tls13" */
const char *possession_name(enum possession possession);

/* What is told of a session as a whole: the client's where it showed a chain, else the server's. */
enum possession session_possession(const struct session *session);
/* What the other side made of what this role showed. */
enum outcome session_outcome(const struct session *session, enum role role);

const char *outcome_name(enum outcome outcome);
const char *role_name(enum role role); /* "client", "server" */

/* Tells a session. All in it is valid until session_release(). */
struct session_listener {
    void *owner;
    void (*told)(void *owner, struct session *session);
};

/* Gives back all that a told session holds: on the thread of its dissection. */
void session_release(struct session *session);

#endif
