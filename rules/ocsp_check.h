/* SPDX-License-Identifier: Apache-2.0
 *
 * Who signed an OCSP response: the certificate's issuer, or somebody whom it made its responder
 * (RFC 6960 section 4.2.2.2). Times are not looked at: what was seen in a capture of last year was
 * signed then.
 */
#ifndef CERTTAP_RULES_OCSP_CHECK_H
#define CERTTAP_RULES_OCSP_CHECK_H

#include "dissect/certificate.h"

enum ocsp_check { OCSP_CHECK_RIGHT, OCSP_CHECK_WRONG, OCSP_CHECK_UNABLE };

enum ocsp_check ocsp_check(struct bytes response, const struct certificate *issuer);

#endif
