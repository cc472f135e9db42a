/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/transcript.h"

#include "base/text.h"
#include "dissect/message.h"
#include "tests/support/asn1.h"

#include <check.h>
#include <stdlib.h>

static struct pool pool;
static struct arena arena;
static struct transcript transcript;

static void
begin(void)
{
    pool = (struct pool){.limit = 1 << 20};
    arena = (struct arena){.pool = &pool};
    transcript = (struct transcript){0};
}

static void
end(void)
{
    arena_empty(&arena);
    ck_assert_uint_eq(pool.used, 0);
}

/* Messages of one side, by letters as ssl_history has them. */
static uint8_t
type_of(char letter)
{
    static const struct {
        char letter;
        uint8_t type;
    } types[] = {
        {'h', MESSAGE_HELLO_REQUEST},
        {'c', MESSAGE_CLIENT_HELLO},
        {'s', MESSAGE_SERVER_HELLO},
        {'v', MESSAGE_HELLO_VERIFY_REQUEST},
        {'t', MESSAGE_NEW_SESSION_TICKET},
        {'e', MESSAGE_END_OF_EARLY_DATA},
        {'o', MESSAGE_ENCRYPTED_EXTENSIONS},
        {'x', MESSAGE_CERTIFICATE},
        {'k', MESSAGE_SERVER_KEY_EXCHANGE},
        {'r', MESSAGE_CERTIFICATE_REQUEST},
        {'n', MESSAGE_SERVER_HELLO_DONE},
        {'y', MESSAGE_CERTIFICATE_VERIFY},
        {'g', MESSAGE_CLIENT_KEY_EXCHANGE},
        {'f', MESSAGE_FINISHED},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].letter == letter)
            return types[i].type;
    abort();
}

/* The body of each message is its letter and its place; of requests and certificates a context. */
static void
say(enum side from, const char *letters, int skipped)
{
    uint16_t seq = 0;
    for (const char *at = letters; *at; at++, seq++) {
        uint8_t body[2] = {(uint8_t)*at, (uint8_t)seq};
        bool has_context = *at == 'x' || *at == 'r';
        struct said said = {.type = type_of(*at),
            .seq = seq,
            .body = has_context ? bytes_of("\0", 1) : bytes_of(body, sizeof body)};
        if (seq != skipped)
            transcript_add(&transcript, &arena, from, &said, false);
    }
}

static void
say_both(const char *client, const char *server, bool server_first)
{
    if (server_first)
        say(RESPONDER, server, -1);
    say(ORIGINATOR, client, -1);
    if (!server_first)
        say(RESPONDER, server, -1);
}

static const struct order_case {
    const char *client, *server;
    bool tls13, datagram;
    enum role role;
    const char *order; /* NULL: it cannot be told */
} orders[] = {
    {"cxgy", "sxkrn", false, false, CLIENT, "csxkrnxg"},
    {"cxgy", "shxkhrnt", false, false, CLIENT, "csxkrnxg"},
    {"ccxgy", "vsxkrn", false, true, CLIENT, "csxkrnxg"},
    {"ccxgy", "sxkrn", false, false, CLIENT, NULL},
    {"cxgy", "sxkr", false, false, CLIENT, NULL},
    {"cxg", "sxkrn", false, false, CLIENT, NULL},
    {"cxy", "sxkrn", false, false, CLIENT, NULL},
    {"xgy", "sxkrn", false, false, CLIENT, NULL},
    {"cxgy", "xkrn", false, false, CLIENT, NULL},
    {"cxgy", "", false, false, CLIENT, NULL},
    {"cxyf", "sorxyf", true, false, CLIENT, "csorxyfx"},
    {"cexyf", "sorxyf", true, false, CLIENT, "csorxyfex"},
    {"cxyf", "sorxyf", true, false, SERVER, "csorx"},
    {"ccxyf", "ssorxyf", true, false, CLIENT, "scsorxyfx"},
    {"ccxyf", "ssorxyf", true, false, SERVER, "scsorx"},
    {"cxyf", "ssorxyf", true, false, SERVER, NULL},
    {"ccxyf", "sorxyf", true, false, SERVER, NULL},
    {"cfxyf", "soxyfr", true, false, CLIENT, "csoxyffrx"},
    {"cfxyf", "soxyfttr", true, false, CLIENT, "csoxyffrx"},
    {"cfxyf", "soxyft", true, false, CLIENT, NULL},
    {"cfxf", "soxyfr", true, false, CLIENT, NULL},
    {"cxyf", "sorxy", true, false, CLIENT, NULL},
    {"c", "s", true, false, SERVER, NULL},
};

static void
expect_order(const struct order_case *expected, bool server_first)
{
    struct transcript_how how = {
        .client = ORIGINATOR, .tls13 = expected->tls13, .datagram = expected->datagram};
    struct transcript_order order;
    begin();
    say_both(expected->client, expected->server, server_first);
    const char *why = transcript_before(&transcript, &how, expected->role, &order);
    if (!expected->order) {
        ck_assert_ptr_nonnull(why);
    } else {
        ck_assert_msg(!why, "%s %s: %s", expected->client, expected->server, why);
        ck_assert_uint_eq(order.len, strlen(expected->order));
        for (size_t i = 0; i < order.len; i++)
            ck_assert_uint_eq(order.at[i]->type, type_of(expected->order[i]));
        ck_assert_uint_eq(order.signature->type, MESSAGE_CERTIFICATE_VERIFY);
        ck_assert_int_eq(order.retried != NULL, expected->order[1] == 'c');
    }
    end();
}

/* The order is the protocol's, whichever direction was captured first. */
START_TEST(puts_in_order)
{
    expect_order(&orders[_i], false);
    expect_order(&orders[_i], true);
}
END_TEST

/* In DTLS a message that is missing shows by its number. */
START_TEST(counts_numbers)
{
    struct transcript_how how = {.client = ORIGINATOR, .datagram = true};
    struct transcript_order order;
    begin();
    say(ORIGINATOR, "ccxgy", _i < 5 ? _i : -1);
    say(RESPONDER, "vsxkrn", _i < 5 ? -1 : _i - 5);
    bool dispensable = _i == 0 || _i == 5; /* the first hello, and what it was sent back with */
    ck_assert_int_eq(!transcript_before(&transcript, &how, CLIENT, &order), dispensable);
    end();
}
END_TEST

START_TEST(is_bounded)
{
    struct transcript_how how = {.client = ORIGINATOR};
    struct transcript_order order;
    struct said said = {.type = MESSAGE_CERTIFICATE_STATUS};
    begin();
    say(ORIGINATOR, "c", -1);
    for (int i = 0; i < 2 * TRANSCRIPT_MESSAGES; i++)
        transcript_add(&transcript, &arena, RESPONDER, &said, false);
    ck_assert_uint_le(transcript.count, TRANSCRIPT_MESSAGES);
    ck_assert_ptr_nonnull(transcript_before(&transcript, &how, CLIENT, &order));
    end();

    begin();
    uint8_t *large = calloc(1, TRANSCRIPT_MOST);
    said.body = bytes_of(large, TRANSCRIPT_MOST);
    transcript_add(&transcript, &arena, RESPONDER, &said, false);
    ck_assert_ptr_null(transcript.lost);
    said.body.len = 1;
    transcript_add(&transcript, &arena, RESPONDER, &said, false);
    ck_assert_ptr_nonnull(transcript.lost);
    free(large);
    end();
}
END_TEST

/* Behind the signature nothing matters any more; before it everything does. */
START_TEST(closes)
{
    struct transcript_how how = {.client = ORIGINATOR};
    struct transcript_order order;
    begin();
    say_both("cxgy", "sxkrn", false);
    transcript_lose(&transcript, "late");
    ck_assert_ptr_null(transcript_before(&transcript, &how, CLIENT, &order));
    end();

    begin();
    say(ORIGINATOR, "cxg", -1);
    transcript_lose(&transcript, "early");
    ck_assert_str_eq(transcript_before(&transcript, &how, CLIENT, &order), "early");
    end();
}
END_TEST

static void
collect(const struct said *said, bool datagram, struct text *out)
{
    uint8_t prefix[TRANSCRIPT_PREFIX];
    struct bytes piece;
    text_add(out, bytes_of(prefix, transcript_header(said, datagram, prefix)));
    for (size_t i = 0; transcript_piece(said, i, prefix, &piece); i++)
        text_add(out, piece);
}

static void
expect_bytes(const struct said *said, bool datagram, const char *expected)
{
    struct text text = {0};
    struct bytes wanted = asn1_raw(&arena, expected);
    collect(said, datagram, &text);
    ck_assert_uint_eq(text.len, wanted.len);
    ck_assert_mem_eq(text.at, wanted.at, wanted.len);
    text_free(&text);
}

START_TEST(spells_messages)
{
    struct certificate a = {.der = bytes_of("AB", 2)};
    struct certificate b = {.der = bytes_of("C", 1)};
    const struct certificate *list[] = {&a, &b};
    struct chain chain = {.at = list, .len = 2};
    struct chain nothing = {0};
    begin();
    struct said plain = {.type = 14, .seq = 5, .body = bytes_of("xyz", 3)};
    struct said bare = {.type = 1, .bare = true, .body = bytes_of("xyz", 3)};
    struct said certificates = {.type = 11, .seq = 2, .chain = &chain};
    struct said none = {.type = 11, .chain = &nothing};
    expect_bytes(&plain, false, "0e 000003 'xyz'");
    expect_bytes(&plain, true, "0e 000003 0005 000000 000003 'xyz'");
    expect_bytes(&bare, false, "'xyz'");
    expect_bytes(&certificates, false, "0b 00000c 000009 000002 'AB' 000001 'C'");
    expect_bytes(&certificates, true, "0b 00000c 0002 000000 00000c 000009 000002 'AB' 000001 'C'");
    expect_bytes(&none, false, "0b 000003 000000");
    end();
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("transcript");
    TCase *t = tcase_create("all");
    tcase_add_loop_test(t, puts_in_order, 0, sizeof orders / sizeof *orders);
    tcase_add_loop_test(t, counts_numbers, 0, 11);
    tcase_add_test(t, is_bounded);
    tcase_add_test(t, closes);
    tcase_add_test(t, spells_messages);
    suite_add_tcase(s, t);
    return s;
}
