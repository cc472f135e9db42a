/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/dtls.h"

#include "dissect/conversation.h"
#include "dissect/dtls_fragment.h"
#include "dissect/dtls_record.h"
#include "dissect/message.h"

#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>

/* ---- Building datagrams. */

struct datagram {
    uint8_t at[4096];
    size_t len;
    uint64_t record; /* number of the next record */
};

static void
put(struct datagram *d, uint64_t value, size_t n)
{
    ck_assert_uint_le(d->len + n, sizeof d->at);
    while (n--)
        d->at[d->len++] = (uint8_t)(value >> 8 * n);
}

static void
put_bytes(struct datagram *d, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        put(d, bytes.at[i], 1);
}

static void
put_record(struct datagram *d, uint8_t type, uint16_t epoch, size_t length)
{
    put(d, type, 1);
    put(d, 0xfefd, 2);
    put(d, epoch, 2);
    put(d, d->record++, 6);
    put(d, length, 2);
}

static void
put_part(
    struct datagram *d, uint8_t type, uint16_t seq, struct bytes message, size_t from, size_t to)
{
    put_record(d, 22, 0, 12 + to - from);
    put(d, type, 1);
    put(d, message.len, 3);
    put(d, seq, 2);
    put(d, from, 3);
    put(d, to - from, 3);
    put_bytes(d, bytes_first(bytes_skip(message, from), to - from));
}

static void
put_whole(struct datagram *d, uint8_t type, uint16_t seq, struct bytes message)
{
    put_part(d, type, seq, message, 0, message.len);
}

static struct bytes
made(const struct datagram *d)
{
    return bytes_of(d->at, d->len);
}

/* A ClientHello without extensions; `mark` fills its random. */
static struct datagram
client_hello(uint8_t mark, bool cookie)
{
    struct datagram d = {.len = 0};
    put(&d, 0xfefd, 2);
    for (int i = 0; i < 32; i++)
        put(&d, mark, 1);
    put(&d, 0, 1); /* session id */
    put(&d, cookie ? 0x0401020304 : 0, cookie ? 5 : 1);
    put(&d, 4, 2);
    put(&d, 0xc02bc02f, 4);
    put(&d, 0x0100, 2);
    return d;
}

static struct datagram
server_hello(uint8_t mark)
{
    struct datagram d = {.len = 0};
    put(&d, 0xfefd, 2);
    for (int i = 0; i < 32; i++)
        put(&d, mark, 1);
    put(&d, 0, 1);
    put(&d, 0xc02f, 2);
    put(&d, 0, 1);
    return d;
}

/* ---- A dissection and what it tells. */

enum { TOLD_MOST = 12 };

struct told {
    char history[HISTORY_TEXT];
    uint16_t version, cipher;
    bool established, has_hello, has_answer;
    size_t ciphers;
    enum side client;
    enum visibility_reason server, client_reason;
    char ja4[JA4_TEXT];
};

struct bench {
    struct pool pool;
    struct dissection *dissection;
    struct flow_listener listener;
    struct flow flow;
    struct told told[TOLD_MOST];
    unsigned count;
};

static void
hear_told(void *owner, struct session *session)
{
    struct bench *b = owner;
    ck_assert_uint_lt(b->count, TOLD_MOST);
    struct told *told = &b->told[b->count++];
    memcpy(told->history, session->history, sizeof told->history);
    memcpy(told->ja4, session->ja4, sizeof told->ja4);
    told->version = session->version;
    told->cipher = session->answer.cipher;
    told->established = session->established;
    told->has_hello = session->has_hello;
    told->has_answer = session->has_answer;
    told->ciphers = session->hello.ciphers.len / 2;
    told->client = session->client_side;
    told->server = session->chain[SERVER].reason;
    told->client_reason = session->chain[CLIENT].reason;
    ck_assert_str_eq(session->carrier, "udp");
    session_release(session);
}

static void
set_up(struct bench *b)
{
    *b = (struct bench){.pool.limit = 1 << 24, .flow.protocol = IPPROTO_UDP};
    b->dissection = dissection_new(&b->pool, (struct session_listener){b, hear_told});
    b->listener = dissection_listener(b->dissection);
}

static void
hear_cut(struct bench *b, enum side from, struct bytes data, uint32_t missing)
{
    b->flow.packets[from]++;
    b->flow.payload[from] += data.len;
    b->flow.frame++;
    b->flow.last_ns += 1000;
    if (b->flow.quiet)
        return;
    uint8_t *exact = malloc(data.len ? data.len : 1); /* so that reading past the end is noticed */
    ck_assert_ptr_nonnull(exact);
    if (data.len)
        memcpy(exact, data.at, data.len);
    b->listener.datagram(
        b->listener.owner, &b->flow, from, bytes_of(data.len ? exact : NULL, data.len), missing);
    free(exact);
}

static void
hear(struct bench *b, enum side from, struct bytes data)
{
    hear_cut(b, from, data, 0);
}

static void
finish(struct bench *b)
{
    if (b->flow.dissection)
        b->listener.end(b->listener.owner, &b->flow, FLOW_OVER);
    ck_assert_ptr_null(b->flow.dissection);
    dissection_free(b->dissection);
    ck_assert_uint_eq(b->pool.used, 0);
}

static void
say_client_hello(struct bench *b, uint8_t mark)
{
    struct datagram hello = client_hello(mark, false);
    struct datagram d = {.len = 0};
    put_whole(&d, MESSAGE_CLIENT_HELLO, 0, made(&hello));
    hear(b, ORIGINATOR, made(&d));
}

static void
say_server_hello(struct bench *b, uint8_t mark)
{
    struct datagram hello = server_hello(mark);
    struct datagram d = {.len = 0};
    put_whole(&d, MESSAGE_SERVER_HELLO, 0, made(&hello));
    put_whole(&d, MESSAGE_SERVER_HELLO_DONE, 1, (struct bytes){0});
    hear(b, RESPONDER, made(&d));
}

/* What ends a handshake: key exchange of the client, then both change to epoch 1 and say data. */
static void
say_rest(struct bench *b)
{
    static const uint8_t secret[40];
    for (enum side side = ORIGINATOR; side <= RESPONDER; side++) {
        struct datagram d = {.len = 0};
        if (side == ORIGINATOR)
            put_whole(&d, MESSAGE_CLIENT_KEY_EXCHANGE, 1, bytes_of(secret, 33));
        put_record(&d, 20, 0, 1);
        put(&d, 1, 1);
        put_record(&d, 22, 1, sizeof secret);
        put_bytes(&d, bytes_of(secret, sizeof secret));
        hear(b, side, made(&d));
    }
    for (enum side side = ORIGINATOR; side <= RESPONDER; side++) {
        struct datagram d = {.len = 0};
        put_record(&d, 23, 1, sizeof secret);
        put_bytes(&d, bytes_of(secret, sizeof secret));
        hear(b, side, made(&d));
    }
}

/* ---- Sessions. */

START_TEST(a_handshake_is_told_once_though_flights_are_sent_again)
{
    struct bench b;
    set_up(&b);
    for (int i = 0; i < 3; i++)
        say_client_hello(&b, 1);
    for (int i = 0; i < 2; i++)
        say_server_hello(&b, 2);
    say_rest(&b);
    ck_assert_uint_eq(b.count, 1);
    say_client_hello(&b, 1); /* late ones of what was told */
    say_server_hello(&b, 2);
    finish(&b);
    ck_assert_uint_eq(b.count, 1);
    ck_assert_str_eq(b.told[0].history, "CsnGIi");
    ck_assert_uint_eq(b.told[0].version, 0xfefd);
    ck_assert_uint_eq(b.told[0].cipher, 0xc02f);
    ck_assert_uint_eq(b.told[0].ciphers, 2);
    ck_assert(b.told[0].established);
    ck_assert_msg(strncmp(b.told[0].ja4, "dd2i0200", 8) == 0, "%s", b.told[0].ja4);
}
END_TEST

/* A record of epoch 1 with the connection id that its sender was asked for. */
static void
put_identified(struct datagram *d, size_t id, size_t length)
{
    put(d, 25, 1);
    put(d, 0xfefd, 2);
    put(d, 1, 2);
    put(d, d->record++, 6);
    for (size_t i = 0; i < id; i++)
        put(d, 0x1d, 1);
    put(d, length, 2);
    for (size_t i = 0; i < length; i++)
        put(d, 0xee, 1);
}

static void
say_hello_with_id(struct bench *b, enum side side, size_t id)
{
    struct datagram hello = side == ORIGINATOR ? client_hello(1, false) : server_hello(2);
    struct datagram d = {.len = 0};
    put(&hello, 4 + 1 + id, 2);
    put(&hello, 54, 2);
    put(&hello, 1 + id, 2);
    put(&hello, id, 1);
    for (size_t i = 0; i < id; i++)
        put(&hello, i, 1);
    put_whole(
        &d, side == ORIGINATOR ? MESSAGE_CLIENT_HELLO : MESSAGE_SERVER_HELLO, 0, made(&hello));
    if (side == RESPONDER)
        put_whole(&d, MESSAGE_SERVER_HELLO_DONE, 1, (struct bytes){0});
    hear(b, side, made(&d));
}

/* The client writes the id that the server named, and the other way round; several records stand in
 * a datagram. What is as long as the Finished is one that was sent again, and proves nothing. */
START_TEST(connection_ids_have_the_length_of_the_others_hello)
{
    static const size_t ids[][2] = {{3, 8}, {0, 8}, {3, 0}, {255, 1}};
    enum { FINISHED = 40, DATA = 60, ALERT = 18 };
    struct bench b;
    set_up(&b);
    say_hello_with_id(&b, ORIGINATOR, ids[_i][0]);
    say_hello_with_id(&b, RESPONDER, ids[_i][1]);
    for (enum side side = ORIGINATOR; side <= RESPONDER; side++) {
        size_t id = ids[_i][other_side(side)];
        struct datagram d = {.len = 0};
        if (side == ORIGINATOR)
            put_whole(&d, MESSAGE_CLIENT_KEY_EXCHANGE, 1, bytes_of("key", 3));
        put_record(&d, 20, 0, 1);
        put(&d, 1, 1);
        if (id) {
            put_identified(&d, id, FINISHED);
            put_identified(&d, id, FINISHED);
            put_identified(&d, id, ALERT);
        } else {
            put_record(&d, 22, 1, 1);
            put(&d, 0, 1);
        }
        hear(&b, side, made(&d));
    }
    ck_assert_uint_eq(b.count, 0);
    for (enum side side = ORIGINATOR; side <= RESPONDER; side++) {
        size_t id = ids[_i][other_side(side)];
        struct datagram d = {.len = 0};
        if (id)
            put_identified(&d, id, DATA);
        else
            put_record(&d, 23, 1, 0);
        hear(&b, side, made(&d));
    }
    ck_assert_uint_eq(b.count, 1);
    ck_assert_str_eq(b.told[0].history, "CsnGIi");
    ck_assert(b.told[0].established);
    finish(&b);
}
END_TEST

START_TEST(a_cookie_is_asked_for_and_shown)
{
    static const uint8_t verify[] = {0xfe, 0xff, 4, 1, 2, 3, 4};
    struct bench b;
    set_up(&b);
    say_client_hello(&b, 1);
    struct datagram d = {.len = 0};
    put_whole(&d, MESSAGE_HELLO_VERIFY_REQUEST, 0, bytes_of(verify, sizeof verify));
    hear(&b, RESPONDER, made(&d));
    struct datagram hello = client_hello(1, true);
    d = (struct datagram){.len = 0};
    put_whole(&d, MESSAGE_CLIENT_HELLO, 1, made(&hello));
    hear(&b, ORIGINATOR, made(&d));
    hello = server_hello(2);
    d = (struct datagram){.len = 0};
    put_whole(&d, MESSAGE_SERVER_HELLO, 1, made(&hello));
    hear(&b, RESPONDER, made(&d));
    finish(&b);
    ck_assert_uint_eq(b.count, 1);
    ck_assert_str_eq(b.told[0].history, "CvCs");
    ck_assert_uint_eq(b.told[0].ciphers, 2);
}
END_TEST

START_TEST(another_random_begins_another_session)
{
    struct bench b;
    set_up(&b);
    for (uint8_t i = 0; i < 12; i++) {
        say_client_hello(&b, i);
        say_server_hello(&b, i);
        if (i % 2)
            say_rest(&b);
    }
    finish(&b);
    ck_assert_uint_eq(b.count, 8);
    for (unsigned i = 0; i < 8; i++)
        ck_assert_str_eq(b.told[i].history, i % 2 ? "CsnGIi" : "Csn");
}
END_TEST

START_TEST(a_server_alone_is_heard)
{
    struct bench b;
    set_up(&b);
    struct datagram hello = server_hello(2);
    struct datagram d = {.len = 0};
    put_whole(&d, MESSAGE_SERVER_HELLO, 1, made(&hello)); /* 0 was before the capture */
    hear(&b, ORIGINATOR, made(&d));
    finish(&b);
    ck_assert_uint_eq(b.count, 1);
    ck_assert(b.told[0].client == RESPONDER);
    ck_assert_str_eq(b.told[0].history, "^s");
}
END_TEST

START_TEST(a_lost_message_is_admitted)
{
    struct bench b;
    set_up(&b);
    say_client_hello(&b, 1);
    struct datagram hello = server_hello(2);
    struct datagram d = {.len = 0};
    put_whole(&d, MESSAGE_SERVER_HELLO, 0, made(&hello));
    put_whole(&d, MESSAGE_SERVER_HELLO_DONE, 2, (struct bytes){0}); /* 1 is missing */
    hear(&b, RESPONDER, made(&d));
    finish(&b);
    ck_assert_uint_eq(b.count, 1);
    ck_assert_str_eq(b.told[0].history, "Csn");
    ck_assert_int_eq(b.told[0].server, REASON_GAP);
}
END_TEST

START_TEST(records_that_overtake_the_change_of_ciphers_change_nothing)
{
    static const uint8_t secret[40];
    struct bench b;
    set_up(&b);
    say_client_hello(&b, 1);
    say_server_hello(&b, 2);
    struct datagram d = {.len = 0};
    put_record(&d, 23, 1, sizeof secret);
    put_bytes(&d, bytes_of(secret, sizeof secret));
    hear(&b, RESPONDER, made(&d));
    say_rest(&b);
    finish(&b);
    ck_assert_uint_eq(b.count, 1);
    ck_assert_str_eq(b.told[0].history, "CsnGIi");
}
END_TEST

START_TEST(a_hello_cut_after_every_byte)
{
    struct datagram hello = client_hello(1, true);
    struct datagram d = {.len = 0};
    put_part(&d, MESSAGE_CLIENT_HELLO, 0, made(&hello), 0, 40);
    put_part(&d, MESSAGE_CLIENT_HELLO, 0, made(&hello), 40, hello.len);
    for (size_t n = 0; n <= d.len; n++) {
        struct bench b;
        set_up(&b);
        hear_cut(&b, ORIGINATOR, bytes_first(made(&d), n), (uint32_t)(d.len - n));
        finish(&b);
        ck_assert_msg(b.count == (n >= 13 + 12), "cut after %zu", n);
        if (b.count)
            ck_assert_msg(b.told[0].has_hello == (n == d.len), "cut after %zu", n);
        set_up(&b); /* and as if the sender had meant it so */
        hear(&b, ORIGINATOR, bytes_first(made(&d), n));
        finish(&b);
        ck_assert_uint_le(b.count, 1);
    }
}
END_TEST

/* ---- Wrapping, and what is not DTLS. */

enum wrapping { STUN_BEFORE, TURN_CHANNEL, TURN_INDICATION, CAPWAP_PREAMBLE, NO_WRAPPING };

static struct datagram
wrap(enum wrapping how, struct bytes inner)
{
    struct datagram d = {.len = 0};
    if (how == TURN_CHANNEL) {
        put(&d, 0x4001, 2);
        put(&d, inner.len, 2);
    } else if (how == TURN_INDICATION) {
        put(&d, 0x0016, 2);
        put(&d, 12 + 4 + inner.len, 2);
        put(&d, 0x2112a442, 4);
        put(&d, 1, 8);
        put(&d, 2, 4);
        put(&d, 0x00120008, 4); /* XOR-PEER-ADDRESS */
        put(&d, 0x0001123412345678, 8);
        put(&d, 0x0013, 2);
        put(&d, inner.len, 2);
    } else if (how == CAPWAP_PREAMBLE) {
        put(&d, 0x01000000, 4);
    }
    put_bytes(&d, inner);
    return d;
}

START_TEST(dtls_is_found_in_wrapping_and_among_others)
{
    static const uint8_t binding[20] = {0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42};
    static const uint8_t rtp[60] = {0x80, 0x60, 0, 1};
    struct datagram hello = client_hello(1, false);
    struct datagram inner = {.len = 0};
    put_whole(&inner, MESSAGE_CLIENT_HELLO, 0, made(&hello));
    for (enum wrapping how = STUN_BEFORE; how <= NO_WRAPPING; how++) {
        struct bench b;
        set_up(&b);
        for (int i = 0; how == STUN_BEFORE && i < 500; i++)
            hear(&b, i % 2, bytes_of(binding, sizeof binding));
        for (int i = 0; how != STUN_BEFORE && i < 20; i++)
            hear(&b, RESPONDER, bytes_of(rtp, sizeof rtp));
        ck_assert_uint_eq(b.pool.used, 0);
        struct datagram d = wrap(how, made(&inner));
        hear(&b, ORIGINATOR, made(&d));
        hear(&b, RESPONDER, bytes_of(rtp, sizeof rtp));
        finish(&b);
        ck_assert_msg(b.count == 1, "wrapping %d", how);
        ck_assert_str_eq(b.told[0].history, "C");
    }
}
END_TEST

START_TEST(wrapping_cut_after_every_byte)
{
    struct datagram hello = client_hello(1, false);
    struct datagram inner = {.len = 0};
    put_whole(&inner, MESSAGE_CLIENT_HELLO, 0, made(&hello));
    for (enum wrapping how = STUN_BEFORE; how <= NO_WRAPPING; how++) {
        struct datagram d = wrap(how, made(&inner));
        for (size_t n = 0; n <= d.len; n++) {
            uint32_t missing = (uint32_t)(d.len - n);
            struct bytes within = dtls_unwrap(bytes_first(made(&d), n), &missing);
            ck_assert_uint_le(within.len + missing, d.len);
            ck_assert_uint_le(within.len, n);
        }
    }
}
END_TEST

START_TEST(what_is_no_dtls_is_given_up_and_costs_nothing)
{
    static const uint8_t query[40] = {0x12, 0x34, 1, 0, 0, 1};
    struct bench b;
    set_up(&b);
    for (int i = 0; i < 100; i++)
        hear(&b, i % 2, bytes_of(query, sizeof query));
    ck_assert(b.flow.quiet);
    ck_assert_uint_eq(b.pool.used, 0);
    finish(&b);
    ck_assert_uint_eq(b.count, 0);
}
END_TEST

static const struct {
    const char *name;
    const char bytes[40];
    size_t len;
} not_dtls[] = {
    {"empty", "", 0},
    {"tls record", "\x16\x03\x03\x00\x2e\x01\x00\x00\x2a\x03\x03", 32},
    {"unknown version", "\x16\xfe\xee\0\0\0\0\0\0\0\0\0\x0c\x0e\0\0\0\0\0\0\0\0\0\0\0", 25},
    {"epoch one", "\x16\xfe\xfd\0\1\0\0\0\0\0\0\0\x0c\x0e\0\0\0\0\0\0\0\0\0\0\0", 25},
    {"longer than its datagram", "\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x0d\x0e\0\0\0\0\0\0\0\0\0\0\0",
        25},
    {"too short for a message", "\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x0b\x0e\0\0\0\0\0\0\0\0\0\0", 24},
    {"fragment past its record", "\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x0c\x0b\0\0\x09\0\0\0\0\0\0\0\x09",
        25},
    {"fragment past its message",
        "\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x0e\x0b\0\0\x04\0\0\0\0\3\0\0\x02\0\0", 27},
    {"empty part", "\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x0c\x0b\0\0\x04\0\0\0\0\0\0\0\0", 25},
    {"unknown message", "\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x0c\x63\0\0\0\0\0\0\0\0\0\0\0", 25},
    {"data", "\x17\xfe\xfd\0\0\0\0\0\0\0\0\0\x0c\x0e\0\0\0\0\0\0\0\0\0\0\0", 25},
};

START_TEST(oddities_are_no_dtls)
{
    for (size_t i = 0; i < sizeof not_dtls / sizeof *not_dtls; i++)
        ck_assert_msg(!dtls_begins_handshake(bytes_of(not_dtls[i].bytes, not_dtls[i].len), 0), "%s",
            not_dtls[i].name);
    static const char done[] = "\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x0c\x0e\0\0\0\0\0\0\0\0\0\0\0";
    ck_assert(dtls_begins_handshake(bytes_of(done, 25), 0));
}
END_TEST

START_TEST(short_headers_with_an_id_of_known_length)
{
    struct datagram d = {.len = 0};
    struct dtls_record r;
    put(&d, 0x20 | 0x10 | 0x04 | 2, 1); /* id, length, epoch 2 */
    put(&d, 0xaabbcc, 3);
    put(&d, 7, 1);
    put(&d, 4, 2);
    put(&d, 0x01020304, 4);
    put(&d, 0x20 | 0x10 | 0x08 | 3, 1); /* no length: the rest of the datagram */
    put(&d, 0xaabbcc, 3);
    put(&d, 8, 2);
    put(&d, 0x0102030405, 5);
    struct bytes data = made(&d);
    ck_assert(dtls_record_next(&data, 0, 3, &r) && r.unified && r.epoch == 2 && r.length == 4);
    ck_assert(dtls_record_next(&data, 0, 3, &r) && r.unified && r.epoch == 3 && r.length == 5);
    ck_assert(!dtls_record_next(&data, 0, 3, &r));
    for (size_t cut = 0; cut < d.len; cut++)
        for (data = bytes_first(made(&d), cut); dtls_record_next(&data, 0, 3, &r);)
            ck_assert_uint_le(r.body.len, cut);
}
END_TEST

START_TEST(records_of_every_kind_are_told_apart)
{
    static const uint8_t body[30];
    struct datagram d = {.len = 0};
    put_record(&d, 20, 0, 1);
    put(&d, 1, 1);
    put_record(&d, 22, 1, 30);
    put_bytes(&d, bytes_of(body, 30));
    put(&d, 0x2e0001, 3); /* long number, length, epoch 2 */
    put(&d, 30, 2);
    put_bytes(&d, bytes_of(body, 30));
    put(&d, 0x2301, 2); /* short number, no length, epoch 3: the rest */
    put_bytes(&d, bytes_of(body, 20));

    struct bytes data = made(&d);
    struct dtls_record r;
    ck_assert(dtls_record_next(&data, 0, CONNECTION_ID_UNKNOWN, &r) && r.type == 20 &&
              r.epoch == 0 && r.length == 1);
    ck_assert(dtls_record_next(&data, 0, CONNECTION_ID_UNKNOWN, &r) && r.type == 22 &&
              r.epoch == 1 && r.length == 30);
    ck_assert(dtls_record_next(&data, 0, CONNECTION_ID_UNKNOWN, &r) && r.unified && r.epoch == 2 &&
              r.length == 30);
    ck_assert(dtls_record_next(&data, 5, CONNECTION_ID_UNKNOWN, &r) && r.unified && r.epoch == 3 &&
              r.length == 25);
    ck_assert_uint_eq(r.body.len, 20);
    ck_assert(!dtls_record_next(&data, 0, CONNECTION_ID_UNKNOWN, &r));

    d = (struct datagram){.len = 0};
    put(&d, 25, 1); /* with a connection id, of a length that we do not know */
    put(&d, 0xfefd0001, 4);
    put(&d, 7, 6);
    put(&d, 0xabcd0010, 4);
    put_bytes(&d, bytes_of(body, 16));
    data = made(&d);
    ck_assert(dtls_record_next(&data, 0, CONNECTION_ID_UNKNOWN, &r) && r.type == 25 &&
              r.epoch == 1 && r.length == 20);
    ck_assert_uint_eq(data.len, 0);
}
END_TEST

/* ---- Fragments. */

enum { MESSAGE_LEN = 100, PARTS = 4 };
static const size_t borders[PARTS + 1] = {0, 10, 55, 56, MESSAGE_LEN};

static struct bytes
message(uint8_t *at, uint8_t mark)
{
    for (size_t i = 0; i < MESSAGE_LEN; i++)
        at[i] = (uint8_t)(i * 7 + mark);
    return bytes_of(at, MESSAGE_LEN);
}

static enum dtls_take
take(struct dtls_messages *m, uint16_t seq, struct bytes whole, size_t from, size_t to)
{
    struct dtls_fragment part = {
        .type = MESSAGE_CERTIFICATE,
        .seq = seq,
        .whole = (uint32_t)whole.len,
        .offset = (uint32_t)from,
        .length = (uint32_t)(to - from),
        .body = bytes_first(bytes_skip(whole, from), to - from),
    };
    return dtls_messages_take(m, &part);
}

static void
expect(struct dtls_messages *m, struct bytes whole)
{
    uint8_t type = 0;
    struct bytes body;
    ck_assert(dtls_messages_next(m, false, &type, &body));
    ck_assert_uint_eq(type, MESSAGE_CERTIFICATE);
    ck_assert(bytes_equal(body, whole));
}

static void
expect_nothing(struct dtls_messages *m)
{
    uint8_t type;
    struct bytes body;
    ck_assert(!dtls_messages_next(m, false, &type, &body));
}

static void
reset(struct dtls_messages *m)
{
    dtls_messages_reset(m);
    ck_assert_uint_eq(m->pool->used, 0);
}

START_TEST(four_parts_in_every_order)
{
    uint8_t at[MESSAGE_LEN];
    struct bytes whole = message(at, 3);
    struct pool pool = {.limit = 1 << 20};
    unsigned orders = 0;
    for (unsigned code = 0; code < 256; code++) {
        unsigned seen = 0;
        for (unsigned i = 0; i < PARTS; i++)
            seen |= 1U << (code >> 2 * i & 3);
        if (seen != 15)
            continue;
        orders++;
        struct dtls_messages m = {.pool = &pool};
        for (unsigned i = 0; i < PARTS; i++) {
            unsigned part = code >> 2 * i & 3;
            expect_nothing(&m);
            for (int again = 0; again < 2; again++) /* each comes twice */
                ck_assert_int_eq(take(&m, 0, whole, borders[part], borders[part + 1]), DTLS_TAKEN);
        }
        expect(&m, whole);
        expect_nothing(&m);
        ck_assert_int_eq(take(&m, 0, whole, 0, MESSAGE_LEN), DTLS_OLD);
        reset(&m);
    }
    ck_assert_uint_eq(orders, 24);
}
END_TEST

START_TEST(parts_that_overlap)
{
    static const struct {
        const char *name;
        size_t part[4][2];
    } cases[] = {
        {"each half over the next", {{0, 40}, {20, 60}, {40, 90}, {80, 100}}},
        {"one over two others and the hole between", {{10, 20}, {30, 40}, {5, 60}, {0, 100}}},
        {"from behind", {{60, 100}, {50, 70}, {10, 65}, {0, 11}}},
        {"inside another", {{0, 90}, {10, 20}, {0, 90}, {89, 100}}},
        {"middle last", {{0, 30}, {70, 100}, {0, 30}, {29, 71}}},
    };
    uint8_t at[MESSAGE_LEN];
    struct bytes whole = message(at, 9);
    struct pool pool = {.limit = 1 << 20};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dtls_messages m = {.pool = &pool};
        for (size_t k = 0; k < 4; k++) {
            expect_nothing(&m);
            take(&m, 0, whole, cases[i].part[k][0], cases[i].part[k][1]);
        }
        uint8_t type;
        struct bytes body;
        ck_assert_msg(dtls_messages_next(&m, false, &type, &body), "%s", cases[i].name);
        ck_assert_msg(bytes_equal(body, whole), "%s", cases[i].name);
        reset(&m);
    }
}
END_TEST

START_TEST(two_messages_in_each_others_midst)
{
    uint8_t one[MESSAGE_LEN], two[MESSAGE_LEN];
    struct bytes first = message(one, 1), second = message(two, 2);
    struct pool pool = {.limit = 1 << 20};
    struct dtls_messages m = {.pool = &pool};
    for (size_t i = PARTS; i-- > 0;) {
        take(&m, 1, second, borders[i], borders[i + 1]);
        expect_nothing(&m);
        take(&m, 0, first, borders[i], borders[i + 1]);
    }
    expect(&m, first);
    expect(&m, second);
    expect_nothing(&m);
    ck_assert(!dtls_messages_pending(&m));
    reset(&m);
}
END_TEST

START_TEST(what_is_kept_is_bounded)
{
    static uint8_t at[MESSAGE_LEN * 10];
    struct bytes whole = bytes_of(at, sizeof at);
    struct pool pool = {.limit = 1 << 20};
    struct dtls_messages m = {.pool = &pool};
    unsigned refused = 0;
    for (size_t i = 0; i < sizeof at; i += 2) /* every other byte: runs that never touch */
        refused += take(&m, 5, whole, i, i + 1) == DTLS_NO_ROOM;
    ck_assert_uint_eq(refused, sizeof at / 2 - 64);
    refused = 0;
    for (uint16_t seq = 0; seq < 100; seq++)
        refused += take(&m, seq, whole, 0, 1) == DTLS_NO_ROOM;
    ck_assert_uint_ge(refused, 100 - 16);

    struct dtls_fragment huge = {.type = MESSAGE_CERTIFICATE,
        .whole = MESSAGE_MOST + 1,
        .length = 1,
        .body = bytes_of(at, 1)};
    struct dtls_messages other = {.pool = &pool};
    ck_assert_int_eq(dtls_messages_take(&other, &huge), DTLS_TOO_LARGE);
    ck_assert_int_eq(dtls_messages_take(&other, &huge), DTLS_OLD);
    take(&other, 1, whole, 0, sizeof at);
    expect(&other, whole); /* the way goes on behind it */
    dtls_messages_reset(&other);

    struct pool small = {.limit = 300};
    struct dtls_messages poor = {.pool = &small};
    ck_assert_int_eq(take(&poor, 0, whole, 0, sizeof at), DTLS_NO_ROOM);
    reset(&poor);
    reset(&m);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *suite = suite_create("dtls");
    TCase *sessions = tcase_create("sessions");
    tcase_add_test(sessions, a_handshake_is_told_once_though_flights_are_sent_again);
    tcase_add_loop_test(sessions, connection_ids_have_the_length_of_the_others_hello, 0, 4);
    tcase_add_test(sessions, a_cookie_is_asked_for_and_shown);
    tcase_add_test(sessions, another_random_begins_another_session);
    tcase_add_test(sessions, a_server_alone_is_heard);
    tcase_add_test(sessions, a_lost_message_is_admitted);
    tcase_add_test(sessions, records_that_overtake_the_change_of_ciphers_change_nothing);
    tcase_add_test(sessions, a_hello_cut_after_every_byte);
    suite_add_tcase(suite, sessions);

    TCase *records = tcase_create("records");
    tcase_add_test(records, dtls_is_found_in_wrapping_and_among_others);
    tcase_add_test(records, wrapping_cut_after_every_byte);
    tcase_add_test(records, what_is_no_dtls_is_given_up_and_costs_nothing);
    tcase_add_test(records, oddities_are_no_dtls);
    tcase_add_test(records, records_of_every_kind_are_told_apart);
    tcase_add_test(records, short_headers_with_an_id_of_known_length);
    suite_add_tcase(suite, records);

    TCase *fragments = tcase_create("fragments");
    tcase_add_test(fragments, four_parts_in_every_order);
    tcase_add_test(fragments, parts_that_overlap);
    tcase_add_test(fragments, two_messages_in_each_others_midst);
    tcase_add_test(fragments, what_is_kept_is_bounded);
    suite_add_tcase(suite, fragments);
    return suite;
}
