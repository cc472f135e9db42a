/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: names of the numbers in TLS, spelled as Zeek's ssl.log spells them. Static strings. A
 * number without a name is written into `buffer` ("unknown-4866"), which is then what is returned.
 */
#ifndef CERTTAP_DISSECT_NAMES_H
#define CERTTAP_DISSECT_NAMES_H

#include <stdint.h>

enum { NAME_BUFFER = 32 };

const char *version_name(uint16_t version, char buffer[NAME_BUFFER]);  /* "TLSv12" */
const char *cipher_name(uint32_t cipher, char buffer[NAME_BUFFER]);    /* 3 bytes for SSL 2.0 */
const char *group_name(uint16_t group, char buffer[NAME_BUFFER]);      /* "x25519" */
const char *alert_name(uint8_t description, char buffer[NAME_BUFFER]); /* "bad_certificate" */

#endif
