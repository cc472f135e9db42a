/* SPDX-License-Identifier: Apache-2.0
 *
 * What is said before TLS, for tests: at least one dialogue for each row of preambles[].
 */
#ifndef CERTTAP_TESTS_SUPPORT_DIALOGUES_H
#define CERTTAP_TESTS_SUPPORT_DIALOGUES_H

#include "dissect/preamble.h"

#define C ORIGINATOR
#define S RESPONDER
#define SSL_REQUEST "00000008 04d2162f"
#define GSS_REQUEST "00000008 04d21630"
#define START_TLS_NAME "80 16 '1.3.6.1.4.1.1466.20037'"
#define PROXY2 "0d0a0d0a000d0a515549540a"
#define CRLF " 0d0a "

enum { MOST_TURNS = 9 };

/* What is said up to the last byte before something new begins. */
struct dialogue {
    const char *name;
    const struct preamble *preamble;
    struct {
        enum side from;
        const char *hex; /* annotated */
    } turn[MOST_TURNS];
    const char *client; /* the address that it names */
};

extern const struct dialogue dialogues[];
extern const size_t dialogues_count;

#endif
