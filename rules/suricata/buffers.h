/* SPDX-License-Identifier: Apache-2.0
 *
 * Sticky buffers: what of a session the contents of a rule are looked for in. A row of the table
 * buffers[] each; docs/rules.md explains them.
 */
#ifndef CERTTAP_RULES_SURICATA_BUFFERS_H
#define CERTTAP_RULES_SURICATA_BUFFERS_H

#include "rules/suricata/rule.h"

/* One way of looking at a session. */
struct attempt {
    const struct session *session;
    enum role source; /* who the head's source is */
    enum role role;   /* whose certificates, and who said what either side says */
    int index;        /* of the certificate in that chain; -1: no certificate is looked at */
    const struct certificate *certificate; /* NULL with -1 */
    struct values *values;
};

/* How contents are to be written so that they can match: done for the author. */
enum buffer_spelling { SPELLED_AS_IS, SPELLED_LOWER, SPELLED_UPPER, SPELLED_HEX };

struct buffer {
    const char *name;
    const char *older; /* another name of it, or NULL */
    enum whose whose;  /* EITHER: of who is looked at */
    bool of_certificate;
    bool of_head; /* of the head's source, whoever is looked at */
    enum buffer_spelling spelled;
    void (*offer)(struct values *to, const struct attempt *attempt);
};

/* The buffer of that name; NULL: there is none. */
const struct buffer *buffer_named(struct bytes name);

/* The certificate that is looked at, where tls.certs are all of a chain. */
extern const struct buffer the_certificate;

/* What rules look for in the payload that have no word for it: the names of all certificates of a
 * chain, as they are written in it. */
extern const struct buffer the_names;

#endif
