/* SPDX-License-Identifier: Apache-2.0
 *
 * A hello in, a string out: JA3 and JA3S (salesforce/ja3), JA4 of the client hello (FoxIO, the part
 * under the BSD licence). Digests are cached by what is digested, for few hellos are new.
 */
#ifndef CERTTAP_DISSECT_FINGERPRINT_H
#define CERTTAP_DISSECT_FINGERPRINT_H

#include "base/pool.h"
#include "base/text.h"
#include "dissect/hello.h"

enum { JA3_TEXT = 33, JA4_TEXT = 37 }; /* with their NULs */

enum ja4_transport { JA4_TCP = 't', JA4_QUIC = 'q', JA4_DTLS = 'd' };

struct fingerprinter; /* owns the cache; one thread */

struct fingerprinter *fingerprinter_new(struct pool *pool);

/* An empty string when there is nothing to fingerprint (an SSL 2.0 hello). */
void fingerprint_ja3(
    struct fingerprinter *fingerprinter, const struct client_hello *hello, char out[JA3_TEXT]);
void fingerprint_ja3s(
    struct fingerprinter *fingerprinter, const struct server_hello *hello, char out[JA3_TEXT]);
void fingerprint_ja4(struct fingerprinter *fingerprinter, const struct client_hello *hello,
    enum ja4_transport transport, char out[JA4_TEXT]);

/* The texts that JA3 and JA3S digest ("771,4865-4866,0-23,29,0"). Append. */
void fingerprint_ja3_text(
    struct fingerprinter *fingerprinter, const struct client_hello *hello, struct text *out);
void fingerprint_ja3s_text(
    struct fingerprinter *fingerprinter, const struct server_hello *hello, struct text *out);

/* JA3 and JA4 of a hello, both out of memory when one like it was seen. */
void fingerprint_client(struct fingerprinter *fingerprinter, const struct client_hello *hello,
    enum ja4_transport transport, char ja3[JA3_TEXT], char ja4[JA4_TEXT]);

void fingerprinter_free(struct fingerprinter *fingerprinter);

#endif
