/* SPDX-License-Identifier: Apache-2.0
 *
 * Where lists come from: a file or a folder, in a format that is named or recognised.
 */
#include "rules/formats/formats.h"
#include "rules/watchlist.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Asked from the top: what is told surely stands before what is guessed. */
static const struct list_format *const formats[] = {
    &compiled_format, /* its file is mapped: see is_compiled() */
    &crl_format,      /* before PEM, which would take it for its own */
    &pem_format,
    &stix_format,
    &onecrl_format,
    &misp_format,
    &zeek_intel_format,
    &yaml_format,
    &crlite_format,
    &sslbl_csv_format,
    &csv_format,
    &suricata_dataset_format,
    &plain_format,
};
enum { FORMATS = sizeof formats / sizeof *formats };

/* A source, taken apart. */
struct origin {
    const char *path;
    const struct list_format *format; /* NULL: it is recognised */
    struct bytes options;
};

static struct bytes
without_mark(struct bytes content)
{
    struct bytes mark = bytes_from_string("\xef\xbb\xbf");
    return bytes_start_with(content, mark) ? bytes_skip(content, mark.len) : content;
}

static const struct list_format *
format_named(struct bytes name)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (bytes_equal_nocase(name, bytes_from_string(formats[i]->name)))
            return formats[i];
    return NULL;
}

static bool
unknown_format(const char *path, struct bytes content, struct fault *why)
{
    struct bytes start = bytes_trim(bytes_first(content, 64));
    if (bytes_start_with(content, bytes_from_string("\xff\xfe")) ||
        bytes_start_with(content, bytes_from_string("\xfe\xff")))
        return fault_set(why, "%s: is UTF-16: save it as UTF-8", path);
    if (bytes_start_with(start, bytes_from_string("{")) ||
        bytes_start_with(start, bytes_from_string("[")))
        return fault_set(why, "%s: is JSON, but neither of MISP nor STIX nor OneCRL", path);
    return fault_set(why, "%s: is in no list format that is known", path);
}

static const char *
last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

static const struct list_format *
format_of(const char *path, struct bytes content, struct fault *why)
{
    const char *name = last_part(path);
    for (size_t i = 0; i < FORMATS; i++)
        if (formats[i]->looks_like ? formats[i]->looks_like(content)
                                   : formats[i]->looks_named(name, content))
            return formats[i];
    unknown_format(path, content, why);
    return NULL;
}

static bool
begin_list(struct list_reader *reader, const struct list_format *format, struct fault *why)
{
    struct ruleset *rules = reader->rules;
    struct list list = {.format = format->name,
        .name = store_string(rules, bytes_from_string(last_part(reader->path)))};
    reader->list = (uint32_t)rules->lists_len;
    if (!list.name || !store_add_list(rules, &list))
        return fault_set(why, "%s: not enough memory", reader->path);
    return true;
}

static bool
end_list(struct list_reader *reader, struct fault *why)
{
    struct list *list = &reader->rules->lists[reader->list];
    struct fault complaint = {0};
    unsigned long line = 0;
    if (!store_end_list(reader->rules, &line, &complaint))
        return list_fault(reader, line, why, "%s", complaint.text);
    list->entries = reader->entries;
    list->skipped += reader->skipped;
    if (!reader->entries)
        list_warn(reader, "no entries: nothing is watched for by this list");
    if (!reader->warning.len)
        return true;
    list->warning = store_string(reader->rules, text_bytes(&reader->warning));
    return list->warning || fault_set(why, "%s: not enough memory", reader->path);
}

static bool
read_list(
    struct ruleset *rules, const struct origin *origin, struct bytes content, struct fault *why)
{
    struct list_reader reader = {.rules = rules,
        .path = origin->path,
        .options = origin->options,
        .content = content,
        .room = {.pool = &rules->pool}};
    bool good = begin_list(&reader, origin->format, why) && origin->format->read(&reader, why) &&
                end_list(&reader, why);
    arena_empty(&reader.room);
    text_free(&reader.warning);
    return good;
}

/* Told without reading the file, which may be large, and without taking from a pipe. */
static bool
is_compiled(const char *path)
{
    struct stat about;
    char start[8];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool regular = fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
    bool compiled = regular && pread(fd, start, sizeof start, 0) == sizeof start &&
                    compiled_format.looks_like(bytes_of(start, sizeof start));
    if (fd >= 0)
        close(fd);
    return compiled;
}

static bool
add_file(struct ruleset *rules, struct origin origin, struct fault *why)
{
    struct text file = {0};
    if (!origin.format && is_compiled(origin.path))
        origin.format = &compiled_format;
    if (origin.format == &compiled_format)
        return read_list(rules, &origin, (struct bytes){0}, why);
    bool good = list_read_file(origin.path, &file, why);
    if (good) {
        struct bytes content = without_mark(text_bytes(&file));
        if (!origin.format)
            origin.format = format_of(origin.path, content, why);
        good = origin.format && read_list(rules, &origin, content, why);
    }
    text_free(&file);
    return good;
}

static int
is_list_file(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Every file of a folder is a list, in the order of their names; folders in it are not. */
static bool
add_folder(struct ruleset *rules, const struct origin *folder, struct fault *why)
{
    struct dirent **entries = NULL;
    const char *path = folder->path;
    int count = scandir(path, &entries, is_list_file, alphasort);
    bool good = count >= 0 || fault_set(why, "%s: %s", path, strerror(errno));
    size_t files = 0;
    for (int i = 0; i < count; i++) {
        struct text file = {0};
        struct stat about;
        text_add_format(&file, "%s/%s", path, entries[i]->d_name);
        if (good && stat(text_string(&file), &about) == 0 && S_ISREG(about.st_mode)) {
            struct origin origin = *folder;
            origin.path = text_string(&file);
            good = add_file(rules, origin, why);
            files++;
        }
        text_free(&file);
        free(entries[i]);
    }
    free(entries);
    if (good && !files)
        return fault_set(why, "%s: a folder without a list in it", path);
    return good;
}

static bool
has_file(const char *folder, const char *name)
{
    struct text path = {0};
    text_add_format(&path, "%s/%s", folder, name);
    bool found = access(text_string(&path), R_OK) == 0;
    text_free(&path);
    return found;
}

static bool
unknown_option(
    const struct list_format *format, struct bytes name, const char *source, struct fault *why)
{
    struct text known = {0};
    for (size_t i = 0; i < LIST_OPTIONS && format->options[i]; i++)
        text_add_format(&known, "%s%s", i ? ", " : "", format->options[i]);
    fault_set(why, "%s: \"%.*s\" is no option of %s (there are %s)", source, (int)name.len,
        (const char *)name.at, format->name, known.len ? text_string(&known) : "none");
    text_free(&known);
    return false;
}

/* "NAME=VALUE,…", all of which the format must know. */
static bool
check_options(const struct origin *origin, const char *source, struct fault *why)
{
    struct bytes rest = origin->options;
    while (rest.len) {
        struct bytes value = line_field(&rest, ',');
        struct bytes name = line_field(&value, '=');
        size_t i = 0;
        while (i < LIST_OPTIONS && origin->format->options[i] &&
               !bytes_equal_string(name, origin->format->options[i]))
            i++;
        if (i == LIST_OPTIONS || !origin->format->options[i])
            return unknown_option(origin->format, name, source, why);
        if (!value.len)
            return fault_set(why, "%s: %s wants a value: %s=…", source, origin->format->options[i],
                origin->format->options[i]);
    }
    return true;
}

/* Takes "FORMAT:" or "FORMAT,NAME=VALUE:" off the front of a source, unless what stands there is
 * part of a path. */
static bool
split_source(const char *source, struct origin *origin, struct fault *why)
{
    struct bytes all = bytes_from_string(source);
    struct bytes options = bytes_first(all, bytes_find_byte(all, ':'));
    *origin = (struct origin){.path = source};
    if (options.len == all.len)
        return true;
    size_t len = options.len;
    struct bytes name = line_field(&options, ',');
    origin->format = format_named(name);
    if (origin->format) {
        origin->path = source + len + 1;
        origin->options = options;
        return check_options(origin, source, why);
    }
    if (bytes_find_byte(name, '/') < name.len || access(source, F_OK) == 0)
        return true;
    struct text known = {0};
    for (size_t i = 0; i < FORMATS; i++)
        text_add_format(&known, "%s%s", i ? ", " : "", formats[i]->name);
    fault_set(why, "%s: no such file, and \"%.*s\" is no list format (there are %s)", source,
        (int)name.len, source, text_string(&known));
    text_free(&known);
    return false;
}

bool
ruleset_add_list(struct ruleset *ruleset, const char *source, struct fault *why)
{
    struct origin origin;
    struct stat about;

    assert(!ruleset->finished);
    if (!split_source(source, &origin, why))
        return false;
    if (stat(origin.path, &about) != 0)
        return fault_set(why, "%s: %s", origin.path, strerror(errno));
    if (!S_ISDIR(about.st_mode))
        return add_file(ruleset, origin, why);
    if ((!origin.format || origin.format == &misp_format) &&
        has_file(origin.path, "manifest.json")) {
        origin.format = &misp_feed_format;
        return read_list(ruleset, &origin, (struct bytes){0}, why);
    }
    return add_folder(ruleset, &origin, why);
}
