/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* What goes up and down; all else is counted. */
static const char *const gauges[] = {
    "mem",
    "open_flows",
    "secrets_kept",
    "secrets_memory",
    "store_kept",
    "memory_used",
    "memory_peak",
    "memory_limit",
    "list_generation",
    "list_entries",
    "list_skipped",
};

static bool
is_gauge(const char *name)
{
    for (size_t i = 0; i < sizeof gauges / sizeof *gauges; i++)
        if (!strcmp(gauges[i], name))
            return true;
    return false;
}

static void
add_label(struct text *out, const char *sensor)
{
    if (!*sensor)
        return;
    text_add_string(out, "{sensor=\"");
    for (const char *c = sensor; *c; c++) {
        if (*c == '\\' || *c == '"')
            text_add_char(out, '\\');
        if (*c == '\n')
            text_add_string(out, "\\n");
        else
            text_add_char(out, *c);
    }
    text_add_string(out, "\"}");
}

static void
add_metric(
    struct text *out, const struct column *column, const struct stats_row *row, const char *sensor)
{
    bool gauge = is_gauge(column->name);
    const char *ending = gauge ? "" : "_total";
    const uint64_t *value = column_cell(column, row);
    text_add_format(
        out, "# TYPE certtap_%s%s %s\n", column->name, ending, gauge ? "gauge" : "counter");
    text_add_format(out, "certtap_%s%s", column->name, ending);
    add_label(out, sensor);
    text_add_format(out, " %llu\n", (unsigned long long)*value);
}

static bool
write_all(const char *path, struct bytes bytes)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    bool good = file >= 0;
    while (good && bytes.len) {
        ssize_t n = write(file, bytes.at, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        good = n > 0;
        bytes = bytes_skip(bytes, good ? (size_t)n : 0);
    }
    if (file >= 0 && close(file) != 0)
        good = false;
    return good;
}

bool
metrics_write(const char *path, const struct stats_row *row, const char *sensor, struct fault *why)
{
    struct text out = {0};
    struct text beside = {0};
    for (size_t i = 0; i < stats_log.len; i++)
        if (stats_log.columns[i].kind == COLUMN_TOTAL)
            add_metric(&out, &stats_log.columns[i], row, sensor);
    text_add_format(&beside, "%s.new", path);
    bool good = write_all(text_string(&beside), text_bytes(&out)) &&
                rename(text_string(&beside), path) == 0;
    if (!good) {
        fault_set(why, "%s: %s", path, strerror(errno));
        unlink(text_string(&beside));
    }
    text_free(&beside);
    text_free(&out);
    return good;
}
