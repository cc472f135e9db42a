/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/suricata/dataset.h"

#include "base/address.h"
#include "rules/spelling.h"
#include "rules/suricata/words.h"
#include "rules/watchlist.h"

static const char *const type_names[DATASET_TYPES] = {
    [DATASET_STRING] = "string",
    [DATASET_MD5] = "md5",
    [DATASET_SHA256] = "sha256",
    [DATASET_IPV4] = "ipv4",
    [DATASET_IP] = "ip",
};

bool
dataset_type_named(struct bytes name, enum dataset_type *type)
{
    for (int i = 0; i < DATASET_TYPES; i++)
        if (bytes_equal_string(name, type_names[i])) {
            *type = (enum dataset_type)i;
            return true;
        }
    return false;
}

static void
key_of(const struct dataset *set, struct bytes value, uint8_t key[16])
{
    for (int i = 0; i < 2; i++) {
        uint64_t half = hash_bytes(set->keys[i], value);
        memcpy(key + 8 * i, &half, sizeof half);
    }
}

static bool
decode_digest(struct bytes text, size_t len, struct text *out)
{
    uint8_t digest[32];
    size_t got;
    if (!bytes_from_hex(text, digest, sizeof digest, &got) || got != len)
        return false;
    text_add(out, bytes_of(digest, got));
    return true;
}

/* An address is kept as 16 bytes, also an IPv4 one. */
static bool
decode_address(struct bytes text, bool v4, struct text *out)
{
    struct address address;
    if (!address_from_text(text, &address) || (v4 && !address_is_v4(&address)))
        return false;
    text_add(out, bytes_of(address.at, sizeof address.at));
    return true;
}

static bool
decode(enum dataset_type type, struct bytes text, struct text *out)
{
    switch (type) {
    case DATASET_STRING:
        return base64_decode(text, out);
    case DATASET_MD5:
        return decode_digest(text, 16, out);
    case DATASET_SHA256:
        return decode_digest(text, 32, out);
    case DATASET_IPV4:
    case DATASET_IP:
        return decode_address(text, type == DATASET_IPV4, out);
    case DATASET_TYPES:
        break;
    }
    return false;
}

static bool
read_entry(struct dataset *set, const char *path, unsigned long number, struct bytes line,
    struct text *entry, struct fault *why)
{
    unsigned long score = 0;
    uint8_t key[16];
    struct bytes text;
    word_next(&line, ',', &text);
    text_clear(entry);
    if (!decode(set->type, text, entry))
        return fault_set(why, "%s:%lu: this is no entry of a dataset of type %s", path, number,
            type_names[set->type]);
    if (line.len && !word_number(bytes_trim(line), 65535, &score))
        return fault_set(
            why, "%s:%lu: the score behind the comma is a number up to 65535", path, number);
    key_of(set, text_bytes(entry), key);
    if (!digest_set_add(&set->entries, key,
            (struct digest_row){.meta = (uint32_t)score, .line = (uint32_t)number}))
        return fault_set(why, "%s: not enough memory", path);
    return true;
}

bool
dataset_load(struct dataset *set, const char *path, struct fault *why)
{
    struct text file = {0};
    struct text entry = {0};
    bool good = list_read_file(path, &file, why);
    struct lines lines = lines_of(text_bytes(&file));
    struct bytes line;
    while (good && lines_next(&lines, &line))
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
