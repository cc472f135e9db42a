/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "capture/pcapng_file.h"
#include "capture/source.h"
#include "tests/support/hex.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { ETHERNET = 1, RAW_IP = 101, SECOND = 1700000000 };

#define NS_PER_SECOND INT64_C(1000000000)

static char folder[64];

static void
make_folder(void)
{
    memcpy(folder, "/tmp/certtap-source-XXXXXX", sizeof "/tmp/certtap-source-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
remove_folder(void)
{
    struct text command = {0};
    text_add_format(&command, "rm -r %s", folder);
    ck_assert_int_eq(system(text_string(&command)), 0);
    text_free(&command);
}

/* The caller frees it. */
static char *
path_of(const char *name)
{
    struct text path = {0};
    text_add_format(&path, "%s/%s", folder, name);
    return path.at;
}

static char *
write_file(const char *name, struct bytes bytes)
{
    char *path = path_of(name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(
        write(fd, bytes.at ? bytes.at : (const void *)"", bytes.len), (ssize_t)bytes.len);
    close(fd);
    return path;
}

/* ---- files, written number by number in either byte order ---- */

struct writer {
    struct text out;
    bool big;
};

static void
put(struct writer *w, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        text_add_char(&w->out, (char)(value >> 8 * (w->big ? size - 1 - i : i)));
}

static void
put_pcap_header(struct writer *w, uint32_t magic, uint32_t link)
{
    put(w, magic, 4);
    put(w, 2, 2);
    put(w, 4, 2);
    put(w, 0, 8);
    put(w, 65535, 4);
    put(w, link, 4);
}

static void
put_pcap_frame(
    struct writer *w, uint32_t fraction, struct bytes bytes, uint32_t wire_len, bool more)
{
    put(w, SECOND, 4);
    put(w, fraction, 4);
    put(w, bytes.len, 4);
    put(w, wire_len, 4);
    if (more)
        put(w, 0x0123456789abcdef, 8);
    text_add(&w->out, bytes);
}

static void
put_block(struct writer *w, uint32_t type, struct bytes body)
{
    uint32_t len = (uint32_t)((body.len + 3) / 4 * 4 + 12);
    put(w, type, 4);
    put(w, len, 4);
    text_add(&w->out, body);
    put(w, 0, (unsigned)(-body.len & 3));
    put(w, len, 4);
}

/* Writes what was put into `body` as a block, and empties it. */
static void
put_body(struct writer *w, uint32_t type, struct writer *body)
{
    put_block(w, type, text_bytes(&body->out));
    text_clear(&body->out);
}

static void
put_section(struct writer *w, uint16_t version)
{
    struct writer body = {.big = w->big};
    put(&body, 0x1a2b3c4d, 4);
    put(&body, version, 2);
    put(&body, 0, 2);
    put(&body, UINT64_MAX, 8);
    put_body(w, 0x0a0d0d0a, &body);
    text_free(&body.out);
}

/* No option is written for a negative resolution, none for an offset of zero. */
static void
put_interface(struct writer *w, uint16_t link, uint32_t snap_len, int resolution, int64_t offset)
{
    struct writer body = {.big = w->big};
    put(&body, link, 2);
    put(&body, 0, 2);
    put(&body, snap_len, 4);
    if (resolution >= 0) {
        put(&body, 9, 2);
        put(&body, 1, 2);
        text_add_char(&body.out, (char)resolution);
        put(&body, 0, 3);
    }
    if (offset) {
        put(&body, 14, 2);
        put(&body, 8, 2);
        put(&body, (uint64_t)offset, 8);
    }
    put(&body, 0, 4);
    put_body(w, 1, &body);
    text_free(&body.out);
}

static void
put_enhanced(
    struct writer *w, uint32_t interface, uint64_t ticks, struct bytes bytes, uint32_t wire)
{
    struct writer body = {.big = w->big};
    put(&body, interface, 4);
    put(&body, ticks >> 32, 4);
    put(&body, ticks & UINT32_MAX, 4);
    put(&body, bytes.len, 4);
    put(&body, wire, 4);
    text_add(&body.out, bytes);
    put_body(w, 6, &body);
    text_free(&body.out);
}

static void
put_secrets(struct writer *w, uint32_t kind, const char *text)
{
    struct writer body = {.big = w->big};
    put(&body, kind, 4);
    put(&body, strlen(text), 4);
    text_add_string(&body.out, text);
    put_body(w, 10, &body);
    text_free(&body.out);
}

/* ---- reading ---- */

enum { FRAMES_MOST = 8 };

struct result {
    bool open;
    enum source_step step; /* the last one */
    size_t count;
    struct frame frames[FRAMES_MOST]; /* without their bytes */
    struct text bytes;                /* of all frames, parted by '|' */
    struct text secrets;              /* of all blocks, parted by '|' */
    struct source_counts counts;
    struct fault fault;
};

static void
read_all(const char *path, const char *filter, struct result *result)
{
    struct frame frame;
    struct bytes secrets;
    *result = (struct result){0};
    struct source *source = source_open_file(path, filter, &result->fault);
    result->open = source != NULL;
    if (!source)
        return;
    while ((result->step = source_next(source, &frame)) <= SOURCE_QUIET) {
        if (result->step == SOURCE_QUIET)
            continue;
        ck_assert_uint_lt(result->count, FRAMES_MOST);
        text_add(&result->bytes, frame.bytes);
        text_add_char(&result->bytes, '|');
        result->frames[result->count++] = frame;
    }
    ck_assert_int_eq(source_next(source, &frame), result->step);
    while (source_secrets(source, &secrets)) {
        text_add(&result->secrets, secrets);
        text_add_char(&result->secrets, '|');
    }
    result->counts = source_counts(source);
    result->fault = *source_fault(source);
    ck_assert_int_eq(result->step == SOURCE_BROKEN, result->fault.text[0] != '\0');
    ck_assert_uint_eq(result->counts.frames, result->count);
    source_close(source);
}

static void
read_bytes_as_file(struct bytes bytes, const char *filter, struct result *result)
{
    char *path = write_file("capture", bytes);
    read_all(path, filter, result);
    free(path);
}

static void
forget(struct result *result)
{
    text_free(&result->bytes);
    text_free(&result->secrets);
}

static void
assert_fault(const struct result *result, const char *tail)
{
    struct bytes text = bytes_from_string(result->fault.text);
    ck_assert_msg(bytes_find(text, bytes_from_string(tail)) != SIZE_MAX, "'%s' without '%s'",
        result->fault.text, tail);
    ck_assert_uint_ne(bytes_find(text, bytes_from_string("capture: ")), SIZE_MAX);
}

/* ---- pcap ---- */

static const struct pcap_variant {
    const char *name;
    uint32_t magic;
    int64_t ns; /* of a fraction of 123456 */
    bool big, more;
} pcap_variants[] = {
    {"microseconds, little endian", 0xa1b2c3d4, 123456000, false, false},
    {"microseconds, big endian", 0xa1b2c3d4, 123456000, true, false},
    {"nanoseconds, little endian", 0xa1b23c4d, 123456, false, false},
    {"nanoseconds, big endian", 0xa1b23c4d, 123456, true, false},
    {"modified, little endian", 0xa1b2cd34, 123456000, false, true},
    {"modified, big endian", 0xa1b2cd34, 123456000, true, true},
};

START_TEST(every_variant_of_pcap_is_read)
{
    const struct pcap_variant *variant = &pcap_variants[_i];
    struct writer w = {.big = variant->big};
    struct result result;
    put_pcap_header(&w, variant->magic, 0x14000000 | RAW_IP); /* with the length of a checksum */
    put_pcap_frame(&w, 123456, bytes_from_string("one"), 3, variant->more);
    put_pcap_frame(&w, 0, bytes_from_string("second"), 1500, variant->more);
    put_pcap_frame(&w, 1, (struct bytes){0}, 0, variant->more);
    read_bytes_as_file(text_bytes(&w.out), NULL, &result);

    ck_assert_msg(result.open && result.step == SOURCE_END, "%s", variant->name);
    ck_assert_uint_eq(result.count, 3);
    ck_assert_str_eq(text_string(&result.bytes), "one|second||");
    ck_assert_int_eq(result.frames[0].ts_ns, SECOND * NS_PER_SECOND + variant->ns);
    ck_assert_int_eq(result.frames[1].ts_ns, SECOND * NS_PER_SECOND);
    ck_assert_uint_eq(result.frames[0].link, RAW_IP);
    ck_assert_uint_eq(result.frames[1].wire_len, 1500);
    ck_assert_uint_eq(result.counts.cut, 1);
    ck_assert_uint_eq(result.counts.bytes, 9);
    forget(&result);
    text_free(&w.out);
}
END_TEST

static void
put_small_pcap(struct writer *w)
{
    put_pcap_header(w, 0xa1b2c3d4, ETHERNET);
    put_pcap_frame(w, 1, bytes_from_string("first"), 5, false);
    put_pcap_frame(w, 2, bytes_from_string("second"), 6, false);
    put_pcap_frame(w, 3, bytes_from_string("third frame"), 11, false);
}

START_TEST(a_cut_pcap_gives_its_whole_frames)
{
    static const size_t ends[] = {24, 24 + 16 + 5, 24 + 2 * 16 + 11, 24 + 3 * 16 + 22};
    struct writer w = {0};
    put_small_pcap(&w);
    ck_assert_uint_eq(w.out.len, ends[3]);
    for (size_t cut = 0; cut <= w.out.len; cut++) {
        struct result result;
        read_bytes_as_file(bytes_first(text_bytes(&w.out), cut), NULL, &result);
        size_t whole = 0;
        while (whole < 3 && ends[whole + 1] <= cut)
            whole++;
        ck_assert_msg(result.open == (cut >= ends[0]), "cut at %zu", cut);
        ck_assert_msg(result.count == whole, "cut at %zu", cut);
        if (result.open)
            ck_assert_int_eq(result.step, cut == ends[whole] ? SOURCE_END : SOURCE_BROKEN);
        if (cut == 0)
            assert_fault(&result, "empty file, not a capture");
        else if (cut < 4)
            assert_fault(&result, "not a capture file (pcap or pcapng)");
        else if (cut < ends[0] || cut != ends[whole])
            assert_fault(&result, "bytes missing)");
        forget(&result);
    }
    text_free(&w.out);
}
END_TEST

START_TEST(a_cut_pcap_says_where)
{
    struct writer w = {0};
    struct result result;
    put_small_pcap(&w);
    read_bytes_as_file(bytes_first(text_bytes(&w.out), w.out.len - 4), NULL, &result);
    assert_fault(&result, "capture: truncated after frame 2 (4 bytes missing)");
    forget(&result);
    text_free(&w.out);
}
END_TEST

START_TEST(odd_pcap_files)
{
    static const struct {
        const char *name;
        const char *bytes;
        size_t frames;
        const char *fault; /* NULL: none */
    } cases[] = {
        {"text", "'#!/bin/sh\n'", 0, "not a capture file (pcap or pcapng)"},
        {"a frame of 16 MiB and a snap length of 64 KiB",
            "d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000"
            "00000000 00000000 01000000 01000000 aa"
            "00000000 00000000 00000001 00000001",
            1, "damaged after frame 1 (the next frame claims an impossible length)"},
        {"a frame of 16 MiB and a snap length of 32 MiB",
            "d4c3b2a1 0200 0400 00000000 00000000 00000002 01000000"
            "00000000 00000000 00000001 00000001",
            0, "truncated after frame 0 (16777216 bytes missing)"},
        {"a frame of 4 GiB and such a snap length",
            "d4c3b2a1 0200 0400 00000000 00000000 ffffffff 01000000"
            "00000000 00000000 ffffffff ffffffff",
            0, "damaged after frame 0 (the next frame claims an impossible length)"},
        {"more captured than there was",
            "d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000"
            "00000000 00000000 02000000 01000000 aabb",
            1, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes bytes = hex(cases[i].bytes);
        struct result result;
        read_bytes_as_file(bytes, NULL, &result);
        ck_assert_msg(result.count == cases[i].frames, "%s", cases[i].name);
        ck_assert_msg(!cases[i].fault == !result.fault.text[0], "%s", cases[i].name);
        if (cases[i].fault)
            assert_fault(&result, cases[i].fault);
        ck_assert_uint_eq(result.counts.cut, 0);
        for (size_t n = 0; n < result.count; n++)
            ck_assert_uint_ge(result.frames[n].wire_len, result.frames[n].bytes.len);
        forget(&result);
        free((void *)bytes.at);
    }
}
END_TEST

/* ---- pcapng ---- */

/* One of each kind of block, in both byte orders, and two interfaces that differ. */
static void
put_rich_section(struct writer *w)
{
    put_section(w, 1);
    put_interface(w, ETHERNET, 4, -1, 0);
    put_secrets(w, 0x544c534b, "CLIENT_RANDOM 00 11\n");
    put_secrets(w, 0x57474b4c, "of another kind");
    put_interface(w, RAW_IP, 0, 9, 0);
    put_enhanced(w, 0, SECOND * UINT64_C(1000000) + 5, bytes_from_string("enhanced"), 800);
    put_enhanced(w, 1, SECOND * UINT64_C(1000000000) + 7, bytes_from_string("nano"), 4);

    struct writer body = {.big = w->big};
    put(&body, 6, 4);
    text_add_string(&body.out, "simp"); /* cut at four, which the block does not say */
    put_body(w, 3, &body);

    put(&body, 1, 2);
    put(&body, 77, 2);
    put(&body, UINT64_C(1) >> 32, 4);
    put(&body, 9, 4);
    put(&body, 3, 4);
    put(&body, 3, 4);
    text_add_string(&body.out, "old");
    put_body(w, 2, &body);

    put_block(w, 4, bytes_from_string("names")); /* and a kind that is passed over */
    text_free(&body.out);
}

START_TEST(pcapng_of_either_byte_order_is_read)
{
    struct writer w = {.big = _i};
    struct result result;
    put_rich_section(&w);
    read_bytes_as_file(text_bytes(&w.out), NULL, &result);
    ck_assert_int_eq(result.step, SOURCE_END);
    ck_assert_str_eq(text_string(&result.bytes), "enhanced|nano|simp|old|");
    ck_assert_str_eq(text_string(&result.secrets), "CLIENT_RANDOM 00 11\n|");
    ck_assert_int_eq(result.frames[0].ts_ns, SECOND * NS_PER_SECOND + 5000);
    ck_assert_int_eq(result.frames[1].ts_ns, SECOND * NS_PER_SECOND + 7);
    ck_assert_int_eq(result.frames[2].ts_ns, 0);
    ck_assert_int_eq(result.frames[3].ts_ns, 9);
    ck_assert_uint_eq(result.frames[0].link, ETHERNET);
    ck_assert_uint_eq(result.frames[1].link, RAW_IP);
    ck_assert_uint_eq(result.frames[2].link, ETHERNET);
    ck_assert_uint_eq(result.frames[3].link, RAW_IP);
    ck_assert_uint_eq(result.frames[0].wire_len, 800);
    ck_assert_uint_eq(result.frames[2].wire_len, 6);
    ck_assert_uint_eq(result.counts.cut, 2);
    forget(&result);
    text_free(&w.out);
}
END_TEST

START_TEST(a_cut_pcapng_gives_its_whole_frames)
{
    struct writer w = {.big = true};
    struct result full;
    put_rich_section(&w);
    w.big = false;
    put_rich_section(&w); /* a second section, of the other byte order */
    read_bytes_as_file(text_bytes(&w.out), NULL, &full);
    ck_assert_uint_eq(full.count, 8);
    size_t before = 0;
    for (size_t cut = 0; cut <= w.out.len; cut++) {
        struct result result;
        read_bytes_as_file(bytes_first(text_bytes(&w.out), cut), NULL, &result);
        struct bytes got = text_bytes(&result.bytes);
        ck_assert_msg(result.open == (cut >= 28), "cut at %zu", cut);
        ck_assert(bytes_start_with(text_bytes(&full.bytes), got));
        ck_assert(result.count >= before && result.count <= before + 1);
        ck_assert(cut % 4 == 0 || !result.open || result.step == SOURCE_BROKEN);
        if (result.open && result.step == SOURCE_BROKEN)
            assert_fault(&result, "bytes missing)");
        before = result.count;
        forget(&result);
    }
    ck_assert_uint_eq(before, full.count);
    forget(&full);
    text_free(&w.out);
}
END_TEST

static const struct resolution {
    int resolution; /* -1: no option */
    int64_t offset;
    uint64_t ticks;
    int64_t ns;
} resolutions[] = {
    {-1, 0, 1, 1000},
    {0, 0, SECOND, SECOND *NS_PER_SECOND},
    {3, 0, 1001, 1001000000},
    {6, 10, 5, 10 * NS_PER_SECOND + 5000},
    {6, -10, 5, -10 * NS_PER_SECOND + 5000},
    {9, 0, 123456789012345, 123456789012345},
    {9, SECOND, 3, SECOND *NS_PER_SECOND + 3},
    {12, 0, 1234567890, 1234567},
    {19, 0, UINT64_C(10000000001000000000), NS_PER_SECOND},
    {0x80, 0, SECOND, SECOND *NS_PER_SECOND},
    {0x80 + 1, 0, 3, 1500000000},
    {0x80 + 10, 0, 1024 + 512, 1500000000},
    {0x80 + 32, 0, SECOND *(UINT64_C(1) << 32) + (1 << 30), SECOND *NS_PER_SECOND + 250000000},
    {0x80 + 34, 0, (UINT64_C(1) << 34) - 1, 999999999},
    {0x80 + 60, 0, UINT64_C(3) << 59, 1500000000},
    {0x80 + 64, 0, UINT64_C(1) << 63, 500000000},
    {0x80 + 127, 0, UINT64_MAX, 0},
    {0, 0, UINT64_MAX, INT64_MAX},
    {0x80, 0, UINT64_MAX, INT64_MAX},
    {6, INT64_MAX, 5, INT64_MAX},
    {6, INT64_MIN, 5, INT64_MIN},
    {0, INT64_MIN, UINT64_MAX, INT64_MIN},
    {9, 0, UINT64_MAX, INT64_MAX},
};

START_TEST(clocks_of_every_resolution_are_understood)
{
    const struct resolution *row = &resolutions[_i];
    struct writer w = {0};
    struct result result;
    put_section(&w, 1);
    put_interface(&w, ETHERNET, 0, row->resolution, row->offset);
    put_enhanced(&w, 0, row->ticks, bytes_from_string("x"), 1);
    read_bytes_as_file(text_bytes(&w.out), NULL, &result);
    ck_assert_uint_eq(result.count, 1);
    ck_assert_int_eq(result.frames[0].ts_ns, row->ns);
    forget(&result);
    text_free(&w.out);
}
END_TEST

static void
put_cut_options(struct writer *w)
{
    put_section(w, 1);
    struct bytes body = hex("0100 0000 00000000 0900 ff00 06");
    put_block(w, 1, body);
    free((void *)body.at);
    put_enhanced(w, 0, 1, bytes_from_string("x"), 1);
}

static void
put_foreign_section(struct writer *w)
{
    put_section(w, 1);
    put_interface(w, ETHERNET, 0, -1, 0);
    put_section(w, 2);
    put_enhanced(w, 0, 1, bytes_from_string("of the future"), 1);
    put_section(w, 1);
    put_interface(w, ETHERNET, 0, -1, 0);
    put_enhanced(w, 0, 1, bytes_from_string("x"), 1);
}

static void
put_only_foreign_section(struct writer *w)
{
    put_section(w, 2);
}

static void
put_stranger(struct writer *w)
{
    put_section(w, 1);
    put_interface(w, ETHERNET, 0, -1, 0);
    put_enhanced(w, 1, 1, bytes_from_string("x"), 1);
}

static void
put_simple_without_interface(struct writer *w)
{
    put_section(w, 1);
    put_block(w, 3, bytes_from_string("\1\0\0\0x"));
}

static void
put_forgotten_interfaces(struct writer *w)
{
    put_section(w, 1);
    put_interface(w, ETHERNET, 0, -1, 0);
    put_section(w, 1);
    put_enhanced(w, 0, 1, bytes_from_string("x"), 1);
}

static void
put_frame_too_long(struct writer *w)
{
    put_section(w, 1);
    put_interface(w, ETHERNET, 0, -1, 0);
    struct bytes body = hex("00000000 00000000 00000000 05000000 05000000 61626364");
    put_block(w, 6, body);
    free((void *)body.at);
}

static void
put_secrets_too_long(struct writer *w)
{
    put_section(w, 1);
    struct bytes body = hex("4b534c54 05000000 61626364");
    put_block(w, 10, body);
    free((void *)body.at);
}

static void
put_short_length(struct writer *w)
{
    put_section(w, 1);
    put(w, 6, 4);
    put(w, 8, 4);
}

static void
put_huge_length(struct writer *w)
{
    put_section(w, 1);
    put(w, 6, 4);
    put(w, UINT32_MAX, 4);
}

static void
put_two_lengths(struct writer *w)
{
    put_section(w, 1);
    put(w, 5, 4);
    put(w, 12, 4);
    put(w, 16, 4);
}

static void
put_no_byte_order(struct writer *w)
{
    put_block(w, 0x0a0d0d0a, bytes_from_string("0123456789abcdef"));
}

/* The lengths leave the padding out. */
static void
put_unpadded_length(struct writer *w)
{
    put_section(w, 1);
    put_interface(w, ETHERNET, 0, -1, 0);
    put(w, 6, 4);
    put(w, 33, 4);
    put(w, 0, 8);
    put(w, 0, 4);
    put(w, 1, 4);
    put(w, 1, 4);
    put(w, 'x', 4);
    put(w, 33, 4);
}

static const struct odd_pcapng {
    const char *name;
    void (*put)(struct writer *w);
    const char *bytes;
    const char *fault; /* NULL: none */
} odd_pcapngs[] = {
    {"an option is cut", put_cut_options, "x|", NULL},
    {"a section of another version", put_foreign_section, "x|", NULL},
    {"padding is not counted", put_unpadded_length, "x|", NULL},
    {"the first section is of another version", put_only_foreign_section, "",
        "a section of another version than 1"},
    {"an interface of which nothing is known", put_stranger, "", "was not described"},
    {"a simple frame and no interface", put_simple_without_interface, "", "was not described"},
    {"an interface of the section before", put_forgotten_interfaces, "", "was not described"},
    {"a frame beyond its block", put_frame_too_long, "", "a frame is longer than its block"},
    {"secrets beyond their block", put_secrets_too_long, "", "secrets are longer"},
    {"a block shorter than its header", put_short_length, "", "an impossible length"},
    {"a block of 4 GiB", put_huge_length, "", "an impossible length"},
    {"two lengths", put_two_lengths, "", "the lengths before and after a block differ"},
    {"no byte order", put_no_byte_order, "", "a section header of no known byte order"},
};

START_TEST(odd_pcapng_files)
{
    const struct odd_pcapng *odd = &odd_pcapngs[_i];
    struct writer w = {0};
    struct result result;
    odd->put(&w);
    read_bytes_as_file(text_bytes(&w.out), NULL, &result);
    ck_assert_msg(strcmp(text_string(&result.bytes), odd->bytes) == 0, "%s", odd->name);
    if (odd->fault)
        assert_fault(&result, odd->fault);
    else
        ck_assert_msg(result.step == SOURCE_END, "%s: %s", odd->name, result.fault.text);
    forget(&result);
    text_free(&w.out);
}
END_TEST

/* ---- compressed ---- */

static void
add_gzip(struct text *out, struct bytes bytes)
{
    z_stream z = {0};
    ck_assert_int_eq(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, (uLong)bytes.len) + 64;
    z.next_out = (Bytef *)text_reserve(out, room);
    z.avail_out = (uInt)room;
    z.next_in = (Bytef *)(uintptr_t)bytes.at;
    z.avail_in = (uInt)bytes.len;
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->len += room - z.avail_out;
    deflateEnd(&z);
}

static void
add_zstd(struct text *out, struct bytes bytes)
{
    size_t room = ZSTD_compressBound(bytes.len);
    size_t len = ZSTD_compress(text_reserve(out, room), room, bytes.at, bytes.len, 3);
    ck_assert(!ZSTD_isError(len));
    out->len += len;
}

static void
add_zstd_with_skipped_frame(struct text *out, struct bytes bytes)
{
    struct bytes skipped = hex("502a4d18 04000000 deadbeef");
    text_add(out, skipped);
    free((void *)skipped.at);
    add_zstd(out, bytes);
}

static const struct packed {
    const char *name;
    void (*add)(struct text *out, struct bytes bytes);
} packed[] = {
    {"gzip", add_gzip},
    {"zstd", add_zstd},
    {"zstd behind a frame to skip", add_zstd_with_skipped_frame},
};

START_TEST(compressed_files_are_read_over_all_their_members)
{
    struct writer w = {0};
    struct text out = {0};
    struct result result;
    put_small_pcap(&w);
    for (size_t part = 0; part < w.out.len; part += 13)
        packed[_i].add(&out, bytes_first(bytes_skip(text_bytes(&w.out), part), 13));
    read_bytes_as_file(text_bytes(&out), NULL, &result);
    ck_assert_msg(result.step == SOURCE_END, "%s: %s", packed[_i].name, result.fault.text);
    ck_assert_str_eq(text_string(&result.bytes), "first|second|third frame|");
    forget(&result);
    text_free(&out);
    text_free(&w.out);
}
END_TEST

START_TEST(a_cut_compressed_file_is_broken_but_never_crashes)
{
    struct writer w = {0};
    struct text out = {0};
    put_small_pcap(&w);
    packed[_i].add(&out, text_bytes(&w.out));
    for (size_t cut = 0; cut < out.len; cut++) {
        struct result result;
        read_bytes_as_file(bytes_first(text_bytes(&out), cut), NULL, &result);
        ck_assert_msg(!result.open || result.step == SOURCE_BROKEN, "cut at %zu", cut);
        ck_assert_uint_le(result.count, 3);
        ck_assert(bytes_start_with(
            bytes_from_string("first|second|third frame|"), text_bytes(&result.bytes)));
        ck_assert_uint_ne(strlen(result.fault.text), 0);
        forget(&result);
    }
    text_free(&out);
    text_free(&w.out);
}
END_TEST

START_TEST(damaged_compressed_data_say_so_after_their_frames)
{
    struct writer w = {0};
    struct text out = {0};
    struct result result;
    put_small_pcap(&w);
    add_gzip(&out, text_bytes(&w.out));
    out.at[out.len - 8] ^= 1; /* the checksum behind the data */
    read_bytes_as_file(text_bytes(&out), NULL, &result);
    ck_assert_uint_eq(result.count, 3);
    assert_fault(&result, "unreadable after frame 3 (damaged gzip data: incorrect data check)");
    forget(&result);

    text_clear(&out);
    add_gzip(&out, text_bytes(&w.out));
    text_add(&out, bytes_of("\0\0\0\0", 4));
    read_bytes_as_file(text_bytes(&out), NULL, &result);
    ck_assert_int_eq(result.step, SOURCE_END); /* zeros behind it are a tape's */
    forget(&result);

    text_clear(&out);
    add_gzip(&out, bytes_from_string("no capture in here"));
    read_bytes_as_file(text_bytes(&out), NULL, &result);
    assert_fault(&result, "not a capture file (pcap or pcapng)");
    forget(&result);
    text_free(&out);
    text_free(&w.out);
}
END_TEST

/* A frame larger than what is read at once, and much that compresses well. */
START_TEST(large_frames_come_whole_out_of_compressed_files)
{
    enum { LARGE = 3 << 20 };
    struct writer w = {0};
    struct text out = {0};
    struct text zeros = {0};
    struct result result;
    memset(text_reserve(&zeros, LARGE), 'z', LARGE);
    zeros.len = LARGE;
    put_section(&w, 1);
    put_interface(&w, ETHERNET, 0, -1, 0);
    put_enhanced(&w, 0, 1, text_bytes(&zeros), LARGE);
    put_enhanced(&w, 0, 2, bytes_from_string("end"), 3);
    packed[_i].add(&out, text_bytes(&w.out));
    read_bytes_as_file(text_bytes(&out), NULL, &result);
    ck_assert_int_eq(result.step, SOURCE_END);
    ck_assert_uint_eq(result.count, 2);
    ck_assert_uint_eq(result.bytes.len, LARGE + 1 + 4);
    ck_assert(bytes_start_with(text_bytes(&result.bytes), text_bytes(&zeros)));
    forget(&result);
    text_free(&zeros);
    text_free(&out);
    text_free(&w.out);
}
END_TEST

/* ---- pipes ---- */

START_TEST(a_pipe_is_quiet_until_something_comes)
{
    struct writer w = {0};
    struct fault why = {0};
    struct frame frame;
    char *path = path_of("fifo");
    put_small_pcap(&w);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    struct source *source = source_open_file(path, NULL, &why);
    ck_assert_msg(source != NULL, "%s", why.text);
    ck_assert(!source_stable(source));
    ck_assert_int_eq(source_next(source, &frame), SOURCE_QUIET);

    int fd = open(path, O_WRONLY);
    ck_assert_int_eq(write(fd, w.out.at, 24 + 16 + 5 + 3), 24 + 16 + 5 + 3);
    ck_assert_int_eq(source_next(source, &frame), SOURCE_FRAME);
    ck_assert(bytes_equal_string(frame.bytes, "first"));
    ck_assert_int_eq(source_next(source, &frame), SOURCE_QUIET);
    struct bytes rest = bytes_skip(text_bytes(&w.out), 24 + 16 + 5 + 3);
    ck_assert_int_eq(write(fd, rest.at, rest.len), (ssize_t)rest.len);
    close(fd);
    ck_assert_int_eq(source_next(source, &frame), SOURCE_FRAME);
    ck_assert_int_eq(source_next(source, &frame), SOURCE_FRAME);
    ck_assert(bytes_equal_string(frame.bytes, "third frame"));
    ck_assert_int_eq(source_next(source, &frame), SOURCE_END);
    source_close(source);
    free(path);
    text_free(&w.out);
}
END_TEST

START_TEST(what_is_wrong_with_standard_input_is_told_when_it_is_read)
{
    struct fault why = {0};
    struct frame frame;
    int ends[2];
    int saved = dup(STDIN_FILENO);
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], "hello world", 11), 11);
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    struct source *source = source_open_file("-", NULL, &why);
    ck_assert_ptr_nonnull(source);
    ck_assert_int_eq(source_next(source, &frame), SOURCE_BROKEN);
    ck_assert_str_eq(
        source_fault(source)->text, "standard input: not a capture file (pcap or pcapng)");
    ck_assert_int_eq(source_next(source, &frame), SOURCE_BROKEN);
    source_close(source);
    dup2(saved, STDIN_FILENO);
    close(saved);
}
END_TEST

START_TEST(standard_input_that_is_a_file_is_read_from_where_it_stands)
{
    struct writer w = {0};
    struct text out = {0};
    struct result result;
    put_small_pcap(&w);
    text_add_string(&out, "skipped");
    text_add(&out, text_bytes(&w.out));
    char *path = write_file("capture", text_bytes(&out));
    int saved = dup(STDIN_FILENO);
    int fd = open(path, O_RDONLY);
    ck_assert_int_eq(lseek(fd, 7, SEEK_SET), 7);
    dup2(fd, STDIN_FILENO);
    close(fd);
    read_all("-", NULL, &result);
    ck_assert_int_eq(result.step, SOURCE_END);
    ck_assert_str_eq(text_string(&result.bytes), "first|second|third frame|");
    dup2(saved, STDIN_FILENO);
    close(saved);
    forget(&result);
    free(path);
    text_free(&out);
    text_free(&w.out);
}
END_TEST

/* ---- mapped ---- */

START_TEST(a_mapped_frame_stays_until_the_source_is_closed)
{
    struct writer w = {0};
    struct fault why = {0};
    struct frame first, next;
    uint64_t done, total;
    put_small_pcap(&w);
    char *path = write_file("capture", text_bytes(&w.out));
    struct source *source = source_open_file(path, NULL, &why);
    ck_assert(source_stable(source));
    ck_assert_str_eq(source_name(source), path);
    ck_assert_int_eq(source_descriptor(source), -1);
    ck_assert_int_eq(source_next(source, &first), SOURCE_FRAME);
    source_progress(source, &done, &total);
    ck_assert_uint_eq(done, 24 + 16 + 5);
    ck_assert_uint_eq(total, w.out.len);
    while (source_next(source, &next) == SOURCE_FRAME)
        ck_assert(bytes_equal_string(first.bytes, "first"));
    source_close(source);
    free(path);
    text_free(&w.out);
}
END_TEST

/* Where the file is cut: in the middle of a page, and at its end. */
START_TEST(a_file_that_shrinks_while_it_is_read_is_broken)
{
    static const off_t lengths[] = {0, 4096, 50000, 65536};
    struct writer w = {0};
    struct fault why = {0};
    struct frame frame;
    char large[1000];
    memset(large, 'x', sizeof large);
    put_pcap_header(&w, 0xa1b2c3d4, ETHERNET);
    for (unsigned i = 0; i < 200; i++)
        put_pcap_frame(&w, i, bytes_of(large, sizeof large), sizeof large, false);
    char *path = write_file("capture", text_bytes(&w.out));
    struct source *source = source_open_file(path, NULL, &why);
    ck_assert_ptr_nonnull(source);
    ck_assert_int_eq(source_next(source, &frame), SOURCE_FRAME);
    ck_assert_int_eq(truncate(path, lengths[_i]), 0);

    enum source_step step;
    unsigned frames = 1;
    uint8_t seen = 0;
    while ((step = source_next(source, &frame)) == SOURCE_FRAME) {
        seen |= frame.bytes.at[frame.bytes.len - 1]; /* not even this must be fatal */
        frames++;
    }
    ck_assert(seen == 'x' || frames == 1);
    ck_assert_int_eq(step, SOURCE_BROKEN);
    ck_assert_uint_le(frames, (unsigned)lengths[_i] / 1016 + 2);
    ck_assert_uint_ne(bytes_find(bytes_from_string(source_fault(source)->text),
                          bytes_from_string("capture: file became shorter while it was read")),
        SIZE_MAX);
    source_close(source);
    free(path);
    text_free(&w.out);
}
END_TEST

START_TEST(more_files_than_can_be_watched_are_read_all_the_same)
{
    enum { MANY = 70 };
    struct source *sources[MANY];
    struct writer w = {0};
    struct fault why = {0};
    struct frame frame;
    put_small_pcap(&w);
    char *path = write_file("capture", text_bytes(&w.out));
    for (size_t i = 0; i < MANY; i++) {
        sources[i] = source_open_file(path, NULL, &why);
        ck_assert_msg(sources[i] != NULL, "%s", why.text);
        ck_assert_int_eq(source_next(sources[i], &frame), SOURCE_FRAME);
    }
    ck_assert(source_stable(sources[0]) && !source_stable(sources[MANY - 1]));
    for (size_t i = 0; i < MANY; i++) {
        ck_assert_int_eq(source_next(sources[i], &frame), SOURCE_FRAME);
        ck_assert(bytes_equal_string(frame.bytes, "second"));
        source_close(sources[i]);
    }
    free(path);
    text_free(&w.out);
}
END_TEST

/* ---- filters ---- */

/* A UDP datagram over IPv4 to port `port`, with or without an Ethernet header. */
static struct bytes
udp(bool ethernet, uint8_t port)
{
    struct bytes bytes =
        hex("000000000001 000000000002 0800 4500001c 00000000 40110000 7f000001 7f000001"
            "1000 0000 0008 0000");
    ((uint8_t *)(uintptr_t)bytes.at)[bytes.len - 5] = port;
    return ethernet ? bytes : bytes_skip(bytes, 14);
}

START_TEST(a_filter_fits_each_link_type)
{
    struct writer w = {0};
    struct result result;
    put_section(&w, 1);
    put_interface(&w, ETHERNET, 0, -1, 0);
    put_interface(&w, RAW_IP, 0, -1, 0);
    for (uint32_t interface = 0; interface < 2; interface++)
        for (uint8_t port = 52; port < 55; port++) {
            struct bytes bytes = udp(interface == 0, port);
            put_enhanced(&w, interface, port, bytes, (uint32_t)bytes.len);
            free((void *)(uintptr_t)(bytes.at - (interface == 0 ? 0 : 14)));
        }
    read_bytes_as_file(text_bytes(&w.out), "udp dst port 53", &result);
    ck_assert_int_eq(result.step, SOURCE_END);
    ck_assert_uint_eq(result.count, 2);
    ck_assert_uint_eq(result.counts.filtered, 4);
    ck_assert_uint_eq(result.frames[0].link, ETHERNET);
    ck_assert_uint_eq(result.frames[1].link, RAW_IP);
    forget(&result);

    /* Raw IP has no hardware addresses, so none of its frames can be meant. */
    read_bytes_as_file(text_bytes(&w.out), "ether host 00:00:00:00:00:01", &result);
    ck_assert_uint_eq(result.count, 3);
    ck_assert_uint_eq(result.counts.filtered, 3);
    forget(&result);
    text_free(&w.out);
}
END_TEST

START_TEST(a_wrong_filter_is_refused)
{
    struct writer w = {0};
    struct result result;
    struct fault why = {0};
    put_small_pcap(&w);
    read_bytes_as_file(text_bytes(&w.out), "tcp portt 443", &result);
    ck_assert(!result.open);
    ck_assert_uint_ne(bytes_find(bytes_from_string(result.fault.text),
                          bytes_from_string("filter 'tcp portt 443': ")),
        SIZE_MAX);
    ck_assert(!source_check_filter("and", &why) && why.text[0]);
    why = (struct fault){0};
    ck_assert(source_check_filter("tcp port 443 and not vlan", &why) && !why.text[0]);
    ck_assert(source_check_filter("type mgt subtype beacon", &why) && !why.text[0]);
    text_free(&w.out);
}
END_TEST

/* ---- paths ---- */

static void
add_file(const char *name, struct bytes bytes)
{
    free(write_file(name, bytes));
}

static void
add_folder(const char *name)
{
    char *path = path_of(name);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    free(path);
}

static void
add_link(const char *name, const char *to)
{
    char *path = path_of(name);
    ck_assert_int_eq(symlink(to, path), 0);
    free(path);
}

START_TEST(the_captures_in_a_folder_are_found_in_order)
{
    static const char *const expected[] = {"a.pcap", "b.gz", "sub/B.zst", "sub/a.pcapng"};
    struct writer w = {0};
    struct writer ng = {0};
    struct text out = {0};
    struct fault why = {0};
    put_small_pcap(&w);
    put_section(&ng, 1);
    add_folder("sub");
    add_folder("sub/empty");
    add_folder(".hidden");
    add_file(".hidden/a.pcap", text_bytes(&w.out));
    add_file(".a.pcap", text_bytes(&w.out));
    add_file("a.pcap", text_bytes(&w.out));
    add_file("notes.txt", bytes_from_string("nothing"));
    add_file("nothing", (struct bytes){0});
    add_file("sub/a.pcapng", text_bytes(&ng.out));
    add_gzip(&out, text_bytes(&w.out));
    add_file("b.gz", text_bytes(&out));
    text_clear(&out);
    add_zstd(&out, text_bytes(&w.out));
    add_file("sub/B.zst", text_bytes(&out));
    text_clear(&out);
    add_gzip(&out, bytes_from_string("an old log"));
    add_file("sub/log.gz", text_bytes(&out));
    add_link("sub/loop", "..");
    add_link("sub/self", "self");
    add_link("dangling", "nowhere");
    char *fifo = path_of("fifo");
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);

    char **paths = source_paths(folder, &why);
    ck_assert_msg(paths != NULL, "%s", why.text);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        char *path = path_of(expected[i]);
        ck_assert_ptr_nonnull(paths[i]);
        ck_assert_str_eq(paths[i], path);
        free(path);
        free(paths[i]);
    }
    ck_assert_ptr_null(paths[sizeof expected / sizeof *expected]);
    free(paths);
    free(fifo);
    text_free(&out);
    text_free(&ng.out);
    text_free(&w.out);
}
END_TEST

START_TEST(a_path_that_is_no_folder_is_itself)
{
    struct fault why = {0};
    char *path = write_file("notes.txt", bytes_from_string("nothing"));
    char **paths = source_paths(path, &why);
    ck_assert(paths && strcmp(paths[0], path) == 0 && !paths[1]);
    free(paths[0]);
    free(paths);
    paths = source_paths("-", &why);
    ck_assert(paths && strcmp(paths[0], "-") == 0 && !paths[1]);
    free(paths[0]);
    free(paths);
    free(path);

    path = path_of("missing");
    ck_assert_ptr_null(source_paths(path, &why));
    ck_assert_uint_ne(bytes_find(bytes_from_string(why.text),
                          bytes_from_string("missing: No such file or directory")),
        SIZE_MAX);
    free(path);
}
END_TEST

START_TEST(what_cannot_be_opened_is_told_plainly)
{
    struct fault why = {0};
    char *path = path_of("missing");
    ck_assert_ptr_null(source_open_file(path, NULL, &why));
    ck_assert_uint_ne(bytes_find(bytes_from_string(why.text),
                          bytes_from_string("missing: No such file or directory")),
        SIZE_MAX);
    free(path);
    why = (struct fault){0};
    ck_assert_ptr_null(source_open_file(folder, NULL, &why));
    ck_assert_uint_ne(
        bytes_find(bytes_from_string(why.text), bytes_from_string(": Is a directory")), SIZE_MAX);
    why = (struct fault){0};
    struct live_options options = {.snap_len = 65535};
    ck_assert_ptr_null(source_open_live("no-such-card", NULL, &options, &why));
    ck_assert_uint_ne(
        bytes_find(bytes_from_string(why.text), bytes_from_string("interface no-such-card: no")),
        SIZE_MAX);
    source_close(NULL);
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof *(table))

Suite *suite(void);

static TCase *
file_tests(void)
{
    TCase *c = tcase_create("files");
    tcase_add_loop_test(c, every_variant_of_pcap_is_read, 0, ROWS(pcap_variants));
    tcase_add_test(c, a_cut_pcap_gives_its_whole_frames);
    tcase_add_test(c, a_cut_pcap_says_where);
    tcase_add_test(c, odd_pcap_files);
    tcase_add_loop_test(c, pcapng_of_either_byte_order_is_read, 0, 2);
    tcase_add_test(c, a_cut_pcapng_gives_its_whole_frames);
    tcase_add_loop_test(c, clocks_of_every_resolution_are_understood, 0, ROWS(resolutions));
    tcase_add_loop_test(c, odd_pcapng_files, 0, ROWS(odd_pcapngs));
    tcase_add_loop_test(c, compressed_files_are_read_over_all_their_members, 0, ROWS(packed));
    tcase_add_loop_test(c, a_cut_compressed_file_is_broken_but_never_crashes, 0, ROWS(packed));
    tcase_add_test(c, damaged_compressed_data_say_so_after_their_frames);
    tcase_add_loop_test(c, large_frames_come_whole_out_of_compressed_files, 0, ROWS(packed));
    return c;
}

static TCase *
source_tests(void)
{
    TCase *c = tcase_create("sources");
    tcase_add_test(c, a_pipe_is_quiet_until_something_comes);
    tcase_add_test(c, what_is_wrong_with_standard_input_is_told_when_it_is_read);
    tcase_add_test(c, standard_input_that_is_a_file_is_read_from_where_it_stands);
    tcase_add_test(c, a_mapped_frame_stays_until_the_source_is_closed);
    tcase_add_loop_test(c, a_file_that_shrinks_while_it_is_read_is_broken, 0, 4);
    tcase_add_test(c, more_files_than_can_be_watched_are_read_all_the_same);
    tcase_add_test(c, a_filter_fits_each_link_type);
    tcase_add_test(c, a_wrong_filter_is_refused);
    tcase_add_test(c, the_captures_in_a_folder_are_found_in_order);
    tcase_add_test(c, a_path_that_is_no_folder_is_itself);
    tcase_add_test(c, what_cannot_be_opened_is_told_plainly);
    return c;
}

Suite *
suite(void)
{
    Suite *s = suite_create("source");
    TCase *cases[] = {file_tests(), source_tests()};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tcase_add_checked_fixture(cases[i], make_folder, remove_folder);
        suite_add_tcase(s, cases[i]);
    }
    return s;
}
