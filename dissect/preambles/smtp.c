/* SPDX-License-Identifier: Apache-2.0
 *
 * SMTP (RFC 3207) and LMTP (RFC 2033): the client says STARTTLS, the server answers 220. A refusal
 * (454, 502, …) leaves the session as it was, and the client may ask again.
 */
#include "dissect/lines.h"

static enum look
look_smtp(struct bytes originator, struct bytes responder)
{
    enum look client = look_best(look_for(originator, "EHLO "),
        look_best(look_for(originator, "HELO "), look_for(originator, "LHLO ")));
    if (originator.len)
        return client; /* the greeting alone could be FTP's */
    return look_for(responder, "220") == LOOK_NOT_MINE ? LOOK_NOT_MINE : LOOK_MAYBE;
}

static enum preamble_step
hear_smtp_line(struct lines *lines, enum side from, struct bytes line)
{
    if (from == ORIGINATOR)
        return line_begins(line, "STARTTLS") ? lines_ask(lines, ORIGINATOR) : PREAMBLE_TALKING;
    if (!lines->asked)
        return PREAMBLE_TALKING;
    if (line_begins(line, "220"))
        return PREAMBLE_UPGRADED;
    /* An answer to what came before it in a pipeline is no refusal. */
    if (bytes_at(line, 0) == '4' || bytes_at(line, 0) == '5')
        lines->asked = false;
    return PREAMBLE_TALKING;
}

static enum preamble_step
hear_smtp(void *state, enum side from, struct bytes *data)
{
    return lines_hear(state, from, data, hear_smtp_line);
}

const struct preamble smtp_preamble = {
    .carrier = "smtp-starttls",
    .look = look_smtp,
    .state_size = sizeof(struct lines),
    .hear = hear_smtp,
};
