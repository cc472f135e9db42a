/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rsa_key.h"

#include "base/text.h"

#include <ctype.h>
#include <openssl/sha.h>

enum { MODULUS_LEAST = 64, MODULUS_MOST = 4096 }; /* octets */
enum { TAG_INTEGER = 2, TAG_BIT_STRING = 3, TAG_SEQUENCE = 0x30 };

/* SEQUENCE { OBJECT IDENTIFIER rsaEncryption, NULL } */
static const uint8_t algorithm[] = {
    0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0};

static void
add_element(struct text *out, uint8_t tag, struct bytes content)
{
    text_add_char(out, (char)tag);
    if (content.len >= 0x100) {
        text_add_char(out, (char)(uint8_t)0x82);
        text_add_char(out, (char)(uint8_t)(content.len >> 8));
    } else if (content.len >= 0x80) {
        text_add_char(out, (char)(uint8_t)0x81);
    }
    text_add_char(out, (char)(uint8_t)content.len);
    text_add(out, content);
}

/* An INTEGER greater than zero, of octets without zeros in front. */
static void
add_integer(struct text *out, struct bytes magnitude)
{
    struct text content = {0};
    if (bytes_at(magnitude, 0) & 0x80)
        text_add_char(&content, '\0');
    text_add(&content, magnitude);
    add_element(out, TAG_INTEGER, text_bytes(&content));
    text_free(&content);
}

static struct bytes
without_zeros(struct bytes octets)
{
    while (octets.len && bytes_at(octets, 0) == 0)
        octets = bytes_skip(octets, 1);
    return octets;
}

/* Takes "0x" off the front. */
static bool
take_0x(struct bytes *text)
{
    struct bytes mark = bytes_from_string("0x");
    bool marked = bytes_start_with_nocase(*text, mark);
    if (marked)
        *text = bytes_skip(*text, mark.len);
    return marked;
}

static bool
read_modulus(struct bytes text, uint8_t octets[MODULUS_MOST], struct bytes *modulus)
{
    struct text digits = {0};
    size_t len = 0;
    text = bytes_trim(text);
    take_0x(&text);
    if (bytes_find_byte(text, ':') == text.len && text.len % 2)
        text_add_char(&digits, '0');
    text_add(&digits, text);
    bool good = bytes_from_hex(text_bytes(&digits), octets, MODULUS_MOST, &len);
    text_free(&digits);
    *modulus = without_zeros(bytes_of(octets, len));
    return good && modulus->len >= MODULUS_LEAST;
}

static bool
read_exponent(struct bytes text, uint64_t *exponent)
{
    text = bytes_trim(text);
    *exponent = text.len ? 0 : 65537;
    unsigned base = take_0x(&text) ? 16 : 10;
    struct reader r = reader_over(text);
    while (reader_more(&r)) {
        int c = tolower(read_u8(&r));
        unsigned digit = isdigit(c)   ? (unsigned)(c - '0')
                         : isalpha(c) ? (unsigned)(c - 'a' + 10)
                                      : 99;
        if (digit >= base || *exponent > (UINT64_MAX - digit) / base)
            return false;
        *exponent = *exponent * base + digit;
    }
    return *exponent > 1 && *exponent % 2;
}

bool
rsa_key_digest(struct bytes modulus, struct bytes exponent, uint8_t digest[SHA256_LEN],
    struct fault *complaint)
{
    uint8_t octets[MODULUS_MOST];
    uint8_t small[8];
    uint64_t number;
    struct text key = {0}, string = {0}, info = {0}, whole = {0};
    if (!read_modulus(modulus, octets, &modulus))
        return fault_set(complaint, "no modulus of an RSA key in hexadecimal");
    if (!read_exponent(exponent, &number))
        return fault_set(complaint, "no exponent of an RSA key");
    for (size_t i = 0; i < sizeof small; i++)
        small[i] = (uint8_t)(number >> 8 * (sizeof small - 1 - i));

    add_integer(&key, modulus);
    add_integer(&key, without_zeros(bytes_of(small, sizeof small)));
    text_add_char(&string, '\0'); /* of the last octet all bits are used */
    add_element(&string, TAG_SEQUENCE, text_bytes(&key));
    text_add(&info, bytes_of(algorithm, sizeof algorithm));
    add_element(&info, TAG_BIT_STRING, text_bytes(&string));
    add_element(&whole, TAG_SEQUENCE, text_bytes(&info));
    SHA256((const uint8_t *)whole.at, whole.len, digest);
    struct text *const all[] = {&key, &string, &info, &whole};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        text_free(all[i]);
    return true;
}
