/* SPDX-License-Identifier: Apache-2.0
 *
 * What the buffers hold for the session at hand: computed when first asked for, kept until the next
 * session. A slot is a buffer and the transformations it goes through; rules share slots.
 */
#ifndef CERTTAP_RULES_SURICATA_VALUES_H
#define CERTTAP_RULES_SURICATA_VALUES_H

#include "rules/suricata/buffers.h"

enum transform {
    TRANSFORM_LOWER,
    TRANSFORM_UPPER,
    TRANSFORM_STRIP_SPACE,
    TRANSFORM_COMPRESS_SPACE,
    TRANSFORM_DOT_PREFIX,
    TRANSFORM_URL_DECODE,
    TRANSFORM_MD5,
    TRANSFORM_SHA1,
    TRANSFORM_SHA256,
    TRANSFORMS,
};

const char *transform_name(enum transform transform);

/* Appends `in`, changed, to `out`. */
void transform_apply(enum transform transform, struct bytes in, struct text *out);

enum { SLOT_TRANSFORMS = 8 };

struct slot {
    const struct buffer *buffer;
    enum transform transforms[SLOT_TRANSFORMS];
    size_t len;
};

struct value_place {
    const uint8_t *at; /* NULL: in the words */
    size_t offset, len;
};

/* The values that are one after another in `places`. */
struct value_run {
    size_t slot;
    enum role role;
    int index;
    size_t first, len;
};

/* A zeroed one is empty. */
struct values {
    struct text words, scratch;
    struct value_place *places;
    size_t places_len, places_room;
    struct value_run *runs;
    size_t runs_len, runs_room;
    struct fingerprinter *fingerprinter; /* made when it is needed */
    struct pool pool;                    /* of the fingerprinter */
};

void values_clear(struct values *values);
void values_free(struct values *values);

/* The values of a slot. The run is valid until the next is asked for. */
struct value_run values_of(
    struct values *values, const struct slot *slots, size_t slot, const struct attempt *attempt);
struct bytes value_at(const struct values *values, struct value_run run, size_t index);

/* For buffers: offers what lives as long as the session. */
void values_add(struct values *values, struct bytes borrowed);

/* For buffers: offers what was written to `values->words` since it was `from` long. */
void values_add_words(struct values *values, size_t from);

#endif
