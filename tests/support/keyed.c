/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/keyed.h"

#include "dissect/message.h"
#include "dissect/tls_record.h"
#include "tests/support/tls.h"

#include <assert.h>

enum { ROUNDS = 8, LIMIT = 1 << 20 };

void
keyed_begin(struct keyed *k, uint16_t cipher)
{
    *k = (struct keyed){.suite = suite_find(cipher)};
    assert(k->suite);
    k->store = key_store_new(LIMIT, ROUNDS);
    k->opener = opener_new();
    for (int label = 0; label < SECRET_LABELS; label++) {
        struct secret *secret = &k->secret[label];
        secret->label = (enum secret_label)label;
        secret->len = label == SECRET_MASTER ? SECRET_MOST : k->suite->hash;
        memset(secret->at, 0x10 + label, secret->len);
        for (uint8_t i = 0; i < KEY_RANDOM; i++)
            secret->random[i] = i;
    }
    keyed_turn(k, CLIENT, SECRET_CLIENT_HANDSHAKE);
    keyed_turn(k, SERVER, SECRET_SERVER_HANDSHAKE);
}

void
keyed_end(struct keyed *k)
{
    opener_free(k->opener);
    key_store_free(k->store);
}

void
keyed_give(struct keyed *k, enum secret_label label)
{
    key_store_add(k->store, &k->secret[label], 0);
}

static void
give_all_in(struct keyed *k, uint64_t round)
{
    for (int label = 0; label < SECRET_LABELS; label++)
        key_store_add(k->store, &k->secret[label], round);
}

void
keyed_give_all(struct keyed *k)
{
    give_all_in(k, 0);
}

void
keyed_come(struct keyed *k, struct scene *scene, uint64_t round, int64_t after_ns)
{
    give_all_in(k, round);
    dissection_round(scene->dissection, round);
    dissection_tick(scene->dissection, scene->flow.last_ns + after_ns, 100);
}

void
keyed_turn(struct keyed *k, enum role role, enum secret_label label)
{
    struct secret *secret = &k->secret[label];
    bool good = sealing_derive(
        k->opener, k->suite, KEYS_TLS, bytes_of(secret->at, secret->len), &k->sealing[role]);
    assert(good);
    k->seq[role] = 0;
}

void
keyed_update(struct keyed *k, enum role role)
{
    enum secret_label label = role == CLIENT ? SECRET_CLIENT_TRAFFIC : SECRET_SERVER_TRAFFIC;
    bool good = secret_advance(k->opener, k->suite, KEYS_TLS, k->secret[label].at);
    assert(good);
    keyed_turn(k, role, label);
}

void
keyed_say(struct keyed *k, struct text *out, enum role role, uint8_t type, struct bytes content)
{
    seal_record(out, &k->sealing[role], k->seq[role]++, type, content, 0);
}

void
keyed_message(struct keyed *k, struct text *out, enum role role, uint8_t type, struct bytes body)
{
    struct text message = {0};
    tls_message(&message, type, body);
    keyed_say(k, out, role, RECORD_HANDSHAKE, text_bytes(&message));
    text_free(&message);
}

static void
add_u24(struct text *out, size_t value)
{
    text_add_char(out, (char)(value >> 16));
    text_add_char(out, (char)(value >> 8));
    text_add_char(out, (char)value);
}

void
keyed_certificates(struct text *out, const struct bytes *certificates, size_t count)
{
    size_t length = 0;
    for (size_t i = 0; i < count; i++)
        length += 3 + certificates[i].len + 2;
    text_add_char(out, 0); /* no context */
    add_u24(out, length);
    for (size_t i = 0; i < count; i++) {
        add_u24(out, certificates[i].len);
        text_add(out, certificates[i]);
        text_add_char(out, 0); /* no extensions */
        text_add_char(out, 0);
    }
}

static void
say_certificates(struct keyed *k, struct text *out, enum role role,
    const struct bytes *certificates, size_t count)
{
    struct text body = {0};
    keyed_certificates(&body, certificates, count);
    keyed_message(k, out, role, MESSAGE_CERTIFICATE, text_bytes(&body));
    text_free(&body);
}

static void
say_hex(struct keyed *k, struct text *out, enum role role, uint8_t type, const char *annotated)
{
    struct text body = {0};
    tls_hex(&body, annotated);
    keyed_message(k, out, role, type, text_bytes(&body));
    text_free(&body);
}

void
keyed_server_flight(
    struct keyed *k, struct text *out, const struct bytes *certificates, size_t count, bool asks)
{
    enum { CIPHER = 5 + 4 + 2 + 32 + 1 };
    size_t start = out->len;
    tls_server_hello_13(out);
    out->at[start + CIPHER] = (char)(k->suite->cipher >> 8);
    out->at[start + CIPHER + 1] = (char)k->suite->cipher;
    tls_record_hex(out, RECORD_CHANGE_CIPHER_SPEC, "01");
    say_hex(k, out, SERVER, MESSAGE_ENCRYPTED_EXTENSIONS, "0009 0010 0005 0003 02 'h2'");
    if (asks)
        say_hex(k, out, SERVER, MESSAGE_CERTIFICATE_REQUEST, "00 0008 000d 0004 0002 0403");
    if (certificates) {
        say_certificates(k, out, SERVER, certificates, count);
        say_hex(k, out, SERVER, MESSAGE_CERTIFICATE_VERIFY, "0403 0004 01020304");
    }
    say_hex(k, out, SERVER, MESSAGE_FINISHED, "0102030405060708");
    keyed_turn(k, SERVER, SECRET_SERVER_TRAFFIC);
}

void
keyed_client_flight(
    struct keyed *k, struct text *out, const struct bytes *certificates, size_t count)
{
    tls_record_hex(out, RECORD_CHANGE_CIPHER_SPEC, "01");
    if (certificates)
        say_certificates(k, out, CLIENT, certificates, count);
    if (count)
        say_hex(k, out, CLIENT, MESSAGE_CERTIFICATE_VERIFY, "0403 0004 05060708");
    say_hex(k, out, CLIENT, MESSAGE_FINISHED, "0102030405060708");
    keyed_turn(k, CLIENT, SECRET_CLIENT_TRAFFIC);
}
