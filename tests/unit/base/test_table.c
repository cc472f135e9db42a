/* SPDX-License-Identifier: Apache-2.0 */
#include "base/table.h"

#include <check.h>
#include <stdlib.h>

struct number {
    struct entry entry;
    unsigned value;
};

static bool
is_number(const struct entry *entry, const void *wanted)
{
    const unsigned *value = wanted;
    return ((const struct number *)(const void *)entry)->value == *value;
}

static uint64_t
hash_of(const struct table *table, unsigned value)
{
    return table_hash(table, bytes_of(&value, sizeof value));
}

static const struct number *
find(const struct table *table, unsigned value)
{
    return (const void *)table_find(table, hash_of(table, value), is_number, &value);
}

/* The numbers from the oldest to the newest, and back. */
static void
check_order(const struct table *table, const unsigned *wanted, size_t count)
{
    size_t i = 0;
    for (const struct entry *e = table->oldest; e; e = e->newer, i++)
        ck_assert(i < count && is_number(e, &wanted[i]));
    ck_assert_uint_eq(i, count);
    for (const struct entry *e = table->newest; e; e = e->older)
        ck_assert(i > 0 && is_number(e, &wanted[--i]));
    ck_assert_uint_eq(i, 0);
    ck_assert_uint_eq(table->count, count);
}

START_TEST(an_empty_table_finds_nothing)
{
    struct table table = table_new();
    ck_assert_ptr_null(find(&table, 1));
    check_order(&table, NULL, 0);
    table_free(&table);
}
END_TEST

START_TEST(what_was_added_is_found_until_it_is_removed)
{
    enum { COUNT = 5000 };
    struct table table = table_new();
    struct number *numbers = calloc(COUNT, sizeof *numbers);
    for (unsigned i = 0; i < COUNT; i++) {
        numbers[i].value = i;
        table_add(&table, &numbers[i].entry, hash_of(&table, i));
    }
    for (unsigned i = 0; i < COUNT; i += 3)
        table_remove(&table, &numbers[i].entry);
    for (unsigned i = 0; i < COUNT; i++)
        ck_assert_ptr_eq(find(&table, i), i % 3 ? &numbers[i] : NULL);
    ck_assert_ptr_null(find(&table, COUNT));
    unsigned wanted = 0;
    for (const struct entry *e = table.oldest; e; e = e->newer) {
        wanted += wanted % 3 == 0;
        ck_assert(is_number(e, &wanted));
        wanted++;
    }
    table_free(&table);
    free(numbers);
}
END_TEST

START_TEST(touching_makes_an_entry_the_newest_and_nothing_else)
{
    struct table table = table_new();
    struct number numbers[4];
    for (unsigned i = 0; i < 4; i++) {
        numbers[i].value = i;
        table_add(&table, &numbers[i].entry, hash_of(&table, i));
    }
    check_order(&table, (unsigned[]){0, 1, 2, 3}, 4);
    table_touch(&table, &numbers[3].entry);
    check_order(&table, (unsigned[]){0, 1, 2, 3}, 4);
    table_touch(&table, &numbers[0].entry);
    check_order(&table, (unsigned[]){1, 2, 3, 0}, 4);
    table_touch(&table, &numbers[2].entry);
    check_order(&table, (unsigned[]){1, 3, 0, 2}, 4);
    table_remove(&table, &numbers[2].entry);
    table_remove(&table, &numbers[1].entry);
    check_order(&table, (unsigned[]){3, 0}, 2);
    table_remove(&table, &numbers[3].entry);
    table_remove(&table, &numbers[0].entry);
    check_order(&table, NULL, 0);
    table_free(&table);
}
END_TEST

START_TEST(entries_of_one_hash_are_told_apart)
{
    struct table table = table_new();
    struct number numbers[200];
    for (unsigned i = 0; i < 200; i++) {
        numbers[i].value = i;
        table_add(&table, &numbers[i].entry, 42);
    }
    for (unsigned i = 0; i < 200; i++)
        ck_assert_ptr_eq(table_find(&table, 42, is_number, &i), &numbers[i].entry);
    table_remove(&table, &numbers[100].entry);
    unsigned gone = 100;
    ck_assert_ptr_null(table_find(&table, 42, is_number, &gone));
    unsigned same_bucket = 1;
    ck_assert_ptr_null(table_find(&table, 42 + (UINT64_C(1) << 40), is_number, &same_bucket));
    table_free(&table);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("table");
    TCase *c = tcase_create("table");
    tcase_add_test(c, an_empty_table_finds_nothing);
    tcase_add_test(c, what_was_added_is_found_until_it_is_removed);
    tcase_add_test(c, touching_makes_an_entry_the_newest_and_nothing_else);
    tcase_add_test(c, entries_of_one_hash_are_told_apart);
    suite_add_tcase(s, c);
    return s;
}
