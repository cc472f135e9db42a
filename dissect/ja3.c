/* SPDX-License-Identifier: Apache-2.0
 *
 * JA3 and JA3S: decimal numbers of a hello, joined by dashes, the lists by commas, GREASE left out;
 * and the MD5 of that.
 */
#include "dissect/extensions.h"
#include "dissect/fingerprinter.h"

/* The numbers of a list whose items are `width` bytes. */
static void
add_numbers(struct text *text, struct bytes list, size_t width)
{
    struct reader r = reader_over(list);
    bool any = false;
    text_add_char(text, ',');
    while (reader_left(&r) >= width) {
        uint16_t number = (uint16_t)read_big_endian(&r, width);
        if (width == 2 && is_grease(number))
            continue;
        if (any)
            text_add_char(text, '-');
        text_add_unsigned(text, number);
        any = true;
    }
}

static void
add_extensions(struct text *text, struct bytes extensions)
{
    struct reader r = reader_over(extensions);
    uint16_t type;
    struct bytes body;
    bool any = false;
    text_add_char(text, ',');
    while (reader_more(&r) && extension_next(&r, &type, &body)) {
        if (is_grease(type))
            continue;
        if (any)
            text_add_char(text, '-');
        text_add_unsigned(text, type);
        any = true;
    }
}

void
fingerprint_ja3(
    struct fingerprinter *fingerprinter, const struct client_hello *hello, char out[JA3_TEXT])
{
    out[0] = '\0';
    if (hello->sslv2)
        return;
    struct text *text = fingerprint_text(fingerprinter);
    text_add_unsigned(text, hello->version);
    add_numbers(text, hello->ciphers, 2);
    add_extensions(text, hello->extensions);
    add_numbers(text, hello->groups, 2);
    add_numbers(text, hello->point_formats, 1);
    fingerprint_digest(fingerprinter, DIGEST_MD5, text_bytes(text), out, JA3_TEXT - 1);
}

void
fingerprint_ja3s(
    struct fingerprinter *fingerprinter, const struct server_hello *hello, char out[JA3_TEXT])
{
    out[0] = '\0';
    if (hello->sslv2)
        return;
    struct text *text = fingerprint_text(fingerprinter);
    text_add_unsigned(text, hello->legacy_version);
    text_add_char(text, ',');
    text_add_unsigned(text, hello->cipher);
    add_extensions(text, hello->extensions);
    fingerprint_digest(fingerprinter, DIGEST_MD5, text_bytes(text), out, JA3_TEXT - 1);
}
