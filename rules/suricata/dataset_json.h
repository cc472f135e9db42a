/* SPDX-License-Identifier: Apache-2.0
 *
 * Datasets of Suricata 8 that are JSON: one document with an array of objects in it, or an object a
 * line. A key, or a path of keys with dots between, says where the value stands; what else an
 * object has is for the alert and not for the match.
 */
#ifndef CERTTAP_RULES_SURICATA_DATASET_JSON_H
#define CERTTAP_RULES_SURICATA_DATASET_JSON_H

#include "base/bytes.h"
#include "base/fault.h"

struct dataset_json {
    bool given; /* else the set is no JSON */
    bool lines; /* an object a line */
    struct bytes value_key;
    struct bytes array_key; /* of the array in the document; empty: it is the document */
};

/* What is told of each value; `line` is 0 in a document. False with `complaint` (without place). */
typedef bool dataset_take(
    void *owner, struct bytes value, unsigned long line, struct fault *complaint);

/* False when there is no format of that name. */
bool dataset_json_named(struct bytes format, struct dataset_json *json);

/* Objects without the key are passed over, but one must have it. False with `why`. */
bool dataset_json_read(const struct dataset_json *json, struct bytes content, const char *path,
    void *owner, dataset_take *take, struct fault *why);

#endif
