/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of Zeek's Intelligence Framework: columns parted by tabs and named by "#fields", in any
 * order. Zeek cannot say whose certificate is meant or from where it may come, so neither do these.
 */
#include "rules/formats/formats.h"
#include "rules/formats/zeek_removals.h"
#include "rules/shown.h"
#include "rules/value.h"

enum { MOST_COLUMNS = 64 };

enum column {
    INDICATOR,
    TYPE,
    SOURCE,
    DESCRIPTION,
    URL,
    REMOVE,
    WHITELIST,
    DO_NOTICE,
    IF_IN,
    COLUMNS
};

static const char *const column_names[COLUMNS] = {
    [INDICATOR] = "indicator",
    [TYPE] = "indicator_type",
    [SOURCE] = "meta.source",
    [DESCRIPTION] = "meta.desc",
    [URL] = "meta.url",
    [REMOVE] = "meta.remove",
    [WHITELIST] = "meta.whitelist",
    [DO_NOTICE] = "meta.do_notice",
    [IF_IN] = "meta.if_in",
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

/* Where Zeek would have to see an indicator (Intel::Where), and what that is here. */
static const struct place {
    const char *name;
    enum what only; /* what is seen there, by its type; WHATS: anything */
    enum { AS_IT_IS, AS_SERVER_NAME, AS_NAMES } as;
    enum whose role;
} places[] = {
    {"Intel::IN_ANYWHERE", WHATS, AS_IT_IS, WHOSE_EITHER},
    {"X509::IN_CERT", WHAT_DOMAIN, AS_NAMES, WHOSE_EITHER},
    {"X509::IN_CERT", WHAT_SAN, AS_IT_IS, WHOSE_EITHER},
    {"X509::IN_CERT", WHAT_SHA1, AS_IT_IS, WHOSE_EITHER},
    {"Files::IN_HASH", WHAT_SHA1, AS_IT_IS, WHOSE_EITHER},
    {"SSL::IN_SERVER_NAME", WHAT_DOMAIN, AS_SERVER_NAME, WHOSE_EITHER},
    {"Conn::IN_ORIG", WHAT_ADDRESS, AS_IT_IS, WHOSE_CLIENT},
    {"Conn::IN_RESP", WHAT_ADDRESS, AS_IT_IS, WHOSE_SERVER},
};

/* NULL: what is of this type is not seen there, or nothing is. */
static const struct place *
place_of(struct bytes name, enum what what)
{
    if (!name.len)
        return &places[0];
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (bytes_equal_string(name, places[i].name) &&
            (places[i].only == what || places[i].only == WHATS))
            return &places[i];
    return NULL;
}

static void
pass_over(struct list_reader *reader, struct bytes what, struct bytes type, unsigned long number)
{
    struct text shown = {0};
    text_add_written(&shown, what, 40);
    if (type.len) {
        text_add_string(&shown, " in ");
        text_add_written(&shown, type, 40);
    }
    list_skip(reader);
    list_warn(reader, "line %lu: nothing is done with %s", number, text_string(&shown));
    text_free(&shown);
}

/* As Zeek reads it: "T", "True" or "1". */
static bool
read_flag(struct list_reader *reader, const struct bytes cells[COLUMNS], enum column column,
    bool *flag, unsigned long number, struct fault *why)
{
    static const char *const words[2][3] = {{"F", "False", "0"}, {"T", "True", "1"}};
    *flag = false;
    for (int value = 0; value < 2; value++)
        for (int i = 0; i < 3; i++)
            if (bytes_equal_nocase(cells[column], bytes_from_string(words[value][i]))) {
                *flag = value == 1;
                return true;
            }
    return !cells[column].len ||
           list_fault(reader, number, why, "%s is neither T nor F", column_names[column]);
}

/* A line of a type that is watched for. */
struct item {
    struct value value;
    enum what what; /* of its type */
    bool remove, allow, quiet;
};

enum found { FOUND, NOT_OURS, WRONG };

static enum found
read_item(struct list_reader *reader, const struct bytes cells[COLUMNS], unsigned long number,
    struct item *item, struct fault *why)
{
    struct fault complaint = {0};
    bool notice;
    size_t type = 0;
    while (type < TYPES && !bytes_equal_string(cells[TYPE], types[type].name))
        type++;
    if (type == TYPES)
        return NOT_OURS;
    if (!read_flag(reader, cells, REMOVE, &item->remove, number, why) ||
        !read_flag(reader, cells, WHITELIST, &item->allow, number, why) ||
        !read_flag(reader, cells, DO_NOTICE, &notice, number, why))
        return WRONG;
    item->what = types[type].what;
    item->quiet = cells[DO_NOTICE].len && !notice;
    bool good = types[type].fingerprint ? value_from_fingerprint(cells[INDICATOR], &reader->room,
                                              &item->value, &complaint)
                                        : value_from_text(item->what, cells[INDICATOR],
                                              &reader->room, &item->value, &complaint);
    if (!good)
        list_fault(reader, number, why, "%s", complaint.text);
    return good ? FOUND : WRONG;
}

/* A reading of the whole file; of two the first only looks for what is taken back. */
struct reading {
    struct list_reader *reader;
    struct intel_columns layout;
    struct zeek_removals removals;
    bool adds;
};

static bool
add_item(struct reading *reading, const struct item *item, const struct bytes cells[COLUMNS],
    const struct place *place, unsigned long number, struct fault *why)
{
    struct list_reader *reader = reading->reader;
    struct value names[2] = {item->value, item->value};
    struct clause clause = {.any = names, .len = 1};
    struct watch watch = {.all = &clause, .len = 1, .say = list_saying(reader), .line = number};
    if (place->as == AS_SERVER_NAME)
        names[0].what = WHAT_SERVER_NAME;
    if (place->as == AS_NAMES) {
        names[0].what = WHAT_COMMON_NAME;
        names[1].what = WHAT_SAN;
        clause.len = 2;
    }
    watch.when.role = place->role;
    watch.allow = item->allow;
    struct bytes description = cells[DESCRIPTION].len ? cells[DESCRIPTION] : cells[SOURCE];
    watch.say.description = list_string(reader, description);
    watch.say.reference = list_string(reader, cells[URL]);
    if (item->quiet)
        watch.say.severity = SEVERITY_LOW;
    return list_add(reader, &watch, why);
}

static bool
take_cells(struct reading *reading, const struct bytes cells[COLUMNS], unsigned long number,
    struct fault *why)
{
    struct list_reader *reader = reading->reader;
    struct item item = {0};
    enum found found = read_item(reader, cells, number, &item, why);
    if (found == WRONG)
        return false;
    if (!reading->adds)
        return found == NOT_OURS || !item.remove ||
               zeek_removals_note(&reading->removals, &item.value, cells[SOURCE], number) ||
               list_fault(reader, number, why, "not enough memory");
    if (found == NOT_OURS) {
        pass_over(reader, cells[TYPE], (struct bytes){0}, number);
        return true;
    }
    if (item.remove || zeek_removals_have(&reading->removals, &item.value, cells[SOURCE], number)) {
        list_skip(reader);
        return true;
    }
    const struct place *place = place_of(cells[IF_IN], item.what);
    if (place)
        return add_item(reading, &item, cells, place, number, why);
    pass_over(reader, cells[TYPE], cells[IF_IN], number);
    return true;
}

static bool
read_line(struct reading *reading, struct bytes line, unsigned long number, struct fault *why)
{
    struct bytes cells[COLUMNS] = {{0}};
    struct list_reader *reader = reading->reader;
    if (bytes_start_with(line, bytes_from_string("#fields\t")))
        return read_fields(reader, line, number, &reading->layout, why);
    if (line_is_comment(line))
        return true;
    if (!reading->layout.len)
        return list_fault(reader, number, why, "an indicator before the #fields line");
    return read_cells(reader, line, number, &reading->layout, cells, why) &&
           take_cells(reading, cells, number, why);
}

static bool
read_lines(struct reading *reading, bool adds, struct fault *why)
{
    struct lines lines = lines_of(reading->reader->content);
    struct bytes line;
    reading->adds = adds;
    reading->layout = (struct intel_columns){0};
    while (lines_next(&lines, &line)) {
        if (!read_line(reading, line, lines.number, why))
            return false;
        arena_empty(&reading->reader->room);
    }
    return true;
}

static bool
read_zeek(struct list_reader *reader, struct fault *why)
{
    struct reading reading = {
        .reader = reader, .removals = zeek_removals_new(&reader->rules->pool)};
    struct bytes column = bytes_from_string(column_names[REMOVE]);
    bool removes = bytes_find(reader->content, column) != SIZE_MAX;
    bool good = (!removes || read_lines(&reading, false, why)) && read_lines(&reading, true, why);
    unsigned long idle = zeek_removals_idle(&reading.removals);
    if (good && idle)
        list_warn(reader, "line %lu: nothing before it is removed", idle);
    zeek_removals_free(&reading.removals);
    return good;
}

const struct list_format zeek_intel_format = {
    .name = "zeek-intel", .looks_like = looks_zeek, .read = read_zeek};
