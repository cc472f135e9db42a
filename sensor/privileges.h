/* SPDX-License-Identifier: Apache-2.0
 *
 * Sources are opened as root; everything after that, all that strangers' bytes reach, is done as
 * somebody without any right.
 */
#ifndef CERTTAP_SENSOR_PRIVILEGES_H
#define CERTTAP_SENSOR_PRIVILEGES_H

#include "base/fault.h"

/* Becomes this user, with the user's groups and no others, for good. Before there are threads.
 * False with `why` when there is no such user, or it cannot be done. */
bool privileges_drop(const char *user, struct fault *why);

#endif
