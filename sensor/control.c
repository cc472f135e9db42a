/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/control.h"

#include "feed/json_text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { LINE_MOST = 128, PATIENCE_S = 600 };

struct client {
    int socket;       /* -1: none */
    uint64_t waiting; /* for this reload; 0: for none */
    size_t len;
    char line[LINE_MOST];
};

struct control {
    struct control_calls calls;
    struct sockaddr_un address;
    int socket;
    struct client clients[CONTROL_CLIENTS];
    struct text answer;
};

static bool
address_of(const char *path, struct sockaddr_un *address, struct fault *why)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address->sun_path)
        return fault_set(why, "%s: too long for the name of a socket", path);
    memcpy(address->sun_path, path, strlen(path) + 1);
    return true;
}

static int
connect_to(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

/* A socket that is left over from a process that is gone is removed. */
static void
remove_left_over(const struct sockaddr_un *address)
{
    int fd = connect_to(address);
    if (fd >= 0)
        close(fd);
    else if (errno == ECONNREFUSED)
        unlink(address->sun_path);
}

static bool
listen_at(struct control *control, struct fault *why)
{
    const struct sockaddr_un *address = &control->address;
    remove_left_over(address);
    control->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t before = umask(0177);
    bool good = control->socket >= 0 &&
                bind(control->socket, (const struct sockaddr *)address, sizeof *address) == 0;
    int error = errno;
    umask(before);
    if (!good) {
        control->address.sun_path[0] = '\0'; /* it is not ours to remove */
        return fault_set(why, "%s: %s", address->sun_path, strerror(error));
    }
    return listen(control->socket, CONTROL_CLIENTS) == 0 ||
           fault_set(why, "%s: %s", address->sun_path, strerror(errno));
}

struct control *
control_open(const char *path, struct control_calls calls, struct fault *why)
{
    struct control *control = calloc(1, sizeof *control);
    if (!control)
        abort();
    control->calls = calls;
    control->socket = -1;
    for (size_t i = 0; i < CONTROL_CLIENTS; i++)
        control->clients[i].socket = -1;
    if (address_of(path, &control->address, why) && listen_at(control, why))
        return control;
    control_close(control);
    return NULL;
}

static void
drop(struct client *client)
{
    close(client->socket);
    *client = (struct client){.socket = -1};
}

/* Who does not read answers is left. */
static void
send_answer(struct control *control, struct client *client)
{
    text_add_string(&control->answer, "}\n");
    struct bytes answer = text_bytes(&control->answer);
    if (send(client->socket, answer.at, answer.len, MSG_DONTWAIT | MSG_NOSIGNAL) !=
        (ssize_t)answer.len)
        drop(client);
}

static struct text *
begin_answer(struct control *control, bool good)
{
    text_clear(&control->answer);
    json_open(&control->answer, NULL, '{');
    json_bool(&control->answer, "ok", good);
    return &control->answer;
}

static void
say_reload(struct control *control, struct client *client)
{
    client->waiting = control->calls.reload(control->calls.owner);
}

static void
say_status(struct control *control, struct client *client)
{
    struct control_status status = control->calls.status(control->calls.owner);
    struct text *out = begin_answer(control, true);
    json_number(out, "generation", status.generation);
    json_number(out, "lists", status.lists);
    json_number(out, "entries", status.entries);
    json_number(out, "frames", status.frames);
    json_number(out, "sessions", status.sessions);
    json_number(out, "alerts", status.alerts);
    send_answer(control, client);
}

static void
say_reopen(struct control *control, struct client *client)
{
    control->calls.signal(control->calls.owner, SIGHUP);
    begin_answer(control, true);
    send_answer(control, client);
}

static void
say_stop(struct control *control, struct client *client)
{
    control->calls.signal(control->calls.owner, SIGTERM);
    begin_answer(control, true);
    send_answer(control, client);
}

static const struct {
    const char *name;
    void (*say)(struct control *control, struct client *client);
} commands[] = {
    {"reload", say_reload},
    {"status", say_status},
    {"reopen", say_reopen},
    {"stop", say_stop},
};

static void
obey(struct control *control, struct client *client, struct bytes line)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (bytes_equal_string(line, commands[i].name)) {
            commands[i].say(control, client);
            return;
        }
    json_string(begin_answer(control, false), "error",
        "no such command; there are: reload, status, reopen, stop");
    send_answer(control, client);
}

/* One command at a time: what waits behind a reload is read when that is answered. */
static void
obey_lines(struct control *control, struct client *client)
{
    char *end;
    while (client->socket >= 0 && !client->waiting &&
           (end = memchr(client->line, '\n', client->len))) {
        size_t len = (size_t)(end - client->line);
        char line[LINE_MOST];
        memcpy(line, client->line, len);
        client->len -= len + 1;
        memmove(client->line, end + 1, client->len);
        obey(control, client, bytes_of(line, len));
    }
}

static void
hear(struct control *control, struct client *client)
{
    ssize_t got =
        recv(client->socket, client->line + client->len, LINE_MOST - client->len, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) { /* gone, or a line that is too long for any command */
        drop(client);
        return;
    }
    client->len += (size_t)got;
    obey_lines(control, client);
}

static void
welcome(struct control *control)
{
    int fd = accept4(control->socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    for (size_t i = 0; i < CONTROL_CLIENTS; i++)
        if (control->clients[i].socket < 0) {
            control->clients[i] = (struct client){.socket = fd};
            return;
        }
    close(fd);
}

size_t
control_poll(const struct control *control, struct pollfd polled[CONTROL_POLLED])
{
    polled[0] = (struct pollfd){.fd = control->socket, .events = POLLIN};
    for (size_t i = 0; i < CONTROL_CLIENTS; i++)
        polled[i + 1] = (struct pollfd){.fd = control->clients[i].socket, .events = POLLIN};
    return CONTROL_POLLED;
}

void
control_serve(struct control *control, const struct pollfd *polled, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (polled[i].revents && control->clients[i - 1].socket >= 0)
            hear(control, &control->clients[i - 1]);
    if (polled[0].revents)
        welcome(control);
}

void
control_reloaded(struct control *control)
{
    struct reload reload;
    for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
        struct client *client = &control->clients[i];
        if (!client->waiting ||
            !control->calls.reloaded(control->calls.owner, client->waiting, &reload))
            continue;
        client->waiting = 0;
        struct text *out = begin_answer(control, !reload.why.text[0]);
        json_number(out, "generation", reload.generation);
        json_number(out, "lists", reload.lists);
        json_number(out, "entries", reload.entries);
        if (reload.why.text[0])
            json_string(out, "error", reload.why.text);
        send_answer(control, client);
        obey_lines(control, client);
    }
}

void
control_close(struct control *control)
{
    if (!control)
        return;
    for (size_t i = 0; i < CONTROL_CLIENTS; i++)
        if (control->clients[i].socket >= 0)
            close(control->clients[i].socket);
    if (control->socket >= 0) {
        close(control->socket);
        if (control->address.sun_path[0])
            unlink(control->address.sun_path);
    }
    text_free(&control->answer);
    free(control);
}

static bool
talk(int fd, const char *command, struct text *answer)
{
    char buffer[1024];
    ssize_t got;
    struct timeval patience = {.tv_sec = PATIENCE_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    struct text line = {0};
    text_add_format(&line, "%s\n", command);
    bool sent = send(fd, line.at, line.len, MSG_NOSIGNAL) == (ssize_t)line.len;
    text_free(&line);
    while (sent && !strchr(text_string(answer), '\n') &&
           (got = recv(fd, buffer, sizeof buffer, 0)) > 0)
        text_add(answer, bytes_of(buffer, (size_t)got));
    return strchr(text_string(answer), '\n') != NULL;
}

bool
control_ask(
    const char *path, const char *command, struct text *answer, bool *good, struct fault *why)
{
    static const char yes[] = "{\"ok\":true";
    struct sockaddr_un address;
    if (!address_of(path, &address, why))
        return false;
    int fd = connect_to(&address);
    if (fd < 0)
        return fault_set(why, "%s: %s", path, strerror(errno));
    bool told = talk(fd, command, answer);
    close(fd);
    *good = told && !strncmp(text_string(answer), yes, sizeof yes - 1);
    return told || fault_set(why, "%s: no answer", path);
}
