/* SPDX-License-Identifier: Apache-2.0
 *
 * What a list adds to each session: judges the same few sessions again and again, in one process,
 * so that loading does not count.
 *
 *     judging CERTIFICATE LIST...    CERTIFICATE is a file; each LIST is told with its cost
 */
#include "rules/explain.h"
#include "rules/ruleset.h"

#include <stdio.h>
#include <time.h>

enum { SESSIONS = 300000, NAMES = 64 };

static int64_t
now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static double
judge_many(const struct ruleset *rules, struct session *session, size_t *hits)
{
    struct verdict verdict = {0};
    char name[64];
    *hits = 0;
    int64_t start = now_ns();
    for (unsigned i = 0; i < SESSIONS; i++) {
        int len = snprintf(name, sizeof name, "host%u.service.example.com", i % NAMES);
        session->hello.server_name = bytes_of(name, (size_t)len);
        ruleset_judge(rules, session, &verdict);
        *hits += verdict.len;
    }
    double each = (double)(now_ns() - start) / SESSIONS;
    verdict_free(&verdict);
    return each;
}

int
main(int argc, char **argv)
{
    struct fault why = {0};
    struct subject subject;
    struct session session = {.has_hello = true};
    if (argc < 2 || !subject_read(&subject, argv[1], &why)) {
        fprintf(stderr, "judging: %s\n", why.text);
        return 2;
    }
    session.hello.has_server_name = true;
    session.chain[SERVER] = (struct chain){.at = subject.chain, .len = subject.len};
    for (int i = 1; i < argc; i++) {
        struct ruleset *rules = ruleset_new((uint64_t)i);
        size_t hits;
        if (i > 1 && !ruleset_add_list(rules, argv[i], &why)) {
            fprintf(stderr, "judging: %s\n", why.text);
            return 1;
        }
        ruleset_finish(rules);
        double each = judge_many(rules, &session, &hits);
        printf("%.0f ns a session with %zu certificates and %zu entries (%zu hits)\n", each,
            subject.len, ruleset_entries(rules), hits);
        ruleset_free(rules);
    }
    subject_free(&subject);
    return 0;
}
