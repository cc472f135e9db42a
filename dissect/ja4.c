/* SPDX-License-Identifier: Apache-2.0
 *
 * JA4 of the client hello: what it offers in ten readable characters, then a digest of its cipher
 * suites and one of its extensions and signature algorithms, each sorted and cut to twelve digits.
 */
#include "dissect/extensions.h"
#include "dissect/fingerprinter.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_NUMBERS = 1024, DIGITS = 12, COUNT_MOST = 99 };

struct numbers {
    uint16_t at[MOST_NUMBERS];
    size_t len;   /* that are kept */
    size_t count; /* that there were */
};

static void
numbers_add(struct numbers *numbers, uint16_t number)
{
    if (is_grease(number))
        return;
    numbers->count++;
    if (numbers->len < MOST_NUMBERS)
        numbers->at[numbers->len++] = number;
}

static int
by_value(const void *a, const void *b)
{
    return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

static void
numbers_print(const struct numbers *numbers, struct text *text)
{
    for (size_t i = 0; i < numbers->len; i++) {
        uint8_t pair[2] = {(uint8_t)(numbers->at[i] >> 8), (uint8_t)numbers->at[i]};
        if (i)
            text_add_char(text, ',');
        text_add_hex(text, bytes_of(pair, 2));
    }
}

static const char *
version_mark(const struct client_hello *hello)
{
    static const struct {
        uint16_t version;
        const char *mark;
    } marks[] = {{0x0304, "13"}, {0x0303, "12"}, {0x0302, "11"}, {0x0301, "10"}, {0x0300, "s3"},
        {0x0002, "s2"}, {0xfeff, "d1"}, {0xfefd, "d2"}, {0xfefc, "d3"}};
    struct reader r = reader_over(hello->supported_versions);
    uint16_t best = 0;
    while (reader_left(&r) >= 2) {
        uint16_t version = read_u16(&r);
        /* DTLS counts downwards */
        bool newer = version >> 8 == 0xfe ? best == 0 || version < best : version > best;
        if (!is_grease(version) && newer)
            best = version;
    }
    if (!best)
        best = hello->version;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (marks[i].version == best)
            return marks[i].mark;
    return "00";
}

/* First and last character of the first protocol offered; hexadecimal digits of the first and last
 * byte where these are not both letters or digits. */
static void
alpn_mark(const struct client_hello *hello, char out[2])
{
    static const char digits[] = "0123456789abcdef";
    struct reader r = reader_over(hello->alpn);
    struct bytes name = read_vec8(&r);
    out[0] = out[1] = '0';
    if (name.len == 0)
        return;
    uint8_t first = bytes_at(name, 0);
    uint8_t last = bytes_at(name, name.len - 1);
    bool readable = first < 128 && isalnum(first) && last < 128 && isalnum(last);
    out[0] = readable ? (char)first : digits[first >> 4];
    out[1] = readable ? (char)last : digits[last & 15];
}

static void
read_extensions(const struct client_hello *hello, struct numbers *hashed, size_t *count)
{
    struct reader r = reader_over(hello->extensions);
    uint16_t type;
    struct bytes body;
    *hashed = (struct numbers){.len = 0};
    *count = 0;
    while (reader_more(&r) && extension_next(&r, &type, &body)) {
        *count += !is_grease(type);
        if (type != EXTENSION_SERVER_NAME && type != EXTENSION_ALPN)
            numbers_add(hashed, type);
    }
}

static void
read_list(struct bytes list, struct numbers *numbers)
{
    struct reader r = reader_over(list);
    *numbers = (struct numbers){.len = 0};
    while (reader_left(&r) >= 2)
        numbers_add(numbers, read_u16(&r));
}

static void
digest(struct fingerprinter *f, const struct text *text, char *out)
{
    if (text->len)
        fingerprint_digest(f, DIGEST_SHA256, text_bytes(text), out, DIGITS);
    else
        memcpy(out, "000000000000", DIGITS + 1);
}

static unsigned
capped(size_t count)
{
    return count < COUNT_MOST ? (unsigned)count : COUNT_MOST;
}

void
fingerprint_ja4(
    struct fingerprinter *fingerprinter, const struct client_hello *hello,
    enum ja4_transport transport, char out[JA4_TEXT])
{
    struct numbers numbers;
    size_t extensions;
    char alpn[2];
    char ciphers_digest[DIGITS + 1];
    char extensions_digest[DIGITS + 1];
    out[0] = '\0';
    if (hello->sslv2)
        return;

    read_list(hello->ciphers, &numbers);
    size_t ciphers = numbers.count;
    qsort(numbers.at, numbers.len, sizeof *numbers.at, by_value);
    struct text *text = fingerprint_text(fingerprinter);
    numbers_print(&numbers, text);
    digest(fingerprinter, text, ciphers_digest);

    read_extensions(hello, &numbers, &extensions);
    qsort(numbers.at, numbers.len, sizeof *numbers.at, by_value);
    text = fingerprint_text(fingerprinter);
    numbers_print(&numbers, text);
    read_list(hello->signature_algorithms, &numbers);
    if (numbers.len) {
        text_add_char(text, '_');
        numbers_print(&numbers, text);
    }
    digest(fingerprinter, text, extensions_digest);

    alpn_mark(hello, alpn);
    snprintf(out, JA4_TEXT, "%c%s%c%02u%02u%c%c_%s_%s", (char)transport, version_mark(hello),
        hello->has_server_name ? 'd' : 'i', capped(ciphers), capped(extensions), alpn[0], alpn[1],
        ciphers_digest, extensions_digest);
}
