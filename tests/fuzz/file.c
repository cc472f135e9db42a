/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int
fuzz_file(struct bytes content, char path[FILE_PATH])
{
    int file = memfd_create("fuzz", MFD_CLOEXEC);
    if (file < 0)
        abort();
    while (content.len) {
        ssize_t n = write(file, content.at, content.len);
        if (n <= 0)
            abort();
        content = bytes_skip(content, (size_t)n);
    }
    snprintf(path, FILE_PATH, "/proc/self/fd/%d", file);
    return file;
}
