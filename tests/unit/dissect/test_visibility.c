/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/visibility.h"
#include "tests/support/scene.h"

#include <check.h>

/* What a handshake came to; everything else is as after a full one of TLS 1.2 that was only heard
 * in part. */
struct past {
    const char *name;
    enum visibility_reason server, client;
    uint16_t version, cipher;
    bool no_hello, no_answer, resumed, renegotiated, guessed, one_way, over, retry;
    bool key_exchange;
    bool keyed, finished, opened;
    enum visibility_reason by; /* resumed by */
    enum tristate requested;
    enum visibility_reason trouble[2]; /* by side: the originator is the client */
    unsigned server_sent, server_kept;
    bool client_seen;
    unsigned client_sent, client_kept;
    uint32_t ciphertexts;
    enum flow_end end;
    int alert;
    enum presence presence;
};

static const struct certificate *const no_certificates[4];

static void
relive(const struct past *past, struct handshake *h, struct flow *flow)
{
    struct session *s = &h->session;
    *flow = (struct flow){.guessed = past->guessed, .packets = {5, past->one_way ? 0 : 5}};
    *h = (struct handshake){.flow = flow, .renegotiated = past->renegotiated};
    s->has_hello = !past->no_hello;
    s->has_answer = !past->no_answer;
    s->version = past->version ? past->version : 0x0303;
    s->answer.cipher = past->cipher ? past->cipher : 0xc02f;
    s->answer.retry = past->retry;
    s->resumed = past->resumed;
    s->resumed_by = past->by;
    s->inferred[CLIENT].presence = past->presence;
    s->client_cert_requested = past->requested;
    s->last_alert = past->alert ? past->alert : NO_ALERT;
    h->client_key_exchange = past->key_exchange;
    for (int side = 0; side < 2; side++) {
        h->side[side].trouble = past->trouble[side];
        h->side[side].ciphertexts = past->ciphertexts;
        h->side[side].keyed = past->keyed;
        h->side[side].finished = past->finished;
    }
    s->chain[SERVER] = (struct chain){.at = no_certificates,
        .len = past->server_kept,
        .sent = past->server_sent,
        .seen = past->server_sent > 0,
        .opened = past->opened};
    s->chain[CLIENT] = (struct chain){.at = no_certificates,
        .len = past->client_kept,
        .sent = past->client_sent,
        .seen = past->client_seen,
        .opened = past->opened};
}

static const struct past pasts[] = {
    {.name = "seen",
        .server = REASON_SEEN,
        .client = REASON_SEEN,
        .server_sent = 2,
        .server_kept = 2,
        .client_seen = true,
        .client_sent = 1,
        .client_kept = 1},
    {.name = "not requested",
        .server = REASON_SEEN,
        .client = REASON_NOT_REQUESTED,
        .server_sent = 2,
        .server_kept = 2,
        .requested = NO},
    {.name = "declined by an empty list",
        .server = REASON_SEEN,
        .client = REASON_DECLINED,
        .server_sent = 1,
        .server_kept = 1,
        .requested = YES,
        .client_seen = true},
    {.name = "declined by going on",
        .server = REASON_SEEN,
        .client = REASON_DECLINED,
        .server_sent = 1,
        .server_kept = 1,
        .requested = YES,
        .key_exchange = true},
    {.name = "tls 1.3", .server = REASON_TLS13, .client = REASON_TLS13, .version = 0x0304},
    {.name = "sizes tell of a certificate",
        .server = REASON_TLS13,
        .client = REASON_SIZES,
        .version = 0x0304,
        .presence = PRESENCE_SENT},
    {.name = "sizes tell that none was asked for",
        .server = REASON_TLS13,
        .client = REASON_SIZES_NOT_REQUESTED,
        .version = 0x0304,
        .requested = NO,
        .presence = PRESENCE_NOT_REQUESTED},
    {.name = "sizes tell that it was declined",
        .server = REASON_TLS13,
        .client = REASON_SIZES_DECLINED,
        .version = 0x0304,
        .requested = YES,
        .presence = PRESENCE_DECLINED},
    {.name = "psk",
        .server = REASON_PSK,
        .client = REASON_PSK,
        .version = 0x0304,
        .resumed = true,
        .by = REASON_PSK},
    {.name = "session id",
        .server = REASON_SESSION_ID,
        .client = REASON_SESSION_ID,
        .resumed = true,
        .by = REASON_SESSION_ID},
    {.name = "ticket",
        .server = REASON_TICKET,
        .client = REASON_TICKET,
        .resumed = true,
        .by = REASON_TICKET},
    {.name = "anonymous",
        .server = REASON_ANONYMOUS,
        .client = REASON_NOT_REQUESTED,
        .cipher = 0x0034,
        .requested = NO},
    {.name = "psk suite",
        .server = REASON_ANONYMOUS,
        .client = REASON_NOT_REQUESTED,
        .cipher = 0x008c,
        .requested = NO},
    {.name = "renegotiation",
        .server = REASON_SEEN,
        .client = REASON_RENEGOTIATION,
        .server_sent = 1,
        .server_kept = 1,
        .renegotiated = true,
        .requested = NO},
    {.name = "ended by an alert",
        .server = REASON_ENDED_BEFORE,
        .client = REASON_ENDED_BEFORE,
        .no_answer = true,
        .alert = 40,
        .over = true,
        .end = FLOW_OVER},
    {.name = "closed",
        .server = REASON_ENDED_BEFORE,
        .client = REASON_ENDED_BEFORE,
        .no_answer = true,
        .over = true,
        .end = FLOW_CLOSED},
    {.name = "a retry, and then nothing",
        .server = REASON_ENDED_BEFORE,
        .client = REASON_ENDED_BEFORE,
        .version = 0x0304,
        .retry = true,
        .over = true,
        .end = FLOW_RESET},
    {.name = "one way",
        .server = REASON_ONE_WAY,
        .client = REASON_ONE_WAY,
        .one_way = true,
        .no_answer = true},
    {.name = "midstream",
        .server = REASON_MIDSTREAM,
        .client = REASON_MIDSTREAM,
        .guessed = true,
        .no_hello = true},
    {.name = "midstream, behind the hello",
        .server = REASON_MIDSTREAM,
        .client = REASON_MIDSTREAM,
        .guessed = true,
        .ciphertexts = 3},
    {.name = "a gap",
        .server = REASON_GAP,
        .client = REASON_GAP,
        .trouble = {REASON_SEEN, REASON_GAP}},
    {.name = "a gap of the client's",
        .server = REASON_SEEN,
        .client = REASON_GAP,
        .server_sent = 1,
        .server_kept = 1,
        .requested = YES,
        .trouble = {REASON_GAP}},
    {.name = "the capture ended",
        .server = REASON_CAPTURE_OVER,
        .client = REASON_CAPTURE_OVER,
        .over = true,
        .end = FLOW_OVER},
    {.name = "silence",
        .server = REASON_CAPTURE_OVER,
        .client = REASON_CAPTURE_OVER,
        .over = true,
        .end = FLOW_IDLE},
    {.name = "cut",
        .server = REASON_CUT,
        .client = REASON_CUT,
        .trouble = {REASON_SEEN, REASON_CUT}},
    {.name = "shed",
        .server = REASON_SHED,
        .client = REASON_SHED,
        .trouble = {REASON_SHED, REASON_SHED}},
    {.name = "shed with its flow",
        .server = REASON_SHED,
        .client = REASON_SHED,
        .over = true,
        .end = FLOW_SHED},
    {.name = "too large",
        .server = REASON_TOO_LARGE,
        .client = REASON_TOO_LARGE,
        .trouble = {REASON_SEEN, REASON_TOO_LARGE}},
    {.name = "more than are kept",
        .server = REASON_TOO_LARGE,
        .client = REASON_NOT_REQUESTED,
        .server_sent = 100,
        .server_kept = 16,
        .requested = NO},
    {.name = "no room for all",
        .server = REASON_SHED,
        .client = REASON_NOT_REQUESTED,
        .server_sent = 3,
        .server_kept = 1,
        .requested = NO,
        .trouble = {REASON_SEEN, REASON_SHED}},
    {.name = "malformed",
        .server = REASON_MALFORMED,
        .client = REASON_MALFORMED,
        .trouble = {REASON_MALFORMED, REASON_MALFORMED}},
    {.name = "both opened",
        .server = REASON_KEYS,
        .client = REASON_KEYS,
        .version = 0x0304,
        .keyed = true,
        .opened = true,
        .server_sent = 2,
        .server_kept = 2,
        .client_seen = true,
        .client_sent = 1,
        .client_kept = 1},
    {.name = "opened, not requested",
        .server = REASON_KEYS,
        .client = REASON_NOT_REQUESTED,
        .version = 0x0304,
        .keyed = true,
        .opened = true,
        .server_sent = 2,
        .server_kept = 2,
        .requested = NO},
    {.name = "keys of something else",
        .server = REASON_UNOPENED,
        .client = REASON_UNOPENED,
        .version = 0x0304,
        .keyed = true,
        .trouble = {REASON_UNOPENED, REASON_UNOPENED}},
    {.name = "opened up to a gap",
        .server = REASON_GAP,
        .client = REASON_GAP,
        .version = 0x0304,
        .keyed = true,
        .trouble = {REASON_SEEN, REASON_GAP}},
    {.name = "a gap in the server's flight, and a client that has said all without a certificate",
        .server = REASON_GAP,
        .client = REASON_NOT_REQUESTED,
        .version = 0x0304,
        .keyed = true,
        .finished = true,
        .trouble = {REASON_SEEN, REASON_GAP}},
    {.name = "opened to its end without a certificate",
        .server = REASON_MALFORMED,
        .client = REASON_MALFORMED,
        .version = 0x0304,
        .keyed = true,
        .finished = true,
        .requested = YES},
    {.name = "opened, and resumed",
        .server = REASON_PSK,
        .client = REASON_PSK,
        .version = 0x0304,
        .keyed = true,
        .finished = true,
        .resumed = true,
        .by = REASON_PSK,
        .requested = NO},
};
enum { PASTS = sizeof pasts / sizeof *pasts };

START_TEST(every_past_has_its_reason)
{
    struct handshake h;
    struct flow flow;
    relive(&pasts[_i], &h, &flow);
    visibility_conclude(&h, pasts[_i].over, pasts[_i].end);
    const struct chain *chain = h.session.chain;
    ck_assert_msg(chain[SERVER].reason == pasts[_i].server, "%s: server %s", pasts[_i].name,
        visibility_reason_name(chain[SERVER].reason));
    ck_assert_msg(chain[CLIENT].reason == pasts[_i].client, "%s: client %s", pasts[_i].name,
        visibility_reason_name(chain[CLIENT].reason));
}
END_TEST

/* What a side is called for each reason. */
static const enum visibility words[REASONS] = {
    [REASON_SEEN] = VISIBLE_CLEAR,
    [REASON_KEYS] = VISIBLE_DECRYPTED,
    [REASON_TLS13] = HIDDEN_ENCRYPTED,
    [REASON_UNOPENED] = HIDDEN_ENCRYPTED,
    [REASON_RENEGOTIATION] = HIDDEN_ENCRYPTED,
    [REASON_SIZES] = VISIBLE_INFERRED,
    [REASON_SIZES_NOT_REQUESTED] = HIDDEN_NONE,
    [REASON_SIZES_DECLINED] = HIDDEN_NONE,
    [REASON_SESSION_ID] = HIDDEN_RESUMED,
    [REASON_TICKET] = HIDDEN_RESUMED,
    [REASON_PSK] = HIDDEN_RESUMED,
    [REASON_ANONYMOUS] = HIDDEN_NONE,
    [REASON_NOT_REQUESTED] = HIDDEN_NONE,
    [REASON_DECLINED] = HIDDEN_NONE,
    [REASON_ENDED_BEFORE] = HIDDEN_NONE,
    [REASON_ONE_WAY] = HIDDEN_MISSED,
    [REASON_MIDSTREAM] = HIDDEN_MISSED,
    [REASON_GAP] = HIDDEN_MISSED,
    [REASON_CAPTURE_OVER] = HIDDEN_MISSED,
    [REASON_CUT] = HIDDEN_MISSED,
    [REASON_SHED] = HIDDEN_MISSED,
    [REASON_TOO_LARGE] = HIDDEN_MISSED,
    [REASON_MALFORMED] = HIDDEN_MISSED,
};

START_TEST(each_reason_is_reached_and_has_a_word_of_its_own)
{
    for (int reason = 0; reason < REASONS; reason++) {
        size_t reached = 0;
        for (size_t i = 0; i < PASTS; i++) {
            struct handshake h;
            struct flow flow;
            relive(&pasts[i], &h, &flow);
            visibility_conclude(&h, pasts[i].over, pasts[i].end);
            for (int role = 0; role < 2; role++) {
                if ((int)h.session.chain[role].reason != reason)
                    continue;
                reached++;
                ck_assert_int_eq(h.session.chain[role].visibility, words[reason]);
            }
        }
        const char *name = visibility_reason_name((enum visibility_reason)reason);
        ck_assert_msg(reached > 0, "%s", name);
        for (int other = 0; other < reason; other++)
            ck_assert_str_ne(name, visibility_reason_name((enum visibility_reason)other));
    }
    for (int visibility = 0; visibility < VISIBILITIES; visibility++)
        ck_assert_ptr_nonnull(visibility_name((enum visibility)visibility));
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("visibility");
    TCase *c = tcase_create("visibility");
    tcase_add_loop_test(c, every_past_has_its_reason, 0, PASTS);
    tcase_add_test(c, each_reason_is_reached_and_has_a_word_of_its_own);
    suite_add_tcase(s, c);
    return s;
}
