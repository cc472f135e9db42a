/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/suricata/values.h"

#include "dissect/fingerprint.h"

#include <stdlib.h>

static void *
grown(void *at, size_t *room, size_t len, size_t size)
{
    if (len < *room)
        return at;
    *room = *room ? 2 * *room : 16;
    at = reallocarray(at, *room, size);
    if (!at)
        abort();
    return at;
}

void
values_clear(struct values *values)
{
    text_clear(&values->words);
    values->places_len = 0;
    values->runs_len = 0;
}

void
values_free(struct values *values)
{
    text_free(&values->words);
    text_free(&values->scratch);
    free(values->places);
    free(values->runs);
    fingerprinter_free(values->fingerprinter);
    *values = (struct values){0};
}

static void
add_place(struct values *values, struct value_place place)
{
    values->places =
        grown(values->places, &values->places_room, values->places_len, sizeof *values->places);
    values->places[values->places_len++] = place;
}

void
values_add(struct values *values, struct bytes borrowed)
{
    if (borrowed.len)
        add_place(values, (struct value_place){.at = borrowed.at, .len = borrowed.len});
}

void
values_add_words(struct values *values, size_t from)
{
    if (values->words.len > from)
        add_place(values, (struct value_place){.offset = from, .len = values->words.len - from});
}

static struct bytes
place_bytes(const struct values *values, size_t place)
{
    const struct value_place *p = &values->places[place];
    return bytes_of(p->at ? (const char *)p->at : values->words.at + p->offset, p->len);
}

/* Each value goes through the transformations and is then in the words. */
static void
transform_all(struct values *values, const struct slot *slot, size_t first)
{
    for (size_t i = first; i < values->places_len; i++) {
        struct text *words = &values->words;
        struct text *scratch = &values->scratch;
        for (size_t k = 0; k < slot->len; k++) {
            text_clear(scratch);
            text_add(scratch, place_bytes(values, i));
            size_t from = words->len;
            transform_apply(slot->transforms[k], text_bytes(scratch), words);
            values->places[i] = (struct value_place){.offset = from, .len = words->len - from};
            text_add_char(words, '\0'); /* so that there are words even if they are empty */
        }
    }
}

static enum role
role_of(const struct buffer *buffer, const struct attempt *attempt)
{
    if (buffer->of_head)
        return attempt->source;
    if (buffer->whose == WHOSE_EITHER || buffer->of_certificate)
        return attempt->role;
    return buffer->whose == WHOSE_CLIENT ? CLIENT : SERVER;
}

struct value_run
values_of(
    struct values *values, const struct slot *slots, size_t slot, const struct attempt *attempt)
{
    const struct buffer *buffer = slots[slot].buffer;
    enum role role = role_of(buffer, attempt);
    int index = buffer->of_certificate ? attempt->index : -1;
    for (size_t i = 0; i < values->runs_len; i++) {
        const struct value_run *run = &values->runs[i];
        if (run->slot == slot && run->role == role && run->index == index)
            return *run;
    }
    struct value_run run = {.slot = slot, .role = role, .index = index};
    run.first = values->places_len;
    struct attempt as = *attempt;
    as.role = role;
    buffer->offer(values, &as);
    transform_all(values, &slots[slot], run.first);
    run.len = values->places_len - run.first;
    values->runs = grown(values->runs, &values->runs_room, values->runs_len, sizeof run);
    values->runs[values->runs_len++] = run;
    return run;
}

struct bytes
value_at(const struct values *values, struct value_run run, size_t index)
{
    return place_bytes(values, run.first + index);
}
