/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/formats/crl_issuers.h"

#include "rules/formats/outline.h"
#include "rules/spelling.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

static X509 *
certificate_of(struct bytes der)
{
    const unsigned char *at = der.at;
    X509 *certificate = der.len ? d2i_X509(NULL, &at, (long)der.len) : NULL;
    ERR_clear_error();
    return certificate;
}

static bool
take(struct crl_issuers *issuers, struct bytes der)
{
    X509 *issuer = certificate_of(der);
    if (issuer && sk_X509_push(issuers->named, issuer))
        return true;
    X509_free(issuer);
    return false;
}

/* The certificates of a PEM file. What is no certificate is told where it stands. */
static bool
take_blocks(struct crl_issuers *issuers, struct bytes content, const char *path, struct fault *why)
{
    struct lines lines = lines_of(content);
    struct pem_block block;
    while (pem_next(&lines, &block)) {
        struct text der = {0};
        if (!bytes_equal_string(block.label, "CERTIFICATE"))
            continue;
        bool good = base64_decode(block.body, &der) && take(issuers, text_bytes(&der));
        text_free(&der);
        if (!good)
            return fault_set(why, "%s:%lu: no certificate", path, block.line);
    }
    return true;
}

static bool
take_file(struct crl_issuers *issuers, const char *path, struct fault *why)
{
    struct text content = {0};
    int before = sk_X509_num(issuers->named);
    bool good = list_read_file(path, &content, why);
    if (good && outline_of(text_bytes(&content)) == OUTLINE_CERTIFICATE)
        good = take(issuers, text_bytes(&content)) || fault_set(why, "%s: no certificate", path);
    else
        good = good && take_blocks(issuers, text_bytes(&content), path, why);
    text_free(&content);
    if (good && sk_X509_num(issuers->named) == before)
        return fault_set(why, "%s: no certificate of an issuer in it", path);
    return good;
}

bool
crl_issuers_open(struct crl_issuers *issuers, struct list_reader *reader, struct fault *why)
{
    struct bytes option = {0};
    *issuers = (struct crl_issuers){.named = sk_X509_new_null(), .rules = reader->rules};
    if (!issuers->named)
        abort();
    if (list_option(reader, "issuers", &option))
        issuers->path = list_string(reader, option);
    return take_blocks(issuers, reader->content, reader->path, why) &&
           (!issuers->path || take_file(issuers, issuers->path, why));
}

void
crl_issuers_close(struct crl_issuers *issuers)
{
    sk_X509_pop_free(issuers->named, X509_free);
}

static bool
signed_by(X509_CRL *crl, X509 *issuer)
{
    EVP_PKEY *key = X509_get0_pubkey(issuer);
    bool good = key && X509_CRL_verify(crl, key) == 1;
    ERR_clear_error();
    return good;
}

enum same_key { SAME_KEY, ANOTHER_KEY, NOT_TOLD };

/* What the identifiers of both say (RFC 5280 sections 4.2.1.2 and 5.2.1). */
static enum same_key
key_of(const X509_CRL *crl, X509 *issuer)
{
    const ASN1_OCTET_STRING *own = X509_get0_subject_key_id(issuer);
    AUTHORITY_KEYID *signer = X509_CRL_get_ext_d2i(crl, NID_authority_key_identifier, NULL, NULL);
    enum same_key same = NOT_TOLD;
    if (own && signer && signer->keyid)
        same = ASN1_OCTET_STRING_cmp(own, signer->keyid) == 0 ? SAME_KEY : ANOTHER_KEY;
    AUTHORITY_KEYID_free(signer);
    ERR_clear_error();
    return same;
}

enum signature { BY_NOBODY_HERE, PERHAPS_BADLY, BADLY, WELL };

/* Of several certificates with the issuer's name one must have made it: authorities renew keys. */
static enum signature
signature_by_named(const struct crl_issuers *issuers, X509_CRL *crl)
{
    enum signature found = BY_NOBODY_HERE;
    for (int i = 0; i < sk_X509_num(issuers->named) && found != WELL; i++) {
        X509 *issuer = sk_X509_value(issuers->named, i);
        if (X509_NAME_cmp(X509_get_subject_name(issuer), X509_CRL_get_issuer(crl)) == 0)
            found = signed_by(crl, issuer) ? WELL : BADLY;
    }
    return found;
}

static enum signature
signature_by_loaded(const struct ruleset *rules, X509_CRL *crl)
{
    enum signature found = BY_NOBODY_HERE;
    const unsigned char *der;
    size_t len;
    bool named = X509_NAME_get0_der(X509_CRL_get_issuer(crl), &der, &len);
    for (size_t i = 0; named && i < rules->issuers_len && found != WELL; i++) {
        if (!bytes_equal(rules->issuers[i].subject, bytes_of(der, len)))
            continue;
        X509 *issuer = certificate_of(rules->issuers[i].der);
        enum same_key same = issuer ? key_of(crl, issuer) : ANOTHER_KEY;
        if (same != ANOTHER_KEY && signed_by(crl, issuer))
            found = WELL;
        else if (same == SAME_KEY)
            found = BADLY;
        else if (same == NOT_TOLD && found == BY_NOBODY_HERE)
            found = PERHAPS_BADLY;
        X509_free(issuer);
    }
    return found;
}

bool
crl_signed(const struct crl_issuers *issuers, X509_CRL *crl, bool *doubt, struct fault *complaint)
{
    enum signature signature = signature_by_named(issuers, crl);
    if (signature == BY_NOBODY_HERE)
        signature = signature_by_loaded(issuers->rules, crl);
    *doubt = signature == PERHAPS_BADLY;
    if (signature == BADLY)
        return fault_set(complaint, "a revocation list whose signature is not that of its issuer");
    if (signature != WELL && issuers->path)
        return fault_set(complaint, "no certificate of its issuer in %s", issuers->path);
    return true;
}
