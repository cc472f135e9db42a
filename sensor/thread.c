/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/thread.h"

#include <signal.h>
#include <stdlib.h>

pthread_t
thread_start(void *(*run)(void *argument), void *argument)
{
    pthread_t thread;
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, NULL, run, argument))
        abort();
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return thread;
}
