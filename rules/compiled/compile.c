/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/compiled.h"

#include "rules/compiled/layout.h"
#include "rules/store.h"

#include <errno.h>
#include <stdlib.h>
#include <xxhash.h>

static const enum set set_of[LAYOUT_SETS] = {SET_SHA256, SET_SHA1, SET_MD5, SET_SPKI};

/* The body, block by block. It reaches the file in large pages' worth, in places that are multiples
 * of that: then the kernel keeps it in large pages, and looking something up at random costs a
 * third less. */
enum { LARGE_PAGE = 2 << 20 };

struct sink {
    FILE *file;
    uint64_t at; /* in the file */
    uint8_t page[LARGE_PAGE];
    size_t page_len;
    uint8_t block[LAYOUT_BLOCK];
    size_t len;
    uint64_t *sums;
    size_t blocks;
    bool broken;
};

static void
end_page(struct sink *sink)
{
    sink->broken =
        sink->broken || fwrite(sink->page, 1, sink->page_len, sink->file) != sink->page_len;
    sink->page_len = 0;
}

static void
write_out(struct sink *sink, const uint8_t *from, size_t len)
{
    while (len) {
        size_t part = LARGE_PAGE - sink->page_len < len ? LARGE_PAGE - sink->page_len : len;
        memcpy(sink->page + sink->page_len, from, part);
        sink->page_len += part;
        from += part;
        len -= part;
        if (sink->page_len == LARGE_PAGE)
            end_page(sink);
    }
}

static void
end_block(struct sink *sink)
{
    if (!sink->len)
        return;
    sink->sums[sink->blocks++] = XXH3_64bits(sink->block, sink->len);
    write_out(sink, sink->block, sink->len);
    sink->len = 0;
}

static void
put(struct sink *sink, const void *at, size_t len)
{
    const uint8_t *from = at;
    sink->at += len;
    while (len) {
        size_t part = LAYOUT_BLOCK - sink->len < len ? LAYOUT_BLOCK - sink->len : len;
        memcpy(sink->block + sink->len, from, part);
        sink->len += part;
        from += part;
        len -= part;
        if (sink->len == LAYOUT_BLOCK)
            end_block(sink);
    }
}

static void
put_number(struct sink *sink, uint64_t value, size_t width)
{
    uint8_t octets[8];
    for (size_t i = 0; i < width; i++)
        octets[i] = (uint8_t)(value >> 8 * i);
    put(sink, octets, width);
}

/* Zeros up to where a section begins. */
static void
put_gap(struct sink *sink, uint64_t until)
{
    while (sink->at < until)
        put(sink, "", 1);
}

static uint32_t
width_of(size_t sayings)
{
    return sayings <= 1 ? 0 : sayings <= 256 ? 1 : sayings <= 65536 ? 2 : 4;
}

struct compiling {
    const struct ruleset *rules;
    struct layout layout;
    const struct digest_set *sets[LAYOUT_SETS];
    struct text strings; /* each with its NUL; the first is empty */
    struct text names;   /* places of the lists' names, little-endian, and their entries */
    struct sink *sink;
};

static bool
plan_sets(struct compiling *c)
{
    struct layout *layout = &c->layout;
    for (size_t i = 0; i < LAYOUT_SETS; i++) {
        const struct digest_set *set = &c->rules->sets[set_of[i]];
        struct layout_set *plan = &layout->sets[layout->sets_len];
        if (!set->len)
            continue;
        if (!set->index.lines)
            return false;
        c->sets[layout->sets_len++] = set;
        layout->entries += set->len;
        plan->what = layout_whats[i];
        plan->rows = set->len;
        plan->saying_width = width_of(c->rules->sayings_len);
        plan->index.len = set->index.lines * LINE_INDEX_LINE;
        plan->digests.len = set->len * set->digest_len;
        plan->lines.len = 4 * set->len;
        plan->sayings.len = plan->saying_width * set->len;
    }
    return true;
}

static uint64_t
keep_string(struct compiling *c, const char *string)
{
    uint64_t at = c->strings.len;
    if (!*string)
        return 0;
    text_add(&c->strings, bytes_of(string, strlen(string) + 1));
    return at;
}

static void
add_u32(struct text *out, uint64_t value)
{
    for (int i = 0; i < 4; i++)
        text_add_char(out, (char)(uint8_t)(value >> 8 * i));
}

static void
plan_lists(struct compiling *c)
{
    text_add_char(&c->strings, '\0');
    for (size_t i = 0; i < c->rules->lists_len; i++) {
        add_u32(&c->names, keep_string(c, c->rules->lists[i].name));
        add_u32(&c->names, c->rules->lists[i].entries);
    }
    c->layout.lists_len = c->rules->lists_len;
    c->layout.lists.len = c->names.len;
    for (size_t i = 0; i < c->rules->sayings_len; i++) {
        const struct saying *say = c->rules->sayings[i];
        const char *texts[] = {say->description, say->reference, say->tlp};
        for (size_t k = 0; k < 3; k++)
            keep_string(c, texts[k]);
    }
    c->layout.sayings.len = c->rules->sayings_len * LAYOUT_SAYING;
    c->layout.strings.len = c->strings.len;
}

/* The strings' places follow from the order in which they were kept. */
static void
put_sayings(struct compiling *c)
{
    uint64_t at = 1;
    for (size_t i = 0; i < c->rules->lists_len; i++)
        at += *c->rules->lists[i].name ? strlen(c->rules->lists[i].name) + 1 : 0;
    for (size_t i = 0; i < c->rules->sayings_len; i++) {
        const struct saying *say = c->rules->sayings[i];
        const char *texts[] = {say->description, say->reference, say->tlp};
        put_number(c->sink, say->list, 4);
        put_number(c->sink, say->severity, 1);
        put_number(c->sink, say->confidence, 1);
        put_number(c->sink, say->has_note ? layout_note_code(say->note) : LAYOUT_NO_NOTE, 1);
        put_number(c->sink, say->revoked.given, 1);
        put_number(c->sink, (uint64_t)say->revoked.seconds, 8);
        for (size_t k = 0; k < 3; k++) {
            put_number(c->sink, *texts[k] ? at : 0, 8);
            at += *texts[k] ? strlen(texts[k]) + 1 : 0;
        }
    }
}

static void
put_set(struct compiling *c, size_t number)
{
    const struct layout_set *plan = &c->layout.sets[number];
    const struct digest_set *set = c->sets[number];
    put_gap(c->sink, plan->index.at);
    put(c->sink, set->index.at, plan->index.len);
    put_gap(c->sink, plan->digests.at);
    for (size_t i = 0; i < set->len; i++)
        put(c->sink, digest_set_at(set, i), set->digest_len);
    put_gap(c->sink, plan->lines.at);
    for (size_t i = 0; i < set->len; i++)
        put_number(c->sink, digest_set_row(set, i).line, 4);
    put_gap(c->sink, plan->sayings.at);
    for (size_t i = 0; plan->saying_width && i < set->len; i++)
        put_number(c->sink, digest_set_row(set, i).meta, plan->saying_width);
}

static void
put_body(struct compiling *c)
{
    for (size_t i = 0; i < c->layout.sets_len; i++)
        put_set(c, i);
    put_gap(c->sink, c->layout.sayings.at);
    put_sayings(c);
    put_gap(c->sink, c->layout.lists.at);
    put(c->sink, c->names.at, c->names.len);
    put_gap(c->sink, c->layout.strings.at);
    put(c->sink, c->strings.at, c->strings.len);
    put_gap(c->sink, c->layout.file_len);
    end_block(c->sink);
}

/* Written last, for its checksums are known last. */
static bool
put_head(const struct compiling *c)
{
    size_t len = (size_t)c->layout.body;
    uint8_t *head = calloc(1, len);
    if (!head)
        return false;
    layout_write(&c->layout, head);
    for (size_t i = 0; i < c->sink->blocks; i++)
        for (size_t k = 0; k < 8; k++)
            *(head + LAYOUT_PAGE + 8 * i + k) = (uint8_t)(c->sink->sums[i] >> 8 * k);
    uint64_t sum = XXH3_64bits(head, len);
    for (size_t k = 0; k < 8; k++)
        *(head + LAYOUT_CHECKSUM_AT + k) = (uint8_t)(sum >> 8 * k);
    bool good =
        fseek(c->sink->file, 0, SEEK_SET) == 0 && fwrite(head, 1, len, c->sink->file) == len;
    free(head);
    return good;
}

static bool
write_all(struct compiling *c)
{
    static const uint8_t no_head[LAYOUT_PAGE];
    c->sink->sums = calloc((size_t)c->layout.blocks + 1, sizeof *c->sink->sums);
    if (!c->sink->sums)
        return false;
    for (; c->sink->at < c->layout.body; c->sink->at += LAYOUT_PAGE)
        write_out(c->sink, no_head, LAYOUT_PAGE);
    put_body(c);
    end_page(c->sink);
    return !c->sink->broken && put_head(c) && fflush(c->sink->file) == 0;
}

static bool
can_be_compiled(const struct ruleset *rules, struct fault *why)
{
    if (rules->watches_len || rules->patterns_len || rules->sets[SET_KEYED].len)
        return fault_set(why, "only digests without conditions can be compiled");
    return rules->sayings_len > 0 || fault_set(why, "there are no entries to compile");
}

bool
ruleset_compile(const struct ruleset *ruleset, FILE *file, struct fault *why)
{
    struct compiling c = {.rules = ruleset};
    if (!can_be_compiled(ruleset, why))
        return false;
    c.sink = calloc(1, sizeof *c.sink);
    bool good = c.sink && plan_sets(&c);
    if (good) {
        c.sink->file = file;
        setvbuf(file, NULL, _IONBF, 0); /* a buffer would cut the last 4 KiB off each page */
        plan_lists(&c);
        layout_place(&c.layout);
        good = write_all(&c) || fault_set(why, "%s", strerror(errno));
    } else {
        fault_set(why, "not enough memory");
    }
    if (c.sink)
        free(c.sink->sums);
    free(c.sink);
    text_free(&c.strings);
    text_free(&c.names);
    return good;
}
