/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/suricata/match.h"

#include "tests/support/rules.h"
#include "tests/support/told.h"

#include <check.h>
#include <stdio.h>

/* C=US, O=Example, Inc., OU=a + CN=mail.example.com; and C=GB, O=Vendor, CN=journal */
static const uint8_t server_name[] = "\x30\x4a\x31\x0b\x30\x09\x06\x03\x55\x04\x06\x13\x02US"
                                     "\x31\x16\x30\x14\x06\x03\x55\x04\x0a\x0c\x0d"
                                     "Example, Inc."
                                     "\x31\x23\x30\x08\x06\x03\x55\x04\x0b\x0c\x01"
                                     "a"
                                     "\x30\x17\x06\x03\x55\x04\x03\x0c\x10mail.example.com";
static const uint8_t client_name[] = "\x30\x2e\x31\x0b\x30\x09\x06\x03\x55\x04\x06\x13\x02GB"
                                     "\x31\x0d\x30\x0b\x06\x03\x55\x04\x0a\x0c\x04Vend"
                                     "\x31\x10\x30\x0e\x06\x03\x55\x04\x03\x0c\x07journal";
static const uint8_t ca_name[] = "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02"
                                 "CA";
static const uint8_t client_random[] = "ABCDefghijklmnopqrstuvwxyz012345";

static struct told told;
static struct verdict verdict;
static struct ruleset *rules;

static void
set_up(void)
{
    told_make(&told);
    told.server_leaf.subject = bytes_of(server_name, sizeof server_name - 1);
    told.server_leaf.issuer = bytes_of(ca_name, sizeof ca_name - 1);
    told.server_ca.subject = bytes_of(ca_name, sizeof ca_name - 1);
    told.client_leaf.subject = bytes_of(client_name, sizeof client_name - 1);
    told.server_leaf.der = bytes_from_string("\x30\x82whole server certificate");
    told.server_ca.der = bytes_from_string("\x30\x82whole ca certificate");
    told.client_leaf.der = bytes_from_string("\x30\x82whole client certificate");
    told.session.hello.random = bytes_of(client_random, sizeof client_random - 1);
    told.session.hello.alpn = bytes_from_string("\x02h2\x08http/1.1");
    told.session.hello.version = 0x0302;
    told.session.hello.ciphers = bytes_from_string("\x13\x01\x13\x02");
}

static void
tear_down(void)
{
    verdict_free(&verdict);
}

/* How many hits a rule has; they are valid until the next. */
static size_t
hits_of(const char *rule)
{
    rules = rules_good(rule);
    const struct rule_skipped *skipped;
    if (ruleset_skipped(rules, 0, &skipped))
        ck_abort_msg("skipped: %s: %s", skipped->reason, rule);
    ruleset_judge(rules, &told.session, &verdict);
    size_t hits = verdict.len;
    for (size_t i = 0; i < hits; i++)
        ck_assert_int_eq(verdict.hits[i].note, NOTE_RULE_MATCH);
    ruleset_free(rules);
    return hits;
}

static size_t
hits_of_options(const char *options)
{
    char rule[2048];
    snprintf(rule, sizeof rule, "alert tls any any -> any any (msg:\"m\"; %s sid:1;)", options);
    return hits_of(rule);
}

static const struct {
    const char *options;
    size_t hits;
} options_cases[] = {
    /* buffers */
    {"tls.sni; content:\"mail.example.com\"; startswith; endswith;", 1},
    {"tls_sni; content:\"MAIL\"; nocase;", 1},
    {"tls.sni; content:\"MAIL\";", 0},
    {"quic.sni; content:\"mail\";", 1},
    {"tls.cert_subject; content:\"C=US, O=Example, Inc., OU=a + CN=mail.example.com\"; bsize:49;",
        1},
    {"tls.cert_subject; content:\"C=GB, O=Vend, CN=journal\"; startswith;", 1},
    {"tls_cert_subject; content:\"CN=\";", 2},
    {"tls.cert_issuer; content:\"CN=CA\"; bsize:5;", 1},
    {"tls.cert_serial; content:\"01:0a\";", 2},
    {"tls.cert_fingerprint; "
     "content:\"11:11:11:11:11:11:11:11:11:11:11:11:11:11:11:11:11:11:11:11\";",
        1},
    {"tls_cert_fingerprint; "
     "content:\"33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33\";",
        1},
    {"tls.certs; content:\"|30 82|\"; startswith; content:\"ca\"; distance:6; within:2;", 1},
    {"tls.certs; content:\"whole\"; certtap.role:server;", 1},
    {"content:\"|55 04 03|\"; content:\"|10|mail.example.com\"; distance:1; within:17;", 1},
    {"content:\"|55 04 03|\"; content:\"|10|mail.example.com\"; distance:2; within:17;", 0},
    {"content:\"|55 04 06|\"; content:\"US\"; distance:2; within:2; "
     "content:\"|55 04 03 0c|\"; content:\"MAIL\"; nocase; distance:1; within:4;",
        1},
    {"tls.subjectaltname; content:\"odd,name\"; bsize:8;", 1},
    {"tls.subjectaltname; content:\"2001:db8::1\"; startswith;", 1},
    {"tls.subjectaltname; content:\"2001|3a|db8::1\"; startswith;", 1},
    {"tls.subjectaltname; content:\"2001\\:db8\\:\\:1\"; startswith;", 1},
    {"tls.alpn; content:\"http/1.1\"; bsize:8;", 1},
    {"tls.alpn; content:\"h2\"; flow:to_client;", 1},
    {"tls.random; bsize:32; content:\"ABCDe\"; startswith;", 1},
    {"tls.random_time; content:\"ABCD\"; bsize:4;", 1},
    {"tls.random_bytes; content:\"efgh\"; bsize:28; startswith;", 1},
    {"ja3.hash; content:\"0CC175B9C0F1B6A831C399E269772661\";", 1},
    {"ja3_hash; content:\"0cc175b9c0f1b6a831c399e269772662\";", 0},
    {"ja3.string; content:\"770,4865-4866,,,\"; bsize:16;", 1},
    {"ja3s.hash; content:\"92eb5ffee6ae2fec3ad71c777531578f\";", 1},
    {"ja3s.string; content:\"49199\";", 1},
    {"ja4.hash; content:\"t12d1516h2_8daaf6152771_e5627efa2ab1\";", 1},
    {"certtap.cert_sha256; content:\"33:33:33:33\"; startswith; bsize:64;", 1},
    {"certtap.spki; content:\"ccccCCCC\"; startswith;", 1},
    {"ip.src; content:\"|80 e8 6e 78|\"; flow:to_server;", 1},
    {"ip.dst; content:\"|80 e8 6e 78|\"; flow:to_client;", 1},
    {"ip.src; content:\"|80 e8 6e 78|\"; flow:to_client;", 0},

    /* inside a buffer */
    {"tls.sni; content:!\"mail\";", 0},
    {"tls.sni; content:!\"nothing\";", 1},
    {"tls.sni; content:\"example\"; offset:5; depth:7;", 1},
    {"tls.sni; content:\"example\"; offset:6;", 0},
    {"tls.sni; content:\"mail\"; depth:4; content:\"com\"; distance:9; within:3;", 1},
    {"tls.sni; content:\"mail\"; content:\"example\"; distance:2;", 0},
    {"tls.sni; content:\"m\"; content:\"ple\"; distance:0; within:3;", 1},
    {"tls.sni; content:\"l\"; content:\"ple\"; distance:0; within:3;", 0},
    {"tls.sni; content:\"a\"; content:\"mple\"; distance:0; within:4;", 1},
    {"tls.sni; content:\".\"; content:\"com\"; within:3; isdataat:!1,relative;", 1},
    {"tls.sni; isdataat:15;", 1},
    {"tls.sni; isdataat:16;", 0},
    {"tls.sni; content:\"mail\"; isdataat:12,relative;", 1},
    {"tls.sni; content:\"mail\"; isdataat:13,relative;", 0},
    {"tls.sni; content:\"mail\"; content:\"mail\"; distance:-4; within:4;", 1},
    {"tls.sni; content:\"com\"; endswith; fast_pattern; rawbytes;", 1},
    {"tls.sni; content:\"mail\"; endswith;", 0},
    {"tls.sni; content:!\"org\"; endswith;", 1},
    {"tls.sni; bsize:16;", 1},
    {"tls.sni; bsize:<16;", 0},
    {"tls.sni; bsize:10<>20;", 1},
    {"tls.sni; bsize:>=16;", 1},
    {"tls.sni; bsize:!16;", 0},
    {"tls.sni; pcre:\"/^mail\\.[a-z]+\\.com$/\";", 1},
    {"tls.sni; pcre:\"/^MAIL/\";", 0},
    {"tls.sni; pcre:\"/^MAIL/i\";", 1},
    {"tls.sni; pcre:!\"/^mail/\";", 0},
    {"tls.sni; content:\"mail\"; pcre:\"/^\\.example/R\";", 1},
    {"tls.sni; content:\"a\"; pcre:\"/^mple/R\";", 1},
    {"tls.sni; pcre:\"/m/\"; content:\"ple\"; distance:0; within:3;", 1},
    {"tls.sni; pcre:\"/l/\"; content:\"ple\"; distance:0; within:3;", 0},
    {"tls.sni; pcre:\"/am/\"; content:\"ple\"; within:3;", 1},
    {"tls.sni; pcre:\"/(m+)+z/\";", 0},
    {"tls.sni; absent;", 0},
    {"tls.sni; absent:or_else; content:\"mail\";", 1},
    {"tls.sni; absent:or_else; content:!\"mail\";", 0},

    /* transformations */
    {"tls.sni; to_uppercase; content:\"MAIL.EXAMPLE\";", 1},
    {"tls.cert_subject; to_lowercase; content:\"example, inc.\";", 1},
    {"tls.cert_subject; strip_whitespace; content:\"C=US,O=Example,Inc.\"; startswith;", 1},
    {"tls.cert_subject; compress_whitespace; content:\"C=US, O=\";", 1},
    {"tls.sni; dotprefix; content:\".example.com\"; endswith;", 1},
    {"tls.sni; dotprefix; content:\".mail.example.com\"; bsize:17;", 1},
    {"tls.sni; to_md5; bsize:16;", 1},
    {"tls.sni; to_sha1; bsize:20;", 1},
    {"tls.sni; to_sha256; bsize:32;", 1},
    {"tls.sni; url_decode; content:\"mail\";", 1},

    /* old keywords with a text of their own */
    {"tls.subject:\"CN=mail.example.com\";", 1},
    {"tls.subject:!\"CN=mail.example.com\";", 1},
    {"tls.issuerdn:\"CN=CA\";", 1},
    {"tls.fingerprint:\"11:11:11:11:11:11:11:11:11:11:11:11:11:11:11:11:11:11:11:11\";", 1},
    {"tls.store;", 1},
    {"tls_store;", 1},

    /* the handshake */
    {"tls.version:1.2;", 1},
    {"tls.version:\"1.3\";", 0},
    {"tls.version:!1.3;", 1},
    {"flow:to_server; tls.version:1.1;", 1}, /* what it offers */
    {"flow:to_client; tls.version:1.2;", 1},
    {"flow:to_client; tls.version:1.1;", 0},
    {"tls.version:0x0303;", 1},
    {"tls.version:0x0301;", 0},
    {"ssl_version:tls1.2,tls1.3;", 1},
    {"ssl_version:!tls1.2; flow:to_client;", 0},
    {"ssl_version:!tls1.3;", 1},
    {"ssl_version:sslv2,sslv3,tls1.0;", 0},
    {"ssl_state:client_hello;", 1},
    {"ssl_state:server_keyx;", 0},
    {"ssl_state:client_keyx,server_keyx;", 1},
    {"app-layer-protocol:tls;", 1},

    /* certificates */
    {"tls_cert_notbefore:>2014-01-01;", 2},
    {"tls_cert_notbefore:2014-11-08;", 2},
    {"tls_cert_notbefore:\"2014-11-08 00:00:00\";", 2},
    {"tls_cert_notbefore:2014-11-08T00:00:01;", 0},
    {"tls_cert_notafter:2019<>2020;", 2},
    {"tls_cert_notafter:<2019;", 0},
    {"tls_cert_expired;", 0},
    {"tls_cert_valid;", 2},
    {"tls.cert_chain_len:2;", 1},
    {"tls.cert_chain_len:>2;", 0},
    {"tls.cert_chain_len:1; certtap.role:client;", 1},

    /* directions */
    {"flow:established,to_server; tls.cert_subject; content:\"mail\";", 0},
    {"flow:established,to_server; tls.cert_subject; content:\"journal\";", 1},
    {"flow:to_client; tls.cert_subject; content:\"mail\";", 1},
    {"flow:stateless;", 1},
    {"tls.sni; content:\"mail\"; tls.cert_subject; content:\"mail\";", 1},
    {"tls.sni; content:\"mail\"; ja3s.hash; content:\"92eb\"; tls.cert_subject; content:\"GB\";",
        1},

    /* what Suricata cannot say */
    {"certtap.role:client; tls.cert_subject; content:\"CN=\";", 1},
    {"certtap.role:server; tls.cert_subject; content:\"journal\";", 0},
    {"certtap.position:any; certtap.role:server; tls.cert_subject; content:\"CN=\";", 2},
    {"certtap.position:intermediate; tls.cert_subject; content:\"CN=CA\";", 1},
    {"certtap.position:intermediate; tls.certs; content:\"ca cert\";", 1},
    {"certtap.position:leaf; tls.certs; content:\"ca cert\";", 0},
    {"certtap.service:smtp-relay;", 1},
    {"certtap.service:ldap,SMTP-relay;", 1},
    {"certtap.service:!smtp-relay;", 0},
    {"certtap.carrier:tcp;", 1},
    {"certtap.carrier:quic;", 0},
    {"certtap.role:server; certtap.visibility:clear,decrypted;", 1},
    {"certtap.role:client; certtap.visibility:encrypted;", 0},
    {"certtap.role:client; certtap.possession:verified;", 1},
    {"certtap.role:client; certtap.possession:!verified;", 0},
    {"certtap.outcome:accepted;", 1},
    {"certtap.resumed;", 0},
    {"certtap.resumed:no;", 1},

    /* when it alerts */
    {"noalert;", 0},
    {"flowbits:set,a; flowbits:noalert;", 0},
    {"flowbits:isset,a;", 0},
    {"flowbits:isnotset,a|b;", 1},
    {"requires:version >= 7.0.3; bypass; prefilter; target:src_ip;", 1},
    {"requires:version < 7 | >= 8.0, keyword tls.alpn;", 1},
};

START_TEST(each_keyword_does_what_it_says)
{
    size_t hits = hits_of_options(options_cases[_i].options);
    if (hits != options_cases[_i].hits)
        ck_abort_msg(
            "%zu hits, not %zu: %s", hits, options_cases[_i].hits, options_cases[_i].options);
}
END_TEST

static const struct {
    const char *head;
    bool holds;
} heads[] = {
    {"tls any any -> any any", true},
    {"ssl any any -> any any", true},
    {"tcp any any -> any any", true},
    {"ip any any -> any any", true},
    {"udp any any -> any any", false},
    {"quic any any -> any any", false},
    {"tls 128.232.110.120 34855 -> 66.35.250.204 80", true},
    {"tls 66.35.250.204 80 -> 128.232.110.120 34855", false},
    {"tls 66.35.250.204 80 <> 128.232.110.120 34855", true},
    {"tls [10.0.0.0/8, 128.232.0.0/16] any -> any [80,443]", true},
    {"tls $HOME_NET any -> any any", false},
    {"tls $EXTERNAL_NET any -> !$HOME_NET $HTTP_PORTS", true},
    {"tls any any -> any !80", false},
};

START_TEST(a_head_says_who_speaks_to_whom)
{
    char rule[512];
    snprintf(rule, sizeof rule, "alert %s (tls.sni; content:\"mail\"; sid:1;)", heads[_i].head);
    if (hits_of(rule) != heads[_i].holds)
        ck_abort_msg("%s", rule);
}
END_TEST

START_TEST(without_a_direction_a_certificate_may_be_either_sides)
{
    ck_assert_uint_eq(hits_of("alert tls 66.35.250.204 any -> any any (tls.cert_subject; "
                              "content:\"mail\"; sid:1;)"),
        1);
    ck_assert_uint_eq(hits_of("alert tls 66.35.250.204 any -> any any (tls.cert_subject; "
                              "content:\"journal\"; sid:1;)"),
        0);
    ck_assert_uint_eq(hits_of("alert tls 128.232.110.120 any -> any any (tls.cert_subject; "
                              "content:\"journal\"; sid:1;)"),
        1);
}
END_TEST

START_TEST(a_hit_says_what_its_rule_says)
{
    rules = rules_good("# one\n"
                       "alert tls any any -> any any (msg:\"ET \\\"X\\\"\\; y\"; \\\n"
                       "  tls.cert_subject; content:\"mail\"; classtype:trojan-activity; \\\n"
                       "  reference:url,example.com/a\\;b; reference:cve,2014-0160; gid:3; \\\n"
                       "  metadata:affected_product Any, signature_severity Critical; \\\n"
                       "  target:dest_ip; sid:2024; rev:7;)\n");
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, 1);
    const struct hit *hit = &verdict.hits[0];
    ck_assert_int_eq(hit->role, SERVER);
    ck_assert_int_eq(hit->chain_index, 0);
    ck_assert_ptr_eq(hit->certificate, &told.server_leaf);
    ck_assert_str_eq(hit->indicator, "3:2024:7");
    ck_assert_str_eq(hit->indicator_type, "rule");
    ck_assert_str_eq(hit->list, "test.rules");
    ck_assert_uint_eq(hit->line, 2);
    ck_assert_str_eq(hit->description, "ET \"X\"; y");
    ck_assert_str_eq(hit->reference, "https://example.com/a;b");
    ck_assert_int_eq(hit->severity, SEVERITY_CRITICAL);
    ck_assert_str_eq(hit->why,
        "Rule 3:2024:7 (\"ET \\x22X\\x22; y\") of test.rules line 2 holds: Server certificate "
        "\"CN=mail.example.com,O=Example\\, Inc.\" (SHA-256 "
        "1111111111111111111111111111111111111111111111111111111111111111, serial 010A) was "
        "presented by 66.35.250.204:80 to 128.232.110.120 (smtp-relay, server name "
        "mail.example.com); whether the server holds the key was not checked; the client "
        "accepted it.");
    const struct rule_facts *facts = hit->rule;
    ck_assert_uint_eq(facts->gid, 3);
    ck_assert_uint_eq(facts->sid, 2024);
    ck_assert_uint_eq(facts->rev, 7);
    ck_assert_str_eq(facts->classtype, "trojan-activity");
    ck_assert_str_eq(facts->category, "A Network Trojan was detected");
    ck_assert_uint_eq(facts->priority, 1);
    ck_assert_str_eq(facts->target, "dest_ip");
    ck_assert_uint_eq(facts->metadata.len, 2);
    ck_assert_str_eq(facts->metadata.at[1].name, "signature_severity");
    ck_assert_str_eq(facts->metadata.at[1].value, "Critical");
    ck_assert_uint_eq(facts->references.len, 2);
    ck_assert_str_eq(facts->references.at[1].value, "2014-0160");
    ruleset_free(rules);
}
END_TEST

START_TEST(a_pass_rule_silences_rules_and_not_lists)
{
    ck_assert_uint_eq(hits_of("alert tls any any -> any any (sid:1;)\n"
                              "pass tls any any -> any any (tls.sni; content:\"mail\"; sid:2;)\n"),
        0);
    ck_assert_uint_eq(hits_of("alert tls any any -> any any (sid:1;)\n"
                              "pass tls any any -> any any (tls.sni; content:\"other\"; sid:2;)\n"),
        1);
}
END_TEST

START_TEST(flow_bits_go_from_rule_to_rule_whatever_their_order)
{
    ck_assert_uint_eq(hits_of("alert tls any any -> any any (flowbits:isset,b; sid:1;)\n"
                              "alert tls any any -> any any (flowbits:isset,a; flowbits:set,b; "
                              "noalert; sid:2;)\n"
                              "alert tls any any -> any any (tls.sni; content:\"mail\"; "
                              "flowbits:set,a; noalert; sid:3;)\n"
                              "alert tls any any -> any any (flowbits:isset,c|a; sid:4;)\n"
                              "alert tls any any -> any any (flowbits:isset,c; sid:5;)\n"
                              "alert tls any any -> any any (flowbits:toggle,d; sid:6;)\n"
                              "alert tls any any -> any any (flowbits:isnotset,d; sid:7;)\n"
                              "alert tls any any -> any any (flowbits:set,d; sid:8;)\n"),
        4);
}
END_TEST

START_TEST(bits_are_of_one_session)
{
    rules = rules_good("alert tls any any -> any any (flowbits:isnotset,a; flowbits:set,a; "
                       "sid:1;)\n");
    for (int i = 0; i < 3; i++) {
        ruleset_judge(rules, &told.session, &verdict);
        ck_assert_uint_eq(verdict.len, 1);
    }
    ruleset_free(rules);
}
END_TEST

static const struct {
    const char *threshold;
    const char *alerts; /* of sessions a second apart: does it? */
} thresholds[] = {
    {"threshold:type limit, track by_src, count 2, seconds 4;", "yynnnyyn"},
    {"threshold: type threshold, track by_dst, seconds 100, count 3;", "nnynnynn"},
    {"threshold:type both, track by_rule, count 2, seconds 4;", "nynnnnyn"},
    {"threshold:type both, track by_both, count 1, seconds 100;", "ynnnnnnn"},
    {"detection_filter:track by_src, count 2, seconds 100;", "nnyyyyyy"},
};

START_TEST(thresholds_count_in_packet_time)
{
    char rule[512];
    snprintf(
        rule, sizeof rule, "alert tls any any -> any any (%s sid:1;)", thresholds[_i].threshold);
    rules = rules_good(rule);
    for (size_t i = 0; thresholds[_i].alerts[i]; i++) {
        ruleset_judge(rules, &told.session, &verdict);
        ck_assert_msg(verdict.len == (thresholds[_i].alerts[i] == 'y'), "%s: session %zu",
            thresholds[_i].threshold, i);
        told.session.end_ns += 1000000000;
    }
    ruleset_free(rules);
}
END_TEST

START_TEST(a_threshold_counts_each_source_by_itself_and_outlives_a_reload)
{
    static const char rule[] = "alert tls any any -> any any (sid:1; threshold:type limit, "
                               "track by_src, count 1, seconds 100;)";
    for (int i = 0; i < 2; i++) {
        rules = rules_good(rule);
        ruleset_judge(rules, &told.session, &verdict);
        ck_assert_uint_eq(verdict.len, i == 0);
        ruleset_free(rules);
    }
    told.session.address[ORIGINATOR] = told_address("10.1.2.3");
    rules = rules_good(rule);
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, 1);
    ruleset_free(rules);
}
END_TEST

START_TEST(of_many_rules_those_that_hold_are_found)
{
    struct text content = {0};
    for (int i = 0; i < 3000; i++)
        text_add_format(&content,
            "alert tls any any -> any any (tls.%s; content:\"%s%d\"; sid:%d;)\n",
            i % 2 ? "sni" : "cert_subject", i % 7 ? "example" : "xy", i, i + 1);
    text_add_string(&content,
        "alert tls any any -> any any (tls.sni; content:\"Example.C\"; nocase; sid:4001;)\n"
        "alert tls any any -> any any (tls.sni; content:\"ail\"; sid:4002;)\n"
        "alert tls any any -> any any (tls.sni; content:\"ma\"; sid:4003;)\n"
        "alert tls any any -> any any (tls.sni; content:\"mail\"; sid:4004;)\n"
        "alert tls any any -> any any (tls.sni; content:!\"never\"; sid:4005;)\n"
        "alert tls any any -> any any (tls.cert_subject; content:\"=journal\"; sid:4006;)\n");
    rules = rules_good(text_string(&content));
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, 6);
    for (size_t i = 0; i < 6; i++)
        ck_assert_uint_eq(verdict.hits[i].rule->sid, 4001 + i);
    ruleset_free(rules);
    text_free(&content);
}
END_TEST

START_TEST(datasets_are_asked)
{
    static const struct {
        const char *options, *file;
        size_t hits;
    } cases[] = {
        {"tls.sni; dataset:isset,a,type string,load set.lst;", "bWFpbC5leGFtcGxlLmNvbQ==\n", 1},
        {"tls.sni; dataset:isnotset,a,type string,load set.lst;", "bWFpbC5leGFtcGxlLmNvbQ==\n", 0},
        {"tls.sni; dataset:isset,a,type string,load set.lst;", "# none\n", 0},
        {"tls.sni; dataset:isset,a,type string,load set.lst,format json,value_key h,array_key "
         "a.b,context_key seen;",
            "{\"a\": {\"b\": [{\"h\": \"mail.example.com\", \"x\": 1}]}}", 1},
        {"tls.sni; dataset:isset,a,type string,load set.lst,format ndjson,value_key h;",
            "{\"h\": \"other.example\"}\n{\"h\": \"mail.example.com\"}\n", 1},
        {"tls.sni; dataset:isset,a,type string,load set.lst,format ndjson,value_key h;",
            "{\"h\": \"other.example\"}\n", 0},
        {"tls.sni; to_md5; dataset:isset,a,type md5,load set.lst;",
            "c48e929b2b1eabba2ba036884433345e\n", 0},
        {"ip.src; dataset:isset,a,type ip,load set.lst; tls.sni; content:\"mail\";",
            "128.232.110.120\n::1\n", 1},
        {"ip.src; dataset:isset,a,type ipv4,load set.lst; flow:to_client;", "128.232.110.120\n", 0},
        {"tls.sni; datarep:r,>,200,type string,load set.lst;", "bWFpbC5leGFtcGxlLmNvbQ==,201\n", 1},
        {"tls.sni; datarep:r,>,200,type string,load set.lst;", "bWFpbC5leGFtcGxlLmNvbQ==,200\n", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char rule[512];
        struct fault why;
        snprintf(rule, sizeof rule, "alert tls any any -> any any (%s sid:1;)", cases[i].options);
        rules = rules_load_text(bytes_from_string(rule), NULL, "set.lst", cases[i].file, &why);
        ck_assert_msg(rules != NULL, "%s", why.text);
        ruleset_judge(rules, &told.session, &verdict);
        ck_assert_msg(verdict.len == cases[i].hits, "%s", rule);
        ruleset_free(rules);
    }
}
END_TEST

START_TEST(what_was_not_seen_is_not_matched)
{
    told.session.chain[SERVER].len = told.session.chain[CLIENT].len = 0;
    told.session.hello.server_name = (struct bytes){0};
    memset(told.session.address, 0, sizeof told.session.address);
    ck_assert_uint_eq(hits_of_options("tls.sni; content:!\"x\";"), 0);
    ck_assert_uint_eq(hits_of_options("tls.sni; absent;"), 1);
    ck_assert_uint_eq(hits_of_options("tls.cert_subject; content:!\"x\";"), 0);
    ck_assert_uint_eq(hits_of_options("tls.cert_chain_len:<5;"), 0);
    ck_assert_uint_eq(hits_of("alert tls !10.0.0.0/8 any -> any any (sid:1;)"), 0);
    ck_assert_uint_eq(hits_of("alert tls any any -> any any (sid:1;)"), 1);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/suricata/match");
    TCase *t = tcase_create("match");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_loop_test(
        t, each_keyword_does_what_it_says, 0, (int)(sizeof options_cases / sizeof *options_cases));
    tcase_add_loop_test(t, a_head_says_who_speaks_to_whom, 0, (int)(sizeof heads / sizeof *heads));
    tcase_add_loop_test(
        t, thresholds_count_in_packet_time, 0, (int)(sizeof thresholds / sizeof *thresholds));
    tcase_add_test(t, without_a_direction_a_certificate_may_be_either_sides);
    tcase_add_test(t, a_hit_says_what_its_rule_says);
    tcase_add_test(t, a_pass_rule_silences_rules_and_not_lists);
    tcase_add_test(t, flow_bits_go_from_rule_to_rule_whatever_their_order);
    tcase_add_test(t, bits_are_of_one_session);
    tcase_add_test(t, a_threshold_counts_each_source_by_itself_and_outlives_a_reload);
    tcase_add_test(t, of_many_rules_those_that_hold_are_found);
    tcase_add_test(t, datasets_are_asked);
    tcase_add_test(t, what_was_not_seen_is_not_matched);
    suite_add_tcase(s, t);
    return s;
}
