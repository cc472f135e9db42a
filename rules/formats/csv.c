/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables with a header that names the columns (RFC 4180; commas, semicolons or tabs). Columns have
 * the names that keys have in our own YAML, and a few that other people use. Several fingerprints
 * in one row are ways to be hit; everything else in it must hold too.
 */
#include "rules/draft.h"
#include "rules/formats/formats.h"
#include "rules/shown.h"

#include <ctype.h>

enum { MOST_COLUMNS = 64, NO_COLUMN = DRAFT_KEYS };

/* Names in other people's tables, without case, '_', '-' and spaces. */
static const struct {
    const char *theirs, *ours;
} aliases[] = {
    {"fingerprint", "certificate"},
    {"hash", "certificate"},
    {"thumbprint", "certificate"},
    {"certhash", "certificate"},
    {"sha256fingerprint", "sha256"},
    {"fingerprintsha256", "sha256"},
    {"sha1fingerprint", "sha1"},
    {"fingerprintsha1", "sha1"},
    {"md5fingerprint", "md5"},
    {"fingerprintmd5", "md5"},
    {"spkisha256", "spki"},
    {"pinsha256", "spki"},
    {"serialnumber", "serial"},
    {"cn", "common_name"},
    {"sni", "server_name"},
    {"ip", "address"},
    {"network", "address"},
    {"hostname", "domain"},
    {"ja3hash", "ja3"},
    {"ja3fingerprint", "ja3"},
    {"comment", "description"},
    {"reason", "description"},
    {"listingreason", "description"},
    {"url", "reference"},
    {"link", "reference"},
    {"expires", "valid_until"},
};

static bool
is_letter(uint8_t c)
{
    return c != '_' && c != '-' && c != ' ';
}

/* Are both the same word but for case and what parts its words? */
static bool
same_name(struct bytes a, struct bytes b)
{
    struct reader left = reader_over(a);
    struct reader right = reader_over(b);
    for (;;) {
        uint8_t c = 0, d = 0;
        while (reader_more(&left) && !is_letter(c = read_u8(&left)))
            c = 0;
        while (reader_more(&right) && !is_letter(d = read_u8(&right)))
            d = 0;
        if (tolower(c) != tolower(d))
            return false;
        if (!c)
            return true;
    }
}

static size_t
column_key(struct bytes name)
{
    for (size_t key = 0; key < DRAFT_KEYS; key++)
        if (same_name(name, bytes_from_string(draft_keys[key].name)))
            return key;
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (same_name(name, bytes_from_string(aliases[i].theirs)))
            return draft_key_named(bytes_from_string(aliases[i].ours));
    return NO_COLUMN;
}

/* Does it say what is watched for? */
static bool
is_indicator(size_t key)
{
    return key != NO_COLUMN && !draft_keys[key].by_default && !draft_keys[key].condition;
}

/* One record, which quoted line ends may spread over several lines. */
struct record {
    struct text text; /* of all fields */
    size_t ends[MOST_COLUMNS];
    size_t len;
    unsigned long line; /* where it begins */
    bool too_long, open_quote;
};

static struct bytes
field(const struct record *record, size_t i)
{
    size_t start = i ? record->ends[i - 1] : 0;
    return bytes_trim(bytes_of(record->text.at + start, record->ends[i] - start));
}

static void
end_field(struct record *record)
{
    if (record->len == MOST_COLUMNS)
        record->too_long = true;
    else
        record->ends[record->len++] = record->text.len;
}

/* Takes one quoted character or the end of the quotes. */
static bool
in_quotes(struct record *record, struct reader *r, uint8_t c)
{
    if (c != '"') {
        text_add_char(&record->text, (char)c);
        return true;
    }
    struct reader ahead = *r;
    if (!reader_more(r) || read_u8(&ahead) != '"')
        return false;
    *r = ahead;
    text_add_char(&record->text, '"');
    return true;
}

static bool
next_record(struct reader *r, unsigned long *line, uint8_t separator, struct record *record)
{
    bool quoted = false;
    size_t start = 0; /* of the field, in the text */
    if (!reader_more(r))
        return false;
    text_clear(&record->text);
    text_reserve(&record->text, 0);
    record->len = 0;
    record->line = ++*line;
    record->too_long = false;
    while (reader_more(r)) {
        uint8_t c = read_u8(r);
        if (quoted) {
            quoted = in_quotes(record, r, c);
            *line += c == '\n';
        } else if (c == '"' && record->text.len == start) {
            quoted = true;
        } else if (c == separator) {
            end_field(record);
            start = record->text.len;
        } else if (c == '\n') {
            break;
        } else {
            text_add_char(&record->text, (char)c);
        }
    }
    record->open_quote = quoted;
    end_field(record);
    return true;
}

static bool
is_nothing(const struct record *record)
{
    return record->len == 1 && line_is_comment(field(record, 0));
}

/* The one that parts most columns of the header. */
static uint8_t
separator_of(struct bytes header)
{
    static const uint8_t separators[] = {',', ';', '\t'};
    uint8_t best = ',';
    size_t most = 0;
    for (size_t i = 0; i < sizeof separators; i++) {
        struct bytes rest = header;
        size_t count = 0;
        while (bytes_find_byte(rest, separators[i]) < rest.len) {
            line_field(&rest, separators[i]);
            count++;
        }
        if (count > most) {
            most = count;
            best = separators[i];
        }
    }
    return best;
}

static bool
find_header(struct bytes content, struct bytes *header)
{
    struct lines lines = lines_of(content);
    while (lines_next(&lines, header))
        if (!line_is_comment(*header))
            return true;
    return false;
}

static bool
looks_csv(struct bytes content)
{
    struct bytes header;
    if (!find_header(content, &header) || header.len > 4096)
        return false;
    uint8_t separator = separator_of(header);
    while (header.len) {
        struct bytes name = bytes_trim(line_field(&header, separator));
        if (name.len > 1 && bytes_start_with(name, bytes_from_string("\"")))
            name = bytes_first(bytes_skip(name, 1), name.len - 2);
        if (is_indicator(column_key(name)))
            return true;
    }
    return false;
}

/* A column we do not know is passed over, but one that is almost a condition is a slip of the pen,
 * and passing it over would make the row hit where it must not. */
static bool
read_header(struct list_reader *reader, const struct record *header, size_t columns[MOST_COLUMNS],
    struct fault *why)
{
    bool indicator = false;
    for (size_t i = 0; i < header->len; i++) {
        struct bytes name = field(header, i);
        columns[i] = column_key(name);
        indicator = indicator || is_indicator(columns[i]);
        if (columns[i] != NO_COLUMN)
            continue;
        size_t distance;
        size_t nearest = draft_key_nearest(name, &distance);
        struct text shown = {0};
        text_add_written(&shown, name, 40);
        bool slip = draft_keys[nearest].condition && distance <= 2 && name.len > 3;
        if (slip)
            list_fault(reader, header->line, why, "is the column \"%s\" meant to be \"%s\"?",
                text_string(&shown), draft_keys[nearest].name);
        else if (name.len)
            list_warn(reader, "line %lu: nothing is done with the column \"%s\"", header->line,
                text_string(&shown));
        text_free(&shown);
        if (slip)
            return false;
    }
    return indicator || list_fault(reader, header->line, why, "no column says what is watched for");
}

static bool
set_words(struct draft *draft, size_t key, struct bytes text, struct fault *complaint)
{
    while (text.len) {
        struct bytes word = bytes_trim(line_field(&text, ' '));
        if (word.len && !draft_set(draft, key, word, complaint))
            return false;
    }
    return true;
}

static bool
read_record(struct list_reader *reader, const struct record *record,
    const size_t columns[MOST_COLUMNS], size_t count, struct fault *why)
{
    struct draft draft = {.room = &reader->room, .any_key = true, .say = list_saying(reader)};
    struct clause clauses[CLAUSES];
    struct watch watch;
    struct fault complaint = {0};
    if (record->open_quote)
        return list_fault(reader, record->line, why, "a quote that does not end");
    if (record->too_long || record->len > count)
        return list_fault(reader, record->line, why, "more fields than the header has columns");
    for (size_t i = 0; i < record->len; i++) {
        struct bytes text = field(record, i);
        size_t key = columns[i];
        if (key == NO_COLUMN || text.len == 0 || bytes_equal_string(text, "-"))
            continue;
        bool split = draft_keys[key].many && draft_keys[key].words;
        bool good = split ? set_words(&draft, key, text, &complaint)
                          : draft_set(&draft, key, text, &complaint);
        if (!good)
            return list_fault(
                reader, record->line, why, "%s: %s", draft_keys[key].name, complaint.text);
    }
    if (!draft_watch(&draft, record->line, clauses, &watch, &complaint))
        return list_fault(reader, record->line, why, "%s", complaint.text);
    return list_add(reader, &watch, why);
}

static bool
read_csv(struct list_reader *reader, struct fault *why)
{
    struct reader r = reader_over(reader->content);
    struct record record = {0};
    struct bytes header = {0};
    size_t columns[MOST_COLUMNS];
    size_t count = 0;
    unsigned long line = 0;
    bool good = true;
    find_header(reader->content, &header);
    uint8_t separator = separator_of(header);
    while (good && next_record(&r, &line, separator, &record)) {
        if (is_nothing(&record))
            continue;
        if (count) {
            good = read_record(reader, &record, columns, count, why);
        } else {
            good = read_header(reader, &record, columns, why);
            count = record.len;
        }
        arena_empty(&reader->room);
    }
    text_free(&record.text);
    return good;
}

const struct list_format csv_format = {.name = "csv", .looks_like = looks_csv, .read = read_csv};
