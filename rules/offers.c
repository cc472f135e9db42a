/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/offers.h"

#include "rules/canonical_name.h"
#include "rules/spelling.h"

static void
offer_bytes(struct offering *to, enum what what, struct bytes value, struct bytes second)
{
    to->take(to->owner, what, &(struct offered){.value = value, .second = second});
}

static void
offer_digest(struct offering *to, enum what what, const uint8_t *digest)
{
    offer_bytes(to, what, bytes_of(digest, what_kind(what)->digest_len), (struct bytes){0});
}

/* Names are compared in lower case and without a dot at the end. */
static void
offer_name(struct offering *to, enum what what, struct bytes name)
{
    text_clear(&to->scratch);
    name_lower(name, &to->scratch);
    struct bytes lower = text_bytes(&to->scratch);
    if (lower.len)
        to->take(to->owner, what, &(struct offered){.value = lower, .text = lower});
}

static void
offer_names(struct offering *to, enum what what, const struct texts *names)
{
    for (size_t i = 0; i < names->len; i++)
        offer_name(to, what, names->at[i]);
}

static void
offer_certificate(const struct sighting *seen, enum what what, struct offering *to)
{
    if (what == WHAT_SHA256)
        offer_digest(to, what, seen->certificate->sha256);
    else
        offer_digest(
            to, what, what == WHAT_SHA1 ? seen->certificate->sha1 : seen->certificate->md5);
}

static void
offer_issuer_serial(const struct sighting *seen, enum what what, struct offering *to)
{
    const struct certificate *c = seen->certificate;
    struct bytes serial = serial_canonical(c->serial);
    if (serial.len && what == WHAT_SERIAL)
        offer_bytes(to, what, serial, (struct bytes){0});
    else if (serial.len && c->issuer.len)
        offer_bytes(to, what, c->issuer, serial);
}

static void
offer_key(const struct sighting *seen, enum what what, struct offering *to)
{
    const struct certificate *c = seen->certificate;
    struct bytes digest = bytes_of(c->spki_sha256, SHA256_LEN);
    if (!c->spki.len)
        return;
    if (what == WHAT_SPKI)
        offer_bytes(to, what, digest, (struct bytes){0});
    else
        offer_bytes(to, what, c->subject, digest);
}

/* The issuer's key is known when the issuer's certificate was sent too. */
static void
offer_issuer_key(const struct sighting *seen, enum what what, struct offering *to)
{
    const struct chain *chain = &seen->session->chain[seen->role];
    struct bytes serial = serial_canonical(seen->certificate->serial);
    for (size_t i = 0; i < chain->len; i++) {
        const struct certificate *issuer = chain->at[i];
        if (!issuer->spki.len || !issuer->subject.len ||
            !bytes_equal(issuer->subject, seen->certificate->issuer))
            continue;
        if (what == WHAT_ISSUER_KEY)
            offer_digest(to, what, issuer->spki_sha256);
        else if (serial.len)
            offer_bytes(to, what, bytes_of(issuer->spki_sha256, SHA256_LEN), serial);
    }
}

static void
offer_dn(const struct sighting *seen, enum what what, struct offering *to)
{
    struct bytes written =
        what == WHAT_ISSUER ? seen->certificate->issuer_text : seen->certificate->subject_text;
    text_clear(&to->scratch);
    name_lower(written, &to->scratch);
    size_t lower = to->scratch.len;
    name_canonical(written, &to->scratch);
    struct bytes both = text_bytes(&to->scratch);
    if (lower)
        to->take(to->owner, what,
            &(struct offered){.value = bytes_skip(both, lower), .text = bytes_first(both, lower)});
}

static void
offer_common_names(const struct sighting *seen, enum what what, struct offering *to)
{
    offer_names(to, what, &seen->certificate->common_names);
}

static void
offer_alternative_names(const struct sighting *seen, enum what what, struct offering *to)
{
    const struct certificate *c = seen->certificate;
    char address[ADDRESS_TEXT];
    offer_names(to, what, &c->dns);
    offer_names(to, what, &c->uri);
    offer_names(to, what, &c->email);
    for (size_t i = 0; i < c->ip_len; i++) {
        address_to_text(&c->ip[i], address);
        offer_name(to, what, bytes_from_string(address));
    }
}

static void
offer_server_name(const struct sighting *seen, enum what what, struct offering *to)
{
    const struct session *s = seen->session;
    if (s->has_hello && s->hello.has_server_name)
        offer_name(to, what, s->hello.server_name);
}

static void
offer_domains(const struct sighting *seen, enum what what, struct offering *to)
{
    if (!seen->certificate) {
        offer_server_name(seen, what, to);
        return;
    }
    offer_names(to, what, &seen->certificate->dns);
    offer_names(to, what, &seen->certificate->common_names);
}

static void
offer_fingerprint(const struct sighting *seen, enum what what, struct offering *to)
{
    const struct session *s = seen->session;
    offer_name(to, what,
        bytes_from_string(what == WHAT_JA3    ? s->ja3
                          : what == WHAT_JA3S ? s->ja3s
                                              : s->ja4));
}

/* Of a certificate's session, either end. */
static void
offer_address(const struct sighting *seen, enum what what, struct offering *to)
{
    for (enum role role = CLIENT; role <= SERVER; role++) {
        const struct address *address = session_address(seen->session, role);
        if ((seen->certificate || seen->role == role) && address_is_set(address))
            offer_bytes(to, what, bytes_of(address->at, sizeof address->at), (struct bytes){0});
    }
}

static void
offer_length(struct offering *to, enum what what, size_t length)
{
    text_clear(&to->scratch);
    text_add_unsigned(&to->scratch, length);
    offer_bytes(to, what, text_bytes(&to->scratch), (struct bytes){0});
}

/* Where the chain cannot be told from the CertificateVerify behind it, each length that is left by
 * a usual signature. */
static void
offer_chain_length(const struct sighting *seen, enum what what, struct offering *to)
{
    static const uint16_t signatures[] = {64, 70, 71, 72, 102, 103, 104, 256, 384, 512};
    enum { VERIFY_HEAD = 8 };
    const struct inferred *inferred = &seen->session->inferred[seen->role];
    if (inferred->presence != PRESENCE_SENT)
        return;
    if (inferred->chain) {
        offer_length(to, what, inferred->chain);
        return;
    }
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++)
        if (inferred->with_proof > (size_t)VERIFY_HEAD + signatures[i])
            offer_length(to, what, inferred->with_proof - VERIFY_HEAD - signatures[i]);
}

enum { OF_CERTIFICATE = 1, OF_CLIENT = 2, OF_SERVER = 4 };

static const struct {
    unsigned where;
    void (*offer)(const struct sighting *seen, enum what what, struct offering *to);
} offers[WHATS] = {
    [WHAT_SHA256] = {OF_CERTIFICATE, offer_certificate},
    [WHAT_SHA1] = {OF_CERTIFICATE, offer_certificate},
    [WHAT_MD5] = {OF_CERTIFICATE, offer_certificate},
    [WHAT_ISSUER_SERIAL] = {OF_CERTIFICATE, offer_issuer_serial},
    [WHAT_SUBJECT_KEY] = {OF_CERTIFICATE, offer_key},
    [WHAT_SPKI] = {OF_CERTIFICATE, offer_key},
    [WHAT_ISSUER_KEY_SERIAL] = {OF_CERTIFICATE, offer_issuer_key},
    [WHAT_SERIAL] = {OF_CERTIFICATE, offer_issuer_serial},
    [WHAT_ISSUER_KEY] = {OF_CERTIFICATE, offer_issuer_key},
    [WHAT_ISSUER] = {OF_CERTIFICATE, offer_dn},
    [WHAT_SUBJECT] = {OF_CERTIFICATE, offer_dn},
    [WHAT_COMMON_NAME] = {OF_CERTIFICATE, offer_common_names},
    [WHAT_SAN] = {OF_CERTIFICATE, offer_alternative_names},
    [WHAT_DOMAIN] = {OF_CERTIFICATE | OF_SERVER, offer_domains},
    [WHAT_SERVER_NAME] = {OF_SERVER, offer_server_name},
    [WHAT_JA3] = {OF_CLIENT, offer_fingerprint},
    [WHAT_JA3S] = {OF_SERVER, offer_fingerprint},
    [WHAT_JA4] = {OF_CLIENT, offer_fingerprint},
    [WHAT_CHAIN_LENGTH] = {OF_CLIENT | OF_SERVER, offer_chain_length},
    [WHAT_ADDRESS] = {OF_CLIENT | OF_SERVER, offer_address},
};

/* What is a certificate's cannot be asked of a session. */
void
sighting_offer(const struct sighting *seen, enum what what, struct offering *to)
{
    if (seen->certificate || !(offers[what].where & OF_CERTIFICATE) || what == WHAT_DOMAIN)
        offers[what].offer(seen, what, to);
}

bool
sighting_has(const struct sighting *seen, enum what what)
{
    unsigned here = seen->certificate      ? OF_CERTIFICATE
                    : seen->role == CLIENT ? OF_CLIENT
                                           : OF_SERVER;
    return offers[what].where & here;
}
