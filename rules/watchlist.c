/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/watchlist.h"

#include "rules/formats/formats.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint64_t most_bytes = UINT64_C(4) << 30;

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
    &sslbl_csv_format,
    &csv_format,
    &plain_format,
};
enum { FORMATS = sizeof formats / sizeof *formats };

struct saying
list_saying(const struct list_reader *reader)
{
    struct saying say = saying_default();
    say.list = reader->list;
    return say;
}

bool
list_fault(const struct list_reader *reader, unsigned long line, struct fault *why,
    const char *format, ...)
{
    char text[768];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (line)
        return fault_set(why, "%s:%lu: %s", reader->path, line, text);
    return fault_set(why, "%s: %s", reader->path, text);
}

bool
list_add(struct list_reader *reader, const struct watch *watch, struct fault *why)
{
    struct fault complaint = {0};
    if (!watch_is_sensible(watch, &complaint))
        return list_fault(reader, watch->line, why, "%s", complaint.text);
    const struct ruleset *rules = reader->rules;
    if (rules->listener.entry &&
        !rules->listener.entry(rules->listener.owner, rules->lists[reader->list].name, watch, why))
        return false;
    bool keeps = !rules->listener.keeps || rules->listener.keeps(rules->listener.owner, watch);
    if (!keeps) {
        reader->skipped++;
        return true;
    }
    if (!rules->only_told && !store_add(reader->rules, watch))
        return list_fault(reader, watch->line, why, "not enough memory");
    reader->entries += watch_leading(watch)->len;
    return true;
}

bool
list_add_value(struct list_reader *reader, const struct value *value, const struct saying *say,
    unsigned long line, struct fault *why)
{
    struct clause clause = {.any = value, .len = 1};
    struct watch watch = {.all = &clause, .len = 1, .say = *say, .line = line};
    return list_add(reader, &watch, why);
}

bool
list_add_chain_length(struct list_reader *reader, size_t length, const struct saying *say,
    unsigned long line, struct fault *why)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%zu", length);
    struct value value = {.what = WHAT_CHAIN_LENGTH, .value = bytes_from_string(digits)};
    struct clause clause = {.any = &value, .len = 1};
    struct watch watch = {.all = &clause, .len = 1, .say = *say, .line = line};
    watch.say.has_note = true;
    watch.say.note = NOTE_POSSIBLE_WATCHED_CERTIFICATE;
    const struct entries_listener *listener = &reader->rules->listener;
    if (listener->keeps && !listener->keeps(listener->owner, &watch))
        return true;
    return reader->rules->only_told || store_add(reader->rules, &watch) ||
           list_fault(reader, line, why, "not enough memory");
}

void
list_skip(struct list_reader *reader)
{
    reader->skipped++;
}

void
list_warn(struct list_reader *reader, const char *format, ...)
{
    char text[512];
    const struct entries_listener *listener = &reader->rules->listener;
    va_list arguments;
    if (reader->warning.len && !listener->warning)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (listener->warning)
        listener->warning(listener->owner, reader->path, text);
    if (!reader->warning.len)
        text_add_string(&reader->warning, text);
}

bool
list_rename(struct list_reader *reader, struct bytes name, struct fault *why)
{
    const char *copy = store_string(reader->rules, name);
    if (!copy)
        return list_fault(reader, 0, why, "not enough memory");
    reader->rules->lists[reader->list].name = copy;
    return true;
}

const char *
list_string(struct list_reader *reader, struct bytes text)
{
    char *copy = arena_take(&reader->room, text.len + 1);
    assert(copy);
    if (text.len)
        memcpy(copy, text.at, text.len);
    return copy;
}

struct lines
lines_of(struct bytes content)
{
    return (struct lines){.left = reader_over(content)};
}

bool
lines_next(struct lines *lines, struct bytes *line)
{
    if (!reader_more(&lines->left))
        return false;
    struct bytes left = bytes_of(lines->left.at, reader_left(&lines->left));
    *line = read_bytes(&lines->left, bytes_find_byte(left, '\n'));
    if (reader_more(&lines->left))
        read_u8(&lines->left);
    lines->number++;
    while (line->len && bytes_equal_string(bytes_skip(*line, line->len - 1), "\r"))
        line->len--;
    return true;
}

bool
line_is_comment(struct bytes line)
{
    line = bytes_trim(line);
    return line.len == 0 || bytes_start_with(line, bytes_from_string("#"));
}

struct bytes
line_field(struct bytes *line, uint8_t separator)
{
    size_t end = bytes_find_byte(*line, separator);
    struct bytes field = bytes_first(*line, end);
    *line = bytes_skip(*line, end + 1);
    return field;
}

/* Reads a whole file of a size that only its end tells: a pipe has none. */
static bool
read_all(int fd, const char *path, struct text *out, struct fault *why)
{
    struct stat about;
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode)) {
        if ((uint64_t)about.st_size > most_bytes)
            return fault_set(why, "%s: larger than 4 GiB", path);
        text_reserve(out, (size_t)about.st_size + 1);
    }
    for (;;) {
        enum { AT_ONCE = 1 << 20 };
        size_t free_bytes = out->room - out->len;
        size_t want = free_bytes > 2 ? free_bytes - 1 : AT_ONCE;
        ssize_t got = read(fd, text_reserve(out, want), want);
        if (got == 0)
            return true;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fault_set(why, "%s: %s", path, strerror(errno));
        out->len += (size_t)got;
        if (out->len > most_bytes)
            return fault_set(why, "%s: larger than 4 GiB", path);
    }
}

bool
list_read_file(const char *path, struct text *out, struct fault *why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fault_set(why, "%s: %s", path, strerror(errno));
    bool good = read_all(fd, path, out, why);
    close(fd);
    return good;
}

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

static const struct list_format *
format_of(const char *path, struct bytes content, struct fault *why)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (formats[i]->looks_like(content))
            return formats[i];
    unknown_format(path, content, why);
    return NULL;
}

static const char *
last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
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
read_list(struct ruleset *rules, const char *path, const struct list_format *format,
    struct bytes content, struct fault *why)
{
    struct list_reader reader = {
        .rules = rules, .path = path, .content = content, .room = {.pool = &rules->pool}};
    bool good =
        begin_list(&reader, format, why) && format->read(&reader, why) && end_list(&reader, why);
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
add_file(
    struct ruleset *rules, const char *path, const struct list_format *format, struct fault *why)
{
    struct text file = {0};
    if (format == &compiled_format || (!format && is_compiled(path)))
        return read_list(rules, path, &compiled_format, (struct bytes){0}, why);
    bool good = list_read_file(path, &file, why);
    if (good) {
        struct bytes content = without_mark(text_bytes(&file));
        if (!format)
            format = format_of(path, content, why);
        good = format && read_list(rules, path, format, content, why);
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
add_folder(
    struct ruleset *rules, const char *path, const struct list_format *format, struct fault *why)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, is_list_file, alphasort);
    bool good = count >= 0 || fault_set(why, "%s: %s", path, strerror(errno));
    size_t files = 0;
    for (int i = 0; i < count; i++) {
        struct text file = {0};
        struct stat about;
        text_add_format(&file, "%s/%s", path, entries[i]->d_name);
        if (good && stat(text_string(&file), &about) == 0 && S_ISREG(about.st_mode)) {
            good = add_file(rules, text_string(&file), format, why);
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

/* Takes "FORMAT:" off the front of a source, unless what stands there is part of a path. */
static bool
split_source(
    const char *source, const struct list_format **format, const char **path, struct fault *why)
{
    struct bytes all = bytes_from_string(source);
    struct bytes name = bytes_first(all, bytes_find_byte(all, ':'));
    *format = NULL;
    *path = source;
    if (name.len == all.len)
        return true;
    *format = format_named(name);
    if (*format) {
        *path = source + name.len + 1;
        return true;
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
    const struct list_format *format;
    const char *path;
    struct stat about;

    assert(!ruleset->finished);
    if (!split_source(source, &format, &path, why))
        return false;
    if (stat(path, &about) != 0)
        return fault_set(why, "%s: %s", path, strerror(errno));
    if (!S_ISDIR(about.st_mode))
        return add_file(ruleset, path, format, why);
    if ((!format || format == &misp_format) && has_file(path, "manifest.json"))
        return read_list(ruleset, path, &misp_feed_format, (struct bytes){0}, why);
    return add_folder(ruleset, path, format, why);
}
