/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates and public keys as they are: PEM (several in a file) or DER. Of a certificate both
 * itself and its key are watched, for certificates are re-issued with the same key; the key is
 * worth a severity less, and told only when the certificate is another.
 */
#include "dissect/certificate_store.h"
#include "rules/formats/formats.h"
#include "rules/formats/outline.h"
#include "rules/formats/pem_chains.h"
#include "rules/shown.h"
#include "rules/spelling.h"
#include "rules/value.h"

#include <openssl/sha.h>

enum { LOOK_AT = 65536 };

static bool
looks_pem(struct bytes content)
{
    enum outline outline = outline_of(content);
    struct bytes start = bytes_first(content, LOOK_AT);
    return outline == OUTLINE_CERTIFICATE || outline == OUTLINE_KEY ||
           bytes_start_with(content, bytes_from_string("-----BEGIN ")) ||
           bytes_find(start, bytes_from_string("\n-----BEGIN ")) != SIZE_MAX;
}

static bool
add_of_certificate(struct list_reader *reader, const struct value *value, const struct saying *say,
    struct bytes der, unsigned long line, struct fault *why)
{
    struct clause clause = {.any = value, .len = 1};
    struct watch watch = {.all = &clause, .len = 1, .say = *say, .line = line, .certificate = der};
    return list_add(reader, &watch, why);
}

static bool
add_certificate(struct list_reader *reader, struct bytes der, unsigned long line,
    struct pem_chains *chains, struct fault *why)
{
    struct saying say = list_saying(reader);
    const struct certificate *c = certificate_read(&reader->room, der);
    if (!c)
        return list_fault(reader, line, why, "not enough memory");
    struct value itself = value_of_digest(WHAT_SHA256, c->sha256);
    struct value key = value_of_digest(WHAT_SPKI, c->spki_sha256);
    say.description = list_string(reader, c->subject_text);
    if (!add_of_certificate(reader, &itself, &say, der, line, why))
        return false;
    pem_chains_note(chains, c, line);
    if (c->ca && !list_keep_issuer(reader, c->subject, der, why))
        return false;
    if (!c->spki.len) {
        list_warn(reader,
            "line %lu: the key of the certificate cannot be read: only the "
            "certificate itself is watched",
            line);
        return true;
    }
    say.severity = severity_below(say.severity);
    return add_of_certificate(reader, &key, &say, der, line, why);
}

static bool
add_key(struct list_reader *reader, struct bytes der, unsigned long line, struct fault *why)
{
    struct saying say = list_saying(reader);
    uint8_t digest[SHA256_LEN];
    SHA256(der.at, der.len, digest);
    struct value key = value_of_digest(WHAT_SPKI, digest);
    return list_add_value(reader, &key, &say, line, why);
}

static bool
add_der(struct list_reader *reader, struct bytes der, unsigned long line, struct pem_chains *chains,
    struct fault *why)
{
    switch (outline_of(der)) {
    case OUTLINE_CERTIFICATE:
        return add_certificate(reader, der, line, chains, why);
    case OUTLINE_KEY:
        return add_key(reader, der, line, why);
    case OUTLINE_CRL:
        return list_fault(
            reader, line, why, "a revocation list: keep it in a file of its own (format crl)");
    case OUTLINE_NONE:
        break;
    }
    return list_fault(reader, line, why, "neither a certificate nor a public key");
}

static bool
add_block(struct list_reader *reader, const struct pem_block *block, struct pem_chains *chains,
    struct fault *why)
{
    static const char *const known[] = {
        "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE", "PUBLIC KEY", "X509 CRL"};
    struct text der = {0};
    struct text label = {0};
    bool ours = false;
    bool good = true;
    text_add_written(&label, block->label, 40);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        ours = ours || bytes_equal_string(block->label, known[i]);
    if (!ours) {
        list_skip(reader);
        list_warn(reader, "line %lu: nothing is done with %s", block->line, text_string(&label));
    } else if (!block->ended) {
        good =
            list_fault(reader, block->line, why, "BEGIN %s without its END", text_string(&label));
    } else if (!base64_decode(block->body, &der)) {
        good = list_fault(reader, block->line, why, "not base64 in %s", text_string(&label));
    } else {
        /* Behind a TRUSTED CERTIFICATE stands what OpenSSL trusts it for. */
        struct bytes first = outline_first(text_bytes(&der));
        bool cut = bytes_start_with(block->label, bytes_from_string("TRUSTED"));
        good = add_der(reader, cut ? first : text_bytes(&der), block->line, chains, why);
    }
    text_free(&label);
    text_free(&der);
    return good;
}

static bool
read_blocks(struct list_reader *reader, struct pem_chains *chains, struct fault *why)
{
    struct lines lines = lines_of(reader->content);
    struct pem_block block;
    bool any = false;
    while (pem_next(&lines, &block)) {
        any = true;
        if (!add_block(reader, &block, chains, why))
            return false;
        arena_empty(&reader->room);
    }
    return any || list_fault(reader, 0, why, "neither PEM nor DER");
}

static bool
read_pem(struct list_reader *reader, struct fault *why)
{
    struct pem_chains chains = {0};
    bool good = outline_of(reader->content) != OUTLINE_NONE
                    ? add_der(reader, reader->content, 1, &chains, why)
                    : read_blocks(reader, &chains, why);
    bool added = pem_chains_add(&chains, reader, good ? why : &(struct fault){0});
    return good && added;
}

const struct list_format pem_format = {.name = "pem", .looks_like = looks_pem, .read = read_pem};
