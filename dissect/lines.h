/* SPDX-License-Identifier: Apache-2.0
 *
 * Talk in lines before TLS begins: what SMTP, IMAP, POP3 and their kin share. The client asks for
 * TLS in a line, the server agrees in a line, and what follows is TLS.
 */
#ifndef CERTTAP_DISSECT_LINES_H
#define CERTTAP_DISSECT_LINES_H

#include "dissect/preamble.h"

enum {
    LINE_MOST = 512,       /* of a line is kept; the rest of it is passed over */
    TALK_MOST = 128 << 10, /* a flow that talked so long without asking never will */
};

struct lines {
    struct {
        uint8_t at[LINE_MOST];
        uint16_t len;
    } side[2];
    bool spoken[2];
    bool asked;      /* somebody asked for TLS … */
    enum side asker; /* … and this one will speak TLS first */
    uint32_t heard;  /* bytes of both sides */
    uint8_t detail;  /* the protocol's own */
};

/* Hears one line, without its end. */
typedef enum preamble_step hear_line(struct lines *lines, enum side from, struct bytes line);

/* Takes lines off the front of `data` until the protocol says that TLS begins. An asker that goes
 * on with TLS was answered, even if the answer was not captured; and when the other side was not
 * captured at all, TLS in the place of a line is believed. */
enum preamble_step lines_hear(
    struct lines *lines, enum side from, struct bytes *data, hear_line *hear);

/* Does TLS begin in the place of a line, where it is believed? For those who have no lines. */
bool lines_end_here(const struct lines *lines, enum side from, struct bytes data);

/* Notes that this side asked; TALKING. */
enum preamble_step lines_ask(struct lines *lines, enum side asker);

/* Words of a line; case does not count. */
bool line_begins(
    struct bytes line, const char *word);  /* …with this word, alone or before a space */
struct bytes line_rest(struct bytes line); /* behind the first word and the spaces after */

enum look look_closer(struct bytes begun, struct bytes wanted); /* for look_for */

/* Does `begun` begin with this text, or could it yet? Case does not count. Each flow is asked for
 * dozens of texts, and most are refused by the first letter. */
static inline enum look
look_for(struct bytes begun, const char *text)
{
    enum { CASE = 0x20 };
    if (begun.len && ((bytes_at(begun, 0) ^ (uint8_t)text[0]) & ~CASE))
        return LOOK_NOT_MINE;
    return look_closer(begun, bytes_from_string(text));
}

/* The better of the two. */
static inline enum look
look_best(enum look a, enum look b)
{
    return a > b ? a : b;
}

#endif
