/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks after a running sensor, on a thread of its own: lists that are moved into place, operators
 * at the control socket, the service manager that wants to hear from us. Nothing it waits for can
 * hold packets up.
 */
#ifndef CERTTAP_SENSOR_ATTENDANT_H
#define CERTTAP_SENSOR_ATTENDANT_H

#include "sensor/control.h"

struct attendant;

/* Opens what the options name. NULL with `why`. */
struct attendant *attendant_open(const struct options *options, struct fault *why);

/* For loader_new(): an outcome is there. */
void attendant_wake(void *attendant);

/* Begins. `loader` is borrowed. */
void attendant_start(struct attendant *attendant, struct loader *loader);

/* From the judge, after each round: how things are, and that they go on. */
void attendant_tell(struct attendant *attendant, const struct control_status *status);

/* Waits for its thread: it asks the loader for nothing any more. NULL is fine, here and below. */
void attendant_stop(struct attendant *attendant);

/* After the loader has ended, which may wake it. */
void attendant_close(struct attendant *attendant);

#endif
