/* SPDX-License-Identifier: Apache-2.0
 *
 * What the two halves of a ruleset's store share: how things are kept (store.c) and how they are
 * found (store_find.c).
 */
#ifndef CERTTAP_RULES_STORE_PARTS_H
#define CERTTAP_RULES_STORE_PARTS_H

#include "rules/store.h"

/* Bit of a row's meta that says: the rest is the number of a watch, not of a saying. */
#define ROW_IS_WATCH (UINT32_C(1) << 31)

/* Where what is watched for is kept. */
enum set store_set_of(enum what what);

/* Under what it is kept in SET_KEYED. */
enum { STORE_KEY = 16 };
void store_key_of(const struct ruleset *rules, const struct value *value, uint8_t key[STORE_KEY]);

#endif
