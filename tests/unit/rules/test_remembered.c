/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/remembered.h"

#include "dissect/certificate_store.h"
#include "tests/support/told.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LIMIT = 1 << 20 };
static const int64_t SECOND = INT64_C(1000000000);
static const int64_t DAY = INT64_C(86400) * 1000000000;

static char folder[64];
static struct snapshot_place place;
static struct pool pool;
static struct arena arena;
static const struct certificate *certificates[2];

static void
begin(void)
{
    snprintf(folder, sizeof folder, "/tmp/certtap-remembered-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    place = (struct snapshot_place){
        open(folder, O_RDONLY | O_DIRECTORY), "file", "test", REMEMBERED_VERSION};
    pool = (struct pool){.limit = SIZE_MAX};
    arena = (struct arena){.pool = &pool};
    certificates[0] = certificate_read(&arena, bytes_from_string("a leaf"));
    certificates[1] = certificate_read(&arena, bytes_from_string("its issuer"));
}

static void
end(void)
{
    arena_empty(&arena);
    unlinkat(place.folder, "file", 0);
    close(place.folder);
    ck_assert_int_eq(rmdir(folder), 0);
}

static struct remembered
fresh(size_t limit)
{
    struct kept_chains *chains = kept_chains_new(LIMIT);
    return (struct remembered){chains, lineage_new(chains, limit),
        endpoints_new(chains, limit, DAY), lookalikes_new(chains, limit, DAY), supposed_new(limit)};
}

static void
forget(struct remembered *remembered)
{
    lineage_free(remembered->lineage);
    endpoints_free(remembered->endpoints);
    lookalikes_free(remembered->lookalikes);
    supposed_free(remembered->supposed);
    kept_chains_free(remembered->chains);
}

static struct session
some_session(const char *uid, int64_t at)
{
    struct session s = {
        .ts_ns = at * SECOND,
        .end_ns = at * SECOND,
        .address = {told_address("192.0.2.1"), told_address("198.51.100.1")},
        .port = {40000, 443},
        .client_side = ORIGINATOR,
        .has_hello = true,
        .has_answer = true,
        .version = 0x0303,
        .went_on = true,
        .answer = {.version = 0x0303, .cipher = 0xc02f},
        .hello = {.has_server_name = true, .server_name = bytes_from_string("www.example.com")},
    };
    snprintf(s.uid, sizeof s.uid, "%s", uid);
    return s;
}

enum { ANSWERED = 250, IDENTITY = 250 - 42, CHAIN = 700 };

/* One of TLS 1.3 that gives a ticket, too, of which only the length is seen. */
static void
learn_hidden(struct remembered *remembered, const char *uid, int64_t at)
{
    struct session s = some_session(uid, at);
    s.version = 0x0304;
    s.answered = ANSWERED;
    s.inferred[CLIENT] = (struct inferred){PRESENCE_SENT, .chain = CHAIN};
    supposed_learn(remembered->supposed, &s);
}

/* Which of these an identity of that length is supposed to come from. */
static const char *
supposed_of(struct remembered *remembered, uint16_t len, int64_t at)
{
    static char uid[UID_TEXT];
    static uint8_t offer[1024];
    struct session s = some_session("Cresumed", at);
    offer[0] = (uint8_t)(len >> 8);
    offer[1] = (uint8_t)len;
    s.version = 0x0304;
    s.hello.has_psk = true;
    s.hello.psk_identities = bytes_of(offer, len + 2U + 4U);
    s.resumed = true;
    s.resumed_by = REASON_PSK;
    s.chain[CLIENT].visibility = HIDDEN_RESUMED;
    supposed_resolve(remembered->supposed, &s);
    memcpy(uid, s.supposed_from, sizeof uid);
    ck_assert_uint_eq(s.inferred[CLIENT].chain, uid[0] ? CHAIN : 0);
    return uid;
}

/* A full handshake that gives a ticket. */
static void
learn(struct remembered *remembered, const char *uid, int64_t at, const char *ticket)
{
    struct session s = some_session(uid, at);
    struct hit hit = {.role = SERVER, .certificate = certificates[0]};
    struct verdict verdict = {.hits = &hit, .len = 1};
    s.issued[s.issued_len++] = (struct issued_ticket){bytes_from_string(ticket), 3600};
    s.chain[SERVER] = (struct chain){.at = certificates, .len = 2, .sent = 2, .seen = true};
    s.chain[CLIENT] = (struct chain){.at = certificates, .len = 1, .sent = 1, .seen = true};
    lookalikes_learn(remembered->lookalikes, &s);
    s.chain[CLIENT] = (struct chain){.visibility = HIDDEN_NONE};
    endpoints_learn(remembered->endpoints, &s, &verdict);
    lineage_learn(remembered->lineage, &s);
    learn_hidden(remembered, uid, at);
}

/* What a session that shows the ticket is said to come from; it inherits what was shown. */
static const char *
origin_of(struct remembered *remembered, const char *ticket, int64_t at)
{
    static char uid[UID_TEXT];
    struct session s = some_session("Clater", at);
    s.resumed = true;
    s.resumed_by = REASON_TICKET;
    s.hello.has_ticket = true;
    s.hello.ticket = bytes_from_string(ticket);
    for (int role = 0; role < 2; role++)
        s.chain[role] = (struct chain){.visibility = HIDDEN_RESUMED, .reason = REASON_TICKET};
    lineage_resolve(remembered->lineage, &s);
    memcpy(uid, s.resumed_from, sizeof uid);
    if (uid[0]) {
        ck_assert_uint_eq(s.chain[SERVER].visibility, VISIBLE_INHERITED);
        ck_assert_uint_eq(s.chain[SERVER].len, 2);
        ck_assert(bytes_equal_string(s.chain[SERVER].at[1]->der, "its issuer"));
        ck_assert_uint_eq(s.chain[CLIENT].visibility, HIDDEN_NONE);
    }
    lineage_learn(remembered->lineage, &s);
    return uid;
}

static const char *
recalled_of(struct remembered *remembered, int64_t at)
{
    static char uid[UID_TEXT];
    struct verdict verdict = {0};
    struct session s = some_session("Chidden", at);
    s.chain[SERVER] = (struct chain){.visibility = HIDDEN_ENCRYPTED};
    endpoints_recall(remembered->endpoints, &s);
    snprintf(uid, sizeof uid, "%s", s.recalled ? s.recalled->uid : "");
    endpoints_learn(remembered->endpoints, &s, &verdict);
    return uid;
}

/* Which connection showed a chain of that length. */
static const char *
alike_of(struct remembered *remembered, size_t length, int64_t at)
{
    static char uid[UID_TEXT];
    struct session s = some_session("Calike", at);
    s.inferred[CLIENT] = (struct inferred){PRESENCE_SENT, .chain = (uint32_t)length};
    lookalikes_recall(remembered->lookalikes, &s);
    snprintf(uid, sizeof uid, "%s", s.lookalikes_len ? s.lookalikes[0].uid : "");
    lookalikes_learn(remembered->lookalikes, &s);
    return uid;
}

static void
save(struct remembered *remembered, int64_t now_ns, struct snapshot *out)
{
    struct fault why = {0};
    struct snapshot_writer *w = snapshot_begin(&place, &why);
    remembered_save(remembered, w, now_ns);
    ck_assert(snapshot_finish(w, &why));
    ck_assert_int_eq(snapshot_open(&place, out, &why), SNAPSHOT_FOUND);
}

/* What comes of it in the next run. */
static struct remembered
over(struct remembered *before, int64_t now_ns, size_t limit)
{
    struct snapshot saved;
    struct remembered after = fresh(limit);
    save(before, now_ns, &saved);
    ck_assert(remembered_load(&after, saved.body));
    snapshot_close(&saved);
    return after;
}

START_TEST(lines_and_servers_are_known_afterwards)
{
    struct remembered before = fresh(LIMIT);
    learn(&before, "Cfirst", 0, "a ticket");
    learn(&before, "Csecond", 10, "another ticket");
    struct remembered after = over(&before, 20 * SECOND, LIMIT);
    ck_assert_str_eq(origin_of(&after, "a ticket", 30), "Cfirst");
    ck_assert_str_eq(origin_of(&after, "another ticket", 30), "Csecond");
    ck_assert_str_eq(origin_of(&after, "no ticket", 30), "");
    ck_assert_str_eq(recalled_of(&after, 40), "Cfirst");
    ck_assert_uint_eq(lineage_counts(after.lineage).kept, lineage_counts(before.lineage).kept);
    ck_assert_str_eq(alike_of(&after, 5 + strlen("a leaf"), 40), "Cfirst");
    ck_assert_str_eq(alike_of(&after, 6 + strlen("a leaf"), 40), "");
    ck_assert_str_eq(supposed_of(&after, IDENTITY, 40), "Csecond");
    ck_assert_str_eq(supposed_of(&after, IDENTITY + 1, 40), "");
    struct remembered later = over(&after, 50 * SECOND, LIMIT);
    ck_assert_str_eq(origin_of(&later, "a ticket", 60), "Cfirst");
    forget(&before);
    forget(&after);
    forget(&later);
}
END_TEST

START_TEST(nothing_is_nothing_afterwards)
{
    struct remembered before = fresh(LIMIT);
    struct remembered after = over(&before, SECOND, LIMIT);
    ck_assert_uint_eq(lineage_counts(after.lineage).kept, 0);
    ck_assert_uint_eq(kept_chains_bytes(after.chains), kept_chains_bytes(before.chains));
    forget(&before);
    forget(&after);
}
END_TEST

START_TEST(what_is_over_is_not_saved)
{
    struct remembered before = fresh(LIMIT);
    learn(&before, "Cfirst", 0, "a ticket");
    struct remembered after = over(&before, 2 * DAY, LIMIT);
    ck_assert_uint_eq(lineage_counts(after.lineage).kept, 0);
    ck_assert_uint_eq(endpoints_counts(after.endpoints).kept, 0);
    ck_assert_uint_eq(supposed_bytes(after.supposed), 0);
    forget(&before);
    forget(&after);
}
END_TEST

START_TEST(of_more_than_there_is_room_for_the_newest_is_kept)
{
    enum { TICKETS = 400, LITTLE = 32 << 10 };
    char ticket[32], uid[UID_TEXT];
    struct remembered before = fresh(LIMIT);
    for (int i = 0; i < TICKETS; i++) {
        snprintf(ticket, sizeof ticket, "ticket %d", i);
        snprintf(uid, sizeof uid, "C%d", i);
        learn(&before, uid, i, ticket);
    }
    struct remembered after = over(&before, TICKETS * SECOND, LITTLE);
    size_t kept = lineage_counts(after.lineage).kept;
    ck_assert_uint_gt(kept, 0);
    ck_assert_uint_lt(kept, lineage_counts(before.lineage).kept);
    ck_assert_uint_le(lineage_counts(after.lineage).bytes, LITTLE);
    ck_assert_str_eq(origin_of(&after, "ticket 399", TICKETS), "C399");
    ck_assert_str_eq(origin_of(&after, "ticket 0", TICKETS), "");
    forget(&before);
    forget(&after);
}
END_TEST

/* A checksum says that a file is as it was written, not that it was certtap that wrote it. */
START_TEST(of_what_is_malformed_nothing_is_taken_over)
{
    struct snapshot saved;
    struct remembered before = fresh(LIMIT);
    learn(&before, "Cfirst", 0, "a ticket");
    learn(&before, "Csecond", 10, "another ticket");
    save(&before, SECOND, &saved);
    for (size_t len = 0; len < saved.body.len; len++) {
        struct remembered after = fresh(LIMIT);
        ck_assert(!remembered_load(&after, bytes_first(saved.body, len)));
        ck_assert_uint_eq(lineage_counts(after.lineage).kept, 0);
        ck_assert_uint_eq(endpoints_counts(after.endpoints).kept, 0);
        ck_assert_uint_eq(supposed_bytes(after.supposed), 0);
        learn(&after, "Cthird", 0, "a third ticket");
        ck_assert_str_eq(origin_of(&after, "a third ticket", 1), "Cthird");
        forget(&after);
    }
    snapshot_close(&saved);
    forget(&before);
}
END_TEST

START_TEST(any_byte_may_be_another)
{
    uint8_t changed[4096];
    struct snapshot saved;
    struct remembered before = fresh(LIMIT);
    learn(&before, "Cfirst", 0, "a ticket");
    save(&before, SECOND, &saved);
    ck_assert_uint_le(saved.body.len, sizeof changed);
    for (size_t i = 0; i < saved.body.len; i++)
        for (unsigned value = 0; value < 256; value += 51) {
            struct remembered after = fresh(LIMIT);
            memcpy(changed, saved.body.at, saved.body.len);
            changed[i] = (uint8_t)value;
            if (!remembered_load(&after, bytes_of(changed, saved.body.len)))
                ck_assert_uint_eq(lineage_counts(after.lineage).kept, 0);
            forget(&after);
        }
    snapshot_close(&saved);
    forget(&before);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("remembered");
    TCase *c = tcase_create("remembered");
    tcase_add_checked_fixture(c, begin, end);
    tcase_add_test(c, lines_and_servers_are_known_afterwards);
    tcase_add_test(c, nothing_is_nothing_afterwards);
    tcase_add_test(c, what_is_over_is_not_saved);
    tcase_add_test(c, of_more_than_there_is_room_for_the_newest_is_kept);
    tcase_add_test(c, of_what_is_malformed_nothing_is_taken_over);
    tcase_add_test(c, any_byte_may_be_another);
    suite_add_tcase(s, c);
    return s;
}
