/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "rules/spelling.h"
#include "tests/support/lists.h"
#include "tests/support/told.h"

#include <check.h>

#define MD5 "33333333333333333333333333333333"
#define SHA256 MD5 MD5

#define JSON "suricata-dataset,format=json,value_key="
#define LINES "suricata-dataset,format=ndjson,value_key="

/* The hits of the hand-made session on a list, which say what the ruleset holds. */
static struct ruleset *
judged(const char *format, const char *content, struct verdict *verdict)
{
    struct fault why = {0};
    struct ruleset *rules = list_load(format, "set.lst", bytes_from_string(content), &why);
    struct told told;
    told_make(&told);
    ck_assert_msg(rules != NULL, "%s", why.text);
    ck_assert_str_eq(ruleset_report(rules, 0).format, "suricata-dataset");
    verdict_free(verdict);
    ruleset_judge(rules, &told.session, verdict);
    return rules;
}

/* One line of base64. */
static const char *
encoded(struct text *out, const char *string)
{
    text_clear(out);
    base64_write(bytes_from_string(string), out);
    text_add_char(out, '\n');
    return text_string(out);
}

START_TEST(digests_are_of_certificates)
{
    struct verdict verdict = {0};
    struct ruleset *rules = judged("suricata-dataset", SHA256 "\n", &verdict);
    ck_assert_uint_eq(verdict.len, 1);
    ck_assert_str_eq(verdict.hits[0].indicator_type, "sha256");
    ck_assert_str_eq(verdict.hits[0].description, "");
    ruleset_free(rules);
    rules = judged("suricata-dataset,type=md5", "# seen\r\n\r\n" MD5 ",200\r\n", &verdict);
    ck_assert_uint_eq(verdict.len, 1);
    ck_assert_str_eq(verdict.hits[0].indicator_type, "md5");
    ck_assert_str_eq(verdict.hits[0].description, "reputation 200");
    ck_assert_uint_eq(verdict.hits[0].line, 3);
    verdict_free(&verdict);
    ruleset_free(rules);
}
END_TEST

START_TEST(addresses_are_recognised)
{
    struct verdict verdict = {0};
    struct ruleset *rules = judged(NULL, "192.0.2.77\n66.35.250.204,10\n2001:db8::1\n", &verdict);
    ck_assert_uint_eq(verdict.len, 1);
    ck_assert_str_eq(verdict.hits[0].indicator, "66.35.250.204");
    ck_assert_str_eq(verdict.hits[0].description, "reputation 10");
    ruleset_free(rules);
    rules = judged("suricata-dataset,score=11", "66.35.250.204,10\n", &verdict);
    ck_assert_uint_eq(verdict.len, 0);
    verdict_free(&verdict);
    ruleset_free(rules);
}
END_TEST

/* What a string is taken for, and what of the hand-made session it hits. */
static const struct {
    const char *string, *type;
    size_t hits;
} strings[] = {
    {"mail.example.com", "domain", 2}, /* the name asked for, and that of the certificate */
    {"MAIL.example.com.", "domain", 2},
    {"*.example.com", NULL, 0}, /* a star is a star */
    {"33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33", "sha1", 1},
    {SHA256, "sha256", 1},
    {"00:AA:BB:CC:DD:EE:FF:01:02", NULL, 0},
    {"0123456789abcdef0123456789abcdef", NULL, 0},
    {"t13d1516h2_8daaf6152771_b186095e22b6", NULL, 0},
};

START_TEST(strings_are_told_by_their_looks)
{
    struct verdict verdict = {0};
    struct text line = {0};
    struct ruleset *rules = judged(NULL, encoded(&line, strings[_i].string), &verdict);
    ck_assert_uint_eq(verdict.len, strings[_i].hits);
    if (verdict.len)
        ck_assert_str_eq(verdict.hits[0].indicator_type, strings[_i].type);
    verdict_free(&verdict);
    ruleset_free(rules);
    text_free(&line);
}
END_TEST

static const struct {
    const char *buffer, *string, *type;
} in_buffers[] = {
    {"tls.sni", "mail.example.com", "server-name"},
    {"tls.cert_subject", "CN=journal.vendor.example", "subject"},
    {"tls.cert_issuer", "CN=Vendor CA", "issuer"},
    {"tls.cert_fingerprint", "33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33", "sha1"},
    {"tls.subjectaltname", "mail.example.com", "san"},
};

START_TEST(the_operator_says_what_strings_are_of)
{
    struct verdict verdict = {0};
    struct text line = {0};
    struct text format = {0};
    text_add_format(&format, "suricata-dataset,buffer=%s", in_buffers[_i].buffer);
    struct ruleset *rules =
        judged(text_string(&format), encoded(&line, in_buffers[_i].string), &verdict);
    ck_assert_uint_eq(verdict.len, 1);
    ck_assert_str_eq(verdict.hits[0].indicator_type, in_buffers[_i].type);
    verdict_free(&verdict);
    ruleset_free(rules);
    text_free(&line);
    text_free(&format);
}
END_TEST

static const struct {
    const char *format, *content;
    size_t hits;
} in_json[] = {
    {JSON "host,array_key=response.threats",
        "{\"response\": {\"threats\": [{\"host\": \"mail.example.com\", \"origin\": \"x\"}, "
        "{\"host\": \"other.example\"}]}}",
        2},
    {JSON "a.ip", "[{\"a\": {\"ip\": \"66.35.250.204\"}}, {\"a\": {}}, 7]", 1},
    {LINES "h", "{\"h\": \"" SHA256 "\"}\n\n{\"x\": 1}\n", 1},
    {LINES "h,type=md5", "{\"h\": \"" MD5 "\"}", 1},
    {LINES "i,buffer=tls.cert_issuer", "{\"i\": \"CN=Vendor CA\"}", 1},
};

START_TEST(json_has_values_at_a_key)
{
    struct verdict verdict = {0};
    struct ruleset *rules = judged(in_json[_i].format, in_json[_i].content, &verdict);
    ck_assert_uint_eq(verdict.len, in_json[_i].hits);
    verdict_free(&verdict);
    ruleset_free(rules);
    list_cut(in_json[_i].format, "x", bytes_from_string(in_json[_i].content));
}
END_TEST

static const struct {
    const char *format, *content, *complaint;
} mistakes[] = {
    {"suricata-dataset", SHA256 "\n33\n",
        "set.lst:2: this is no entry of a dataset of type sha256"},
    {"suricata-dataset", SHA256 ",x\n",
        "set.lst:1: the score behind the comma is a number up to 65535"},
    {"suricata-dataset", SHA256 ",65536\n",
        "set.lst:1: the score behind the comma is a number up to 65535"},
    {"suricata-dataset,type=ipv4", "2001:db8::1\n",
        "set.lst:1: this is no entry of a dataset of type ipv4"},
    {"suricata-dataset", "Y3VybC83Ljg4\n",
        "set.lst:1: \"curl/7.88\" is nothing that is watched for: no name, fingerprint, serial "
        "number, JA3 or JA4"},
    {"suricata-dataset,buffer=tls.cert_subject", "Y3VybC83Ljg4\n",
        "set.lst:1: \"curl/7.88\" is nothing that is watched for: no subject"},
    {"suricata-dataset", "Q049VmVuZG9yIENB\n",
        "set.lst:1: a distinguished name, but of the subject or the issuer? Write "
        "suricata-dataset,buffer=tls.cert_subject:FILE"},
    {"suricata-dataset", "YS5iAGMuZA==\n",
        "set.lst:1: \"a.b\\x00c.d\" is nothing that is watched for: no name, fingerprint, serial "
        "number, JA3 or JA4"},
    {"suricata-dataset", "MDE6QUE=\n",
        "set.lst:1: a serial number this short needs its issuer beside it"},
    {"suricata-dataset,type=sha1", SHA256 "\n",
        "set.lst: type is none of string, md5, sha256, ipv4, ip"},
    {"suricata-dataset,score=x", SHA256 "\n", "set.lst: score is a number up to 65535"},
    {"suricata-dataset,type=", SHA256 "\n",
        "suricata-dataset,type=:set.lst: type wants a value: type=…"},
    {"suricata-dataset,of=x", SHA256 "\n",
        "suricata-dataset,of=x:set.lst: \"of\" is no option of suricata-dataset (there are type, "
        "buffer, score, format, value_key, array_key)"},
    {"suricata-dataset,format=json", "[]", "set.lst: a dataset in JSON wants a value_key"},
    {"suricata-dataset,format=xml", "[]", "set.lst: format is none of csv, json, ndjson"},
    {JSON "host", "{}", "set.lst: no array of objects: where is it? say array_key"},
    {JSON "host,array_key=a.b", "{\"a\": {}}", "set.lst: no array of objects at array_key"},
    {JSON "host", "[{\"x\": \"y\"}, 7]", "set.lst: no object has a text at value_key"},
    {JSON "host", "[", "set.lst:1:1: ']' expected near end of file"},
    {JSON "host", "[{\"host\": \"curl/7.88\"}]",
        "set.lst: value 1: \"curl/7.88\" is nothing that is watched for: no name, fingerprint, "
        "serial number, JA3 or JA4"},
    {LINES "ip", "{\"ip\": \"192.0.2.1\"}\n\n{\"ip\": \"x\"}\n",
        "set.lst:3: this is no entry of a dataset of type ip"},
    {LINES "ip", "{}\n[\n", "set.lst:2: ']' expected near end of file"},
    {"plain,of=x", SHA256 "\n",
        "plain,of=x:set.lst: \"of\" is no option of plain (there are none)"},
};

START_TEST(mistakes_are_told_by_line)
{
    struct fault why = {0};
    ck_assert_ptr_null(
        list_load(mistakes[_i].format, "set.lst", bytes_from_string(mistakes[_i].content), &why));
    ck_assert_str_eq(why.text, mistakes[_i].complaint);
}
END_TEST

START_TEST(digests_alone_are_a_plain_list)
{
    struct ruleset *rules = list_good("x", SHA256 ",200\n");
    ck_assert_str_eq(ruleset_report(rules, 0).format, "plain");
    ruleset_free(rules);
    list_bad("x", "Y3VybC83Ljg4\n",
        "x:1: \"Y3VybC83Ljg4\" is no fingerprint: 32, 40 or 64 hexadecimal digits, with or without "
        "colons");
}
END_TEST

START_TEST(every_beginning_of_a_list_is_read_without_harm)
{
    static const char *const good[] = {
        MD5 ",1\n" MD5 "\n", "bWFpbC5leGFtcGxlLmNvbQ==,3\n", "192.0.2.1\r\n2001:db8::1,5\r\n"};
    list_cut(NULL, "x", bytes_from_string(good[_i]));
    list_cut("suricata-dataset", "x", bytes_from_string(good[_i]));
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/formats/suricata_dataset");
    TCase *t = tcase_create("suricata_dataset");
    tcase_add_test(t, digests_are_of_certificates);
    tcase_add_test(t, addresses_are_recognised);
    tcase_add_loop_test(t, strings_are_told_by_their_looks, 0, sizeof strings / sizeof *strings);
    tcase_add_loop_test(
        t, the_operator_says_what_strings_are_of, 0, sizeof in_buffers / sizeof *in_buffers);
    tcase_add_loop_test(t, json_has_values_at_a_key, 0, sizeof in_json / sizeof *in_json);
    tcase_add_loop_test(t, mistakes_are_told_by_line, 0, sizeof mistakes / sizeof *mistakes);
    tcase_add_test(t, digests_alone_are_a_plain_list);
    tcase_add_loop_test(t, every_beginning_of_a_list_is_read_without_harm, 0, 3);
    suite_add_tcase(s, t);
    return s;
}
