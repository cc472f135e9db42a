/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes from strangers: a slice that is stored, and a reader that walks one.
 *
 * A `struct bytes` borrows: whoever stores one says from what, and until when it is valid.
 *
 * A reader past the end turns bad and stays bad: from then on it yields zeros and empty slices and
 * `reader_more` is false, so that loops end. A parser therefore reads straight through and asks
 * once. Three laws: finish every reader you opened; ask before you store a conclusion; an empty
 * slice may have a NULL address, so compare with bytes_equal and never with memcmp.
 */
#ifndef CERTTAP_BASE_BYTES_H
#define CERTTAP_BASE_BYTES_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
    const uint8_t *at;
    size_t len;
};

struct reader {
    const uint8_t *at;
    const uint8_t *end;
    bool bad;
};

static inline struct bytes
bytes_of(const void *at, size_t len)
{
    return (struct bytes){.at = at, .len = len};
}

/* The characters of a C string, without its NUL. NULL gives the empty slice. */
static inline struct bytes
bytes_from_string(const char *string)
{
    return bytes_of(string, string ? strlen(string) : 0);
}

/* What is left of `b` after its first `n` bytes; empty when there are no more. */
static inline struct bytes
bytes_skip(struct bytes b, size_t n)
{
    return n < b.len ? bytes_of(b.at + n, b.len - n) : (struct bytes){0};
}

/* The first `n` bytes of `b`, or all of it when it is shorter. */
static inline struct bytes
bytes_first(struct bytes b, size_t n)
{
    return bytes_of(b.at, n < b.len ? n : b.len);
}

/* The byte at place `i`, or 0 when there is none. */
static inline uint8_t
bytes_at(struct bytes b, size_t i)
{
    return i < b.len ? b.at[i] : 0;
}

static inline bool
bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool
bytes_equal_string(struct bytes a, const char *string)
{
    return bytes_equal(a, bytes_from_string(string));
}

static inline bool
bytes_start_with(struct bytes b, struct bytes start)
{
    return b.len >= start.len && bytes_equal(bytes_first(b, start.len), start);
}

/* Negative, zero or positive, as memcmp; a prefix comes before what it begins. */
int bytes_compare(struct bytes a, struct bytes b);

/* The same with ASCII letters of either case taken for equal; other bytes count as they are. */
bool bytes_equal_nocase(struct bytes a, struct bytes b);
bool bytes_start_with_nocase(struct bytes b, struct bytes start);

/* Where `byte` first stands in `b`, or b.len when it does not. */
size_t bytes_find_byte(struct bytes b, uint8_t byte);

/* Where `what` first stands in `b`, or SIZE_MAX when it does not. An empty `what` is at 0. */
size_t bytes_find(struct bytes b, struct bytes what);

/* `b` without spaces, tabs, CR and LF at its ends. */
struct bytes bytes_trim(struct bytes b);

/* Lower-case hexadecimal of `b`, NUL-terminated; `out` has room for 2 * b.len + 1. */
void bytes_to_hex(struct bytes b, char *out);

/* Reads hexadecimal digits of either case; pairs may be parted by single colons or spaces.
 * False when something else stands in the text, a digit is left over, or `room` is too small. */
bool bytes_from_hex(struct bytes text, uint8_t *out, size_t room, size_t *len);

static inline struct reader
reader_over(struct bytes b)
{
    static const uint8_t nothing[1];
    const uint8_t *at = b.at ? b.at : nothing;
    return (struct reader){.at = at, .end = at + (b.at ? b.len : 0)};
}

static inline size_t
reader_left(const struct reader *r)
{
    return r->bad ? 0 : (size_t)(r->end - r->at);
}

static inline bool
reader_more(const struct reader *r)
{
    return !r->bad && r->at < r->end;
}

/* True when everything was read and nothing was read past the end. */
static inline bool
reader_finished(const struct reader *r)
{
    return !r->bad && r->at == r->end;
}

static inline struct bytes
read_bytes(struct reader *r, size_t n)
{
    if (r->bad || (size_t)(r->end - r->at) < n) {
        r->bad = true;
        return (struct bytes){0};
    }
    struct bytes b = bytes_of(r->at, n);
    r->at += n;
    return b;
}

/* Everything that is left; the reader is then finished. */
static inline struct bytes
reader_rest(struct reader *r)
{
    return read_bytes(r, reader_left(r));
}

static inline uint64_t
read_big_endian(struct reader *r, size_t n)
{
    struct bytes b = read_bytes(r, n);
    uint64_t value = 0;
    for (size_t i = 0; i < b.len; i++)
        value = value << 8 | b.at[i];
    return value;
}

static inline uint8_t
read_u8(struct reader *r)
{
    return (uint8_t)read_big_endian(r, 1);
}

static inline uint16_t
read_u16(struct reader *r)
{
    return (uint16_t)read_big_endian(r, 2);
}

static inline uint32_t
read_u24(struct reader *r)
{
    return (uint32_t)read_big_endian(r, 3);
}

static inline uint32_t
read_u32(struct reader *r)
{
    return (uint32_t)read_big_endian(r, 4);
}

static inline uint64_t
read_u64(struct reader *r)
{
    return read_big_endian(r, 8);
}

static inline uint64_t
read_little_endian(struct reader *r, size_t n)
{
    struct bytes b = read_bytes(r, n);
    uint64_t value = 0;
    for (size_t i = b.len; i > 0; i--)
        value = value << 8 | b.at[i - 1];
    return value;
}

/* Numbers of our own files, at places that are known to be there. */
static inline uint32_t
load_u32le(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return le32toh(value);
}

static inline uint64_t
load_u64le(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return le64toh(value);
}

static inline uint16_t
read_u16le(struct reader *r)
{
    return (uint16_t)read_little_endian(r, 2);
}

static inline uint32_t
read_u32le(struct reader *r)
{
    return (uint32_t)read_little_endian(r, 4);
}

/* Vectors as TLS writes them (RFC 8446 section 3.4): a length of 1, 2 or 3 bytes, then the bytes.
 */
static inline struct bytes
read_vec8(struct reader *r)
{
    return read_bytes(r, read_u8(r));
}

static inline struct bytes
read_vec16(struct reader *r)
{
    return read_bytes(r, read_u16(r));
}

static inline struct bytes
read_vec24(struct reader *r)
{
    return read_bytes(r, read_u24(r));
}

#endif
