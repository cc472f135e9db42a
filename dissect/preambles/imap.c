/* SPDX-License-Identifier: Apache-2.0
 *
 * IMAP (RFC 9051 section 6.2.1): "tag STARTTLS", answered by "tag OK". The tag is the client's.
 */
#include "dissect/lines.h"

enum { TAG_MOST = 64 };

struct imap {
    struct lines lines;    /* first: what hears a line is given this */
    uint8_t tag[TAG_MOST]; /* of the request for TLS */
    uint8_t tag_len;
};

static enum look
look_imap(struct bytes originator, struct bytes responder)
{
    (void)originator;
    return responder.len ? look_best(look_for(responder, "* OK"), look_for(responder, "* PREAUTH"))
                         : LOOK_MAYBE;
}

static struct bytes
tag_of(struct bytes line)
{
    return bytes_first(bytes_first(line, bytes_find_byte(line, ' ')), TAG_MOST);
}

static enum preamble_step
hear_request(struct imap *imap, struct bytes line)
{
    struct bytes tag = tag_of(line);
    if (!line_begins(line_rest(line), "STARTTLS"))
        return PREAMBLE_TALKING;
    if (tag.len)
        memcpy(imap->tag, tag.at, tag.len);
    imap->tag_len = (uint8_t)tag.len;
    return lines_ask(&imap->lines, ORIGINATOR);
}

/* An answer to another request, which came before it in a pipeline, is neither consent nor refusal.
 */
static enum preamble_step
hear_imap_line(struct lines *lines, enum side from, struct bytes line)
{
    struct imap *imap = (struct imap *)lines;
    if (from == ORIGINATOR)
        return hear_request(imap, line);
    if (!lines->asked || !bytes_equal(tag_of(line), bytes_of(imap->tag, imap->tag_len)))
        return PREAMBLE_TALKING;
    if (line_begins(line_rest(line), "OK"))
        return PREAMBLE_UPGRADED;
    lines->asked = false;
    return PREAMBLE_TALKING;
}

static enum preamble_step
hear_imap(void *state, enum side from, struct bytes *data)
{
    struct imap *imap = state;
    return lines_hear(&imap->lines, from, data, hear_imap_line);
}

const struct preamble imap_preamble = {
    .carrier = "imap-starttls",
    .look = look_imap,
    .state_size = sizeof(struct imap),
    .hear = hear_imap,
};
