/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: the NSS key log format (draft-ietf-tls-keylogfile), which SSLKEYLOGFILE names and pcapng
 * files carry: a line a secret, "LABEL client-random secret". Whatever else stands in the text is
 * passed over and counted. The text may come in pieces, as a file grows.
 */
#ifndef CERTTAP_DISSECT_KEYS_KEY_LOG_H
#define CERTTAP_DISSECT_KEYS_KEY_LOG_H

#include "base/bytes.h"

enum {
    KEY_RANDOM = 32,         /* bytes of a client's random */
    SECRET_MOST = 48,        /* a master secret, or one of SHA-384 */
    KEY_LOG_LINE_MOST = 512, /* a longer line is no secret of ours */
};

/* What a secret is for. Those of exporters, early data and ECH open nothing that we look at. */
enum secret_label {
    SECRET_CLIENT_HANDSHAKE, /* TLS 1.3, as the next three */
    SECRET_SERVER_HANDSHAKE,
    SECRET_CLIENT_TRAFFIC,
    SECRET_SERVER_TRAFFIC,
    SECRET_MASTER, /* up to TLS 1.2 */
    SECRET_LABELS,
};

struct secret {
    enum secret_label label;
    uint8_t random[KEY_RANDOM];
    uint8_t len;
    uint8_t at[SECRET_MOST];
};

struct key_log_counts {
    uint64_t secrets; /* told */
    uint64_t unused;  /* well-formed lines with a label that we have no use for */
    uint64_t bad;     /* lines that are none */
};

/* A zeroed one waits for the first line. */
struct key_log {
    struct key_log_counts counts;
    uint8_t line[KEY_LOG_LINE_MOST]; /* the beginning of one whose end has not come yet */
    size_t len;
    bool too_long;
};

struct secret_listener {
    void *owner;
    void (*told)(void *owner, const struct secret *secret);
};

/* Takes more of the text and tells the secrets in it. */
void key_log_feed(struct key_log *log, struct bytes text, struct secret_listener listener);

/* The text is over: a last line need not end. */
void key_log_end(struct key_log *log, struct secret_listener listener);

#endif
