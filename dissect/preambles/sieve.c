/* SPDX-License-Identifier: Apache-2.0
 *
 * ManageSieve (RFC 5804 section 2.2): the server greets with its capabilities in quotes; STARTTLS,
 * answered by OK.
 */
#include "dissect/lines.h"

static enum look
look_sieve(struct bytes originator, struct bytes responder)
{
    (void)originator;
    return look_best(look_for(responder, "\"IMPLEMENTATION\""),
        look_best(look_for(responder, "\"SIEVE\""), look_for(responder, "\"SASL\"")));
}

static enum preamble_step
hear_sieve_line(struct lines *lines, enum side from, struct bytes line)
{
    if (from == ORIGINATOR)
        return line_begins(line, "STARTTLS") ? lines_ask(lines, ORIGINATOR) : PREAMBLE_TALKING;
    if (lines->asked && line_begins(line, "OK"))
        return PREAMBLE_UPGRADED;
    if (lines->asked && line_begins(line, "NO"))
        lines->asked = false;
    return PREAMBLE_TALKING;
}

static enum preamble_step
hear_sieve(void *state, enum side from, struct bytes *data)
{
    return lines_hear(state, from, data, hear_sieve_line);
}

const struct preamble sieve_preamble = {
    .carrier = "sieve-starttls",
    .look = look_sieve,
    .state_size = sizeof(struct lines),
    .hear = hear_sieve,
};
