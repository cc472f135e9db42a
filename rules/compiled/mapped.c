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

struct mapped_list {
    struct bytes file; /* the map */
    char *path;
    struct layout layout;
    atomic_uchar *checked; /* of each block: it is what was written */
    atomic_bool damaged;
    struct shrunk_watch *watch;
};

static uint64_t
u64_at(const uint8_t *at)
{
    struct reader r = reader_over(bytes_of(at, 8));
    return read_little_endian(&r, 8);
}

static uint32_t
u32_at(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return le32toh(value);
}

static struct bytes
block_of(const struct mapped_list *list, uint64_t number)
{
    uint64_t at = list->layout.body + number * LAYOUT_BLOCK;
    uint64_t left = list->layout.file_len - at;
    return bytes_of(list->file.at + at, left < LAYOUT_BLOCK ? (size_t)left : LAYOUT_BLOCK);
}

static bool
block_is_sound(const struct mapped_list *list, uint64_t number)
{
    struct bytes block = block_of(list, number);
    uint64_t written = u64_at(list->file.at + LAYOUT_PAGE + 8 * number);
    return XXH3_64bits(block.at, block.len) == written;
}

static bool
look_at_block(struct mapped_list *list, uint64_t number)
{
    if (!block_is_sound(list, number)) {
        atomic_store(&list->damaged, true);
        return false;
    }
    atomic_store_explicit(&list->checked[number], 1, memory_order_relaxed);
    return true;
}

/* Are the bytes at this place of the file what was written? */
static inline bool
is_sound(const struct mapped_list *list, uint64_t at, size_t len)
{
    uint64_t first = (at - list->layout.body) / LAYOUT_BLOCK;
    uint64_t last = (at - list->layout.body + len - 1) / LAYOUT_BLOCK;
    for (uint64_t i = first; i <= last; i++)
        if (!atomic_load_explicit(&list->checked[i], memory_order_relaxed) &&
            !look_at_block((struct mapped_list *)list, i)) /* only its marks change */
            return false;
    return true;
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
    return found == u64_at(list->file.at + LAYOUT_CHECKSUM_AT);
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
    for (uint64_t i = 0; i < list->layout.blocks; i++)
        if (!atomic_load_explicit(&list->checked[i], memory_order_relaxed) &&
            !look_at_block((struct mapped_list *)list, i))
            return false;
    return true;
}

/* A file without its last byte zero has strings that do not end. */
static bool
look_at_strings(const struct mapped_list *list)
{
    const struct section *strings = &list->layout.strings;
    uint64_t last = strings->at + strings->len - 1;
    const struct section *lists = &list->layout.lists;
    return is_sound(list, last, 1) && list->file.at[last] == 0 &&
           (!lists->len || is_sound(list, lists->at, (size_t)lists->len));
}

static bool
understand(struct mapped_list *list, struct fault *why)
{
    struct fault complaint = {0};
    if (!layout_read(list->file, list->file.len, &list->layout, &complaint))
        return fault_set(why, "%s: the compiled list %s", list->path, complaint.text);
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

static struct line_index
index_of(const struct mapped_list *list, const struct layout_set *set)
{
    return (struct line_index){
        list->file.at + set->index.at, (size_t)set->index.len / LINE_INDEX_LINE, (size_t)set->rows};
}

void
mapped_expect(const struct mapped_list *list, size_t number, const uint8_t *digest)
{
    struct line_index index = index_of(list, &list->layout.sets[number]);
    __builtin_prefetch(index.at + line_index_line(&index, digest) * LINE_INDEX_LINE);
}

/* Are the line that will be looked at and the one behind it what was written? */
static inline bool
line_is_sound(const struct mapped_list *list, const struct line_index *index, const uint8_t *digest)
{
    size_t line = line_index_line(index, digest);
    size_t len = line + 1 < index->lines ? 2 * LINE_INDEX_LINE : LINE_INDEX_LINE;
    return is_sound(list, (uint64_t)(index->at - list->file.at) + line * LINE_INDEX_LINE, len);
}

/* What is told of a row that is found is on its way from memory while its digest is compared. */
size_t
mapped_find(const struct mapped_list *list, size_t number, const uint8_t *digest, size_t *first)
{
    const struct layout_set *set = &list->layout.sets[number];
    struct line_index index = index_of(list, set);
    size_t low, high;
    if (!line_is_sound(list, &index, digest) || !line_index_look(&index, digest, &low, &high))
        return 0;
    size_t len = (size_t)(set->digests.len / set->rows);
    struct sorted_rows digests = {list->file.at + set->digests.at, len, len};
    __builtin_prefetch(list->file.at + set->lines.at + 4 * low);
    if (!is_sound(list, set->digests.at + low * len, (high - low) * len))
        return 0;
    return sorted_rows_find(&digests, low, high, digest, first);
}

uint32_t
mapped_line(const struct mapped_list *list, size_t number, size_t row)
{
    uint64_t at = list->layout.sets[number].lines.at + 4 * row;
    return is_sound(list, at, 4) ? u32_at(list->file.at + at) : 0;
}

static const char *
string_at(const struct mapped_list *list, uint64_t at)
{
    const struct section *strings = &list->layout.strings;
    if (at >= strings->len || !is_sound(list, strings->at + at, 1))
        return "";
    const char *string = (const char *)list->file.at + strings->at + at;
    size_t len = strnlen(string, (size_t)(strings->len - at));
    return is_sound(list, strings->at + at, len + (at + len < strings->len)) ? string : "";
}

static struct saying
saying_at(const struct mapped_list *list, uint64_t number)
{
    const struct section *sayings = &list->layout.sayings;
    struct saying say = saying_default();
    uint64_t at = sayings->at + number * LAYOUT_SAYING;
    if (number >= sayings->len / LAYOUT_SAYING || !is_sound(list, at, LAYOUT_SAYING))
        return say;
    struct reader r = reader_over(bytes_of(list->file.at + at, LAYOUT_SAYING));
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
saying_number(const struct mapped_list *list, const struct layout_set *set, size_t row)
{
    uint64_t at = set->sayings.at + set->saying_width * row;
    if (!set->saying_width || !is_sound(list, at, set->saying_width))
        return 0;
    struct reader r = reader_over(bytes_of(list->file.at + at, set->saying_width));
    return read_little_endian(&r, set->saying_width);
}

struct mapped_row
mapped_row(const struct mapped_list *list, size_t number, size_t row)
{
    const struct layout_set *set = &list->layout.sets[number];
    size_t len = what_kind(set->what)->digest_len;
    uint64_t at = set->digests.at + row * len;
    uint64_t line = set->lines.at + 4 * row;
    struct mapped_row found = {.say = saying_default()};
    if (row >= set->rows || !is_sound(list, at, len) || !is_sound(list, line, 4))
        return found;
    found.digest = bytes_of(list->file.at + at, len);
    found.line = u32_at(list->file.at + line);
    found.say = saying_at(list, saying_number(list, set, row));
    return found;
}

const char *
mapped_list_name(const struct mapped_list *list, size_t number, size_t *entries)
{
    const uint8_t *at = list->file.at + list->layout.lists.at + 8 * number;
    *entries = u32_at(at + 4);
    return string_at(list, u32_at(at));
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
