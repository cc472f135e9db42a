/* SPDX-License-Identifier: Apache-2.0
 *
 * What a buffer can go through before it is looked into, as Suricata's transformations.
 */
#include "rules/suricata/values.h"

#include <assert.h>
#include <openssl/evp.h>

static bool
is_white(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Every byte changed alone, into place at once. */
static void
lower(struct bytes in, struct text *out)
{
    char *at = text_reserve(out, in.len);
    for (size_t i = 0; i < in.len; i++) {
        uint8_t c = bytes_at(in, i);
        at[i] = (char)(c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c);
    }
    at[in.len] = '\0';
    out->len += in.len;
}

static void
upper(struct bytes in, struct text *out)
{
    char *at = text_reserve(out, in.len);
    for (size_t i = 0; i < in.len; i++) {
        uint8_t c = bytes_at(in, i);
        at[i] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    at[in.len] = '\0';
    out->len += in.len;
}

static void
strip_space(struct bytes in, struct text *out)
{
    for (size_t i = 0; i < in.len; i++)
        if (!is_white(bytes_at(in, i)))
            text_add_char(out, (char)bytes_at(in, i));
}

/* Of several white characters the first stays. */
static void
compress_space(struct bytes in, struct text *out)
{
    for (size_t i = 0; i < in.len; i++)
        if (i == 0 || !is_white(bytes_at(in, i)) || !is_white(bytes_at(in, i - 1)))
            text_add_char(out, (char)bytes_at(in, i));
}

static void
dot_prefix(struct bytes in, struct text *out)
{
    text_add_char(out, '.');
    text_add(out, in);
}

static void
url_decode(struct bytes in, struct text *out)
{
    for (size_t i = 0; i < in.len; i++) {
        uint8_t c = bytes_at(in, i);
        size_t len;
        if (c == '%' && in.len - i > 2 && bytes_from_hex(bytes_of(in.at + i + 1, 2), &c, 1, &len) &&
            len == 1)
            i += 2;
        else if (c == '+')
            c = ' ';
        text_add_char(out, (char)c);
    }
}

static void
digest(const EVP_MD *kind, struct bytes in, struct text *out)
{
    unsigned char made[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (EVP_Digest(in.at, in.len, made, &len, kind, NULL) == 1)
        text_add(out, bytes_of(made, len));
}

static void
md5(struct bytes in, struct text *out)
{
    digest(EVP_md5(), in, out);
}

static void
sha1(struct bytes in, struct text *out)
{
    digest(EVP_sha1(), in, out);
}

static void
sha256(struct bytes in, struct text *out)
{
    digest(EVP_sha256(), in, out);
}

static const struct {
    const char *name;
    void (*apply)(struct bytes in, struct text *out);
} transforms[TRANSFORMS] = {
    [TRANSFORM_LOWER] = {"to_lowercase", lower},
    [TRANSFORM_UPPER] = {"to_uppercase", upper},
    [TRANSFORM_STRIP_SPACE] = {"strip_whitespace", strip_space},
    [TRANSFORM_COMPRESS_SPACE] = {"compress_whitespace", compress_space},
    [TRANSFORM_DOT_PREFIX] = {"dotprefix", dot_prefix},
    [TRANSFORM_URL_DECODE] = {"url_decode", url_decode},
    [TRANSFORM_MD5] = {"to_md5", md5},
    [TRANSFORM_SHA1] = {"to_sha1", sha1},
    [TRANSFORM_SHA256] = {"to_sha256", sha256},
};

const char *
transform_name(enum transform transform)
{
    assert(transform < TRANSFORMS);
    return transforms[transform].name;
}

void
transform_apply(enum transform transform, struct bytes in, struct text *out)
{
    assert(transform < TRANSFORMS);
    transforms[transform].apply(in, out);
}
