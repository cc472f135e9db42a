/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/folder.h"
#include "tests/support/lists.h"
#include "tests/support/told.h"

#include <check.h>
#include <stdio.h>

#define CLIENT_SHA256 "3333333333333333333333333333333333333333333333333333333333333333"
#define CLIENT_SPKI "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define SERVER_SHA1 "1111111111111111111111111111111111111111"
#define CA_MD5 "22222222222222222222222222222222"

static struct told told;
static struct verdict verdict;

static void
make_told(void)
{
    told_make(&told);
}

static void
free_verdict(void)
{
    verdict_free(&verdict);
}

/* Judges the session by a list of one text; the hits point into it until the next one. */
static size_t
judge(const char *name, const char *content)
{
    static char kept[4][4096];
    struct ruleset *rules = list_good(name, content);
    ruleset_judge(rules, &told.session, &verdict);
    for (size_t i = 0; i < verdict.len && i < 1; i++) {
        struct hit *hit = &verdict.hits[i];
        const char **strings[] = {&hit->list, &hit->description, &hit->reference, &hit->tlp};
        for (size_t k = 0; k < 4; k++) {
            snprintf(kept[k], sizeof kept[k], "%s", *strings[k]);
            *strings[k] = kept[k];
        }
    }
    ruleset_free(rules);
    return verdict.len;
}

/* An entry of certtap's own format: `keys` stand in the flow form. */
static size_t
judge_entry(const char *keys)
{
    char content[2048];
    snprintf(content, sizeof content, "entries:\n  - {%s}\n", keys);
    return judge("own.yaml", content);
}

static size_t
judge_client(const char *condition)
{
    char keys[1024];
    snprintf(keys, sizeof keys, "sha256: " CLIENT_SHA256 ", %s", condition);
    return judge_entry(keys);
}

START_TEST(an_empty_ruleset_finds_nothing)
{
    struct ruleset *rules = ruleset_new(3);
    ruleset_finish(rules);
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, 0);
    ck_assert_uint_eq(verdict.generation, 3);
    ck_assert_uint_eq(ruleset_generation(rules), 3);
    ruleset_free(rules);
    ruleset_free(NULL);
}
END_TEST

START_TEST(hits_come_by_role_then_position_then_line)
{
    static const char list[] = CA_MD5 "\n" SERVER_SHA1 " a\n" CLIENT_SHA256 "\n" CA_MD5 " b\n";
    static const struct {
        enum role role;
        int index;
        unsigned long line;
    } wanted[] = {{CLIENT, 0, 3}, {SERVER, 0, 2}, {SERVER, 1, 1}, {SERVER, 1, 4}};
    ck_assert_uint_eq(judge("list.txt", list), 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(verdict.hits[i].role, wanted[i].role);
        ck_assert_int_eq(verdict.hits[i].chain_index, wanted[i].index);
        ck_assert_uint_eq(verdict.hits[i].line, wanted[i].line);
        ck_assert_int_eq(verdict.hits[i].note, NOTE_WATCHED_CERTIFICATE);
        ck_assert_int_eq(verdict.hits[i].severity, SEVERITY_HIGH);
        ck_assert_uint_eq(verdict.hits[i].confidence, 100);
    }
    ck_assert_ptr_eq(verdict.hits[2].certificate, &told.server_ca);
    ck_assert_str_eq(verdict.hits[2].indicator, CA_MD5);
}
END_TEST

START_TEST(an_entry_says_what_it_was_told_to_say)
{
    ck_assert_uint_eq(judge_client("description: 'Stolen', reference: 'CASE-7', tlp: amber, "
                                   "severity: critical, confidence: 80"),
        1);
    const struct hit *hit = &verdict.hits[0];
    ck_assert_str_eq(hit->description, "Stolen");
    ck_assert_str_eq(hit->reference, "CASE-7");
    ck_assert_str_eq(hit->tlp, "amber");
    ck_assert_str_eq(hit->list, "own.yaml");
    ck_assert_uint_eq(hit->line, 2);
    ck_assert_int_eq(hit->severity, SEVERITY_CRITICAL);
    ck_assert_uint_eq(hit->confidence, 80);
    ck_assert_str_eq(hit->indicator, CLIENT_SHA256);
}
END_TEST

START_TEST(every_kind_of_indicator_is_found_where_it_is)
{
    static const struct {
        const char *keys;
        size_t hits;
        const char *type, *indicator;
        enum note note;
        enum role role;
        int index;
    } cases[] = {
        {"spki: " CLIENT_SPKI, 1, "spki-sha256", CLIENT_SPKI, NOTE_WATCHED_KEY, CLIENT, 0},
        {"subject: 'CN=journal.vendor.example'", 1, "subject", "CN=journal.vendor.example",
            NOTE_WATCHED_NAME, CLIENT, 0},
        {"subject: '/O=Example, Inc./CN=mail.example.com'", 1, "subject",
            "CN=mail.example.com,O=Example\\, Inc.", NOTE_WATCHED_NAME, SERVER, 0},
        {"subject: 'O = \"Example, Inc.\", CN = MAIL.example.com'", 1, "subject",
            "CN=mail.example.com,O=Example\\, Inc.", NOTE_WATCHED_NAME, SERVER, 0},
        {"subject: 'cn=*.vendor.example'", 1, "subject", "cn=*.vendor.example", NOTE_WATCHED_NAME,
            CLIENT, 0},
        {"subject: 'CN=vendor.example'", 0, NULL, NULL, NOTES, CLIENT, 0},
        {"issuer: 'CN=Vendor CA'", 1, "issuer", "CN=Vendor CA", NOTE_WATCHED_ISSUER, CLIENT, 0},
        {"issuer: '*vendor*'", 1, "issuer", "*vendor*", NOTE_WATCHED_ISSUER, CLIENT, 0},
        {"issuer: 'CN=Vendor CA', serial: '1:0a'", 1, "serial", "010a", NOTE_WATCHED_CERTIFICATE,
            CLIENT, 0},
        {"issuer: 'CN=Vendor CA', serial: '0x010A'", 1, "serial", "010a", NOTE_WATCHED_CERTIFICATE,
            CLIENT, 0},
        {"issuer: 'CN=Vendor CA', serial: '10a'", 1, "serial", "010a", NOTE_WATCHED_CERTIFICATE,
            CLIENT, 0},
        {"issuer: 'CN=Vendor CA', serial: '010b'", 0, NULL, NULL, NOTES, CLIENT, 0},
        {"san: mail.example.com", 1, "san", "mail.example.com", NOTE_WATCHED_NAME, SERVER, 0},
        {"san: '2001:db8::1'", 1, "san", "2001:db8::1", NOTE_WATCHED_NAME, SERVER, 0},
        {"san: '*.EXAMPLE.com'", 1, "san", "*.example.com", NOTE_WATCHED_NAME, SERVER, 0},
        {"san: '*.mail.example.com'", 0, NULL, NULL, NOTES, CLIENT, 0},
        {"san: 'm*l.example.com'", 1, "san", "m*l.example.com", NOTE_WATCHED_NAME, SERVER, 0},
        {"server_name: 'Mail.Example.com.'", 1, "server-name", "mail.example.com",
            NOTE_WATCHED_NAME, SERVER, -1},
        {"domain: '*.com'", 2, "domain", "*.com", NOTE_WATCHED_NAME, SERVER, -1},
        {"ja3: 0cc175b9c0f1b6a831c399e269772661", 1, "ja3", "0cc175b9c0f1b6a831c399e269772661",
            NOTE_WATCHED_FINGERPRINT, CLIENT, -1},
        {"ja3s: 92EB5FFEE6AE2FEC3AD71C777531578F", 1, "ja3s", "92eb5ffee6ae2fec3ad71c777531578f",
            NOTE_WATCHED_FINGERPRINT, SERVER, -1},
        {"ja4: t12d1516h2_8daaf6152771_e5627efa2ab1", 1, "ja4",
            "t12d1516h2_8daaf6152771_e5627efa2ab1", NOTE_WATCHED_FINGERPRINT, CLIENT, -1},
        {"address: 128.232.110.120", 1, "address", "128.232.110.120", NOTE_WATCHED_ADDRESS, CLIENT,
            -1},
        {"address: 66.35.0.0/16", 1, "address", "66.35.0.0/16", NOTE_WATCHED_ADDRESS, SERVER, -1},
        {"address: 66.36.0.0/16", 0, NULL, NULL, NOTES, SERVER, -1},
        {"address: [66.36.0.0/16, 128.232.110.0/25]", 1, "address", "128.232.110.0/25",
            NOTE_WATCHED_ADDRESS, CLIENT, -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t hits = judge_entry(cases[i].keys);
        ck_assert_msg(hits == cases[i].hits, "%zu hits of %s", hits, cases[i].keys);
        if (!hits)
            continue;
        const struct hit *hit = &verdict.hits[0];
        ck_assert_str_eq(hit->indicator_type, cases[i].type);
        ck_assert_str_eq(hit->indicator, cases[i].indicator);
        ck_assert_msg(hit->note == cases[i].note && hit->role == cases[i].role &&
                          hit->chain_index == cases[i].index,
            "%s", cases[i].keys);
    }
}
END_TEST

START_TEST(an_issuers_key_is_known_from_the_chain)
{
    told.server_leaf.issuer = bytes_from_string("the CA's name");
    told.server_ca.subject = told.server_leaf.issuer;
    ck_assert_uint_eq(judge_entry("issuer_spki: dddddddddddddddddddddddddddddddddddddddddddddddd"
                                  "dddddddddddddddd"),
        1);
    ck_assert_int_eq(verdict.hits[0].note, NOTE_WATCHED_ISSUER);
    ck_assert_ptr_eq(verdict.hits[0].certificate, &told.server_leaf);
}
END_TEST

START_TEST(each_condition_holds_and_fails)
{
    static const struct {
        const char *condition;
        bool holds;
    } cases[] = {
        {"role: client", true},
        {"role: server", false},
        {"role: either", true},
        {"position: leaf", true},
        {"position: intermediate", false},
        {"position: any", true},
        {"from: 128.232.110.120", true},
        {"from: [10.0.0.0/8, 128.232.0.0/16]", true},
        {"from: 10.0.0.0/8", false},
        {"from: 66.35.250.204", false},
        {"not_from: 10.0.0.0/8", true},
        {"not_from: [10.0.0.0/8, 128.232.0.0/16]", false},
        {"to: 66.35.250.0/24", true},
        {"to: '2001:db8::/32'", false},
        {"service: smtp-relay", true},
        {"service: [https, SMTP-Relay]", true},
        {"service: tcp", true},
        {"service: https", false},
        {"valid_from: 2015-03-09", true},
        {"valid_from: 2015-03-10", false},
        {"valid_until: 2015-03-10", true},
        {"valid_until: 2015-03-09", false},
        {"used_after: 2015-03-09T20:13:36Z", true},
        {"used_after: 2015-03-09T20:13:37Z", false},
        {"used_before: '2015-03-09 21:13:37+01:00'", true},
        {"used_before: '2015-03-09 21:13:36+01:00'", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(judge_client(cases[i].condition) == cases[i].holds, "%s", cases[i].condition);
}
END_TEST

START_TEST(position_tells_intermediates_apart)
{
    ck_assert_uint_eq(judge_entry("md5: " CA_MD5 ", position: intermediate"), 1);
    ck_assert_uint_eq(judge_entry("md5: " CA_MD5 ", position: leaf"), 0);
}
END_TEST

START_TEST(all_clauses_must_hold_for_the_same_certificate)
{
    ck_assert_uint_eq(judge_entry("issuer: 'CN=Example Root', subject: 'CN=Example CA'"), 1);
    ck_assert_uint_eq(judge_entry("issuer: 'CN=Example CA', subject: 'CN=Example CA'"), 0);
    ck_assert_uint_eq(judge_client("server_name: mail.example.com"), 1);
    ck_assert_uint_eq(judge_client("server_name: other.example.com"), 0);
    ck_assert_uint_eq(judge_client("address: 66.35.250.204"), 1);
    ck_assert_uint_eq(judge_client("san: mail.example.com"), 0);
}
END_TEST

START_TEST(several_values_of_one_key_are_alternatives)
{
    ck_assert_uint_eq(judge_entry("sha1: [" SERVER_SHA1 ", 44:44:44:44:44:44:44:44:44:44:44:44:44:"
                                  "44:44:44:44:44:44:44], md5: " CA_MD5),
        2);
    ck_assert_uint_eq(judge_entry("certificate: [" SERVER_SHA1 ", " CA_MD5 "], "
                                  "subject: ['CN=Example CA', 'CN=other']"),
        1);
}
END_TEST

START_TEST(one_line_hits_a_certificate_once_by_the_best_it_has)
{
    ck_assert_uint_eq(judge_entry("certificate: [33333333333333333333333333333333, " CLIENT_SHA256
                                  ", 'spki:" CLIENT_SPKI "']"),
        1);
    ck_assert_str_eq(verdict.hits[0].indicator_type, "sha256");
}
END_TEST

START_TEST(a_certificate_from_elsewhere_is_an_unexpected_source)
{
    ck_assert_uint_eq(judge_client("role: client, not_from: [203.0.113.0/24, 192.0.2.1], "
                                   "description: 'Vendor sync certificate'"),
        1);
    ck_assert_int_eq(verdict.hits[0].note, NOTE_UNEXPECTED_SOURCE);
    ck_assert_str_eq(verdict.hits[0].why,
        "Client certificate \"CN=journal.vendor.example\" (SHA-256 " CLIENT_SHA256
        ", serial 010A) of list own.yaml line 2 (\"Vendor sync certificate\") was presented by "
        "128.232.110.120 to 66.35.250.204:80 (smtp-relay, server name mail.example.com); it may "
        "come only from 203.0.113.0/24, 192.0.2.1; the client proved that it holds the key; the "
        "server accepted it.");

    ck_assert_uint_eq(judge_client("not_from: 128.232.0.0/16"), 0);
    ck_assert_uint_eq(judge_entry("sha1: " SERVER_SHA1 ", not_from: 10.0.0.0/8"), 1);
    ck_assert_int_eq(verdict.hits[0].note, NOTE_WATCHED_CERTIFICATE);
}
END_TEST

START_TEST(the_client_behind_a_proxy_is_the_one_who_counts)
{
    told.session.has_client_address = true;
    told.session.client_address = told_address("2001:db8::7");
    ck_assert_uint_eq(judge_client("from: '2001:db8::/32'"), 1);
    ck_assert_ptr_nonnull(strstr(verdict.hits[0].why,
        "presented by 2001:db8::7 (through the proxy 128.232.110.120) to 66.35.250.204:80"));
    ck_assert_uint_eq(judge_client("from: 128.232.110.120"), 0);
}
END_TEST

START_TEST(the_client_may_be_the_responder)
{
    told.session.client_side = RESPONDER;
    ck_assert_uint_eq(judge_client("from: 66.35.250.204, to: 128.232.110.120"), 1);
    ck_assert_ptr_nonnull(
        strstr(verdict.hits[0].why, "presented by 66.35.250.204 to 128.232.110.120:34855"));
}
END_TEST

START_TEST(without_an_address_nothing_is_from_anywhere)
{
    told.session.address[ORIGINATOR] = (struct address){0};
    ck_assert_uint_eq(judge_client("from: 128.0.0.0/8"), 0);
    ck_assert_uint_eq(judge_client("not_from: 128.0.0.0/8"), 1);
    ck_assert_ptr_nonnull(
        strstr(verdict.hits[0].why, "was presented by a station without an address to"));
}
END_TEST

START_TEST(the_sentence_says_what_came_of_it)
{
    told.session.possession[CLIENT] = POSSESSION_UNCHECKED;
    told.session.outcome = OUTCOME_REJECTED;
    told.session.last_alert = 42;
    told.session.service = NULL;
    told.session.carrier = NULL;
    told.session.hello.has_server_name = false;
    ck_assert_uint_eq(judge_client("severity: low"), 1);
    ck_assert_ptr_nonnull(strstr(verdict.hits[0].why,
        "66.35.250.204:80; whether the client holds the key was not checked; the server rejected "
        "it (alert bad_certificate)."));
    told.session.possession[CLIENT] = POSSESSION_FAILED;
    told.session.outcome = OUTCOME_UNKNOWN;
    told.session.chain[CLIENT].visibility = VISIBLE_INHERITED;
    snprintf(told.session.resumed_from, sizeof told.session.resumed_from, "CAbc1");
    ck_assert_uint_eq(judge_client("severity: low"), 1);
    ck_assert_ptr_nonnull(strstr(verdict.hits[0].why,
        "; it was shown in connection CAbc1, which this session comes from; the "
        "client's proof that it holds the key is wrong; whether the server accepted it is "
        "unknown."));
}
END_TEST

/* Each side's proof and judge are its own: a client that hangs up has not been turned away. */
START_TEST(the_sentence_is_about_who_showed_it)
{
    told.session.unproven[CLIENT] = "no signature was seen";
    told.session.possession[CLIENT] = POSSESSION_UNCHECKED;
    told.session.possession[SERVER] = POSSESSION_FAILED;
    told.session.outcome = OUTCOME_REJECTED;
    told.session.last_alert = 48;
    told.session.refused[CLIENT] = true;
    ck_assert_uint_eq(judge_client("severity: low"), 1);
    ck_assert_ptr_nonnull(strstr(verdict.hits[0].why,
        "; whether the client holds the key was not checked (no signature was seen); whether the "
        "server accepted it is unknown."));
    char entry[256];
    snprintf(entry, sizeof entry, "sha256: %s", told.server_leaf.sha256_hex);
    ck_assert_uint_eq(judge_entry(entry), 1);
    ck_assert_ptr_nonnull(strstr(verdict.hits[0].why,
        "; the server's proof that it holds the key is wrong; the client rejected it (alert "
        "unknown_ca)."));
}
END_TEST

START_TEST(a_key_without_a_certificate_is_called_that)
{
    told.client_leaf.raw_key = true;
    ck_assert_uint_eq(judge_client("severity: low"), 1);
    ck_assert_ptr_eq(
        strstr(verdict.hits[0].why, "The client's key without a certificate (SHA-256 "),
        verdict.hits[0].why);
}
END_TEST

START_TEST(sentences_about_other_things_are_sentences)
{
    judge_entry("server_name: mail.example.com");
    ck_assert_str_eq(verdict.hits[0].why,
        "Server name \"mail.example.com\" of list own.yaml line 2 was asked for by "
        "128.232.110.120 in a connection to 66.35.250.204:80 (smtp-relay, server name "
        "mail.example.com); the connection was established.");
    judge_entry("md5: " CA_MD5);
    ck_assert_ptr_eq(verdict.hits[0].why,
        strstr(verdict.hits[0].why,
            "Certificate 1 of the server's chain \"CN=Example CA\" (SHA-256 2222"));
    ck_assert_ptr_nonnull(strstr(
        verdict.hits[0].why, "was presented by 66.35.250.204:80 to 128.232.110.120 (smtp-relay"));
    judge_entry("spki: " CLIENT_SPKI);
    ck_assert_ptr_nonnull(strstr(verdict.hits[0].why,
        ", whose key has the SHA-256 \"" CLIENT_SPKI "\" of list own.yaml line 2, was presented"));
    judge_entry("address: 128.232.110.120");
    ck_assert_ptr_nonnull(strstr(verdict.hits[0].why, "128.232.110.120 spoke TLS to 66.35"));
}
END_TEST

START_TEST(what_strangers_write_cannot_break_the_sentence)
{
    char huge[5000];
    memset(huge, 'x', sizeof huge);
    told.client_leaf.subject_text = bytes_from_string("CN=a\n\"b\t\x1b[1m\xe2\x80\xae");
    told.session.hello.server_name = bytes_of(huge, sizeof huge);
    ck_assert_uint_eq(judge_client("description: \"näh\\u202e\""), 1);
    const char *why = verdict.hits[0].why;
    ck_assert_ptr_nonnull(strstr(why, "\"CN=a\\x0a\\x22b\\x09\\x1b[1m\\xe2\\x80\\xae\""));
    ck_assert_ptr_nonnull(strstr(why, "(\"näh\\xe2\\x80\\xae\")"));
    ck_assert_ptr_nonnull(strstr(why, "xxx...)"));
    ck_assert_uint_lt(strlen(why), 2000);
}
END_TEST

/* The client's certificate is valid from 2014-11-08 to the last second of 2019-11-07. */
static const struct {
    const char *condition;
    size_t hits;
} validities[] = {
    {"begins_after: 2014-11-08", 1},
    {"begins_after: 2014-11-08T00:00:01Z", 0},
    {"begins_before: 2014-11-08", 0},
    {"begins_before: 2014-11-09", 1},
    {"ends_after: 2019-11-07", 1},
    {"ends_after: 2019-11-08", 0},
    {"ends_before: 2019-11-08", 1},
    {"ends_before: 2019-11-07T23:59:59Z", 0},
};

START_TEST(validity_of_a_certificate_is_a_condition)
{
    struct text entry = {0};
    text_add_format(&entry, "subject: 'CN=journal.vendor.example', %s", validities[_i].condition);
    ck_assert_uint_eq(judge_entry(text_string(&entry)), validities[_i].hits);
    told.client_leaf.has_not_before = told.client_leaf.has_not_after = false;
    ck_assert_uint_eq(judge_entry(text_string(&entry)), 0); /* nobody knows */
    text_free(&entry);
}
END_TEST

START_TEST(serial_numbers_are_integers_with_a_sign)
{
    told.client_leaf.serial = bytes_of("\xb3\xf4\xe2\xe6\x8b\x79\x58\x9a", 8);
    ck_assert_uint_eq(judge_entry("serial: '(Negative)4c:0b:1d:19:74:86:a7:66'"), 1);
    ck_assert_uint_eq(judge_entry("serial: '-4C0B1D197486A766'"), 1);
    ck_assert_uint_eq(judge_entry("serial: '4c0b1d197486a766'"), 0);
    ck_assert_uint_eq(judge_entry("serial: 'b3f4e2e68b79589a'"), 0);
    told.client_leaf.serial = bytes_of("\x00\xb3\xf4\xe2\xe6\x8b\x79\x58\x9a", 9);
    ck_assert_uint_eq(judge_entry("serial: '-4c:0b:1d:19:74:86:a7:66'"), 0);
    ck_assert_uint_eq(judge_entry("serial: 'b3f4e2e68b79589a'"), 1);
    ck_assert_uint_eq(judge_entry("serial: '00b3f4e2e68b79589a'"), 1);
}
END_TEST

/* What a certificate has, and what an entry with its issuer beside it asks for. */
static const struct {
    const char *octets;
    size_t len;
    const char *text;
    size_t hits;
} small_serials[] = {
    {"\xff", 1, "-01", 1},
    {"\xff", 1, "FF", 0},
    {"\xff", 1, "1", 0},
    {"\xff\xff\xff", 3, "-1", 1}, /* padded */
    {"\x00\xff", 2, "FF", 1},
    {"\x00\xff", 2, "-1", 0},
    {"\x00", 1, "0", 1},
    {"\x00", 1, "-0", 1},
    {"\x00\x00", 2, "00:00:00", 1},
    {"\x00", 1, "1", 0},
    {"\x80", 1, "-80", 1},
    {"\x80", 1, "80", 0},
    {"\x00\x80", 2, "80", 1},
    {"\x00\x00\x01\x0a", 4, "10a", 1},
};

START_TEST(small_serial_numbers_differ_by_their_sign)
{
    struct text entry = {0};
    told.client_leaf.serial = bytes_of(small_serials[_i].octets, small_serials[_i].len);
    text_add_format(&entry, "issuer: 'CN=Vendor CA', serial: '%s'", small_serials[_i].text);
    ck_assert_uint_eq(judge_entry(text_string(&entry)), small_serials[_i].hits);
    text_free(&entry);
}
END_TEST

START_TEST(an_allow_entry_silences_what_it_applies_to)
{
    static const char list[] = "entries:\n"
                               "  - sha256: " CLIENT_SHA256 "\n"
                               "  - sha1: " SERVER_SHA1 "\n"
                               "  - {allow: true, %s}\n";
    static const struct {
        const char *keys;
        size_t left;
    } cases[] = {
        {"spki: " CLIENT_SPKI, 1},
        {"spki: " CLIENT_SPKI ", from: 128.232.0.0/16", 1},
        {"spki: " CLIENT_SPKI ", from: 10.0.0.0/8", 2},
        {"subject: 'CN=Example CA'", 2},
        {"server_name: mail.example.com", 0},
        {"address: 66.35.250.204, role: server", 0},
        {"address: 66.35.250.204, role: client", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char content[1024];
        snprintf(content, sizeof content, list, cases[i].keys);
        size_t left = judge("own.yaml", content);
        ck_assert_msg(left == cases[i].left, "%zu left by %s", left, cases[i].keys);
    }
}
END_TEST

START_TEST(an_allow_entry_of_one_list_silences_another_list)
{
    struct folder folder = folder_new();
    struct ruleset *rules = ruleset_new(1);
    struct fault why = {0};
    char path[5000];
    folder_write(&folder, "1-bad.txt", CLIENT_SHA256 "\n" SERVER_SHA1 "\n");
    folder_write(&folder, "2-fine.yaml",
        "name: exceptions\nentries:\n  - {allow: true, sha256: " CLIENT_SHA256 "}\n");
    snprintf(path, sizeof path, "%s", folder.path);
    ck_assert_msg(ruleset_add_list(rules, path, &why), "%s", why.text);
    ruleset_finish(rules);
    ck_assert_uint_eq(ruleset_lists(rules), 2);
    ck_assert_str_eq(ruleset_report(rules, 0).name, "1-bad.txt");
    ck_assert_str_eq(ruleset_report(rules, 1).name, "exceptions");
    ck_assert_str_eq(ruleset_report(rules, 1).format, "yaml");
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, 1);
    ck_assert_uint_eq(verdict.hits[0].line, 2);
    ruleset_free(rules);
    folder_remove(&folder);
}
END_TEST

START_TEST(a_verdict_is_used_again)
{
    ck_assert_uint_eq(judge("list.txt", CLIENT_SHA256 "\n" SERVER_SHA1 "\n"), 2);
    ck_assert_uint_eq(judge("list.txt", CA_MD5), 1);
    ck_assert_str_eq(verdict.hits[0].indicator, CA_MD5);
    ck_assert_uint_eq(judge("list.txt", "44444444444444444444444444444444"), 0);
}
END_TEST

START_TEST(hidden_chains_have_nothing_to_judge)
{
    told.session.chain[CLIENT] = (struct chain){.visibility = HIDDEN_ENCRYPTED};
    told.session.chain[SERVER] = (struct chain){.visibility = HIDDEN_ENCRYPTED};
    ck_assert_uint_eq(judge("list.txt", CLIENT_SHA256 "\n" SERVER_SHA1 "\n" CA_MD5), 0);
}
END_TEST

START_TEST(a_certificate_that_could_not_be_read_is_found_by_its_digest)
{
    struct certificate broken = {.broken = "no SEQUENCE"};
    told_digests(&broken, 0x33);
    told.client_chain[0] = &broken;
    ck_assert_uint_eq(judge("list.txt", CLIENT_SHA256), 1);
    ck_assert_uint_eq(judge_entry("spki: " CLIENT_SPKI), 0);
    ck_assert_uint_eq(judge_entry("subject: '*xyz*'"), 0);
}
END_TEST

START_TEST(texts_are_found_by_regular_expressions)
{
    ck_assert_uint_eq(judge_entry("subject: '/journal\\.(vendor|other)\\.EXAMPLE$/'"), 1);
    ck_assert_str_eq(verdict.hits[0].indicator, "/journal\\.(vendor|other)\\.EXAMPLE$/");
    ck_assert_str_eq(verdict.hits[0].indicator_type, "subject");
    ck_assert_uint_eq(judge_entry("subject: /^vendor/"), 0);
    ck_assert_uint_eq(judge_entry("issuer: /vendor +ca/, role: client"), 1);
    ck_assert_uint_eq(judge_entry("server_name: '/^mail[.]ex/'"), 1);
    ck_assert_uint_eq(judge_entry("san: '/^mail[.]ex/'"), 1);
    ck_assert_uint_eq(judge_entry("domain: ['/^mailx/', '/mail..xample/']"), 2);
}
END_TEST

START_TEST(a_regular_expression_may_be_one_condition_of_several)
{
    ck_assert_uint_eq(judge_entry("subject: /journal/, sha256: " CLIENT_SHA256), 1);
    ck_assert_uint_eq(judge_entry("subject: /mailer/, sha256: " CLIENT_SHA256), 0);
    ck_assert_uint_eq(judge_entry("issuer: /vendor/, subject: /journal/"), 1);
    ck_assert_uint_eq(judge_entry("issuer: /vendor/, subject: /mailer/"), 0);
    ck_assert_uint_eq(judge_entry("issuer: /vendor/, subject: '*journal*', role: server"), 0);
    ck_assert_uint_eq(
        judge_entry("allow: true, subject: /journal/}\n  - {sha256: " CLIENT_SHA256), 0);
}
END_TEST

START_TEST(names_have_names)
{
    for (enum note note = 0; note < NOTES; note++)
        ck_assert_msg(strncmp(note_name(note), "Certtap::", 9) == 0, "%d", note);
    ck_assert_str_eq(severity_name(SEVERITY_CRITICAL), "critical");
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/judge");
    TCase *t = tcase_create("judge");
    tcase_add_checked_fixture(t, make_told, free_verdict);
    tcase_add_test(t, an_empty_ruleset_finds_nothing);
    tcase_add_test(t, hits_come_by_role_then_position_then_line);
    tcase_add_test(t, an_entry_says_what_it_was_told_to_say);
    tcase_add_test(t, every_kind_of_indicator_is_found_where_it_is);
    tcase_add_test(t, an_issuers_key_is_known_from_the_chain);
    tcase_add_test(t, each_condition_holds_and_fails);
    tcase_add_test(t, position_tells_intermediates_apart);
    tcase_add_test(t, all_clauses_must_hold_for_the_same_certificate);
    tcase_add_test(t, several_values_of_one_key_are_alternatives);
    tcase_add_test(t, one_line_hits_a_certificate_once_by_the_best_it_has);
    tcase_add_test(t, a_certificate_from_elsewhere_is_an_unexpected_source);
    tcase_add_test(t, the_client_behind_a_proxy_is_the_one_who_counts);
    tcase_add_test(t, the_client_may_be_the_responder);
    tcase_add_test(t, without_an_address_nothing_is_from_anywhere);
    tcase_add_test(t, the_sentence_says_what_came_of_it);
    tcase_add_test(t, the_sentence_is_about_who_showed_it);
    tcase_add_test(t, a_key_without_a_certificate_is_called_that);
    tcase_add_test(t, sentences_about_other_things_are_sentences);
    tcase_add_test(t, what_strangers_write_cannot_break_the_sentence);
    tcase_add_loop_test(
        t, validity_of_a_certificate_is_a_condition, 0, sizeof validities / sizeof *validities);
    tcase_add_test(t, serial_numbers_are_integers_with_a_sign);
    tcase_add_loop_test(t, small_serial_numbers_differ_by_their_sign, 0,
        sizeof small_serials / sizeof *small_serials);
    tcase_add_test(t, an_allow_entry_silences_what_it_applies_to);
    tcase_add_test(t, an_allow_entry_of_one_list_silences_another_list);
    tcase_add_test(t, a_verdict_is_used_again);
    tcase_add_test(t, hidden_chains_have_nothing_to_judge);
    tcase_add_test(t, a_certificate_that_could_not_be_read_is_found_by_its_digest);
    tcase_add_test(t, texts_are_found_by_regular_expressions);
    tcase_add_test(t, a_regular_expression_may_be_one_condition_of_several);
    tcase_add_test(t, names_have_names);
    suite_add_tcase(s, t);
    return s;
}
