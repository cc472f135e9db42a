/* SPDX-License-Identifier: Apache-2.0
 *
 * The SSL certificate blacklist of abuse.ch: date of listing, SHA-1 and reason, parted by commas,
 * without quotes; the header is a comment.
 */
#include "rules/formats/formats.h"
#include "rules/spelling.h"
#include "rules/value.h"

static bool
looks_sslbl(struct bytes content)
{
    struct lines lines = lines_of(content);
    struct bytes line;
    bool announced = false;
    while (lines_next(&lines, &line)) {
        if (line_is_comment(line)) {
            announced = announced || bytes_find(line, bytes_from_string("SSLBL")) != SIZE_MAX ||
                        bytes_find(line, bytes_from_string("sslbl.abuse.ch")) != SIZE_MAX;
            continue;
        }
        int64_t listed;
        uint8_t digest[SHA1_LEN];
        size_t len;
        return time_from_text(line_field(&line, ','), &listed) &&
               bytes_from_hex(bytes_trim(line_field(&line, ',')), digest, sizeof digest, &len) &&
               len == SHA1_LEN;
    }
    return announced;
}

static bool
read_line(struct list_reader *reader, struct bytes line, unsigned long number, struct fault *why)
{
    struct saying say = list_saying(reader);
    struct fault complaint = {0};
    struct value value;
    struct text reference = {0};
    int64_t listed;

    if (!time_from_text(line_field(&line, ','), &listed))
        return list_fault(reader, number, why, "does not begin with a date of listing");
    struct bytes digest = bytes_trim(line_field(&line, ','));
    if (!value_from_text(WHAT_SHA1, digest, &reader->room, &value, &complaint))
        return list_fault(reader, number, why, "%s", complaint.text);
    say.description = list_string(reader, bytes_trim(line));
    text_add_string(&reference, "https://sslbl.abuse.ch/ssl-certificates/sha1/");
    text_add_hex(&reference, value.value);
    text_add_char(&reference, '/');
    say.reference = list_string(reader, text_bytes(&reference));
    text_free(&reference);
    return list_add_value(reader, &value, &say, number, why);
}

static bool
read_sslbl(struct list_reader *reader, struct fault *why)
{
    struct lines lines = lines_of(reader->content);
    struct bytes line;
    while (lines_next(&lines, &line)) {
        if (!line_is_comment(line) && !read_line(reader, line, lines.number, why))
            return false;
        arena_empty(&reader->room);
    }
    return true;
}

const struct list_format sslbl_csv_format = {
    .name = "sslbl-csv", .looks_like = looks_sslbl, .read = read_sslbl};
