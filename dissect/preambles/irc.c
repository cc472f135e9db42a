/* SPDX-License-Identifier: Apache-2.0
 *
 * IRC (the IRCv3 "tls" capability): STARTTLS, answered by the numeric 670; 691 refuses.
 */
#include "dissect/lines.h"

static enum look
look_irc(struct bytes originator, struct bytes responder)
{
    static const char *const words[] = {"NICK ", "CAP ", "STARTTLS", "PASS ", "USER "};
    enum look client = LOOK_NOT_MINE;
    if (responder.len && (bytes_at(responder, 0) == '2' || bytes_at(responder, 0) == '+'))
        return LOOK_NOT_MINE; /* FTP or POP3 */
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        client = look_best(client, look_for(originator, words[i]));
    bool ambiguous =
        look_for(originator, "USER ") == LOOK_MINE || look_for(originator, "PASS ") == LOOK_MINE;
    return ambiguous && !responder.len ? LOOK_MAYBE : client;
}

/* ":server 670 nick :text": the numeric is the second word. */
static enum preamble_step
hear_irc_line(struct lines *lines, enum side from, struct bytes line)
{
    if (from == ORIGINATOR)
        return line_begins(line, "STARTTLS") ? lines_ask(lines, ORIGINATOR) : PREAMBLE_TALKING;
    struct bytes numeric = bytes_at(line, 0) == ':' ? line_rest(line) : line;
    if (lines->asked && line_begins(numeric, "670"))
        return PREAMBLE_UPGRADED;
    if (lines->asked && line_begins(numeric, "691"))
        lines->asked = false;
    return PREAMBLE_TALKING;
}

static enum preamble_step
hear_irc(void *state, enum side from, struct bytes *data)
{
    return lines_hear(state, from, data, hear_irc_line);
}

const struct preamble irc_preamble = {
    .carrier = "irc-starttls",
    .look = look_irc,
    .state_size = sizeof(struct lines),
    .hear = hear_irc,
};
