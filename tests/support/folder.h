/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder for one test, below the system's folder for temporary files.
 */
#ifndef CERTTAP_TESTS_SUPPORT_FOLDER_H
#define CERTTAP_TESTS_SUPPORT_FOLDER_H

#include "base/fault.h"
#include "base/text.h"

struct folder {
    char path[4096];
};

struct folder folder_new(void);

/* Removes the folder and the files in it. */
void folder_remove(struct folder *folder);

/* The content of a file, the caller's to text_free(); empty when there is none. */
struct text folder_read(const struct folder *folder, const char *name);

bool folder_has(const struct folder *folder, const char *name);
void folder_write_bytes(const struct folder *folder, const char *name, struct bytes content);
void folder_write(const struct folder *folder, const char *name, const char *content);

/* What is said of a file names it with its folder, which is another in every run: without it. */
void folder_leave_out(const struct folder *folder, struct fault *why);

/* `name` becomes a link to `target`. */
void folder_link(const struct folder *folder, const char *name, const char *target);

/* Sorted names of the files, each with a newline behind it; the caller's to text_free(). */
struct text folder_list(const struct folder *folder);

/* How often `what` stands in `text`. */
size_t count_of(const char *text, const char *what);

/* The `index`th field of the first line that does not begin with '#', after skipping `skip` such
 * lines; borrowed from the text. Aborts when there is none. */
struct bytes field_of(const struct text *text, size_t skip, size_t index);

/* The same by the name of the column, from the "#fields" line. */
struct bytes column_of(const struct text *text, size_t skip, const char *name);

#endif
