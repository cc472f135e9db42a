/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: would an entry be hit by this certificate, and if not, was it near?
 */
#ifndef CERTTAP_RULES_EXPLAIN_H
#define CERTTAP_RULES_EXPLAIN_H

#include "base/text.h"
#include "rules/watch.h"

/* Certificates out of a file, PEM or DER, in its order: a chain, leaf first. Or a fingerprint
 * alone, of which nothing else is known. */
struct subject {
    struct arena arena;
    const struct certificate **chain;
    size_t len;
    struct value fingerprint; /* where `len` is 0 */
    struct pattern_scratch *scratch;
};

/* `source` is a path or a fingerprint as lists have it. False with `why`. */
bool subject_read(struct subject *subject, const char *source, struct fault *why);
void subject_free(struct subject *subject);

enum nearness {
    NOT_NEAR, /* nothing in common */
    NEARLY,   /* something is the same, and `failing` says what is not */
    WOULD_HIT,
};

/* What `watch` has to say to the certificate at `index`; of a fingerprint it is 0. Where it would
 * hit, it does so when the conditions hold that only a session can tell: role, networks, service,
 * use. `at` is the time for which its validity is asked. */
struct explanation {
    enum nearness nearness;
    const struct value *by; /* what is the same */
    struct text failing;    /* the caller's to free, or to use again */
};
void watch_explain(const struct watch *watch, struct subject *subject, size_t index, int64_t at,
    struct explanation *explanation);

#endif
