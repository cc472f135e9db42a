/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/output.h"
#include "tests/support/folder.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct row {
    uint64_t total;
    struct bytes filling;
};

static const struct column columns[] = {
    {"total", COLUMN_TOTAL, offsetof(struct row, total)},
    {"filling", COLUMN_STRING, offsetof(struct row, filling)},
};
static const struct log totals = {"totals", columns, 2, sizeof(struct row)};

static const uint8_t filling[1000] = {0}; /* 4,000 characters when escaped */

struct scene {
    struct folder folder;
    struct output_place place;
    struct output output;
    uint64_t rows;
};

static void
begin(struct scene *scene, bool live, const struct writer *writer)
{
    *scene = (struct scene){.folder = folder_new()};
    scene->place = (struct output_place){.directory = scene->folder.path,
        .folder = open(scene->folder.path, O_RDONLY | O_DIRECTORY),
        .live = live};
    scene->output = output_new(&scene->place, &totals, writer, "log");
}

static void
add(struct scene *scene, size_t rows)
{
    for (size_t i = 0; i < rows; i++) {
        struct row row = {.total = scene->rows++, .filling = bytes_of(filling, sizeof filling)};
        output_add(&scene->output, &row, (int64_t)scene->rows);
    }
}

static void
end(struct scene *scene)
{
    output_finish(&scene->output);
    output_free(&scene->output);
    close(scene->place.folder);
    folder_remove(&scene->folder);
}

/* Rows in a file of whole lines. */
static size_t
rows_in(struct scene *scene, const char *name)
{
    struct text text = folder_read(&scene->folder, name);
    ck_assert(text.len == 0 || text.at[text.len - 1] == '\n');
    size_t rows = 0;
    for (struct bytes rest = text_bytes(&text); rest.len;) {
        struct bytes line = bytes_first(rest, bytes_find_byte(rest, '\n'));
        ck_assert_uint_lt(line.len, rest.len);
        rows += !bytes_start_with(line, bytes_from_string("#"));
        rest = bytes_skip(rest, line.len + 1);
    }
    text_free(&text);
    return rows;
}

START_TEST(nothing_is_written_before_the_first_row)
{
    struct scene scene;
    begin(&scene, false, &tsv_writer);
    ck_assert(output_flush(&scene.output));
    output_finish(&scene.output);
    ck_assert(!folder_has(&scene.folder, "totals.log"));
    add(&scene, 1);
    ck_assert(folder_has(&scene.folder, "totals.log"));
    ck_assert(output_flush(&scene.output));
    ck_assert_uint_eq(rows_in(&scene, "totals.log"), 1);
    ck_assert_uint_eq(scene.output.waiting, 0);
    end(&scene);
}
END_TEST

START_TEST(a_full_buffer_goes_out_by_itself)
{
    struct scene scene;
    begin(&scene, false, &tsv_writer);
    add(&scene, 600);
    ck_assert_uint_gt(rows_in(&scene, "totals.log"), 200);
    output_finish(&scene.output);
    ck_assert_uint_eq(rows_in(&scene, "totals.log"), 600);
    ck_assert_uint_eq(scene.output.lost, 0);
    end(&scene);
}
END_TEST

START_TEST(every_run_over_files_begins_anew_and_a_live_one_adds)
{
    struct scene scene;
    begin(&scene, false, &json_writer);
    folder_write(&scene.folder, "totals.log", "old\n");
    add(&scene, 1);
    output_finish(&scene.output);
    ck_assert_uint_eq(rows_in(&scene, "totals.log"), 1);
    end(&scene);

    begin(&scene, true, &json_writer);
    folder_write(&scene.folder, "totals.log", "old\nhalf a li");
    add(&scene, 1);
    output_finish(&scene.output);
    struct text text = folder_read(&scene.folder, "totals.log");
    ck_assert_uint_eq(count_of(text.at, "old\nhalf a li\n{\"total\":0,"), 1);
    text_free(&text);
    end(&scene);
}
END_TEST

START_TEST(a_full_disk_loses_what_does_not_fit_the_buffer_and_counts_it)
{
    struct scene scene;
    begin(&scene, false, &tsv_writer);
    folder_link(&scene.folder, "totals.log", "/dev/full");
    add(&scene, 10);
    ck_assert(!output_flush(&scene.output));
    ck_assert_uint_eq(count_of(scene.place.fault.text, "/totals.log: No space left on device"), 1);
    ck_assert_uint_eq(scene.output.lost, 0); /* they wait */
    ck_assert_uint_eq(scene.output.waiting, 10);
    add(&scene, 590);
    ck_assert_uint_gt(scene.output.lost, 200);
    ck_assert_uint_eq(scene.output.lost + scene.output.waiting, 600);
    output_finish(&scene.output);
    ck_assert_uint_eq(scene.output.lost, 600);
    ck_assert_uint_eq(scene.output.added, 600);
    end(&scene);
}
END_TEST

/* Files cannot grow beyond this for a while: a full disk. Nothing may be asserted meanwhile, for
 * the test library keeps a file of its own. */
struct disk {
    struct rlimit limit;
    struct sigaction on_full;
};

static struct disk
disk_fill(rlim_t size)
{
    struct disk before;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    if (getrlimit(RLIMIT_FSIZE, &before.limit) || sigaction(SIGXFSZ, &ignore, &before.on_full))
        abort();
    struct rlimit limit = before.limit;
    limit.rlim_cur = size < limit.rlim_max ? size : limit.rlim_max;
    if (setrlimit(RLIMIT_FSIZE, &limit))
        abort();
    return before;
}

static void
disk_clear(const struct disk *before)
{
    if (setrlimit(RLIMIT_FSIZE, &before->limit) || sigaction(SIGXFSZ, &before->on_full, NULL))
        abort();
}

/* Rows are about 4,000 bytes: the limit of the file's size falls into the header or into a row. */
START_TEST(a_disk_that_fills_up_within_a_line_leaves_whole_lines)
{
    struct scene scene;
    begin(&scene, false, &tsv_writer);
    struct disk before = disk_fill((rlim_t)(50 + 800 * _i));
    add(&scene, 5);
    bool flushed = output_flush(&scene.output);
    disk_clear(&before); /* somebody makes room */
    ck_assert(!flushed);
    size_t there = rows_in(&scene, "totals.log");
    ck_assert_uint_eq(there + scene.output.waiting, 5);
    ck_assert_uint_lt(there, 5);

    ck_assert(output_flush(&scene.output));
    ck_assert_uint_eq(rows_in(&scene, "totals.log"), 5);
    struct text text = folder_read(&scene.folder, "totals.log");
    ck_assert_uint_eq(count_of(text.at, "#fields"), 1);
    for (int i = 0; i < 5; i++) {
        char start[16];
        snprintf(start, sizeof start, "\n%d\t", i);
        ck_assert_uint_eq(count_of(text.at, start), 1);
    }
    text_free(&text);
    end(&scene);
}
END_TEST

START_TEST(rows_lost_on_a_full_disk_are_exactly_those_not_in_the_file)
{
    struct scene scene;
    begin(&scene, false, &tsv_writer);
    struct disk before = disk_fill(1500000);
    add(&scene, 1000);
    output_finish(&scene.output);
    disk_clear(&before);
    size_t there = rows_in(&scene, "totals.log");
    ck_assert_uint_gt(there, 200);
    ck_assert_uint_eq(there + scene.output.lost, 1000);
    ck_assert_uint_eq(count_of(scene.place.fault.text, "File too large"), 1);
    end(&scene);
}
END_TEST

/* A pipe takes what fits and cannot give back the half of a line it took. */
START_TEST(a_pipe_gets_the_rest_of_its_line_first)
{
    struct scene scene;
    begin(&scene, false, &json_writer);
    ck_assert_int_eq(mkfifoat(scene.place.folder, "totals.log", 0600), 0);
    int reader = openat(scene.place.folder, "totals.log", O_RDONLY | O_NONBLOCK);
    add(&scene, 1);
    ck_assert_int_eq(fcntl(scene.output.file, F_SETFL, O_NONBLOCK), 0);
    add(&scene, 99);
    ck_assert(!output_flush(&scene.output)); /* 400 KB into 64 KB */
    ck_assert(scene.output.torn);

    struct text got = {0};
    for (int i = 0; i < 1000 && scene.output.pending.len; i++) {
        ssize_t n = read(reader, text_reserve(&got, 65536), 65536);
        ck_assert_int_gt(n, 0);
        got.len += (size_t)n;
        output_flush(&scene.output);
    }
    ssize_t n = read(reader, text_reserve(&got, 65536), 65536);
    got.len += n > 0 ? (size_t)n : 0;
    got.at[got.len] = '\0';
    ck_assert_uint_eq(count_of(got.at, "\"}\n"), 100);
    ck_assert_uint_eq(count_of(got.at, "{\"total\":"), 100);
    ck_assert_uint_eq(scene.output.lost + scene.output.waiting, 0);
    ck_assert(!scene.output.torn);
    text_free(&got);
    close(reader);
    end(&scene);
}
END_TEST

START_TEST(a_file_that_cannot_be_opened_is_tried_again)
{
    struct scene scene;
    begin(&scene, false, &json_writer);
    ck_assert_int_eq(mkdirat(scene.place.folder, "totals.log", 0700), 0);
    add(&scene, 3);
    ck_assert(!output_flush(&scene.output));
    ck_assert_uint_eq(count_of(scene.place.fault.text, "/totals.log: Is a directory"), 1);
    ck_assert_int_eq(unlinkat(scene.place.folder, "totals.log", AT_REMOVEDIR), 0);
    ck_assert(output_flush(&scene.output));
    ck_assert_uint_eq(rows_in(&scene, "totals.log"), 3);
    end(&scene);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *suite = suite_create("output");
    TCase *tests = tcase_create("output");
    tcase_add_test(tests, nothing_is_written_before_the_first_row);
    tcase_add_test(tests, a_full_buffer_goes_out_by_itself);
    tcase_add_test(tests, every_run_over_files_begins_anew_and_a_live_one_adds);
    tcase_add_test(tests, a_full_disk_loses_what_does_not_fit_the_buffer_and_counts_it);
    tcase_add_loop_test(tests, a_disk_that_fills_up_within_a_line_leaves_whole_lines, 0, 20);
    tcase_add_test(tests, rows_lost_on_a_full_disk_are_exactly_those_not_in_the_file);
    tcase_add_test(tests, a_pipe_gets_the_rest_of_its_line_first);
    tcase_add_test(tests, a_file_that_cannot_be_opened_is_tried_again);
    suite_add_tcase(suite, tests);
    return suite;
}
