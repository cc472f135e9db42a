/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists that "certtap list build" made. They are mapped, not read; where somebody asks for their
 * entries, or takes them apart to build another, they are gone through.
 */
#include "rules/compiled/mapped.h"
#include "rules/formats/formats.h"

static bool
looks_compiled(struct bytes content)
{
    return layout_begins(content);
}

/* Every list that it was made of is one again, after the first, which this reader began. */
static bool
name_lists(struct list_reader *reader, const struct mapped_list *mapped, struct fault *why)
{
    const struct layout *layout = mapped_layout(mapped);
    size_t entries;
    for (size_t i = 0; i < layout->lists_len; i++) {
        const char *name =
            store_string(reader->rules, bytes_from_string(mapped_list_name(mapped, i, &entries)));
        struct list list = {.name = name, .format = "compiled", .entries = entries};
        if (!name)
            return list_fault(reader, 0, why, "not enough memory");
        if (i == 0)
            reader->rules->lists[reader->list] = list;
        else if (!store_add_list(reader->rules, &list))
            return list_fault(reader, 0, why, "not enough memory");
    }
    reader->entries = layout->lists_len ? reader->rules->lists[reader->list].entries : 0;
    return true;
}

static bool
tell_row(struct list_reader *reader, const struct mapped_row *row, enum what what,
    uint32_t first_list, struct fault *why)
{
    struct value value = {.what = what, .value = row->digest};
    struct clause clause = {.any = &value, .len = 1};
    struct watch watch = {.all = &clause, .len = 1, .say = row->say, .line = row->line};
    struct list_reader one = *reader;
    if (!row->digest.len)
        return list_fault(reader, 0, why, "the compiled list is damaged: build it anew");
    watch.say.list += first_list;
    if (watch.say.list >= reader->rules->lists_len)
        watch.say.list = first_list;
    one.list = watch.say.list;
    return list_add(&one, &watch, why);
}

static bool
tell_all(struct list_reader *reader, const struct mapped_list *mapped, struct fault *why)
{
    const struct layout *layout = mapped_layout(mapped);
    for (size_t set = 0; set < layout->sets_len; set++)
        for (size_t i = 0; i < layout->sets[set].rows; i++) {
            struct mapped_row row = mapped_row(mapped, set, i);
            if (!tell_row(reader, &row, layout->sets[set].what, reader->list, why))
                return false;
        }
    return true;
}

static bool
read_compiled(struct list_reader *reader, struct fault *why)
{
    struct ruleset *rules = reader->rules;
    struct mapped_list *mapped = mapped_open(reader->path, why);
    bool mapped_only = !rules->listener.entry && !rules->only_told && !rules->unpack;
    if (!mapped)
        return false;
    bool good = name_lists(reader, mapped, why);
    if (good && mapped_only)
        return store_add_mapped(rules, mapped, reader->list) ||
               list_fault(reader, 0, why, "not enough memory");
    good = good && mapped_check(mapped, why) && tell_all(reader, mapped, why);
    mapped_close(mapped);
    return good;
}

const struct list_format compiled_format = {
    .name = "compiled", .looks_like = looks_compiled, .read = read_compiled};
