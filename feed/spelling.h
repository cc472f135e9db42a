/* SPDX-License-Identifier: Apache-2.0
 *
 * What all writers spell alike: times, addresses, and where one character of a text from strangers
 * ends and the next begins.
 */
#ifndef CERTTAP_FEED_SPELLING_H
#define CERTTAP_FEED_SPELLING_H

#include "base/address.h"
#include "base/text.h"

/* Seconds with six decimals: "1425932016.520157". */
void spell_microseconds(struct text *out, int64_t us);

/* As address_to_text(), but faster for IPv4. */
void spell_address(struct text *out, const struct address *address);

/* "2024-02-29-23-59-58", of seconds since 1970, in UTC. */
void spell_date(struct text *out, int64_t seconds);

/* "\xHH", lower case. */
void spell_byte(struct text *out, uint8_t byte);

/* A number with six decimals. */
void spell_double(struct text *out, double value);

struct character {
    struct bytes bytes; /* one to four; one when it is not valid UTF-8 */
    bool valid;         /* as UTF-8 (RFC 3629) */
    bool safe;          /* to look at in a terminal: no control, nothing that hides or turns text */
    uint32_t code;      /* point; of a valid one */
};

/* The next character of a reader that has more. */
struct character character_next(struct reader *text);

#endif
