/* SPDX-License-Identifier: Apache-2.0
 *
 * What the fingerprints share. What is digested is always a text of numbers: lists of them, written
 * in one style or the other. A fingerprint collects its lists; the text is written, and digested,
 * only when the same lists are not in the cache.
 */
#ifndef CERTTAP_DISSECT_FINGERPRINTER_H
#define CERTTAP_DISSECT_FINGERPRINTER_H

#include "dissect/fingerprint.h"

#include <assert.h>

enum style {
    STYLE_JA3,    /* "771,4865-4866,0-23": MD5 */
    STYLE_JA4,    /* "1301,1302_0403": the first 12 digits of SHA-256; zeros for no number at all */
    STYLE_CLIENT, /* no text: a client's hello, by which its fingerprints are remembered */
    STYLES,
};

enum { DIGEST_TEXT = 33 }; /* room for the digest in any style, with its NUL */

/* The style, then each list: how many, and the numbers. */
struct lists {
    struct pool *pool;
    uint16_t *at;
    size_t len, room;
    size_t open; /* where the latest list's length stands */
    bool spoilt; /* there was no room: there is nothing to digest */
};

/* Begins anew: no lists yet. One fingerprint at a time. */
struct lists *fingerprint_lists(struct fingerprinter *fingerprinter, enum style style);

/* Begins the next list, which gets `most` numbers at most. */
void lists_open(struct lists *lists, size_t most);

/* Numbers that mean nothing and are sent to keep others tolerant (RFC 8701). */
static inline bool
is_grease(uint16_t number)
{
    return (number & 0x0f0f) == 0x0a0a && number >> 8 == (number & 0xff);
}

static inline void
lists_add(struct lists *lists, uint16_t number)
{
    if (lists->spoilt)
        return;
    assert(lists->len < lists->room);
    lists->at[lists->len++] = number;
    lists->at[lists->open]++;
}

/* A list of numbers as it is on the wire, `width` bytes each; GREASE is left out. */
void lists_add_numbers(struct lists *lists, struct bytes numbers, size_t width);

/* A list of the numbers of extensions; GREASE is left out. */
void lists_add_extensions(struct lists *lists, struct bytes extensions);

void lists_drop_empty(struct lists *lists);     /* takes the latest list back if it is empty */
void lists_sort(struct lists *lists);           /* the latest list */
size_t lists_length(const struct lists *lists); /* of the latest list */

/* The text of all lists, which would be digested. Appends; nothing when there was no room. */
void fingerprint_text(const struct fingerprinter *fingerprinter, struct text *out);

/* Lists of their own, to remember something by; as above. */
struct lists *fingerprint_key(struct fingerprinter *fingerprinter);

/* What was remembered under these lists; false: nothing. `size` is the same for all of one style.
 */
bool fingerprint_recall(
    struct fingerprinter *fingerprinter, const struct lists *lists, void *value, size_t size);
void fingerprint_remember(
    struct fingerprinter *fingerprinter, const struct lists *lists, const void *value, size_t size);

/* The digest of all lists; empty when there was no room for them, or the library has no MD5. */
void fingerprint_digest(struct fingerprinter *fingerprinter, char out[DIGEST_TEXT]);

#endif
