/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/key_source.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    TURN_MOST = 1 << 20, /* bytes of one source that are taken between two rounds */
    CALLERS_MOST = 16,   /* programs that write to one socket at once */
    BUFFER = 1 << 16,
};

/* One text of secrets that may still grow. */
struct key_text {
    int fd; /* -1: none, or no more will come */
    bool file;
    const char *path; /* borrowed from the options */
    off_t read;
    struct key_log log;
};

struct key_sources {
    struct key_store *store;
    uint64_t round;
    bool live;
    struct key_text *text;
    size_t len;
    int socket; /* -1: none */
    const char *socket_path;
    uint8_t *buffer;
    struct key_log_counts counts; /* of texts that are over */
};

static void
keep(void *owner, const struct secret *secret)
{
    struct key_sources *s = owner;
    key_store_add(s->store, secret, s->round);
}

static void
add_counts(struct key_log_counts *sum, const struct key_log_counts *more)
{
    sum->secrets += more->secrets;
    sum->unused += more->unused;
    sum->bad += more->bad;
}

static void
end_text(struct key_sources *s, struct key_text *text)
{
    key_log_end(&text->log, (struct secret_listener){s, keep});
    add_counts(&s->counts, &text->log.counts);
    text->log = (struct key_log){0};
    text->read = 0;
    if (text->fd >= 0)
        close(text->fd);
    text->fd = -1;
}

/* False when something is wrong with it, which `errno` names. */
static bool
read_text(struct key_sources *s, struct key_text *text, size_t most)
{
    ssize_t got = 0;
    for (size_t taken = 0; taken < most; taken += (size_t)got) {
        got = read(text->fd, s->buffer, BUFFER);
        if (got < 0 && errno == EINTR)
            got = 0;
        else if (got <= 0)
            break;
        text->read += got;
        key_log_feed(
            &text->log, bytes_of(s->buffer, (size_t)got), (struct secret_listener){s, keep});
    }
    OPENSSL_cleanse(s->buffer, BUFFER);
    if (got == 0 && !text->file)
        end_text(s, text); /* the program hung up */
    return got >= 0 || errno == EAGAIN;
}

/* ---- Files. */

static struct key_text *
new_text(struct key_sources *s, int fd)
{
    for (size_t i = 0; i < s->len; i++)
        if (s->text[i].fd < 0 && !s->text[i].file) {
            s->text[i] = (struct key_text){.fd = fd};
            return &s->text[i];
        }
    struct key_text *grown = realloc(s->text, (s->len + 1) * sizeof *grown);
    if (!grown)
        abort();
    s->text = grown;
    s->text[s->len] = (struct key_text){.fd = fd};
    return &s->text[s->len++];
}

static bool
open_file(struct key_sources *s, const char *path, bool live, struct fault *why)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &about) < 0)
        return fault_set(why, "%s: %s", path, strerror(errno));
    if (S_ISDIR(about.st_mode)) {
        close(fd);
        return fault_set(why, "%s: a folder is no key log", path);
    }
    struct key_text *text = new_text(s, fd);
    text->file = true;
    text->path = path;
    if (!read_text(s, text, SIZE_MAX))
        return fault_set(why, "%s: %s", path, strerror(errno));
    if (!live)
        end_text(s, text);
    return true;
}

/* A log that was moved away or cut is begun anew; the new one need not be there yet. */
static void
check_file(struct key_sources *s, struct key_text *text)
{
    struct stat now, held;
    if (stat(text->path, &now) < 0)
        return;
    bool same = text->fd >= 0 && fstat(text->fd, &held) == 0 && held.st_ino == now.st_ino &&
                held.st_dev == now.st_dev && (!S_ISREG(now.st_mode) || now.st_size >= text->read);
    if (same)
        return;
    end_text(s, text);
    text->fd = open(text->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

/* ---- The socket. */

static bool
open_socket(struct key_sources *s, const char *path, struct fault *why)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (s->socket >= 0)
        return fault_set(why, "unix:%s: one socket for keys is enough", path);
    if (!*path || strlen(path) >= sizeof name.sun_path)
        return fault_set(why, "unix:%s: not a path that a socket can have", path);
    memcpy(name.sun_path, path, strlen(path));
    struct stat about;
    if (lstat(path, &about) == 0 && S_ISSOCK(about.st_mode))
        unlink(path); /* left behind by a run before */
    s->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    mode_t before = umask(0177); /* secrets: for us alone */
    bool good = s->socket >= 0 && bind(s->socket, (struct sockaddr *)&name, sizeof name) == 0;
    int error = errno;
    umask(before);
    if (!good)
        return fault_set(why, "unix:%s: %s", path, strerror(error));
    s->socket_path = path;
    if (listen(s->socket, CALLERS_MOST) < 0)
        return fault_set(why, "unix:%s: %s", path, strerror(errno));
    return true;
}

static void
accept_callers(struct key_sources *s)
{
    size_t callers = 0;
    for (size_t i = 0; i < s->len; i++)
        callers += s->text[i].fd >= 0 && !s->text[i].file;
    for (; s->socket >= 0 && callers < CALLERS_MOST; callers++) {
        int fd = accept4(s->socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        new_text(s, fd);
    }
}

/* ---- All of them. */

struct key_sources *
key_sources_open(
    const struct options *options, struct key_store *store, bool live, struct fault *why)
{
    static const char unix_prefix[] = "unix:";
    struct key_sources *s = calloc(1, sizeof *s);
    if (!s || !(s->buffer = malloc(BUFFER)))
        abort();
    s->store = store;
    s->live = live;
    s->socket = -1;
    bool good = true;
    for (size_t i = 0; good && i < options->keylogs.len; i++) {
        const char *path = options->keylogs.at[i];
        bool is_socket = !strncmp(path, unix_prefix, sizeof unix_prefix - 1);
        good = is_socket ? open_socket(s, path + sizeof unix_prefix - 1, why)
                         : open_file(s, path, live, why);
    }
    if (good && options->keylogs.len && (live || s->socket >= 0))
        key_store_expect(store, 0);
    if (good)
        return s;
    key_sources_close(s);
    return NULL;
}

void
key_sources_read(struct key_sources *s, uint64_t round)
{
    s->round = round;
    accept_callers(s);
    for (size_t i = 0; i < s->len; i++) {
        struct key_text *text = &s->text[i];
        if (text->file && s->live)
            check_file(s, text);
        if (text->fd >= 0 && !read_text(s, text, TURN_MOST))
            end_text(s, text);
    }
}

void
key_sources_take(struct key_sources *s, struct bytes text, uint64_t round)
{
    struct key_log log = {0};
    s->round = round;
    key_store_expect(s->store, round);
    key_log_feed(&log, text, (struct secret_listener){s, keep});
    key_log_end(&log, (struct secret_listener){s, keep});
    add_counts(&s->counts, &log.counts);
}

struct key_log_counts
key_sources_counts(const struct key_sources *s)
{
    struct key_log_counts sum = s->counts;
    for (size_t i = 0; i < s->len; i++)
        add_counts(&sum, &s->text[i].log.counts);
    return sum;
}

void
key_sources_close(struct key_sources *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->len; i++)
        if (s->text[i].fd >= 0)
            close(s->text[i].fd);
    if (s->socket >= 0)
        close(s->socket);
    if (s->socket_path)
        unlink(s->socket_path);
    if (s->text)
        OPENSSL_cleanse(s->text, s->len * sizeof *s->text);
    free(s->text);
    free(s->buffer);
    free(s);
}
