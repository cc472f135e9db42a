/* SPDX-License-Identifier: Apache-2.0
 *
 * JA4 of the client hello (FoxIO, "JA4: TLS Client Fingerprinting"; this part of JA4+ is under the
 * BSD licence): what it offers in ten readable characters; a digest of its cipher suites, sorted;
 * and one of its extensions, sorted, with its signature algorithms as they came. GREASE counts
 * nowhere.
 */
#include "dissect/extensions.h"
#include "dissect/fingerprinter.h"

enum { COUNT_MOST = 99, DIGITS = 12 };

static const struct {
    uint16_t version;
    char mark[3];
} versions[] = {
    {0x0304, "13"},
    {0x0303, "12"},
    {0x0302, "11"},
    {0x0301, "10"},
    {0x0300, "s3"},
    {0x0002, "s2"},
    {0xfeff, "d1"},
    {0xfefd, "d2"},
    {0xfefc, "d3"},
};

/* The highest number of those offered, as the definition has it: drafts have higher ones than what
 * became of them, and no mark; DTLS counts down, so that of DTLS 1.2 and 1.3 the former shows. */
static uint16_t
highest_version(const struct client_hello *hello)
{
    struct reader r = reader_over(hello->supported_versions);
    uint16_t highest = 0;
    while (reader_left(&r) >= 2) {
        uint16_t version = read_u16(&r);
        if (!is_grease(version) && version > highest)
            highest = version;
    }
    return highest ? highest : hello->version;
}

static const char *
version_mark(const struct client_hello *hello)
{
    uint16_t highest = highest_version(hello);
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
        if (versions[i].version == highest)
            return versions[i].mark;
    return "00";
}

static bool
is_alphanumeric(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* First and last character of the first protocol offered; or of its hexadecimal form, where these
 * are not both letters or digits. */
static void
write_alpn_mark(const struct client_hello *hello, char out[static 2])
{
    static const char digits[] = "0123456789abcdef";
    struct reader r = reader_over(hello->alpn);
    struct bytes name = read_vec8(&r);
    out[0] = out[1] = '0';
    if (name.len == 0)
        return;
    uint8_t first = bytes_at(name, 0);
    uint8_t last = bytes_at(name, name.len - 1);
    bool readable = is_alphanumeric(first) && is_alphanumeric(last);
    out[0] = readable ? (char)first : digits[first >> 4];
    out[1] = readable ? (char)last : digits[last & 0xf];
}

static void
write_count(size_t count, char out[static 2])
{
    unsigned shown = count < COUNT_MOST ? (unsigned)count : COUNT_MOST;
    out[0] = (char)('0' + shown / 10);
    out[1] = (char)('0' + shown % 10);
}

/* What was seen while the extensions were listed. */
struct offered {
    size_t count;
    bool server_name;
};

/* All extensions but those that stand in the first part already. */
static struct offered
list_extensions(struct lists *lists, struct bytes extensions)
{
    enum { SHORTEST = 4 };
    struct offered offered = {0};
    struct reader r = reader_over(extensions);
    uint16_t type;
    struct bytes body;
    lists_open(lists, extensions.len / SHORTEST);
    while (reader_more(&r) && extension_next(&r, &type, &body)) {
        if (is_grease(type))
            continue;
        offered.count++;
        if (type == EXTENSION_SERVER_NAME)
            offered.server_name = true;
        else if (type != EXTENSION_ALPN)
            lists_add(lists, type);
    }
    return offered;
}

void
fingerprint_ja4(struct fingerprinter *fingerprinter, const struct client_hello *hello,
    enum ja4_transport transport, char out[JA4_TEXT])
{
    char ciphers[DIGEST_TEXT];
    char extensions[DIGEST_TEXT];
    const char *version = version_mark(hello);

    out[0] = '\0';
    if (hello->sslv2)
        return;
    struct lists *lists = fingerprint_lists(fingerprinter, STYLE_JA4);
    lists_add_numbers(lists, hello->ciphers, 2);
    size_t cipher_count = lists_length(lists);
    lists_sort(lists);
    fingerprint_digest(fingerprinter, ciphers);

    lists = fingerprint_lists(fingerprinter, STYLE_JA4);
    struct offered offered = list_extensions(lists, hello->extensions);
    lists_sort(lists);
    lists_add_numbers(lists, hello->signature_algorithms, 2);
    lists_drop_empty(lists); /* without them the text ends before the underscore */
    fingerprint_digest(fingerprinter, extensions);
    if (!ciphers[0] || !extensions[0])
        return;

    out[0] = (char)transport;
    memcpy(out + 1, version, 2);
    out[3] = offered.server_name ? 'd' : 'i';
    write_count(cipher_count, out + 4);
    write_count(offered.count, out + 6);
    write_alpn_mark(hello, out + 8);
    out[10] = '_';
    memcpy(out + 11, ciphers, DIGITS);
    out[11 + DIGITS] = '_';
    memcpy(out + 12 + DIGITS, extensions, DIGITS + 1);
}
