/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/keys/opener.h"

#include "tests/support/hex.h"
#include "tests/support/seal.h"

#include <check.h>
#include <stdlib.h>

static struct opener *opener;

static struct sealing
keys_of(uint16_t cipher, enum key_names names, const char *secret)
{
    struct sealing sealing;
    struct bytes bytes = hex(secret);
    ck_assert(sealing_derive(opener, suite_find(cipher), names, bytes, &sealing));
    free((void *)bytes.at);
    return sealing;
}

static void
assert_hex(const uint8_t *at, size_t len, const char *expected)
{
    char text[2 * SUITE_KEY_MOST + 1];
    bytes_to_hex(bytes_of(at, len), text);
    ck_assert_str_eq(text, expected);
}

/* RFC 8448 section 3. */
static const char client_handshake[] =
    "b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21";
static const char client_flight[] =
    "1703030035 75ec4dc238cce60b298044a71e219c56cc77b0517fe9b93c7a4b"
    "fc44d87f38f80338ac98fc46deb384bd1caeacab6867d726c40546";
static const char client_traffic[] =
    "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5";
static const char client_data[] =
    "1703030043 a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f"
    "2b9819a8a5b46b395bd54a9a20441e2b62974e1f5a6292a2977014bd1e3deae6"
    "3aeebb21694915e4";

START_TEST(keys_of_the_published_trace)
{
    struct sealing s = keys_of(0x1301, KEYS_TLS, client_handshake);
    assert_hex(s.key, 16, "dbfaa693d1762c5b666af5d950258d01");
    assert_hex(s.iv, 12, "5bd3c71b836e0b76bb73265f");
}
END_TEST

/* RFC 9001 appendix A.5 and RFC 9369 appendix A.5. */
START_TEST(keys_of_quic)
{
    const char *secret = "9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b";
    struct sealing first = keys_of(0x1303, KEYS_QUIC, secret);
    assert_hex(first.key, 32, "c6d98ff3441c3fe1b2182094f69caa2ed4b716b65488960a7a984979fb23e1c8");
    assert_hex(first.iv, 12, "e0459b3474bdd0e44a41c144");
    assert_hex(
        first.number, 32, "25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4");
    struct sealing second = keys_of(0x1303, KEYS_QUIC2, secret);
    assert_hex(second.key, 32, "3bfcddd72bcf02541d7fa0dd1f5f9eeea817e09a6963a0e6c7df0f9a1bab90f2");
    assert_hex(second.iv, 12, "a6b5bc6ab7dafce30ffff5dd");
    assert_hex(
        second.number, 32, "d659760d2ba434a226fd37b35c69e2da8211d10c4f12538787d65645d5d1b8e2");
}
END_TEST

/* RFC 9001 appendix A.5: the sample of a packet that ChaCha20 hides the number of. */
START_TEST(the_mask_of_a_number)
{
    uint8_t mask[NUMBER_MASK];
    struct bytes sample = hex("5e5cd55c41f69080575d7999c25a5bfb");
    struct sealing s = keys_of(
        0x1303, KEYS_QUIC, "9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b");
    ck_assert(opener_number_mask(opener, &s, sample, mask));
    assert_hex(mask, sizeof mask, "aefefe7d03");
    ck_assert(!opener_number_mask(opener, &s, bytes_first(sample, 15), mask));
    free((void *)sample.at);
}
END_TEST

START_TEST(opens_the_published_record)
{
    struct sealing s = keys_of(0x1301, KEYS_TLS, client_handshake);
    struct bytes record = hex(client_flight), text;
    struct bytes header = bytes_first(record, 5), body = bytes_skip(record, 5);
    ck_assert(opener_open(opener, &s, 0, header, body, &text));
    ck_assert_uint_eq(text.len, 37);
    ck_assert_uint_eq(bytes_at(text, 0), 20);  /* Finished */
    ck_assert_uint_eq(bytes_at(text, 36), 22); /* in a handshake record */
    ck_assert(!opener_open(opener, &s, 1, header, body, &text));
    ck_assert(!opener_open(opener, &s, 0, bytes_first(header, 4), body, &text));
    for (size_t cut = 0; cut < body.len; cut++)
        ck_assert(!opener_open(opener, &s, 0, header, bytes_first(body, cut), &text));
    free((void *)record.at);
}
END_TEST

START_TEST(sees_what_the_published_records_are)
{
    uint8_t type;
    struct bytes data = hex(client_data), flight = hex(client_flight);
    struct sealing s = keys_of(0x1301, KEYS_TLS, client_traffic);
    ck_assert(opener_peek(opener, &s, 0, bytes_skip(data, 5), &type));
    ck_assert_uint_eq(type, 23);
    s = keys_of(0x1301, KEYS_TLS, client_handshake);
    ck_assert(opener_peek(opener, &s, 0, bytes_skip(flight, 5), &type));
    ck_assert_uint_eq(type, 22);
    free((void *)data.at);
    free((void *)flight.at);
}
END_TEST

static const uint16_t ciphers[] = {0x1301, 0x1302, 0x1303, 0x1304, 0x1305};
enum { CIPHERS = sizeof ciphers / sizeof *ciphers };

static struct sealing
made_up_keys(uint16_t cipher)
{
    struct sealing sealing;
    uint8_t secret[SUITE_HASH_MOST] = {1, 2, 3};
    const struct suite *suite = suite_find(cipher);
    ck_assert(sealing_derive(opener, suite, KEYS_TLS, bytes_of(secret, suite->hash), &sealing));
    return sealing;
}

/* Every suite, with contents and paddings around the sizes of blocks. */
START_TEST(every_suite_and_padding)
{
    struct sealing s = made_up_keys(ciphers[_i]);
    static const uint8_t content[200];
    for (size_t length = 0; length < 140; length += 7)
        for (size_t padding = 0; padding < 150; padding += 15) {
            struct text record = {0};
            struct bytes text;
            uint8_t type = 0;
            seal_record(&record, &s, 300 + length, 22, bytes_of(content, length), padding);
            struct bytes all = text_bytes(&record), body = bytes_skip(all, 5);
            ck_assert(opener_peek(opener, &s, 300 + length, body, &type));
            ck_assert_uint_eq(type, 22);
            ck_assert(opener_open(opener, &s, 300 + length, bytes_first(all, 5), body, &text));
            ck_assert_uint_eq(text.len, length + 1 + padding);
            ck_assert_uint_eq(bytes_at(text, length), 22);
            text_free(&record);
        }
}
END_TEST

START_TEST(nothing_but_padding_has_no_type)
{
    struct sealing s = made_up_keys(ciphers[_i]);
    struct text record = {0};
    uint8_t type;
    seal_record(&record, &s, 0, 0, (struct bytes){0}, 1000);
    ck_assert(!opener_peek(opener, &s, 0, bytes_skip(text_bytes(&record), 5), &type));
    ck_assert(!opener_peek(opener, &s, 0, bytes_of(record.at, s.suite->tag), &type));
    text_free(&record);
}
END_TEST

START_TEST(a_secret_of_another_length_gives_no_keys)
{
    struct sealing sealing;
    static const uint8_t secret[48];
    ck_assert(
        !sealing_derive(opener, suite_find(0x1302), KEYS_TLS, bytes_of(secret, 32), &sealing));
    ck_assert(
        !sealing_derive(opener, suite_find(0x1301), KEYS_TLS, bytes_of(secret, 48), &sealing));
    ck_assert(suite_find(0xc02f) == NULL);
}
END_TEST

static void
set_up(void)
{
    opener = opener_new();
}

static void
tear_down(void)
{
    opener_free(opener);
}

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("dissect/keys/opener");
    TCase *c = tcase_create("opener");
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, keys_of_the_published_trace);
    tcase_add_test(c, keys_of_quic);
    tcase_add_test(c, the_mask_of_a_number);
    tcase_add_test(c, opens_the_published_record);
    tcase_add_test(c, sees_what_the_published_records_are);
    tcase_add_loop_test(c, every_suite_and_padding, 0, CIPHERS);
    tcase_add_loop_test(c, nothing_but_padding_has_no_type, 0, CIPHERS);
    tcase_add_test(c, a_secret_of_another_length_gives_no_keys);
    suite_add_tcase(s, c);
    return s;
}
