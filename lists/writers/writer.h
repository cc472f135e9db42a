/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing lists: a format is one file in this folder and one row in writers.c. No format can say
 * all that an entry may say. What it says of a hit may get lost; what an entry asks for may not: an
 * entry that would match more than it did is left out. Both are counted and told.
 */
#ifndef CERTTAP_LISTS_WRITERS_WRITER_H
#define CERTTAP_LISTS_WRITERS_WRITER_H

#include "lists/job.h"

struct loss {
    const char *what; /* static */
    size_t count;
    char first[200]; /* "LIST:LINE" */
};

struct writing {
    struct job *job;
    struct text *out;   /* the job's */
    const char *name;   /* of what is written */
    const char *source; /* name of the list that is being read */
    struct loss left_out[16], lost[16];
    size_t written; /* entries */
    size_t number;  /* of what was written last: for the format's own use */
};

struct writer {
    const char *name, *about;
    unsigned holds; /* enum ability */
    void (*begin)(struct writing *w);
    /* False, after writing_leave_out(), when this entry cannot be said. */
    bool (*entry)(struct writing *w, const struct watch *watch);
    void (*end)(struct writing *w);
};

/* What a format can say. */
enum ability {
    HOLDS_ALLOW = 1 << 0,
    HOLDS_ROLE = 1 << 1,
    HOLDS_NETWORKS = 1 << 2,
    HOLDS_SERVICE = 1 << 3,
    HOLDS_VALIDITY = 1 << 4,
    HOLDS_USE = 1 << 5,
    HOLDS_SEVERAL = 1 << 6, /* an entry that asks for more than one thing */
    HOLDS_REFERENCE = 1 << 7,
    HOLDS_SEVERITY = 1 << 8,
    HOLDS_CONFIDENCE = 1 << 9,
    HOLDS_TLP = 1 << 10,
    HOLDS_DESCRIPTION = 1 << 11,
    HOLDS_REVOCATION = 1 << 12,
    HOLDS_ALL = (1 << 13) - 1,
};

/* NULL: there is none of that name. */
const struct writer *writer_named(const char *name);
void writers_help(struct text *out);

/* Writes an entry, or leaves it out and says why. */
void writing_entry(struct writing *w, const struct writer *writer, const struct watch *watch);

/* Always false. */
bool writing_leave_out(struct writing *w, const struct watch *watch, const char *why);
void writing_lose(struct writing *w, const struct watch *watch, const char *what);

/* What was left out and lost, for people, on standard error. False when entries were left out. */
bool writing_tell(const struct writing *w, const char *format);

/* A name-based UUID (RFC 9562 section 5.5), so that the same entry has the same one. */
void uuid_write(struct bytes name, struct text *out);

/* A text in the middle of a line: no tabs, no line ends. */
void line_text_write(const char *text, struct text *out);

/* The entry's description, or else `otherwise`. */
const char *watch_title(const struct watch *watch, const char *otherwise);

extern const struct writer yaml_writer, csv_writer, plain_writer, zeek_intel_writer, stix_writer,
    misp_writer, suricata_writer, dataset_writer, pem_writer;

#endif
