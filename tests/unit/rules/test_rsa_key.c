/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "rules/rsa_key.h"
#include "tests/support/lists.h"
#include "tests/support/told.h"

#include <check.h>

/* Two keys that OpenSSL made, and what it says of them. */
#define MODULUS                                                                                    \
    "F6F155284994A7716993140931834201DD9D21CA0FD14034D52BA2587BF1E349AF903FC9D3A56DA39CB1F4965D"   \
    "D9DB24FF5FF479768445A9B29ECC6EACD7B97FDA407FCD2FBDFD75E52CCE239AF19ADFC24690BC9014E4F9F96"    \
    "0C36E74BFED6FDE84E8CE391B4338B3CAE7F8CC70FB4B3BC3777A776784F20E538870D2DB7531"
#define DIGEST "4ab8298edb984de4edf7eb2f038f33976de6c7eb482e1a4592cd0334101d68c0"
#define MODULUS_3                                                                                  \
    "BF3D9E5E6F8010023A932729D9D14C6AE31CF247C6B11B3D2BCA0B7ED889E25BE5E718FFC44A013A6B1472F1C7"   \
    "B40C660CE017F42F19AFBDD71F107B71E25AAB53C4525086410643C42C9956513577F00BC53389D42E3D240EBE"   \
    "878809E7B10CA70948A5690AD080CF8D8189553311E4DB520CFCBD5CD09658CBF0F83B692C87"
#define DIGEST_3 "9ee77f8a60d409da7ca09bca68c621ed7c67f1068dd2549ca1b47a402d59331b"

static const struct {
    const char *modulus, *exponent, *digest;
} keys[] = {
    {MODULUS, "65537", DIGEST},
    {MODULUS, "", DIGEST},
    {" 0x0000" MODULUS "\n", "0x010001", DIGEST},
    {MODULUS_3, "3", DIGEST_3},
    {MODULUS_3, "003", DIGEST_3},
};

START_TEST(a_key_is_made_of_its_numbers)
{
    uint8_t digest[SHA256_LEN];
    char text[2 * SHA256_LEN + 1];
    struct fault complaint = {0};
    ck_assert(rsa_key_digest(bytes_from_string(keys[_i].modulus),
        bytes_from_string(keys[_i].exponent), digest, &complaint));
    bytes_to_hex(bytes_of(digest, sizeof digest), text);
    ck_assert_str_eq(text, keys[_i].digest);
}
END_TEST

static const struct {
    const char *modulus, *exponent;
} none[] = {
    {"", "65537"},
    {"00", "65537"},
    {"F6F155284994A7716993140931834201", "65537"},
    {MODULUS "xx", "65537"},
    {MODULUS, "0"},
    {MODULUS, "1"},
    {MODULUS, "65536"},
    {MODULUS, "-3"},
    {MODULUS, "99999999999999999999999"},
    {MODULUS, "abc"},
};

START_TEST(other_numbers_are_none)
{
    uint8_t digest[SHA256_LEN];
    struct fault complaint = {0};
    ck_assert(!rsa_key_digest(bytes_from_string(none[_i].modulus),
        bytes_from_string(none[_i].exponent), digest, &complaint));
    ck_assert_str_ne(complaint.text, "");
}
END_TEST

#define STIX(PATTERN)                                                                              \
    "{\"type\": \"bundle\", \"objects\": [{\"type\": \"indicator\", \"pattern_type\": \"stix\", "  \
    "\"pattern\": \"" PATTERN "\"}]}"
#define X "x509-certificate:subject_public_key_"
#define RELATED(NAME, VALUE) "{\"object_relation\": \"" NAME "\", \"value\": \"" VALUE "\"}"
#define MISP(ATTRIBUTES)                                                                           \
    "{\"Object\": [{\"name\": \"x509\", \"uuid\": \"o\", \"Attribute\": [" ATTRIBUTES "]}]}"

static const struct {
    const char *content;
    size_t hits, entries, skipped;
} lists[] = {
    {STIX("[" X "modulus = '" MODULUS "']"), 1, 1, 0},
    {STIX("[" X "exponent = 65537 AND " X "modulus = '" MODULUS "']"), 1, 1, 0},
    {STIX("[" X "modulus = '" MODULUS "' AND " X "exponent = '65537' AND " X
          "algorithm = 'rsaEncryption']"),
        1, 1, 0},
    {STIX("[" X "modulus = '" MODULUS "' AND x509-certificate:serial_number = '00:01:0a']"), 1, 1,
        0},
    {STIX("[" X "modulus = '" MODULUS "' AND x509-certificate:serial_number = '00:01:0b']"), 0, 1,
        0},
    {STIX("[" X "modulus = '" MODULUS "' OR " X "modulus = '" MODULUS_3 "']"), 1, 2, 0},
    {STIX("[" X "modulus = '" MODULUS "' AND " X "exponent = 3]"), 0, 1, 0},
    {STIX("[" X "modulus = '" MODULUS "' AND " X "modulus = '" MODULUS_3 "']"), 0, 0, 1},
    {STIX("[" X "modulus = '" MODULUS "' AND " X "algorithm = 'ecdsa']"), 0, 0, 1},
    {STIX("[" X "modulus != '" MODULUS "']"), 0, 0, 1},
    {STIX("[" X "exponent = 65537]"), 0, 0, 1},
    {STIX("[" X "algorithm = 'rsa']"), 0, 0, 1},
    {STIX("[" X "modulus = 'ab']"), 0, 0, 1},
    {STIX("[" X "modulus = ]"), 0, 0, 1},
    {MISP(RELATED("pubkey-info-modulus", MODULUS) "," RELATED("pubkey-info-exponent", "65537")), 1,
        1, 2},
    {MISP(RELATED("pubkey-info-modulus", MODULUS)), 1, 1, 1},
    {MISP(RELATED("pubkey-info-modulus", "ab")), 0, 0, 2},
};

START_TEST(lists_name_keys_by_their_numbers)
{
    struct ruleset *rules = list_good("x", lists[_i].content);
    struct list_report report = ruleset_report(rules, 0);
    struct verdict verdict = {0};
    struct told told;
    size_t len = 0;
    told_make(&told);
    ck_assert(
        bytes_from_hex(bytes_from_string(DIGEST), told.client_leaf.spki_sha256, SHA256_LEN, &len));
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, lists[_i].hits);
    ck_assert_uint_eq(report.entries, lists[_i].entries);
    ck_assert_uint_eq(report.skipped, lists[_i].skipped);
    if (verdict.len)
        ck_assert_str_eq(verdict.hits[0].indicator_type, "spki-sha256");
    verdict_free(&verdict);
    ruleset_free(rules);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/rsa_key");
    TCase *t = tcase_create("rsa_key");
    tcase_add_loop_test(t, a_key_is_made_of_its_numbers, 0, sizeof keys / sizeof *keys);
    tcase_add_loop_test(t, other_numbers_are_none, 0, sizeof none / sizeof *none);
    tcase_add_loop_test(t, lists_name_keys_by_their_numbers, 0, sizeof lists / sizeof *lists);
    suite_add_tcase(s, t);
    return s;
}
