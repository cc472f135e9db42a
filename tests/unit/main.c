/* SPDX-License-Identifier: Apache-2.0
 *
 * The one main() of all unit tests: the suite comes from the test file. Speaks TAP to Meson.
 */
#include <check.h>
#include <stdlib.h>

Suite *suite(void);

int
main(void)
{
    SRunner *runner = srunner_create(suite());
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
