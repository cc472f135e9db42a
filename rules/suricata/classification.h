/* SPDX-License-Identifier: Apache-2.0
 *
 * Classes of rules: what a classtype means and how urgent it is. Suricata's own, or those of a
 * file in the form of its classification.config.
 */
#ifndef CERTTAP_RULES_SURICATA_CLASSIFICATION_H
#define CERTTAP_RULES_SURICATA_CLASSIFICATION_H

#include "base/fault.h"
#include "base/pool.h"

struct classification {
    const char *name;        /* "trojan-activity" */
    const char *description; /* "A Network Trojan was detected" */
    unsigned priority;
};

/* A zeroed one is empty: then Suricata's own hold. */
struct classifications {
    struct classification *at;
    size_t len;
};

/* Reads a file; what is read is allocated from `room`. False with `why` ("FILE:LINE: …"). */
bool classifications_read(struct classifications *classifications, const char *path,
    struct arena *room, struct fault *why);

/* NULL: there is no class of that name. */
const struct classification *classification_named(
    const struct classifications *classifications, struct bytes name);

#endif
