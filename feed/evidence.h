/* SPDX-License-Identifier: Apache-2.0
 *
 * What an alert is about, kept in a folder: every certificate of both chains as PEM, named by its
 * SHA-256 and stored once, and the frames of the connection's handshake as pcap (with nanoseconds),
 * named by its uid. A file is written under another name first and then renamed: what is there is
 * whole. Names are made of digests and uids alone; nothing of what strangers send gets into one.
 */
#ifndef CERTTAP_FEED_EVIDENCE_H
#define CERTTAP_FEED_EVIDENCE_H

#include "base/fault.h"
#include "dissect/session.h"

struct evidence;

/* Makes the folder if it is not there. `most` bytes are kept in it, what is there already counted;
 * 0: without limit. NULL with `why`. */
struct evidence *evidence_open(const char *folder, uint64_t most, struct fault *why);

/* Keeps what there is of the session; asked again for the same, does nothing. The path of the pcap,
 * or, where no frames were kept, of the first certificate; NULL when nothing could be kept.
 * Borrowed until the next call. */
const char *evidence_keep(struct evidence *evidence, const struct session *session);

/* True once: the limit was reached, or a file could not be written (then `why` says so), and
 * evidence is missing from here on. */
bool evidence_failed(struct evidence *evidence, struct fault *why);

void evidence_close(struct evidence *evidence); /* NULL is fine */

#endif
