/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/formats/pem_chains.h"

#include <openssl/sha.h>

enum { ENTRY_HEAD = 5, CHAIN_MOST = 8 }; /* RFC 8446 section 4.4.2: length and no extensions */

void
pem_chains_note(
    struct pem_chains *chains, const struct certificate *certificate, unsigned long line)
{
    if (chains->len == CHAIN_LINKS)
        return;
    struct link *link = &chains->links[chains->len++];
    *link = (struct link){.len = certificate->der.len,
        .ca = certificate->has_basic_constraints && certificate->ca,
        .self_issued = certificate->self_issued,
        .line = line};
    SHA256(certificate->subject.at, certificate->subject.len, link->subject);
    SHA256(certificate->issuer.at, certificate->issuer.len, link->issuer);
    text_add(&link->description, certificate->subject_text);
}

static const struct link *
issuer_of(const struct pem_chains *chains, const struct link *link)
{
    for (size_t i = 0; i < chains->len && !link->self_issued; i++)
        if (chains->links[i].ca &&
            !memcmp(chains->links[i].subject, link->issuer, sizeof link->issuer))
            return &chains->links[i];
    return NULL;
}

/* The leaf alone, and with one issuer more each time; the root, too, which some send. */
static bool
add_lengths(const struct pem_chains *chains, const struct link *leaf, struct list_reader *reader,
    struct fault *why)
{
    struct saying say = list_saying(reader);
    unsigned long line = leaf->line;
    size_t length = 0;
    bool good = true;
    say.description = text_string(&leaf->description);
    for (int i = 0; good && leaf && i < CHAIN_MOST; i++) {
        length += ENTRY_HEAD + leaf->len;
        good = list_add_chain_length(reader, length, &say, line, why);
        leaf = issuer_of(chains, leaf);
    }
    return good;
}

bool
pem_chains_add(struct pem_chains *chains, struct list_reader *reader, struct fault *why)
{
    bool good = true;
    for (size_t i = 0; i < chains->len; i++)
        if (good && !chains->links[i].ca)
            good = add_lengths(chains, &chains->links[i], reader, why);
    for (size_t i = 0; i < chains->len; i++)
        text_free(&chains->links[i].description);
    chains->len = 0;
    return good;
}
