/* SPDX-License-Identifier: Apache-2.0
 *
 * certtap: which TLS connections were made with a certificate that cannot be trusted any more?
 *
 * This is the program on one page: options in, signals caught, the main job run, its fault printed.
 * How a packet becomes a line in a log is told in docs/architecture.md.
 */
#include "feed/feed.h"
#include "lists/command.h"
#include "sensor/analysis.h"
#include "sensor/control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct requests requests; /* what signals ask for; the only writable data of the program */

static void
on_signal(int signal)
{
    if (signal == SIGHUP)
        requests.reopen = 1;
    else if (signal == SIGUSR2)
        requests.reload = 1;
    else
        requests.stop = 1;
}

static void
catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL); /* a reader that went away is told by write() */
}

static enum exit_status
print(void (*fill)(struct text *out))
{
    struct text text = {0};
    fill(&text);
    fputs(text_string(&text), stdout);
    text_free(&text);
    return EXIT_DONE;
}

/* certtap control SOCKET COMMAND */
static enum exit_status
control(int argc, char **argv, struct fault *why)
{
    struct text answer = {0};
    bool good = false;
    if (argc != 3) {
        fault_set(why, "usage: certtap control SOCKET reload|status|reopen|stop");
        return EXIT_MISUSED;
    }
    if (control_ask(argv[1], argv[2], &answer, &good, why))
        fputs(text_string(&answer), stdout);
    text_free(&answer);
    return good ? EXIT_DONE : EXIT_FAILED;
}

static enum exit_status
run(int argc, char **argv, struct fault *why)
{
    struct options options;
    enum exit_status status = EXIT_MISUSED;
    if (argc > 1 && strcmp(argv[1], "list") == 0)
        return (enum exit_status)list_command(argc - 1, argv + 1, why);
    if (argc > 1 && strcmp(argv[1], "control") == 0)
        return control(argc - 1, argv + 1, why);
    if (options_read(&options, argc, argv, why)) {
        if (options.help)
            status = print(options_help);
        else if (options.columns)
            status = print(feed_columns);
        else if (options.version)
            status = puts("certtap " CERTTAP_VERSION) < 0 ? EXIT_FAILED : EXIT_DONE;
        else if (options.test_config)
            status = analysis_test(&options, why);
        else
            status = analysis_run(&options, &requests, why);
    }
    options_free(&options);
    return status;
}

/* Was all that was printed taken? A reader that went away wants no more: that is no fault. */
static bool
printed(struct fault *why)
{
    bool good = fflush(stdout) == 0 && !ferror(stdout);
    return good || errno == EPIPE || fault_set(why, "standard output: %s", strerror(errno));
}

int
main(int argc, char **argv)
{
    struct fault why = {0};
    catch_signals();
    enum exit_status status = run(argc, argv, &why);
    if (!printed(&why) && status == EXIT_DONE)
        status = EXIT_FAILED;
    if (why.text[0])
        fprintf(stderr, "certtap: %s\n", why.text);
    return status;
}
