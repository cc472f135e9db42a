/* SPDX-License-Identifier: Apache-2.0
 *
 * Parts of sentences.
 */
#ifndef CERTTAP_RULES_WHY_WORDS_H
#define CERTTAP_RULES_WHY_WORDS_H

#include "rules/why.h"

enum { WHY_INDICATOR_MOST = 200 };

extern const char *const why_phrases[WHATS]; /* "serial number is"; NULL: none is needed */

void why_add_quoted(struct text *out, struct bytes wire, size_t most);

/* " of list x line 3 (...)" */
void why_add_list(const struct found *found, const char *list, struct text *out);

void why_add_address(const struct session *session, enum role role, struct text *out);

/* Its address, and the proxy's that it came through. */
void why_add_client(const struct session *session, struct text *out);

/* " (https, server name "www.example.com")", as far as that is known */
void why_add_purpose(const struct session *session, struct text *out);

/* That its chain was sent in another connection, if at all; nothing where that is not so. */
void why_add_supposed(const struct session *session, struct text *out);

/* `Server certificate "CN=x" (SHA-256 …)` */
void why_add_certificate(const struct found *found, struct text *out);

/* `Server certificate "CN=x" (SHA-256 …), whose issuer is "CN=y" of list z, ` */
void why_add_indicated(
    const struct found *found, const char *list, const char *indicator, struct text *out);

/* The sentence about a certificate that nobody showed. */
void why_say_aside(
    const struct found *found, const char *list, const char *indicator, struct text *out);

/* The same: about one that was not seen this time, but at the same server before. */
void why_say_recalled(
    const struct found *found, const char *list, const char *indicator, struct text *out);

/* About a client of which only the length of what it showed was seen. */
void why_say_lookalike(
    const struct found *found, const char *list, const char *indicator, struct text *out);

#endif
