/* SPDX-License-Identifier: Apache-2.0
 *
 * Object identifiers (ITU-T X.660) in certificates: attributes of names, algorithms, curves.
 */
#ifndef CERTTAP_DISSECT_OIDS_H
#define CERTTAP_DISSECT_OIDS_H

#include "base/bytes.h"

struct oid {
    const char *text;    /* "2.5.4.3" */
    const char *brief;   /* "CN", as names of people and hosts are written; for curves too */
    const char *name;    /* "commonName", as algorithms are written */
    unsigned curve_bits; /* of the order of the group, for a curve; else 0 */
};

enum { OID_TEXT = 256 }; /* room for any that a sane person assigned */

/* The dotted form of the content of an OBJECT IDENTIFIER, NUL-terminated. False when it is none or
 * does not fit: then there is no text that stands for it alone. */
bool oid_to_text(struct bytes content, char *out, size_t room);

/* NULL when nobody has told us its names. */
const struct oid *oid_find(const char *text);

/* The table, row by row; NULL behind its end. */
const struct oid *oid_at(size_t row);

#endif
