/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/keys/tls_opening.h"

#include "dissect/message.h"
#include "tests/support/keyed.h"
#include "tests/support/scene.h"

#include <check.h>
#include <stdlib.h>

enum { ROOM = 4 << 20 };

static struct keyed keyed;
static struct scene scene;
static struct talk talk;

static void
begin(uint16_t cipher)
{
    keyed_begin(&keyed, cipher);
    scene_begin(&scene, ROOM);
    struct key_options options = {.store = keyed.store, .follow = true};
    dissection_use_keys(scene.dissection, &options);
    talk = (struct talk){0};
}

static void
end(void)
{
    ck_assert_uint_eq(scene_end(&scene), 0);
    keyed_end(&keyed);
    talk_free(&talk);
}

static void
say_data(struct text *out, enum role role)
{
    static const uint8_t data[100] = {'d', 'a', 't', 'a'};
    keyed_say(&keyed, out, role, RECORD_APPLICATION_DATA, bytes_of(data, sizeof data));
}

/* Hello, flight, flight; `client_count` certificates of the client when it is asked. */
static void
say_handshake(bool asks, size_t client_count)
{
    tls_client_hello(talk_turn(&talk, ORIGINATOR));
    keyed_server_flight(&keyed, talk_turn(&talk, RESPONDER), scene.certificate, 2, asks);
    keyed_client_flight(
        &keyed, talk_turn(&talk, ORIGINATOR), asks ? scene.certificate + 2 : NULL, client_count);
}

static void
assert_told(enum visibility_reason server, size_t server_count, enum visibility_reason client,
    size_t client_count)
{
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_str_eq(visibility_reason_name(scene.reason[SERVER]), visibility_reason_name(server));
    ck_assert_str_eq(visibility_reason_name(scene.reason[CLIENT]), visibility_reason_name(client));
    ck_assert_uint_eq(scene.certificates[SERVER], server_count);
    ck_assert_uint_eq(scene.certificates[CLIENT], client_count);
}

static const uint16_t ciphers[] = {0x1301, 0x1302, 0x1303, 0x1304, 0x1305};
enum { CIPHERS = sizeof ciphers / sizeof *ciphers };

START_TEST(both_chains_with_every_suite_in_pieces_of_any_size)
{
    static const size_t sizes[] = {SIZE_MAX, 1000, 61, 7, 1};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        begin(ciphers[_i]);
        keyed_give_all(&keyed);
        say_handshake(true, 1);
        say_data(talk_turn(&talk, ORIGINATOR), CLIENT);
        say_data(talk_turn(&talk, RESPONDER), SERVER);
        scene_talk(&scene, &talk, sizes[i]);
        assert_told(REASON_KEYS, 2, REASON_KEYS, 1);
        ck_assert(scene.facts.keys_used);
        ck_assert_int_eq(scene.facts.client_cert_requested, YES);
        ck_assert_int_eq(scene.facts.outcome, OUTCOME_ACCEPTED);
        ck_assert_str_eq(scene.facts.history, "CsiI"); /* what everybody could see */
        end();
    }
}
END_TEST

START_TEST(the_handshake_secrets_suffice)
{
    begin(0x1301);
    keyed_give(&keyed, SECRET_CLIENT_HANDSHAKE);
    keyed_give(&keyed, SECRET_SERVER_HANDSHAKE);
    say_handshake(true, 1);
    say_data(talk_turn(&talk, RESPONDER), SERVER);
    scene_talk(&scene, &talk, SIZE_MAX);
    assert_told(REASON_KEYS, 2, REASON_KEYS, 1);
    ck_assert_int_eq(scene.facts.outcome, OUTCOME_ACCEPTED);
    ck_assert_uint_eq(dissection_counts(scene.dissection).keys.failed, 0);
    end();
}
END_TEST

START_TEST(not_asked_and_asked_in_vain)
{
    begin(0x1301);
    keyed_give_all(&keyed);
    say_handshake(_i, 0);
    say_data(talk_turn(&talk, RESPONDER), SERVER);
    scene_talk(&scene, &talk, SIZE_MAX);
    assert_told(REASON_KEYS, 2, _i ? REASON_DECLINED : REASON_NOT_REQUESTED, 0);
    ck_assert_int_eq(scene.facts.client_cert_requested, _i ? YES : NO);
    end();
}
END_TEST

START_TEST(half_of_the_keys)
{
    begin(0x1302);
    keyed_give(&keyed, _i ? SECRET_CLIENT_HANDSHAKE : SECRET_SERVER_HANDSHAKE);
    say_handshake(true, 1);
    scene_talk(&scene, &talk, SIZE_MAX);
    scene_over(&scene, FLOW_CLOSED);
    assert_told(
        _i ? REASON_TLS13 : REASON_KEYS, _i ? 0 : 2, _i ? REASON_KEYS : REASON_TLS13, (size_t)_i);
    end();
}
END_TEST

START_TEST(other_keys_open_nothing)
{
    begin(0x1301);
    for (int label = 0; label < SECRET_LABELS; label++)
        keyed.secret[label].at[0] ^= 1;
    keyed_give_all(&keyed);
    say_handshake(true, 1);
    scene_talk(&scene, &talk, SIZE_MAX);
    scene_over(&scene, FLOW_CLOSED);
    assert_told(REASON_UNOPENED, 0, REASON_UNOPENED, 0);
    ck_assert_int_eq(scene.visibility[SERVER], HIDDEN_ENCRYPTED);
    ck_assert(!scene.facts.keys_used);
    ck_assert_uint_eq(dissection_counts(scene.dissection).keys.failed, 2);
    end();
}
END_TEST

START_TEST(no_keys)
{
    begin(0x1301);
    say_handshake(true, 1);
    scene_talk(&scene, &talk, SIZE_MAX);
    scene_over(&scene, FLOW_CLOSED);
    assert_told(REASON_TLS13, 0, REASON_TLS13, 0);
    end();
}
END_TEST

/* Each byte of the server's flight missing in turn, with what follows it: the client's side is read
 * all the same, and of the server's nothing is made up. */
START_TEST(a_gap_in_one_side)
{
    for (size_t at = 100; at < 600; at += 23) {
        begin(0x1303);
        keyed_give_all(&keyed);
        say_handshake(true, 1);
        struct bytes flight = text_bytes(&talk.turn[1].said);
        scene_hear(&scene, ORIGINATOR, text_bytes(&talk.turn[0].said));
        scene_hear(&scene, RESPONDER, bytes_first(flight, at));
        scene_gap(&scene, RESPONDER, 10);
        scene_hear(&scene, RESPONDER, bytes_skip(flight, at + 10));
        scene_hear(&scene, ORIGINATOR, text_bytes(&talk.turn[2].said));
        scene_over(&scene, FLOW_CLOSED);
        ck_assert_uint_eq(scene.certificates[CLIENT], at < 150 ? scene.certificates[CLIENT] : 1);
        ck_assert(scene.certificates[SERVER] == 0 || scene.certificates[SERVER] == 2);
        if (scene.certificates[SERVER] == 0 && at >= 150)
            ck_assert_int_eq(scene.reason[SERVER], REASON_GAP);
        end();
    }
}
END_TEST

START_TEST(cut_after_every_byte)
{
    begin(0x1304);
    say_handshake(true, 1);
    size_t lengths[3];
    for (size_t i = 0; i < 3; i++)
        lengths[i] = talk.turn[i].said.len;
    end();
    for (size_t turn = 1; turn < 3; turn++)
        for (size_t cut = 1; cut < lengths[turn]; cut += 5) {
            begin(0x1304);
            keyed_give_all(&keyed);
            say_handshake(true, 1);
            talk.turn[turn].said.len = cut;
            for (size_t later = turn + 1; later < talk.len; later++)
                talk.turn[later].said.len = 0;
            scene_talk(&scene, &talk, SIZE_MAX);
            scene_over(&scene, FLOW_OVER);
            ck_assert_uint_eq(scene.told, 1);
            ck_assert(scene.certificates[SERVER] == 2 || turn == 1);
            end();
        }
}
END_TEST

/* Early data has other keys: it is passed over until something opens. */
START_TEST(early_data)
{
    begin(0x1301);
    keyed_give_all(&keyed);
    struct text *hello = talk_turn(&talk, ORIGINATOR);
    tls_record_hex(hello, RECORD_HANDSHAKE,
        "01 00004c 0303 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 00"
        "0002 1301 01 00"
        "0021 002b 0003 02 0304                           # versions\n"
        "     002a 0000                                   # early data\n"
        "     002d 0002 01 01                             # modes\n"
        "     0029 000c 0007 0001 01 00000000 0001 00     # an identity\n");
    struct sealing early = keyed.sealing[CLIENT];
    early.key[0] ^= 0xff;
    for (uint64_t seq = 0; seq < 3; seq++)
        seal_record(hello, &early, seq, RECORD_APPLICATION_DATA, bytes_from_string("GET /"), 0);
    keyed_server_flight(&keyed, talk_turn(&talk, RESPONDER), scene.certificate, 2, true);
    struct text *flight = talk_turn(&talk, ORIGINATOR);
    seal_record(flight, &early, 3, RECORD_HANDSHAKE, bytes_of("\5\0\0\0", 4), 0);
    keyed_client_flight(&keyed, flight, scene.certificate + 2, 1);
    scene_talk(&scene, &talk, SIZE_MAX);
    scene_over(&scene, FLOW_CLOSED);
    assert_told(REASON_KEYS, 2, REASON_KEYS, 1);
    end();
}
END_TEST

/* What the server thinks of the client's certificate comes under its traffic secret. */
START_TEST(refused_behind_the_encryption)
{
    begin(0x1301);
    keyed_give_all(&keyed);
    say_handshake(true, 1);
    keyed_say(&keyed, talk_turn(&talk, RESPONDER), SERVER, RECORD_ALERT, bytes_of("\2\60", 2));
    scene_talk(&scene, &talk, SIZE_MAX);
    scene_over(&scene, FLOW_CLOSED);
    assert_told(REASON_KEYS, 2, REASON_KEYS, 1);
    ck_assert_int_eq(scene.facts.outcome, OUTCOME_REJECTED);
    ck_assert_int_eq(scene.facts.last_alert, 48); /* unknown_ca */
    end();
}
END_TEST

/* Post-handshake authentication: request, certificate, proof, Finished. */
static void
say_authentication(size_t count)
{
    struct text body = {0};
    tls_hex(&body, "04 01020304 0008 000d 0004 0002 0403");
    keyed_message(&keyed, talk_turn(&talk, RESPONDER), SERVER, MESSAGE_CERTIFICATE_REQUEST,
        text_bytes(&body));
    text_clear(&body);
    keyed_certificates(&body, scene.certificate + 2, count);
    struct text *flight = talk_turn(&talk, ORIGINATOR);
    keyed_message(&keyed, flight, CLIENT, MESSAGE_CERTIFICATE, text_bytes(&body));
    keyed_message(&keyed, flight, CLIENT, MESSAGE_FINISHED, bytes_of("finished", 8));
    text_free(&body);
}

START_TEST(a_certificate_after_the_handshake)
{
    static const size_t sizes[] = {SIZE_MAX, 100, 1};
    begin(ciphers[_i]);
    keyed_give_all(&keyed);
    say_handshake(false, 0);
    say_data(talk_turn(&talk, ORIGINATOR), CLIENT);
    say_data(talk_turn(&talk, RESPONDER), SERVER);
    say_authentication(1);
    say_data(talk_turn(&talk, RESPONDER), SERVER);
    scene_talk(&scene, &talk, sizes[_i % 3]);
    ck_assert_uint_eq(scene.told, 2); /* the handshake, and what came behind it */
    ck_assert_uint_eq(scene.certificates[CLIENT], 1);
    ck_assert_uint_eq(scene.certificates[SERVER], 2);
    ck_assert_int_eq(scene.reason[CLIENT], REASON_KEYS);
    ck_assert_int_eq(scene.reason[SERVER], REASON_KEYS);
    ck_assert_int_eq(scene.facts.client_cert_requested, YES);
    ck_assert_int_eq(scene.facts.outcome, OUTCOME_ACCEPTED);
    scene_over(&scene, FLOW_CLOSED);
    ck_assert_uint_eq(scene.told, 2);
    end();
}
END_TEST

/* Both sides change their keys several times before that. */
START_TEST(keys_that_change)
{
    begin(ciphers[_i]);
    keyed_give_all(&keyed);
    say_handshake(false, 0);
    for (int i = 0; i < 3; i++) {
        say_data(talk_turn(&talk, ORIGINATOR), CLIENT);
        struct text *answer = talk_turn(&talk, RESPONDER);
        say_data(answer, SERVER);
        keyed_message(&keyed, answer, SERVER, MESSAGE_KEY_UPDATE, bytes_of("", 1));
        keyed_update(&keyed, SERVER);
        if (i == 1)
            keyed_message(&keyed, talk_turn(&talk, ORIGINATOR), CLIENT, MESSAGE_KEY_UPDATE,
                bytes_of("\1", 1));
        if (i == 1)
            keyed_update(&keyed, CLIENT);
    }
    say_authentication(1);
    scene_talk(&scene, &talk, 200);
    scene_over(&scene, FLOW_CLOSED);
    ck_assert_uint_eq(scene.told, 2);
    ck_assert_uint_eq(scene.certificates[CLIENT], 1);
    ck_assert_uint_eq(dissection_counts(scene.dissection).keys.failed, 0);
    end();
}
END_TEST

/* Data that is lost inside a record does not end it: the record is counted all the same. */
START_TEST(a_gap_among_the_data)
{
    begin(0x1301);
    keyed_give_all(&keyed);
    say_handshake(false, 0);
    struct text lost = {0};
    say_data(talk_turn(&talk, RESPONDER), SERVER);
    say_data(&lost, SERVER);
    scene_talk(&scene, &talk, SIZE_MAX);
    scene_hear(&scene, RESPONDER, bytes_first(text_bytes(&lost), 20));
    size_t missing = _i ? lost.len - 20 : 50; /* to its end, or not */
    scene_gap(&scene, RESPONDER, missing);
    scene_hear(&scene, RESPONDER, bytes_skip(text_bytes(&lost), 20 + missing));
    for (size_t i = 0; i < talk.len; i++)
        text_free(&talk.turn[i].said);
    talk = (struct talk){0};
    say_authentication(1);
    scene_talk(&scene, &talk, SIZE_MAX);
    scene_over(&scene, FLOW_CLOSED);
    ck_assert_uint_eq(scene.certificates[CLIENT], 1);
    ck_assert_int_eq(scene.facts.client_cert_requested, YES);
    text_free(&lost);
    end();
}
END_TEST

START_TEST(behind_the_handshake_only_when_wanted)
{
    keyed_begin(&keyed, 0x1301);
    scene_begin(&scene, ROOM);
    struct key_options options = {.store = keyed.store, .follow = false};
    dissection_use_keys(scene.dissection, &options);
    talk = (struct talk){0};
    keyed_give_all(&keyed);
    say_handshake(false, 0);
    say_data(talk_turn(&talk, RESPONDER), SERVER);
    scene_talk(&scene, &talk, SIZE_MAX);
    ck_assert(scene.flow.quiet);
    ck_assert_uint_eq(scene.told, 1);
    end();
}
END_TEST

/* RFC 7250: a key stands where a certificate would. */
START_TEST(a_raw_public_key)
{
    begin(0x1301);
    keyed_give_all(&keyed);
    const struct certificate *whole = certificate_read(&scene.arena, scene.certificate[0]);
    struct bytes key = whole->spki;
    const struct certificate *bare = certificate_read(&scene.arena, key);
    ck_assert_ptr_null(bare->broken);
    ck_assert(bytes_equal(bare->spki, key));
    ck_assert_str_eq(bare->spki_sha256_hex, whole->spki_sha256_hex);
    ck_assert_str_eq(bare->sha256_hex, bare->spki_sha256_hex);
    ck_assert(bytes_equal(bare->key_type, whole->key_type));
    ck_assert_uint_eq(bare->key_length, whole->key_length);

    tls_client_hello(talk_turn(&talk, ORIGINATOR));
    keyed_server_flight(&keyed, talk_turn(&talk, RESPONDER), &key, 1, false);
    scene_talk(&scene, &talk, SIZE_MAX);
    scene_over(&scene, FLOW_CLOSED);
    ck_assert_uint_eq(scene.certificates[SERVER], 1);
    ck_assert(strstr(text_string(&scene.text), whole->spki_sha256_hex));
    end();
}
END_TEST

/* RFC 8448 section 3, as it was published. */
static const char client_hello[] =
    "16030100c4 "
    "010000c00303cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece700000613"
    "0113031302010000910000000b0009000006736572766572ff01000100000a00140012001d00170018001901000101"
    "01020103010400230000003300260024001d002099381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d541369"
    "1e529aaf2c002b0003020304000d0020001e0403050306030203080408050806040105010601020104020502060202"
    "02002d00020101001c00024001";
static const char server_hello[] =
    "160303005a "
    "020000560303a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e2692800130100"
    "002e00330024001d0020c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f002b000203"
    "04";
static const char server_flight[] =
    "17030302a2 "
    "d1ff334a56f5bff6594a07cc87b580233f500f45e489e7f33af35edf7869fcf40aa40aa2b8ea73f848a7"
    "ca07612ef9f945cb960b4068905123ea78b111b429ba9191cd05d2a389280f526134aadc7fc78c4b729df828b5ecf7"
    "b13bd9aefb0e57f271585b8ea9bb355c7c79020716cfb9b1183ef3ab20e37d57a6b9d7477609aee6e122a4cf514273"
    "25250c7d0e509289444c9b3a648f1d71035d2ed65b0e3cdd0cbae8bf2d0b227812cbb360987255cc744110c453baa4"
    "fcd610928d809810e4b7ed1a8fd991f06aa6248204797e36a6a73b70a2559c09ead686945ba246ab66e5edd8044b4c"
    "6de3fcf2a89441ac66272fd8fb330ef8190579b3684596c960bd596eea520a56a8d650f563aad27409960dca63d3e6"
    "88611ea5e22f4415cf9538d51a200c27034272968a264ed6540c84838d89f72c24461aad6d26f59ecaba9acbbb317b"
    "66d902f4f292a36ac1b639c637ce343117b659622245317b49eeda0c6258f100d7d961ffb138647e92ea330faeea6d"
    "fa31c7a84dc3bd7e1b7a6c7178af36879018e3f252107f243d243dc7339d5684c8b0378bf30244da8c87c843f5e56e"
    "b4c5e8280a2b48052cf93b16499a66db7cca71e4599426f7d461e66f99882bd89fc50800becca62d6c74116dbd2972"
    "fda1fa80f85df881edbe5a37668936b335583b599186dc5c6918a396fa48a181d6b6fa4f9d62d513afbb992f2b992f"
    "67f8afe67f76913fa388cb5630c8ca01e0c65d11c66a1e2ac4c85977b7c7a6999bbf10dc35ae69f5515614636c0b9b"
    "68c19ed2e31c0b3b66763038ebba42f3b38edc0399f3a9f23faa63978c317fc9fa66a73f60f0504de93b5b845e2755"
    "92c12335ee340bbc4fddd502784016e4b3be7ef04dda49f4b440a30cb5d2af939828fd4ae3794e44f94df5a631ede4"
    "2c1719bfdabf0253fe5175be898e750edc53370d2b";
static const char client_flight[] =
    "1703030035 "
    "75ec4dc238cce60b298044a71e219c56cc77b0517fe9b93c7a4bfc44d87f38f80338ac98fc46deb384bd"
    "1caeacab6867d726c40546";
static const char published_log[] =
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET "
    "cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7 "
    "b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21\n"
    "SERVER_HANDSHAKE_TRAFFIC_SECRET "
    "cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7 "
    "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38\n";

static void
keep_secret(void *owner, const struct secret *secret)
{
    key_store_add(owner, secret, 0);
}

START_TEST(the_published_trace)
{
    begin(0x1301);
    struct key_log log = {0};
    key_log_feed(
        &log, bytes_from_string(published_log), (struct secret_listener){keyed.store, keep_secret});
    talk_say(&talk, ORIGINATOR, client_hello);
    talk_say(&talk, RESPONDER, server_hello);
    talk_say(&talk, RESPONDER, server_flight);
    talk_say(&talk, ORIGINATOR, client_flight);
    scene_talk(&scene, &talk, SIZE_MAX);
    scene_over(&scene, FLOW_CLOSED);
    assert_told(REASON_KEYS, 1, REASON_NOT_REQUESTED, 0);
    ck_assert_uint_eq(dissection_counts(scene.dissection).keys.opened, 2);
    ck_assert(strstr(text_string(&scene.text), "server.0="));
    end();
}
END_TEST

/* Handshakes that find no room are given up and leave nothing behind. */
START_TEST(without_room)
{
    for (size_t limit = 2000; limit < 20000; limit += 700) {
        keyed_begin(&keyed, 0x1301);
        scene_begin(&scene, limit);
        struct key_options options = {.store = keyed.store, .follow = true};
        dissection_use_keys(scene.dissection, &options);
        talk = (struct talk){0};
        keyed_give_all(&keyed);
        say_handshake(true, 1);
        scene_talk(&scene, &talk, 50);
        scene_over(&scene, FLOW_CLOSED);
        end();
    }
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("dissect/keys/tls_opening");
    TCase *c = tcase_create("tls opening");
    tcase_add_loop_test(c, both_chains_with_every_suite_in_pieces_of_any_size, 0, CIPHERS);
    tcase_add_test(c, the_handshake_secrets_suffice);
    tcase_add_loop_test(c, not_asked_and_asked_in_vain, 0, 2);
    tcase_add_loop_test(c, half_of_the_keys, 0, 2);
    tcase_add_test(c, other_keys_open_nothing);
    tcase_add_test(c, no_keys);
    tcase_add_test(c, a_gap_in_one_side);
    tcase_add_test(c, cut_after_every_byte);
    tcase_add_test(c, early_data);
    tcase_add_test(c, refused_behind_the_encryption);
    tcase_add_loop_test(c, a_certificate_after_the_handshake, 0, CIPHERS);
    tcase_add_loop_test(c, keys_that_change, 0, CIPHERS);
    tcase_add_loop_test(c, a_gap_among_the_data, 0, 2);
    tcase_add_test(c, behind_the_handshake_only_when_wanted);
    tcase_add_test(c, a_raw_public_key);
    tcase_add_test(c, the_published_trace);
    tcase_add_test(c, without_room);
    suite_add_tcase(s, c);
    return s;
}
