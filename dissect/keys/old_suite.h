/* SPDX-License-Identifier: Apache-2.0
 *
 * How the cipher suites up to TLS 1.2 seal records (RFC 5246 section 6.2.3, RFC 5288, RFC 6655,
 * RFC 7905). A suite's name says it behind "_WITH_".
 */
#ifndef CERTTAP_DISSECT_KEYS_OLD_SUITE_H
#define CERTTAP_DISSECT_KEYS_OLD_SUITE_H

#include "dissect/keys/suite.h"

struct old_suite {
    const char *name;   /* what stands behind "_WITH_" */
    const char *cipher; /* the library's name, as the next two */
    const char *mac;    /* blocks in a chain have one; NULL: the cipher proves itself */
    const char *prf;    /* in TLS 1.2 */
    enum suite_mode mode;
    uint8_t key, iv, mac_key, tag; /* lengths; of the IV the part that comes from the key block */
    uint8_t block;                 /* 0: no block cipher in a chain */
};

/* NULL: none that is known. */
const struct old_suite *old_suite_find(uint16_t cipher);

#endif
