/* SPDX-License-Identifier: Apache-2.0
 *
 * Tells when somebody moves a list into its place (inotify). A list that is written into bit by bit
 * is not looked at: half of it might be loaded.
 */
#ifndef CERTTAP_SENSOR_LIST_WATCH_H
#define CERTTAP_SENSOR_LIST_WATCH_H

#include "base/fault.h"
#include "sensor/options.h"

struct list_watch;

/* NULL with `why` when the kernel says no, or a folder cannot be watched. `sources` are lists as
 * the operator names them: PATH or FORMAT:PATH, a file or a folder. */
struct list_watch *list_watch_open(const struct strings *sources, struct fault *why);

/* To poll for readability. */
int list_watch_descriptor(const struct list_watch *watch);

/* Reads what happened; true when a list was moved into place. */
bool list_watch_read(struct list_watch *watch);

void list_watch_close(struct list_watch *watch); /* NULL is fine */

#endif
