/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs every file of a folder through a target, so that what a fuzzer began with, or has found, is
 * an ordinary test.
 */
#include "base/text.h"
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static bool
replay(const char *folder, const char *name)
{
    struct text path = {0};
    struct text content = {0};
    text_add_format(&path, "%s/%s", folder, name);
    FILE *file = fopen(text_string(&path), "rbe");
    if (!file) {
        perror(text_string(&path));
        text_free(&path);
        return false;
    }
    for (size_t n = 1; n > 0; content.len += n)
        n = fread(text_reserve(&content, 65536), 1, 65536, file);
    fclose(file);

    /* A copy of just its size: a byte too far is then a byte beyond. */
    uint8_t *copy = malloc(content.len ? content.len : 1);
    if (!copy)
        abort();
    if (content.len)
        memcpy(copy, content.at, content.len);
    printf("%s\n", text_string(&path));
    fflush(stdout);
    LLVMFuzzerTestOneInput(copy, content.len);
    LLVMFuzzerTestOneInput(copy, content.len / 2);
    LLVMFuzzerTestOneInput(copy, 0);
    free(copy);
    text_free(&content);
    text_free(&path);
    return true;
}

int
main(int count, char **arguments)
{
    unsigned files = 0;
    bool good = true;
    DIR *folder = count == 2 ? opendir(arguments[1]) : NULL;
    if (!folder) {
        fprintf(stderr, "usage: replay FOLDER\n");
        return EXIT_FAILURE;
    }
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        good = replay(arguments[1], entry->d_name) && good;
        files++;
    }
    closedir(folder);
    return good && files ? EXIT_SUCCESS : EXIT_FAILURE;
}
