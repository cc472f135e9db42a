/* SPDX-License-Identifier: Apache-2.0
 *
 * Sets that rules ask: a file with an entry a line, as Suricata's datasets are (strings in base64,
 * digests in hexadecimal, addresses), with a score behind a comma where it is a reputation list.
 */
#ifndef CERTTAP_RULES_SURICATA_DATASET_H
#define CERTTAP_RULES_SURICATA_DATASET_H

#include "base/fault.h"
#include "base/hash.h"
#include "rules/sets/digest_set.h"
#include "rules/suricata/dataset_entry.h"
#include "rules/suricata/dataset_json.h"

struct dataset {
    struct dataset *next;
    const char *name;
    enum dataset_type type;
    bool loaded;
    struct digest_set entries; /* under a keyed hash */
    struct hash_key key;
};

/* Reads a file into the set. False with `why` ("FILE:LINE: …"). */
bool dataset_load(
    struct dataset *set, const char *path, const struct dataset_json *json, struct fault *why);

/* Sorts what was loaded; before anything is asked. */
void dataset_finish(struct dataset *set);

/* Is `value`, as a buffer holds it, in the set, and with what score (0: none was given)? */
bool dataset_has(const struct dataset *set, struct bytes value, uint32_t *score);

#endif
