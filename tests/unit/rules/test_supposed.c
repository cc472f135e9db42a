/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/supposed.h"

#include "tests/support/told.h"

#include <check.h>
#include <stdio.h>

enum { AROUND = 42, IDENTITY = 208, DAY = 86400, CHAIN = 600 };
static const int64_t SECOND = INT64_C(1000000000);

static struct supposed *supposed;

static void
begin(void)
{
    supposed = supposed_new(1 << 20);
}

static void
end(void)
{
    supposed_free(supposed);
}

static struct session
some_session(const char *uid, int64_t at)
{
    struct session s = {
        .ts_ns = at * SECOND,
        .address = {told_address("192.0.2.1"), told_address("198.51.100.1")},
        .port = {40000, 443},
        .client_side = ORIGINATOR,
        .has_hello = true,
        .has_answer = true,
        .went_on = true,
        .version = 0x0304,
        .hello = {.server_name = bytes_from_string("www.example.com")},
    };
    snprintf(s.uid, sizeof s.uid, "%s", uid);
    return s;
}

/* A full handshake whose client sent a chain that long (0: none was asked for). */
static struct session
full(const char *uid, int64_t at, uint32_t chain)
{
    struct session s = some_session(uid, at);
    s.answered = IDENTITY + AROUND;
    s.inferred[CLIENT].presence = chain ? PRESENCE_SENT : PRESENCE_NOT_REQUESTED;
    s.inferred[CLIENT].chain = chain;
    return s;
}

/* It offers one identity of that length (RFC 8446 section 4.2.11). */
static struct session
resumed(int64_t at, uint16_t len)
{
    static uint8_t offer[1024];
    struct session s = some_session("Cresumed", at);
    offer[0] = (uint8_t)(len >> 8);
    offer[1] = (uint8_t)len;
    s.hello.has_psk = true;
    s.hello.psk_identities = bytes_of(offer, len + 2U + 4U);
    s.resumed = true;
    s.resumed_by = REASON_PSK;
    s.chain[CLIENT].visibility = HIDDEN_RESUMED;
    return s;
}

static const char *
origin_of(struct session s)
{
    static char uid[UID_TEXT];
    supposed_resolve(supposed, &s);
    bool told = s.supposed_from[0];
    ck_assert_int_eq(s.inferred[CLIENT].presence, told ? PRESENCE_SENT : PRESENCE_UNKNOWN);
    ck_assert(s.inferred[CLIENT].uncertain == told);
    memcpy(uid, s.supposed_from, sizeof uid);
    return uid;
}

static void
learn(struct session s)
{
    supposed_learn(supposed, &s);
}

START_TEST(an_identity_as_long_as_a_ticket_is_supposed_to_be_it)
{
    ck_assert_str_eq(origin_of(resumed(0, IDENTITY)), "");
    learn(full("Cfirst", 1, CHAIN));
    ck_assert_str_eq(origin_of(resumed(2, IDENTITY)), "Cfirst");
    ck_assert_str_eq(origin_of(resumed(2, IDENTITY + 16)), "");
    learn(full("Csecond", 3, CHAIN));
    ck_assert_str_eq(origin_of(resumed(4, IDENTITY)), "Csecond");
}
END_TEST

START_TEST(nothing_is_said_where_clients_differ)
{
    learn(full("Cfirst", 1, CHAIN));
    learn(full("Csecond", 2, CHAIN + 1));
    ck_assert_str_eq(origin_of(resumed(3, IDENTITY)), "");
    learn(full("Cthird", 4, CHAIN + 1));
    ck_assert_str_eq(origin_of(resumed(5, IDENTITY)), "");
    learn(full("Cfourth", 2 * DAY, CHAIN));
    ck_assert_str_eq(origin_of(resumed(2 * DAY + 1, IDENTITY)), "Cfourth");
    learn(full("Cfifth", 2 * DAY + 2, 0));
    ck_assert_str_eq(origin_of(resumed(2 * DAY + 3, IDENTITY)), "");
}
END_TEST

START_TEST(only_the_same_server_counts_and_not_for_ever)
{
    learn(full("Cfirst", 1, CHAIN));
    struct session other = resumed(2, IDENTITY);
    other.port[RESPONDER] = 8443;
    ck_assert_str_eq(origin_of(other), "");
    other = resumed(2, IDENTITY);
    other.address[RESPONDER] = told_address("198.51.100.2");
    ck_assert_str_eq(origin_of(other), "");
    other = resumed(2, IDENTITY);
    other.hello.server_name = bytes_from_string("other.example.com");
    ck_assert_str_eq(origin_of(other), "");
    other = resumed(2, IDENTITY);
    other.hello.server_name = bytes_from_string("WWW.example.com");
    other.address[ORIGINATOR] = told_address("203.0.113.9");
    ck_assert_str_eq(origin_of(other), "Cfirst");
    ck_assert_str_eq(origin_of(resumed(2 * DAY, IDENTITY)), "");
}
END_TEST

START_TEST(what_is_known_is_not_supposed)
{
    struct session s = full("Cfirst", 1, CHAIN);
    s.went_on = false;
    learn(s);
    s = full("Cfirst", 1, CHAIN);
    s.keys_used = true;
    learn(s);
    s = full("Cfirst", 1, CHAIN);
    s.answered = 0;
    learn(s);
    learn(full("Cnone", 1, 0));
    ck_assert_str_eq(origin_of(resumed(2, IDENTITY)), "");
    end();
    begin();
    learn(full("Cfirst", 1, CHAIN));
    s = resumed(2, IDENTITY);
    memcpy(s.resumed_from, "Cexact", 7);
    ck_assert_str_eq(origin_of(s), "");
}
END_TEST

START_TEST(it_keeps_to_its_budget)
{
    enum { LITTLE = 4096 };
    end();
    supposed = supposed_new(LITTLE);
    for (uint16_t i = 0; i < 200; i++) {
        struct session s = full("Cfirst", i, CHAIN);
        s.port[RESPONDER] = (uint16_t)(1000 + i);
        learn(s);
        ck_assert_uint_le(supposed_bytes(supposed), LITTLE);
    }
    struct session last = resumed(201, IDENTITY);
    last.port[RESPONDER] = 1199;
    ck_assert_str_eq(origin_of(last), "Cfirst");
    last.port[RESPONDER] = 1000;
    ck_assert_str_eq(origin_of(last), "");
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("supposed");
    TCase *c = tcase_create("supposed");
    tcase_add_checked_fixture(c, begin, end);
    tcase_add_test(c, an_identity_as_long_as_a_ticket_is_supposed_to_be_it);
    tcase_add_test(c, nothing_is_said_where_clients_differ);
    tcase_add_test(c, only_the_same_server_counts_and_not_for_ever);
    tcase_add_test(c, what_is_known_is_not_supposed);
    tcase_add_test(c, it_keeps_to_its_budget);
    suite_add_tcase(s, c);
    return s;
}
