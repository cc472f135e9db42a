/* SPDX-License-Identifier: Apache-2.0
 *
 * FTP (RFC 4217): the client says AUTH TLS (or one of the older words), the server answers 234.
 */
#include "dissect/lines.h"

static enum look
look_ftp(struct bytes originator, struct bytes responder)
{
    static const char *const words[] = {
        "AUTH ", "USER ", "FEAT", "HOST ", "OPTS ", "CLNT ", "SYST"};
    enum look client = LOOK_NOT_MINE;
    if (look_for(responder, "220") == LOOK_NOT_MINE)
        return LOOK_NOT_MINE;
    if (!originator.len)
        return LOOK_MAYBE;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        client = look_best(client, look_for(originator, words[i]));
    /* USER is POP3's and IRC's word too: only the greeting tells. */
    return client == LOOK_MINE && !responder.len ? LOOK_MAYBE : client;
}

static bool
asks_for_tls(struct bytes line)
{
    static const char *const kinds[] = {"TLS", "SSL", "TLS-C", "TLS-P"};
    if (!line_begins(line, "AUTH"))
        return false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (bytes_equal_nocase(line_rest(line), bytes_from_string(kinds[i])))
            return true;
    return false;
}

static enum preamble_step
hear_ftp_line(struct lines *lines, enum side from, struct bytes line)
{
    if (from == ORIGINATOR)
        return asks_for_tls(line) ? lines_ask(lines, ORIGINATOR) : PREAMBLE_TALKING;
    if (lines->asked && (line_begins(line, "234") || line_begins(line, "334")))
        return PREAMBLE_UPGRADED;
    if (lines->asked && bytes_at(line, 0) == '5')
        lines->asked = false;
    return PREAMBLE_TALKING;
}

static enum preamble_step
hear_ftp(void *state, enum side from, struct bytes *data)
{
    return lines_hear(state, from, data, hear_ftp_line);
}

const struct preamble ftp_preamble = {
    .carrier = "ftp-auth-tls",
    .look = look_ftp,
    .state_size = sizeof(struct lines),
    .hear = hear_ftp,
};
