/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/manager.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct manager
manager_open(void)
{
    struct manager manager = {.socket = -1};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *name = getenv("NOTIFY_SOCKET");
    size_t len = name ? strlen(name) : 0;
    if ((len && name[0] != '/' && name[0] != '@') || !len || len >= sizeof address.sun_path)
        return manager;
    memcpy(address.sun_path, name, len);
    if (name[0] == '@') /* an abstract name begins with a NUL */
        address.sun_path[0] = '\0';
    unsetenv("NOTIFY_SOCKET");
    manager.socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    if (manager.socket >= 0 &&
        connect(manager.socket, (const struct sockaddr *)&address, size) != 0)
        manager_close(&manager);
    return manager;
}

bool
manager_listens(const struct manager *manager)
{
    return manager->socket >= 0;
}

static void
tell(const struct manager *manager, const char *news)
{
    if (manager->socket >= 0)
        send(manager->socket, news, strlen(news), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void
manager_ready(const struct manager *manager)
{
    tell(manager, "READY=1");
}

void
manager_stopping(const struct manager *manager)
{
    tell(manager, "STOPPING=1");
}

void
manager_tell(const struct manager *manager, bool alive, const struct control_status *status)
{
    struct text news = {0};
    text_add_format(&news,
        "STATUS=%llu frames, %llu TLS connections, %llu alerts, list generation %llu\n",
        (unsigned long long)status->frames, (unsigned long long)status->sessions,
        (unsigned long long)status->alerts, (unsigned long long)status->generation);
    text_add_string(&news, alive ? "WATCHDOG=1" : "");
    tell(manager, text_string(&news));
    text_free(&news);
}

void
manager_close(struct manager *manager)
{
    if (manager->socket >= 0)
        close(manager->socket);
    manager->socket = -1;
}
