/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of STIX 2.1 patterning (section 9) that one TLS connection can answer: comparisons of
 * certificates, names and addresses with =, IN, LIKE and MATCHES, joined by AND and OR.
 */
#ifndef CERTTAP_RULES_FORMATS_STIX_PATTERN_H
#define CERTTAP_RULES_FORMATS_STIX_PATTERN_H

#include "rules/watch.h"

enum { PATTERN_WAYS = 64, PATTERN_CLAUSES = 8 };

/* A pattern as the ways in which it can be met: all clauses of one way must hold. */
struct pattern_way {
    struct clause clauses[PATTERN_CLAUSES];
    size_t len;
    bool beyond_us;                 /* it also asks for something we do not see */
    struct conditions when;         /* validity of the certificate, and nothing else */
    struct bytes modulus, exponent; /* of an RSA key; what they make is a clause in the end */
};

struct pattern {
    struct pattern_way ways[PATTERN_WAYS];
    size_t len;
};

/* What the pattern holds is allocated from `room`. False when it is none, or too much for us. */
bool pattern_read(
    struct bytes text, struct arena *room, struct pattern *pattern, struct fault *complaint);

#endif
