/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/formats/outline.h"

enum { TAG_INTEGER = 2, TAG_OID = 6, TAG_UTC_TIME = 23, TAG_TIME = 24, TAG_SEQUENCE = 0x30 };

struct element {
    uint8_t tag;
    struct bytes body;
};

static bool
next_element(struct reader *r, struct element *element)
{
    element->tag = read_u8(r);
    size_t len = read_u8(r);
    if (len > 0x84 || len == 0x80)
        return false;
    if (len > 0x80) {
        size_t octets = len & 0x7f;
        for (len = 0; octets > 0; octets--)
            len = len << 8 | read_u8(r);
    }
    element->body = read_bytes(r, len);
    return !r->bad;
}

struct bytes
outline_first(struct bytes der)
{
    struct reader r = reader_over(der);
    struct element element;
    if (!next_element(&r, &element) || element.tag != TAG_SEQUENCE)
        return (struct bytes){0};
    return bytes_first(der, der.len - reader_left(&r));
}

/* Certificates have validity, a SEQUENCE, where revocation lists have a time (RFC 5280 sections
 * 4.1 and 5.1); a key begins with its algorithm (section 4.1.2.7). */
static enum outline
outline_of_signed(struct bytes body)
{
    struct reader r = reader_over(body);
    struct element first, part;
    if (!next_element(&r, &first))
        return OUTLINE_NONE;
    if (first.tag == TAG_OID)
        return OUTLINE_KEY;
    if (first.tag == 0xa0)
        return OUTLINE_CERTIFICATE;
    size_t before_time = first.tag == TAG_INTEGER ? 3 : 2;
    for (size_t i = 1; i < before_time; i++)
        if (!next_element(&r, &part) || part.tag != TAG_SEQUENCE)
            return OUTLINE_NONE;
    if (!next_element(&r, &part))
        return OUTLINE_NONE;
    if (part.tag == TAG_UTC_TIME || part.tag == TAG_TIME)
        return OUTLINE_CRL;
    return first.tag == TAG_INTEGER ? OUTLINE_CERTIFICATE : OUTLINE_NONE;
}

enum outline
outline_of(struct bytes der)
{
    struct reader r = reader_over(der);
    struct element whole, inner;
    if (!next_element(&r, &whole) || !reader_finished(&r) || whole.tag != TAG_SEQUENCE)
        return OUTLINE_NONE;
    r = reader_over(whole.body);
    if (!next_element(&r, &inner) || inner.tag != TAG_SEQUENCE)
        return OUTLINE_NONE;
    return outline_of_signed(inner.body);
}

static bool
is_boundary(struct bytes line, const char *begin, struct bytes *label)
{
    static const char dashes[] = "-----";
    line = bytes_trim(line);
    if (!bytes_start_with(line, bytes_from_string(begin)))
        return false;
    line = bytes_skip(line, strlen(begin));
    if (line.len < 5 || !bytes_equal_string(bytes_skip(line, line.len - 5), dashes))
        return false;
    *label = bytes_first(line, line.len - 5);
    return true;
}

bool
pem_next(struct lines *lines, struct pem_block *block)
{
    struct bytes line, label;
    bool begun = false;
    const uint8_t *start = NULL;

    *block = (struct pem_block){0};
    while (!begun && lines_next(lines, &line))
        begun = is_boundary(line, "-----BEGIN ", &block->label);
    if (!begun)
        return false;
    block->line = lines->number;
    start = lines->left.at;
    const uint8_t *end = start;
    while (lines_next(lines, &line)) {
        if (is_boundary(line, "-----END ", &label)) {
            block->ended = bytes_equal(label, block->label);
            break;
        }
        end = lines->left.at;
        if (bytes_find_byte(line, ':') < line.len)
            start = end; /* a header of older tools */
    }
    block->body = bytes_of(start, (size_t)(end - start));
    return true;
}
