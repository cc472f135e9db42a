/* SPDX-License-Identifier: Apache-2.0
 *
 * NNTP (RFC 4642): STARTTLS, answered by 382.
 */
#include "dissect/lines.h"

static enum look
look_nntp(struct bytes originator, struct bytes responder)
{
    (void)originator;
    return look_best(look_for(responder, "200 "), look_for(responder, "201 "));
}

static enum preamble_step
hear_nntp_line(struct lines *lines, enum side from, struct bytes line)
{
    if (from == ORIGINATOR)
        return line_begins(line, "STARTTLS") ? lines_ask(lines, ORIGINATOR) : PREAMBLE_TALKING;
    if (lines->asked && line_begins(line, "382"))
        return PREAMBLE_UPGRADED;
    if (lines->asked && (bytes_at(line, 0) == '5' || bytes_at(line, 0) == '4'))
        lines->asked = false;
    return PREAMBLE_TALKING;
}

static enum preamble_step
hear_nntp(void *state, enum side from, struct bytes *data)
{
    return lines_hear(state, from, data, hear_nntp_line);
}

const struct preamble nntp_preamble = {
    .carrier = "nntp-starttls",
    .look = look_nntp,
    .state_size = sizeof(struct lines),
    .hear = hear_nntp,
};
