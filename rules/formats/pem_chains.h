/* SPDX-License-Identifier: Apache-2.0
 *
 * How long the chains are that may be sent for the certificates of one file: each alone, and with
 * its issuers as far as they stand in the file too.
 */
#ifndef CERTTAP_RULES_FORMATS_PEM_CHAINS_H
#define CERTTAP_RULES_FORMATS_PEM_CHAINS_H

#include "dissect/certificate.h"
#include "rules/watchlist.h"

enum { CHAIN_LINKS = 64 }; /* of a file with more, only those */

struct pem_chains {
    struct link {
        uint8_t subject[SHA256_LEN], issuer[SHA256_LEN]; /* of the DER Names */
        size_t len;                                      /* of the DER */
        bool ca, self_issued;
        unsigned long line;
        struct text description;
    } links[CHAIN_LINKS];
    size_t len;
};

/* A zeroed one is empty. */
void pem_chains_note(
    struct pem_chains *chains, const struct certificate *certificate, unsigned long line);

/* Adds the lengths to the list, and empties `chains`, also when it fails. */
bool pem_chains_add(struct pem_chains *chains, struct list_reader *reader, struct fault *why);

#endif
