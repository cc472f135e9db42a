/* SPDX-License-Identifier: Apache-2.0
 *
 * JA3 and JA3S (Althouse, Atkinson, Atkins, 2017): decimal numbers of a hello in the order they
 * were sent, joined by dashes, the lists by commas, GREASE left out; and the MD5 of that.
 */
#include "dissect/fingerprinter.h"

_Static_assert((int)JA3_TEXT >= (int)DIGEST_TEXT, "the digest is written in place");

static void
add_one(struct lists *lists, uint16_t number)
{
    lists_open(lists, 1);
    lists_add(lists, number);
}

static bool
collect_client(struct fingerprinter *fingerprinter, const struct client_hello *hello)
{
    if (hello->sslv2)
        return false;
    struct lists *lists = fingerprint_lists(fingerprinter, STYLE_JA3);
    add_one(lists, hello->version);
    lists_add_numbers(lists, hello->ciphers, 2);
    lists_add_extensions(lists, hello->extensions);
    lists_add_numbers(lists, hello->groups, 2);
    lists_add_numbers(lists, hello->point_formats, 1);
    return true;
}

static bool
collect_server(struct fingerprinter *fingerprinter, const struct server_hello *hello)
{
    if (hello->sslv2)
        return false;
    struct lists *lists = fingerprint_lists(fingerprinter, STYLE_JA3);
    add_one(lists, hello->legacy_version);
    add_one(lists, hello->cipher);
    lists_add_extensions(lists, hello->extensions);
    return true;
}

void
fingerprint_ja3(
    struct fingerprinter *fingerprinter, const struct client_hello *hello, char out[JA3_TEXT])
{
    out[0] = '\0';
    if (collect_client(fingerprinter, hello))
        fingerprint_digest(fingerprinter, out);
}

void
fingerprint_ja3s(
    struct fingerprinter *fingerprinter, const struct server_hello *hello, char out[JA3_TEXT])
{
    out[0] = '\0';
    if (collect_server(fingerprinter, hello))
        fingerprint_digest(fingerprinter, out);
}

void
fingerprint_ja3_text(
    struct fingerprinter *fingerprinter, const struct client_hello *hello, struct text *out)
{
    if (collect_client(fingerprinter, hello))
        fingerprint_text(fingerprinter, out);
}

void
fingerprint_ja3s_text(
    struct fingerprinter *fingerprinter, const struct server_hello *hello, struct text *out)
{
    if (collect_server(fingerprinter, hello))
        fingerprint_text(fingerprinter, out);
}
