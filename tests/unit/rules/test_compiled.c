/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/compiled.h"
#include "rules/entries.h"
#include "tests/support/folder.h"
#include "tests/support/lists.h"
#include "tests/support/told.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SHA256 "3333333333333333333333333333333333333333333333333333333333333333"
#define SHA1 "1111111111111111111111111111111111111111"
#define SPKI "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static struct folder folder;
static char path[5000];
static struct told told;
static struct verdict verdict;

static void
begin(void)
{
    folder = folder_new();
    snprintf(path, sizeof path, "%s/list.ctl", folder.path);
    told_make(&told);
}

static void
end(void)
{
    folder_remove(&folder);
    verdict_free(&verdict);
}

static void
compile(const struct ruleset *rules)
{
    struct fault why = {0};
    FILE *file = fopen(path, "wb");
    bool good = ruleset_compile(rules, file, &why);
    ck_assert_msg(good, "%s", why.text);
    ck_assert_int_eq(fclose(file), 0);
}

static void
compile_text(const char *name, const char *content)
{
    struct ruleset *rules = list_good(name, content);
    compile(rules);
    ruleset_free(rules);
}

/* NULL when it is refused; then the reason is in `why`. */
static struct ruleset *
load(struct fault *why)
{
    struct ruleset *rules = ruleset_new(3);
    *why = (struct fault){0};
    if (ruleset_add_list(rules, path, why)) {
        ruleset_finish(rules);
        return rules;
    }
    ck_assert_ptr_nonnull(strstr(why->text, "list.ctl:"));
    ruleset_free(rules);
    return NULL;
}

static struct text
read_file(void)
{
    struct text content = {0};
    FILE *file = fopen(path, "rb");
    char buffer[65536];
    for (size_t got; (got = fread(buffer, 1, sizeof buffer, file)) > 0;)
        text_add(&content, bytes_of(buffer, got));
    fclose(file);
    return content;
}

static void
write_file(const struct text *content, size_t len)
{
    FILE *file = fopen(path, "wb");
    ck_assert_uint_eq(fwrite(content->at, 1, len, file), len);
    fclose(file);
}

START_TEST(hits_say_what_the_texts_said)
{
    struct fault why;
    compile_text(
        "stolen.txt", "# two\n" SHA256 "  the vendor's\n" SHA1 "\nspki:" SPKI " its key\n");
    struct ruleset *rules = load(&why);
    ck_assert_msg(rules != NULL, "%s", why.text);
    ck_assert_uint_eq(ruleset_entries(rules), 3);
    ck_assert_uint_eq(ruleset_lists(rules), 1);
    ck_assert_str_eq(ruleset_report(rules, 0).name, "stolen.txt");
    ck_assert_str_eq(ruleset_report(rules, 0).format, "compiled");
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, 3);
    ck_assert_str_eq(verdict.hits[0].indicator, SHA256);
    ck_assert_str_eq(verdict.hits[0].description, "the vendor's");
    ck_assert_str_eq(verdict.hits[0].list, "stolen.txt");
    ck_assert_uint_eq(verdict.hits[0].line, 2);
    ck_assert_str_eq(verdict.hits[1].indicator_type, "spki-sha256");
    ck_assert_uint_eq(verdict.hits[1].line, 4);
    ck_assert_int_eq(verdict.hits[2].role, SERVER);
    ck_assert_str_eq(verdict.hits[2].description, "");
    ck_assert(ruleset_check(rules, &why));
    ck_assert(!ruleset_is_broken(rules, &why));
    ruleset_free(rules);
}
END_TEST

START_TEST(severity_and_revocation_are_kept)
{
    struct fault why;
    compile_text("own.yaml",
        "entries:\n  - {sha256: " SHA256 ", severity: low, confidence: 5, tlp: red,"
        " reference: r, revoked: 2021-01-01}\n");
    struct ruleset *rules = load(&why);
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, 1);
    ck_assert_int_eq(verdict.hits[0].severity, SEVERITY_LOW);
    ck_assert_int_eq(verdict.hits[0].note, NOTE_REVOKED_CERTIFICATE);
    ck_assert_uint_eq(verdict.hits[0].confidence, 5);
    ck_assert_str_eq(verdict.hits[0].tlp, "red");
    ck_assert_str_eq(verdict.hits[0].reference, "r");
    ruleset_free(rules);
}
END_TEST

START_TEST(what_it_cannot_hold_is_refused)
{
    static const char *const lists[] = {"entries:\n  - {subject: '*vendor*'}\n", "entries: []\n",
        "entries:\n  - {sha256: " SHA256 ", role: client}\n", "entries:\n  - {issuer: 'CN=x'}\n"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct ruleset *rules = list_good("own.yaml", lists[i]);
        struct fault why = {0};
        FILE *file = fopen(path, "wb");
        ck_assert(!ruleset_compile(rules, file, &why));
        ck_assert(*why.text);
        fclose(file);
        ruleset_free(rules);
    }
}
END_TEST

START_TEST(a_small_file_is_refused_wherever_it_is_cut_or_changed)
{
    struct fault why;
    compile_text("stolen.txt", SHA256 "  the vendor's\n" SHA1 "\nspki:" SPKI " its key\n");
    struct text whole = read_file();
    for (size_t len = 0; len < whole.len; len++) {
        if (len == 0)
            continue; /* an empty file is an empty plain list */
        write_file(&whole, len);
        ck_assert_msg(load(&why) == NULL, "cut at %zu", len);
    }
    for (size_t i = 8; i < whole.len; i++) {
        whole.at[i] ^= (char)(1 << i % 8);
        write_file(&whole, whole.len);
        ck_assert_msg(load(&why) == NULL, "changed at %zu", i);
        whole.at[i] ^= (char)(1 << i % 8);
    }
    text_add_char(&whole, 'x');
    write_file(&whole, whole.len);
    ck_assert_ptr_null(load(&why));
    text_free(&whole);
}
END_TEST

/* More than a file has that is checked whole when it is opened. */
enum { MANY = 200000 };

static void
digest_text(uint32_t i, char text[65])
{
    uint64_t mixed = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    snprintf(text, 65, "%016llx%08x%08x%032x", (unsigned long long)mixed, i, ~i, 7 * i + 3);
}

static void
compile_many(void)
{
    struct text content = {0};
    struct fault why;
    char text[65];
    for (uint32_t i = 0; i < MANY; i++) {
        digest_text(i, text);
        text_add_format(&content, "%s  number %u\n", text, i % 300);
    }
    text_add_string(&content, SHA256 "\n");
    struct ruleset *rules = list_load(NULL, "many.txt", text_bytes(&content), &why);
    ck_assert_msg(rules != NULL, "%s", why.text);
    compile(rules);
    ruleset_free(rules);
    text_free(&content);
}

static size_t
judge_digest(const struct ruleset *rules, uint32_t i)
{
    char text[65];
    size_t len;
    digest_text(i, text);
    ck_assert(bytes_from_hex(bytes_from_string(text), told.client_leaf.sha256, 32, &len));
    ruleset_judge(rules, &told.session, &verdict);
    return verdict.len;
}

START_TEST(many_are_found_each_with_its_line)
{
    struct fault why;
    char description[20];
    compile_many();
    struct ruleset *rules = load(&why);
    ck_assert_msg(rules != NULL, "%s", why.text);
    for (uint32_t i = 0; i < MANY; i += 97) {
        ck_assert_uint_eq(judge_digest(rules, i), 1);
        ck_assert_uint_eq(verdict.hits[0].line, i + 1);
        snprintf(description, sizeof description, "number %u", i % 300);
        ck_assert_str_eq(verdict.hits[0].description, description);
        ck_assert_uint_eq(judge_digest(rules, MANY + i), 0);
    }
    ck_assert(!ruleset_is_broken(rules, &why));
    ruleset_free(rules);
    struct text whole = read_file();
    ck_assert_uint_lt(whole.len, MANY * 41);
    text_free(&whole);
}
END_TEST

START_TEST(damage_in_a_large_file_is_told_where_it_is_met)
{
    struct fault why = {0};
    char text[65];
    uint8_t digest[32];
    size_t len;
    compile_many();
    struct text whole = read_file();
    digest_text(77, text);
    ck_assert(bytes_from_hex(bytes_from_string(text), digest, 32, &len));
    size_t at = bytes_find(text_bytes(&whole), bytes_of(digest, 32));
    ck_assert_uint_ne(at, SIZE_MAX);
    whole.at[at + 31] ^= 1;
    write_file(&whole, whole.len);
    text_free(&whole);
    struct ruleset *rules = load(&why);
    ck_assert_msg(rules != NULL, "%s", why.text);
    ck_assert(!ruleset_is_broken(rules, &why));
    ck_assert_uint_eq(judge_digest(rules, 77), 0);
    ck_assert(ruleset_is_broken(rules, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "may have been missed"));
    why = (struct fault){0};
    ck_assert(!ruleset_check(rules, &why));
    ruleset_free(rules);
}
END_TEST

START_TEST(a_file_that_shrinks_while_it_is_used_kills_nobody)
{
    struct fault why = {0};
    compile_many();
    struct ruleset *rules = load(&why);
    ck_assert_msg(rules != NULL, "%s", why.text);
    ck_assert_uint_eq(judge_digest(rules, 5), 1);
    ck_assert_int_eq(truncate(path, 4096), 0);
    for (uint32_t i = 0; i < 1000; i++)
        judge_digest(rules, i);
    ck_assert(ruleset_is_broken(rules, &why));
    ruleset_free(rules);
}
END_TEST

static bool
count(void *owner, const char *list, const struct watch *watch, struct fault *why)
{
    (void)why;
    ck_assert_str_eq(list, "stolen.txt");
    ck_assert_uint_eq(watch->all[0].len, 1);
    ++*(size_t *)owner;
    return true;
}

START_TEST(its_entries_can_be_gone_through_and_compiled_again)
{
    struct fault why = {0};
    size_t entries = 0;
    struct entries_listener listener = {&entries, count, NULL, NULL};
    compile_text("stolen.txt", SHA256 "  the vendor's\n" SHA1 "\nspki:" SPKI " its key\n");
    struct text first = read_file();
    struct ruleset *rules = ruleset_new(1);
    ruleset_listen(rules, &listener, true);
    ck_assert_msg(ruleset_add_list(rules, path, &why), "%s", why.text);
    ruleset_finish(rules);
    ck_assert_uint_eq(entries, 3);
    ck_assert_uint_eq(ruleset_entries(rules), 3);
    compile(rules);
    struct text second = read_file();
    ck_assert_uint_eq(first.len, second.len);
    ruleset_free(rules);
    rules = load(&why);
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, 3);
    ruleset_free(rules);
    text_free(&first);
    text_free(&second);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/compiled");
    TCase *t = tcase_create("compiled");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, hits_say_what_the_texts_said);
    tcase_add_test(t, severity_and_revocation_are_kept);
    tcase_add_test(t, what_it_cannot_hold_is_refused);
    tcase_add_test(t, a_small_file_is_refused_wherever_it_is_cut_or_changed);
    tcase_add_test(t, many_are_found_each_with_its_line);
    tcase_add_test(t, damage_in_a_large_file_is_told_where_it_is_met);
    tcase_add_test(t, a_file_that_shrinks_while_it_is_used_kills_nobody);
    tcase_add_test(t, its_entries_can_be_gone_through_and_compiled_again);
    suite_add_tcase(s, t);
    return s;
}
