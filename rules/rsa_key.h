/* SPDX-License-Identifier: Apache-2.0
 *
 * RSA keys that are written as their numbers. What a certificate has of such a key is the DER of
 * its SubjectPublicKeyInfo (RFC 8017 appendix A.1.1, RFC 3279 section 2.3.1), which is made of the
 * numbers again.
 */
#ifndef CERTTAP_RULES_RSA_KEY_H
#define CERTTAP_RULES_RSA_KEY_H

#include "base/bytes.h"
#include "base/fault.h"
#include "dissect/certificate.h"

/* The SHA-256 of the key. `modulus` is hexadecimal, colons, "0x" and zeros in front forgiven;
 * `exponent` is decimal, or hexadecimal behind "0x"; 65537 where it is empty. False with
 * `complaint`. */
bool rsa_key_digest(struct bytes modulus, struct bytes exponent, uint8_t digest[SHA256_LEN],
    struct fault *complaint);

#endif
