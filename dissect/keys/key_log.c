/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/keys/key_log.h"

#include <openssl/crypto.h>

static const struct label {
    const char *name;
    enum secret_label label; /* SECRET_LABELS: of no use to us */
    bool quic;               /* drafts of QUIC wrote it with "QUIC_" before it, too */
} labels[] = {
    {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", SECRET_CLIENT_HANDSHAKE, true},
    {"SERVER_HANDSHAKE_TRAFFIC_SECRET", SECRET_SERVER_HANDSHAKE, true},
    {"CLIENT_TRAFFIC_SECRET_0", SECRET_CLIENT_TRAFFIC, true},
    {"SERVER_TRAFFIC_SECRET_0", SECRET_SERVER_TRAFFIC, true},
    {"CLIENT_RANDOM", SECRET_MASTER, false},
    {"CLIENT_EARLY_TRAFFIC_SECRET", SECRET_LABELS, true},
    {"CLIENT_TRAFFIC_SECRET_N", SECRET_LABELS, false}, /* OpenSSL's, at a KeyUpdate */
    {"SERVER_TRAFFIC_SECRET_N", SECRET_LABELS, false},
    {"EARLY_EXPORTER_SECRET", SECRET_LABELS, true},
    {"EXPORTER_SECRET", SECRET_LABELS, true},
    {"PMS_CLIENT_RANDOM", SECRET_LABELS, false},
    {"RSA", SECRET_LABELS, false},
    {"ECH_SECRET", SECRET_LABELS, false},
    {"ECH_CONFIG", SECRET_LABELS, false},
};

static const struct label *
label_find(struct bytes word)
{
    struct bytes quic = bytes_from_string("QUIC_");
    bool prefixed = bytes_start_with(word, quic);
    if (prefixed)
        word = bytes_skip(word, quic.len);
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (bytes_equal_string(word, labels[i].name) && (labels[i].quic || !prefixed))
            return &labels[i];
    return NULL;
}

/* Up to the next space, and the spaces behind it. */
static struct bytes
take_word(struct bytes *line)
{
    struct bytes word = bytes_first(*line, bytes_find_byte(*line, ' '));
    *line = bytes_trim(bytes_skip(*line, word.len));
    return word;
}

/* Digits only: bytes_from_hex would let them be parted. */
static bool
read_hex(struct bytes text, uint8_t *out, size_t room, size_t *len)
{
    return text.len % 2 == 0 && text.len / 2 <= room && bytes_from_hex(text, out, room, len) &&
           *len == text.len / 2;
}

static bool
read_secret(struct bytes random, struct bytes text, struct secret *secret)
{
    enum { SHORTEST = 32 };
    size_t random_len = 0, len = 0;
    bool good = read_hex(random, secret->random, KEY_RANDOM, &random_len) &&
                random_len == KEY_RANDOM && read_hex(text, secret->at, SECRET_MOST, &len);
    secret->len = (uint8_t)len;
    return good && (secret->label == SECRET_MASTER ? len == SECRET_MOST : len >= SHORTEST);
}

static void
hear_line(struct key_log *log, struct bytes line, struct secret_listener listener)
{
    line = bytes_trim(line);
    if (line.len == 0 || bytes_at(line, 0) == '#')
        return;
    const struct label *label = label_find(take_word(&line));
    struct bytes random = take_word(&line);
    if (!label) {
        log->counts.bad++;
        return;
    }
    if (label->label == SECRET_LABELS) {
        log->counts.unused++;
        return;
    }
    struct secret secret = {.label = label->label};
    if (read_secret(random, line, &secret)) {
        log->counts.secrets++;
        listener.told(listener.owner, &secret);
    } else {
        log->counts.bad++;
    }
    OPENSSL_cleanse(&secret, sizeof secret);
}

/* A line whose end has come. */
static void
end_line(struct key_log *log, struct secret_listener listener)
{
    if (log->too_long)
        log->counts.bad++;
    else
        hear_line(log, bytes_of(log->line, log->len), listener);
    OPENSSL_cleanse(log->line, sizeof log->line);
    log->len = 0;
    log->too_long = false;
}

void
key_log_feed(struct key_log *log, struct bytes text, struct secret_listener listener)
{
    while (text.len) {
        size_t end = bytes_find_byte(text, '\n');
        struct bytes part = bytes_first(text, end);
        if (part.len > sizeof log->line - log->len)
            log->too_long = true;
        else if (part.len && !log->too_long) {
            memcpy(log->line + log->len, part.at, part.len);
            log->len += part.len;
        }
        if (end < text.len)
            end_line(log, listener);
        text = bytes_skip(text, end + 1);
    }
}

void
key_log_end(struct key_log *log, struct secret_listener listener)
{
    if (log->len || log->too_long)
        end_line(log, listener);
}
