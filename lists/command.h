/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: "certtap list": what an operator does with lists before they are used.
 */
#ifndef CERTTAP_LISTS_COMMAND_H
#define CERTTAP_LISTS_COMMAND_H

#include "base/fault.h"

/* Runs "list VERB …", of which `argv` is what follows the program's name. Writes to standard
 * output, what is not the answer itself to standard error. Exit status: 0 done, 1 failed, 2 a list
 * or the command is wrong, 3 as --fail-on-hit asks. Sets `why` where it is 1 or 2 and nothing was
 * said. */
int list_command(int argc, char **argv, struct fault *why);

#endif
