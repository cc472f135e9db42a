/* SPDX-License-Identifier: Apache-2.0
 *
 * POP3 (RFC 2595 section 4): STLS, answered by +OK.
 */
#include "dissect/lines.h"

static enum look
look_pop3(struct bytes originator, struct bytes responder)
{
    (void)originator;
    return look_for(responder, "+OK");
}

static enum preamble_step
hear_pop3_line(struct lines *lines, enum side from, struct bytes line)
{
    if (from == ORIGINATOR)
        return line_begins(line, "STLS") ? lines_ask(lines, ORIGINATOR) : PREAMBLE_TALKING;
    if (lines->asked && line_begins(line, "+OK"))
        return PREAMBLE_UPGRADED;
    if (lines->asked && line_begins(line, "-ERR"))
        lines->asked = false;
    return PREAMBLE_TALKING;
}

static enum preamble_step
hear_pop3(void *state, enum side from, struct bytes *data)
{
    return lines_hear(state, from, data, hear_pop3_line);
}

const struct preamble pop3_preamble = {
    .carrier = "pop3-stls",
    .look = look_pop3,
    .state_size = sizeof(struct lines),
    .hear = hear_pop3,
};
