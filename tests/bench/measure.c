/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a program and writes what it took into a file: seconds of user and system time, and the peak
 * of its memory in KiB. The kernel lets a child begin with its parent's peak, so the parent must be
 * small: measured from a script, every program would seem to need at least what the script does.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static double
seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static int
write_costs(const char *path, const struct rusage *usage)
{
    FILE *out = fopen(path, "w");
    if (!out) {
        fprintf(stderr, "measure: %s: %s\n", path, strerror(errno));
        return 127;
    }
    fprintf(out, "%.6f %.6f %ld\n", seconds(usage->ru_utime), seconds(usage->ru_stime),
        usage->ru_maxrss);
    return fclose(out) == 0 ? 0 : 127;
}

int
main(int argc, char **argv)
{
    struct rusage usage;
    int status;

    if (argc < 3) {
        fprintf(stderr, "usage: measure FILE PROGRAM [ARGUMENT...]\n");
        return 127;
    }
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        fprintf(stderr, "measure: %s: %s\n", argv[2], strerror(errno));
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) < 0) {
        fprintf(stderr, "measure: %s\n", strerror(errno));
        return 127;
    }
    int failed = write_costs(argv[1], &usage);
    if (failed)
        return failed;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
