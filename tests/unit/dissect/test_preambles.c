/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/dialogues.h"
#include "tests/support/tls.h"

#include <check.h>
#include <stdlib.h>

static const char rest[] = "1603010200";

static struct talk
talk_of(const struct dialogue *dialogue, bool with_rest)
{
    struct talk talk = {0};
    for (int i = 0; i < MOST_TURNS && dialogue->turn[i].hex; i++)
        talk_say(&talk, dialogue->turn[i].from, dialogue->turn[i].hex);
    if (with_rest)
        tls_hex(&talk.turn[talk.len - 1].said, rest);
    return talk;
}

struct heard {
    enum preamble_step step;
    size_t turn, at; /* where it ended */
    bool has_client;
    char client[ADDRESS_TEXT];
};

/* Lets a preamble hear a talk; each turn is split at `split`, or into pieces of one byte where it
 * is 0. */
static struct heard
hear(const struct preamble *preamble, const struct talk *talk, size_t split)
{
    struct heard heard = {.step = PREAMBLE_TALKING};
    struct address client;
    void *state = calloc(1, preamble->state_size);
    for (size_t i = 0; i < talk->len && heard.step == PREAMBLE_TALKING; i++) {
        const struct text *said = &talk->turn[i].said;
        size_t at = 0;
        while (at < said->len && heard.step == PREAMBLE_TALKING) {
            size_t len = split == 0 ? 1 : at == 0 && split < said->len ? split : said->len - at;
            struct bytes data = bytes_of(said->at + at, len);
            heard.step = preamble->hear(state, talk->turn[i].from, &data);
            ck_assert_uint_le(data.len, len);
            ck_assert(heard.step != PREAMBLE_TALKING || data.len == 0);
            at += len - data.len;
        }
        heard.turn = i;
        heard.at = at;
    }
    if (preamble->client_address && preamble->client_address(state, &client)) {
        heard.has_client = true;
        address_to_text(&client, heard.client);
    }
    free(state);
    return heard;
}

START_TEST(however_it_is_split_tls_begins_at_the_same_place)
{
    const struct dialogue *dialogue = &dialogues[_i];
    struct talk talk = talk_of(dialogue, true);
    const struct text *last = &talk.turn[talk.len - 1].said;
    for (size_t split = 0; split <= 128; split++) {
        struct heard heard = hear(dialogue->preamble, &talk, split);
        ck_assert_msg(heard.step == PREAMBLE_UPGRADED, "%s, split at %zu: turn %zu byte %zu",
            dialogue->name, split, heard.turn, heard.at);
        ck_assert_uint_eq(heard.turn, talk.len - 1);
        ck_assert_msg(heard.at == last->len - 5, "%s, split at %zu: byte %zu", dialogue->name,
            split, heard.at);
        ck_assert_msg(heard.has_client == (dialogue->client != NULL), "%s", dialogue->name);
        ck_assert_str_eq(heard.client, dialogue->client ? dialogue->client : "");
    }
    talk_free(&talk);
}
END_TEST

/* The first row that calls these beginnings its own; what each says otherwise must be MAYBE for as
 * long as `wanted` is undecided. */
static const struct preamble *
claimed(const struct bytes begun[2], const struct preamble *wanted, const char *name)
{
    for (size_t i = 0; preambles[i]; i++) {
        enum look look = preambles[i]->look(begun[ORIGINATOR], begun[RESPONDER]);
        ck_assert_msg(preambles[i] != wanted || look != LOOK_NOT_MINE, "%s: %zu and %zu bytes",
            name, begun[0].len, begun[1].len);
        if (look == LOOK_MINE)
            return preambles[i];
    }
    return NULL;
}

START_TEST(every_beginning_is_recognised_and_never_disowned_before)
{
    const struct dialogue *dialogue = &dialogues[_i];
    struct talk talk = talk_of(dialogue, false);
    struct text begun[2] = {{0}, {0}};
    const struct preamble *by = NULL;
    for (size_t i = 0; i < talk.len && !by; i++) {
        const struct text *said = &talk.turn[i].said;
        enum side from = talk.turn[i].from;
        for (size_t at = 0; at < said->len && !by; at++) {
            text_add_char(&begun[from], said->at[at]);
            struct bytes both[2] = {text_bytes(&begun[0]), text_bytes(&begun[1])};
            by = claimed(both, dialogue->preamble, dialogue->name);
        }
    }
    ck_assert_msg(
        by == dialogue->preamble, "%s: taken for %s", dialogue->name, by ? by->carrier : "nothing");
    text_free(&begun[0]);
    text_free(&begun[1]);
    talk_free(&talk);
}
END_TEST

START_TEST(every_row_has_a_dialogue)
{
    for (size_t i = 0; preambles[i]; i++) {
        size_t found = !preambles[i]->hear; /* what carries TLS has a test of its own */
        for (size_t k = 0; k < dialogues_count; k++)
            found += dialogues[k].preamble == preambles[i];
        ck_assert_msg(found > 0, "%s", preambles[i]->carrier);
    }
}
END_TEST

/* Talks that look like one and do not come to TLS. */
static const struct dialogue plain[] = {
    {"smtp", &smtp_preamble,
        {{S, "'220 mx'" CRLF}, {C, "'EHLO a'" CRLF}, {S, "'250-mx'" CRLF "'250 STARTTLS'" CRLF},
            {C, "'MAIL FROM:<a>'" CRLF}, {S, "'250 STARTTLS is nice'" CRLF}, {C, "'QUIT'" CRLF},
            {S, "'221 bye'" CRLF}},
        NULL},
    {"smtp, refused", &smtp_preamble,
        {{S, "'220 mx'" CRLF}, {C, "'EHLO a'" CRLF "'STARTTLS'" CRLF},
            {S, "'250 mx'" CRLF "'502 no'" CRLF}, {C, "'STARTTLSX'" CRLF}, {S, "'220 hm'" CRLF}},
        NULL},
    {"imap", &imap_preamble,
        {{S, "'* OK STARTTLS'" CRLF}, {C, "'a LOGIN starttls x'" CRLF}, {S, "'a OK in'" CRLF}},
        NULL},
    {"pop3", &pop3_preamble,
        {{S, "'+OK'" CRLF}, {C, "'USER stls'" CRLF}, {S, "'+OK'" CRLF}, {C, "'STLS'" CRLF},
            {S, "'-ERR'" CRLF}, {C, "'NOOP'" CRLF}, {S, "'+OK'" CRLF}},
        NULL},
    {"ftp", &ftp_preamble,
        {{S, "'220 ftp'" CRLF}, {C, "'AUTH KERBEROS_V4'" CRLF}, {S, "'334 go'" CRLF},
            {C, "'AUTH TLS'" CRLF}, {S, "'530 no'" CRLF}, {C, "'USER a'" CRLF},
            {S, "'234 hm'" CRLF}},
        NULL},
    {"xmpp", &xmpp_preamble,
        {{C, "'<?xml?><stream:stream><starttlsx>'"}, {S, "'<failure/>'"},
            {C, "'<auth>starttls</auth>'"}, {S, "'<success/>proceed<a proceed/>'"}},
        NULL},
    {"ldap, refused", &ldap_preamble,
        {{C, "30 1d 02 01 01 77 18 " START_TLS_NAME},
            {S, "30 0c 02 01 01 78 07 0a 01 02 04 00 04 00"}},
        NULL},
    {"ldap, another extension", &ldap_preamble,
        {{C, "30 1d 02 01 01 77 18 80 16 '1.3.6.1.4.1.1466.20036'"},
            {S, "30 0c 02 01 01 78 07 0a 01 00 04 00 04 00"}},
        NULL},
    {"mysql", &mysql_preamble,
        {{S, "4a0000 00 0a '8.0.33' 00"},
            {C, "540000 01 85a6 ff19 00000001 ff 0000000000000000000000000000000000000000000000"
                "'root' 00"},
            {S, "070000 02 00"}},
        NULL},
    {"postgresql, refused", &postgres_preamble,
        {{C, SSL_REQUEST}, {S, "'N'"}, {C, "00000029 00030000 'user' 00"}, {S, "'R'"}}, NULL},
    {"postgresql, gss agreed", &postgres_preamble, {{C, GSS_REQUEST}, {S, "'G'"}}, NULL},
    {"http-connect, refused", &http_connect_preamble,
        {{C, "'CONNECT a:443 HTTP/1.1'" CRLF CRLF},
            {S, "'HTTP/1.1 502 no'" CRLF "'X: HTTP/1.1 200 OK'" CRLF CRLF "'sorry'" CRLF CRLF}},
        NULL},
    {"http-connect, a length that is none", &http_connect_preamble,
        {{C, "'CONNECT a:443 HTTP/1.1'" CRLF "'Content-Length: 1x'" CRLF CRLF},
            {S, "'HTTP/1.1 200 OK'" CRLF CRLF}},
        NULL},
    {"http-connect, another request is answered", &http_connect_preamble,
        {{C, "'GET http://a/ HTTP/1.1'" CRLF CRLF "'CONNECT a:443 HTTP/1.1'" CRLF CRLF},
            {S, "'HTTP/1.1 200 OK'" CRLF "'Content-Length: 0'" CRLF CRLF}},
        NULL},
    {"socks4, refused", &socks_preamble,
        {{C, "04 01 01bb c0000201 00"}, {S, "00 5b 0000 00000000"}}, NULL},
    {"socks4, bind", &socks_preamble, {{C, "04 02 01bb c0000201 00"}}, NULL},
    {"socks5, no method", &socks_preamble, {{C, "05 01 02"}, {S, "05 ff"}}, NULL},
    {"socks5, wrong password", &socks_preamble,
        {{C, "05 01 02"}, {S, "05 02"}, {C, "01 01 'a' 01 'b'"}, {S, "01 01"}}, NULL},
    {"socks5, refused", &socks_preamble,
        {{C, "05 01 00"}, {S, "05 00"}, {C, "05 01 00 01 c0000201 01bb"},
            {S, "05 05 00 01 00000000 0000"}},
        NULL},
    {"socks5, unknown address", &socks_preamble,
        {{C, "05 01 00"}, {S, "05 00"}, {C, "05 01 00 07 c0000201 01bb"}}, NULL},
    {"socks5, a choice behind the request", &socks_preamble,
        {{C, "05 02 00 02"}, {C, "05 00 00 03 ff 4141"}, {S, "05 02"}, {C, "4141"}}, NULL},
    {"rdp, its own security", &rdp_preamble,
        {{C, "03 00 000b 06 e0 0000 0000 00"}, {S, "03 00 000b 06 d0 0000 1234 00"}}, NULL},
    {"rdp, refused", &rdp_preamble,
        {{C, "03 00 0013 0e e0 0000 0000 00 01 00 0800 03000000"},
            {S, "03 00 0013 0e d0 0000 1234 00 03 00 0800 02000000"}},
        NULL},
    {"proxy, a line without end", &proxy_preamble,
        {{C, "'PROXY TCP4 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
             "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'"}},
        NULL},
};

START_TEST(what_is_refused_or_never_asked_does_not_come_to_tls)
{
    const struct dialogue *dialogue = &plain[_i];
    struct talk talk = talk_of(dialogue, false);
    for (size_t split = 0; split <= 128; split++) {
        struct heard heard = hear(dialogue->preamble, &talk, split);
        ck_assert_msg(heard.step != PREAMBLE_UPGRADED, "%s, split at %zu", dialogue->name, split);
    }
    talk_free(&talk);
}
END_TEST

START_TEST(a_long_message_of_ldap_is_passed_over)
{
    struct talk talk = {0};
    struct text *bind = talk_turn(&talk, ORIGINATOR);
    tls_hex(bind, "30 82 0407 02 01 01 60 82 0400");
    for (int i = 0; i < 1024; i++)
        text_add_char(bind, (char)i);
    tls_hex(bind, "30 1d 02 01 02 77 18 " START_TLS_NAME);
    talk_say(&talk, RESPONDER, "30 0c 02 01 02 78 07 0a 01 00 04 00 04 00");
    tls_hex(&talk.turn[1].said, rest);
    for (size_t split = 0; split < 1100; split++) {
        struct heard heard = hear(&ldap_preamble, &talk, split);
        ck_assert_int_eq(heard.step, PREAMBLE_UPGRADED);
        ck_assert_uint_eq(heard.turn, 1);
        ck_assert_uint_eq(heard.at, talk.turn[1].said.len - 5);
    }
    talk_free(&talk);
}
END_TEST

START_TEST(a_long_header_of_proxy_is_passed_over)
{
    struct talk talk = {0};
    struct text *header = talk_turn(&talk, ORIGINATOR);
    tls_hex(header, PROXY2 "21 11 0400 c0000209 c6336402 c822 01bb");
    for (int i = 0; i < 1024 - 12; i++)
        text_add_char(header, (char)i);
    tls_hex(header, rest);
    for (size_t split = 0; split < header->len; split++) {
        struct heard heard = hear(&proxy_preamble, &talk, split);
        ck_assert_int_eq(heard.step, PREAMBLE_UPGRADED);
        ck_assert_msg(heard.at == header->len - 5, "split at %zu: %zu", split, heard.at);
        ck_assert_str_eq(heard.client, "192.0.2.9");
    }
    talk_free(&talk);
}
END_TEST

START_TEST(an_asker_that_goes_on_with_tls_was_answered)
{
    for (size_t i = 0; i < dialogues_count; i++) {
        struct talk talk = talk_of(&dialogues[i], false);
        if (talk.len < 2 || talk.turn[talk.len - 1].from == ORIGINATOR)
            goto next; /* nobody has to answer */
        text_free(&talk.turn[--talk.len].said);
        tls_client_hello(talk_turn(&talk, ORIGINATOR));
        struct heard heard = hear(dialogues[i].preamble, &talk, 4096);
        ck_assert_msg(heard.step == PREAMBLE_UPGRADED, "%s", dialogues[i].name);
        ck_assert_uint_eq(heard.turn, talk.len - 1);
        ck_assert_msg(heard.at == 0, "%s", dialogues[i].name);
    next:
        talk_free(&talk);
    }
}
END_TEST

static uint32_t
next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* Every dialogue with some of its bytes changed, in pieces of any size. */
START_TEST(hostile_bytes_are_only_ever_taken_from_the_front)
{
    const struct dialogue *dialogue = &dialogues[_i];
    uint32_t random = (uint32_t)_i + 1;
    for (int round = 0; round < 400; round++) {
        struct talk talk = talk_of(dialogue, true);
        for (unsigned n = next_random(&random) % 4 + 1; n > 0; n--) {
            struct text *said = &talk.turn[next_random(&random) % talk.len].said;
            said->at[next_random(&random) % said->len] = (char)next_random(&random);
        }
        struct heard heard = hear(dialogue->preamble, &talk, next_random(&random) % 40);
        ck_assert_uint_lt(heard.turn, talk.len);
        talk_free(&talk);
    }
}
END_TEST

/* Each beginning of two bytes, and a few that follow: nothing is read that is not there. */
START_TEST(every_first_bytes_may_be_looked_at_and_heard)
{
    for (unsigned first = 0; first < 65536; first++) {
        uint8_t both[3] = {(uint8_t)(first >> 8), (uint8_t)first, (uint8_t)(first * 7)};
        for (size_t i = 0; preambles[i]; i++) {
            size_t len = 1 + (first + i) % 3;
            struct bytes data = bytes_of(both, len);
            enum look alone = preambles[i]->look(data, (struct bytes){0});
            enum look server = preambles[i]->look((struct bytes){0}, data);
            ck_assert(alone <= LOOK_MINE && server <= LOOK_MINE);
            ck_assert(alone != LOOK_MINE || len > 2);
        }
    }
}
END_TEST

START_TEST(who_talks_without_end_is_given_up)
{
    static const struct preamble *const by_lines[] = {&smtp_preamble, &imap_preamble,
        &pop3_preamble, &ftp_preamble, &nntp_preamble, &irc_preamble, &sieve_preamble,
        &xmpp_preamble, &http_connect_preamble};
    static const char talk[1000] = "<?xml ";
    for (size_t i = 0; i < sizeof by_lines / sizeof *by_lines; i++) {
        void *state = calloc(1, by_lines[i]->state_size);
        enum preamble_step step = PREAMBLE_TALKING;
        int heard = 0;
        for (; heard < 1000 && step == PREAMBLE_TALKING; heard++) {
            struct bytes data = bytes_of(talk, sizeof talk);
            step = by_lines[i]->hear(state, heard % 2 ? RESPONDER : ORIGINATOR, &data);
        }
        ck_assert_msg(step == PREAMBLE_NEVER, "%s", by_lines[i]->carrier);
        ck_assert_int_lt(heard, 200);
        free(state);
    }
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("preambles");
    TCase *c = tcase_create("preambles");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(
        c, however_it_is_split_tls_begins_at_the_same_place, 0, (int)dialogues_count);
    tcase_add_loop_test(
        c, every_beginning_is_recognised_and_never_disowned_before, 0, (int)dialogues_count);
    tcase_add_test(c, every_row_has_a_dialogue);
    tcase_add_loop_test(
        c, what_is_refused_or_never_asked_does_not_come_to_tls, 0, sizeof plain / sizeof *plain);
    tcase_add_test(c, a_long_message_of_ldap_is_passed_over);
    tcase_add_test(c, a_long_header_of_proxy_is_passed_over);
    tcase_add_test(c, an_asker_that_goes_on_with_tls_was_answered);
    tcase_add_loop_test(
        c, hostile_bytes_are_only_ever_taken_from_the_front, 0, (int)dialogues_count);
    tcase_add_test(c, every_first_bytes_may_be_looked_at_and_heard);
    tcase_add_test(c, who_talks_without_end_is_given_up);
    suite_add_tcase(s, c);
    return s;
}
