/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/suricata/dataset_entry.h"

#include "base/address.h"
#include "rules/spelling.h"
#include "rules/suricata/words.h"

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

bool
dataset_value_read(
    enum dataset_type type, struct bytes value, struct text *octets, struct fault *complaint)
{
    if (type == DATASET_STRING)
        text_add(octets, value);
    return type == DATASET_STRING || decode(type, value, octets) ||
           fault_set(complaint, "this is no entry of a dataset of type %s", type_names[type]);
}

bool
dataset_entry_read(enum dataset_type type, struct bytes line, struct text *octets,
    struct dataset_entry *entry, struct fault *complaint)
{
    struct bytes text;
    unsigned long score = 0;
    word_next(&line, ',', &text);
    text_clear(octets);
    if (!decode(type, text, octets))
        return fault_set(complaint, "this is no entry of a dataset of type %s", type_names[type]);
    entry->scored = line.len > 0;
    if (entry->scored && !word_number(bytes_trim(line), 65535, &score))
        return fault_set(complaint, "the score behind the comma is a number up to 65535");
    entry->score = (unsigned)score;
    return true;
}
