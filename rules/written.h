/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: what is watched for, as text that can be read again.
 */
#ifndef CERTTAP_RULES_WRITTEN_H
#define CERTTAP_RULES_WRITTEN_H

#include "base/text.h"
#include "rules/watch.h"

/* A value in its normal spelling: "1f2e…", "CN=example,O=Example Ltd", "*.example.org", "/regex/",
 * "192.0.2.0/24". Of two halves `value` and `second` the first is told. */
void value_write(const struct value *value, struct text *out);

/* The same with names of both halves as entries that name them have them, so that equal names are
 * equal texts. */
void value_write_folded(const struct value *value, struct text *out);

/* Its second half: the serial number or the digest of the key, in hexadecimal; else nothing. */
void value_write_second(const struct value *value, struct text *out);

void network_write(const struct network *network, struct text *out);

/* "2021-01-12T10:00:00Z" */
void time_write(int64_t seconds, struct text *out);

/* Texts of the operator's lists for a terminal: nothing in them can do anything but be read. */
void shown_write(struct bytes written, struct text *out);

/* The same inside the double quotes of JSON, which are those of YAML too; quotes included. */
void quoted_write(struct bytes written, struct text *out);

#endif
