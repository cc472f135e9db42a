/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads beside the main one. Signals are the main thread's: no other is ever woken by one.
 */
#ifndef CERTTAP_SENSOR_THREAD_H
#define CERTTAP_SENSOR_THREAD_H

#include <pthread.h>

/* Join it. */
pthread_t thread_start(void *(*run)(void *argument), void *argument);

#endif
