/* SPDX-License-Identifier: Apache-2.0
 *
 * What one dissection has of the keys that were given: the store they are in, the round it is in,
 * and what it takes to open things with them.
 */
#ifndef CERTTAP_DISSECT_KEYS_KEYRING_H
#define CERTTAP_DISSECT_KEYS_KEYRING_H

#include "dissect/keys/key_store.h"
#include "dissect/keys/opener.h"

struct key_options {
    struct key_store *store; /* borrowed */
    int64_t wait_ns;         /* how long packets wait for keys that come after them */
    bool follow;             /* look for handshakes among the data, too */
};

struct key_counts {
    uint64_t sessions; /* told, of which something was opened */
    uint64_t opened;   /* records and packets that were opened, */
    uint64_t failed;   /* and those that should have been */
};

struct keyring {
    struct key_options options;
    struct opener *opener;
    uint64_t round;
    struct key_counts counts;
};

struct keyring *keyring_new(const struct key_options *options);
void keyring_free(struct keyring *ring); /* NULL is fine */

/* False when it was not given, or not yet. The copy is the caller's to wipe. */
bool keyring_find(const struct keyring *ring, struct bytes random, enum secret_label label,
    struct secret *secret);

/* Are both handshake secrets of a connection there, and where they are of use the traffic secrets?
 */
bool keyring_complete(const struct keyring *ring, struct bytes random, bool traffic);

/* May a secret still come for what is heard now? */
bool keyring_expects(const struct keyring *ring);

#endif
