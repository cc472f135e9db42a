/* SPDX-License-Identifier: Apache-2.0
 *
 * IMAP (RFC 9051 section 6.2.1): "tag STARTTLS", answered by "tag OK". The tag is the client's.
 */
#include "dissect/lines.h"

static enum look
look_imap(struct bytes originator, struct bytes responder)
{
    (void)originator;
    return responder.len ? look_best(look_for(responder, "* OK"), look_for(responder, "* PREAUTH"))
                         : LOOK_MAYBE;
}

static enum preamble_step
hear_imap_line(struct lines *lines, enum side from, struct bytes line)
{
    if (from == ORIGINATOR)
        return line_begins(line_rest(line), "STARTTLS") ? lines_ask(lines, ORIGINATOR)
                                                        : PREAMBLE_TALKING;
    if (!lines->asked || bytes_at(line, 0) == '*')
        return PREAMBLE_TALKING;
    if (line_begins(line_rest(line), "OK"))
        return PREAMBLE_UPGRADED;
    lines->asked = false;
    return PREAMBLE_TALKING;
}

static enum preamble_step
hear_imap(void *state, enum side from, struct bytes *data)
{
    return lines_hear(state, from, data, hear_imap_line);
}

const struct preamble imap_preamble = {
    .carrier = "imap-starttls",
    .look = look_imap,
    .state_size = sizeof(struct lines),
    .hear = hear_imap,
};
