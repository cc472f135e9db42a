/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of Zeek's Intelligence Framework: columns parted by tabs and named by "#fields", in any
 * order. Zeek cannot say whose certificate is meant or from where it may come, so neither do these.
 */
#include "rules/formats/formats.h"
#include "rules/shown.h"
#include "rules/value.h"

enum { MOST_COLUMNS = 64 };

enum column { INDICATOR, TYPE, SOURCE, DESCRIPTION, URL, REMOVE, WHITELIST, COLUMNS };

static const char *const column_names[COLUMNS] = {
    [INDICATOR] = "indicator",
    [TYPE] = "indicator_type",
    [SOURCE] = "meta.source",
    [DESCRIPTION] = "meta.desc",
    [URL] = "meta.url",
    [REMOVE] = "meta.remove",
    [WHITELIST] = "meta.whitelist",
};

struct intel_columns {
    size_t at[MOST_COLUMNS]; /* which column stands there; COLUMNS: another */
    size_t len;
};

/* CERT_HASH is SHA-1 to Zeek, but people write others there; a FILE_HASH may be any file's, a
 * certificate's too. PUBKEY_HASH is of SSH keys. */
static const struct {
    const char *name;
    enum what what;
    bool fingerprint; /* of which kind is told by its length */
} types[] = {
    {"Intel::CERT_HASH", WHAT_SHA1, true},
    {"Intel::FILE_HASH", WHAT_SHA1, true},
    {"Intel::DOMAIN", WHAT_DOMAIN, false},
    {"Intel::ADDR", WHAT_ADDRESS, false},
    {"Intel::SUBNET", WHAT_ADDRESS, false},
    {"Intel::EMAIL", WHAT_SAN, false},
    {"Intel::JA3", WHAT_JA3, false},
    {"Intel::JA3S", WHAT_JA3S, false},
    {"Intel::JA4", WHAT_JA4, false},
};
enum { TYPES = sizeof types / sizeof *types };

static bool
looks_zeek(struct bytes content)
{
    struct lines lines = lines_of(content);
    struct bytes line;
    while (lines_next(&lines, &line) && bytes_start_with(line, bytes_from_string("#")))
        if (bytes_start_with(line, bytes_from_string("#fields")))
            return bytes_find(line, bytes_from_string("indicator")) != SIZE_MAX;
    return false;
}

static bool
read_fields(struct list_reader *reader, struct bytes line, unsigned long number,
    struct intel_columns *layout, struct fault *why)
{
    bool found[COLUMNS] = {false};
    line_field(&line, '\t');
    for (layout->len = 0; line.len; layout->len++) {
        struct bytes name = line_field(&line, '\t');
        size_t column = 0;
        if (layout->len == MOST_COLUMNS)
            return list_fault(reader, number, why, "more than %d fields", MOST_COLUMNS);
        while (column < COLUMNS && !bytes_equal_string(name, column_names[column]))
            column++;
        layout->at[layout->len] = column;
        if (column < COLUMNS)
            found[column] = true;
    }
    for (size_t column = INDICATOR; column <= TYPE; column++)
        if (!found[column])
            return list_fault(reader, number, why, "#fields has no %s", column_names[column]);
    return true;
}

/* "-" is unset, and "(empty)" is empty. */
static struct bytes
cell_text(struct bytes cell)
{
    if (bytes_equal_string(cell, "-") || bytes_equal_string(cell, "(empty)"))
        return (struct bytes){0};
    return cell;
}

static bool
read_cells(struct list_reader *reader, struct bytes line, unsigned long number,
    const struct intel_columns *layout, struct bytes cells[COLUMNS], struct fault *why)
{
    for (size_t i = 0; i < layout->len; i++) {
        if (i && !line.at)
            return list_fault(
                reader, number, why, "has %zu fields, not the %zu of #fields", i, layout->len);
        bool last = bytes_find_byte(line, '\t') == line.len;
        struct bytes cell = line_field(&line, '\t');
        if (!last && !line.at)
            line = bytes_from_string(""); /* an empty field behind the last tab */
        if (layout->at[i] < COLUMNS)
            cells[layout->at[i]] = cell_text(cell);
    }
    return !line.at ||
           list_fault(reader, number, why, "has more fields than the %zu of #fields", layout->len);
}

static void
pass_over(struct list_reader *reader, struct bytes type, unsigned long number)
{
    struct text shown = {0};
    text_add_written(&shown, type, 40);
    list_skip(reader);
    list_warn(reader, "line %lu: nothing is done with %s", number, text_string(&shown));
    text_free(&shown);
}

static bool
add_cells(struct list_reader *reader, const struct bytes cells[COLUMNS], unsigned long number,
    struct fault *why)
{
    struct fault complaint = {0};
    struct value value;
    size_t type = 0;
    while (type < TYPES && !bytes_equal_string(cells[TYPE], types[type].name))
        type++;
    if (type == TYPES || bytes_equal_string(cells[REMOVE], "T")) {
        pass_over(reader, type == TYPES ? cells[TYPE] : bytes_from_string("meta.remove"), number);
        return true;
    }
    bool good = types[type].fingerprint
                    ? value_from_fingerprint(cells[INDICATOR], &reader->room, &value, &complaint)
                    : value_from_text(
                          types[type].what, cells[INDICATOR], &reader->room, &value, &complaint);
    if (!good)
        return list_fault(reader, number, why, "%s", complaint.text);

    struct clause clause = {.any = &value, .len = 1};
    struct watch watch = {.all = &clause, .len = 1, .say = list_saying(reader), .line = number};
    watch.allow = bytes_equal_string(cells[WHITELIST], "T");
    struct bytes description = cells[DESCRIPTION].len ? cells[DESCRIPTION] : cells[SOURCE];
    watch.say.description = list_string(reader, description);
    watch.say.reference = list_string(reader, cells[URL]);
    return list_add(reader, &watch, why);
}

static bool
read_line(struct list_reader *reader, struct bytes line, unsigned long number,
    struct intel_columns *layout, struct fault *why)
{
    struct bytes cells[COLUMNS] = {{0}};
    if (bytes_start_with(line, bytes_from_string("#fields\t")))
        return read_fields(reader, line, number, layout, why);
    if (line_is_comment(line))
        return true;
    if (!layout->len)
        return list_fault(reader, number, why, "an indicator before the #fields line");
    return read_cells(reader, line, number, layout, cells, why) &&
           add_cells(reader, cells, number, why);
}

static bool
read_zeek(struct list_reader *reader, struct fault *why)
{
    struct lines lines = lines_of(reader->content);
    struct intel_columns layout = {0};
    struct bytes line;
    while (lines_next(&lines, &line)) {
        if (!read_line(reader, line, lines.number, &layout, why))
            return false;
        arena_empty(&reader->room);
    }
    return true;
}

const struct list_format zeek_intel_format = {
    .name = "zeek-intel", .looks_like = looks_zeek, .read = read_zeek};
