/* SPDX-License-Identifier: Apache-2.0
 *
 * A line of a dataset of Suricata's: strings in base64, digests in hexadecimal, or addresses; with
 * a score behind a comma where it is a reputation list.
 */
#ifndef CERTTAP_RULES_SURICATA_DATASET_ENTRY_H
#define CERTTAP_RULES_SURICATA_DATASET_ENTRY_H

#include "base/fault.h"
#include "base/text.h"

enum dataset_type {
    DATASET_STRING,
    DATASET_MD5,
    DATASET_SHA256,
    DATASET_IPV4,
    DATASET_IP,
    DATASET_TYPES,
};

/* False when there is no type of that name. */
bool dataset_type_named(struct bytes name, enum dataset_type *type);

struct dataset_entry {
    bool scored;
    unsigned score; /* 0 where it has none */
};

/* A value as it is, and not in base64 where it is a string. Appends. False with `complaint`. */
bool dataset_value_read(
    enum dataset_type type, struct bytes value, struct text *octets, struct fault *complaint);

/* Reads a line, and what it holds into `octets`: a text, a digest, or the 16 bytes of an address.
 * False with `complaint` (without place). */
bool dataset_entry_read(enum dataset_type type, struct bytes line, struct text *octets,
    struct dataset_entry *entry, struct fault *complaint);

#endif
