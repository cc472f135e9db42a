/* SPDX-License-Identifier: Apache-2.0 */
#include "base/snapshot.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static struct snapshot_place place;

static void
begin(void)
{
    snprintf(folder, sizeof folder, "/tmp/certtap-snapshot-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    place = (struct snapshot_place){open(folder, O_RDONLY | O_DIRECTORY), "things", "test", 7};
    ck_assert_int_ge(place.folder, 0);
}

static void
end(void)
{
    static const char *const names[] = {"things", "things.new", "things.damaged"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlinkat(place.folder, names[i], 0);
    close(place.folder);
    ck_assert_int_eq(rmdir(folder), 0);
}

static void
save(const char *content)
{
    struct fault why = {0};
    struct snapshot_writer *w = snapshot_begin(&place, &why);
    ck_assert_msg(w != NULL, "%s", why.text);
    snapshot_put_number(w, 0x0102030405, 5);
    snapshot_put(w, bytes_from_string(content));
    ck_assert_msg(snapshot_finish(w, &why), "%s", why.text);
}

static enum snapshot_found
found(const char *reason)
{
    struct snapshot snapshot;
    struct fault why = {0};
    enum snapshot_found found = snapshot_open(&place, &snapshot, &why);
    if (found == SNAPSHOT_FOUND)
        snapshot_close(&snapshot);
    ck_assert_str_eq(why.text, reason);
    return found;
}

static struct bytes
whole(void)
{
    static uint8_t buffer[4096];
    int file = openat(place.folder, "things", O_RDONLY);
    ssize_t len = read(file, buffer, sizeof buffer);
    close(file);
    ck_assert_int_gt(len, 0);
    return bytes_of(buffer, (size_t)len);
}

static void
replace(struct bytes content)
{
    int file = openat(place.folder, "things", O_WRONLY | O_TRUNC | O_CREAT, 0600);
    ck_assert_int_eq(write(file, content.at, content.len), (ssize_t)content.len);
    close(file);
}

START_TEST(what_was_put_is_found)
{
    struct snapshot snapshot;
    struct fault why = {0};
    ck_assert_int_eq(found(""), SNAPSHOT_NONE);
    save("first");
    save("second");
    ck_assert_int_eq(snapshot_open(&place, &snapshot, &why), SNAPSHOT_FOUND);
    ck_assert(bytes_equal(snapshot.body, bytes_of("\1\2\3\4\5second", 11)));
    snapshot_close(&snapshot);
    ck_assert_int_ne(faccessat(place.folder, "things.new", F_OK, 0), 0);
}
END_TEST

START_TEST(nobody_else_may_read_it)
{
    struct stat about;
    save("a secret");
    ck_assert_int_eq(fstatat(place.folder, "things", &about, 0), 0);
    ck_assert_uint_eq(about.st_mode & 0777, 0600);
}
END_TEST

START_TEST(what_is_longer_than_a_buffer_is_found_too)
{
    enum { MEGABYTES = 3 };
    struct snapshot snapshot;
    struct fault why = {0};
    struct snapshot_writer *w = snapshot_begin(&place, &why);
    for (uint64_t i = 0; i < MEGABYTES << 17; i++)
        snapshot_put_number(w, i, 8);
    ck_assert(snapshot_finish(w, &why));
    ck_assert_int_eq(snapshot_open(&place, &snapshot, &why), SNAPSHOT_FOUND);
    struct reader r = reader_over(snapshot.body);
    for (uint64_t i = 0; i < MEGABYTES << 17; i++)
        ck_assert_uint_eq(read_u64(&r), i);
    ck_assert(reader_finished(&r));
    snapshot_close(&snapshot);
}
END_TEST

START_TEST(a_file_that_is_cut_anywhere_is_damaged)
{
    save("something");
    struct bytes all = whole();
    for (size_t len = 0; len < all.len; len++) {
        struct snapshot snapshot;
        struct fault why = {0};
        replace(bytes_first(all, len));
        ck_assert_int_eq(snapshot_open(&place, &snapshot, &why), SNAPSHOT_DAMAGED);
        ck_assert_str_ne(why.text, "");
    }
}
END_TEST

START_TEST(a_file_with_any_other_bit_is_damaged)
{
    uint8_t changed[4096];
    save("something");
    struct bytes all = whole();
    for (size_t bit = 0; bit < 8 * all.len; bit++) {
        struct snapshot snapshot;
        struct fault why = {0};
        memcpy(changed, all.at, all.len);
        changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        replace(bytes_of(changed, all.len));
        ck_assert_int_eq(snapshot_open(&place, &snapshot, &why), SNAPSHOT_DAMAGED);
    }
}
END_TEST

START_TEST(another_version_is_told)
{
    save("something");
    place.version++;
    ck_assert_int_eq(found("things: it is of another version"), SNAPSHOT_DAMAGED);
    place.version--;
    place.kind = "tests";
    ck_assert_int_eq(found("things: it is no such file"), SNAPSHOT_DAMAGED);
}
END_TEST

START_TEST(what_is_set_aside_is_no_longer_there)
{
    struct fault why = {0};
    save("something");
    ck_assert(snapshot_set_aside(&place, &why));
    ck_assert_int_eq(found(""), SNAPSHOT_NONE);
    ck_assert_int_eq(faccessat(place.folder, "things.damaged", F_OK, 0), 0);
    ck_assert(!snapshot_set_aside(&place, &why));
    ck_assert_str_eq(why.text, "things: No such file or directory");
}
END_TEST

START_TEST(links_are_not_followed)
{
    struct fault why = {0};
    ck_assert_int_eq(symlinkat("elsewhere", place.folder, "things.new"), 0);
    ck_assert_ptr_null(snapshot_begin(&place, &why));
    ck_assert_int_eq(symlinkat("elsewhere", place.folder, "things"), 0);
    ck_assert_int_eq(found("things: Too many levels of symbolic links"), SNAPSHOT_UNREADABLE);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("snapshot");
    TCase *c = tcase_create("snapshot");
    tcase_add_checked_fixture(c, begin, end);
    tcase_add_test(c, what_was_put_is_found);
    tcase_add_test(c, nobody_else_may_read_it);
    tcase_add_test(c, what_is_longer_than_a_buffer_is_found_too);
    tcase_add_test(c, a_file_that_is_cut_anywhere_is_damaged);
    tcase_add_test(c, a_file_with_any_other_bit_is_damaged);
    tcase_add_test(c, another_version_is_told);
    tcase_add_test(c, what_is_set_aside_is_no_longer_there);
    tcase_add_test(c, links_are_not_followed);
    suite_add_tcase(s, c);
    return s;
}
