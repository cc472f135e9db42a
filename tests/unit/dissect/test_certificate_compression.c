/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/certificate_compression.h"

#include "base/text.h"
#include "dissect/message.h"
#include "tests/support/keyed.h"
#include "tests/support/scene.h"

#include <brotli/encode.h>
#include <check.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum { ZLIB = 1, BROTLI = 2, ZSTD = 3, ROOM = 32 << 20 };

static void
add_number(struct text *out, size_t value, unsigned bytes)
{
    while (bytes--)
        text_add_char(out, (char)(value >> 8 * bytes));
}

/* The body of a CompressedCertificate that says it unpacks to `claimed` bytes. */
static void
pack(struct text *out, int method, struct bytes message, size_t claimed)
{
    size_t room = message.len + 4096, len = room;
    uint8_t *packed = malloc(room);
    uLongf zlib_len = room;
    bool good = true;
    if (method == ZLIB) {
        good = compress2(packed, &zlib_len, message.at, message.len, 9) == Z_OK;
        len = zlib_len;
    } else if (method == BROTLI) {
        good = BrotliEncoderCompress(
            11, BROTLI_MAX_WINDOW_BITS, BROTLI_MODE_GENERIC, message.len, message.at, &len, packed);
    } else {
        len = ZSTD_compress(packed, room, message.at, message.len, 9);
        good = !ZSTD_isError(len);
    }
    ck_assert(good);
    add_number(out, (size_t)method, 2);
    add_number(out, claimed, 3);
    add_number(out, len, 3);
    text_add(out, bytes_of(packed, len));
    free(packed);
}

static enum unpacked
unpack(struct bytes body, size_t limit, struct bytes expected)
{
    struct pool pool = {.limit = limit};
    uint8_t *message = NULL;
    size_t len = 0;
    enum unpacked result = certificate_unpack(body, &pool, &message, &len);
    if (result == UNPACKED) {
        ck_assert(bytes_equal(bytes_of(message, len), expected));
        pool_give(&pool, message, len);
    }
    ck_assert_uint_eq(pool.used, 0);
    return result;
}

static struct bytes
some_bytes(size_t len)
{
    uint8_t *at = malloc(len);
    for (size_t i = 0; i < len; i++)
        at[i] = (uint8_t)(i * i >> 5);
    return bytes_of(at, len);
}

START_TEST(unpacks_what_was_packed)
{
    static const size_t lengths[] = {1, 100, 3000, 70000, MESSAGE_MOST};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct bytes message = some_bytes(lengths[i]);
        struct text body = {0};
        pack(&body, _i, message, message.len);
        ck_assert_int_eq(unpack(text_bytes(&body), ROOM, message), UNPACKED);
        text_free(&body);
        free((void *)message.at);
    }
}
END_TEST

START_TEST(another_length_than_it_says)
{
    struct bytes message = some_bytes(5000);
    static const size_t claims[] = {1, 4999, 5001, 100000, MESSAGE_MOST};
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        struct text body = {0};
        pack(&body, _i, message, claims[i]);
        ck_assert_int_eq(unpack(text_bytes(&body), ROOM, message), UNPACKED_MALFORMED);
        text_free(&body);
    }
    free((void *)message.at);
}
END_TEST

/* Sixteen megabytes of zeros in a few bytes. */
START_TEST(a_bomb)
{
    size_t len = (1 << 24) - 1;
    uint8_t *zeros = calloc(1, len);
    struct text honest = {0}, modest = {0};
    pack(&honest, _i, bytes_of(zeros, len), len);
    pack(&modest, _i, bytes_of(zeros, len), 1000);
    ck_assert_int_eq(unpack(text_bytes(&honest), ROOM, (struct bytes){0}), UNPACKED_TOO_LARGE);
    ck_assert_int_eq(unpack(text_bytes(&modest), ROOM, (struct bytes){0}), UNPACKED_MALFORMED);
    text_free(&honest);
    text_free(&modest);
    free(zeros);
}
END_TEST

START_TEST(no_room)
{
    struct bytes message = some_bytes(5000);
    struct text body = {0};
    pack(&body, _i, message, message.len);
    ck_assert_int_eq(unpack(text_bytes(&body), 4000, message), UNPACKED_NO_ROOM);
    if (_i == BROTLI) /* and none for its window */
        ck_assert_int_ne(unpack(text_bytes(&body), 6000, message), UNPACKED);
    text_free(&body);
    free((void *)message.at);
}
END_TEST

START_TEST(cut_and_damaged)
{
    struct bytes message = some_bytes(400);
    struct text body = {0};
    pack(&body, _i, message, message.len);
    for (size_t cut = 0; cut < body.len; cut++)
        ck_assert_int_eq(
            unpack(bytes_first(text_bytes(&body), cut), ROOM, message), UNPACKED_MALFORMED);
    text_add_char(&body, 0); /* something behind it */
    ck_assert_int_eq(unpack(text_bytes(&body), ROOM, message), UNPACKED_MALFORMED);
    body.len--;
    body.at[1] = 9; /* no method */
    ck_assert_int_eq(unpack(text_bytes(&body), ROOM, message), UNPACKED_MALFORMED);
    text_free(&body);
    free((void *)message.at);
}
END_TEST

/* In its place in a handshake that is opened. */
START_TEST(in_a_handshake)
{
    struct keyed keyed;
    struct scene scene;
    struct talk talk = {0};
    struct text message = {0}, body = {0};
    keyed_begin(&keyed, 0x1301);
    keyed_give_all(&keyed);
    scene_begin(&scene, 4 << 20);
    struct key_options options = {.store = keyed.store};
    dissection_use_keys(scene.dissection, &options);

    tls_client_hello(talk_turn(&talk, ORIGINATOR));
    struct text *flight = talk_turn(&talk, RESPONDER);
    tls_server_hello_13(flight);
    keyed_certificates(&message, scene.certificate, 2);
    pack(&body, _i, text_bytes(&message), message.len);
    keyed_message(&keyed, flight, SERVER, MESSAGE_COMPRESSED_CERTIFICATE, text_bytes(&body));
    scene_talk(&scene, &talk, 100);
    scene_over(&scene, FLOW_CLOSED);
    ck_assert_uint_eq(scene.certificates[SERVER], 2);
    ck_assert_int_eq(scene.reason[SERVER], REASON_KEYS);
    ck_assert_uint_eq(scene_end(&scene), 0);
    keyed_end(&keyed);
    talk_free(&talk);
    text_free(&message);
    text_free(&body);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("dissect/certificate_compression");
    TCase *c = tcase_create("compressed certificates");
    tcase_add_loop_test(c, unpacks_what_was_packed, ZLIB, ZSTD + 1);
    tcase_add_loop_test(c, another_length_than_it_says, ZLIB, ZSTD + 1);
    tcase_add_loop_test(c, a_bomb, ZLIB, ZSTD + 1);
    tcase_add_loop_test(c, no_room, ZLIB, ZSTD + 1);
    tcase_add_loop_test(c, cut_and_damaged, ZLIB, ZSTD + 1);
    tcase_add_loop_test(c, in_a_handshake, ZLIB, ZSTD + 1);
    suite_add_tcase(s, c);
    return s;
}
