/* SPDX-License-Identifier: Apache-2.0
 *
 * Who signed a revocation list: the certificates by which it can be checked. They stand beside it,
 * or in a file that the operator names, or in lists of certificates that were loaded before.
 */
#ifndef CERTTAP_RULES_FORMATS_CRL_ISSUERS_H
#define CERTTAP_RULES_FORMATS_CRL_ISSUERS_H

#include "rules/watchlist.h"

#include <openssl/x509.h>

struct crl_issuers {
    STACK_OF(X509) * named; /* beside it, or by the operator */
    const struct ruleset *rules;
    const char *path; /* of the operator's; NULL: none */
};

/* Those of the file that is read and of its option "issuers". False with `why`; closed in any case
 * by crl_issuers_close(). */
bool crl_issuers_open(struct crl_issuers *issuers, struct list_reader *reader, struct fault *why);
void crl_issuers_close(struct crl_issuers *issuers);

/* False with `complaint` where the list's issuer is known and did not sign it, or where it is not
 * known although the operator named issuers. A certificate of the issuer's name that was loaded as
 * something else to watch for may be of an older key: without key identifiers that is told in
 * `doubt` only, and the list is taken. */
bool crl_signed(
    const struct crl_issuers *issuers, X509_CRL *crl, bool *doubt, struct fault *complaint);

#endif
