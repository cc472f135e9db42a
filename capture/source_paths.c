/* SPDX-License-Identifier: Apache-2.0
 *
 * From a folder to the capture files in it.
 */
#include "capture/inflate.h"
#include "capture/pcap_file.h"
#include "capture/pcapng_file.h"
#include "capture/source.h"
#include "capture/window.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    DEPTH_MOST = 40,       /* folders in folders */
    START = 4,             /* bytes that tell a capture file */
    MEMORY_MOST = 8 << 20, /* of the window through which they are seen */
};

struct folder {
    dev_t device;
    ino_t inode;
};

struct search {
    char **paths;
    size_t count, room;
    struct folder *folders; /* those that were entered; links may lead back to them */
    size_t folder_count, folder_room;
    struct fault *why;
};

/* Room for one more; NULL when there is none, and then `at` stands. */
static void *
grow(void *at, size_t count, size_t *room, size_t each)
{
    if (count < *room)
        return at;
    size_t more = *room ? 2 * *room : 64;
    void *grown = reallocarray(at, more, each);
    if (grown)
        *room = more;
    return grown;
}

/* Takes the path over. */
static bool
add_path(struct search *search, char *taken)
{
    char **grown =
        taken ? grow(search->paths, search->count, &search->room, sizeof *search->paths) : NULL;
    if (!grown) {
        free(taken);
        return fault_set(search->why, "no memory for a list of files");
    }
    search->paths = grown;
    search->paths[search->count++] = taken;
    return true;
}

/* False when it was entered before. */
static bool
enter_folder(struct search *search, const struct stat *facts)
{
    for (size_t i = 0; i < search->folder_count; i++)
        if (search->folders[i].device == facts->st_dev && search->folders[i].inode == facts->st_ino)
            return false;
    struct folder *grown =
        grow(search->folders, search->folder_count, &search->folder_room, sizeof *search->folders);
    if (!grown)
        return fault_set(search->why, "no memory for a list of folders");
    search->folders = grown;
    search->folders[search->folder_count++] = (struct folder){facts->st_dev, facts->st_ino};
    return true;
}

/* Does what it holds, unpacked, begin as a capture file does? */
static bool
begins_as_capture(int fd)
{
    struct pool pool = {.limit = MEMORY_MOST};
    struct fault unused = {0};
    struct window *window = window_new(&pool, fd, false);
    bool good = false;
    if (window && window_want(window, START, &unused) == WINDOW_READY) {
        struct bytes start = window_bytes(window);
        good = pcap_file_begins(start) || pcapng_file_begins(start);
    }
    window_free(window);
    return good;
}

/* What cannot be read is put on the list too: whoever opens it will say so. */
static bool
is_wanted(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return true;
    bool wanted = begins_as_capture(fd);
    close(fd);
    return wanted;
}

static bool search_folder(struct search *search, const char *path, int depth);

/* Takes the path over. Devices, sockets and FIFOs are passed over, and what was removed meanwhile.
 */
static bool
look_at(struct search *search, char *taken, int depth)
{
    struct stat facts;
    bool there = taken && stat(taken, &facts) == 0;
    if (there && S_ISREG(facts.st_mode) && is_wanted(taken))
        return add_path(search, taken);
    bool good = true;
    if (there && S_ISDIR(facts.st_mode) && enter_folder(search, &facts))
        good = search_folder(search, taken, depth + 1);
    free(taken);
    return good && !search->why->text[0];
}

static char *
path_in(const char *folder, const char *name)
{
    size_t folder_len = strlen(folder);
    size_t name_len = strlen(name);
    char *path = malloc(folder_len + 1 + name_len + 1);
    if (!path)
        return NULL;
    memcpy(path, folder, folder_len);
    if (folder_len && folder[folder_len - 1] != '/')
        path[folder_len++] = '/';
    memcpy(path + folder_len, name, name_len);
    path[folder_len + name_len] = '\0';
    return path;
}

static bool
search_folder(struct search *search, const char *path, int depth)
{
    if (depth > DEPTH_MOST)
        return fault_set(search->why, "%s: more than %d folders in each other", path, DEPTH_MOST);
    DIR *folder = opendir(path);
    if (!folder && depth > 0)
        return add_path(search, strdup(path));
    if (!folder)
        return fault_set(search->why, "%s: %s", path, strerror(errno));
    bool good = true;
    for (struct dirent *entry; good && (entry = readdir(folder));)
        if (entry->d_name[0] != '.')
            good = look_at(search, path_in(path, entry->d_name), depth);
    closedir(folder);
    return good;
}

static int
compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Byte by byte, so that the order does not depend on the language of whoever runs us. */
static bool
search_sorted(struct search *search, const char *path, const struct stat *facts)
{
    if (!enter_folder(search, facts) || !search_folder(search, path, 0))
        return false;
    if (search->count)
        qsort(search->paths, search->count, sizeof *search->paths, compare_paths);
    return true;
}

/* The list with its end; or, when the search failed, nothing. */
static char **
finish(struct search *search, bool good)
{
    char **grown = grow(search->paths, search->count, &search->room, sizeof *search->paths);
    free(search->folders);
    if (grown)
        search->paths = grown;
    if (good && grown) {
        grown[search->count] = NULL;
        return grown;
    }
    for (size_t i = 0; search->paths && i < search->count; i++)
        free(search->paths[i]);
    free(search->paths);
    fault_set(search->why, "no memory for a list of files");
    return NULL;
}

char **
source_paths(const char *path, struct fault *why)
{
    struct search search = {.why = why};
    struct stat facts = {0};
    if (strcmp(path, "-") != 0 && stat(path, &facts) != 0) {
        fault_set(why, "%s: %s", path, strerror(errno));
        return NULL;
    }
    bool good = S_ISDIR(facts.st_mode) ? search_sorted(&search, path, &facts)
                                       : add_path(&search, strdup(path));
    return finish(&search, good);
}
