/* SPDX-License-Identifier: Apache-2.0
 *
 * A dissection with one flow at its door, and what it tells.
 */
#ifndef CERTTAP_TESTS_SUPPORT_SCENE_H
#define CERTTAP_TESTS_SUPPORT_SCENE_H

#include "base/pool.h"
#include "dissect/dissection.h"
#include "tests/support/tls.h"

struct scene {
    struct pool pool;
    struct arena arena; /* for the test's own certificates; of another pool */
    struct pool arena_pool;
    struct bytes certificate[3];
    struct dissection *dissection;
    struct flow_listener listener;
    struct flow flow;
    unsigned told;
    struct text text;              /* the last session told, described */
    enum visibility visibility[2]; /* of that session, by role, as the next three */
    enum visibility_reason reason[2];
    size_t certificates[2];
    struct session facts; /* its plain values: what they point to is gone */
};

/* `limit` is the dissection's budget. */
void scene_begin(struct scene *scene, size_t limit);

/* A new flow; the old one was ended. */
void scene_flow(struct scene *scene);

void scene_hear(struct scene *scene, enum side from, struct bytes data);
void scene_gap(struct scene *scene, enum side from, uint64_t missing);

/* A datagram, of which `missing` more bytes were not captured. */
void scene_datagram(struct scene *scene, enum side from, struct bytes data, uint32_t missing);

/* A whole talk, in pieces of at most so many bytes. */
void scene_talk(struct scene *scene, const struct talk *talk, size_t most);

/* The flow's end. Nothing happens when it went quiet before. */
void scene_over(struct scene *scene, enum flow_end why);

/* Ends everything; the bytes of the budget that were not given back. */
size_t scene_end(struct scene *scene);

#endif
