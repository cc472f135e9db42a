/* SPDX-License-Identifier: Apache-2.0
 *
 * A list file while it is being read. A format looks at the bytes, makes a `struct watch` of each
 * entry and hands it to list_add(). See docs/add-a-watchlist-format.md.
 */
#ifndef CERTTAP_RULES_WATCHLIST_H
#define CERTTAP_RULES_WATCHLIST_H

#include "rules/store.h"

enum { LIST_OPTIONS = 7 }; /* of one format, and a NULL */

struct list_reader {
    struct ruleset *rules;
    uint32_t list;        /* its number */
    const char *path;     /* as the operator gave it, for complaints */
    struct bytes options; /* "NAME=VALUE,…", which list_option() finds; only known names */
    struct bytes content; /* the whole file, without a byte order mark */
    struct arena room;    /* for what an entry needs; the format may empty it */
    struct text warning;  /* the first one */
    size_t entries, skipped;
};

struct list_format {
    const char *name;
    bool (*looks_like)(struct bytes content);
    bool (*read)(struct list_reader *reader, struct fault *why);
    /* Does it look so in a file of that name? Asked of formats that have no looks_like. */
    bool (*looks_named)(const char *name, struct bytes content);
    const char *options[LIST_OPTIONS]; /* what may be said of it: FORMAT,NAME=VALUE:FILE */
};

/* The value of an option that the operator gave. False: none was given. */
bool list_option(const struct list_reader *reader, const char *name, struct bytes *value);

/* What an entry says if the list does not say more. */
struct saying list_saying(const struct list_reader *reader);

/* Takes a copy of an entry. False with `why` when it would match nearly everything. */
bool list_add(struct list_reader *reader, const struct watch *watch, struct fault *why);

/* How long the chain of a watched certificate is when it is sent (five bytes and the certificate
 * for each that is): so that it may be recognised where it is hidden. Not an entry of its own. */
bool list_add_chain_length(struct list_reader *reader, size_t length, const struct saying *say,
    unsigned long line, struct fault *why);

/* The same for one value without conditions. */
bool list_add_value(struct list_reader *reader, const struct value *value, const struct saying *say,
    unsigned long line, struct fault *why);

/* Always false: "PATH:LINE: …"; without the line where it is 0. */
bool list_fault(const struct list_reader *reader, unsigned long line, struct fault *why,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Keeps an authority's certificate, by which lists that are read later can be checked. False with
 * `why` when there is no memory. */
bool list_keep_issuer(
    struct list_reader *reader, struct bytes subject, struct bytes der, struct fault *why);

/* An entry that was understood, but nothing that is watched for here. */
void list_skip(struct list_reader *reader);

/* Something the operator should know. The first warning stands. */
void list_warn(struct list_reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The list calls itself so. */
bool list_rename(struct list_reader *reader, struct bytes name, struct fault *why);

/* A NUL-terminated copy in the reader's room. */
const char *list_string(struct list_reader *reader, struct bytes text);

/* Appends a whole file, of 4 GiB at most. */
bool list_read_file(const char *path, struct text *out, struct fault *why);

/* Line by line, without CR and LF. */
struct lines {
    struct reader left;
    unsigned long number;
};
struct lines lines_of(struct bytes content);
bool lines_next(struct lines *lines, struct bytes *line);

/* Lines that say nothing: empty, or a comment. */
bool line_is_comment(struct bytes line);

/* What stands up to `separator`; the rest remains in `line`. */
struct bytes line_field(struct bytes *line, uint8_t separator);

#endif
