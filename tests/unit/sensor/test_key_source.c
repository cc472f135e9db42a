/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/key_source.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SECRET "3a497c91f6e130fbc18fc9f773b92bb0d538dfedc30e964cde0676396f24d0df"
#define LINE(random) "CLIENT_TRAFFIC_SECRET_0 " random " " SECRET "\n"
#define ONE LINE("1111111111111111111111111111111111111111111111111111111111111111")
#define TWO LINE("2222222222222222222222222222222222222222222222222222222222222222")

static char folder[] = "/tmp/certtap-keys-XXXXXX";
static char path[64], moved[64], socket_path[64];
static struct options options;
static struct key_store *store;
static struct fault fault;

static void
put(const char *where, const char *mode, const char *text)
{
    FILE *file = fopen(where, mode);
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void
use(char *keylog)
{
    static char *list[2];
    list[0] = keylog;
    options.keylogs = (struct strings){list, 1};
}

/* Is the secret of the client whose random is all `byte` there? */
static bool
there(uint8_t byte, uint64_t round)
{
    uint8_t random[KEY_RANDOM];
    struct secret secret;
    memset(random, byte, sizeof random);
    return key_store_find(
        store, bytes_of(random, sizeof random), SECRET_CLIENT_TRAFFIC, round, &secret);
}

START_TEST(a_file_is_read_once)
{
    put(path, "w", ONE "junk\n" TWO);
    use(path);
    struct key_sources *sources = key_sources_open(&options, store, false, &fault);
    ck_assert_ptr_nonnull(sources);
    ck_assert(there(0x11, 0) && there(0x22, 0));
    ck_assert(!key_store_expects(store, 100));
    ck_assert_uint_eq(key_sources_counts(sources).secrets, 2);
    ck_assert_uint_eq(key_sources_counts(sources).bad, 1);
    key_sources_read(sources, 1);
    ck_assert_uint_eq(key_sources_counts(sources).secrets, 2);
    key_sources_close(sources);
}
END_TEST

START_TEST(the_last_line_need_not_end)
{
    static const char one[] = ONE;
    char text[sizeof one];
    snprintf(text, sizeof text, "%.*s", (int)strlen(one) - 1, one);
    put(path, "w", text);
    use(path);
    struct key_sources *sources = key_sources_open(&options, store, false, &fault);
    ck_assert(there(0x11, 0));
    key_sources_close(sources);
}
END_TEST

START_TEST(a_file_is_followed)
{
    put(path, "w", ONE);
    use(path);
    struct key_sources *sources = key_sources_open(&options, store, true, &fault);
    ck_assert(there(0x11, 0) && key_store_expects(store, 0));
    put(path, "a", "CLIENT_TRAFFIC_SECRET_0 22222222222222222222222222222222");
    key_sources_read(sources, 5);
    ck_assert(!there(0x22, 5));
    put(path, "a", "22222222222222222222222222222222 " SECRET "\n");
    key_sources_read(sources, 6);
    ck_assert(there(0x22, 6) && !there(0x22, 5));
    key_sources_close(sources);
}
END_TEST

START_TEST(a_file_is_cut_or_replaced)
{
    put(path, "w", ONE ONE ONE);
    use(path);
    struct key_sources *sources = key_sources_open(&options, store, true, &fault);
    if (_i)
        ck_assert_int_eq(rename(path, moved), 0);
    key_sources_read(sources, 1); /* it need not be there */
    put(path, "w", TWO);
    key_sources_read(sources, 2);
    ck_assert(there(0x22, 2));
    key_sources_close(sources);
    unlink(moved);
}
END_TEST

static int
call(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memcpy(name.sun_path, socket_path, strlen(socket_path));
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&name, sizeof name), 0);
    return fd;
}

START_TEST(a_socket)
{
    static const char one[] = ONE;
    char name[80];
    struct stat about;
    snprintf(name, sizeof name, "unix:%s", socket_path);
    use(name);
    for (int run = 0; run < 2; run++) { /* what a run leaves behind does not stop the next */
        struct key_sources *sources = key_sources_open(&options, store, true, &fault);
        ck_assert_msg(sources != NULL, "%s", fault.text);
        ck_assert_int_eq(stat(socket_path, &about), 0);
        ck_assert_uint_eq(about.st_mode & 0777, 0600);
        int first = call(), second = call();
        ck_assert_int_gt(write(first, one, 50), 0);
        key_sources_read(sources, 1);
        ck_assert_int_gt(write(second, TWO, strlen(TWO)), 0);
        ck_assert_int_gt(write(first, one + 50, strlen(one) - 50), 0);
        close(first);
        key_sources_read(sources, 2);
        ck_assert(there(0x11, 2) && there(0x22, 2));
        close(second);
        key_sources_read(sources, 3);
        ck_assert_uint_eq(key_sources_counts(sources).secrets, 2);
        key_sources_close(sources);
    }
    ck_assert_int_ne(stat(socket_path, &about), 0);
}
END_TEST

START_TEST(what_cannot_be_read)
{
    static char missing[] = "/nonexistent/keys.log", long_name[200];
    memset(long_name, 'a', sizeof long_name - 1);
    memcpy(long_name, "unix:/", 6);
    char *const names[] = {missing, folder, long_name};
    use(names[_i]);
    ck_assert_ptr_null(key_sources_open(&options, store, true, &fault));
    ck_assert_ptr_nonnull(strstr(fault.text, names[_i]));
}
END_TEST

START_TEST(a_block_in_a_capture)
{
    options.keylogs = (struct strings){0};
    struct key_sources *sources = key_sources_open(&options, store, false, &fault);
    ck_assert(!key_store_expects(store, 100));
    key_sources_take(sources, bytes_from_string(ONE), 7);
    ck_assert(there(0x11, 7) && !there(0x11, 6));
    ck_assert(key_store_expects(store, 7)); /* more may follow */
    key_sources_close(sources);
}
END_TEST

static void
set_up(void)
{
    memcpy(folder, "/tmp/certtap-keys-XXXXXX", sizeof folder);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/keys.log", folder);
    snprintf(moved, sizeof moved, "%s/moved.log", folder);
    snprintf(socket_path, sizeof socket_path, "%s/socket", folder);
    store = key_store_new(1 << 20, 8);
    fault = (struct fault){0};
}

static void
tear_down(void)
{
    key_store_free(store);
    unlink(path);
    rmdir(folder);
}

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("sensor/key_source");
    TCase *c = tcase_create("key source");
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, a_file_is_read_once);
    tcase_add_test(c, the_last_line_need_not_end);
    tcase_add_test(c, a_file_is_followed);
    tcase_add_loop_test(c, a_file_is_cut_or_replaced, 0, 2);
    tcase_add_test(c, a_socket);
    tcase_add_loop_test(c, what_cannot_be_read, 0, 3);
    tcase_add_test(c, a_block_in_a_capture);
    suite_add_tcase(s, c);
    return s;
}
