/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: where frames come from. A capture file (pcap, pcapng, either one gzip or zstd compressed,
 * from a path or standard input) or a live interface.
 *
 * A source is asked for one frame after the other. A source may be used by one thread at a time.
 */
#ifndef CERTTAP_CAPTURE_SOURCE_H
#define CERTTAP_CAPTURE_SOURCE_H

#include "base/bytes.h"
#include "base/fault.h"

struct frame {
    uint64_t number;    /* counts from 1 over everything read in this run; set by the caller */
    int64_t ts_ns;      /* since 1970; what the capture says, even when it is absurd */
    struct bytes bytes; /* borrowed from the source, see source_stable() */
    uint32_t wire_len;  /* length on the wire; bytes.len is less when the capture was cut */
    uint16_t link;      /* LINKTYPE_ value as the tcpdump group registers them */
};

enum source_step {
    SOURCE_FRAME,  /* `frame` was filled */
    SOURCE_QUIET,  /* nothing for now (live, or a pipe that waits); ask again */
    SOURCE_END,    /* no more will come */
    SOURCE_BROKEN, /* as END, but something was wrong: see source_fault() */
};

struct source_counts {
    uint64_t frames;         /* handed out */
    uint64_t bytes;          /* captured bytes of these */
    uint64_t filtered;       /* read from a file, but not what the filter wants */
    uint64_t cut;            /* handed out with less than was on the wire (snap length) */
    uint64_t kernel_dropped; /* live: the kernel had no room for them, since opening */
    uint64_t device_dropped; /* live: the device or its driver had none, since opening */
};

struct source;

/* Opens a capture file; "-" is standard input. `filter` is a pcap filter expression or NULL.
 * NULL with `why` set when there is no such file, it is no capture, or the filter is wrong. */
struct source *source_open_file(const char *path, const char *filter, struct fault *why);

struct live_options {
    uint32_t snap_len;     /* bytes kept of each frame */
    uint32_t buffer_bytes; /* of the kernel's ring */
    bool promiscuous;
};

/* Opens a network interface ("any" is all of them). Wants CAP_NET_RAW until it has returned. */
struct source *source_open_live(const char *interface, const char *filter,
    const struct live_options *options, struct fault *why);

enum source_step source_next(struct source *source, struct frame *frame);

/* True when what a frame points to stays where it is until source_close (a mapped file).
 * Otherwise it is valid until the next source_next only. */
bool source_stable(const struct source *source);

/* Path or interface, for people and for logs. Borrowed from the source. */
const char *source_name(const struct source *source);

/* What was wrong, after SOURCE_BROKEN. Empty otherwise. */
const struct fault *source_fault(const struct source *source);

/* Up-to-date counters; for a live source this asks the kernel. */
struct source_counts source_counts(struct source *source);

/* How far a file was read: bytes of the file as it lies on the disk. `total` is 0 when unknown. */
void source_progress(const struct source *source, uint64_t *done, uint64_t *total);

/* A descriptor to poll for readability while a live source is quiet, or -1. */
int source_descriptor(const struct source *source);

/* Key material that came along with the frames (pcapng Decryption Secrets Blocks of TLS key log
 * type): hands out each block's text once, in order. False when there is none (any more).
 * Borrowed until source_close. */
bool source_secrets(struct source *source, struct bytes *key_log);

/* A live source whose interface is down, or has no carrier, may still see frames one day; of one
 * that is gone none will come. Files are always up. */
enum source_link { SOURCE_LINK_UP, SOURCE_LINK_DOWN, SOURCE_LINK_GONE };
enum source_link source_link(const struct source *source);

void source_close(struct source *source); /* NULL is fine */

/* The capture files in a folder, sorted by name, and in the folders in it. Each path and the list
 * are the caller's to free(); the list ends with NULL. NULL with `why` set on failure. A path that
 * is no folder gives a list of itself. Hidden files, and what does not begin as a capture file
 * does, are passed over when they stand in a folder. */
char **source_paths(const char *path, struct fault *why);

/* True when `filter` compiles for some usual link type. */
bool source_check_filter(const char *filter, struct fault *why);

#endif
