/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/loader.h"
#include "tests/support/folder.h"

#include <check.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

struct scene {
    struct folder folder;
    struct options options;
    char *path;
    struct ruleset *rules;
    struct loader *loader;
};

/* So many fingerprints. */
static void
write_list(const struct scene *scene, unsigned count)
{
    struct text content = {0};
    text_add_string(&content, "# a list\n");
    for (unsigned i = 1; i <= count; i++)
        text_add_format(&content, "%064x\n", i);
    folder_write(&scene->folder, "list.txt", text_string(&content));
    text_free(&content);
}

static void
begin(struct scene *scene, unsigned count)
{
    struct fault why = {0};
    struct text path = {0};
    *scene = (struct scene){.folder = folder_new()};
    text_add_format(&path, "%s/list.txt", scene->folder.path);
    scene->path = path.at;
    scene->options.watchlists = (struct strings){.at = &scene->path, .len = 1};
    scene->options.list_shrink_percent = 50;
    write_list(scene, count);
    scene->rules = rules_load(&scene->options, 1, &why);
    ck_assert_msg(scene->rules != NULL, "%s", why.text);
    scene->loader = loader_new(&scene->options, scene->rules, NULL, NULL);
}

static void
end(struct scene *scene)
{
    loader_free(scene->loader);
    ruleset_free(scene->rules);
    folder_remove(&scene->folder);
    free(scene->path);
}

static struct reload
reload(struct scene *scene)
{
    struct reload reload;
    struct reload answer;
    uint64_t number = loader_ask(scene->loader);
    while (!loader_take(scene->loader, &reload))
        sched_yield();
    ck_assert(loader_answer(scene->loader, number, &answer));
    ck_assert_ptr_null(answer.rules);
    ck_assert_uint_eq(answer.generation, reload.generation);
    ck_assert_str_eq(answer.why.text, reload.why.text);
    return reload;
}

static void
must_refuse(struct scene *scene, const char *why)
{
    struct reload told = reload(scene);
    ck_assert_ptr_null(told.rules);
    ck_assert_msg(strstr(told.why.text, why) != NULL, "%s", told.why.text);
    ck_assert_uint_eq(told.generation, ruleset_generation(scene->rules));
}

static void
must_load(struct scene *scene, uint64_t generation, size_t entries)
{
    struct reload told = reload(scene);
    ck_assert_msg(told.rules != NULL, "%s", told.why.text);
    ck_assert_uint_eq(told.generation, generation);
    ck_assert_uint_eq(told.entries, entries);
    ck_assert_uint_eq(told.lists, 1);
    loader_retire(scene->loader, scene->rules);
    scene->rules = told.rules;
    ck_assert_uint_eq(ruleset_generation(scene->rules), generation);
    ck_assert_uint_eq(ruleset_entries(scene->rules), entries);
}

START_TEST(a_good_list_is_a_generation)
{
    struct scene scene;
    begin(&scene, 3);
    ck_assert(!loader_has_news(scene.loader));
    must_load(&scene, 2, 3);
    write_list(&scene, 300);
    must_load(&scene, 3, 300);
    end(&scene);
}
END_TEST

START_TEST(a_bad_list_is_none)
{
    struct scene scene;
    begin(&scene, 30);
    folder_write(&scene.folder, "list.txt", "no indicator at all\n");
    must_refuse(&scene, "list.txt:1: ");
    write_list(&scene, 0);
    must_refuse(&scene, "list.txt: has no entries any more, 30 before");
    unlink(scene.path);
    must_refuse(&scene, "No such file");
    write_list(&scene, 30);
    must_load(&scene, 2, 30);
    end(&scene);
}
END_TEST

/* More than half lost, and more than ten. */
static const struct {
    unsigned before, after, percent;
    bool good;
} shrinking[] = {
    {100, 50, 50, true},
    {100, 49, 50, false},
    {20, 10, 50, true},
    {20, 9, 50, false},
    {11, 1, 50, true},
    {12, 1, 50, false},
    {1, 0, 50, false},
    {0, 0, 50, true},
    {1000, 1, 100, true},
    {1000, 0, 100, false},
    {1000, 990, 0, true},
    {1000, 989, 0, false},
};

START_TEST(a_list_may_lose_something)
{
    struct scene scene;
    begin(&scene, shrinking[_i].before);
    scene.options.list_shrink_percent = shrinking[_i].percent;
    write_list(&scene, shrinking[_i].after);
    if (shrinking[_i].good)
        must_load(&scene, 2, shrinking[_i].after);
    else
        must_refuse(&scene, "list.txt: ");
    end(&scene);
}
END_TEST

/* Nobody takes what was loaded, or what is under way. */
START_TEST(what_nobody_took_is_freed)
{
    struct scene scene;
    begin(&scene, 100);
    for (int i = 0; i < 20; i++) {
        loader_ask(scene.loader);
        sched_yield();
    }
    end(&scene);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *suite = suite_create("loader");
    TCase *tests = tcase_create("loader");
    tcase_add_test(tests, a_good_list_is_a_generation);
    tcase_add_test(tests, a_bad_list_is_none);
    tcase_add_loop_test(tests, a_list_may_lose_something, 0, sizeof shrinking / sizeof *shrinking);
    tcase_add_test(tests, what_nobody_took_is_freed);
    suite_add_tcase(suite, tests);
    return suite;
}
