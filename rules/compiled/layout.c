/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/compiled/layout.h"

static const char magic[] = "CERTTAPL";
enum { MAGIC = 8 };

const enum what layout_whats[LAYOUT_SETS] = {WHAT_SHA256, WHAT_SHA1, WHAT_MD5, WHAT_SPKI};

bool
layout_begins(struct bytes content)
{
    return bytes_start_with(content, bytes_of(magic, MAGIC));
}

static void
place(struct section *section, uint64_t *at)
{
    section->at = *at;
    *at = (*at + section->len + LAYOUT_ALIGN - 1) / LAYOUT_ALIGN * LAYOUT_ALIGN;
}

static uint64_t
place_all(struct layout *layout, uint64_t at)
{
    for (size_t i = 0; i < layout->sets_len; i++) {
        struct layout_set *set = &layout->sets[i];
        place(&set->index, &at);
        place(&set->digests, &at);
        place(&set->lines, &at);
        place(&set->sayings, &at);
    }
    place(&layout->sayings, &at);
    place(&layout->lists, &at);
    place(&layout->strings, &at);
    return at;
}

void
layout_place(struct layout *layout)
{
    uint64_t body = place_all(layout, 0);
    layout->blocks = (body + LAYOUT_BLOCK - 1) / LAYOUT_BLOCK;
    layout->body = (LAYOUT_PAGE + 8 * layout->blocks + LAYOUT_PAGE - 1) / LAYOUT_PAGE * LAYOUT_PAGE;
    layout->file_len = place_all(layout, layout->body);
}

struct writing_page {
    uint8_t *page;
    size_t at;
};

static void
put(struct writing_page *w, uint64_t value)
{
    for (size_t i = 0; i < 8; i++)
        w->page[w->at++] = (uint8_t)(value >> 8 * i);
}

static void
put_section(struct writing_page *w, const struct section *section)
{
    put(w, section->at);
    put(w, section->len);
}

void
layout_write(const struct layout *layout, uint8_t page[LAYOUT_PAGE])
{
    struct writing_page w = {page, MAGIC};
    memset(page, 0, LAYOUT_PAGE);
    memcpy(page, magic, MAGIC);
    put(&w, LAYOUT_VERSION);
    put(&w, 0); /* the checksum's place */
    put(&w, layout->file_len);
    put(&w, layout->entries);
    put(&w, layout->body);
    put(&w, layout->blocks);
    put(&w, layout->lists_len);
    put_section(&w, &layout->sayings);
    put_section(&w, &layout->strings);
    put_section(&w, &layout->lists);
    put(&w, layout->sets_len);
    for (size_t i = 0; i < layout->sets_len; i++) {
        const struct layout_set *set = &layout->sets[i];
        put(&w, set->what);
        put(&w, set->rows);
        put(&w, set->saying_width);
        put_section(&w, &set->index);
        put_section(&w, &set->digests);
        put_section(&w, &set->lines);
        put_section(&w, &set->sayings);
    }
}

static uint64_t
take(struct reader *r)
{
    return read_little_endian(r, 8);
}

static uint32_t
take_u32(struct reader *r)
{
    uint64_t value = take(r);
    r->bad = r->bad || value > UINT32_MAX;
    return (uint32_t)value;
}

static struct section
take_section(struct reader *r)
{
    struct section section;
    section.at = take(r);
    section.len = take(r);
    return section;
}

static void
take_set(struct reader *r, struct layout_set *set)
{
    set->what = (enum what)take_u32(r);
    set->rows = take(r);
    set->saying_width = take_u32(r);
    set->index = take_section(r);
    set->digests = take_section(r);
    set->lines = take_section(r);
    set->sayings = take_section(r);
}

static bool
is_inside(const struct layout *layout, const struct section *section)
{
    return section->at >= layout->body && section->at <= layout->file_len &&
           section->at % LAYOUT_ALIGN == 0 && section->len <= layout->file_len - section->at;
}

static bool
set_is_sound(const struct layout *layout, const struct layout_set *set, size_t number)
{
    static const bool widths[] = {true, true, true, false, true};
    bool known = false;
    for (size_t i = number; i < LAYOUT_SETS; i++) /* in their order, none twice */
        known = known || set->what == layout_whats[i];
    return known && set->rows > 0 && set->rows < UINT32_MAX && set->saying_width <= 4 &&
           widths[set->saying_width] &&
           set->index.len == line_index_lines(set->rows) * LINE_INDEX_LINE &&
           set->digests.len == set->rows * what_kind(set->what)->digest_len &&
           set->lines.len == 4 * set->rows && set->sayings.len == set->saying_width * set->rows &&
           is_inside(layout, &set->index) && is_inside(layout, &set->digests) &&
           is_inside(layout, &set->lines) && is_inside(layout, &set->sayings);
}

static bool
is_sound(const struct layout *layout)
{
    uint64_t most = UINT64_MAX / 2;
    if (layout->file_len > most || layout->body < LAYOUT_PAGE || layout->body > layout->file_len ||
        layout->blocks > layout->file_len / LAYOUT_BLOCK + 1 ||
        layout->body < LAYOUT_PAGE + 8 * layout->blocks ||
        layout->blocks != (layout->file_len - layout->body + LAYOUT_BLOCK - 1) / LAYOUT_BLOCK)
        return false;
    for (size_t i = 0; i < layout->sets_len; i++)
        if (!set_is_sound(layout, &layout->sets[i], i))
            return false;
    return is_inside(layout, &layout->sayings) && layout->sayings.len > 0 &&
           layout->sayings.len % LAYOUT_SAYING == 0 && is_inside(layout, &layout->strings) &&
           layout->strings.len > 0 && is_inside(layout, &layout->lists) &&
           layout->lists_len <= UINT32_MAX && layout->lists.len == 8 * layout->lists_len;
}

/* Only these are ever an entry's own; a row is added, never changed. */
static const struct {
    uint8_t code;
    enum note note;
} notes[] = {
    {1, NOTE_REVOKED_CERTIFICATE},
    {2, NOTE_POSSIBLE_WATCHED_CERTIFICATE},
};

uint8_t
layout_note_code(enum note note)
{
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
        if (notes[i].note == note)
            return notes[i].code;
    return LAYOUT_NO_NOTE;
}

bool
layout_note_of(uint8_t code, enum note *note)
{
    *note = NOTE_WATCHED_CERTIFICATE;
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
        if (notes[i].code == code) {
            *note = notes[i].note;
            return true;
        }
    return false;
}

bool
layout_read(struct bytes page, uint64_t file_len, struct layout *layout, struct fault *why)
{
    struct reader r = reader_over(bytes_skip(bytes_first(page, LAYOUT_PAGE), MAGIC));
    *layout = (struct layout){0};
    uint64_t version = take(&r);
    if (page.len < LAYOUT_PAGE)
        return fault_set(why, "is cut off");
    if (version != LAYOUT_VERSION)
        return fault_set(why, "has version %u, and this certtap reads version %d: build it anew",
            (unsigned)version, LAYOUT_VERSION);
    take(&r); /* the checksum */
    layout->file_len = take(&r);
    layout->entries = take(&r);
    layout->body = take(&r);
    layout->blocks = take(&r);
    layout->lists_len = take(&r);
    layout->sayings = take_section(&r);
    layout->strings = take_section(&r);
    layout->lists = take_section(&r);
    layout->sets_len = take(&r);
    if (layout->file_len > file_len)
        return fault_set(why, "is cut off: it has %llu bytes of %llu", (unsigned long long)file_len,
            (unsigned long long)layout->file_len);
    if (layout->sets_len > LAYOUT_SETS || layout->file_len < file_len)
        return fault_set(why, "is damaged");
    for (size_t i = 0; i < layout->sets_len; i++)
        take_set(&r, &layout->sets[i]);
    return (!r.bad && is_sound(layout)) || fault_set(why, "is damaged");
}
