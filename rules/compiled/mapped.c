/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/compiled/mapped.h"

#include "capture/shrunk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum { SMALL = 4 << 20 }; /* files that are checked whole: half a millisecond */

/* A set, where it lies in the map. */
struct mapped_set {
    struct line_index index;
    struct sorted_rows digests;
    const uint8_t *lines;   /* 4 bytes of each row */
    const uint8_t *sayings; /* a number of so many bytes of each row */
    size_t saying_width;
};

struct mapped_list {
    struct bytes file; /* the map */
    const uint8_t *body;
    struct mapped_set sets[LAYOUT_SETS];
    char *path;
    struct layout layout;
    atomic_uchar *checked; /* of each block: it is what was written */
    atomic_bool damaged;
    struct shrunk_watch *watch;
};

static struct bytes
block_of(const struct mapped_list *list, uint64_t number)
{
    const uint8_t *at = list->body + number * LAYOUT_BLOCK;
    size_t left = (size_t)(list->file.at + list->file.len - at);
    return bytes_of(at, left < LAYOUT_BLOCK ? left : LAYOUT_BLOCK);
}

static bool
block_is_sound(const struct mapped_list *list, uint64_t number)
{
    struct bytes block = block_of(list, number);
    uint64_t written = load_u64le(list->file.at + LAYOUT_PAGE + 8 * number);
    return XXH3_64bits(block.at, block.len) == written;
}

static inline bool
was_sound(const struct mapped_list *list, uint64_t number)
{
    return atomic_load_explicit(&list->checked[number], memory_order_relaxed);
}

/* Blocks from `first` to `last`, at whose marks all look; not part of the path that is short. */
__attribute__((cold)) static bool
blocks_are_sound(const struct mapped_list *list, uint64_t first, uint64_t last)
{
    struct mapped_list *marked = (struct mapped_list *)list; /* nothing else of it changes */
    for (uint64_t i = first; i <= last; i++) {
        if (was_sound(list, i))
            continue;
        if (!block_is_sound(list, i)) {
            atomic_store(&marked->damaged, true);
            return false;
        }
        atomic_store_explicit(&marked->checked[i], 1, memory_order_relaxed);
    }
    return true;
}

/* Are these bytes of the body what was written? */
static inline bool
is_sound(const struct mapped_list *list, const uint8_t *at, size_t len)
{
    size_t from = (size_t)(at - list->body);
    size_t first = from / LAYOUT_BLOCK;
    size_t last = (from + len - 1) / LAYOUT_BLOCK;
    return (first == last && was_sound(list, first)) || blocks_are_sound(list, first, last);
}

static bool
head_is_sound(const struct mapped_list *list)
{
    XXH3_state_t *state = XXH3_createState();
    static const uint8_t zeros[8];
    size_t behind = LAYOUT_CHECKSUM_AT + 8;
    if (!state)
        abort();
    XXH3_64bits_reset(state);
    XXH3_64bits_update(state, list->file.at, LAYOUT_CHECKSUM_AT);
    XXH3_64bits_update(state, zeros, sizeof zeros);
    XXH3_64bits_update(state, list->file.at + behind, (size_t)list->layout.body - behind);
    uint64_t found = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return found == load_u64le(list->file.at + LAYOUT_CHECKSUM_AT);
}

static bool
map_file(struct mapped_list *list, const char *path, struct fault *why)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about) != 0) {
        fault_set(why, "%s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    size_t len = (size_t)about.st_size;
    void *at = len ? mmap(NULL, len, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    close(fd);
    if (at == MAP_FAILED)
        return fault_set(why, "%s: cannot be mapped: %s", path, len ? strerror(errno) : "empty");
    list->file = bytes_of(at, len);
    if (len > SMALL)
        madvise(at, len, MADV_HUGEPAGE); /* looking up at random costs a third less */
    list->watch = shrunk_watch(list->file);
    return list->watch || fault_set(why, "%s: too many mapped files", path);
}

static bool
check_all(const struct mapped_list *list)
{
    return list->layout.blocks == 0 || blocks_are_sound(list, 0, list->layout.blocks - 1);
}

/* A file without its last byte zero has strings that do not end. */
static bool
look_at_strings(const struct mapped_list *list)
{
    const struct section *strings = &list->layout.strings;
    const struct section *lists = &list->layout.lists;
    const uint8_t *last = list->file.at + strings->at + strings->len - 1;
    return is_sound(list, last, 1) && *last == 0 &&
           (!lists->len || is_sound(list, list->file.at + lists->at, (size_t)lists->len));
}

static void
place_sets(struct mapped_list *list)
{
    list->body = list->file.at + list->layout.body;
    for (size_t i = 0; i < list->layout.sets_len; i++) {
        const struct layout_set *set = &list->layout.sets[i];
        size_t len = what_kind(set->what)->digest_len;
        list->sets[i] = (struct mapped_set){
            .index = {list->file.at + set->index.at, (size_t)set->index.len / LINE_INDEX_LINE,
                (size_t)set->rows},
            .digests = {list->file.at + set->digests.at, len, len},
            .lines = list->file.at + set->lines.at,
            .sayings = list->file.at + set->sayings.at,
            .saying_width = set->saying_width,
        };
    }
}

static bool
understand(struct mapped_list *list, struct fault *why)
{
    struct fault complaint = {0};
    if (!layout_read(list->file, list->file.len, &list->layout, &complaint))
        return fault_set(why, "%s: the compiled list %s", list->path, complaint.text);
    place_sets(list);
    list->checked = calloc((size_t)list->layout.blocks + 1, sizeof *list->checked);
    if (!list->checked)
        abort();
    bool good =
        head_is_sound(list) && look_at_strings(list) && (list->file.len > SMALL || check_all(list));
    if (!good || shrunk_seen(list->watch))
        return fault_set(why,
            "%s: the compiled list is damaged (a checksum is wrong): build it anew", list->path);
    return true;
}

struct mapped_list *
mapped_open(const char *path, struct fault *why)
{
    struct mapped_list *list = calloc(1, sizeof *list);
    if (!list || !(list->path = strdup(path)))
        abort();
    if (map_file(list, path, why) && understand(list, why))
        return list;
    mapped_close(list);
    return NULL;
}

void
mapped_close(struct mapped_list *list)
{
    if (!list)
        return;
    shrunk_forget(list->watch);
    if (list->file.at)
        munmap((void *)list->file.at, list->file.len);
    free(list->checked);
    free(list->path);
    free(list);
}

const struct layout *
mapped_layout(const struct mapped_list *list)
{
    return &list->layout;
}

void
mapped_expect(const struct mapped_list *list, size_t set, const uint8_t *digest)
{
    line_index_expect(&list->sets[set].index, digest);
}

/* Where rows of a digest can be; false: there are none. The line that is looked at and the one
 * behind it have to be what was written. */
static inline bool
look(const struct mapped_list *list, const struct mapped_set *set, const uint8_t *digest,
    size_t *low, size_t *high)
{
    struct line_place place = line_index_place(&set->index, digest);
    size_t lines = place.line + 1 < set->index.lines ? 2 : 1;
    return is_sound(list, line_index_at(&set->index, place), lines * LINE_INDEX_LINE) &&
           line_index_look(&set->index, place, low, high);
}

bool
mapped_may_have(const struct mapped_list *list, size_t number, const uint8_t *digest)
{
    const struct mapped_set *set = &list->sets[number];
    size_t low, high;
    if (!look(list, set, digest, &low, &high))
        return false;
    sorted_rows_expect(&set->digests, low);
    __builtin_prefetch(set->lines + 4 * low);
    return true;
}

size_t
mapped_find(const struct mapped_list *list, size_t number, const uint8_t *digest, size_t *first)
{
    const struct mapped_set *set = &list->sets[number];
    const struct sorted_rows *digests = &set->digests;
    size_t low, high;
    if (!look(list, set, digest, &low, &high))
        return 0;
    __builtin_prefetch(set->lines + 4 * low); /* is asked for next */
    if (!is_sound(list, digests->at + low * digests->size, (high - low) * digests->size))
        return 0;
    return sorted_rows_find(digests, low, high, digest, first);
}

uint32_t
mapped_line(const struct mapped_list *list, size_t set, size_t row)
{
    const uint8_t *at = list->sets[set].lines + 4 * row;
    return is_sound(list, at, 4) ? load_u32le(at) : 0;
}

static const char *
string_at(const struct mapped_list *list, uint64_t at)
{
    const struct section *strings = &list->layout.strings;
    const uint8_t *string = list->file.at + strings->at + at;
    if (at >= strings->len || !is_sound(list, string, 1))
        return "";
    size_t len = strnlen((const char *)string, (size_t)(strings->len - at));
    return is_sound(list, string, len + (at + len < strings->len)) ? (const char *)string : "";
}

static struct saying
saying_at(const struct mapped_list *list, uint64_t number)
{
    const struct section *sayings = &list->layout.sayings;
    struct saying say = saying_default();
    const uint8_t *at = list->file.at + sayings->at + number * LAYOUT_SAYING;
    if (number >= sayings->len / LAYOUT_SAYING || !is_sound(list, at, LAYOUT_SAYING))
        return say;
    struct reader r = reader_over(bytes_of(at, LAYOUT_SAYING));
    say.list = read_u32le(&r);
    say.severity = (enum severity)(read_u8(&r) & SEVERITY_CRITICAL);
    say.confidence = read_u8(&r);
    say.has_note = layout_note_of(read_u8(&r), &say.note);
    say.revoked.given = read_u8(&r) & 1;
    say.revoked.seconds = (int64_t)read_little_endian(&r, 8);
    say.description = string_at(list, read_little_endian(&r, 8));
    say.reference = string_at(list, read_little_endian(&r, 8));
    say.tlp = string_at(list, read_little_endian(&r, 8));
    return say;
}

static uint64_t
saying_number(const struct mapped_list *list, const struct mapped_set *set, size_t row)
{
    const uint8_t *at = set->sayings + set->saying_width * row;
    if (!set->saying_width || !is_sound(list, at, set->saying_width))
        return 0;
    struct reader r = reader_over(bytes_of(at, set->saying_width));
    return read_little_endian(&r, set->saying_width);
}

struct mapped_row
mapped_row(const struct mapped_list *list, size_t number, size_t row)
{
    const struct mapped_set *set = &list->sets[number];
    size_t len = set->digests.digest_len;
    const uint8_t *at = set->digests.at + row * len;
    const uint8_t *line = set->lines + 4 * row;
    struct mapped_row found = {.say = saying_default()};
    if (row >= set->index.rows || !is_sound(list, at, len) || !is_sound(list, line, 4))
        return found;
    found.digest = bytes_of(at, len);
    found.line = load_u32le(line);
    found.say = saying_at(list, saying_number(list, set, row));
    return found;
}

const char *
mapped_list_name(const struct mapped_list *list, size_t number, size_t *entries)
{
    const uint8_t *at = list->file.at + list->layout.lists.at + 8 * number;
    *entries = load_u32le(at + 4);
    return string_at(list, load_u32le(at));
}

bool
mapped_check(const struct mapped_list *list, struct fault *why)
{
    return (check_all(list) && !shrunk_seen(list->watch)) ||
           fault_set(why, "%s: the compiled list is damaged (a checksum is wrong): build it anew",
               list->path);
}

bool
mapped_is_broken(const struct mapped_list *list, struct fault *why)
{
    bool shrunk = shrunk_seen(list->watch);
    if (!shrunk && !atomic_load_explicit(&list->damaged, memory_order_relaxed))
        return false;
    fault_set(why, "%s: the compiled list %s: certificates of it may have been missed", list->path,
        shrunk ? "became shorter while it was used" : "is damaged (a checksum is wrong)");
    return true;
}
