/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/folder.h"
#include "tests/support/rules.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define HEAD "alert tls any any -> any any "

/* As abuse.ch's SSLBL and the Emerging Threats write them. */
static const char samples[] =
    "# SSLBL\n"
    "alert tls $EXTERNAL_NET any -> $HOME_NET any (msg:\"SSLBL: Malicious SSL certificate detected "
    "(Example C&C)\"; tls.fingerprint:\"5b:0e:a1:2f:44:90:d3:1c:77:aa:20:38:cd:9e:61:05:f2:8b:"
    "13:d7\"; reference:url, sslbl.abuse.ch/ssl-certificates/sha1/"
    "5b0ea12f4490d31c77aa2038cd9e6105f28b13d7/; sid:902200001; rev:1;)\n"
    "\n"
    "alert tls $HOME_NET any -> $EXTERNAL_NET any (msg:\"SSLBL: Malicious JA3 SSL-Client "
    "Fingerprint detected (Example)\"; ja3_hash; content:\"0cc175b9c0f1b6a831c399e269772661\"; "
    "reference:url, sslbl.abuse.ch/ja3-fingerprints/0cc175b9c0f1b6a831c399e269772661/; "
    "sid:906200001; rev:1;)\r\n"
    "alert tls $EXTERNAL_NET 443 -> $HOME_NET any (msg:\"ET MALWARE Observed Malicious SSL Cert "
    "(Example RAT)\"; flow:established,to_client; tls.cert_subject; content:\"CN=example.net\"; "
    "nocase; endswith; fast_pattern; tls.cert_issuer; content:\"O=Internet Widgits\"; "
    "pcre:\"/CN=[a-z]{5,9}\\.(?:top|xyz)$/\"; reference:md5,0cc175b9c0f1b6a831c399e269772661; "
    "classtype:domain-c2; sid:2030000; rev:2; metadata:attack_target Client_Endpoint, created_at "
    "2020_01_01, deployment Perimeter, former_category MALWARE, signature_severity Major, "
    "updated_at 2020_01_02, mitre_tactic_id TA0011;)\n"
    "#alert tls any any -> any any (msg:\"switched off\"; sid:1;)\n"
    "alert tls $HOME_NET any -> $EXTERNAL_NET any (msg:\"ET INFO Observed DNS over HTTPS Domain "
    "(doh .example .org in TLS SNI)\"; flow:established,to_server; tls.sni; dotprefix; "
    "content:\".doh.example.org\"; endswith; classtype:misc-activity; sid:2030001; rev:1;)\n"
    "alert tls [$HOME_NET,!192.168.7.0/24] ![22,25] -> [203.0.113.0/24, 2001:db8::/32] 1024: "
    "(msg:\"several \\\n    lines\"; tls.sni; content:\"|41 42|C\\;\\\"\"; bsize:>4; \\\r\n"
    "    threshold:type limit, track by_src, count 1, seconds 60; sid:7;)\n";

START_TEST(rules_that_people_have_load)
{
    struct ruleset *rules = rules_good(samples);
    struct list_report report = ruleset_report(rules, 0);
    ck_assert_uint_eq(report.entries, 5);
    ck_assert_uint_eq(report.skipped, 0);
    ck_assert_str_eq(report.format, "suricata-rules");
    ck_assert_str_eq(report.name, "test.rules");
    ck_assert_ptr_null(report.warning);
    ruleset_free(rules);
}
END_TEST

static const struct {
    const char *rule, *reason;
} skips[] = {
    {"alert http any any -> any any (http.uri; content:\"/x\"; sid:5;)", "protocol http"},
    {"alert http any any -> any any (tls.sni; content:\"/x\"; sid:5;)", "protocol http"},
    {HEAD "(tls.sni; content:\"x\"; byte_test:1,>,2,0; sid:5;)", "keyword byte_test"},
    {HEAD "(msg:\"x\"; content:\"|16 03|\"; sid:5;)", "content of the payload"},
    {HEAD "(content:\"|16|\"; content:\"|55 04 03|\"; within:9; sid:5;)", "content of the payload"},
    {HEAD "(content:\"|55 04 03|\"; content:\"|02 09|\"; sid:5;)", "content of the payload"},
    {HEAD "(content:\"|55 04 03|\"; depth:90; sid:5;)", "content of the payload"},
    {HEAD "(content:\"|55 04 03|\"; content:!\"x\"; distance:1; sid:5;)", "content of the payload"},
    {HEAD "(content:\"|55 04 03|\"; pcre:\"/x/R\"; sid:5;)", "pcre of the payload"},
    {HEAD "(pcre:\"/x/\"; sid:5;)", "pcre of the payload"},
    {HEAD "(isdataat:5; sid:5;)", "isdataat of the payload"},
    {HEAD "(bsize:5; sid:5;)", "bsize of the payload"},
    {HEAD "(to_md5; sid:5;)", "to_md5 of the payload"},
    {HEAD "(dataset:isset,a,type string,load x; sid:5;)", "dataset of the payload"},
    {HEAD "(tls.subject:\"CN=x\"; content:\"y\"; sid:5;)", "content of the payload"},
    {HEAD "(tls.sni; pcre:\"/x/U\"; sid:5;)", "pcre modifier U"},
    {HEAD "(tls.sni; dataset:set,a,type string; sid:5;)", "dataset:set"},
    {HEAD "(tls.sni; dataset:isset,a,type string; sid:5;)", "dataset without a file to load"},
    {HEAD "(tls.sni; dataset:isset,a,type sha1; sid:5;)", "dataset of type sha1"},
    {HEAD "(tls.sni; dataset:isset,a,type string,load x,format xml; sid:5;)", "dataset format xml"},
    {HEAD "(flow:not_established; sid:5;)", "flow:not_established, which no TLS session is"},
    {HEAD "(ssl_state:unknown; sid:5;)", "ssl_state:unknown"},
    {HEAD "(requires:feature lua; sid:5;)", "requires feature lua"},
    {HEAD "(requires:version < 7; sid:5;)", "requires version < 7"},
    {HEAD "(requires:keyword foo; sid:5;)", "requires keyword foo"},
    {HEAD "(app-layer-protocol:http; sid:5;)", "app-layer-protocol:http"},
    {HEAD "(threshold:type backoff, track by_src; sid:5;)", "threshold type backoff"},
    {"alert tls any any => any any (sid:5;)", "arrow =>"},
    {"alert tcp any any -> any any (msg:\"x\"; flow:established; sid:5;)", "nothing of TLS in it"},
    {"config tls any any -> any any (sid:5;)", "action config"},
};

START_TEST(what_is_not_understood_is_skipped_and_named)
{
    const struct rule_skipped *skipped;
    struct text content = {0};
    text_add_format(&content, "\n%s\n" HEAD "(sid:6;)\n", skips[_i].rule);
    struct ruleset *rules = rules_good(text_string(&content));
    ck_assert_uint_eq(ruleset_report(rules, 0).entries, 1);
    ck_assert_uint_eq(ruleset_skipped(rules, 0, &skipped), 1);
    ck_assert_str_eq(skipped->reason, skips[_i].reason);
    ck_assert_uint_eq(skipped->line, 2);
    ck_assert_uint_eq(skipped->sid, 5);
    ruleset_free(rules);
    text_free(&content);
}
END_TEST

static const struct {
    const char *rule, *complaint;
} faults[] = {
    {"alert tls any any -> any any\n", "test.rules:1: \"(\" is wanted behind the head of a rule"},
    {"alert tls any any any any (sid:1;)\n", "test.rules:1: \"->\" is wanted, not \"any\""},
    {"alert tls any (sid:1;)\n", "test.rules:1: the head of a rule is: action protocol source port "
                                 "-> destination port"},
    {"# a\n" HEAD "(sid:1;\n", "test.rules:2: \")\" is missing at the end of the rule"},
    {HEAD "(sid:1)\n", "test.rules:1: \";\" is missing behind \"sid\""},
    {HEAD "(msg:\"x\";)\n", "test.rules:1: a rule has a sid"},
    {HEAD "(sid:x;)\n", "test.rules:1: \"x\" is no number for sid"},
    {HEAD "(sid;)\n", "test.rules:1: sid wants a value"},
    {HEAD "(sid:1; :x;)\n",
        "test.rules:1: \"\" is no keyword (a semicolon in a text is written \"\\;\")"},
    {HEAD "(sid:1; noalert:x;)\n", "test.rules:1: noalert takes no value"},
    {"shout tls any any -> any any (sid:1;)\n", "test.rules:1: \"shout\" is no action of a rule"},
    {"alert tls 10.0.0 any -> any any (sid:1;)\n", "test.rules:1: \"10.0.0\" is no address"},
    {"alert tls any any -> $MISSING any (sid:1;)\n",
        "test.rules:1: \"MISSING\" is a variable that is not set"},
    {"alert tls any 80x -> any any (sid:1;)\n", "test.rules:1: \"80x\" is no port"},
    {HEAD "(msg:\"x;\"; sid:1;)\n",
        "test.rules:1: \"\"\" is no keyword (a semicolon in a text is written \"\\;\")"},
    {HEAD "(msg:\"x; sid:1;)\n",
        "test.rules:1: a closing quote is missing (a semicolon in a text is written \"\\;\")"},
    {HEAD "(tls.sni; \\\n content:\"|4|\"; sid:1;)\n",
        "test.rules:2: hexadecimal bytes have two digits each"},
    {HEAD "(tls.sni; content:\"|4g|\"; sid:1;)\n", "test.rules:1: 'g' is no hexadecimal digit"},
    {HEAD "(tls.sni; content:\"|41\"; sid:1;)\n",
        "test.rules:1: \"|\" is missing behind hexadecimal bytes"},
    {HEAD "(tls.sni; content:\"\"; sid:1;)\n", "test.rules:1: there is nothing in this content"},
    {HEAD "(tls.sni; content:\"a\\nb\"; sid:1;)\n",
        "test.rules:1: a backslash stands before \\ \" ; or : only"},
    {HEAD "(tls.sni; nocase; sid:1;)\n", "test.rules:1: nocase stands behind a content"},
    {HEAD "(tls.sni; content:\"abc\"; within:2; sid:1;)\n",
        "test.rules:1: within:2 leaves no room for a content of 3 bytes"},
    {HEAD "(tls.sni; content:\"abc\"; depth:x; sid:1;)\n", "test.rules:1: \"x\" is no number for "
                                                           "depth"},
    {HEAD "(tls.sni; content:\"abc\"; offset:1; startswith; sid:1;)\n",
        "test.rules:1: startswith does not go with offset, depth, distance or within"},
    {HEAD "(tls.sni; sid:1;)\n", "test.rules:1: nothing is looked for in tls.sni"},
    {HEAD "(tls.sni; content:\"a\"; to_md5; sid:1;)\n",
        "test.rules:1: to_md5 stands before what is looked for"},
    {HEAD "(tls.sni; pcre:\"/(/\"; sid:1;)\n",
        "test.rules:1: a regular expression is wrong at its character 1: missing closing "
        "parenthesis"},
    {HEAD "(tls.sni; pcre:\"/a/k\"; sid:1;)\n",
        "test.rules:1: a regular expression knows no modifier 'k'"},
    {HEAD "(flow:to_server,to_client; sid:1;)\n",
        "test.rules:1: a flow is to_server or to_client, not both"},
    {HEAD "(flow:sideways; sid:1;)\n", "test.rules:1: \"sideways\" is nothing that a flow can be"},
    {HEAD "(flowbits:set; sid:1;)\n", "test.rules:1: this flowbits wants the name of one bit"},
    {HEAD "(threshold:type limit, track by_src, count 1; sid:1;)\n",
        "test.rules:1: a threshold has type, track, count and seconds"},
    {HEAD "(tls.version:1.7; sid:1;)\n", "test.rules:1: \"1.7\" is no TLS version"},
    {HEAD "(ssl_version:tls9; sid:1;)\n", "test.rules:1: \"tls9\" is no SSL version"},
    {HEAD "(tls_cert_notafter:>2015-13; sid:1;)\n",
        "test.rules:1: \">2015-13\" is no date such as >2015-10-22"},
    {HEAD "(certtap.role:both; sid:1;)\n",
        "test.rules:1: a role is client or server, not \"both\""},
    {HEAD "(certtap.visibility:dark; sid:1;)\n",
        "test.rules:1: \"dark\" is nothing for certtap.visibility"},
    {HEAD "(tls.sni; dataset:isset,a,type string,load missing; sid:1;)\n",
        "test.rules:1: missing: No such file or directory"},
};

START_TEST(a_mistake_is_named_with_its_line)
{
    rules_bad(faults[_i].rule, faults[_i].complaint);
}
END_TEST

START_TEST(of_two_rules_with_one_sid_the_later_revision_stays)
{
    const struct rule_skipped *skipped;
    struct ruleset *rules = rules_good(HEAD "(sid:1; rev:2;)\n" HEAD "(sid:1; rev:1;)\n" HEAD
                                            "(sid:1; rev:3;)\n" HEAD "(sid:1; gid:2;)\n");
    ck_assert_uint_eq(ruleset_report(rules, 0).entries, 2);
    ck_assert_uint_eq(ruleset_skipped(rules, 0, &skipped), 2);
    ck_assert_uint_eq(skipped[0].line, 2);
    ck_assert_uint_eq(skipped[1].line, 1);
    ck_assert_str_eq(skipped[0].reason, "another rule with this sid");
    ck_assert_ptr_eq(skipped[0].reason, skipped[1].reason);
    ruleset_free(rules);
}
END_TEST

START_TEST(warnings_are_said_once)
{
    struct ruleset *rules = rules_good("drop tls any any -> any any (sid:1;)\n"
                                       "rejectsrc tls any any -> any any (sid:2;)\n");
    ck_assert_str_eq(ruleset_report(rules, 0).warning,
        "2 rules say drop or reject: certtap only watches, so they alert");
    ruleset_free(rules);
    rules = rules_good("# nothing\n");
    ck_assert_str_eq(
        ruleset_report(rules, 0).warning, "no rules: nothing is looked for by this file");
    ruleset_free(rules);
}
END_TEST

START_TEST(variables_and_classes_are_the_operators)
{
    struct folder folder = folder_new();
    char path[4200];
    struct fault why;
    folder_write(&folder, "classes", "# mine\nconfig classification: own-class,My Class,2\n");
    snprintf(path, sizeof path, "%s/classes", folder.path);
    static const struct rule_variable addresses[] = {{"HOME_NET", "10.9.0.0/16"}, {"MINE", "any"}};
    struct rule_variables variables = {
        .addresses = addresses, .addresses_len = 2, .classifications = path};
    const char *rule = "alert tls $MINE any -> $EXTERNAL_NET any (classtype:own-class; sid:1;)\n";
    struct ruleset *rules = rules_load_text(bytes_from_string(rule), &variables, NULL, NULL, &why);
    ck_assert_msg(rules != NULL, "%s", why.text);
    ruleset_free(rules);
    folder_write(&folder, "classes", "config classification: own-class\n");
    rules = rules_load_text(bytes_from_string(rule), &variables, NULL, NULL, &why);
    ck_assert_ptr_null(rules);
    ck_assert_ptr_nonnull(strstr(why.text, "classes:1: "));
    folder_remove(&folder);
}
END_TEST

START_TEST(a_folder_is_all_its_rules)
{
    struct folder folder = folder_new();
    struct fault why = {0};
    folder_write(&folder, "b.rules", HEAD "(sid:2;)\n");
    folder_write(&folder, "a.rules", HEAD "(sid:1;)\n");
    folder_write(&folder, "readme.txt", "no rules\n");
    struct ruleset *rules = ruleset_new(1);
    ck_assert(ruleset_add_rules(rules, folder.path, NULL, &why));
    ruleset_finish(rules);
    ck_assert_uint_eq(ruleset_lists(rules), 2);
    ck_assert_str_eq(ruleset_report(rules, 0).name, "a.rules");
    ck_assert_uint_eq(ruleset_entries(rules), 2);
    ruleset_free(rules);
    folder_remove(&folder);
    rules = ruleset_new(1);
    ck_assert(!ruleset_add_rules(rules, "/nonexistent.rules", NULL, &why));
    ck_assert_str_eq(why.text, "/nonexistent.rules: No such file or directory");
    ruleset_free(rules);
}
END_TEST

/* Whatever a file holds, it loads or is refused with a reason. */
START_TEST(a_file_cut_anywhere_is_no_crash)
{
    for (size_t len = 0; len <= sizeof samples - 1; len++) {
        char *copy = malloc(len + 1); /* so that a read past the end is noticed */
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, samples, len);
        rules_try(bytes_of(copy, len));
        free(copy);
    }
}
END_TEST

START_TEST(a_file_with_any_byte_changed_is_no_crash)
{
    static const char others[] = {0, ';', '"', '(', ')', '[', ']', '!', '|', '\\', '\n', '$', '9'};
    char copy[sizeof samples];
    for (size_t i = 0; i < sizeof samples - 1; i++) {
        memcpy(copy, samples, sizeof samples);
        copy[i] = others[i % sizeof others];
        rules_try(bytes_of(copy, sizeof samples - 1));
        copy[i] = (char)(samples[i] ^ 1 << i % 8);
        rules_try(bytes_of(copy, sizeof samples - 1));
    }
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/suricata/load");
    TCase *t = tcase_create("load");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, rules_that_people_have_load);
    tcase_add_loop_test(
        t, what_is_not_understood_is_skipped_and_named, 0, (int)(sizeof skips / sizeof *skips));
    tcase_add_loop_test(
        t, a_mistake_is_named_with_its_line, 0, (int)(sizeof faults / sizeof *faults));
    tcase_add_test(t, of_two_rules_with_one_sid_the_later_revision_stays);
    tcase_add_test(t, warnings_are_said_once);
    tcase_add_test(t, variables_and_classes_are_the_operators);
    tcase_add_test(t, a_folder_is_all_its_rules);
    tcase_add_test(t, a_file_cut_anywhere_is_no_crash);
    tcase_add_test(t, a_file_with_any_byte_changed_is_no_crash);
    suite_add_tcase(s, t);
    return s;
}
