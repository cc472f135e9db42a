/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void
fail(const char *what, const char *name)
{
    fprintf(stderr, "folder: %s: %s\n", what, name);
    abort();
}

struct folder
folder_new(void)
{
    struct folder folder = {.path = "/tmp/certtap-test-XXXXXX"};
    if (!mkdtemp(folder.path))
        fail("cannot make", folder.path);
    return folder;
}

static struct text
path_in(const struct folder *folder, const char *name)
{
    struct text path = {0};
    text_add_format(&path, "%s/%s", folder->path, name);
    return path;
}

static int
is_shown(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

struct text
folder_list(const struct folder *folder)
{
    struct dirent **entries;
    struct text list = {0};
    int count = scandir(folder->path, &entries, is_shown, alphasort);
    if (count < 0)
        fail("cannot list", folder->path);
    for (int i = 0; i < count; i++) {
        text_add_string(&list, entries[i]->d_name);
        text_add_char(&list, '\n');
        free(entries[i]);
    }
    free(entries);
    return list;
}

void
folder_remove(struct folder *folder)
{
    struct text list = folder_list(folder);
    char *rest = list.at;
    for (char *end; rest && (end = strchr(rest, '\n')); rest = end + 1) {
        *end = '\0';
        struct text path = path_in(folder, rest);
        unlink(path.at);
        text_free(&path);
    }
    text_free(&list);
    rmdir(folder->path);
}

struct text
folder_read(const struct folder *folder, const char *name)
{
    struct text path = path_in(folder, name);
    struct text content = {0};
    FILE *file = fopen(path.at, "r");
    text_add_string(&content, "");
    for (size_t n = 1; file && n > 0; content.len += n)
        n = fread(text_reserve(&content, 65536), 1, 65536, file);
    content.at[content.len] = '\0';
    if (file)
        fclose(file);
    text_free(&path);
    return content;
}

bool
folder_has(const struct folder *folder, const char *name)
{
    struct text path = path_in(folder, name);
    bool has = access(path.at, F_OK) == 0;
    text_free(&path);
    return has;
}

void
folder_write_bytes(const struct folder *folder, const char *name, struct bytes content)
{
    struct text path = path_in(folder, name);
    FILE *file = fopen(path.at, "wb");
    size_t written = file && content.len ? fwrite(content.at, 1, content.len, file) : 0;
    if (!file || fclose(file) != 0 || written != content.len)
        fail("cannot write", path.at);
    text_free(&path);
}

void
folder_write(const struct folder *folder, const char *name, const char *content)
{
    folder_write_bytes(folder, name, bytes_from_string(content));
}

void
folder_leave_out(const struct folder *folder, struct fault *why)
{
    size_t len = strlen(folder->path) + 1;
    for (char *at; (at = strstr(why->text, folder->path));)
        memmove(at, at + len, strlen(at + len) + 1);
}

void
folder_link(const struct folder *folder, const char *name, const char *target)
{
    struct text path = path_in(folder, name);
    if (symlink(target, path.at) != 0)
        fail("cannot link", path.at);
    text_free(&path);
}

size_t
count_of(const char *text, const char *what)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
        count++;
    return count;
}

/* The next line of `text` without its newline. */
static bool
next_line(struct bytes *text, struct bytes *line)
{
    size_t end = bytes_find_byte(*text, '\n');
    *line = bytes_first(*text, end);
    bool more = text->len > 0;
    *text = bytes_skip(*text, end + 1);
    return more;
}

static struct bytes
nth_field(struct bytes line, size_t index)
{
    for (; index > 0; index--) {
        size_t tab = bytes_find_byte(line, '\t');
        if (tab == line.len)
            fail("too few fields", "");
        line = tab + 1 < line.len ? bytes_skip(line, tab + 1) : bytes_of("", 0);
    }
    return bytes_first(line, bytes_find_byte(line, '\t'));
}

struct bytes
field_of(const struct text *text, size_t skip, size_t index)
{
    struct bytes rest = text_bytes(text);
    struct bytes line;
    while (next_line(&rest, &line))
        if (!bytes_start_with(line, bytes_from_string("#")) && skip-- == 0)
            return nth_field(line, index);
    fail("no such line", text_string(text));
    return line;
}

struct bytes
column_of(const struct text *text, size_t skip, const char *name)
{
    struct bytes rest = text_bytes(text);
    struct bytes line;
    while (next_line(&rest, &line)) {
        if (!bytes_start_with(line, bytes_from_string("#fields\t")))
            continue;
        struct bytes names = bytes_skip(line, strlen("#fields\t"));
        for (size_t i = 0; names.len; i++) {
            size_t tab = bytes_find_byte(names, '\t');
            if (bytes_equal_string(bytes_first(names, tab), name))
                return field_of(text, skip, i);
            names = bytes_skip(names, tab + 1);
        }
    }
    fail("no such column", name);
    return line;
}
