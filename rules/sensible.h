/* SPDX-License-Identifier: Apache-2.0
 *
 * What would match nearly everything is a mistake, in whatever format it stands.
 */
#ifndef CERTTAP_RULES_SENSIBLE_H
#define CERTTAP_RULES_SENSIBLE_H

#include "rules/watch.h"

/* False with the reason in `complaint` when `value` would match nearly everything. */
bool value_is_sensible(const struct value *value, struct fault *complaint);

/* The same of an entry: all its values, its networks, and whether a serial number stands alone. */
bool watch_is_sensible(const struct watch *watch, struct fault *complaint);

/* False when a network has every address in it. */
bool network_is_sensible(const struct network *network);

#endif
