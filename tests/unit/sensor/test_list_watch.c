/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/list_watch.h"
#include "tests/support/folder.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static char *
path_in(const struct folder *folder, const char *before, const char *name)
{
    struct text path = {0};
    text_add_format(&path, "%s%s/%s", before, folder->path, name);
    return path.at;
}

/* As mv does it. */
static void
move_into_place(const struct folder *folder, const char *name)
{
    char *from = path_in(folder, "", "new");
    char *to = path_in(folder, "", name);
    folder_write(folder, "new", "x\n");
    ck_assert_int_eq(rename(from, to), 0);
    free(from);
    free(to);
}

START_TEST(a_list_that_is_moved_into_place_is_seen)
{
    struct folder folder = folder_new();
    struct fault why = {0};
    char *paths[] = {path_in(&folder, "plain:", "a.txt"), path_in(&folder, "", "b.txt")};
    folder_write(&folder, "b.txt", "x\n");
    struct list_watch *watch = list_watch_open(&(struct strings){paths, 2}, &why);
    ck_assert_msg(watch != NULL, "%s", why.text);
    ck_assert(!list_watch_read(watch));
    folder_write(&folder, "a.txt", "written bit by bit\n");
    move_into_place(&folder, "c.txt"); /* no list of ours */
    ck_assert(!list_watch_read(watch));
    move_into_place(&folder, "a.txt");
    ck_assert(list_watch_read(watch));
    ck_assert(!list_watch_read(watch)); /* once */
    move_into_place(&folder, "b.txt");
    move_into_place(&folder, "c.txt");
    ck_assert(list_watch_read(watch));
    list_watch_close(watch);
    free(paths[0]);
    free(paths[1]);
    folder_remove(&folder);
}
END_TEST

START_TEST(anything_in_a_folder_of_lists_is_seen)
{
    struct folder folder = folder_new();
    struct fault why = {0};
    char *path = folder.path;
    struct list_watch *watch = list_watch_open(&(struct strings){&path, 1}, &why);
    ck_assert_msg(watch != NULL, "%s", why.text);
    move_into_place(&folder, "whatever.csv");
    ck_assert(list_watch_read(watch));
    list_watch_close(watch);
    folder_remove(&folder);
}
END_TEST

START_TEST(a_folder_that_is_not_there_is_a_fault)
{
    struct fault why = {0};
    char path[] = "/nowhere/at/all/list.txt";
    char *paths[] = {path};
    ck_assert_ptr_null(list_watch_open(&(struct strings){paths, 1}, &why));
    ck_assert_str_eq(why.text, "/nowhere/at/all: cannot be watched: No such file or directory");
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("list_watch");
    TCase *c = tcase_create("list_watch");
    tcase_add_test(c, a_list_that_is_moved_into_place_is_seen);
    tcase_add_test(c, anything_in_a_folder_of_lists_is_seen);
    tcase_add_test(c, a_folder_that_is_not_there_is_a_fault);
    suite_add_tcase(s, c);
    return s;
}
