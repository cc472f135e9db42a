/* SPDX-License-Identifier: Apache-2.0
 *
 * Internet addresses and networks. An IPv4 address is kept as its IPv4-mapped IPv6 address
 * (RFC 4291 section 2.5.5.2), so that everything behind the parser knows one kind only.
 */
#ifndef CERTTAP_BASE_ADDRESS_H
#define CERTTAP_BASE_ADDRESS_H

#include "base/bytes.h"

struct address {
    uint8_t at[16]; /* network byte order; all zero: none */
};

struct network {
    struct address address; /* bits past the prefix are zero */
    unsigned prefix;        /* of the 128 bits: an IPv4 /24 is 120 here */
};

enum { ADDRESS_TEXT = 46 }; /* room for any address as text, with its NUL */

struct address address_v4(struct bytes four);    /* exactly 4 bytes */
struct address address_v6(struct bytes sixteen); /* exactly 16 bytes */

bool address_is_v4(const struct address *address);

/* The last four bytes as a number: of an IPv4 address, all of it. */
uint32_t address_v4_number(const struct address *address);
bool address_is_set(const struct address *address);

/* As RFC 5952 writes it; IPv4 dotted. */
void address_to_text(const struct address *address, char out[ADDRESS_TEXT]);

/* An address as people write it; false when it is none. */
bool address_from_text(struct bytes text, struct address *address);

/* "10.0.0.0/8", "2001:db8::/32" or a single address; false when it is none of these, or has bits
 * set past its prefix. */
bool network_from_text(struct bytes text, struct network *network);

bool network_has(const struct network *network, const struct address *address);

#endif
