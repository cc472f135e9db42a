/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/watchlist.h"

#include "rules/sensible.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint64_t most_bytes = UINT64_C(4) << 30;

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

bool
list_keep_issuer(
    struct list_reader *reader, struct bytes subject, struct bytes der, struct fault *why)
{
    struct ruleset *rules = reader->rules;
    bool kept[2] = {false, false};
    struct list_issuer *issuers = pool_grow(
        &rules->pool, rules->issuers, &rules->issuers_room, rules->issuers_len, sizeof *issuers);
    if (issuers) {
        rules->issuers = issuers;
        issuers[rules->issuers_len].subject = arena_copy(&rules->arena, subject, &kept[0]);
        issuers[rules->issuers_len].der = arena_copy(&rules->arena, der, &kept[1]);
    }
    if (!kept[0] || !kept[1])
        return list_fault(reader, 0, why, "not enough memory");
    rules->issuers_len++;
    return true;
}

bool
list_option(const struct list_reader *reader, const char *name, struct bytes *value)
{
    struct bytes rest = reader->options;
    while (rest.len) {
        struct bytes option = line_field(&rest, ',');
        if (!bytes_equal_string(line_field(&option, '='), name))
            continue;
        *value = option;
        return true;
    }
    return false;
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
