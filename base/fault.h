/* SPDX-License-Identifier: Apache-2.0
 *
 * What to tell the operator when they, or their disk, are mistaken: one clear line that names the
 * file and line it is about. Rooms never print: a fault is passed up untouched and main prints it.
 */
#ifndef CERTTAP_BASE_FAULT_H
#define CERTTAP_BASE_FAULT_H

#include <stdbool.h>

struct fault {
    char text[1024]; /* NUL-terminated; empty while nothing is wrong */
};

/* Always false, so that a function may `return fault_set(why, …)`. Long text is cut.
 * The first fault stands: a later one does not replace what led to it. */
bool fault_set(struct fault *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
