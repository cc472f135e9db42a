/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/quic.h"

#include "dissect/conversation.h"
#include "dissect/quic_keys.h"
#include "dissect/quic_stream.h"
#include "tests/support/hex.h"

#include <check.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <stdlib.h>

/* RFC 9001 appendix A.2: the client's Initial, as it goes over the wire. */
static const char published_initial[] =
    "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9bd8bab936b47d"
    "92ec356c0bab7df5976d27cd449f63300099f3991c260ec4c60d17b31f8429157bb35a1282a643a8d2262cad"
    "67500cadb8e7378c8eb7539ec4d4905fed1bee1fc8aafba17c750e2c7ace01e6005f80fcb7df621230c83711"
    "b39343fa028cea7f7fb5ff89eac2308249a02252155e2347b63d58c5457afd84d05dfffdb20392844ae81215"
    "4682e9cf012f9021a6f0be17ddd0c2084dce25ff9b06cde535d0f920a2db1bf362c23e596d11a4f5a6cf3948"
    "838a3aec4e15daf8500a6ef69ec4e3feb6b1d98e610ac8b7ec3faf6ad760b7bad1db4ba3485e8a94dc250ae3"
    "fdb41ed15fb6a8e5eba0fc3dd60bc8e30c5c4287e53805db059ae0648db2f64264ed5e39be2e20d82df566da"
    "8dd5998ccabdae053060ae6c7b4378e846d29f37ed7b4ea9ec5d82e7961b7f25a9323851f681d582363aa5f8"
    "9937f5a67258bf63ad6f1a0b1d96dbd4faddfcefc5266ba6611722395c906556be52afe3f565636ad1b17d50"
    "8b73d8743eeb524be22b3dcbc2c7468d54119c7468449a13d8e3b95811a198f3491de3e7fe942b330407abf8"
    "2a4ed7c1b311663ac69890f4157015853d91e923037c227a33cdd5ec281ca3f79c44546b9d90ca00f064c99e"
    "3dd97911d39fe9c5d0b23a229a234cb36186c4819e8b9c5927726632291d6a418211cc2962e20fe47feb3edf"
    "330f2c603a9d48c0fcb5699dbfe5896425c5bac4aee82e57a85aaf4e2513e4f05796b07ba2ee47d80506f8d2"
    "c25e50fd14de71e6c418559302f939b0e1abd576f279c4b2e0feb85c1f28ff18f58891ffef132eef2fa09346"
    "aee33c28eb130ff28f5b766953334113211996d20011a198e3fc433f9f2541010ae17c1bf202580f6047472f"
    "b36857fe843b19f5984009ddc324044e847a4f4a0ab34f719595de37252d6235365e9b84392b061085349d73"
    "203a4a13e96f5432ec0fd4a1ee65accdd5e3904df54c1da510b0ff20dcc0c77fcb2c0e0eb605cb0504db8763"
    "2cf3d8b4dae6e705769d1de354270123cb11450efc60ac47683d7b8d0f811365565fd98c4c8eb936bcab8d06"
    "9fc33bd801b03adea2e1fbc5aa463d08ca19896d2bf59a071b851e6c239052172f296bfb5e72404790a21810"
    "14f3b94a4e97d117b438130368cc39dbb2d198065ae3986547926cd2162f40a29f0c3c8745c0f50fba3852e5"
    "66d44575c29d39a03f0cda721984b6f440591f355e12d439ff150aab7613499dbd49adabc8676eef023b15b6"
    "5bfc5ca06948109f23f350db82123535eb8a7433bdabcb909271a6ecbcb58b936a88cd4e8f2e6ff5800175f1"
    "13253d8fa9ca8885c2f552e657dc603f252e1a8e308f76f0be79e2fb8f5d5fbbe2e30ecadd220723c8c0aea8"
    "078cdfcb3868263ff8f0940054da48781893a7e49ad5aff4af300cd804a6b6279ab3ff3afb64491c85194aab"
    "760d58a606654f9f4400e8b38591356fbf6425aca26dc85244259ff2b19c41b9f96f3ca9ec1dde434da7d2d3"
    "92b905ddf3d1f9af93d1af5950bd493f5aa731b4056df31bd267b6b90a079831aaf579be0a39013137aac6d4"
    "04f518cfd46840647e78bfe706ca4cf5e9c5453e9f7cfd2b8b4c8d169a44e55c88d4a9a7f9474241e221af44"
    "860018ab0856972e194cd934";

/* The ClientHello in it, and the ServerHello of appendix A.3. */
static const char client_hello[] =
    "010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c000004130113"
    "02010000c000000010000e00000b6578616d706c652e636f6dff01000100000a00080006001d001700180010"
    "0007000504616c706e000500050100000000003300260024001d00209370b2c9caa47fbabaf4559fedba753d"
    "e171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e040305030603020308040805080600"
    "2d00020101001c00024001003900320408ffffffffffffffff05048000ffff07048000ffff08011001048000"
    "75300901100f088394c8f03e51570806048000ffff";
static const char server_hello[] =
    "020000560303eefce7f7b37ba1d1632e96677825ddf73988cfc79825df566dc5430b9a045a12001301"
    "00002e00330024001d00209d3c940d89690b84d08a60993c144eca684d1081287c834d5311bcf32bb9da1a"
    "002b00020304";

enum { V1 = 1, V2 = 0x6b3343cf, RESERVED = 0x1a2a3a4a };
static const uint32_t DRAFT_29 = 0xff00001d;
static const uint8_t first_id[] = {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08};
static const uint8_t other_id[] = {0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
#define FIRST_ID bytes_of(first_id, sizeof first_id)
#define OTHER_ID bytes_of(other_id, sizeof other_id)

/* ---- Building packets. */

struct made {
    uint8_t at[8192];
    size_t len;
};

static void
put(struct made *m, uint64_t value, size_t n)
{
    ck_assert_uint_le(m->len + n, sizeof m->at);
    while (n--)
        m->at[m->len++] = (uint8_t)(value >> 8 * n);
}

static void
put_bytes(struct made *m, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        put(m, bytes.at[i], 1);
}

static void
put_crypto(struct made *m, struct bytes message, size_t from, size_t to)
{
    put(m, 0x06, 1);
    put(m, 0x4000 | from, 2);
    put(m, 0x4000 | (to - from), 2);
    put_bytes(m, bytes_first(bytes_skip(message, from), to - from));
}

static struct bytes
bytes_made(const struct made *m)
{
    return bytes_of(m->at, m->len);
}

struct plan {
    uint32_t version;
    uint32_t keys_of; /* another version's; 0: its own */
    enum role role;
    struct bytes keys, to; /* the id the keys follow from, and the one it is sent to */
    uint64_t number;
};

static struct quic_opener *opener;

static void
seal(struct made *m, const struct plan *plan, size_t start, struct bytes frames)
{
    struct quic_keys keys[2];
    uint32_t keys_of = plan->keys_of ? plan->keys_of : plan->version;
    ck_assert(quic_keys_derive(opener, quic_version_find(keys_of, 0), plan->keys, keys));
    const struct quic_keys *k = &keys[plan->role];
    uint8_t nonce[QUIC_IV], mask[16];
    memcpy(nonce, k->iv, sizeof nonce);
    nonce[QUIC_IV - 1] ^= (uint8_t)plan->number;

    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    size_t body = m->len;
    int n;
    ck_assert_uint_le(m->len + frames.len + QUIC_TAG, sizeof m->at);
    ck_assert(EVP_EncryptInit_ex(c, EVP_aes_128_gcm(), NULL, k->key, nonce));
    ck_assert(EVP_EncryptUpdate(c, NULL, &n, m->at + start, (int)(body - start)));
    ck_assert(EVP_EncryptUpdate(c, m->at + body, &n, frames.at, (int)frames.len));
    ck_assert(EVP_EncryptFinal_ex(c, m->at + body + n, &n));
    m->len += frames.len;
    ck_assert(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, QUIC_TAG, m->at + m->len));
    m->len += QUIC_TAG;

    ck_assert(EVP_EncryptInit_ex(c, EVP_aes_128_ecb(), NULL, k->header, NULL));
    ck_assert(EVP_EncryptUpdate(c, mask, &n, m->at + body, sizeof mask));
    m->at[start] ^= mask[0] & 0x0f;
    for (size_t i = 0; i < 4; i++)
        m->at[body - 4 + i] ^= mask[i + 1];
    EVP_CIPHER_CTX_free(c);
}

static void
put_initial(struct made *m, const struct plan *plan, struct bytes frames)
{
    size_t start = m->len;
    put(m, plan->version == V2 ? 0xd3 : 0xc3, 1); /* packet numbers of four bytes */
    put(m, plan->version, 4);
    put(m, plan->to.len, 1);
    put_bytes(m, plan->to);
    put(m, 0, 1); /* no source id */
    put(m, 0, 1); /* no token */
    put(m, 0x4000 | (4 + frames.len + QUIC_TAG), 2);
    put(m, plan->number, 4);
    seal(m, plan, start, frames);
}

static const struct plan from_client = {
    .version = V1, .role = CLIENT, .keys = {first_id, 8}, .to = {first_id, 8}};
static const struct plan from_server = {
    .version = V1, .role = SERVER, .keys = {first_id, 8}, .to = {other_id, 6}};

/* ---- A dissection that hears them. */

static struct pool pool;
static struct dissection *dissection;
static struct flow flow;
static unsigned told;
static struct {
    bool has_hello, has_answer;
    char name[64], history[HISTORY_TEXT], ja4[JA4_TEXT];
    enum side client;
    uint16_t version;
    int alert;
    enum visibility_reason server_reason;
} seen;
static struct bytes hello, answer;

static void
take(void *owner, struct session *s)
{
    (void)owner;
    told++;
    memset(&seen, 0, sizeof seen);
    seen.has_hello = s->has_hello;
    seen.has_answer = s->has_answer;
    struct bytes name = bytes_first(s->hello.server_name, sizeof seen.name - 1);
    if (name.len)
        memcpy(seen.name, name.at, name.len);
    memcpy(seen.history, s->history, sizeof seen.history);
    memcpy(seen.ja4, s->ja4, sizeof seen.ja4);
    seen.client = s->client_side;
    seen.version = s->version;
    seen.alert = s->last_alert;
    seen.server_reason = s->chain[SERVER].reason;
    ck_assert_str_eq(s->carrier, "quic");
    session_release(s);
}

static void
begin_flow(void)
{
    flow = (struct flow){.protocol = IPPROTO_UDP, .port = {40000, 443}, .frame = 1};
    told = 0;
}

static void
setup(void)
{
    pool = (struct pool){.limit = 8 << 20};
    dissection = dissection_new(&pool, (struct session_listener){NULL, take});
    opener = quic_opener_new();
    hello = hex(client_hello);
    answer = hex(server_hello);
    begin_flow();
}

static void
teardown(void)
{
    dissection_free(dissection);
    quic_opener_free(opener);
    free((void *)hello.at);
    free((void *)answer.at);
    ck_assert_uint_eq(pool.used, 0);
}

/* In memory of its own size, so that reading past its end is noticed. */
static void
say(enum side from, struct bytes datagram)
{
    struct flow_listener listener = dissection_listener(dissection);
    uint8_t *copy = malloc(datagram.len ? datagram.len : 1);
    ck_assert_ptr_nonnull(copy);
    if (datagram.len)
        memcpy(copy, datagram.at, datagram.len);
    flow.packets[from]++;
    flow.payload[from] += datagram.len;
    if (!flow.quiet)
        listener.datagram(listener.owner, &flow, from, bytes_of(copy, datagram.len), 0);
    free(copy);
}

static void
end_flow(void)
{
    struct flow_listener listener = dissection_listener(dissection);
    if (flow.dissection)
        listener.end(listener.owner, &flow, FLOW_IDLE);
    ck_assert_ptr_null(flow.dissection);
}

static void
say_initial(enum side from, const struct plan *plan, struct bytes frames)
{
    struct made m = {.len = 0};
    put_initial(&m, plan, frames);
    say(from, bytes_made(&m));
}

static void
say_message(enum side from, const struct plan *plan, struct bytes message)
{
    struct made frames = {.len = 0};
    put_crypto(&frames, message, 0, message.len);
    say_initial(from, plan, bytes_made(&frames));
}

/* ---- Keys and packets. */

static void
assert_hex(const uint8_t *at, size_t len, const char *wanted)
{
    char got[2 * 32 + 1];
    bytes_to_hex(bytes_of(at, len), got);
    ck_assert_str_eq(got, wanted);
}

START_TEST(keys_are_those_that_are_published)
{
    struct quic_keys keys[2];
    ck_assert(quic_keys_derive(opener, quic_version_find(V1, 0), FIRST_ID, keys));
    assert_hex(keys[CLIENT].key, QUIC_KEY, "1f369613dd76d5467730efcbe3b1a22d");
    assert_hex(keys[CLIENT].iv, QUIC_IV, "fa044b2f42a3fd3b46fb255c");
    assert_hex(keys[CLIENT].header, QUIC_KEY, "9f50449e04a0e810283a1e9933adedd2");
    assert_hex(keys[SERVER].key, QUIC_KEY, "cf3a5331653c364c88f0f379b6067e37");
    assert_hex(keys[SERVER].iv, QUIC_IV, "0ac1493ca1905853b0bba03e");
    assert_hex(keys[SERVER].header, QUIC_KEY, "c206b8d9b9f0f37644430b490eeaa314");

    /* RFC 9369 appendix A.1 */
    ck_assert(quic_keys_derive(opener, quic_version_find(V2, 0), FIRST_ID, keys));
    assert_hex(keys[CLIENT].key, QUIC_KEY, "8b1a0bc121284290a29e0971b5cd045d");
    assert_hex(keys[CLIENT].iv, QUIC_IV, "91f73e2351d8fa91660e909f");
    assert_hex(keys[CLIENT].header, QUIC_KEY, "45b95e15235d6f45a6b19cbcb0294ba9");
}
END_TEST

START_TEST(the_published_packet_opens)
{
    struct bytes datagram = hex(published_initial), rest = datagram, frames;
    struct quic_packet packet;
    struct quic_keys keys[2];
    uint64_t largest = UINT64_MAX;
    ck_assert(quic_packet_next(&rest, &packet) && rest.len == 0 && !packet.cut);
    ck_assert(packet.kind == QUIC_INITIAL && packet.version == V1);
    ck_assert(bytes_equal(packet.to, FIRST_ID) && packet.token.len == 0);
    ck_assert(quic_keys_derive(opener, quic_version_find(V1, 0), packet.to, keys));
    ck_assert(quic_packet_open(opener, &keys[CLIENT], &packet, &largest, &frames));
    ck_assert_uint_eq(largest, 2);
    ck_assert_uint_eq(frames.len, 1162);
    ck_assert(bytes_equal(bytes_first(bytes_skip(frames, 4), hello.len), hello));
    ck_assert(!quic_packet_open(opener, &keys[SERVER], &packet, &largest, &frames));
    free((void *)datagram.at);
}
END_TEST

START_TEST(headers_say_what_a_packet_is)
{
    static const struct {
        const char *name, *packet;
        bool good;
        enum quic_kind kind;
        size_t left;
    } rows[] = {
        {"short", "40 aa bb", true, QUIC_SHORT, 0},
        {"neither", "00 aa bb", false, QUIC_SHORT, 0},
        {"0-RTT", "d0 00000001 00 00 02 aaaa 40", true, QUIC_ZERO_RTT, 1},
        {"Handshake", "e0 00000001 01 aa 00 02 aaaa e0", true, QUIC_HANDSHAKE, 1},
        {"Retry", "f0 00000001 01 aa 01 bb 'token and tag'", true, QUIC_RETRY, 0},
        {"version 2 Retry", "c0 6b3343cf 01 aa 01 bb 'token'", true, QUIC_RETRY, 0},
        {"version 2 Initial", "d0 6b3343cf 00 00 00 02 aaaa", true, QUIC_INITIAL, 0},
        {"version 2 Handshake", "f0 6b3343cf 00 00 01 aa", true, QUIC_HANDSHAKE, 0},
        {"negotiation", "80 00000000 00 00 00000001", true, QUIC_NEGOTIATION, 0},
        {"Google's old ones", "c3 51303433 00 00 aaaa", true, QUIC_UNKNOWN, 0},
        {"an id too long", "c0 00000001 15 000102030405060708090a0b0c0d0e0f1011121314 00 00 01 aa",
            false, QUIC_SHORT, 0},
        {"a token that is not there", "c0 00000001 00 00 7fff 01 aa", false, QUIC_SHORT, 0},
        {"no length", "c0 00000001 00 00 00", false, QUIC_SHORT, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes all = hex(rows[i].packet), rest = all;
        struct quic_packet packet;
        ck_assert_msg(quic_packet_next(&rest, &packet) == rows[i].good, "%s", rows[i].name);
        ck_assert_msg(!rows[i].good || packet.kind == rows[i].kind, "%s", rows[i].name);
        ck_assert_msg(!rows[i].good || rest.len == rows[i].left, "%s", rows[i].name);
        free((void *)all.at);
    }
}
END_TEST

/* ---- Streams. */

START_TEST(a_stream_puts_what_comes_in_order)
{
    struct quic_stream s = {.pool = &pool};
    struct bytes text = bytes_from_string("0123456789"), next;
    size_t before = pool.used;
    ck_assert(quic_stream_take(&s, 7, bytes_skip(text, 7)));
    ck_assert(quic_stream_next(&s).len == 0 && quic_stream_has_gap(&s));
    ck_assert(quic_stream_take(&s, 4, bytes_from_string("4x")));
    ck_assert(quic_stream_next(&s).len == 0);
    ck_assert(quic_stream_take(&s, 2, bytes_from_string("23456789ab")));
    ck_assert(quic_stream_next(&s).len == 0);
    ck_assert(quic_stream_take(&s, 0, bytes_first(text, 3)));

    char got[16] = "";
    size_t len = 0;
    while ((next = quic_stream_next(&s)).len) {
        memcpy(got + len, next.at, next.len);
        len += next.len;
    }
    ck_assert_str_eq(got, "01234x6789ab"); /* the first of two that differ counts */
    ck_assert(!quic_stream_has_gap(&s));
    ck_assert(quic_stream_take(&s, 3, bytes_from_string("old")) && quic_stream_next(&s).len == 0);

    ck_assert(!quic_stream_take(&s, QUIC_STREAM_MOST - 2, bytes_from_string("abc")));
    ck_assert(!quic_stream_take(&s, UINT64_MAX >> 2, bytes_from_string("abc")));
    unsigned pieces = 0;
    while (pieces < 2 * QUIC_PIECES_MOST &&
           quic_stream_take(&s, 20 + 2 * pieces, text.len ? bytes_first(text, 1) : text))
        pieces++;
    ck_assert_uint_eq(pieces, QUIC_PIECES_MOST);
    quic_stream_reset(&s);
    ck_assert_uint_eq(pool.used, before);
}
END_TEST

/* ---- Conversations. */

static void
assert_whole(const char *history)
{
    ck_assert_uint_eq(told, 1);
    ck_assert(seen.has_hello && seen.has_answer);
    ck_assert_str_eq(seen.name, "example.com");
    ck_assert_str_eq(seen.history, history);
    ck_assert_uint_eq(seen.version, 0x0304);
    ck_assert_int_eq(seen.ja4[0], 'q');
    ck_assert_int_eq(seen.server_reason, REASON_TLS13);
    ck_assert(flow.quiet);
}

START_TEST(hellos_are_told_once_both_are_there)
{
    static const uint32_t versions[] = {V1, V2, DRAFT_29, 0xff00001b, 0xff000016, 0xfaceb002};
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        struct plan client = from_client, server = from_server;
        client.version = server.version = versions[i];
        begin_flow();
        say_message(ORIGINATOR, &client, hello);
        ck_assert_uint_eq(told, 0);
        say_message(RESPONDER, &server, answer);
        assert_whole("Cs");
        ck_assert_int_eq(seen.client, ORIGINATOR);
        end_flow();
    }
}
END_TEST

START_TEST(the_published_packet_is_a_hello)
{
    struct bytes datagram = hex(published_initial);
    say(RESPONDER, datagram);
    end_flow();
    ck_assert_uint_eq(told, 1);
    ck_assert(seen.has_hello && !seen.has_answer && seen.client == RESPONDER);
    ck_assert_str_eq(seen.name, "example.com");
    ck_assert_int_eq(seen.server_reason, REASON_ONE_WAY);
    free((void *)datagram.at);
}
END_TEST

START_TEST(fragments_may_come_in_any_order)
{
    static const size_t sizes[] = {1, 7, 100, 240};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct made frames = {.len = 0};
        begin_flow();
        for (size_t from = hello.len / sizes[i] * sizes[i] + sizes[i]; from >= sizes[i];) {
            from -= sizes[i]; /* the last one first */
            size_t to = from + sizes[i] < hello.len ? from + sizes[i] : hello.len;
            if (from < to)
                put_crypto(&frames, hello, from, to);
            put(&frames, 0x0001, 2); /* PADDING and PING between them */
        }
        say_initial(ORIGINATOR, &from_client, bytes_made(&frames));
        say_message(RESPONDER, &from_server, answer);
        assert_whole("Cs");
        end_flow();
    }
}
END_TEST

/* The second half overtakes the first; the server's answer overtakes both. */
START_TEST(packets_may_overtake_their_keys)
{
    struct made halves[2] = {{.len = 0}, {.len = 0}};
    struct plan second = from_client;
    put_crypto(&halves[0], hello, 0, 100);
    put_crypto(&halves[1], hello, 100, hello.len);
    second.number = 1;
    second.to = OTHER_ID; /* as the server asked */
    say_message(RESPONDER, &from_server, answer);
    say_initial(ORIGINATOR, &second, bytes_made(&halves[1]));
    ck_assert_uint_eq(told, 0);
    say_initial(ORIGINATOR, &from_client, bytes_made(&halves[0]));
    ck_assert_uint_eq(told, 1);
    ck_assert(seen.has_hello && seen.has_answer);
    ck_assert_int_eq(seen.client, ORIGINATOR);
}
END_TEST

START_TEST(packets_may_be_coalesced)
{
    struct made m = {.len = 0}, frames[2] = {{.len = 0}, {.len = 0}};
    struct plan second = from_client;
    second.number = 1;
    put_crypto(&frames[0], hello, 0, 100);
    put_crypto(&frames[1], hello, 100, hello.len);
    put_initial(&m, &from_client, bytes_made(&frames[0]));
    struct bytes early = hex("d0 00000001 00 00 02 aaaa"); /* 0-RTT */
    put_bytes(&m, early);
    put_initial(&m, &second, bytes_made(&frames[1]));
    put(&m, 0, 8); /* padding of the datagram */
    say(ORIGINATOR, bytes_made(&m));
    say_message(RESPONDER, &from_server, answer);
    assert_whole("Cs");
    free((void *)early.at);
}
END_TEST

START_TEST(after_a_retry_the_client_begins_anew)
{
    struct bytes retry = hex("f0 00000001 00 06 aabbccddeeff 'a token and a tag'");
    struct plan client = from_client, server = from_server;
    client.keys = client.to = server.keys = OTHER_ID;
    client.number = 1;
    say_message(ORIGINATOR, &from_client, hello);
    say(RESPONDER, retry);
    say_message(ORIGINATOR, &client, hello);
    say_message(RESPONDER, &server, answer);
    assert_whole("CCs");
    free((void *)retry.at);
}
END_TEST

START_TEST(a_server_may_answer_in_another_version)
{
    struct plan server = from_server;
    server.version = V2;
    say_message(ORIGINATOR, &from_client, hello);
    say_message(RESPONDER, &server, answer);
    assert_whole("Cs");
}
END_TEST

START_TEST(what_was_refused_does_not_count)
{
    struct bytes negotiation = hex("80 00000000 00 00 00000001");
    struct plan client = from_client;
    client.version = RESERVED;
    client.keys_of = DRAFT_29;
    say_message(ORIGINATOR, &client, hello);
    say(RESPONDER, negotiation);
    say_message(ORIGINATOR, &from_client, hello);
    say_message(RESPONDER, &from_server, answer);
    assert_whole("Cs");
    free((void *)negotiation.at);
}
END_TEST

START_TEST(an_alert_closes)
{
    struct bytes close = hex("02 00 00 00 00  # ACK\n 1c 41 28 00 00  # crypto error 0x28");
    say_message(ORIGINATOR, &from_client, hello);
    say_initial(RESPONDER, &from_server, close);
    ck_assert_uint_eq(told, 1);
    ck_assert(seen.has_hello && !seen.has_answer);
    ck_assert_int_eq(seen.alert, 40);
    free((void *)close.at);
}
END_TEST

START_TEST(a_damaged_packet_is_no_hello)
{
    struct made m = {.len = 0}, frames = {.len = 0};
    put_crypto(&frames, hello, 0, hello.len);
    put_initial(&m, &from_client, bytes_made(&frames));
    m.at[m.len - 1] ^= 1;
    say(ORIGINATOR, bytes_made(&m));
    end_flow();
    ck_assert_uint_eq(told, 1); /* that there was a handshake is told */
    ck_assert(!seen.has_hello && !seen.has_answer);
}
END_TEST

START_TEST(a_server_alone_cannot_be_read)
{
    say_message(ORIGINATOR, &from_server, answer);
    end_flow();
    ck_assert_uint_eq(told, 1);
    ck_assert(!seen.has_answer && seen.client == RESPONDER);
    ck_assert_int_eq(seen.server_reason, REASON_ONE_WAY);
}
END_TEST

/* Anyone can seal a packet: a certificate in it was not the server's to send. */
START_TEST(other_messages_are_not_believed)
{
    struct bytes certificate = hex("0b 000003 000000");
    say_message(ORIGINATOR, &from_client, hello);
    say_message(RESPONDER, &from_server, certificate);
    ck_assert_uint_eq(told, 1);
    ck_assert_int_eq(seen.server_reason, REASON_MALFORMED);
    free((void *)certificate.at);
}
END_TEST

START_TEST(cut_anywhere_nothing_breaks)
{
    struct made m = {.len = 0}, frames = {.len = 0};
    put_crypto(&frames, hello, 0, hello.len);
    put_initial(&m, &from_client, bytes_made(&frames));
    for (size_t cut = 0; cut < m.len; cut++) {
        begin_flow();
        say(ORIGINATOR, bytes_of(m.at, cut));
        say_message(RESPONDER, &from_server, answer);
        end_flow();
        ck_assert(told <= 1 && (told == 0 || !seen.has_hello));
    }
    for (size_t cut = 0; cut < frames.len; cut++) {
        begin_flow();
        say_initial(ORIGINATOR, &from_client, bytes_of(frames.at, cut));
        end_flow();
        ck_assert(told == 0 || !seen.has_hello);
    }
}
END_TEST

START_TEST(frames_that_lie_are_left)
{
    static const char *const rows[] = {
        "02 00 00 bfffffff 00",                        /* ranges without end */
        "03 00 00 00 00 ffffffffffffffff",             /* ECN counts cut off */
        "06 ffffffffffffffff 01 00",                   /* an offset far away */
        "06 00 ffffffffffffffff 00",                   /* a length as well */
        "06 00 04 01ffffff",                           /* a hello of 16 MB */
        "7f 00", "60 00 00 00 ff", "1c", "1e", "4006", /* types cut off, or unknown */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes frames = hex(rows[i]);
        struct made padded = {.len = 0};
        put_bytes(&padded, frames);
        begin_flow();
        say_initial(ORIGINATOR, &from_client, bytes_made(&padded));
        end_flow();
        ck_assert(!seen.has_hello && told <= 1);
        free((void *)frames.at);
    }
}
END_TEST

START_TEST(a_flow_is_not_heard_for_ever)
{
    say_message(ORIGINATOR, &from_client, hello);
    struct bytes data = hex("40 aabbccddeeff");
    for (unsigned i = 0; i < 100; i++)
        say(RESPONDER, data);
    ck_assert_uint_eq(told, 1);
    ck_assert(flow.quiet && !flow.dissection);
    free((void *)data.at);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *suite = suite_create("dissect/quic");
    TCase *c = tcase_create("quic");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, keys_are_those_that_are_published);
    tcase_add_test(c, the_published_packet_opens);
    tcase_add_test(c, headers_say_what_a_packet_is);
    tcase_add_test(c, a_stream_puts_what_comes_in_order);
    tcase_add_test(c, hellos_are_told_once_both_are_there);
    tcase_add_test(c, the_published_packet_is_a_hello);
    tcase_add_test(c, fragments_may_come_in_any_order);
    tcase_add_test(c, packets_may_overtake_their_keys);
    tcase_add_test(c, packets_may_be_coalesced);
    tcase_add_test(c, after_a_retry_the_client_begins_anew);
    tcase_add_test(c, a_server_may_answer_in_another_version);
    tcase_add_test(c, what_was_refused_does_not_count);
    tcase_add_test(c, an_alert_closes);
    tcase_add_test(c, a_damaged_packet_is_no_hello);
    tcase_add_test(c, a_server_alone_cannot_be_read);
    tcase_add_test(c, other_messages_are_not_believed);
    tcase_add_test(c, cut_anywhere_nothing_breaks);
    tcase_add_test(c, frames_that_lie_are_left);
    tcase_add_test(c, a_flow_is_not_heard_for_ever);
    suite_add_tcase(suite, c);
    return suite;
}
