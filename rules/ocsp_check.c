/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/ocsp_check.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509.h>

/* An OpenSSL store that trusts the issuer and nobody else. */
static X509_STORE *
store_of(X509 *issuer)
{
    X509_STORE *store = X509_STORE_new();
    if (!store)
        return NULL;
    if (!X509_STORE_add_cert(store, issuer) ||
        !X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME)) {
        X509_STORE_free(store);
        return NULL;
    }
    return store;
}

static enum ocsp_check
verify(OCSP_BASICRESP *basic, X509 *issuer)
{
    enum ocsp_check result = OCSP_CHECK_UNABLE;
    X509_STORE *store = store_of(issuer);
    STACK_OF(X509) *certificates = sk_X509_new_null();
    if (store && certificates && sk_X509_push(certificates, issuer))
        result = OCSP_basic_verify(basic, certificates, store, OCSP_TRUSTOTHER) == 1
                     ? OCSP_CHECK_RIGHT
                     : OCSP_CHECK_WRONG;
    sk_X509_free(certificates);
    X509_STORE_free(store);
    return result;
}

enum ocsp_check
ocsp_check(struct bytes response, const struct certificate *issuer)
{
    enum ocsp_check result = OCSP_CHECK_UNABLE;
    if (response.len > INT_MAX || issuer->der.len > INT_MAX)
        return result;
    const unsigned char *at = response.at;
    OCSP_RESPONSE *read = d2i_OCSP_RESPONSE(NULL, &at, (long)response.len);
    OCSP_BASICRESP *basic = read ? OCSP_response_get1_basic(read) : NULL;
    at = issuer->der.at;
    X509 *signer = d2i_X509(NULL, &at, (long)issuer->der.len);
    if (basic && signer)
        result = verify(basic, signer);
    X509_free(signer);
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(read);
    ERR_clear_error();
    return result;
}
