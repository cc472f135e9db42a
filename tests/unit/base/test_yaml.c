/* SPDX-License-Identifier: Apache-2.0 */
#include "base/yaml.h"
#include "tests/support/folder.h"

#include <check.h>
#include <stdio.h>

struct scene {
    struct folder folder;
    char path[5000];
    struct fault why;
};

static struct yaml *
open_yaml(struct scene *scene, const char *content)
{
    *scene = (struct scene){.folder = folder_new()};
    snprintf(scene->path, sizeof scene->path, "%s/a.yaml", scene->folder.path);
    folder_write(&scene->folder, "a.yaml", content);
    return yaml_open(scene->path, &scene->why);
}

/* The complaint, from the file's name on. */
static const char *
complaint(const struct scene *scene)
{
    const char *at = strstr(scene->why.text, "a.yaml");
    return at ? at : scene->why.text;
}

START_TEST(a_mapping_is_stepped_through_in_its_order)
{
    static const char *const keys[] = {"one", "two", "three"};
    struct scene scene;
    struct yaml *yaml = open_yaml(&scene, "one: 1\ntwo: [a, 'b c']\nthree: {x: y}\n");
    struct fy_node *key;
    struct fy_node *value;
    struct fy_node *item;
    void *step = NULL;
    struct bytes text;
    ck_assert_ptr_nonnull(yaml);
    ck_assert(yaml_is_mapping(yaml_root(yaml)) && !yaml_is_sequence(yaml_root(yaml)));
    for (unsigned i = 0; i < 3; i++) {
        ck_assert(yaml_next_pair(yaml_root(yaml), &step, &key, &value));
        ck_assert(yaml_scalar(key, &text) && bytes_equal_string(text, keys[i]));
        ck_assert_uint_eq(yaml_line(key), i + 1);
        ck_assert(yaml_scalar(value, &text) == (i == 0));
        if (i != 1)
            continue;
        void *inner = NULL;
        ck_assert(yaml_is_sequence(value));
        ck_assert(yaml_next_item(value, &inner, &item));
        ck_assert(yaml_scalar(item, &text) && bytes_equal_string(text, "a"));
        ck_assert(yaml_next_item(value, &inner, &item));
        ck_assert(yaml_scalar(item, &text) && bytes_equal_string(text, "b c"));
        ck_assert(!yaml_next_item(value, &inner, &item));
    }
    ck_assert(!yaml_next_pair(yaml_root(yaml), &step, &key, &value));
    yaml_close(yaml);
    folder_remove(&scene.folder);
}
END_TEST

START_TEST(a_complaint_names_file_line_and_column)
{
    struct scene scene;
    struct yaml *yaml = open_yaml(&scene, "# a comment\nfirst: 1\n\nsecond:\n    - {deep: down}\n");
    struct fy_node *key;
    struct fy_node *value;
    void *step = NULL;
    ck_assert(yaml_next_pair(yaml_root(yaml), &step, &key, &value));
    ck_assert(yaml_next_pair(yaml_root(yaml), &step, &key, &value));
    ck_assert(!yaml_fault(yaml, value, &scene.why, "%s is %d", "this", 7));
    ck_assert_str_eq(complaint(&scene), "a.yaml:5:8: this is 7");
    struct fault other = {0};
    ck_assert(!yaml_fault(yaml, key, &other, "that"));
    ck_assert_ptr_nonnull(strstr(other.text, "a.yaml:4:1: that"));
    yaml_close(yaml);
    folder_remove(&scene.folder);
}
END_TEST

START_TEST(an_empty_document_has_no_root)
{
    struct scene scene;
    struct yaml *yaml = open_yaml(&scene, "# nothing\n");
    ck_assert_msg(yaml != NULL, "%s", scene.why.text);
    ck_assert_ptr_null(yaml_root(yaml));
    ck_assert(!yaml_is_mapping(NULL) && !yaml_is_sequence(NULL));
    yaml_close(yaml);
    folder_remove(&scene.folder);
}
END_TEST

START_TEST(what_is_no_yaml_is_refused_with_its_place)
{
    static const struct {
        const char *content, *start;
    } cases[] = {
        {"a: [1, 2\nb: 3\n", "a.yaml:"},
        {"a: b: c\n", "a.yaml:1:"},
        {"a: \"no end\n", "a.yaml:"},
        {"a: 1\n\tb: 2\n", "a.yaml:"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scene scene;
        struct yaml *yaml = open_yaml(&scene, cases[i].content);
        ck_assert_msg(!yaml, "%s", cases[i].content);
        ck_assert_msg(strncmp(complaint(&scene), cases[i].start, strlen(cases[i].start)) == 0,
            "%s: %s", cases[i].content, scene.why.text);
        folder_remove(&scene.folder);
    }
}
END_TEST

START_TEST(nothing_stands_behind_a_nul)
{
    static const char content[] = "a: 1\n# \0\nb: 2\n";
    struct fault why = {0};
    struct bytes text = bytes_of(content, sizeof content - 1);
    ck_assert_ptr_null(yaml_open_text("a.yaml", text, &why));
    ck_assert_str_eq(why.text, "a.yaml:2: has a NUL in it");
    struct yaml *yaml = yaml_open_text("a.yaml", bytes_first(text, 7), &why);
    ck_assert(yaml && yaml_is_mapping(yaml_root(yaml)));
    yaml_close(yaml);
    yaml = yaml_open_text("empty", (struct bytes){0}, &why);
    ck_assert(yaml && !yaml_root(yaml));
    yaml_close(yaml);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_named)
{
    struct fault why = {0};
    ck_assert_ptr_null(yaml_open("/nowhere/at/all.yaml", &why));
    ck_assert_str_eq(why.text, "/nowhere/at/all.yaml: No such file or directory");
    struct fault folder = {0};
    ck_assert_ptr_null(yaml_open("/", &folder));
    ck_assert_str_eq(folder.text, "/: Is a directory");
    yaml_close(NULL);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("yaml");
    TCase *c = tcase_create("yaml");
    tcase_add_test(c, a_mapping_is_stepped_through_in_its_order);
    tcase_add_test(c, a_complaint_names_file_line_and_column);
    tcase_add_test(c, an_empty_document_has_no_root);
    tcase_add_test(c, what_is_no_yaml_is_refused_with_its_place);
    tcase_add_test(c, nothing_stands_behind_a_nul);
    tcase_add_test(c, a_file_that_is_not_there_is_named);
    suite_add_tcase(s, c);
    return s;
}
