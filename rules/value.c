/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/value.h"

#include "rules/canonical_name.h"
#include "rules/sets/pattern_set.h"
#include "rules/shown.h"
#include "rules/spelling.h"

#include <assert.h>
#include <ctype.h>

/* How the text of a value is read. */
enum shape {
    SHAPE_DIGEST,
    SHAPE_SERIAL,
    SHAPE_NAME,
    SHAPE_DN,
    SHAPE_TEXT,
    SHAPE_NUMBER,
    SHAPE_ADDRESS
};

static const enum shape shapes[WHATS] = {
    [WHAT_SHA256] = SHAPE_DIGEST,
    [WHAT_SHA1] = SHAPE_DIGEST,
    [WHAT_MD5] = SHAPE_DIGEST,
    [WHAT_ISSUER_SERIAL] = SHAPE_TEXT,
    [WHAT_SUBJECT_KEY] = SHAPE_TEXT,
    [WHAT_SPKI] = SHAPE_DIGEST,
    [WHAT_ISSUER_KEY_SERIAL] = SHAPE_TEXT,
    [WHAT_SERIAL] = SHAPE_SERIAL,
    [WHAT_ISSUER_KEY] = SHAPE_DIGEST,
    [WHAT_ISSUER] = SHAPE_DN,
    [WHAT_SUBJECT] = SHAPE_DN,
    [WHAT_COMMON_NAME] = SHAPE_NAME,
    [WHAT_SAN] = SHAPE_NAME,
    [WHAT_DOMAIN] = SHAPE_NAME,
    [WHAT_SERVER_NAME] = SHAPE_NAME,
    [WHAT_JA3] = SHAPE_TEXT,
    [WHAT_JA3S] = SHAPE_TEXT,
    [WHAT_JA4] = SHAPE_TEXT,
    [WHAT_CHAIN_LENGTH] = SHAPE_NUMBER,
    [WHAT_ADDRESS] = SHAPE_ADDRESS,
};

static struct bytes
keep(struct arena *room, struct text *made)
{
    bool ok;
    struct bytes kept = arena_copy(room, text_bytes(made), &ok);
    text_free(made);
    assert(ok); /* the arena of a list has no limit but the machine's */
    return kept;
}

static bool
has_stars(struct bytes text)
{
    return bytes_find_byte(text, '*') < text.len || bytes_find_byte(text, '?') < text.len;
}

static bool
digest_value(enum what what, struct bytes text, struct arena *room, struct value *value,
    struct fault *complaint)
{
    struct text octets = {0};
    uint8_t digest[SHA256_LEN];
    size_t wanted = what_kind(what)->digest_len;
    size_t len = 0;
    bool good = bytes_from_hex(text, digest, sizeof digest, &len);
    if (good)
        text_add(&octets, bytes_of(digest, len));
    else if (what == WHAT_SPKI || what == WHAT_ISSUER_KEY)
        good = base64_decode(text, &octets);
    good = good && octets.len == wanted;
    value->value = keep(room, &octets);
    if (good)
        return true;
    struct text want = {0};
    text_add_format(
        &want, "is no %s: that has %zu hexadecimal digits", what_kind(what)->type, 2 * wanted);
    shown_fault(complaint, text, text_string(&want));
    text_free(&want);
    return false;
}

static bool
serial_value(struct bytes text, struct arena *room, struct value *value, struct fault *complaint)
{
    struct text octets = {0};
    bool good = serial_from_text(text, &octets);
    value->value = keep(room, &octets);
    return good || shown_fault(complaint, text, "is no serial number in hexadecimal");
}

static void
name_value(struct bytes text, struct arena *room, struct value *value)
{
    struct text made = {0};
    struct bytes below = bytes_skip(text, 2);
    bool suffix = bytes_start_with(text, bytes_from_string("*.")) && !has_stars(below);
    value->match = suffix ? MATCH_SUFFIX : has_stars(text) ? MATCH_GLOB : MATCH_EXACT;
    name_lower(suffix ? below : text, &made);
    value->value = keep(room, &made);
}

static bool
dn_value(struct bytes text, struct arena *room, struct value *value, struct fault *complaint)
{
    struct text made = {0};
    bool good = true;
    if (has_stars(text)) {
        value->match = MATCH_GLOB;
        name_lower(text, &made);
    } else {
        good = name_canonical(text, &made);
    }
    value->value = keep(room, &made);
    return good || shown_fault(complaint, text,
                       "is no distinguished name such as CN=example,O=Example Ltd, nor "
                       "a pattern with *");
}

/* Without leading zeros, so that equal numbers are equal bytes. */
static bool
number_value(struct bytes text, struct arena *room, struct value *value, struct fault *complaint)
{
    enum { DIGITS_MOST = 7 };
    struct reader r = reader_over(text);
    bool ok = text.len > 0 && text.len <= DIGITS_MOST && bytes_at(text, 0) != '0';
    while (ok && reader_more(&r)) {
        uint8_t c = read_u8(&r);
        ok = c >= '0' && c <= '9';
    }
    if (!ok)
        return fault_set(complaint, "not a number of bytes");
    value->value = arena_copy(room, text, &ok);
    return ok || fault_set(complaint, "not enough memory");
}

static bool
address_value(struct bytes text, struct arena *room, struct value *value, struct fault *complaint)
{
    struct network network;
    struct text made = {0};
    if (!network_from_text(text, &network))
        return shown_fault(
            complaint, text, "is no address or network (or has bits past its prefix)");
    text_add(&made, bytes_of(network.address.at, sizeof network.address.at));
    text_add_char(&made, (char)network.prefix);
    value->match = MATCH_NETWORK;
    value->value = keep(room, &made);
    return true;
}

static bool
is_ja4(struct bytes text)
{
    struct reader r = reader_over(text);
    for (size_t i = 0; reader_more(&r); i++) {
        uint8_t c = read_u8(&r);
        if ((i == 10 || i == 23) ? c != '_' : !isalnum(c))
            return false;
    }
    return text.len == JA4_TEXT - 1;
}

static bool
text_value(enum what what, struct bytes text, struct arena *room, struct value *value,
    struct fault *complaint)
{
    struct text made = {0};
    uint8_t md5[MD5_LEN];
    size_t len = 0;
    bool md5_hex = bytes_from_hex(text, md5, sizeof md5, &len) && len == sizeof md5;
    if (what == WHAT_JA4 && !is_ja4(text))
        return shown_fault(
            complaint, text, "is no JA4 such as t13d1516h2_8daaf6152771_b186095e22b6");
    if ((what == WHAT_JA3 || what == WHAT_JA3S) && !md5_hex)
        return shown_fault(complaint, text, "is no JA3: that has 32 hexadecimal digits");
    if (what == WHAT_JA4)
        name_lower(text, &made);
    else
        text_add_hex(&made, bytes_of(md5, sizeof md5));
    value->value = keep(room, &made);
    return true;
}

bool
value_from_text(enum what what, struct bytes text, struct arena *room, struct value *value,
    struct fault *complaint)
{
    text = bytes_trim(text);
    *value = (struct value){.what = what, .match = MATCH_EXACT};
    if (text.len == 0)
        return fault_set(complaint, "an empty text would match nearly everything");
    if (bytes_find_byte(text, '\0') < text.len)
        return shown_fault(complaint, text, "has a NUL in it");
    switch (shapes[what]) {
    case SHAPE_DIGEST:
        return digest_value(what, text, room, value, complaint);
    case SHAPE_SERIAL:
        return serial_value(text, room, value, complaint);
    case SHAPE_NAME:
        name_value(text, room, value);
        return true;
    case SHAPE_DN:
        return dn_value(text, room, value, complaint);
    case SHAPE_TEXT:
        return text_value(what, text, room, value, complaint);
    case SHAPE_NUMBER:
        return number_value(text, room, value, complaint);
    case SHAPE_ADDRESS:
        return address_value(text, room, value, complaint);
    }
    return false;
}

static bool
is_text(enum what what)
{
    return shapes[what] == SHAPE_NAME || shapes[what] == SHAPE_DN;
}

struct bytes
regex_in(enum what what, struct bytes text)
{
    struct bytes slash = bytes_from_string("/");
    text = bytes_trim(text);
    if (!is_text(what) || text.len < 2 || !bytes_start_with(text, slash) ||
        !bytes_equal(bytes_skip(text, text.len - 1), slash))
        return (struct bytes){0};
    return bytes_first(bytes_skip(text, 1), text.len - 2);
}

bool
value_from_regex(enum what what, struct bytes regex, struct arena *room, struct value *value,
    struct fault *complaint)
{
    bool ok = true;
    *value = (struct value){.what = what, .match = MATCH_REGEX};
    if (!is_text(what))
        return shown_fault(complaint, regex, "is a regular expression where there is no text");
    if (!regex_is_sensible(regex, complaint))
        return false;
    value->value = arena_copy(room, regex, &ok);
    assert(ok);
    return true;
}

/* How other tools announce which kind of fingerprint follows. */
static const struct {
    const char *text;
    enum what what;
    bool base64;
} prefixes[] = {
    {"sha256:", WHAT_SHA256, false},
    {"sha-256:", WHAT_SHA256, false},
    {"sha1:", WHAT_SHA1, false},
    {"sha-1:", WHAT_SHA1, false},
    {"md5:", WHAT_MD5, false},
    {"spki:", WHAT_SPKI, false},
    {"spki-sha256:", WHAT_SPKI, false},
    {"pin-sha256=", WHAT_SPKI, true}, /* RFC 7469 */
    {"sha256//", WHAT_SPKI, true},    /* curl --pinnedpubkey */
    {"x5t#S256:", WHAT_SHA256, true}, /* RFC 7515 */
    {"x5t:", WHAT_SHA1, true},
    {"sha256 Fingerprint=", WHAT_SHA256, false}, /* openssl x509 -fingerprint */
    {"sha1 Fingerprint=", WHAT_SHA1, false},
    {"md5 Fingerprint=", WHAT_MD5, false},
};

static bool
base64_value(enum what what, struct bytes text, struct arena *room, struct value *value,
    struct fault *complaint)
{
    struct text octets = {0};
    bool good = base64_decode(text, &octets) && octets.len == what_kind(what)->digest_len;
    *value = (struct value){.what = what, .value = keep(room, &octets)};
    return good || shown_fault(complaint, text, "is no digest in base64");
}

static struct bytes
without_quotes(struct bytes text)
{
    struct bytes quote = bytes_from_string("\"");
    if (text.len > 1 && bytes_start_with(text, quote) &&
        bytes_equal(bytes_skip(text, text.len - 1), quote))
        return bytes_first(bytes_skip(text, 1), text.len - 2);
    return text;
}

/* A digest without a prefix: of which kind is told by its length. */
static bool
bare_value(struct bytes text, struct arena *room, struct value *value)
{
    static const enum what by_length[] = {WHAT_SHA256, WHAT_SHA1, WHAT_MD5};
    uint8_t digest[SHA256_LEN];
    size_t len = 0;
    bool ok = false;
    if (!bytes_from_hex(text, digest, sizeof digest, &len))
        return false;
    for (size_t i = 0; !ok && i < sizeof by_length / sizeof *by_length; i++)
        if (len == what_kind(by_length[i])->digest_len)
            *value = (struct value){
                .what = by_length[i], .value = arena_copy(room, bytes_of(digest, len), &ok)};
    return ok;
}

bool
value_from_fingerprint(
    struct bytes text, struct arena *room, struct value *value, struct fault *complaint)
{
    text = without_quotes(bytes_trim(text));
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        struct bytes prefix = bytes_from_string(prefixes[i].text);
        if (!bytes_start_with_nocase(text, prefix))
            continue;
        struct bytes rest = without_quotes(bytes_trim(bytes_skip(text, prefix.len)));
        return prefixes[i].base64 ? base64_value(prefixes[i].what, rest, room, value, complaint)
                                  : value_from_text(prefixes[i].what, rest, room, value, complaint);
    }
    if (bare_value(text, room, value))
        return true;
    return shown_fault(complaint, text,
        "is no fingerprint: 32, 40 or 64 hexadecimal digits, with or without colons");
}

struct value
value_of_digest(enum what what, const uint8_t *digest)
{
    return (struct value){.what = what, .value = bytes_of(digest, what_kind(what)->digest_len)};
}
