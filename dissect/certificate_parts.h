/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of reading one certificate, for the files that share them: certificate.c walks it;
 * certificate_names.c, _strings.c, _key.c and _extensions.c know one thing each.
 */
#ifndef CERTTAP_DISSECT_CERTIFICATE_PARTS_H
#define CERTTAP_DISSECT_CERTIFICATE_PARTS_H

#include "base/pool.h"
#include "dissect/certificate.h"
#include "dissect/der.h"
#include "dissect/oids.h"

enum {
    PRINTED_MOST = 4096, /* characters of one printed text */
    NAMES_MOST = 1024,   /* names that are kept of one certificate, and common names likewise */
};

/* A certificate while it is read. */
struct reading {
    struct certificate *into;
    struct arena *arena; /* of all that the certificate points to, but its bytes */
    bool no_room;        /* the arena has said no; the certificate is not to be used */
};

/* Text as it is printed, piece by piece. A piece that does not fit is left out, and all after it.
 */
struct printed {
    size_t len;
    bool cut;
    char at[PRINTED_MOST];
};

void print(struct printed *text, struct bytes piece);
void print_string(struct printed *text, const char *piece);
void print_hex(struct printed *text, struct bytes bytes); /* upper case */

/* A copy that lives as long as the certificate, and the same of a text, noting when it was cut. */
struct bytes reading_copy(struct reading *reading, struct bytes bytes);
struct bytes reading_keep(struct reading *reading, const struct printed *text);

/* Zeroed memory that lives as long as the certificate; NULL notes that there is no room. */
void *reading_take_room(struct reading *reading, size_t size);

/* As der_take, and the bytes of a string, in segments or not; both note what is not DER. */
bool reading_take(struct reading *reading, struct reader *r, uint8_t tag, struct der *value);
bool reading_string(struct reading *reading, const struct der *value, struct bytes *string);

/* The dotted text of an object identifier, or "#" and its bytes where it has none. */
void reading_oid(struct bytes content, char out[OID_TEXT]);

/* Prints the value of an attribute: text as far as it is some, else "#" and its bytes. */
void reading_print_value(struct reading *reading, struct printed *text, const struct der *value);

/* What is odd about a string of this type, as bits of certificate.odd. */
unsigned string_oddities(uint8_t tag, struct bytes string);

/* A Name (RFC 5280 section 4.1.2.4) as text, and the common names in it. */
struct bytes reading_name(struct reading *reading, struct bytes name);
void reading_common_names(struct reading *reading, struct bytes name);

/* Subject alternative names are read twice, over all extensions that hold some: first counted, then
 * kept. `names` is what stands in such an extension. */
enum { NAME_KINDS = 4 };
struct alternative_names {
    size_t count[NAME_KINDS]; /* of each kind; so far, while they are kept */
    size_t total;
    struct bytes *texts[NAME_KINDS]; /* NULL while they are counted */
    struct address *addresses;
};
void reading_alternative_names(
    struct reading *reading, struct bytes names, struct alternative_names *into);

/* Makes room for as many as were counted, and sets the counts to zero again. */
bool reading_alternative_room(struct reading *reading, struct alternative_names *counted);

/* The name of an algorithm, or its object identifier where nobody knows one. */
struct bytes reading_algorithm(struct reading *reading, struct bytes oid);

/* Fills what there is to say about the key out of a SubjectPublicKeyInfo's content. */
void reading_key(struct reading *reading, struct bytes key_info);

/* The next extension (RFC 5280 section 4.2). False at the end and where there is no more sense. */
struct extension {
    struct bytes oid;
    struct der value; /* its OCTET STRING */
};
bool extension_read(struct reader *r, struct extension *extension);
bool extension_is_alternative_name(const struct extension *extension);

/* What is left of the signed part, which is the extensions or nothing. */
bool reading_extensions(struct reading *reading, struct reader *r);

/* Tags of the GeneralNames that are kept (RFC 5280 section 4.2.1.6). */
enum general_name {
    GENERAL_EMAIL = DER_CONTEXT | 1,
    GENERAL_DNS = DER_CONTEXT | 2,
    GENERAL_URI = DER_CONTEXT | 6,
    GENERAL_IP = DER_CONTEXT | 7,
};

/* Reads the certificate in `reading->into->der`; false when there was no room. */
bool reading_walk(struct reading *reading);

#endif
