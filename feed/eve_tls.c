/* SPDX-License-Identifier: Apache-2.0
 *
 * The `tls` object and event. Suricata leaves a connection out unless it saw the server's
 * certificate; here each one is told.
 */
#include "dissect/names.h"
#include "dissect/suricata_spelling.h"
#include "feed/eve.h"
#include "feed/json_text.h"

#include <openssl/evp.h>

static struct bytes
words_of(struct eve *eve)
{
    return text_bytes(&eve->words);
}

static void
add_name(struct eve *eve, const char *key, struct bytes name)
{
    if (!name.len)
        return;
    text_clear(&eve->words);
    suricata_name(name, &eve->words);
    json_bytes(&eve->event, key, words_of(eve));
}

static void
add_octets(struct eve *eve, const char *key, struct bytes octets, bool lower)
{
    if (!octets.len)
        return;
    text_clear(&eve->words);
    suricata_octets(octets, lower, &eve->words);
    json_bytes(&eve->event, key, words_of(eve));
}

static void
add_time(struct eve *eve, const char *key, bool is_set, int64_t seconds)
{
    if (!is_set)
        return;
    text_clear(&eve->words);
    suricata_time(seconds, &eve->words);
    json_bytes(&eve->event, key, words_of(eve));
}

static void
add_alternative_names(struct eve *eve, const struct certificate *c)
{
    const struct texts *kinds[] = {&c->dns, &c->email, &c->uri};
    struct text *out = &eve->event;
    if (!c->dns.len && !c->email.len && !c->uri.len && !c->ip_len)
        return;
    json_open(out, "subjectaltname", '[');
    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++)
        for (size_t i = 0; i < kinds[kind]->len; i++)
            json_bytes(out, NULL, kinds[kind]->at[i]);
    for (size_t i = 0; i < c->ip_len; i++) {
        char text[ADDRESS_TEXT];
        address_to_text(&c->ip[i], text);
        json_string(out, NULL, text);
    }
    json_close(out, ']');
}

static void
add_chain(struct eve *eve, const struct chain *chain)
{
    json_open(&eve->event, "chain", '[');
    for (size_t i = 0; i < chain->len; i++) {
        struct bytes der = chain->at[i]->der;
        text_clear(&eve->words);
        char *room = text_reserve(&eve->words, (der.len + 2) / 3 * 4 + 1);
        int len = EVP_EncodeBlock((unsigned char *)room, der.at, (int)der.len);
        eve->words.len += (size_t)len;
        json_bytes(&eve->event, NULL, words_of(eve));
    }
    json_close(&eve->event, ']');
}

static void
add_leaf(struct eve *eve, const struct chain *chain)
{
    if (!chain->len)
        return;
    const struct certificate *c = chain->at[0];
    add_name(eve, "subject", c->subject);
    add_name(eve, "issuerdn", c->issuer);
    add_octets(eve, "serial", c->serial, false);
    add_octets(eve, "fingerprint", bytes_of(c->sha1, sizeof c->sha1), true);
    add_time(eve, "notbefore", c->has_not_before, c->not_before);
    add_time(eve, "notafter", c->has_not_after, c->not_after);
    add_alternative_names(eve, c);
    if (eve->options.chain)
        add_chain(eve, chain);
}

/* "TLS 1.2", as Suricata; what it does not know is spelled likewise. */
static const char *
version_text(uint16_t version, char buffer[NAME_BUFFER])
{
    static const struct {
        uint16_t version;
        const char *text;
    } versions[] = {
        {0x0002, "SSLv2"},
        {0x0300, "SSLv3"},
        {0x0301, "TLSv1"},
        {0x0302, "TLS 1.1"},
        {0x0303, "TLS 1.2"},
        {0x0304, "TLS 1.3"},
        {0xfeff, "DTLS 1.0"},
        {0xfefd, "DTLS 1.2"},
        {0xfefc, "DTLS 1.3"},
    };
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
        if (versions[i].version == version)
            return versions[i].text;
    struct text text = {0};
    if (version >> 8 == 0x7f)
        text_add_format(&text, "TLS 1.3 draft-%u", version & 0xffU);
    else
        text_add_format(&text, "0x%04x", version);
    memcpy(buffer, text_string(&text), text.len + 1);
    text_free(&text);
    return buffer;
}

/* The protocol that asked for TLS: "smtp" of "smtp-starttls". */
static void
add_from_protocol(struct eve *eve, const char *carrier)
{
    static const char *const own[] = {"tcp", "udp", "quic"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (!carrier || !strcmp(carrier, own[i]))
            return;
    struct bytes name = bytes_from_string(carrier);
    if (bytes_equal_string(name, "postgresql"))
        name = bytes_from_string("pgsql");
    size_t dash = bytes_find_byte(name, '-');
    json_bytes(&eve->event, "from_proto", bytes_first(name, dash));
}

static void
add_ja3(struct eve *eve, const struct session *session)
{
    struct text *out = &eve->event;
    if (session->ja3[0]) {
        text_clear(&eve->words);
        fingerprint_ja3_text(eve->fingerprinter, &session->hello, &eve->words);
        json_open(out, "ja3", '{');
        json_string(out, "hash", session->ja3);
        json_bytes(out, "string", words_of(eve));
        json_close(out, '}');
    }
    if (session->ja3s[0]) {
        text_clear(&eve->words);
        fingerprint_ja3s_text(eve->fingerprinter, &session->answer, &eve->words);
        json_open(out, "ja3s", '{');
        json_string(out, "hash", session->ja3s);
        json_bytes(out, "string", words_of(eve));
        json_close(out, '}');
    }
    if (session->ja4[0])
        json_string(out, "ja4", session->ja4);
}

/* RFC 8701: numbers that mean nothing. */
static bool
is_grease(uint16_t number)
{
    return (number & 0x0f0f) == 0x0a0a && number >> 8 == (number & 0xff);
}

static void
add_numbers(struct text *out, const char *key, struct bytes numbers)
{
    struct reader r = reader_over(numbers);
    json_open(out, key, '[');
    while (reader_more(&r)) {
        uint16_t number = read_u16(&r);
        if (!r.bad && !is_grease(number))
            json_number(out, NULL, number);
    }
    json_close(out, ']');
}

static void
add_extensions(struct text *out, struct bytes extensions)
{
    struct reader r = reader_over(extensions);
    json_open(out, "exts", '[');
    while (reader_more(&r)) {
        uint16_t number = read_u16(&r);
        read_vec16(&r);
        if (!r.bad && !is_grease(number))
            json_number(out, NULL, number);
    }
    json_close(out, ']');
}

static void
add_client_hello(struct text *out, const struct client_hello *hello)
{
    char buffer[NAME_BUFFER];
    struct reader r = reader_over(hello->alpn);
    if (hello->sslv2)
        return;
    if (hello->alpn.len) {
        json_open(out, "client_alpns", '[');
        while (reader_more(&r)) {
            struct bytes name = read_vec8(&r);
            if (!r.bad)
                json_bytes(out, NULL, name);
        }
        json_close(out, ']');
    }
    json_open(out, "client_handshake", '{');
    json_string(out, "version", version_text(hello->version, buffer));
    add_numbers(out, "ciphers", hello->ciphers);
    add_extensions(out, hello->extensions);
    add_numbers(out, "sig_algs", hello->signature_algorithms);
    json_close(out, '}');
}

static void
add_server_hello(struct text *out, const struct server_hello *answer)
{
    char buffer[NAME_BUFFER];
    if (answer->sslv2)
        return;
    if (answer->has_alpn) {
        json_open(out, "server_alpns", '[');
        json_bytes(out, NULL, answer->alpn);
        json_close(out, ']');
    }
    json_open(out, "server_handshake", '{');
    json_string(out, "version", version_text(answer->version, buffer));
    json_number(out, "cipher", answer->cipher);
    add_extensions(out, answer->extensions);
    json_close(out, '}');
}

void
eve_add_tls(struct eve *eve, const struct session *session)
{
    struct text *out = &eve->event;
    char buffer[NAME_BUFFER];
    json_open(out, "tls", '{');
    add_leaf(eve, &session->chain[SERVER]);
    if (session->resumed)
        json_bool(out, "session_resumed", true);
    if (session->has_hello && session->hello.has_server_name)
        json_bytes(out, "sni", session->hello.server_name);
    if (session->version)
        json_string(out, "version", version_text(session->version, buffer));
    add_from_protocol(eve, session->carrier);
    add_ja3(eve, session);
    if (session->has_hello)
        add_client_hello(out, &session->hello);
    if (session->has_answer)
        add_server_hello(out, &session->answer);
    if (session->chain[CLIENT].len) {
        json_open(out, "client", '{');
        add_leaf(eve, &session->chain[CLIENT]);
        json_close(out, '}');
    }
    json_close(out, '}');
}

/* The columns that are ours and not Zeek's. */
static size_t
first_own_column(void)
{
    size_t i = 0;
    while (strcmp(ssl_log.columns[i].name, "service") != 0)
        i++;
    return i;
}

void
eve_session(struct eve *eve, const struct session *session, const struct ssl_row *row, int64_t now)
{
    struct text *out = &eve->event;
    eve_begin(eve, &(struct eve_envelope){.type = "tls",
                       .ts_us = row->ts.us,
                       .uid = session->uid,
                       .frame = session->frame,
                       .path = &session->path,
                       .from = row->orig_h,
                       .to = row->resp_h,
                       .from_port = row->orig_p,
                       .to_port = row->resp_p,
                       .protocol = session->protocol,
                       .community_id = row->community_id});
    if (eve->file)
        json_string(out, "pcap_filename", eve->file);
    eve_add_tls(eve, session);
    json_open(out, "certtap", '{');
    json_string(out, "uid", session->uid);
    json_bool(out, "established", session->established);
    json_columns(out, &ssl_log, first_own_column(), row);
    json_close(out, '}');
    eve_end(eve, now);
}
