/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: what the two hellos of a handshake say (RFC 8446 section 4.1, RFC 5246 section 7.4.1,
 * the SSL 2.0 draft). Slices are of the message they were parsed from, and valid as long as it is.
 */
#ifndef CERTTAP_DISSECT_HELLO_H
#define CERTTAP_DISSECT_HELLO_H

#include "base/bytes.h"

struct client_hello {
    bool sslv2;          /* came in an SSL 2.0 record: ciphers are 3 bytes each */
    uint16_t version;    /* legacy_version */
    struct bytes random; /* 32 bytes; SSL 2.0: the challenge */
    struct bytes session_id;
    struct bytes ciphers;      /* 2 bytes each */
    struct bytes compressions; /* 1 byte each */
    bool has_extensions;
    struct bytes extensions; /* type, length, value each; without the vector's own length */

    /* Of the extensions. Each is the inside of the extension's own list, where it has one. */
    bool has_server_name;
    struct bytes server_name;          /* the first host_name */
    unsigned server_names;             /* how many host_names there were */
    struct bytes alpn;                 /* 1-byte length and name each */
    struct bytes groups;               /* 2 bytes each */
    struct bytes point_formats;        /* 1 byte each */
    struct bytes signature_algorithms; /* 2 bytes each */
    struct bytes supported_versions;   /* 2 bytes each */
    struct bytes key_shares;           /* group, length, key each */
    bool has_ticket;                   /* session_ticket is there */
    struct bytes ticket;               /* and what it holds; empty asks for a new one */
    bool has_psk;                      /* pre_shared_key is there */
    struct bytes psk_identities;       /* identity behind its length, 4-byte age, each */
    struct bytes psk_identity;         /* the first of them */
    bool early_data;
    bool encrypted_client_hello; /* RFC 9849, or its drafts, or ESNI before it */
    bool post_handshake_auth;
    bool certificate_extras; /* a server may put an OCSP response or SCTs into its Certificate */
    bool compressed_certificates; /* RFC 8879: it may be compressed */
    bool has_connection_id; /* DTLS (RFC 9146): the other side puts an id of so many bytes … */
    uint8_t connection_id_length; /* … into its ciphertext; the server's hello has the same */
    bool next_protocol_negotiation;
    unsigned malformed_extensions; /* not what their number says, or there for a second time */
};

struct server_hello {
    uint16_t version; /* what was chosen: supported_versions counted */
    uint16_t legacy_version;
    struct bytes random; /* 32 bytes; SSL 2.0: the connection id */
    struct bytes session_id;
    uint16_t cipher;
    uint8_t compression;
    bool has_extensions;
    struct bytes extensions;
    bool retry; /* a HelloRetryRequest */
    bool sslv2; /* an SSL 2.0 SERVER-HELLO: see the next two */
    struct bytes sslv2_certificate;
    uint32_t sslv2_cipher; /* 3 bytes: the first the server offers, until the client has chosen */
    bool sslv2_resumed;    /* session_id_hit */

    bool has_alpn;
    struct bytes alpn; /* the name chosen */
    bool has_group;
    uint16_t group;        /* of the key share */
    bool has_psk;          /* pre_shared_key was accepted */
    uint16_t psk_selected; /* which of the client's identities; 0 is the first */
    bool has_ticket;       /* a NewSessionTicket will come */
    bool has_connection_id;
    uint8_t connection_id_length;
    bool status_request;                                      /* a CertificateStatus will come */
    uint8_t client_certificate_type, server_certificate_type; /* RFC 7250; 0: X.509 */
    unsigned malformed_extensions;
};

/* `body` is the message without its 4-byte header. False when it is malformed; what was read
 * before that stands. Lenient where real endpoints are: extensions may be missing. */
bool client_hello_parse(struct bytes body, struct client_hello *hello);
bool server_hello_parse(struct bytes body, struct server_hello *hello);

/* Is this random of a ServerHello the one that makes it a HelloRetryRequest (RFC 8446, 4.1.3)? */
bool random_is_retry(struct bytes random);

/* The client's identity of that number (RFC 8446 section 4.2.11); empty when there is none. */
struct bytes client_hello_psk(const struct client_hello *hello, unsigned number);

/* `record` is an SSL 2.0 record without its length (the message type first). */
bool client_hello_parse_sslv2(struct bytes record, struct client_hello *hello);
bool server_hello_parse_sslv2(struct bytes record, struct server_hello *hello);

/* True for TLS 1.3 and its drafts: certificates are encrypted from there on. */
bool version_hides_certificates(uint16_t version);

#endif
