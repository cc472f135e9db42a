/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/inflate.h"

#define ZLIB_CONST
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

struct packing {
    const char *name;
    bool (*begins)(struct bytes start);
    bool (*open)(struct inflater *inflater);
    bool (*feed)(struct inflater *inflater, struct bytes *in, struct inflater_space *out);
    void (*close)(struct inflater *inflater);
};

struct inflater {
    const struct packing *packing;
    bool whole; /* between two members or frames */
    const char *damage;
    z_stream gzip;
    ZSTD_DCtx *zstd;
};

static bool
gzip_begins(struct bytes start)
{
    struct reader r = reader_over(start);
    return read_u24(&r) == 0x1f8b08;
}

static bool
gzip_open(struct inflater *inflater)
{
    enum { GZIP_ONLY = 16 };
    return inflateInit2(&inflater->gzip, GZIP_ONLY + MAX_WBITS) == Z_OK;
}

/* Tapes and block devices leave zeros behind the last member. */
static void
skip_zeros(struct bytes *in)
{
    static const uint8_t zero[1];
    while (bytes_start_with(*in, bytes_of(zero, 1)))
        *in = bytes_skip(*in, 1);
}

static bool
gzip_feed(struct inflater *inflater, struct bytes *in, struct inflater_space *out)
{
    if (inflater->whole)
        skip_zeros(in);
    if (inflater->whole && in->len == 0)
        return true;

    z_stream *z = &inflater->gzip;
    uInt given = (uInt)(in->len < INT_MAX ? in->len : INT_MAX);
    z->next_in = in->at;
    z->avail_in = given;
    z->next_out = out->at;
    z->avail_out = (uInt)(out->room < INT_MAX ? out->room : INT_MAX);
    int result = inflate(z, Z_NO_FLUSH);
    *in = bytes_skip(*in, given - z->avail_in);
    out->made = (size_t)(z->next_out - out->at);
    inflater->whole = result == Z_STREAM_END;
    if (inflater->whole)
        return inflateReset(z) == Z_OK;
    inflater->damage = z->msg ? z->msg : zError(result);
    return result == Z_OK || result == Z_BUF_ERROR;
}

static void
gzip_close(struct inflater *inflater)
{
    inflateEnd(&inflater->gzip);
}

/* A file may also begin with a frame to skip, as the parallel tools write. */
static bool
zstd_begins(struct bytes start)
{
    struct reader r = reader_over(start);
    uint32_t magic = read_u32le(&r);
    return magic == ZSTD_MAGICNUMBER ||
           (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
}

static bool
zstd_open(struct inflater *inflater)
{
    inflater->zstd = ZSTD_createDCtx(); /* its window is limited to 128 MiB unless told */
    return inflater->zstd != NULL;
}

static bool
zstd_feed(struct inflater *inflater, struct bytes *in, struct inflater_space *out)
{
    if (inflater->whole && in->len == 0)
        return true; /* asking on would begin another frame */
    ZSTD_inBuffer from = {.src = in->at, .size = in->len};
    ZSTD_outBuffer to = {.dst = out->at, .size = out->room};
    size_t result = ZSTD_decompressStream(inflater->zstd, &to, &from);
    *in = bytes_skip(*in, from.pos);
    out->made = to.pos;
    if (ZSTD_isError(result)) {
        inflater->damage = ZSTD_getErrorName(result);
        return false;
    }
    inflater->whole = result == 0;
    return true;
}

static void
zstd_close(struct inflater *inflater)
{
    ZSTD_freeDCtx(inflater->zstd);
}

static const struct packing packings[] = {
    {"gzip", gzip_begins, gzip_open, gzip_feed, gzip_close},
    {"zstd", zstd_begins, zstd_open, zstd_feed, zstd_close},
};

const struct packing *
packing_find(struct bytes start)
{
    for (size_t i = 0; i < sizeof packings / sizeof *packings; i++)
        if (packings[i].begins(start))
            return &packings[i];
    return NULL;
}

const char *
packing_name(const struct packing *packing)
{
    return packing->name;
}

struct inflater *
inflater_new(const struct packing *packing)
{
    struct inflater *inflater = calloc(1, sizeof *inflater);
    if (!inflater)
        return NULL;
    inflater->packing = packing;
    inflater->damage = "";
    if (packing->open(inflater))
        return inflater;
    free(inflater);
    return NULL;
}

bool
inflater_feed(struct inflater *inflater, struct bytes *in, struct inflater_space *out)
{
    out->made = 0;
    return inflater->packing->feed(inflater, in, out);
}

bool
inflater_whole(const struct inflater *inflater)
{
    return inflater->whole;
}

const char *
inflater_damage(const struct inflater *inflater)
{
    return inflater->damage;
}

void
inflater_free(struct inflater *inflater)
{
    if (!inflater)
        return;
    inflater->packing->close(inflater);
    free(inflater);
}
