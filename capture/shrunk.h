/* SPDX-License-Identifier: Apache-2.0
 *
 * A mapped file may become shorter while we read it. Touching what is gone raises SIGBUS, which
 * would end us; a watched map reads as zeros there instead, and its owner can ask whether it did.
 *
 * A signal's handler belongs to the process, so what it needs to know cannot belong to a source.
 * This file therefore has the only writable data of a room: a few slots, written when a file is
 * opened or closed, and a mark in each of them, set by the handler. All of it is atomic.
 */
#ifndef CERTTAP_CAPTURE_SHRUNK_H
#define CERTTAP_CAPTURE_SHRUNK_H

#include "base/bytes.h"

struct shrunk_watch;

/* Watches a map from now on. NULL when too many are watched or the handler cannot be installed:
 * do not map the file then. */
struct shrunk_watch *shrunk_watch(struct bytes map);

/* Was something of it touched that is gone? Cheap enough for every frame. */
bool shrunk_seen(const struct shrunk_watch *watch);

/* To be told before the map is given up. NULL is fine. */
void shrunk_forget(struct shrunk_watch *watch);

#endif
