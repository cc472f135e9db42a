/* SPDX-License-Identifier: Apache-2.0
 *
 * HTTP CONNECT (RFC 9110 section 9.3.6): a tunnel begins behind the headers of any 2xx answer.
 * Other requests on the same connection may come before; their bodies are passed over as lines.
 */
#include "dissect/lines.h"

enum { IN_HEADERS_OF_2XX = 1, IN_REQUEST = 2 };

static enum look
look_http_connect(struct bytes originator, struct bytes responder)
{
    (void)responder;
    return look_for(originator, "CONNECT ");
}

static bool
says_2xx(struct bytes line)
{
    return bytes_start_with_nocase(line, bytes_from_string("HTTP/1.")) &&
           bytes_at(line_rest(line), 0) == '2';
}

static enum preamble_step
hear_request_line(struct lines *lines, struct bytes line)
{
    if (line_begins(line, "CONNECT")) {
        lines->detail |= IN_REQUEST;
        lines->side[RESPONDER].len = 0; /* the body of a refusal need not end with a line */
    } else if (line.len == 0 && lines->detail & IN_REQUEST) {
        return lines_ask(lines, ORIGINATOR); /* the tunnel may carry anything once it is granted */
    }
    return PREAMBLE_TALKING;
}

static enum preamble_step
hear_http_line(struct lines *lines, enum side from, struct bytes line)
{
    if (from == ORIGINATOR)
        return hear_request_line(lines, line);
    if (lines->asked && says_2xx(line))
        lines->detail |= IN_HEADERS_OF_2XX;
    else if (line.len == 0 && lines->detail & IN_HEADERS_OF_2XX)
        return PREAMBLE_UPGRADED;
    else if (lines->asked && bytes_start_with_nocase(line, bytes_from_string("HTTP/1.")))
        lines->detail = 0;
    return PREAMBLE_TALKING;
}

static enum preamble_step
hear_http_connect(void *state, enum side from, struct bytes *data)
{
    return lines_hear(state, from, data, hear_http_line);
}

const struct preamble http_connect_preamble = {
    .carrier = "http-connect",
    .look = look_http_connect,
    .state_size = sizeof(struct lines),
    .hear = hear_http_connect,
};
