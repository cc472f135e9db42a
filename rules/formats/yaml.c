/* SPDX-License-Identifier: Apache-2.0
 *
 * certtap's own format, which can say everything that can be watched for (docs/watchlists.md):
 *
 *     entries:
 *       - description: The vendor's client certificate
 *         sha256: 1f2e…
 *         not_from: [203.0.113.0/24]
 *
 * Read event by event, so that every complaint knows its line and column. A key we do not know is a
 * mistake: a condition that is not understood must never be taken for one that holds.
 */
#include "base/yaml.h"
#include "rules/draft.h"
#include "rules/formats/formats.h"
#include "rules/shown.h"

#include <libfyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { LOOK_AT = 65536 };

struct place {
    int line, column;
};

struct yaml_list {
    struct list_reader *reader;
    struct fault *why;
    struct fy_diag *diag;
    struct fy_parser *parser;
    struct fy_event *event; /* the latest */
    struct place place;     /* of it */
    struct draft defaults;
};

static bool complain(struct yaml_list *y, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool
complain(struct yaml_list *y, const char *format, ...)
{
    char text[768];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return fault_set(y->why, "%s:%d:%d: %s", y->reader->path, y->place.line, y->place.column, text);
}

/* The next event that says something. False at the end and when the text is no YAML. */
static bool
next_event(struct yaml_list *y, enum fy_event_type *type)
{
    fy_parser_event_free(y->parser, y->event);
    y->event = fy_parser_parse(y->parser);
    if (!y->event) {
        void *step = NULL;
        struct fy_diag_error *error = fy_diag_errors_iterate(y->diag, &step);
        y->place = error ? (struct place){error->line, error->column} : y->place;
        return complain(y, "%s", error && error->msg ? error->msg : "not YAML");
    }
    const struct fy_mark *mark = fy_event_start_mark(y->event);
    if (mark)
        y->place = (struct place){mark->line + 1, mark->column + 1};
    *type = y->event->type;
    if (*type == FYET_ALIAS)
        return complain(y, "references (*name) are not understood here");
    return true;
}

/* Valid until the next event. */
static struct bytes
scalar_text(const struct yaml_list *y)
{
    size_t len = 0;
    const char *text = fy_token_get_text(y->event->scalar.value, &len);
    return bytes_of(text, text ? len : 0);
}

static bool
unknown_key(struct yaml_list *y, struct bytes name)
{
    struct text shown = {0};
    size_t distance;
    size_t nearest = draft_key_nearest(name, &distance);
    text_add_written(&shown, name, 40);
    complain(y, "\"%s\" is no key here; the nearest one that is known is \"%s\"",
        text_string(&shown), draft_keys[nearest].name);
    text_free(&shown);
    return false;
}

static bool
set(struct yaml_list *y, struct draft *draft, size_t key)
{
    struct fault complaint = {0};
    return draft_set(draft, key, scalar_text(y), &complaint) || complain(y, "%s", complaint.text);
}

static bool
read_items(struct yaml_list *y, struct draft *draft, size_t key)
{
    const char *name = draft_keys[key].name;
    enum fy_event_type type;
    size_t items = 0;
    if (!draft_keys[key].many)
        return complain(y, "\"%s\" takes one value, not a list", name);
    for (;; items++) {
        if (!next_event(y, &type))
            return false;
        if (type == FYET_SEQUENCE_END)
            return items > 0 || complain(y, "\"%s\" has no value", name);
        if (type != FYET_SCALAR)
            return complain(y, "\"%s\" takes plain values", name);
        if (!set(y, draft, key))
            return false;
    }
}

static bool
read_pair(struct yaml_list *y, struct draft *draft, bool defaults, bool seen[DRAFT_KEYS])
{
    enum fy_event_type type;
    if (y->event->type != FYET_SCALAR)
        return complain(y, "a key is a plain word");
    size_t key = draft_key_named(scalar_text(y));
    if (key == DRAFT_KEYS)
        return unknown_key(y, scalar_text(y));
    const char *name = draft_keys[key].name;
    if (defaults && !draft_keys[key].by_default)
        return complain(y, "\"%s\" is an entry's own and has no default", name);
    if (seen[key])
        return complain(y, "\"%s\" stands here twice", name);
    seen[key] = true;
    if (!next_event(y, &type))
        return false;
    if (type == FYET_SEQUENCE_START)
        return read_items(y, draft, key);
    if (type != FYET_SCALAR)
        return complain(y, "\"%s\" takes plain values", name);
    return set(y, draft, key);
}

static bool
read_draft(struct yaml_list *y, struct draft *draft, bool defaults)
{
    bool seen[DRAFT_KEYS] = {false};
    enum fy_event_type type = y->event->type;
    if (type != FYET_MAPPING_START)
        return complain(y, "an entry is a mapping of keys to values");
    for (;;) {
        if (!next_event(y, &type))
            return false;
        if (type == FYET_MAPPING_END)
            return true;
        if (!read_pair(y, draft, defaults, seen))
            return false;
    }
}

static bool
read_entry(struct yaml_list *y)
{
    struct draft draft = {
        .room = &y->reader->room, .when = y->defaults.when, .say = y->defaults.say};
    struct clause clauses[CLAUSES];
    struct fault complaint = {0};
    struct place place = y->place;
    struct watch watch;
    if (!read_draft(y, &draft, false))
        return false;
    draft_inherit(&draft, &y->defaults);
    y->place = place;
    if (!draft_watch(&draft, (unsigned long)place.line, clauses, &watch, &complaint))
        return complain(y, "%s", complaint.text);
    return list_add(y->reader, &watch, y->why);
}

static bool
read_entries(struct yaml_list *y)
{
    enum fy_event_type type = y->event->type;
    if (type == FYET_SCALAR && scalar_text(y).len == 0)
        return true; /* "entries:" and nothing more */
    if (type != FYET_SEQUENCE_START)
        return complain(y, "\"entries\" is a list");
    while (next_event(y, &type)) {
        if (type == FYET_SEQUENCE_END)
            return true;
        if (!read_entry(y))
            return false;
    }
    return false;
}

static bool
read_kind(struct yaml_list *y)
{
    return (y->event->type == FYET_SCALAR && bytes_equal_string(scalar_text(y), "watchlist")) ||
           complain(y, "\"certtap\" says \"watchlist\" here");
}

static bool
read_name(struct yaml_list *y)
{
    if (y->event->type != FYET_SCALAR || scalar_text(y).len == 0)
        return complain(y, "\"name\" is a text");
    return list_rename(y->reader, scalar_text(y), y->why);
}

static bool
read_defaults(struct yaml_list *y)
{
    return read_draft(y, &y->defaults, true);
}

static const struct {
    const char *name;
    bool (*read)(struct yaml_list *y);
} parts[] = {
    {"certtap", read_kind},
    {"name", read_name},
    {"defaults", read_defaults},
    {"entries", read_entries},
};
enum { PARTS = sizeof parts / sizeof *parts, DEFAULTS_PART = 2, ENTRIES_PART = 3 };

static bool
read_part(struct yaml_list *y, bool seen[PARTS])
{
    enum fy_event_type type = y->event->type;
    struct bytes name = type == FYET_SCALAR ? scalar_text(y) : (struct bytes){0};
    for (size_t i = 0; i < PARTS; i++) {
        if (!bytes_equal_string(name, parts[i].name))
            continue;
        if (seen[i])
            return complain(y, "\"%s\" stands here twice", parts[i].name);
        if (i == DEFAULTS_PART && seen[ENTRIES_PART])
            return complain(y, "\"defaults\" stand before \"entries\"");
        seen[i] = true;
        return next_event(y, &type) && parts[i].read(y);
    }
    struct text shown = {0};
    text_add_written(&shown, name, 40);
    complain(y, "\"%s\" is no key here: there are certtap, name, defaults and entries",
        text_string(&shown));
    text_free(&shown);
    return false;
}

static bool
read_document(struct yaml_list *y)
{
    bool seen[PARTS] = {false};
    enum fy_event_type type;
    do {
        if (!next_event(y, &type))
            return false;
        if (type == FYET_STREAM_END)
            return true; /* only comments */
    } while (type == FYET_STREAM_START || type == FYET_DOCUMENT_START);
    if (type == FYET_SCALAR && scalar_text(y).len == 0)
        return next_event(y, &type);
    if (type != FYET_MAPPING_START)
        return complain(y, "a list is a mapping with the key \"entries\"");
    while (next_event(y, &type)) {
        if (type == FYET_MAPPING_END)
            return (seen[ENTRIES_PART] || complain(y, "there are no \"entries\"")) &&
                   next_event(y, &type) && next_event(y, &type) &&
                   (type == FYET_STREAM_END || complain(y, "a list is one document"));
        if (!read_part(y, seen))
            return false;
    }
    return false;
}

static bool
read_yaml(struct list_reader *reader, struct fault *why)
{
    if (!yaml_is_text(reader->path, reader->content, why))
        return false;
    struct yaml_list y = {.reader = reader, .why = why, .place = {1, 1}};
    struct fy_diag_cfg diagnostics;
    fy_diag_cfg_default(&diagnostics);
    y.diag = fy_diag_create(&diagnostics);
    if (!y.diag)
        abort();
    fy_diag_set_collect_errors(y.diag, true);
    struct fy_parse_cfg config = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG, .diag = y.diag};
    y.parser = fy_parser_create(&config);
    if (!y.parser)
        abort();
    y.defaults = (struct draft){.room = &reader->room, .say = list_saying(reader)};
    bool good =
        !fy_parser_set_string(y.parser, (const char *)reader->content.at, reader->content.len) &&
        read_document(&y);
    fy_parser_event_free(y.parser, y.event);
    fy_parser_destroy(y.parser);
    fy_diag_destroy(y.diag);
    return good || fault_set(why, "%s: not YAML", reader->path);
}

/* One of our keys begins a line. */
static bool
looks_yaml(struct bytes content)
{
    struct lines lines = lines_of(bytes_first(content, LOOK_AT));
    struct bytes line;
    while (lines_next(&lines, &line)) {
        struct bytes key = line_field(&line, ':');
        for (size_t i = 0; i < PARTS; i++)
            if (bytes_equal_string(key, parts[i].name))
                return true;
    }
    return false;
}

const struct list_format yaml_format = {
    .name = "yaml", .looks_like = looks_yaml, .read = read_yaml};
