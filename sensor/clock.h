/* SPDX-License-Identifier: Apache-2.0
 *
 * The clock that nobody sets: for how long something takes or may take. What is told of packets
 * goes by their own time.
 */
#ifndef CERTTAP_SENSOR_CLOCK_H
#define CERTTAP_SENSOR_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t
monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int64_t
monotonic_ms(void)
{
    return monotonic_ns() / 1000000;
}

static inline int64_t
monotonic_s(void)
{
    return monotonic_ns() / 1000000000;
}

#endif
