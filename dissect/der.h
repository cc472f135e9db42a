/* SPDX-License-Identifier: Apache-2.0
 *
 * Tags and lengths of ASN.1 values (ITU-T X.690), one value at a time out of a reader.
 *
 * DER is what a certificate must be; what is read here is BER, because strangers write it and
 * others accept it: a length may be indefinite or longer than it need be, and a string may come in
 * segments. Such a value is told apart by `lenient`. Nothing recurses; an indefinite length may
 * hold others DER_DEPTH deep, so that the work is linear in the bytes.
 */
#ifndef CERTTAP_DISSECT_DER_H
#define CERTTAP_DISSECT_DER_H

#include "base/bytes.h"

enum { DER_DEPTH = 32 };

/* Identifier octets: class, constructed or not, and number. */
enum der_tag {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_OID = 0x06,
    DER_UTF8_STRING = 0x0c,
    DER_NUMERIC_STRING = 0x12,
    DER_PRINTABLE_STRING = 0x13,
    DER_T61_STRING = 0x14,
    DER_IA5_STRING = 0x16,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_VISIBLE_STRING = 0x1a,
    DER_UNIVERSAL_STRING = 0x1c,
    DER_BMP_STRING = 0x1e,
    DER_CONSTRUCTED = 0x20,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_CONTEXT = 0x80, /* or it with the number */
};

struct der {
    uint8_t tag;        /* the identifier octet; of a number above 30 only this octet is kept */
    struct bytes whole; /* header and content, and the end of an indefinite one */
    struct bytes content;
    bool lenient; /* another form than the one DER asks for */
    bool cut;     /* there are fewer bytes than it says; content is what is there */
};

/* The next value. False, and the reader bad, when there is none or its header makes no sense.
 * A value that is cut is read, and then nothing is left. */
bool der_read(struct reader *r, struct der *value);

/* The same, for a value that must be whole and carry this tag. */
bool der_take(struct reader *r, uint8_t tag, struct der *value);

/* Is the next value one with this tag? Reads nothing. */
bool der_next_is(const struct reader *r, uint8_t tag);

/* Puts the segments of a constructed string (X.690 section 8.7.3) together in `room`, which has
 * place for as many bytes as its content. False when they make no sense. */
bool der_join(const struct der *value, uint8_t *room, struct bytes *string);

/* How many bits a number without sign has; 0 for zero. */
size_t der_bits(struct bytes number);

#endif
