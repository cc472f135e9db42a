/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/rotation.h"

#include "feed/spelling.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static const int64_t second_ns = 1000000000;

static int64_t
divide_down(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int64_t
seconds_of_ns(int64_t ns)
{
    return divide_down(ns, second_ns);
}

struct rotation
rotation_new(int64_t every_ns)
{
    int64_t every = every_ns > 0 ? every_ns / second_ns + (every_ns % second_ns != 0) : 0;
    return (struct rotation){.every = every};
}

bool
rotation_due(struct rotation *rotation, int64_t now_ns)
{
    if (!rotation->every)
        return false;
    int64_t slot = divide_down(seconds_of_ns(now_ns), rotation->every);
    bool due = rotation->begun && slot > rotation->slot;
    if (due || !rotation->begun)
        rotation->slot = slot;
    rotation->begun = true;
    return due;
}

static void
name_turned(const struct output *output, unsigned attempt, struct text *name)
{
    text_clear(name);
    text_add_string(name, output->log->name);
    text_add_char(name, '.');
    spell_date(name, output->opened);
    if (attempt) {
        text_add_char(name, '-');
        text_add_unsigned(name, attempt);
    }
    text_add_char(name, '.');
    text_add_string(name, output->ending);
}

static bool
exists(int folder, const char *name)
{
    return faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

void
rotation_turn(struct output *output)
{
    const struct output_place *place = output->place;
    const char *from = text_string(&output->name);
    struct text to = {0};
    unsigned attempt = 0;
    if (!output->begun)
        return;
    output_finish(output);
    name_turned(output, attempt, &to);
    while (place->live && exists(place->folder, text_string(&to)))
        name_turned(output, ++attempt, &to);
    if (renameat(place->folder, from, place->folder, text_string(&to)) != 0)
        fault_set(&output->place->fault, "%s/%s: %s", place->directory, from, strerror(errno));
    text_free(&to);
}
