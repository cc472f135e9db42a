/* SPDX-License-Identifier: Apache-2.0
 *
 * Unpacks gzip (RFC 1952) and Zstandard (RFC 8878) piece by piece. Several of them behind each
 * other are one stream, as their command line tools have it.
 */
#ifndef CERTTAP_CAPTURE_INFLATE_H
#define CERTTAP_CAPTURE_INFLATE_H

#include "base/bytes.h"

struct packing;

/* How a file that begins with `start` is packed; NULL when it is not. Static. */
const struct packing *packing_find(struct bytes start);
const char *packing_name(const struct packing *packing);

/* Bytes that `packing_find` must see to be sure. */
enum { PACKING_START = 4 };

struct inflater;

/* NULL when there is no memory. */
struct inflater *inflater_new(const struct packing *packing);

struct inflater_space {
    uint8_t *at;
    size_t room;
    size_t made; /* so much of it was filled */
};

/* Unpacks from `in`, which moves on, to `out`. False when the packed data are damaged, which
 * inflater_damage() explains; what was made before that is good, but nothing comes after it. */
bool inflater_feed(struct inflater *inflater, struct bytes *in, struct inflater_space *out);

/* True when the packed data may end here. */
bool inflater_whole(const struct inflater *inflater);

const char *inflater_damage(const struct inflater *inflater); /* static */

void inflater_free(struct inflater *inflater); /* NULL is fine */

#endif
