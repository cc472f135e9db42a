/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/suricata/buffers.h"

#include "dissect/fingerprint.h"
#include "dissect/suricata_spelling.h"
#include "rules/conditions.h"
#include "rules/suricata/values.h"

enum { FINGERPRINT_ROOM = 1 << 16, RANDOM_TIME = 4 };

static void
offer_server_name(struct values *to, const struct attempt *a)
{
    values_add(to, a->session->hello.server_name);
}

static void
offer_subject(struct values *to, const struct attempt *a)
{
    size_t from = to->words.len;
    if (a->certificate)
        suricata_name(a->certificate->subject, &to->words);
    values_add_words(to, from);
}

static void
offer_issuer(struct values *to, const struct attempt *a)
{
    size_t from = to->words.len;
    if (a->certificate)
        suricata_name(a->certificate->issuer, &to->words);
    values_add_words(to, from);
}

static void
offer_serial(struct values *to, const struct attempt *a)
{
    size_t from = to->words.len;
    if (a->certificate)
        suricata_octets(a->certificate->serial, false, &to->words);
    values_add_words(to, from);
}

static void
offer_fingerprint(struct values *to, const struct attempt *a)
{
    size_t from = to->words.len;
    if (a->certificate)
        suricata_octets(
            bytes_of(a->certificate->sha1, sizeof a->certificate->sha1), true, &to->words);
    values_add_words(to, from);
}

static void
offer_sha256(struct values *to, const struct attempt *a)
{
    if (a->certificate)
        values_add(to, bytes_from_string(a->certificate->sha256_hex));
}

static void
offer_spki(struct values *to, const struct attempt *a)
{
    if (a->certificate)
        values_add(to, bytes_from_string(a->certificate->spki_sha256_hex));
}

static void
offer_certificate(struct values *to, const struct attempt *a)
{
    if (a->certificate)
        values_add(to, a->certificate->der);
}

static void
offer_chain(struct values *to, const struct attempt *a)
{
    const struct chain *chain = &a->session->chain[a->role];
    for (size_t i = 0; i < chain->len; i++)
        values_add(to, chain->at[i]->der);
}

/* One value, for a rule may ask for two names. Zeros stand where a certificate has its dates. */
static void
offer_names(struct values *to, const struct attempt *a)
{
    static const char dates[32];
    const struct chain *chain = &a->session->chain[a->role];
    size_t from = to->words.len;
    for (size_t i = 0; i < chain->len; i++) {
        text_add(&to->words, chain->at[i]->issuer);
        text_add(&to->words, bytes_of(dates, sizeof dates));
        text_add(&to->words, chain->at[i]->subject);
        text_add(&to->words, bytes_of(dates, sizeof dates));
    }
    if (chain->len)
        values_add_words(to, from);
}

static void
offer_alternative_names(struct values *to, const struct attempt *a)
{
    const struct certificate *c = a->certificate;
    if (!c)
        return;
    const struct texts *kinds[] = {&c->dns, &c->uri, &c->email};
    for (size_t kind = 0; kind < 3; kind++)
        for (size_t i = 0; i < kinds[kind]->len; i++)
            values_add(to, kinds[kind]->at[i]);
    for (size_t i = 0; i < c->ip_len; i++) {
        size_t from = to->words.len;
        char text[ADDRESS_TEXT];
        address_to_text(&c->ip[i], text);
        text_add_string(&to->words, text);
        values_add_words(to, from);
    }
}

static void
offer_alpn(struct values *to, const struct attempt *a)
{
    if (a->role == SERVER) {
        values_add(to, a->session->answer.alpn);
        return;
    }
    struct reader r = reader_over(a->session->hello.alpn);
    while (reader_more(&r))
        values_add(to, read_vec8(&r));
}

static struct bytes
random_of(const struct attempt *a)
{
    return a->role == CLIENT ? a->session->hello.random : a->session->answer.random;
}

static void
offer_random(struct values *to, const struct attempt *a)
{
    values_add(to, random_of(a));
}

static void
offer_random_time(struct values *to, const struct attempt *a)
{
    values_add(to, bytes_first(random_of(a), RANDOM_TIME));
}

static void
offer_random_bytes(struct values *to, const struct attempt *a)
{
    values_add(to, bytes_skip(random_of(a), RANDOM_TIME));
}

static void
offer_ja3(struct values *to, const struct attempt *a)
{
    values_add(to, bytes_from_string(a->session->ja3));
}

static void
offer_ja3s(struct values *to, const struct attempt *a)
{
    values_add(to, bytes_from_string(a->session->ja3s));
}

static void
offer_ja4(struct values *to, const struct attempt *a)
{
    values_add(to, bytes_from_string(a->session->ja4));
}

static struct fingerprinter *
fingerprinter_of(struct values *values)
{
    if (!values->fingerprinter) {
        values->pool.limit = FINGERPRINT_ROOM;
        values->fingerprinter = fingerprinter_new(&values->pool);
    }
    return values->fingerprinter;
}

static void
offer_ja3_text(struct values *to, const struct attempt *a)
{
    size_t from = to->words.len;
    if (a->session->has_hello)
        fingerprint_ja3_text(fingerprinter_of(to), &a->session->hello, &to->words);
    values_add_words(to, from);
}

static void
offer_ja3s_text(struct values *to, const struct attempt *a)
{
    size_t from = to->words.len;
    if (a->session->has_answer)
        fingerprint_ja3s_text(fingerprinter_of(to), &a->session->answer, &to->words);
    values_add_words(to, from);
}

static void
offer_address(struct values *to, const struct attempt *a, enum role role)
{
    const struct address *address = session_address(a->session, role);
    struct bytes all = bytes_of(address->at, sizeof address->at);
    if (address_is_set(address))
        values_add(to, address_is_v4(address) ? bytes_skip(all, 12) : all);
}

static void
offer_source(struct values *to, const struct attempt *a)
{
    offer_address(to, a, a->role);
}

static void
offer_destination(struct values *to, const struct attempt *a)
{
    offer_address(to, a, a->role == CLIENT ? SERVER : CLIENT);
}

/* clang-format off */
static const struct buffer buffers[] = {
    {"tls.sni", "tls_sni", WHOSE_CLIENT, false, false, SPELLED_AS_IS, offer_server_name},
    {"quic.sni", NULL, WHOSE_CLIENT, false, false, SPELLED_AS_IS, offer_server_name},
    {"tls.cert_subject", "tls_cert_subject", WHOSE_EITHER, true, false, SPELLED_AS_IS, offer_subject},
    {"tls.cert_issuer", "tls_cert_issuer", WHOSE_EITHER, true, false, SPELLED_AS_IS, offer_issuer},
    {"tls.cert_serial", "tls_cert_serial", WHOSE_EITHER, true, false, SPELLED_UPPER, offer_serial},
    {"tls.cert_fingerprint", "tls_cert_fingerprint", WHOSE_EITHER, true, false, SPELLED_LOWER, offer_fingerprint},
    {"tls.certs", "tls_certs", WHOSE_EITHER, true, false, SPELLED_AS_IS, offer_chain},
    {"tls.subjectaltname", NULL, WHOSE_SERVER, true, false, SPELLED_AS_IS, offer_alternative_names},
    {"tls.alpn", NULL, WHOSE_EITHER, false, false, SPELLED_AS_IS, offer_alpn},
    {"tls.random", NULL, WHOSE_EITHER, false, false, SPELLED_AS_IS, offer_random},
    {"tls.random_time", NULL, WHOSE_EITHER, false, false, SPELLED_AS_IS, offer_random_time},
    {"tls.random_bytes", NULL, WHOSE_EITHER, false, false, SPELLED_AS_IS, offer_random_bytes},
    {"ja3.hash", "ja3_hash", WHOSE_CLIENT, false, false, SPELLED_LOWER, offer_ja3},
    {"ja3.string", "ja3_string", WHOSE_CLIENT, false, false, SPELLED_AS_IS, offer_ja3_text},
    {"ja3s.hash", "ja3s_hash", WHOSE_SERVER, false, false, SPELLED_LOWER, offer_ja3s},
    {"ja3s.string", "ja3s_string", WHOSE_SERVER, false, false, SPELLED_AS_IS, offer_ja3s_text},
    {"ja4.hash", "ja4_hash", WHOSE_CLIENT, false, false, SPELLED_LOWER, offer_ja4},
    {"certtap.cert_sha256", NULL, WHOSE_EITHER, true, false, SPELLED_HEX, offer_sha256},
    {"certtap.spki", NULL, WHOSE_EITHER, true, false, SPELLED_HEX, offer_spki},
    {"ip.src", NULL, WHOSE_EITHER, false, true, SPELLED_AS_IS, offer_source},
    {"ip.dst", NULL, WHOSE_EITHER, false, true, SPELLED_AS_IS, offer_destination},
};
/* clang-format on */

const struct buffer the_certificate = {
    "tls.certs", NULL, WHOSE_EITHER, true, false, SPELLED_AS_IS, offer_certificate};

const struct buffer the_names = {
    "payload", NULL, WHOSE_EITHER, true, false, SPELLED_AS_IS, offer_names};

static bool
is_named(const struct buffer *buffer, struct bytes name)
{
    return bytes_equal_string(name, buffer->name) ||
           (buffer->older && bytes_equal_string(name, buffer->older));
}

const struct buffer *
buffer_named(struct bytes name)
{
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        if (is_named(&buffers[i], name))
            return &buffers[i];
    return NULL;
}
