/* SPDX-License-Identifier: Apache-2.0
 *
 * A file of rules, and what it makes of a session.
 */
#include "rules/ruleset.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/told.h"

#include <assert.h>
#include <unistd.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[FILE_PATH];
    struct fault why = {0};
    struct told told;
    struct verdict verdict = {0};
    int file = fuzz_file(bytes_of(data, size), path);
    struct ruleset *rules = ruleset_new(1);
    if (ruleset_add_rules(rules, path, NULL, &why)) {
        told_make(&told);
        ruleset_finish(rules);
        ruleset_judge(rules, &told.session, &verdict);
        verdict_free(&verdict);
    } else {
        assert(why.text[0]);
    }
    ruleset_free(rules);
    close(file);
    return 0;
}
