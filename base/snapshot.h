/* SPDX-License-Identifier: Apache-2.0
 *
 * A file that is there whole or not at all, for what is to survive the process: written beside its
 * place, brought to the disk, and only then moved there. It begins with its kind and version and
 * ends with its length and a checksum, so that a damaged one is told from a good one before any of
 * it is believed. Nobody but the owner may read it.
 */
#ifndef CERTTAP_BASE_SNAPSHOT_H
#define CERTTAP_BASE_SNAPSHOT_H

#include "base/bytes.h"
#include "base/fault.h"

enum { SNAPSHOT_KIND = 16 }; /* bytes */

/* What a file is, and in which folder. The name and the kind are static; `folder` is a descriptor
 * that outlives what is done with it. */
struct snapshot_place {
    int folder;
    const char *name;
    const char *kind; /* at most SNAPSHOT_KIND characters */
    uint32_t version;
};

struct snapshot_writer;

/* Begins a file beside its place. NULL with `why`. */
struct snapshot_writer *snapshot_begin(const struct snapshot_place *place, struct fault *why);

/* Errors are told by snapshot_finish(). Numbers are big-endian. */
void snapshot_put(struct snapshot_writer *writer, struct bytes bytes);
void snapshot_put_number(struct snapshot_writer *writer, uint64_t number, size_t len);

/* Brings what was put to the disk and moves the file into place; another thread may do this. The
 * writer is gone then, and should anything fail the former file stays. */
bool snapshot_finish(struct snapshot_writer *taken, struct fault *why);

enum snapshot_found {
    SNAPSHOT_FOUND,
    SNAPSHOT_NONE,
    SNAPSHOT_DAMAGED,    /* or of another version */
    SNAPSHOT_UNREADABLE, /* the system says no */
};

/* What was put, once all of it was checked. */
struct snapshot {
    struct bytes body; /* until snapshot_close() */
    void *mapped;
    size_t len;
};

/* `why` is set but for the first two. Only what was found is to be closed. */
enum snapshot_found snapshot_open(
    const struct snapshot_place *place, struct snapshot *out, struct fault *why);
void snapshot_close(struct snapshot *snapshot);

/* Moves a file that is no good out of the way: it gets ".damaged" behind its name. */
bool snapshot_set_aside(const struct snapshot_place *place, struct fault *why);

#endif
