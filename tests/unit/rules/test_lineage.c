/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/lineage.h"

#include "dissect/certificate_store.h"
#include "tests/support/told.h"

#include <check.h>
#include <stdio.h>

enum { LIMIT = 1 << 20 };
static const int64_t SECOND = INT64_C(1000000000);

static struct pool pool;
static struct arena arena;
static struct kept_chains *chains;
static struct lineage *lineage;
static const struct certificate *leaf[1], *issuer, *client_leaf;

static const struct certificate *
read_some(const char *bytes)
{
    return certificate_read(&arena, bytes_from_string(bytes));
}

static void
begin_with(size_t limit)
{
    pool = (struct pool){.limit = SIZE_MAX};
    arena = (struct arena){.pool = &pool};
    leaf[0] = read_some("a server's leaf");
    issuer = read_some("its issuer");
    client_leaf = read_some("a client's leaf");
    chains = kept_chains_new(limit);
    lineage = lineage_new(chains, limit);
}

static void
begin(void)
{
    begin_with(LIMIT);
}

static void
end(void)
{
    lineage_free(lineage);
    kept_chains_free(chains);
    arena_empty(&arena);
}

/* A handshake between 192.0.2.1 and 198.51.100.1:443 of TLS 1.2, `at` seconds after the first. */
static struct session
some_session(const char *uid, int64_t at)
{
    struct session s = {
        .ts_ns = at * SECOND,
        .end_ns = at * SECOND + SECOND / 2,
        .address = {told_address("192.0.2.1"), told_address("198.51.100.1")},
        .port = {40000, 443},
        .client_side = ORIGINATOR,
        .has_hello = true,
        .has_answer = true,
        .version = 0x0303,
        .established = true,
        .went_on = true,
        .last_alert = NO_ALERT,
        .answer = {.version = 0x0303, .cipher = 0xc02f},
        .hello = {.has_server_name = true, .server_name = bytes_from_string("www.example.com")},
    };
    snprintf(s.uid, sizeof s.uid, "%s", uid);
    return s;
}

static struct session
full(const char *uid, int64_t at)
{
    struct session s = some_session(uid, at);
    static const struct certificate *server[2];
    server[0] = leaf[0];
    server[1] = issuer;
    s.chain[SERVER] = (struct chain){.at = server, .len = 2, .sent = 2, .seen = true};
    s.chain[CLIENT] = (struct chain){.visibility = HIDDEN_NONE, .reason = REASON_NOT_REQUESTED};
    return s;
}

static struct session
mutual(const char *uid, int64_t at)
{
    struct session s = full(uid, at);
    s.chain[CLIENT] = (struct chain){.at = &client_leaf, .len = 1, .sent = 1, .seen = true};
    return s;
}

static void
give_ticket(struct session *s, const char *ticket, uint32_t lifetime)
{
    s->issued[s->issued_len++] = (struct issued_ticket){bytes_from_string(ticket), lifetime};
}

static struct session
resumed(const char *uid, int64_t at, enum visibility_reason by)
{
    struct session s = some_session(uid, at);
    s.resumed = true;
    s.resumed_by = by;
    for (int role = 0; role < 2; role++)
        s.chain[role] = (struct chain){.visibility = HIDDEN_RESUMED, .reason = by};
    return s;
}

static struct session
by_ticket(const char *uid, int64_t at, const char *ticket)
{
    struct session s = resumed(uid, at, REASON_TICKET);
    s.hello.has_ticket = true;
    s.hello.ticket = bytes_from_string(ticket);
    s.hello.session_id = s.answer.session_id = bytes_from_string("made up by the client");
    return s;
}

static struct session
by_id(const char *uid, int64_t at, const char *id)
{
    struct session s = resumed(uid, at, REASON_SESSION_ID);
    s.hello.session_id = s.answer.session_id = bytes_from_string(id);
    return s;
}

/* Tells it, and where it is said to come from. Static. */
static const char *
follow(struct session s)
{
    static char from[UID_TEXT];
    lineage_resolve(lineage, &s);
    memcpy(from, s.resumed_from, sizeof from);
    lineage_learn(lineage, &s);
    ck_assert_ptr_null(s.chain[SERVER].visibility == VISIBLE_INHERITED ? s.chain[SERVER].at : NULL);
    return from;
}

static void
plant_ticket(const char *uid, const char *ticket)
{
    struct session s = full(uid, 0);
    give_ticket(&s, ticket, 0);
    follow(s);
}

START_TEST(a_ticket_leads_to_both_chains)
{
    struct session first = mutual("C1", 0);
    give_ticket(&first, "ticket", 300);
    follow(first);
    struct session again = by_ticket("C2", 10, "ticket");
    again.address[ORIGINATOR] = told_address("203.0.113.7");
    again.port[ORIGINATOR] = 51000;
    lineage_resolve(lineage, &again);
    ck_assert_str_eq(again.resumed_from, "C1");
    ck_assert_int_eq(again.chain[SERVER].visibility, VISIBLE_INHERITED);
    ck_assert_int_eq(again.chain[SERVER].reason, REASON_TICKET);
    ck_assert_uint_eq(again.chain[SERVER].len, 2);
    ck_assert_str_eq(again.chain[SERVER].at[1]->sha256_hex, issuer->sha256_hex);
    ck_assert_int_eq(again.chain[CLIENT].visibility, VISIBLE_INHERITED);
    ck_assert_str_eq(again.chain[CLIENT].at[0]->sha256_hex, client_leaf->sha256_hex);
    lineage_learn(lineage, &again);
    ck_assert_uint_eq(again.chain[CLIENT].len, 0);
    ck_assert_uint_eq(lineage_counts(lineage).resolved, 1);
}
END_TEST

START_TEST(a_client_without_certificate_stays_one)
{
    plant_ticket("C1", "ticket");
    struct session again = by_ticket("C2", 10, "ticket");
    lineage_resolve(lineage, &again);
    ck_assert_int_eq(again.chain[CLIENT].visibility, HIDDEN_NONE);
    ck_assert_int_eq(again.chain[CLIENT].reason, REASON_TICKET);
    lineage_learn(lineage, &again);
}
END_TEST

START_TEST(what_was_not_seen_of_the_origin_is_not_known_later)
{
    struct session first = full("C1", 0);
    first.chain[CLIENT] = (struct chain){.visibility = HIDDEN_MISSED, .reason = REASON_GAP};
    give_ticket(&first, "ticket", 0);
    follow(first);
    struct session again = by_ticket("C2", 10, "ticket");
    lineage_resolve(lineage, &again);
    ck_assert_int_eq(again.chain[SERVER].visibility, VISIBLE_INHERITED);
    ck_assert_int_eq(again.chain[CLIENT].visibility, HIDDEN_RESUMED);
    lineage_learn(lineage, &again);
}
END_TEST

START_TEST(renewed_tickets_lead_to_the_first)
{
    plant_ticket("C1", "ticket 0");
    for (int i = 1; i <= 5; i++) {
        char uid[8];
        char ticket[16];
        char renewed[16];
        snprintf(uid, sizeof uid, "D%d", i);
        snprintf(ticket, sizeof ticket, "ticket %d", i - 1);
        snprintf(renewed, sizeof renewed, "ticket %d", i);
        struct session again = by_ticket(uid, 10 * i, ticket);
        give_ticket(&again, renewed, 0);
        ck_assert_str_eq(follow(again), "C1");
    }
}
END_TEST

START_TEST(an_id_leads_back_at_its_server_only)
{
    struct session first = full("C1", 0);
    first.version = first.answer.version = 0x0301;
    first.answer.session_id = bytes_from_string("an id");
    follow(first);
    struct session again = by_id("C2", 10, "an id");
    again.version = 0x0301;
    ck_assert_str_eq(follow(again), "C1");
    again.port[RESPONDER] = 444;
    ck_assert_str_eq(follow(again), "");
    again.port[RESPONDER] = 443;
    again.address[RESPONDER] = told_address("198.51.100.2");
    ck_assert_str_eq(follow(again), "");
}
END_TEST

START_TEST(an_id_given_anew_means_the_later_session)
{
    struct session first = full("C1", 0);
    struct session second = full("C2", 5);
    first.answer.session_id = second.answer.session_id = bytes_from_string("an id");
    follow(first);
    follow(second);
    ck_assert_str_eq(follow(by_id("C3", 10, "an id")), "C2");
}
END_TEST

START_TEST(a_ticket_planted_again_means_the_earlier_session)
{
    plant_ticket("C1", "ticket");
    plant_ticket("C2", "ticket");
    ck_assert_str_eq(follow(by_ticket("C3", 10, "ticket")), "C1");
}
END_TEST

START_TEST(a_cluster_shares_tickets_under_its_name)
{
    plant_ticket("C1", "ticket");
    struct session again = by_ticket("C2", 10, "ticket");
    again.address[RESPONDER] = told_address("198.51.100.2");
    again.hello.server_name = bytes_from_string("WWW.example.com");
    ck_assert_str_eq(follow(again), "C1");
    again.hello.server_name = bytes_from_string("www.example.net");
    ck_assert_str_eq(follow(again), "");
    again.hello.server_name = (struct bytes){0};
    ck_assert_str_eq(follow(again), "");
}
END_TEST

START_TEST(another_version_or_suite_is_another_session)
{
    plant_ticket("C1", "ticket");
    struct session again = by_ticket("C2", 10, "ticket");
    again.version = 0x0302;
    ck_assert_str_eq(follow(again), "");
    again = by_ticket("C2", 10, "ticket");
    again.answer.cipher = 0xc030;
    ck_assert_str_eq(follow(again), "");
}
END_TEST

START_TEST(a_psk_is_the_identity_that_was_accepted)
{
    struct session first = mutual("C1", 0);
    first.version = 0x0304;
    first.chain[SERVER].visibility = first.chain[CLIENT].visibility = VISIBLE_DECRYPTED;
    give_ticket(&first, "one", 0);
    give_ticket(&first, "two", 0);
    follow(first);
    struct session again = resumed("C2", 10, REASON_PSK);
    again.version = 0x0304;
    again.answer.cipher = 0x1302;
    again.hello.has_psk = true;
    again.hello.psk_identities = bytes_of("\0\3xxxAAAA\0\3twoAAAA", 18);
    again.answer.psk_selected = 1;
    ck_assert_str_eq(follow(again), "C1");
    again.answer.psk_selected = 0;
    ck_assert_str_eq(follow(again), "");
    again.answer.psk_selected = 2;
    ck_assert_str_eq(follow(again), "");
}
END_TEST

START_TEST(nothing_comes_of_what_was_not_seen_to_go_on)
{
    struct session first = full("C1", 0);
    first.went_on = false;
    first.answer.session_id = bytes_from_string("an id");
    give_ticket(&first, "ticket", 0);
    follow(first);
    ck_assert_uint_eq(lineage_counts(lineage).planted, 0);
    ck_assert_str_eq(follow(by_ticket("C2", 10, "ticket")), "");

    plant_ticket("C1", "ticket");
    struct session again = by_ticket("C2", 10, "ticket");
    again.went_on = false;
    give_ticket(&again, "renewed", 0);
    ck_assert_str_eq(follow(again), "C1");
    ck_assert_str_eq(follow(by_ticket("C3", 20, "renewed")), "");
}
END_TEST

START_TEST(a_session_without_certificates_plants_nothing)
{
    struct session first = full("C1", 0);
    first.chain[SERVER] = (struct chain){.visibility = HIDDEN_NONE, .reason = REASON_ANONYMOUS};
    give_ticket(&first, "ticket", 0);
    follow(first);
    ck_assert_uint_eq(lineage_counts(lineage).planted, 0);
}
END_TEST

START_TEST(lines_end_when_the_server_said)
{
    static const struct {
        uint32_t lifetime;
        int64_t last; /* second after which it is too late */
    } cases[] = {{300, 300}, {0, 86400}, {UINT32_MAX, 7 * 86400}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char ticket[16];
        struct session first = full("C1", 0);
        snprintf(ticket, sizeof ticket, "ticket %zu", i);
        give_ticket(&first, ticket, cases[i].lifetime);
        follow(first);
        ck_assert_str_eq(follow(by_ticket("C2", cases[i].last, ticket)), "C1");
        ck_assert_str_eq(follow(by_ticket("C3", cases[i].last + 1, ticket)), "");
    }
}
END_TEST

/* A data connection has a port of its own. */
START_TEST(what_resumes_a_control_connection_of_ftp_is_its_data)
{
    static const uint8_t id[32] = {1};
    for (int i = 0; i < 4; i++) {
        bool ftp = i < 2;
        struct session control = mutual("control", 0);
        control.service = ftp ? "ftp" : "https";
        control.port[RESPONDER] = 21;
        control.answer.session_id = bytes_of(id, sizeof id);
        lineage_learn(lineage, &control);
        struct session data = resumed("data", 10, REASON_SESSION_ID);
        data.port[RESPONDER] = 40021;
        data.answer.session_id = control.answer.session_id;
        if (i % 2)
            data.address[RESPONDER] = told_address("198.51.100.2");
        lineage_resolve(lineage, &data);
        bool expected = ftp && i % 2 == 0;
        ck_assert_int_eq(data.ftp_data, expected);
        ck_assert_str_eq(data.resumed_from, expected ? "control" : "");
        lineage_learn(lineage, &data);
        end();
        begin();
    }
}
END_TEST

START_TEST(one_server_cannot_drive_out_another)
{
    plant_ticket("C1", "kept");
    for (int i = 0; i < 20000; i++) {
        char ticket[16];
        struct session flood = full("F", 1);
        flood.address[RESPONDER] = told_address("203.0.113.1");
        snprintf(ticket, sizeof ticket, "flood %d", i);
        give_ticket(&flood, ticket, 0);
        follow(flood);
    }
    struct lineage_counts counts = lineage_counts(lineage);
    ck_assert_uint_gt(counts.shed, 10000);
    ck_assert_uint_le(counts.bytes, LIMIT / 8);
    ck_assert_str_eq(follow(by_ticket("C2", 10, "kept")), "C1");
    struct session last = by_ticket("C3", 10, "flood 19999");
    last.address[RESPONDER] = told_address("203.0.113.1");
    ck_assert_str_eq(follow(last), "F");
}
END_TEST

START_TEST(the_budget_holds_and_the_oldest_go_first)
{
    for (int i = 0; i < 20000; i++) {
        char ticket[16];
        char der[32];
        struct session s = full("C", 1);
        snprintf(der, sizeof der, "leaf number %d", i);
        struct pool own_pool = {.limit = SIZE_MAX};
        struct arena own = {.pool = &own_pool};
        const struct certificate *certificate = certificate_read(&own, bytes_from_string(der));
        s.chain[SERVER] = (struct chain){.at = &certificate, .len = 1, .sent = 1, .seen = true};
        s.address[RESPONDER].at[14] = (uint8_t)(i >> 8);
        s.address[RESPONDER].at[15] = (uint8_t)i;
        snprintf(ticket, sizeof ticket, "ticket %d", i);
        give_ticket(&s, ticket, 0);
        follow(s);
        arena_empty(&own);
        ck_assert_uint_le(lineage_counts(lineage).bytes, LIMIT);
        ck_assert_uint_le(kept_chains_bytes(chains), LIMIT);
    }
    ck_assert_uint_gt(lineage_counts(lineage).kept, 100);
    ck_assert_str_eq(follow(by_ticket("D", 10, "ticket 19999")), "C");
    ck_assert_str_eq(follow(by_ticket("D", 10, "ticket 0")), "");
}
END_TEST

START_TEST(a_lineage_without_room_says_nothing_and_lives)
{
    end();
    begin_with(64);
    plant_ticket("C1", "ticket");
    ck_assert_str_eq(follow(by_ticket("C2", 10, "ticket")), "");
    ck_assert_uint_eq(lineage_counts(lineage).kept, 0);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *suite = suite_create("lineage");
    TCase *tests = tcase_create("lineage");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, a_ticket_leads_to_both_chains);
    tcase_add_test(tests, a_client_without_certificate_stays_one);
    tcase_add_test(tests, what_was_not_seen_of_the_origin_is_not_known_later);
    tcase_add_test(tests, renewed_tickets_lead_to_the_first);
    tcase_add_test(tests, an_id_leads_back_at_its_server_only);
    tcase_add_test(tests, an_id_given_anew_means_the_later_session);
    tcase_add_test(tests, a_ticket_planted_again_means_the_earlier_session);
    tcase_add_test(tests, a_cluster_shares_tickets_under_its_name);
    tcase_add_test(tests, another_version_or_suite_is_another_session);
    tcase_add_test(tests, a_psk_is_the_identity_that_was_accepted);
    tcase_add_test(tests, nothing_comes_of_what_was_not_seen_to_go_on);
    tcase_add_test(tests, a_session_without_certificates_plants_nothing);
    tcase_add_test(tests, lines_end_when_the_server_said);
    tcase_add_test(tests, what_resumes_a_control_connection_of_ftp_is_its_data);
    tcase_add_test(tests, one_server_cannot_drive_out_another);
    tcase_add_test(tests, the_budget_holds_and_the_oldest_go_first);
    tcase_add_test(tests, a_lineage_without_room_says_nothing_and_lives);
    suite_add_tcase(suite, tests);
    return suite;
}
