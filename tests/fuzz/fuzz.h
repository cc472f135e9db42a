/* SPDX-License-Identifier: Apache-2.0
 *
 * What a fuzz target is, and what several of them need.
 */
#ifndef CERTTAP_TESTS_FUZZ_FUZZ_H
#define CERTTAP_TESTS_FUZZ_FUZZ_H

#include "base/bytes.h"

/* The target: one per program. Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_PATH = 64 };

/* Puts bytes into a file without a name; its path under /proc and its descriptor, to be closed. */
int fuzz_file(struct bytes content, char path[FILE_PATH]);

#endif
