/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/suricata/dataset.h"

#include "base/address.h"
#include "rules/watchlist.h"

static void
key_of(const struct dataset *set, struct bytes value, uint8_t key[16])
{
    struct hash_pair whole = hash_bytes_wide(set->key, value);
    memcpy(key, &whole, sizeof whole);
}

static bool
add_octets(struct dataset *set, struct bytes octets, struct digest_row row)
{
    uint8_t key[16];
    key_of(set, octets, key);
    return digest_set_add(&set->entries, key, row);
}

static bool
take_value(void *owner, struct bytes value, unsigned long line, struct fault *complaint)
{
    struct dataset *set = owner;
    struct text octets = {0};
    bool good =
        dataset_value_read(set->type, value, &octets, complaint) &&
        (add_octets(set, text_bytes(&octets), (struct digest_row){.line = (uint32_t)line}) ||
            fault_set(complaint, "not enough memory"));
    text_free(&octets);
    return good;
}

static bool
read_entry(struct dataset *set, const char *path, unsigned long number, struct bytes line,
    struct text *octets, struct fault *why)
{
    struct dataset_entry entry;
    struct fault complaint = {0};
    if (!dataset_entry_read(set->type, line, octets, &entry, &complaint))
        return fault_set(why, "%s:%lu: %s", path, number, complaint.text);
    if (!add_octets(set, text_bytes(octets),
            (struct digest_row){.meta = entry.score, .line = (uint32_t)number}))
        return fault_set(why, "%s: not enough memory", path);
    return true;
}

bool
dataset_load(
    struct dataset *set, const char *path, const struct dataset_json *json, struct fault *why)
{
    struct text file = {0};
    struct text entry = {0};
    bool good = list_read_file(path, &file, why);
    struct lines lines = lines_of(text_bytes(&file));
    struct bytes line;
    if (good && json->given)
        good = dataset_json_read(json, text_bytes(&file), path, set, take_value, why);
    while (good && !json->given && lines_next(&lines, &line))
        if (!line_is_comment(line))
            good = read_entry(set, path, lines.number, line, &entry, why);
    text_free(&entry);
    text_free(&file);
    set->loaded = true;
    return good;
}

static void
nothing(void *owner, struct digest_row row)
{
    (void)owner;
    (void)row;
}

void
dataset_finish(struct dataset *set)
{
    digest_set_finish(&set->entries, NULL, nothing);
}

bool
dataset_has(const struct dataset *set, struct bytes value, uint32_t *score)
{
    uint8_t key[16];
    size_t first;
    struct address mapped;
    if (set->type >= DATASET_IPV4 && value.len == 4) {
        mapped = address_v4(value);
        value = bytes_of(mapped.at, sizeof mapped.at);
    }
    key_of(set, value, key);
    if (!digest_set_find(&set->entries, key, &first))
        return false;
    *score = digest_set_row(&set->entries, first).meta;
    return true;
}
