/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/inference.h"

#include <check.h>

enum { SHA256_SUITE = 0x1301, SHA384_SUITE = 0x1302, CCM_8_SUITE = 0x1305 };

/* Record lengths of each side, as an observer sees them; 0 ends a list. */
struct seen {
    const char *name;
    uint16_t cipher;
    uint16_t server[FLIGHT_RECORDS + 4], client[FLIGHT_RECORDS + 4];
    enum presence client_presence;
    uint32_t client_chain, with_proof, server_chain;
    enum tristate requested;
};

static const struct seen cases[] = {
    /* OpenSSL: RSA-2048 leaf of 719 bytes and its issuer of 775, SHA-384 suite. */
    {"not asked for", SHA384_SUITE, {23, 1500, 281, 69}, {69, 300}, PRESENCE_NOT_REQUESTED, 0, 0,
        1475, NO},
    {"asked and declined", SHA384_SUITE, {23, 89, 1500, 281, 69}, {25, 69}, PRESENCE_DECLINED, 0, 0,
        1475, YES},
    {"sent", SHA384_SUITE, {23, 89, 1500, 281, 69}, {1529, 281, 69, 100}, PRESENCE_SENT,
        719 + 5 + 775 + 5, 0, 1475, YES},
    {"sent, elliptic curve", SHA256_SUITE, {27, 100, 600, 96, 53}, {500, 95, 53}, PRESENCE_SENT,
        475, 0, 575, YES},
    {"tag of eight bytes", CCM_8_SUITE, {15, 492, 87, 45}, {45}, PRESENCE_NOT_REQUESTED, 0, 0, 475,
        NO},
    /* Several messages in a record. */
    {"declined in one record", SHA256_SUITE, {23, 1500, 281, 53}, {61}, PRESENCE_DECLINED, 0, 0,
        1475, YES},
    {"proof with finished", SHA256_SUITE, {23, 89, 1500, 281, 53}, {1529, 264 + 53}, PRESENCE_SENT,
        1504, 0, 1475, YES},
    {"chain with proof", SHA256_SUITE, {2000}, {1529 + 264, 53}, PRESENCE_SENT, 0, 1504 + 264, 0,
        YES},
    {"all in one", SHA256_SUITE, {2000}, {1529 + 264 + 36}, PRESENCE_SENT, 0, 1504 + 264, 0, YES},
    {"all in one, and data", SHA256_SUITE, {2000}, {1529 + 264 + 36, 400, 53}, PRESENCE_SENT, 0,
        1504 + 264, 0, YES},
    /* A Certificate that does not fit into one record. */
    {"over two records", SHA256_SUITE, {23, 89, 1500, 281, 53}, {16401, 1017, 281, 53},
        PRESENCE_SENT, 16384 + 1000 - 8, 0, 1475, YES},
    {"all in one, over two records", SHA384_SUITE, {2000}, {16401, 455}, PRESENCE_SENT, 0,
        16384 + 438 - 8 - 52, 0, YES},
    {"all in one of a usual limit", SHA256_SUITE, {2000}, {1024 + 17, 55}, PRESENCE_SENT, 0, 0, 0,
        YES},
    /* A Certificate in records shorter than they may be: of 512 bytes with their type, or without.
     */
    {"in short records", SHA256_SUITE, {23, 528, 528, 200, 281, 53}, {528, 528, 517, 281, 53},
        PRESENCE_SENT, 511 + 511 + 500 - 8, 0, 0, YES},
    {"in two short records", SHA384_SUITE, {23, 89, 1500, 281, 69}, {529, 497, 281, 69},
        PRESENCE_SENT, 512 + 480 - 8, 0, 1475, YES},
    /* Java: sixteen bytes of padding behind each message. */
    {"Java, not asked for", SHA384_SUITE, {65, 1037, 112, 85}, {85, 39}, PRESENCE_NOT_REQUESTED, 0,
        0, 996, NO},
    {"Java, asked and declined", SHA384_SUITE, {65, 155, 1037, 112, 85}, {41, 85, 39},
        PRESENCE_DECLINED, 0, 0, 996, YES},
    {"Java, sent", SHA384_SUITE, {23, 122, 1548, 95, 69}, {1014, 113, 85, 39}, PRESENCE_SENT, 973,
        0, 1523, YES},
    {"Java, sent with RSA", SHA256_SUITE, {23, 122, 1548, 95, 53}, {1220, 297, 69}, PRESENCE_SENT,
        1179, 0, 1523, YES},
    {"Java, declined, data at once", SHA256_SUITE, {23, 122, 1548, 95, 53}, {41, 69, 39, 700},
        PRESENCE_DECLINED, 0, 0, 1523, YES},
    /* Nothing that a flight could be. */
    {"all padded to 16", SHA256_SUITE, {48 + 16, 1024 + 16}, {496 + 16, 80 + 16, 48 + 16, 32 + 16},
        PRESENCE_UNKNOWN, 0, 0, 0, UNKNOWN},
    {"Finished, padded to 512", SHA256_SUITE, {528, 2064, 528, 528}, {528, 528, 1040},
        PRESENCE_UNKNOWN, 0, 0, 0, UNKNOWN},
    {"alert", SHA256_SUITE, {23, 89, 1500, 281, 53}, {19}, PRESENCE_UNKNOWN, 0, 0, 1475, YES},
    {"padded", SHA256_SUITE, {512, 2048, 512, 512}, {128, 300}, PRESENCE_UNKNOWN, 0, 0, 0, UNKNOWN},
    {"too short to hide anything", SHA256_SUITE, {5, 5, 5}, {17, 53}, PRESENCE_UNKNOWN, 0, 0, 0,
        UNKNOWN},
    {"empty list alone", SHA256_SUITE, {2000}, {25, 100}, PRESENCE_UNKNOWN, 0, 0, 0, UNKNOWN},
    {"nothing of the client", SHA256_SUITE, {23, 1500, 281, 53}, {0}, PRESENCE_UNKNOWN, 0, 0, 1475,
        NO},
};

static void
play(struct handshake *h, const struct seen *seen)
{
    *h = (struct handshake){.transport = JA4_TCP};
    h->session.client_side = ORIGINATOR;
    h->session.has_hello = h->session.has_answer = h->session.established = true;
    h->session.version = h->session.answer.version = 0x0304;
    h->session.answer.cipher = seen->cipher;
    for (size_t i = 0; seen->client[i]; i++)
        flight_add(&h->side[ORIGINATOR].flight, seen->client[i]);
    for (size_t i = 0; seen->server[i]; i++)
        flight_add(&h->side[RESPONDER].flight, seen->server[i]);
}

START_TEST(sizes_tell)
{
    const struct seen *seen = &cases[_i];
    struct handshake h;
    play(&h, seen);
    inference_conclude(&h);
    const struct inferred *client = &h.session.inferred[CLIENT];
    ck_assert_msg(client->presence == seen->client_presence, "%s", seen->name);
    ck_assert_msg(client->chain == seen->client_chain, "%s: %u", seen->name, client->chain);
    ck_assert_msg(client->with_proof == seen->with_proof, "%s: %u", seen->name, client->with_proof);
    ck_assert_msg(h.session.inferred[SERVER].chain == seen->server_chain, "%s", seen->name);
    ck_assert_msg(h.session.client_cert_requested == seen->requested, "%s", seen->name);
}
END_TEST

START_TEST(silent_where_not_all_was_seen)
{
    for (int doubt = 0; doubt < 9; doubt++) {
        struct handshake h;
        play(&h, &cases[2]);
        struct session *s = &h.session;
        bool *doubts[] = {&s->answer.retry, &s->resumed, &s->hello.early_data, &h.side[0].keyed,
            &h.side[1].keyed};
        if (doubt < 5)
            *doubts[doubt] = true;
        else if (doubt < 7)
            h.side[doubt - 5].trouble = REASON_GAP;
        else if (doubt == 7)
            h.transport = JA4_QUIC;
        else
            s->established = false;
        inference_conclude(&h);
        ck_assert_int_eq(s->inferred[CLIENT].presence, PRESENCE_UNKNOWN);
        ck_assert_int_eq(s->inferred[SERVER].presence, PRESENCE_UNKNOWN);
        ck_assert_int_eq(s->client_cert_requested, UNKNOWN);
    }
}
END_TEST

/* A client that can be asked later may yet be: that it showed none is not told. */
START_TEST(asked_later)
{
    for (int i = 0; i < 3; i++) {
        struct handshake h;
        play(&h, &cases[i]);
        h.session.hello.post_handshake_auth = true;
        inference_conclude(&h);
        bool sent = h.session.inferred[CLIENT].presence == PRESENCE_SENT;
        ck_assert_int_eq(sent, i == 2);
        ck_assert_int_eq(h.session.client_cert_requested, i ? YES : UNKNOWN);
    }
}
END_TEST

/* Go answers a client before it has its Finished. */
START_TEST(finished_still_to_come)
{
    static const struct seen unfinished[] = {
        {.cipher = SHA256_SUITE, .client = {881, 425}, .client_chain = 881 - 33 - 8},
        {.cipher = SHA256_SUITE, .client = {1529, 281}, .client_chain = 1504},
    };
    for (size_t i = 0; i < sizeof unfinished / sizeof *unfinished; i++) {
        struct handshake h;
        play(&h, &unfinished[i]);
        inference_conclude(&h);
        const struct inferred *client = &h.session.inferred[CLIENT];
        ck_assert_int_eq(client->presence, PRESENCE_SENT);
        ck_assert_uint_eq(client->chain, unfinished[i].client_chain);
        ck_assert(client->uncertain);
    }
}
END_TEST

/* What the client's hello allows a server, and shows that the client can do. */
START_TEST(lengths_in_doubt)
{
    for (int offers = 0; offers < 4; offers++) {
        struct handshake h;
        play(&h, &cases[2]);
        h.session.hello.certificate_extras = offers & 1;
        h.session.hello.compressed_certificates = offers & 2;
        inference_conclude(&h);
        ck_assert_int_eq(h.session.inferred[SERVER].uncertain, offers != 0);
        ck_assert_int_eq(h.session.inferred[CLIENT].uncertain, offers >= 2);
    }
}
END_TEST

/* Any lengths at all: nothing is read that is not there, and no answer contradicts itself. */
START_TEST(any_lengths)
{
    uint32_t state = 1;
    for (int turn = 0; turn < 20000; turn++) {
        struct seen seen = {.cipher = SHA256_SUITE};
        for (int i = 0; i < FLIGHT_RECORDS + 3; i++) {
            state = state * 1664525 + 1013904223;
            static const uint16_t usual[] = {17, 25, 53, 61, 281, 95, 1529, 16401, 1793};
            uint16_t length = (uint16_t)(state >> 16);
            bool common = length % 2;
            uint16_t chosen = common ? usual[length / 2 % 9] : (uint16_t)(length % 18432);
            if (i % 2)
                seen.client[i / 2] = chosen ? chosen : 1;
            else
                seen.server[i] = chosen ? chosen : 1;
        }
        struct handshake h;
        play(&h, &seen);
        inference_conclude(&h);
        const struct inferred *client = &h.session.inferred[CLIENT];
        ck_assert(client->presence == PRESENCE_SENT || (!client->chain && !client->with_proof));
        ck_assert(!client->chain || !client->with_proof);
    }
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *suite = suite_create("inference");
    TCase *tests = tcase_create("inference");
    tcase_add_loop_test(tests, sizes_tell, 0, sizeof cases / sizeof *cases);
    tcase_add_test(tests, silent_where_not_all_was_seen);
    tcase_add_test(tests, asked_later);
    tcase_add_test(tests, finished_still_to_come);
    tcase_add_test(tests, lengths_in_doubt);
    tcase_add_test(tests, any_lengths);
    suite_add_tcase(suite, tests);
    return suite;
}
