/* SPDX-License-Identifier: Apache-2.0
 *
 * XMPP (RFC 6120 section 5): <starttls/>, answered by <proceed/>. There are no lines; an element
 * ends with '>', and that is all that is asked of it.
 */
#include "dissect/lines.h"

static enum look
look_xmpp(struct bytes originator, struct bytes responder)
{
    struct bytes begun = originator.len ? originator : responder;
    return look_best(look_for(begun, "<?xml"), look_for(begun, "<stream:stream"));
}

static bool
element_is(struct bytes element, const char *name)
{
    size_t at = bytes_find(element, bytes_from_string(name));
    return at != SIZE_MAX && at > 0 &&
           (bytes_at(element, at - 1) == '<' || bytes_at(element, at - 1) == ':');
}

static bool
hear_element(struct lines *lines, enum side from, struct bytes element)
{
    if (element_is(element, "starttls") && from == ORIGINATOR)
        lines_ask(lines, from);
    return lines->asked && from == RESPONDER && element_is(element, "proceed");
}

static enum preamble_step
hear_xmpp(void *state, enum side from, struct bytes *data)
{
    struct lines *lines = state;
    lines->heard += (uint32_t)(data->len < TALK_MOST ? data->len : TALK_MOST);
    if (lines->heard > TALK_MOST)
        return PREAMBLE_NEVER;
    lines->spoken[from] = true;
    while (data->len) {
        if (lines_end_here(lines, from, *data))
            return PREAMBLE_UPGRADED;
        uint8_t c = bytes_at(*data, 0);
        *data = bytes_skip(*data, 1);
        if (lines->side[from].len < LINE_MOST)
            lines->side[from].at[lines->side[from].len++] = c;
        if (c != '>')
            continue;
        bool proceed =
            hear_element(lines, from, bytes_of(lines->side[from].at, lines->side[from].len));
        lines->side[from].len = 0;
        if (proceed)
            return PREAMBLE_UPGRADED;
    }
    return PREAMBLE_TALKING;
}

const struct preamble xmpp_preamble = {
    .carrier = "xmpp-starttls",
    .look = look_xmpp,
    .state_size = sizeof(struct lines),
    .hear = hear_xmpp,
};
