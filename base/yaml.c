/* SPDX-License-Identifier: Apache-2.0 */
#include "base/yaml.h"

#include "base/text.h"

#include <errno.h>
#include <libfyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct yaml {
    struct fy_document *document; /* NULL: the file is empty */
    char *path;
    struct text text; /* of a file: nodes point into it */
};

static struct fy_diag *
silent_diagnostics(void)
{
    struct fy_diag_cfg config;
    fy_diag_cfg_default(&config);
    config.fp = NULL; /* collected, not printed */
    struct fy_diag *diag = fy_diag_create(&config);
    if (!diag)
        abort();
    fy_diag_set_collect_errors(diag, true);
    return diag;
}

/* False when nothing is wrong: then there is no document because there is nothing in the file. */
static bool
say_why(const char *path, struct fy_diag *diag, struct fault *why)
{
    void *step = NULL;
    struct fy_diag_error *error = fy_diag_errors_iterate(diag, &step);
    if (error)
        fault_set(why, "%s:%d:%d: %s", path, error->line, error->column, error->msg);
    return error != NULL;
}

static bool
read_file(const char *path, struct text *text, struct fault *why)
{
    enum { PIECE = 1 << 14 };
    FILE *file = fopen(path, "re");
    size_t got = 0;
    do {
        got = file ? fread(text_reserve(text, PIECE), 1, PIECE, file) : 0;
        text->len += got;
    } while (got);
    bool good = file && !ferror(file);
    if (!good)
        fault_set(why, "%s: %s", path, strerror(errno)); /* a folder can be opened, too */
    if (file)
        fclose(file);
    return good;
}

/* The library takes a NUL for the end: what stands behind it would count for nothing. */
bool
yaml_is_text(const char *name, struct bytes text, struct fault *why)
{
    unsigned line = 1;
    size_t end = bytes_find_byte(text, '\0');
    for (size_t i = 0; i < end; i++)
        line += bytes_at(text, i) == '\n';
    return end == text.len || fault_set(why, "%s:%u: has a NUL in it", name, line);
}

struct yaml *
yaml_open_text(const char *name, struct bytes text, struct fault *why)
{
    if (!yaml_is_text(name, text, why))
        return NULL;
    struct fy_diag *diag = silent_diagnostics();
    struct fy_parse_cfg config = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG, .diag = diag};
    struct fy_document *document =
        fy_document_build_from_string(&config, text.at ? (const char *)text.at : "", text.len);
    struct yaml *yaml = NULL;
    if (document || !say_why(name, diag, why)) {
        yaml = calloc(1, sizeof *yaml);
        if (!yaml || !(yaml->path = strdup(name)))
            abort();
        yaml->document = document;
    }
    fy_diag_destroy(diag);
    return yaml;
}

struct yaml *
yaml_open(const char *path, struct fault *why)
{
    struct text text = {0};
    struct yaml *yaml =
        read_file(path, &text, why) ? yaml_open_text(path, text_bytes(&text), why) : NULL;
    if (yaml)
        yaml->text = text;
    else
        text_free(&text);
    return yaml;
}

void
yaml_close(struct yaml *yaml)
{
    if (!yaml)
        return;
    if (yaml->document)
        fy_document_destroy(yaml->document);
    text_free(&yaml->text);
    free(yaml->path);
    free(yaml);
}

struct fy_node *
yaml_root(const struct yaml *yaml)
{
    return yaml->document ? fy_document_root(yaml->document) : NULL;
}

/* libfyaml's readers take no const, and change nothing. */
static struct fy_node *
plain(const struct fy_node *node)
{
    return (struct fy_node *)(uintptr_t)node;
}

bool
yaml_is_mapping(const struct fy_node *node)
{
    return node && fy_node_is_mapping(plain(node));
}

bool
yaml_is_sequence(const struct fy_node *node)
{
    return node && fy_node_is_sequence(plain(node));
}

bool
yaml_scalar(const struct fy_node *node, struct bytes *text)
{
    if (!node || !fy_node_is_scalar(plain(node)))
        return false;
    size_t len = 0;
    const char *at = fy_node_get_scalar(plain(node), &len);
    *text = bytes_of(at, at ? len : 0);
    return true;
}

bool
yaml_next_pair(struct fy_node *mapping, void **step, struct fy_node **key, struct fy_node **value)
{
    struct fy_node_pair *pair = fy_node_mapping_iterate(mapping, step);
    if (!pair)
        return false;
    *key = fy_node_pair_key(pair);
    *value = fy_node_pair_value(pair);
    return true;
}

bool
yaml_next_item(struct fy_node *sequence, void **step, struct fy_node **item)
{
    *item = fy_node_sequence_iterate(sequence, step);
    return *item != NULL;
}

/* The first scalar in a node says where it stands. */
static const struct fy_mark *
mark_of(struct fy_node *node)
{
    while (node && !fy_node_is_scalar(node)) {
        void *step = NULL;
        struct fy_node *inner = NULL;
        struct fy_node *value = NULL;
        if (fy_node_is_mapping(node))
            yaml_next_pair(node, &step, &inner, &value);
        else
            yaml_next_item(node, &step, &inner);
        node = inner;
    }
    struct fy_token *token = node ? fy_node_get_scalar_token(node) : NULL;
    return token ? fy_token_start_mark(token) : NULL;
}

unsigned
yaml_line(const struct fy_node *node)
{
    const struct fy_mark *mark = mark_of(plain(node));
    return mark ? (unsigned)mark->line + 1 : 0;
}

bool
yaml_fault(
    const struct yaml *yaml, const struct fy_node *node, struct fault *why, const char *format, ...)
{
    const struct fy_mark *mark = mark_of(plain(node));
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (!mark)
        return fault_set(why, "%s: %s", yaml->path, text);
    return fault_set(why, "%s:%d:%d: %s", yaml->path, mark->line + 1, mark->column + 1, text);
}
