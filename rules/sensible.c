/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/sensible.h"

#include "rules/shown.h"

#include <ctype.h>

/* What the digests of no bytes at all are: found in lists because somebody hashed a file that was
 * not there. */
static bool
is_digest_of_nothing(struct bytes digest)
{
    static const char *const nothing[] = {
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "d41d8cd98f00b204e9800998ecf8427e",
    };
    char text[2 * SHA256_LEN + 1];
    static const uint8_t first[] = {0xe3, 0xda, 0xd4};
    if (digest.len > SHA256_LEN || !memchr(first, bytes_at(digest, 0), sizeof first))
        return false;
    bytes_to_hex(digest, text);
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        if (strcmp(text, nothing[i]) == 0)
            return true;
    return false;
}

/* All zeros or all ones: what somebody writes who has no digest. */
static bool
is_filler(struct bytes digest)
{
    struct reader r = reader_over(digest);
    uint8_t first = read_u8(&r);
    while (reader_more(&r))
        if (read_u8(&r) != first)
            return false;
    return first == 0 || first == 0xff;
}

/* Letters and digits that are no wildcard and not the type of a distinguished name's part. */
static size_t
solid_characters(struct bytes pattern)
{
    struct reader r = reader_over(pattern);
    size_t solid = 0;
    size_t word = 0;
    while (reader_more(&r)) {
        uint8_t c = read_u8(&r);
        if (isalnum(c) || c >= 0x80) {
            word++;
        } else {
            solid += c == '=' ? 0 : word;
            word = 0;
        }
    }
    return solid + word;
}

/* Is every address of one of the two families in it? */
bool
network_is_sensible(const struct network *network)
{
    const struct address any_v4 = address_v4(bytes_of("\0\0\0\0", 4));
    return network->prefix > 0 && (network->prefix > 96 || !network_has(network, &any_v4));
}

/* An indicator may be no larger than the largest network that belongs to one owner. */
static bool
indicator_is_sensible(struct bytes value)
{
    struct network network = {
        .address = address_v6(bytes_first(value, 16)), .prefix = *(value.at + 16)};
    unsigned least = address_is_v4(&network.address) ? 96 + 8 : 16;
    return network_is_sensible(&network) && network.prefix >= least;
}

static bool
digest_is_sensible(const struct value *value, struct fault *complaint)
{
    if (is_digest_of_nothing(value->value))
        return fault_set(
            complaint, "this is the %s of nothing (no bytes at all)", what_kind(value->what)->type);
    if (is_filler(value->value))
        return fault_set(complaint, "this is no digest of anything: one digit again and again");
    return true;
}

bool
value_is_sensible(const struct value *value, struct fault *complaint)
{
    static const char too_wide[] = "would match nearly everything";
    if (value->value.len == 0)
        return fault_set(complaint, "an empty text %s", too_wide);
    if (what_kind(value->what)->digest_len)
        return digest_is_sensible(value, complaint);
    if (value->what == WHAT_JA3 &&
        bytes_equal_string(value->value, "d41d8cd98f00b204e9800998ecf8427e"))
        return fault_set(complaint, "this is the JA3 of nothing");
    if (value->match == MATCH_NETWORK && !indicator_is_sensible(value->value))
        return fault_set(complaint, "a network as large as this %s", too_wide);
    if ((value->match == MATCH_GLOB || value->match == MATCH_SUFFIX) &&
        solid_characters(value->value) < 2)
        return shown_fault(complaint, value->value, too_wide);
    return true;
}

/* Less than eight octets, its sign not counted. */
static bool
is_short(struct bytes serial)
{
    return serial.len < (bytes_at(serial, 0) ? 8 : 9);
}

/* A short serial number alone would hit other issuers' certificates too. */
bool
watch_is_sensible(const struct watch *watch, struct fault *complaint)
{
    bool serial = true;
    for (size_t i = 0; i < watch->len; i++)
        for (size_t k = 0; k < watch->all[i].len; k++) {
            const struct value *value = &watch->all[i].any[k];
            if (!value_is_sensible(value, complaint))
                return false;
            serial = serial && value->what == WHAT_SERIAL && is_short(value->value);
        }
    if (serial)
        return fault_set(complaint, "a serial number this short needs its issuer beside it");
    const struct networks *all[] = {&watch->when.from, &watch->when.not_from, &watch->when.to};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        for (size_t k = 0; k < all[i]->len; k++)
            if (!network_is_sensible(&all[i]->at[k]))
                return fault_set(complaint, "a network of all addresses is no condition");
    return true;
}
