/* SPDX-License-Identifier: Apache-2.0
 *
 * One fingerprint a line: of the certificate by MD5, SHA-1 or SHA-256, told by its length, or of
 * the key behind "spki:" or "pin-sha256=". What follows it is its description. The output of
 * sha256sum and of "openssl x509 -fingerprint" are such lists.
 */
#include "rules/formats/formats.h"
#include "rules/value.h"

#include <ctype.h>

enum { LOOK_AT = 4096, EMPTY_AFTER = 4096 };

/* What can be read as text at all: whether it is a fingerprint is then said line by line. */
static bool
looks_plain(struct bytes content)
{
    struct bytes start = bytes_trim(bytes_first(content, LOOK_AT));
    static const char *const others[] = {"{", "[", "\xff\xfe", "\xfe\xff"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (bytes_start_with(start, bytes_from_string(others[i])))
            return false;
    return bytes_find_byte(start, '\0') == start.len;
}

/* "SHA1 Fingerprint=…" is one word, whatever stands in it. */
static size_t
word_len(struct bytes line)
{
    static const char announced[] = " fingerprint=";
    struct bytes behind = bytes_skip(line, bytes_find_byte(line, ' '));
    size_t len = 0;
    if (bytes_start_with_nocase(behind, bytes_from_string(announced)))
        len = line.len - behind.len + strlen(announced);
    struct reader r = reader_over(bytes_skip(line, len));
    while (reader_more(&r)) {
        uint8_t c = read_u8(&r);
        if (isspace(c) || c == ',' || c == ';')
            break;
        len++;
    }
    return len;
}

static struct bytes
description_of(struct bytes rest)
{
    rest = bytes_trim(rest);
    while (rest.len && strchr("#,;", *rest.at))
        rest = bytes_trim(bytes_skip(rest, 1));
    return rest;
}

static bool
read_line(struct list_reader *reader, struct bytes line, unsigned long number, struct fault *why)
{
    struct saying say = list_saying(reader);
    struct fault complaint = {0};
    struct value value;
    line = bytes_trim(line);
    size_t len = word_len(line);
    if (!value_from_fingerprint(bytes_first(line, len), &reader->room, &value, &complaint))
        return list_fault(reader, number, why, "%s", complaint.text);
    struct bytes description = description_of(bytes_skip(line, len));
    if (description.len)
        say.description = list_string(reader, description);
    return list_add_value(reader, &value, &say, number, why);
}

static bool
read_plain(struct list_reader *reader, struct fault *why)
{
    struct lines lines = lines_of(reader->content);
    struct bytes line;
    while (lines_next(&lines, &line)) {
        if (!line_is_comment(line) && !read_line(reader, line, lines.number, why))
            return false;
        if (lines.number % EMPTY_AFTER == 0)
            arena_empty(&reader->room);
    }
    return true;
}

const struct list_format plain_format = {
    .name = "plain", .looks_like = looks_plain, .read = read_plain};
