/* SPDX-License-Identifier: Apache-2.0
 *
 * Tells the service manager how we are (sd_notify(3): a datagram to the socket that NOTIFY_SOCKET
 * names). Nothing happens where there is none.
 */
#ifndef CERTTAP_SENSOR_MANAGER_H
#define CERTTAP_SENSOR_MANAGER_H

#include "sensor/control.h"

struct manager {
    int socket; /* -1: there is none */
};

/* Connects, and takes the socket's name out of the environment: it is for nobody else. */
struct manager manager_open(void);
bool manager_listens(const struct manager *manager);

void manager_ready(const struct manager *manager);
void manager_stopping(const struct manager *manager);

/* A line of status, and, while we are `alive`, that the watchdog need not bite. */
void manager_tell(const struct manager *manager, bool alive, const struct control_status *status);

void manager_close(struct manager *manager);

#endif
